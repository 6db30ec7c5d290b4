"""Text files as the models want them: decoded, LF line ends, NFC, no control characters."""

import os
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import partial
from pathlib import Path

import numpy as np

from charterm.errors import ChartermError
from charterm.text.alphabet import code_points
from charterm.text.encoding import Encoding, detect, looks_binary

CHUNK = 1 << 22
"""Bytes read at a time where a file is read in a stream."""

_HEAD = 8192
_ASCII_DROPPED = bytes({*range(0x20), 0x7F} - set(b"\t\n"))
# Where a text may be cut so that cleaning the parts gives the same as cleaning the whole: these
# characters never compose with what stands before them, and are not dropped.
_CUT = "[\t\r -~가-힣一-鿿]"  # compiled where it is needed: that takes long for so many
_CUT_SEARCH = 4096


@dataclass(frozen=True)
class TextFile:
    """A file's cleaned text and how it was read.

    Attributes:
        path: the file.
        text: its text, cleaned as by :func:`clean`.
        encoding: the encoding's name.
        guessed: whether the encoding had to be guessed.
    """

    path: Path
    text: str
    encoding: str
    guessed: bool


def clean(text: str) -> str:
    """Bring ``text`` into the one form that models see.

    CRLF and CR become LF; control characters other than newline and tab and the byte-order mark
    are dropped; the rest is in Unicode's normalization form C. Cleaning twice changes nothing.
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.isascii():
        return text.encode().translate(None, _ASCII_DROPPED).decode()
    points = code_points(text)
    dropped = (points < 0x20) & (points != 0x0A) & (points != 0x09)
    dropped |= (points - np.uint32(0x7F)) < 0x21  # DEL and the C1 controls; below 7F it wraps
    dropped |= points == 0xFEFF
    if dropped.any():
        text = points[~dropped].tobytes().decode("utf-32-le", "surrogatepass")
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def clean_pieces(pieces: Iterable[str]) -> Iterator[str]:
    """Clean a text that comes in pieces; joined, the result is :func:`clean` of the whole.

    A piece is passed on up to its last line end (or another place where nothing can compose), so
    that no CRLF and no combining sequence is cut.
    """
    held = ""
    for piece in pieces:
        held += piece
        cut = held.rfind("\n") + 1
        if not cut:
            cut = _last_cut(held)
        if cut:
            yield clean(held[:cut])
            held = held[cut:]
    if held:
        yield clean(held)


def _last_cut(text: str) -> int:
    """The last place before one of the cutting characters, 0 where none is near the end."""
    for end in range(len(text) - 1, max(0, len(text) - _CUT_SEARCH), -1):
        if re.match(_CUT, text[end]):
            return end
    return 0


def read_text_file(path: Path, minimum: int = 1) -> TextFile:
    """Read one file.

    Args:
        path: the file.
        minimum: the least number of characters that is of use.

    Raises:
        ChartermError: the file is missing, unreadable, empty, binary, in an unknown encoding, or
            has less than ``minimum`` characters.
    """
    encoding = detect_file(path)
    text = "".join(read_pieces(path, encoding))
    require_length(len(text), minimum, str(path))
    return TextFile(path, text, encoding.label, encoding.guessed)


def require_length(characters: int, minimum: int, name: str) -> None:
    """Refuse a text that is too short to work with.

    Raises:
        ChartermError: it has less than ``minimum`` characters.
    """
    if characters < minimum:
        raise ChartermError(
            "{name} is too short: {characters} characters of text, at least {minimum} are needed",
            name=name,
            characters=characters,
            minimum=minimum,
        )


def detect_file(path: Path) -> Encoding:
    """Find the encoding of a file without holding it in memory. Errors as read_text_file."""
    return detect(partial(_read_chunks, path), str(path))


def read_pieces(
    path: Path, encoding: Encoding, watch: Callable[[int], None] | None = None
) -> Iterator[str]:
    """The cleaned text of a file of known encoding, piece by piece, in bounded memory.

    Args:
        path: the file.
        encoding: as :func:`detect_file` found it.
        watch: is called with the number of bytes read, each time some are.

    Raises:
        ChartermError: the file cannot be read, or is no longer in that encoding.
    """

    def chunks() -> Iterator[bytes]:
        for chunk in _read_chunks(path):
            yield chunk
            if watch:
                watch(len(chunk))

    try:
        yield from clean_pieces(encoding.decode(chunks()))
    except UnicodeDecodeError as error:
        raise ChartermError("{path} changed while it was read: start again", path=path) from error


def read_beginning(path: Path) -> str:
    """The cleaned text of the first megabytes of a file, without reading the rest of a large one.

    Raises:
        ChartermError: as :func:`read_text_file`.
    """
    head = next(_read_chunks(path), b"")
    if len(head) == CHUNK:
        head = head[: head.rfind(b"\n") + 1]
    if head:
        with suppress(ChartermError, UnicodeDecodeError):  # UTF-16 may be cut in a character
            encoding = detect(lambda: [head], str(path))
            return clean("".join(encoding.decode([head])))
    return next(read_pieces(path, detect_file(path)), "")


def read_texts(paths: Sequence[Path], minimum: int = 1) -> list[TextFile]:
    """Read files and, recursively, folders. Errors as in the functions for one of them."""
    return [read_text_file(path, minimum) for path in find_text_files(paths)]


def fits(file: Path, pattern: str) -> bool:
    """Whether a shell pattern fits the file's name or its path as given."""
    return fnmatch(file.name, pattern) or fnmatch(str(file), pattern)


def find_text_files(paths: Sequence[Path]) -> list[Path]:
    """The text files that ``paths`` name, each once, in the order given.

    A file is taken as it is. A folder stands for the files in it and below, sorted by path;
    hidden, empty and binary ones are left out.

    Raises:
        ChartermError: a path does not exist or cannot be read, or a folder has no text in it.
    """
    found: dict[Path, Path] = {}
    for path in paths:
        if path.is_dir():
            files = [file for file in _files_below(path) if _has_text(file)]
            if not files:
                raise ChartermError(
                    "{path} has no text files in it: choose another folder", path=path
                )
        elif path.exists():
            files = [path]
        else:
            raise ChartermError("{path} does not exist: check the spelling of the path", path=path)
        for file in files:
            found.setdefault(file.resolve(), file)
    return list(found.values())


def _files_below(folder: Path) -> list[Path]:
    def refuse(error: OSError) -> None:
        raise ChartermError(
            "cannot read {path}: {reason}; check its permissions", path=error.filename, reason=error
        )

    files = []
    for place, folders, names in os.walk(folder, onerror=refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        files += [Path(place, name) for name in names if not name.startswith(".")]
    return sorted(file for file in files if file.is_file())


def _has_text(path: Path) -> bool:
    head = next(_read_chunks(path, _HEAD), b"")
    return bool(head) and not looks_binary(head)


def _read_chunks(path: Path, size: int = CHUNK) -> Iterator[bytes]:
    try:
        if not path.exists():
            raise ChartermError("{path} does not exist: check the spelling of the path", path=path)
        if not path.is_file():
            raise ChartermError("{path} is not a file: choose a text file", path=path)
        with path.open("rb") as file:
            while chunk := file.read(size):
                yield chunk
    except OSError as error:
        raise ChartermError(
            "cannot read {path}: {reason}; check the file and its permissions",
            path=path,
            reason=error,
        ) from error
