"""A model on disk: one folder with its weights, its description and its training log.

``weights.safetensors`` holds the tensors under the names of
:class:`~charterm.model.network.CharRNN`, ``model.json`` everything else, ``log.jsonl`` one line
for each event of the training. Nothing is pickled and nothing here needs torch.
"""

import json
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save as serialize

from charterm import storage
from charterm.errors import ChartermError
from charterm.model import CARD_FILE, INFO_FILE, LOG_FILE, WEIGHTS_FILE
from charterm.model.config import ModelConfig
from charterm.text.alphabet import Alphabet

FORMAT_VERSION = 1
Tensors = dict[str, NDArray[Any]]
T = TypeVar("T")


@dataclass(frozen=True)
class ModelInfo:
    """What a model is, apart from its weights.

    Attributes:
        config: the shapes.
        alphabet: the characters, in the order of the output layer's rows.
        training: facts of the training, as plain JSON values (``validation_nats``,
            ``characters_seen``, ``seconds``, ``settings`` and so on).
        sources: the texts it was trained on, each with at least a ``name``.
        licence: licence of the weights, empty for a user's own model.
        description: a sentence for lists.
        created: time of saving, ISO 8601 with zone.
    """

    config: ModelConfig
    alphabet: Alphabet
    training: dict[str, Any] = field(default_factory=dict)
    sources: list[dict[str, Any]] = field(default_factory=list)
    licence: str = ""
    description: str = ""
    created: str = ""

    def __post_init__(self) -> None:
        if self.alphabet.size != self.config.vocabulary:
            raise ChartermError(
                "the alphabet has {size} tokens and the network {vocabulary}: the "
                "model's files do not belong together",
                size=self.alphabet.size,
                vocabulary=self.config.vocabulary,
            )

    def to_json(self) -> dict[str, Any]:
        """The object as plain JSON values, with the format's version."""
        return {
            "format_version": FORMAT_VERSION,
            "description": self.description,
            "created": self.created,
            "licence": self.licence,
            "config": self.config.to_json(),
            "training": self.training,
            "sources": self.sources,
            "alphabet": self.alphabet.to_json(),
        }


def tensor_shapes(config: ModelConfig) -> dict[str, tuple[int, ...]]:
    """Name and shape of every tensor of a model with this configuration."""
    vocabulary, hidden, gates = config.vocabulary, config.hidden, config.gates
    read = config.output_size
    shapes: dict[str, tuple[int, ...]] = {}
    if config.embedding is not None:
        shapes["embedding.weight"] = (vocabulary, config.embedding)
    for layer in range(config.layers):
        size = config.input_size if layer == 0 else read
        shapes[f"layers.{layer}.weight_ih"] = (gates * hidden, size)
        shapes[f"layers.{layer}.weight_hh"] = (gates * hidden, read)
        if config.projection is not None:
            shapes[f"layers.{layer}.weight_hr"] = (config.projection, hidden)
        shapes[f"layers.{layer}.bias_ih"] = (gates * hidden,)
        shapes[f"layers.{layer}.bias_hh"] = (gates * hidden,)
    shapes["output.weight"] = (vocabulary, read)
    shapes["output.bias"] = (vocabulary,)
    return shapes


def _check_shapes(config: ModelConfig, tensors: Tensors, where: Path) -> None:
    expected = tensor_shapes(config)
    for name in sorted(expected.keys() | tensors.keys()):
        if name not in tensors:
            raise ChartermError(
                "{where}: the tensor {name} is missing; the model is damaged",
                where=where,
                name=name,
            )
        if name not in expected:
            raise ChartermError(
                "{where}: the tensor {name} is unknown; the model is damaged",
                where=where,
                name=name,
            )
        if tensors[name].shape != expected[name]:
            raise ChartermError(
                "{where}: the tensor {name} has shape {shape} instead of {expected}; "
                "weights and description do not belong together",
                where=where,
                name=name,
                shape=tensors[name].shape,
                expected=expected[name],
            )


