"""A checkpoint: one file with everything that decides how a run goes on.

It is one file, replaced in one step, so that its parts always belong together, whenever the
process is killed.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as serialize
from torch import Tensor

from charterm import storage
from charterm.errors import ChartermError

_FORMAT = 1
_FACTS = "facts"


@dataclass(frozen=True)
class Saved:
    """What a checkpoint holds.

    Attributes:
        tensors: by name, each in memory of its own.
        facts: plain JSON values.
    """

    tensors: dict[str, Tensor]
    facts: dict[str, Any]

    def group(self, prefix: str) -> dict[str, Tensor]:
        """The tensors whose names begin with ``prefix``, without it."""
        return {
            name.removeprefix(prefix): tensor
            for name, tensor in self.tensors.items()
            if name.startswith(prefix)
        }


def write_checkpoint(path: Path, tensors: Mapping[str, Tensor], facts: Mapping[str, Any]) -> None:
    """Replace the checkpoint at ``path`` in one step.

    Raises:
        ChartermError: it could not be written; the old one is untouched.
    """
    kept = {name: tensor.detach().contiguous() for name, tensor in tensors.items()}
    metadata = {_FACTS: json.dumps({"format": _FORMAT, **facts})}
    storage.write_bytes(path, serialize(kept, metadata))


def read_checkpoint(path: Path) -> Saved:
    """Read a checkpoint.

    Raises:
        ChartermError: it is missing, damaged, or a newer program wrote it.
    """
    try:
        with safe_open(path, framework="pt") as file:
            facts = json.loads(file.metadata()[_FACTS])
            names = file.keys()
            # Copies are aligned like any tensor of torch, and matrix products of unaligned ones
            # may differ in the last bit.
            tensors = {name: file.get_tensor(name).clone() for name in names}
    except FileNotFoundError as error:
        raise ChartermError(
            "there is no checkpoint {path}: start the training anew", path=path
        ) from error
    except (SafetensorError, OSError, ValueError, LookupError, TypeError) as error:
        raise ChartermError(
            "the checkpoint {path} is damaged ({error}): start the training anew",
            path=path,
            error=error,
        ) from error
    if facts["format"] != _FORMAT:
        raise ChartermError(
            "{path} has format {version} and this program reads {known}: update charterm",
            path=path,
            version=facts["format"],
            known=_FORMAT,
        )
    return Saved(tensors, facts)


def optimizer_tensors(optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    """The optimizer's state by ``"{parameter number}.{name}"``."""
    state = optimizer.state_dict()["state"]
    return {
        f"{number}.{name}": value for number, own in state.items() for name, value in own.items()
    }


def restore_optimizer(optimizer: torch.optim.Optimizer, tensors: Mapping[str, Tensor]) -> None:
    """Give a fresh optimizer of the same parameters the state of :func:`optimizer_tensors`."""
    state: dict[int, dict[str, Tensor]] = {}
    for key, tensor in tensors.items():
        number, _, name = key.partition(".")
        state.setdefault(int(number), {})[name] = tensor
    optimizer.load_state_dict({**optimizer.state_dict(), "state": state})
