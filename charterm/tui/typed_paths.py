"""Files that somebody names in a line: where to begin, what can be read, what can be written."""

import os
from pathlib import Path

from charterm.errors import UsageError


def nearest_folder(folder: Path) -> Path:
    """This folder, or where it does not exist the nearest above it that does."""
    return next((each for each in (folder, *folder.parents) if each.is_dir()), Path.cwd())


def folder_line(folder: Path) -> str:
    """A folder as it stands in the line, to be typed on from."""
    return f"{folder}".rstrip(os.sep) + os.sep


def new_file(typed: str, name: str) -> Path:
    """The file that was typed, if it does not exist yet.

    Args:
        typed: its path; a folder that there is stands for a file in it.
        name: of the file in such a folder.

    Raises:
        UsageError: it does exist, or nothing was typed.
    """
    path = _path(typed)
    path = path / name if path.is_dir() else path
    if path.exists():
        raise UsageError("{path} exists already: choose another name", path=path)
    return path


def readable_file(typed: str) -> Path:
    """The file that was typed, if there is one. Raises UsageError."""
    path = _path(typed)
    if path.is_dir():
        raise UsageError("{path} is a folder: go on to a file in it", path=path)
    if not path.is_file():
        raise UsageError("There is no file {path}", path=path)
    return path


def _path(typed: str) -> Path:
    if not typed:
        raise UsageError("Type the name of a file")
    try:
        return Path(typed).expanduser()
    except RuntimeError as error:  # "~nobody"
        raise UsageError("There is no folder {path}", path=typed) from error
