"""The classifiers of the user: names, and the folders behind them."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from charterm import paths, storage
from charterm.errors import Phrase, UsageError
from charterm.model.library import check_name

_INFO_FILE = "classifier.json"

CLASSIFIER: Final = Phrase("a classifier")
"""What a name of the library names, for errors."""


@dataclass(frozen=True)
class Entry:
    """A classifier in the library."""

    name: str
    folder: Path

    @property
    def bytes(self) -> int:
        """Size on disk."""
        return sum(file.stat().st_size for file in self.folder.iterdir() if file.is_file())


def classifiers_dir() -> Path:
    """The user's classifiers, one folder each."""
    return paths.data_dir() / "classifiers"


def list_classifiers() -> list[Entry]:
    """Every classifier, by name."""
    folder = classifiers_dir()
    if not folder.is_dir():
        return []
    for leftover in folder.glob(".*.old"):
        storage.recover_folder(leftover.with_name(leftover.name[1 : -len(".old")]))
    return [
        Entry(path.name, path)
        for path in sorted(folder.iterdir())
        if (path / _INFO_FILE).is_file() and not path.name.startswith(".")
    ]


def find_classifier(name: str) -> Entry:
    """The classifier with this name, or in this folder where ``name`` has a separator.

    Raises:
        UsageError: there is none; the message names those there are.
    """
    if os.sep in name or (os.altsep and os.altsep in name):
        folder = Path(name).expanduser()
        if not (folder / _INFO_FILE).is_file():
            raise UsageError(
                "no classifier in {folder}: it has no {file}",
                folder=folder,
                file=_INFO_FILE,
            )
        return Entry(folder.name, folder)
    entries = list_classifiers()
    for entry in entries:
        if entry.name == name:
            return entry
    known = ", ".join(entry.name for entry in entries)
    raise UsageError(
        "no classifier named {name!r}; there are: {known}",
        name=name,
        known=known or Phrase("none yet; make one with charterm classify train"),
    )


def new_classifier_folder(name: str) -> Path:
    """The folder in which a classifier of this name belongs. Raises UsageError for a bad name."""
    return classifiers_dir() / check_name(name, CLASSIFIER)


def remove_leftovers(name: str) -> None:
    """Remove what was half written when a training of this name was killed."""
    for leftover in classifiers_dir().glob(f".{name}.new-*"):
        shutil.rmtree(leftover, ignore_errors=True)


def delete_classifier(name: str) -> None:
    """Delete a classifier. Raises UsageError for an unknown one."""
    entry = find_classifier(name)
    if entry.folder.parent != classifiers_dir():
        raise UsageError("{name!r} is not in the library: delete its folder yourself", name=name)
    doomed = entry.folder.with_name(f".{entry.name}.deleted")
    shutil.rmtree(doomed, ignore_errors=True)
    entry.folder.rename(doomed)  # one step, so that a crash leaves no half a classifier
    shutil.rmtree(doomed)
