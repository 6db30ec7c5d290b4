"""The model library: names, and the folders behind them.

The user's models live in the data folder; the starter models that come with the program appear
beside them, read-only. A user's model of the same name hides the starter model.
"""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from charterm import paths, storage
from charterm.errors import ChartermError, Phrase, UsageError
from charterm.model import INFO_FILE, WEIGHTS_FILE

if TYPE_CHECKING:
    from charterm.model.folder import ModelInfo

KEPT_DAYS: Final = 30
"""How long a deleted model can be brought back."""

_MODEL: Final = Phrase("a model")
_STAMP: Final = "%Y%m%dT%H%M%S.%fZ"
_STAMP_END: Final = "~"  # no model's name has it

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


@dataclass(frozen=True)
class Deleted:
    """A model in the trash: its name, the folder it is in now, and when it was deleted (UTC)."""

    name: str
    folder: Path
    time: datetime


def trash_dir() -> Path:
    """Where deleted models wait, beside the library so that moving there is one step."""
    return paths.data_dir() / "trash"


def check_name(name: str, kind: Phrase = _MODEL) -> str:
    """Return ``name`` if it may name a model, or another kind of thing kept in a folder.

    Args:
        name: to be checked.
        kind: of the thing, with its article.

    Raises:
        UsageError: it may not.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(
            "{name!r} cannot name {kind}: use 1 to 64 letters, digits, dots, "
            "hyphens and underscores, beginning with a letter or digit",
            name=name,
            kind=kind,
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
            raise UsageError(
                "no model in {folder}: it has no {file}", folder=folder, file=INFO_FILE
            )
        return Entry(folder.name, folder, starter=False)
    entries = list_models()
    for entry in entries:
        if entry.name == name:
            return entry
    names = ", ".join(entry.name for entry in entries)
    known = names or Phrase("none yet; make one with charterm train")
    raise UsageError("no model named {name!r}; there are: {known}", name=name, known=known)


def new_model_folder(name: str) -> Path:
    """The folder in which a model of this name belongs. Raises UsageError for a bad name."""
    return paths.models_dir() / check_name(name)


def require_unwritten(name: str) -> None:
    """Check that no training writes the model of this name, or is about to.

    Raises:
        LockedError: one does; the message says which process, and what to do.
    """
    from charterm.process_lock import LOCK_FILE, LockedError, holder  # psutil, for this alone

    writer = holder(paths.runs_dir() / name / LOCK_FILE)
    if writer is not None:
        raise LockedError(
            "{name} is being trained by process {writer}: pause or stop the training first",
            name=name,
            writer=writer,
        )


def _own_model(name: str) -> Entry:
    """A model of the user's that may be moved away."""
    entry = find_model(name)
    if entry.starter or entry.folder.parent != paths.models_dir():
        raise UsageError("{name!r} came with the program and cannot be changed", name=name)
    require_unwritten(name)
    return entry


def free_name(name: str) -> str:
    """``name``, or the first of ``name-2``, ... that no model or training of the user's has."""
    stem, candidate, number = name[:60], name, 2
    while any((found() / candidate).exists() for found in (paths.models_dir, paths.runs_dir)):
        candidate, number = f"{stem}-{number}", number + 1
    return candidate


def unused_folder(name: str) -> Path:
    """The folder for a new model of this name.

    Raises:
        UsageError: the name cannot name a model, or the user has one of that name.
        LockedError: a training is about to write one of that name.
    """
    folder = new_model_folder(name)
    if folder.exists():
        raise UsageError("there is a model named {name!r} already; choose another name", name=name)
    require_unwritten(name)
    return folder


def rename_model(name: str, new_name: str) -> Entry:
    """Rename a user's model.

    Raises:
        UsageError: there is no such model, it came with the program, or the new name cannot be.
        LockedError: a training writes a model of one of the names.
        ChartermError: the disk refused.
    """
    entry = _own_model(name)
    return replace(entry, name=new_name, folder=_move(entry.folder, unused_folder(new_name)))


def duplicate_model(name: str, new_name: str, *, half: bool = False) -> Entry:
    """Copy a model, a starter model too, into a user's model of another name. Errors as above.

    Args:
        name: the model.
        new_name: the copy's name.
        half: store the copy in float16, half the size.
    """
    entry = find_model(name)
    target = unused_folder(new_name)
    with storage.replacing_folder(target) as fresh:
        for file in entry.folder.iterdir():
            if half and file.name == WEIGHTS_FILE:
                _copy_in_half(entry, fresh)
            elif file.is_file() and not file.name.startswith("."):
                shutil.copyfile(file, fresh / file.name)
    return Entry(new_name, target, starter=False)


def _copy_in_half(entry: Entry, fresh: Path) -> None:
    from charterm.model.folder import load_tensors, write_weights

    config = entry.info().config
    write_weights(fresh, config, load_tensors(entry.folder, config), half=True)


def delete_model(name: str) -> Deleted:
    """Move a user's model into the trash, from which :func:`restore_model` brings it back.

    Models that have been there for longer than :data:`KEPT_DAYS` days are gone for good then.

    Raises:
        UsageError: there is no such model, or it came with the program.
        LockedError: a training writes it.
        ChartermError: the disk refused.
    """
    entry = _own_model(name)
    now = datetime.now(UTC)
    for old in deleted_models():
        if now - old.time > timedelta(days=KEPT_DAYS):
            shutil.rmtree(old.folder, ignore_errors=True)
    target = trash_dir() / f"{now.strftime(_STAMP)}{_STAMP_END}{entry.name}"
    return Deleted(entry.name, _move(entry.folder, target), now)


def deleted_models() -> list[Deleted]:
    """The models in the trash, the last deleted first."""
    found = []
    folders = trash_dir().iterdir() if trash_dir().is_dir() else ()
    for folder in folders:
        stamp, separator, name = folder.name.partition(_STAMP_END)
        try:
            time = datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC)
        except ValueError:  # not of ours
            continue
        if separator and (folder / INFO_FILE).is_file():
            found.append(Deleted(name, folder, time))
    return sorted(found, key=lambda deleted: deleted.time, reverse=True)


def restore_model(name: str = "") -> Entry:
    """Bring a deleted model back: the last one of this name, or the last of all.

    Raises:
        UsageError: there is none, or its name belongs to another model by now.
        ChartermError: the disk refused.
    """
    trash = deleted_models()
    found = next((each for each in trash if name in ("", each.name)), None)
    if found is None:
        known = ", ".join(dict.fromkeys(each.name for each in trash)) or Phrase("nothing")
        wanted = (
            Phrase("no deleted model named {name!r}", name=name)
            if name
            else Phrase("no deleted model")
        )
        raise UsageError("{wanted}; the trash holds {known}", wanted=wanted, known=known)
    return Entry(found.name, _move(found.folder, unused_folder(found.name)), starter=False)


def _move(folder: Path, target: Path) -> Path:
    """Rename in one step, so that a crash leaves no half a model."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        return folder.rename(target)
    except OSError as error:
        raise ChartermError(
            "cannot move {folder} to {target}: {reason}; it is left where it is",
            folder=folder,
            target=target,
            reason=error,
        ) from error
