"""The texts people write, on disk: a plain text file each, and beside it where they stopped.

``texts/NAME.txt`` is the text and nothing else, so that any other program can read it;
``texts/.NAME.json`` holds the cursor, the statistics, the model and the file that the text belongs
to. Both are replaced in one step. ``open-texts.json`` says which texts are open.
"""

import json
import threading
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from charterm import paths, storage
from charterm.documents.files import LinkedFile
from charterm.documents.statistics import TypingStatistics
from charterm.errors import ChartermError, UsageError
from charterm.i18n import N_, _

UNTITLED: Final = N_("untitled")

_PIECE = 1 << 15
_BEGINNING: Final = 400  # bytes that are read to show how a text begins

_Stamp = tuple[int, int, int]


@dataclass(frozen=True)
class SavedText:
    """A text and where its writer stopped.

    Attributes:
        name: file name without ending.
        text: the text, lines separated by a line feed.
        cursor: position of the cursor, 0 to ``len(text)``.
        statistics: its counts so far.
        model: name of the model that completes it; empty for the default one.
        file: the file elsewhere that it was opened from or saved to.
    """

    name: str
    text: str = ""
    cursor: int = 0
    statistics: TypingStatistics = field(default_factory=TypingStatistics)
    model: str = ""
    file: LinkedFile | None = None

    @property
    def title(self) -> str:
        """What to call it before people: the name of its file, or its own."""
        return self.file.path.name if self.file is not None else shown_name(self.name)


@dataclass(frozen=True)
class TextInfo:
    """What a list shows of a text.

    Attributes:
        name: of the text.
        file: the file it belongs to.
        model: the model that completes it; empty for the default one.
        used: when it was last open or changed, seconds since 1970.
        beginning: its first line that has something in it.
    """

    name: str
    file: Path | None
    model: str
    used: float
    beginning: str

    @property
    def title(self) -> str:
        """What to call it before people."""
        return self.file.name if self.file is not None else shown_name(self.name)


@dataclass(frozen=True)
class OpenTexts:
    """Which texts are open, in order, and which of them is shown."""

    names: tuple[str, ...] = (UNTITLED,)
    current: str = UNTITLED


def shown_name(name: str) -> str:
    """A text's own name before people: one that nobody chose is in the language in use."""
    given, _dash, number = name.partition("-")
    if given != UNTITLED or not (number.isdecimal() or name == UNTITLED):
        return name
    return f"{_(UNTITLED)}-{number}" if number else _(UNTITLED)


def count_words(text: str) -> int:
    """Words between white space, counted in pieces so that another thread may go on meanwhile."""
    words = sum(len(text[start : start + _PIECE].split()) for start in range(0, len(text), _PIECE))
    cuts = range(_PIECE, len(text), _PIECE)
    return words - sum(not text[cut - 1].isspace() and not text[cut].isspace() for cut in cuts)


