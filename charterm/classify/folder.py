"""A classifier on disk: one folder with a description and one file of tensors, nothing pickled."""

import json
import struct
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save as serialize

from charterm import storage
from charterm.classify.classifier import Classifier, Networks
from charterm.classify.nbsvm import NgramMachine
from charterm.classify.ngrams import NgramKinds
from charterm.classify.pooling import Pool
from charterm.classify.state import StateMachine, TellingUnit
from charterm.errors import ChartermError
from charterm.model.config import ModelConfig
from charterm.model.folder import tensor_shapes
from charterm.text.alphabet import Alphabet

INFO_FILE: Final = "classifier.json"
WEIGHTS_FILE: Final = "weights.safetensors"
FORMAT_VERSION: Final = 1

_Arrays = dict[str, NDArray[Any]]


def save_classifier(folder: Path, classifier: Classifier) -> None:
    """Write a classifier in one step; networks in half precision.

    Raises:
        ChartermError: a weight is not finite, or the disk refused.
    """
    info: dict[str, Any] = {
        "format_version": FORMAT_VERSION,
        "classes": list(classifier.classes),
        "prior": classifier.prior.tolist(),
        "pools": {method: pool.to_json() for method, pool in classifier.pools.items()},
        "facts": classifier.facts,
        "machines": {},
    }
    arrays: _Arrays = {}
    for method, machine in classifier.machines.items():
        info["machines"][method] = {"kinds": machine.kinds.to_json(), "telling": machine.telling}
        arrays |= {
            f"{method}.hashes": machine.hashes,
            f"{method}.weight": machine.weight,
            f"{method}.bias": machine.bias,
        }
    if classifier.state is not None:
        info["state"] = {
            "penalty": classifier.state.penalty,
            "strength": classifier.state.strength,
            "used": classifier.state.used,
            "telling": [unit.to_json() for unit in classifier.state.telling],
        }
        arrays |= {"state.weight": classifier.state.weight, "state.bias": classifier.state.bias}
    if classifier.networks is not None:
        networks = classifier.networks
        info["networks"] = {
            "config": networks.config.to_json(),
            "alphabet": networks.alphabet.to_json(),
            "by_class": len(networks.by_class),
            "reader": networks.reader is not None,
        }
        for label, tensors in enumerate(networks.by_class):
            for name, array in tensors.items():
                arrays[f"class.{label}.{name}"] = array.astype(np.float16)
        for name, array in (networks.reader or {}).items():
            arrays[f"reader.{name}"] = array.astype(np.float16)
    for name, array in arrays.items():
        if not np.isfinite(array).all():
            raise ChartermError(
                "the classifier was not saved: {name} has values that are not "
                "finite; train again with fewer epochs",
                name=name,
            )
    with storage.replacing_folder(folder) as fresh:
        contiguous = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
        (fresh / WEIGHTS_FILE).write_bytes(serialize(contiguous))
        text = json.dumps(info, ensure_ascii=False, indent=1)
        (fresh / INFO_FILE).write_text(text + "\n", encoding="utf-8", errors="surrogatepass")


def _load_info(folder: Path) -> dict[str, Any]:
    storage.recover_folder(folder)
    path = folder / INFO_FILE
    try:
        info = json.loads(path.read_text(encoding="utf-8", errors="surrogatepass"))
        version = info["format_version"]
    except FileNotFoundError as error:
        raise ChartermError(
            "{folder} is not a classifier: it has no {file}",
            folder=folder,
            file=INFO_FILE,
        ) from error
    except OSError as error:
        raise ChartermError("cannot read {path}: {reason}", path=path, reason=error) from error
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged(path, error) from error
    if version != FORMAT_VERSION:
        raise ChartermError(
            "{path} has format version {version} and this program reads {known}: update charterm",
            path=path,
            version=version,
            known=FORMAT_VERSION,
        )
    return dict(info)


def _damaged(path: Path, reason: object) -> ChartermError:
    return ChartermError(
        "{path} is damaged ({reason}); delete the classifier or train it again",
        path=path,
        reason=reason,
    )


def _load_arrays(folder: Path) -> _Arrays:
    path = folder / WEIGHTS_FILE
    try:
        with safe_open(path, framework="numpy") as file:
            return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except FileNotFoundError as error:
        raise ChartermError(
            "{folder} is not a classifier: it has no {file}",
            folder=folder,
            file=WEIGHTS_FILE,
        ) from error
    except (SafetensorError, OSError, ValueError, struct.error) as error:
        raise _damaged(path, error) from error