def save_model(
    folder: Path, info: ModelInfo, tensors: Tensors, *, log: str = "", half: bool = False
) -> None:
    """Write a model in one step: a reader finds the old model or the new one, never a mixture.

    Args:
        folder: the model's folder; replaced as a whole if it exists.
        info: the description.
        tensors: name to array, names and shapes as of :func:`tensor_shapes`.
        log: the training log, one JSON object a line.
        half: store float16, half the size, for a loss of about 0.001 bits per character.

    Raises:
        ChartermError: a tensor has the wrong shape or is not finite, or the disk refused.
    """
    with storage.replacing_folder(folder) as fresh:
        write_weights(fresh, info.config, tensors, half=half)
        text = json.dumps(info.to_json(), ensure_ascii=False, indent=1)
        (fresh / INFO_FILE).write_text(text + "\n", encoding="utf-8")
        (fresh / LOG_FILE).write_text(log, encoding="utf-8")
        card = folder / CARD_FILE
        if card.is_file():  # a card written by hand outlives a new training
            (fresh / CARD_FILE).write_bytes(card.read_bytes())


def write_weights(
    folder: Path, config: ModelConfig, tensors: Tensors, *, half: bool = False
) -> None:
    """Write a model's weights into a folder that is being made. Arguments as of :func:`save_model`.

    Raises:
        ChartermError: a tensor has the wrong shape or is not finite.
    """
    _check_shapes(config, tensors, folder)
    kind = np.float16 if half else np.float32
    stored = {name: np.ascontiguousarray(array, dtype=kind) for name, array in tensors.items()}
    for name, array in stored.items():
        if not np.isfinite(array).all():
            raise ChartermError(
                "the model was not saved: {name} has values that are not finite; "
                "train again with a lower learning rate",
                name=name,
            )
    (folder / WEIGHTS_FILE).write_bytes(serialize(stored))


def load_info(folder: Path) -> ModelInfo:
    """Read a model's description, without its weights.

    Raises:
        ChartermError: there is no model, it is damaged, or a newer program wrote it.
    """
    storage.recover_folder(folder)
    path = folder / INFO_FILE
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        version = values["format_version"]
        if version != FORMAT_VERSION:
            raise ChartermError(
                "{path} has format version {version} and this program reads "
                "{known}: update charterm",
                path=path,
                version=version,
                known=FORMAT_VERSION,
            )
        return ModelInfo(
            config=ModelConfig.from_json(values["config"]),
            alphabet=Alphabet.from_json(values["alphabet"]),
            training=_of_kind(values, "training", dict),
            sources=[_of_kind({"source": each}, "source", dict) for each in values["sources"]],
            licence=_of_kind(values, "licence", str),
            description=_of_kind(values, "description", str),
            created=_of_kind(values, "created", str),
        )
    except FileNotFoundError as error:
        raise ChartermError(
            "{folder} is not a model: it has no {file}", folder=folder, file=INFO_FILE
        ) from error
    except OSError as error:
        raise ChartermError("cannot read {path}: {reason}", path=path, reason=error) from error
    except (ValueError, KeyError, TypeError) as error:
        raise ChartermError(
            "{path} is damaged ({error}); delete the model or copy it here again",
            path=path,
            error=error,
        ) from error


def _of_kind(values: dict[str, Any], name: str, kind: type[T]) -> T:
    value = values[name]
    if not isinstance(value, kind):
        raise TypeError(f"{name} is not {'text' if kind is str else 'an object'}")
    return value


def load_tensors(folder: Path, config: ModelConfig) -> Tensors:
    """Read a model's weights through a memory map, in the precision they are stored in.

    Raises:
        ChartermError: the file is missing, damaged or does not fit ``config``.
    """
    path = folder / WEIGHTS_FILE
    try:
        with safe_open(path, framework="numpy") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except FileNotFoundError as error:
        raise ChartermError(
            "{folder} is not a model: it has no {file}",
            folder=folder,
            file=WEIGHTS_FILE,
        ) from error
    except (SafetensorError, OSError, ValueError, struct.error) as error:
        raise ChartermError(
            "{path} is damaged ({error}); delete the model or copy it here again",
            path=path,
            error=error,
        ) from error
    _check_shapes(config, tensors, path)
    return tensors


def load_log(folder: Path) -> list[dict[str, Any]]:
    """The training log, one dictionary an event; empty if there is none.

    Raises:
        ChartermError: it cannot be read or is damaged.
    """
    path = folder / LOG_FILE
    if not path.is_file():
        return []
    try:
        events = [
            json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line
        ]
    except OSError as error:
        raise ChartermError("cannot read {path}: {reason}", path=path, reason=error) from error
    except (ValueError, RecursionError) as error:
        raise ChartermError(
            "{path} is damaged ({error}); the model works without it", path=path, error=error
        ) from error
    if not all(isinstance(event, dict) for event in events):
        raise ChartermError(
            "{path} is damaged: a line is no event; the model works without it", path=path
        )
    return events