class TextStore:
    """The folder of texts."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder if folder is not None else paths.data_dir() / "texts"
        self._known: dict[str, tuple[str, _Stamp | None]] = {}  # as read or written last
        self._lock = threading.Lock()

    def path(self, name: str) -> Path:
        """The text file of this name."""
        return self.folder / f"{name}.txt"

    def state_path(self, name: str) -> Path:
        """The file beside it with its cursor, its counts, its model and its file."""
        return self.folder / f".{name}.json"

    @property
    def _open_path(self) -> Path:
        return self.folder.with_name("open-texts.json")

    # One text -----------------------------------------------------------------------------

    def load(self, name: str = UNTITLED) -> SavedText:
        """Read a text; an empty one if there is none of this name yet.

        A missing or damaged state file costs the place of the cursor and the counts only: the
        cursor then stands at the end.

        Raises:
            ChartermError: the text exists and cannot be read.
        """
        path = self.path(name)
        try:
            stamp = _stamp(path)
            text = path.read_bytes().decode("utf-8", "surrogatepass")
        except FileNotFoundError:
            text, stamp = "", None
        except OSError as error:
            raise ChartermError("cannot read {path}: {reason}", path=path, reason=error) from error
        except UnicodeDecodeError as error:
            raise ChartermError(
                "{path} is not UTF-8 text: convert it or move it away", path=path
            ) from error
        with self._lock:
            self._known[name] = (text, stamp)
        if stamp is None:
            return SavedText(name)
        try:
            state = self._state(name)
            cursor = min(max(int(state["cursor"]), 0), len(text))
            statistics = TypingStatistics.from_json(state["statistics"])
            model, file = str(state["model"]), _file_of(state)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return SavedText(name, text, len(text))
        return SavedText(name, text, cursor, statistics, model, file)

    def _state(self, name: str) -> dict[str, Any]:
        state: dict[str, Any] = json.loads(self.state_path(name).read_text(encoding="utf-8"))
        return state

    def save(self, saved: SavedText) -> SavedText:
        """Write a text and its state, or the state alone where the text is the one on the disk.

        What another program, or this one in another window, has written into the text since it
        was read or written here is never overwritten: a text that changed in both places goes
        under a name of its own.

        Returns:
            What was written, with the name that it has now.

        Raises:
            ChartermError: the disk refused; the old files are untouched.
        """
        with self._lock:
            path = self.path(saved.name)
            text, stamp = self._known.get(saved.name, (None, _stamp(path)))
            there = _stamp(path)
            if there != stamp and there is not None:
                if saved.text == text:
                    return saved  # the other's text and state stand
                saved = replace(saved, name=self.free_name(saved.name))
                path, there = self.path(saved.name), None
            if saved.text != text or there is None:
                storage.write_text(path, saved.text)
            self._known[saved.name] = (saved.text, _stamp(path))
            state = {
                "cursor": saved.cursor,
                "model": saved.model,
                "statistics": saved.statistics.to_json(),
                "file": saved.file and saved.file.to_json(),
            }
            self._write_state(saved.name, state)
            return saved

    def _write_state(self, name: str, state: dict[str, Any]) -> None:
        storage.write_text(self.state_path(name), json.dumps(state, ensure_ascii=False))

    def free_name(self, name: str = UNTITLED, taken: Collection[str] = ()) -> str:
        """``name``, or the first of ``name-2``, ``name-3``, ... that no file and no other has."""
        candidate, number = name, 2
        while candidate in taken or self.path(candidate).exists():
            candidate, number = f"{name}-{number}", number + 1
        return candidate

    def delete(self, name: str) -> None:
        """Delete a text and its state; the file that it belongs to stays.

        Raises:
            ChartermError: the disk refused.
        """
        with self._lock:
            try:
                for path in (self.state_path(name), self.path(name)):
                    path.unlink(missing_ok=True)
            except OSError as error:
                raise ChartermError(
                    "cannot delete {path}: {reason}", path=path, reason=error
                ) from error
            self._known.pop(name, None)

    # All texts ----------------------------------------------------------------------------

    def texts(self) -> list[TextInfo]:
        """All texts, the one used last first.

        Raises:
            ChartermError: the folder cannot be read.
        """
        try:
            found = list(self._infos())
        except OSError as error:
            raise ChartermError(
                "cannot read {folder}: {reason}", folder=self.folder, reason=error
            ) from error
        return sorted(found, key=lambda info: info.used, reverse=True)

    def _infos(self) -> Iterator[TextInfo]:
        if not self.folder.is_dir():
            return
        for path in self.folder.glob("*.txt"):
            if path.name.startswith("."):  # being written
                continue
            try:
                used = path.stat().st_mtime
                with path.open("rb") as opened:
                    head = opened.read(_BEGINNING).decode("utf-8", "ignore")
            except FileNotFoundError:  # deleted meanwhile
                continue
            file, model = None, ""
            try:
                state = self._state(path.stem)
                file, model = _file_of(state), str(state["model"])
                used = max(used, self.state_path(path.stem).stat().st_mtime)
            except (OSError, ValueError, KeyError, TypeError, AttributeError):
                pass  # the text alone can be shown
            beginning = next((line.strip() for line in head.splitlines() if line.strip()), "")
            yield TextInfo(path.stem, file.path if file else None, model, used, beginning)

    def rename_model(self, name: str, new_name: str) -> None:
        """Let the texts that a model completes know it by another name.

        Raises:
            ChartermError: the folder cannot be read, or a state cannot be written.
        """
        for info in self.texts():
            if info.model == name:
                state = {**self._state(info.name), "model": new_name}
                self._write_state(info.name, state)

    def find(self, name: str) -> TextInfo:
        """The text with this name, or whose file has it.

        Raises:
            UsageError: there is none, or several files have the name.
        """
        texts = self.texts()
        exact = [info for info in texts if info.name == name]
        found = exact or [info for info in texts if info.title == name]
        if not found:
            raise UsageError(
                "no text is called {name}: charterm documents list shows them", name=name
            )
        if len(found) > 1:
            names = ", ".join(info.name for info in found)
            raise UsageError(
                "several texts belong to a file {name}: choose one of {names}",
                name=name,
                names=names,
            )
        return found[0]

    def load_open(self) -> OpenTexts:
        """Which texts were open; the untitled one alone where nothing says so."""
        try:
            state = json.loads(self._open_path.read_text(encoding="utf-8"))
            listed = tuple(dict.fromkeys(map(str, state["open"])))
            current = str(state["current"])
        except (OSError, ValueError, KeyError, TypeError):
            return OpenTexts()
        names = tuple(name for name in listed if self.path(name).is_file())
        if not names:
            return OpenTexts()
        return OpenTexts(names, current if current in names else names[-1])

    def save_open(self, texts: OpenTexts) -> None:
        """Keep which texts are open. Raises ChartermError."""
        content = json.dumps({"open": texts.names, "current": texts.current}, ensure_ascii=False)
        storage.write_text(self._open_path, content)


def _stamp(path: Path) -> _Stamp | None:
    """Which version of a file this is; None where there is none."""
    try:
        state = path.stat()
    except OSError:
        return None
    return state.st_ino, state.st_mtime_ns, state.st_size


def _file_of(state: dict[str, Any]) -> LinkedFile | None:
    file = state.get("file")
    return LinkedFile.from_json(file) if file else None
