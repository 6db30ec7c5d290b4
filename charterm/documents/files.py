"""Files that texts are opened from and saved to: never overwritten unseen, their form kept.

What the program remembers of a file is a digest of its bytes. A file whose bytes are others by the
time it is to be written was changed by somebody else.
"""

import hashlib
import stat
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final, Self

from charterm import storage
from charterm.errors import ChartermError, UsageError
from charterm.text.editable import editable
from charterm.text.encoding import detect

LARGEST: Final = 32 << 20
"""Bytes of a file that an editor still takes."""

_UTF_8: Final = "utf-8"


class FileChangedError(ChartermError):
    """The file on the disk is not the one that was read or written last."""


class UnopenedFileError(ChartermError):
    """There is a file that was never opened."""


@dataclass(frozen=True)
class LinkedFile:
    """A file as it was when it was last read or written.

    Attributes:
        path: absolute, without links.
        content: SHA-256 of its bytes; empty where there was no file yet.
        text: SHA-256 of its text, as :func:`digest` makes it.
        codec: Python's name of its encoding.
        newline: its line ends.
    """

    path: Path
    content: str = ""
    text: str = ""
    codec: str = _UTF_8
    newline: str = "\n"

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {**asdict(self), "path": str(self.path)}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        """The inverse of :meth:`to_json`. Raises KeyError or TypeError."""
        names = ("content", "text", "codec", "newline")
        return cls(Path(values["path"]), *(str(values[name]) for name in names))


@dataclass(frozen=True)
class ReadFile:
    """A file that was opened.

    Attributes:
        text: its text in the form an editor holds.
        file: what it was.
        altered: saving changes more than what the writer changes, because the editor cannot hold
            all characters of the file as they are.
    """

    text: str
    file: LinkedFile
    altered: bool = False


def digest(text: str) -> str:
    """SHA-256 of a text."""
    return hashlib.sha256(text.encode(_UTF_8, "surrogatepass")).hexdigest()


def read_file(path: Path, *, new: bool = False) -> ReadFile:
    """Open a text file of any encoding.

    Args:
        path: the file; ``~`` is the home folder.
        new: whether it may be one that does not exist yet; then its text is empty.

    Raises:
        UsageError: there is no such file, or it is a folder.
        ChartermError: it cannot be read, is too large, or is no text.
    """
    path = absolute(path)
    if path.is_dir():
        raise UsageError("{path} is a folder: choose a file in it", path=path)
    if new and not path.exists():
        if not path.parent.is_dir():
            raise UsageError("{folder} does not exist: make the folder first", folder=path.parent)
        return ReadFile("", LinkedFile(path, text=digest("")))
    content = _bytes_of(path)
    if content is None:
        raise UsageError("{path} does not exist: check the spelling of the path", path=path)
    if not content:
        return ReadFile("", LinkedFile(path, _sum(content), digest("")))
    encoding = detect(lambda: (content,), str(path))
    if encoding.damaged:
        raise ChartermError(
            "{path} is damaged: some of its bytes are no {encoding} text, and saving "
            "it would lose them",
            path=path,
            encoding=encoding.name,
        )
    raw = "".join(encoding.decode((content,)))
    codec = "utf-8-sig" if content.startswith(b"\xef\xbb\xbf") else encoding.codec
    newline = _newline_of(raw)
    text = editable(raw)
    file = LinkedFile(path, _sum(content), digest(text), codec, newline)
    return ReadFile(text, file, altered=_encoded(text, file) != content)


def write_file(text: str, file: LinkedFile, *, overwrite: bool = False) -> LinkedFile:
    """Save a text to a file, in one step and in the file's encoding and with its line ends.

    A text with characters that an older encoding does not have is saved as UTF-8.

    Args:
        text: in the form an editor holds.
        file: as it was when it was read or written last; without content for a new one.
        overwrite: replace what is there, whatever it is.

    Returns:
        The file as it is now.

    Raises:
        FileChangedError: it was changed or deleted and made again since.
        UnopenedFileError: it was to be a new file, and there is one.
        ChartermError: it cannot be written; it is untouched.
    """
    path = file.path
    if path.is_dir():
        raise UsageError("{path} is a folder: type the name of a file in it", path=path)
    there = _bytes_of(path)
    if there is not None and not overwrite and _sum(there) != file.content:
        if not file.content:
            raise UnopenedFileError("{path} exists already", path=path)
        raise FileChangedError("{path} was changed by another program", path=path)
    content = _encoded(text, file)
    if content is None:
        file = replace(file, codec=_UTF_8)
        content = _encoded(text, file)
    if content is None:
        raise ChartermError(
            "{path}: the text has half a character, which no file can hold", path=path
        )
    if content != there:
        mode = 0o644
        if there is not None:
            mode = stat.S_IMODE(path.stat().st_mode)
            if not mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH):
                raise ChartermError("cannot write {path}: it is read-only", path=path)
        storage.write_bytes(path, content, mode=mode)
    return replace(file, content=_sum(content), text=digest(text))


def has_changed(file: LinkedFile) -> bool:
    """Whether the file has other bytes now than when it was read or written last.

    A file that is gone, or cannot be read, has none that could be lost and counts as unchanged.
    """
    try:
        content = _bytes_of(file.path)
    except ChartermError:
        return False
    return content is not None and _sum(content) != file.content


def absolute(path: Path) -> Path:
    """The path without ``~`` and links. Raises UsageError where there is no such home."""
    try:
        return path.expanduser().resolve()
    except (RuntimeError, OSError) as error:  # "~nobody", a circle of links
        raise UsageError(
            "{path} is no path of this machine: check its spelling", path=path
        ) from error


def _bytes_of(path: Path) -> bytes | None:
    """What is in a file; None where there is none."""
    try:
        if path.exists() and not path.is_file():
            raise ChartermError("{path} is not a file: choose a text file", path=path)
        if path.exists() and path.stat().st_size > LARGEST:
            size = path.stat().st_size / 1e6
            raise ChartermError(
                "{path} has {size:.0f} MB: the editor takes {limit:.0f} at most",
                path=path,
                size=size,
                limit=LARGEST / 1000000.0,
            )
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ChartermError(
            "cannot read {path}: {reason}; check its permissions", path=path, reason=error
        ) from error


def _sum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _newline_of(text: str) -> str:
    pairs, feeds, returns = text.count("\r\n"), text.count("\n"), text.count("\r")
    if pairs and 2 * pairs >= feeds:
        return "\r\n"
    return "\r" if returns and not feeds else "\n"


def _encoded(text: str, file: LinkedFile) -> bytes | None:
    """The bytes of a text in a file's form; None where its encoding lacks a character."""
    try:
        return text.replace("\n", file.newline).encode(file.codec)
    except UnicodeEncodeError:
        return None
