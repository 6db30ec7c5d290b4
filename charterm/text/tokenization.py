"""Many files to one file of tokens, in two passes and bounded memory."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from charterm.errors import ChartermError
from charterm.text.alphabet import Alphabet, code_points
from charterm.text.encoding import Encoding
from charterm.text.reading import detect_file, read_pieces
from charterm.text.variation import hurried_copies

TRAIN_FILE: Final = "train.tokens"
VALIDATION_FILE: Final = "validation.tokens"
_VARIED_FILE: Final = "varied.tokens"
_COPY = 1 << 24  # bytes

Progress = Callable[[int, int], None]
"""Called with the bytes done and the bytes to do."""


class Segment(NamedTuple):
    """A stretch of tokens that belongs together.

    Attributes:
        start: index of its first token.
        length: number of its tokens.
        characters: number of its characters; a character may be spelt in several tokens.
    """

    start: int
    length: int
    characters: int


@dataclass(frozen=True)
class SurveyedFile:
    """A file after the first pass: its encoding and its length."""

    path: Path
    encoding: Encoding
    characters: int


@dataclass(frozen=True)
class TokenizedFile:
    """Where a file's tokens are: the parts for training, their hurried copies, validation."""

    train: Segment
    varied: Segment
    validation: Segment


class _Meter:
    """Adds up the bytes read for the one who watches."""

    def __init__(self, files: Sequence[Path], watch: Progress | None, first_pass: bool) -> None:
        size = sum(file.stat().st_size for file in files) if watch else 0
        self.total = 2 * size
        self.done = 0 if first_pass else size
        self.watch = watch

    def __call__(self, read: int) -> None:
        self.done += read
        if self.watch:
            self.watch(self.done, self.total)


def _texts(path: Path, encoding: Encoding, meter: _Meter, close_line: bool) -> Iterator[str]:
    """The cleaned text of a file in pieces, with a line end at the end where that is wanted."""
    last = ""
    for piece in read_pieces(path, encoding, meter):
        yield piece
        last = piece[-1:] or last
    if close_line and last not in ("", "\n"):
        yield "\n"


def survey(
    files: Sequence[Path], watch: Progress | None = None
) -> tuple[list[SurveyedFile], NDArray[np.int64]]:
    """First pass: find each file's encoding and count its characters.

    Where there are several files, each ends its last line.

    Returns:
        The files, and how often each code point occurs in all of them, shape (0x110000,).

    Raises:
        ChartermError: a file cannot be read, is empty, binary or in an unknown encoding.
    """
    counts = np.zeros(0x110000, np.int64)
    meter = _Meter(files, watch, first_pass=True)
    surveyed = []
    for path in files:
        encoding = detect_file(path)
        characters = 0
        for text in _texts(path, encoding, meter, len(files) > 1):
            here = np.bincount(code_points(text))
            counts[: len(here)] += here
            characters += len(text)
        surveyed.append(SurveyedFile(path, encoding, characters))
    return surveyed, counts


class _TokenWriter:
    """Appends text to a file as tokens."""

    def __init__(self, path: Path, alphabet: Alphabet) -> None:
        self._file = path.open("wb")
        self._alphabet = alphabet
        self._dtype = token_dtype(alphabet)
        self.tokens = 0
        self.characters = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def write(self, text: str) -> None:
        tokens = self._alphabet.encode(text).astype(self._dtype)
        tokens.tofile(self._file)
        self.tokens += len(tokens)
        self.characters += len(text)

    def since(self, tokens: int, characters: int) -> Segment:
        """The segment written since the counts were these."""
        return Segment(tokens, self.tokens - tokens, self.characters - characters)


def token_dtype(alphabet: Alphabet) -> np.dtype[np.uint16] | np.dtype[np.int32]:
    """The smallest of the two types that can hold the alphabet's tokens."""
    return np.dtype(np.uint16) if alphabet.size <= 0x10000 else np.dtype(np.int32)


def tokenize(
    files: Sequence[SurveyedFile],
    train_characters: Sequence[int],
    alphabet: Alphabet,
    folder: Path,
    *,
    case_variation: float = 0.0,
    seed: int = 0,
    watch: Progress | None = None,
) -> list[TokenizedFile]:
    """Second pass: write the tokens of ``files`` into ``folder``.

    :data:`TRAIN_FILE` gets the training parts one after another and then their hurried copies,
    :data:`VALIDATION_FILE` the rest of each file.

    Args:
        files: as surveyed.
        train_characters: of each file, how many characters from its beginning are for training.
        alphabet: gives the tokens.
        folder: exists and is empty.
        case_variation: share of the training sentences that get a copy without capitals and
            punctuation (:func:`~charterm.text.variation.hurried_copies`).
        seed: decides which.
        watch: is told how far it is.

    Raises:
        ChartermError: a file changed since it was surveyed.
        OSError: the tokens could not be written.
    """
    meter = _Meter([file.path for file in files], watch, first_pass=False)
    parts: list[TokenizedFile] = []
    varied_path = folder / _VARIED_FILE
    with (
        _TokenWriter(folder / TRAIN_FILE, alphabet) as train,
        _TokenWriter(folder / VALIDATION_FILE, alphabet) as validation,
        _TokenWriter(varied_path, alphabet) as varied,
    ):
        for number, (file, limit) in enumerate(zip(files, train_characters, strict=True)):
            generator = np.random.default_rng([seed, number])
            begun = [(writer.tokens, writer.characters) for writer in (train, varied, validation)]
            position = 0
            for text in _texts(file.path, file.encoding, meter, len(files) > 1):
                training = text[: max(0, limit - position)]
                train.write(training)
                if case_variation > 0:
                    varied.write(hurried_copies(training, case_variation, generator))
                validation.write(text[len(training) :])
                position += len(text)
            if position != file.characters:
                raise ChartermError("{path} changed while it was read: start again", path=file.path)
            written = zip((train, varied, validation), begun, strict=True)
            parts.append(TokenizedFile(*(writer.since(*counts) for writer, counts in written)))
    with (folder / TRAIN_FILE).open("ab") as whole, varied_path.open("rb") as copies:
        while content := copies.read(_COPY):
            whole.write(content)
    varied_path.unlink()
    return [
        TokenizedFile(
            part.train,
            part.varied._replace(start=part.varied.start + train.tokens),
            part.validation,
        )
        for part in parts
    ]
