"""What is in the texts that somebody chose for a training, read piece by piece on a thread."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from charterm.engine.starting_point import StartingPoint, starting_point
from charterm.text.display import visible
from charterm.text.reading import detect_file, find_text_files, read_pieces
from charterm.tui.jobs import Advance

PREVIEW: Final = 1200
"""Characters of the first text that are shown."""


@dataclass(frozen=True)
class FileSurvey:
    """What is in one file.

    Attributes:
        characters: their number after cleaning.
        distinct: the different ones.
        encoding: name of its encoding.
        guessed: whether that had to be guessed.
        beginning: the first characters.
    """

    characters: int
    distinct: frozenset[str]
    encoding: str
    guessed: bool
    beginning: str


@dataclass(frozen=True)
class Survey:
    """What is in all files.

    Attributes:
        files: their number.
        characters: of all together, after cleaning.
        distinct: number of different characters.
        encodings: names, in the order in which they came.
        guessed: number of files whose encoding had to be guessed.
        preview: the beginning of the first, safe to print.
        start: the starter model that knows their language.
    """

    files: int = 0
    characters: int = 0
    distinct: int = 0
    encodings: tuple[str, ...] = ()
    guessed: int = 0
    preview: str = ""
    start: StartingPoint | None = None


_State = tuple[str, int, int]  # path, size, time of the last change


class Surveyor:
    """Surveys texts, and remembers those that have not changed since."""

    def __init__(self) -> None:
        self._known: dict[_State, FileSurvey] = {}

    def survey(self, paths: Sequence[Path], advance: Advance) -> Survey:
        """Read every text file in ``paths``.

        Args:
            paths: files and folders.
            advance: told how far it is; ends it by an exception.

        Raises:
            ChartermError: a path is missing, cannot be read, or has no text.
        """
        advance(0.0)
        files = find_text_files(paths)
        stats = [file.stat() for file in files]
        total = max(sum(stat.st_size for stat in stats), 1)
        done = 0
        distinct: set[str] = set()
        survey = Survey()
        for file, stat in zip(files, stats, strict=True):
            state = (str(file), stat.st_size, stat.st_mtime_ns)
            if state not in self._known:

                def watch(size: int, before: int = done) -> None:
                    advance(min((before + size) / total, 1.0))

                self._known[state] = survey_file(file, watch)
            found = self._known[state]
            done += stat.st_size
            advance(done / total)
            distinct |= found.distinct
            known = survey.encodings
            survey = replace(
                survey,
                files=survey.files + 1,
                characters=survey.characters + found.characters,
                encodings=known if found.encoding in known else (*known, found.encoding),
                guessed=survey.guessed + found.guessed,
                preview=survey.preview or visible(found.beginning, lines=True),
            )
        return replace(survey, distinct=len(distinct), start=starting_point(files))


def survey_file(path: Path, watch: Callable[[int], None]) -> FileSurvey:
    """Read one file in bounded memory.

    Args:
        path: the file.
        watch: is called with the number of bytes read so far.

    Raises:
        ChartermError: as :func:`charterm.text.reading.read_text_file`.
    """
    encoding = detect_file(path)
    read = 0

    def count(size: int) -> None:
        nonlocal read
        read += size
        watch(read)

    characters, beginning = 0, ""
    distinct: set[str] = set()
    for piece in read_pieces(path, encoding, count):
        characters += len(piece)
        distinct.update(piece)
        if len(beginning) < PREVIEW:
            beginning += piece[: PREVIEW - len(beginning)]
    return FileSurvey(characters, frozenset(distinct), encoding.label, encoding.guessed, beginning)
