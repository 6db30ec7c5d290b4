"""The texts people write, on disk: a plain text file each, and beside it where they stopped.

``texts/NAME.txt`` is the text and nothing else, so that any other program can read it;
``texts/.NAME.json`` holds the cursor and the statistics. Both are replaced in one step.
"""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from charterm import paths, storage
from charterm.errors import ChartermError
from charterm.tui.statistics import TypingStatistics

UNTITLED = "untitled"

_PIECE = 1 << 15


@dataclass(frozen=True)
class SavedText:
    """A text and where its writer stopped.

    Attributes:
        name: file name without ending.
        text: the text, lines separated by a line feed.
        cursor: position of the cursor, 0 to ``len(text)``.
        statistics: its counts so far.
        model: name of the model that completes it; empty for the default one.
    """

    name: str
    text: str = ""
    cursor: int = 0
    statistics: TypingStatistics = field(default_factory=TypingStatistics)
    model: str = ""


def count_words(text: str) -> int:
    """Words between white space, counted in pieces so that another thread may go on meanwhile."""
    words = sum(len(text[start : start + _PIECE].split()) for start in range(0, len(text), _PIECE))
    cuts = range(_PIECE, len(text), _PIECE)
    return words - sum(not text[cut - 1].isspace() and not text[cut].isspace() for cut in cuts)


class TextStore:
    """The folder of texts."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder if folder is not None else paths.data_dir() / "texts"

    def path(self, name: str) -> Path:
        """The text file of this name."""
        return self.folder / f"{name}.txt"

    def _state_path(self, name: str) -> Path:
        return self.folder / f".{name}.json"

    def load(self, name: str = UNTITLED) -> SavedText:
        """Read a text; an empty one if there is none of this name yet.

        A missing or damaged state file costs the place of the cursor and the counts only: the
        cursor then stands at the end.

        Raises:
            ChartermError: the text exists and cannot be read.
        """
        path = self.path(name)
        try:
            text = path.read_bytes().decode("utf-8", "surrogatepass")
        except FileNotFoundError:
            return SavedText(name)
        except OSError as error:
            raise ChartermError(f"cannot read {path}: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise ChartermError(f"{path} is not UTF-8 text: convert it or move it away") from error
        try:
            state = json.loads(self._state_path(name).read_text(encoding="utf-8"))
            cursor = min(max(int(state["cursor"]), 0), len(text))
            statistics = TypingStatistics.from_json(state["statistics"])
            return SavedText(name, text, cursor, statistics, str(state["model"]))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return SavedText(name, text, len(text))

    def save(self, saved: SavedText, *, text_changed: bool = True) -> None:
        """Write a text and its state; with ``text_changed=False`` the state alone.

        Raises:
            ChartermError: the disk refused; the old files are untouched.
        """
        if text_changed:
            storage.write_text(self.path(saved.name), saved.text)
        state = {
            "cursor": saved.cursor,
            "model": saved.model,
            "statistics": saved.statistics.to_json(),
        }
        storage.write_text(self._state_path(saved.name), json.dumps(state, ensure_ascii=False))

    def free_name(self, name: str = UNTITLED) -> str:
        """``name``, or the first of ``name-2``, ``name-3``, ... that no file has."""
        candidate, number = name, 2
        while self.path(candidate).exists():
            candidate, number = f"{name}-{number}", number + 1
        return candidate


@dataclass(frozen=True)
class Saved:
    """A state of the text is on the disk. It has this many words."""

    saved: SavedText
    words: int


@dataclass(frozen=True)
class NotSaved:
    """The disk refused; a line that says why. The next change tries again."""

    reason: str


class Autosave:
    """Writes a text that goes on changing, a moment after each change, on its own thread.

    It waits from the first change on, not from the last, so that going on typing does not put the
    writing off: a killed program loses no more than ``delay`` seconds and the time of one write.
    """

    def __init__(
        self, store: TextStore, report: Callable[[Saved | NotSaved], None], delay: float = 0.8
    ) -> None:
        """Prepare; the thread starts with the first change.

        Args:
            store: where texts are kept.
            report: told of every write; it is called on the thread.
            delay: seconds from a change to its write.
        """
        self._store = store
        self._report = report
        self.delay = delay
        self._condition = threading.Condition()
        self._writing = threading.Lock()
        self._pending: SavedText | None = None
        self._refused: SavedText | None = None
        self._closing = False
        self._text: str | None = None  # as it is on the disk, so far as is known
        self._thread = threading.Thread(target=self._run, name="autosave", daemon=True)

    def keep(self, saved: SavedText) -> None:
        """Write this state soon, in place of the one that waits."""
        with self._condition:
            self._pending = saved
            self._condition.notify()
            if not self._thread.is_alive() and not self._closing:
                self._thread.start()

    def flush(self) -> None:
        """Write what waits or was refused now. Raises ChartermError if the disk refuses."""
        self._write(again=True)

    def close(self) -> None:
        """Write what waits or was refused, and end the thread. Errors as in :meth:`flush`."""
        with self._condition:
            self._closing = True
            self._condition.notify()
        self._write(again=True)

    def _write(self, *, again: bool = False) -> SavedText | None:
        with self._writing:  # taken first, so that an older state never comes after a newer one
            with self._condition:
                saved, self._pending = self._pending, None
            saved = saved or (self._refused if again else None)
            if saved is not None:
                self._refused = saved
                self._store.save(saved, text_changed=saved.text != self._text)
                self._text, self._refused = saved.text, None
            return saved

    def _run(self) -> None:
        while True:
            with self._condition:
                self._condition.wait_for(lambda: self._closing or self._pending is not None)
                self._condition.wait_for(lambda: self._closing, timeout=self.delay)
                if self._closing:
                    return
            try:
                saved = self._write()
            except ChartermError as error:
                self._report(NotSaved(str(error)))
            else:
                if saved is not None:
                    self._report(Saved(saved, count_words(saved.text)))
