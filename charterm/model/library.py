"""The model library: names, and the folders behind them.

The user's models live in the data folder; the starter models that come with the program appear
beside them, read-only. A user's model of the same name hides the starter model.
"""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from charterm import paths, storage
from charterm.errors import UsageError
from charterm.model import INFO_FILE
from charterm.settings.schema import MODEL

if TYPE_CHECKING:
    from charterm.model.folder import ModelInfo

DEFAULT_MODEL = MODEL.default
"""The starter model that completes where the user chose none."""

# A name is a folder's name on every system, and a word on the command line.
_NAME = re.compile(r"[^\W_][\w.\-]{0,63}", re.UNICODE)


@dataclass(frozen=True)
class Entry:
    """A model in the library: its name, its folder, and whether it came with the program."""

    name: str
    folder: Path
    starter: bool

    def info(self) -> ModelInfo:
        """Read the description. Raises ChartermError if the model is damaged."""
        from charterm.model.folder import (
            load_info,
        )  # needs NumPy, which a listing of names does not

        return load_info(self.folder)

    @property
    def bytes(self) -> int:
        """Size on disk."""
        return sum(file.stat().st_size for file in self.folder.iterdir() if file.is_file())


def check_name(name: str) -> str:
    """Return ``name`` if it may name a model.

    Raises:
        UsageError: it may not.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} cannot name a model: use 1 to 64 letters, digits, dots, hyphens and "
            "underscores, beginning with a letter or digit"
        )
    return name


def _entries_in(folder: Path, *, starter: bool) -> list[Entry]:
    if not folder.is_dir():
        return []
    for leftover in folder.glob(".*.old"):
        storage.recover_folder(leftover.with_name(leftover.name[1 : -len(".old")]))
    return [
        Entry(path.name, path, starter)
        for path in sorted(folder.iterdir())
        if (path / INFO_FILE).is_file() and not path.name.startswith(".")
    ]


def list_models() -> list[Entry]:
    """Every model, the user's first, each group by name."""
    own = _entries_in(paths.models_dir(), starter=False)
    names = {entry.name for entry in own}
    starters = _entries_in(paths.assets_dir() / "models", starter=True)
    return own + [entry for entry in starters if entry.name not in names]


def find_model(name: str) -> Entry:
    """The model with this name, or in this folder where ``name`` is a path with a separator.

    Raises:
        UsageError: there is none; the message names those there are.
    """
    separators = (os.sep, os.altsep) if os.altsep else (os.sep,)
    if any(separator in name for separator in separators):
        folder = Path(name).expanduser()
        if not (folder / INFO_FILE).is_file():
            raise UsageError(f"no model in {folder}: it has no {INFO_FILE}")
        return Entry(folder.name, folder, starter=False)
    entries = list_models()
    for entry in entries:
        if entry.name == name:
            return entry
    known = ", ".join(entry.name for entry in entries) or "none yet; make one with charterm train"
    raise UsageError(f"no model named {name!r}; there are: {known}")


def new_model_folder(name: str) -> Path:
    """The folder in which a model of this name belongs. Raises UsageError for a bad name."""
    return paths.models_dir() / check_name(name)


def _own_model(name: str) -> Entry:
    entry = find_model(name)
    if entry.starter or entry.folder.parent != paths.models_dir():
        raise UsageError(f"{name!r} came with the program and cannot be changed")
    return entry


def delete_model(name: str) -> None:
    """Delete a user's model. Raises UsageError for an unknown or a starter model."""
    entry = _own_model(name)
    doomed = entry.folder.with_name(f".{entry.name}.deleted")
    shutil.rmtree(doomed, ignore_errors=True)
    entry.folder.rename(doomed)  # one step, so that a crash leaves no half a model
    shutil.rmtree(doomed)


def rename_model(name: str, new_name: str) -> None:
    """Rename a user's model. Raises UsageError if that cannot be."""
    entry = _own_model(name)
    target = new_model_folder(new_name)
    if target.exists():
        raise UsageError(f"there is a model named {new_name!r} already; choose another name")
    entry.folder.rename(target)