def load_facts(folder: Path) -> dict[str, Any]:
    """A classifier's classes, methods and facts, without its weights.

    Raises:
        ChartermError: there is none, it is damaged, or a newer program wrote it.
    """
    info = _load_info(folder)
    try:
        return {
            "classes": list(info["classes"]),
            "methods": [method for method in info["pools"] if method != "combined"],
            "machines": info["machines"],
            "state": info.get("state"),
            **info["facts"],
        }
    except (KeyError, TypeError, AttributeError) as error:
        raise _damaged(folder / INFO_FILE, error) from error


def load_classifier(folder: Path, *, name: str = "") -> Classifier:
    """Read a classifier.

    Args:
        folder: where it is.
        name: what to call it; the folder's name if empty.

    Raises:
        ChartermError: there is none, it is damaged, or a newer program wrote it.
    """
    info, arrays = _load_info(folder), _load_arrays(folder)
    try:
        classifier = Classifier(
            classes=tuple(info["classes"]),
            prior=np.array(info["prior"], np.float64),
            pools={method: Pool.from_json(pool) for method, pool in info["pools"].items()},
            machines=_machines(info, arrays),
            state=_state(info, arrays),
            networks=_networks(info, arrays),
            facts=info["facts"],
            name=name or folder.name,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise _damaged(folder / INFO_FILE, error) from error
    _check(folder, classifier)
    return classifier


def _machines(info: dict[str, Any], arrays: _Arrays) -> dict[str, NgramMachine]:
    return {
        method: NgramMachine(
            kinds=NgramKinds.from_json(values["kinds"]),
            hashes=arrays[f"{method}.hashes"],
            weight=arrays[f"{method}.weight"],
            bias=arrays[f"{method}.bias"],
            telling=tuple(
                tuple((str(text), float(weight)) for text, weight in each)
                for each in values["telling"]
            ),
        )
        for method, values in info["machines"].items()
    }


def _state(info: dict[str, Any], arrays: _Arrays) -> StateMachine | None:
    if "state" not in info:
        return None
    return StateMachine(
        weight=arrays["state.weight"],
        bias=arrays["state.bias"],
        penalty=info["state"]["penalty"],
        strength=info["state"]["strength"],
        telling=tuple(TellingUnit.from_json(unit) for unit in info["state"]["telling"]),
        used=info["state"]["used"],
    )


def _networks(info: dict[str, Any], arrays: _Arrays) -> Networks | None:
    if "networks" not in info:
        return None
    described = info["networks"]
    config = ModelConfig.from_json(described["config"])
    names = tensor_shapes(config)
    return Networks(
        config=config,
        alphabet=Alphabet.from_json(described["alphabet"]),
        by_class=tuple(
            {name: arrays[f"class.{label}.{name}"] for name in names}
            for label in range(described["by_class"])
        ),
        reader={name: arrays[f"reader.{name}"] for name in names} if described["reader"] else None,
    )


def _check(folder: Path, classifier: Classifier) -> None:
    """Refuse parts that do not fit each other."""
    classes = len(classifier.classes)
    shapes: list[tuple[str, tuple[int, ...], tuple[int, ...]]] = [
        ("prior", classifier.prior.shape, (classes,))
    ]
    for method, pool in classifier.pools.items():
        shapes.append((f"the offsets of {method}", pool.offsets.shape, (classes,)))
    for method, machine in classifier.machines.items():
        width = (len(machine.hashes), classes)
        shapes.append((f"{method}.weight", machine.weight.shape, width))
        shapes.append((f"{method}.bias", machine.bias.shape, (classes,)))
    if (networks := classifier.networks) is not None:
        if networks.by_class:
            shapes.append(("the class models", (len(networks.by_class),), (classes,)))
        expected = tensor_shapes(networks.config)
        for tensors in (*networks.by_class, *([networks.reader] if networks.reader else [])):
            shapes += [(name, tensors[name].shape, shape) for name, shape in expected.items()]
        if classifier.state is not None:
            width = (3 * networks.config.output_size, classes)
            shapes.append(("state.weight", classifier.state.weight.shape, width))
    for name, found, wanted in shapes:
        if found != wanted:
            raise _damaged(folder / WEIGHTS_FILE, f"{name} has shape {found} instead of {wanted}")
