"""A run on disk: what was asked for, how far it is, what has happened. Without torch.

``run.json`` is written once; ``checkpoint.safetensors`` is replaced in one step;
``events.jsonl`` grows by a line for each event. A process that works on the run holds ``lock``;
``wish`` tells it what somebody wants.
"""

import contextlib
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, Self

from charterm import paths, storage
from charterm.errors import ChartermError, Phrase, UsageError
from charterm.model.library import check_name, new_model_folder
from charterm.process_lock import LOCK_FILE, holder, locked
from charterm.text.alphabet import Alphabet
from charterm.text.corpus_options import CorpusOptions
from charterm.text.reading import find_text_files
from charterm.training.events import Event, Step, event_from_json
from charterm.training.settings import TrainSettings

Wish = Literal["pause", "stop"]

_STEP_SECONDS: Final = 1.0  # training time between two steps in events.jsonl


@dataclass(frozen=True)
class Request:
    """What somebody asked for.

    Attributes:
        paths: files and folders to train on.
        options: how they become a corpus.
        settings: of the training.
        description: a sentence for ``model.json``.
        base: name or path of the model that is trained further; empty for a new one.
        recall: files on which it is measured what the base still knows.
        files: each file's path, size and modification time in nanoseconds.
        created: when, ISO 8601 with zone.
    """

    paths: tuple[str, ...]
    options: CorpusOptions
    settings: TrainSettings
    description: str = ""
    base: str = ""
    recall: tuple[str, ...] = ()
    files: tuple[tuple[str, int, int], ...] = field(default_factory=tuple)
    created: str = ""

    def changed_files(self) -> list[str]:
        """The files that are not as they were, those that are gone or new among them."""
        before = {path: (size, modified) for path, size, modified in self.files}
        try:
            now = {path: (size, modified) for path, size, modified in file_states(self.paths)}
        except ChartermError:  # one of the paths is gone
            now = {}
            for path in before:
                with contextlib.suppress(OSError):
                    stat = Path(path).stat()
                    now[path] = (stat.st_size, stat.st_mtime_ns)
        return sorted(p for p in before.keys() | now.keys() if before.get(p) != now.get(p))

    def to_json(self) -> dict[str, Any]:
        """The object as plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        """The inverse of :meth:`to_json`."""
        return cls(
            **{
                **values,
                "paths": tuple(values["paths"]),
                "recall": tuple(values["recall"]),
                "files": tuple((path, size, time) for path, size, time in values["files"]),
                "options": CorpusOptions(**values["options"]),
                "settings": TrainSettings.from_json(values["settings"]),
            }
        )


def file_states(given: tuple[str, ...]) -> tuple[tuple[str, int, int], ...]:
    """Path, size and modification time of each text file in ``given``.

    Raises:
        ChartermError: a path is missing or has no text files.
    """
    states = []
    for file in find_text_files([Path(path) for path in given]):
        stat = file.stat()
        states.append((str(file), stat.st_size, stat.st_mtime_ns))
    return tuple(states)


@dataclass(frozen=True)
class RunFolder:
    """The folder of one run; it has the name of the model that is trained."""

    path: Path

    @classmethod
    def named(cls, name: str) -> Self:
        """The folder for this name, which need not exist. Raises UsageError for a bad name."""
        return cls(paths.runs_dir() / check_name(name))

    @classmethod
    def existing(cls, name: str) -> Self:
        """The folder of a run that there is.

        Raises:
            UsageError: there is none; the message names those there are.
        """
        folder = cls.named(name)
        if not folder.exists:
            known = ", ".join(run.name for run in all_run_folders()) or Phrase("none yet")
            raise UsageError(
                "no training run named {name!r}; there are: {known}", name=name, known=known
            )
        return folder

    @property
    def name(self) -> str:
        """Name of the run and of its model."""
        return self.path.name

    @property
    def model(self) -> Path:
        """Folder of the model in the library."""
        return new_model_folder(self.name)

    @property
    def other_model(self) -> Path:
        """A model that was not kept: the last weights where the best were kept, or the best."""
        return self.path / "other"

    @property
    def checkpoint(self) -> Path:
        """Everything that decides how the run goes on."""
        return self.path / "checkpoint.safetensors"

    @property
    def process_log(self) -> Path:
        """What a process in the background printed."""
        return self.path / "process.log"

    @property
    def events_file(self) -> Path:
        """A line of JSON for each event."""
        return self.path / "events.jsonl"

    @property
    def exists(self) -> bool:
        """Whether there is such a run."""
        return self._request.is_file()

    @property
    def _request(self) -> Path:
        return self.path / "run.json"

    @property
    def _corpus(self) -> Path:
        return self.path / "corpus.json"

    @property
    def _lock(self) -> Path:
        return self.path / LOCK_FILE

    @property
    def _program(self) -> Path:
        return self.path / "program"

    @property
    def _wish(self) -> Path:
        return self.path / "wish"

    def locked(self) -> contextlib.AbstractContextManager[None]:
        """Hold the run, so that no other process writes the model. Raises LockedError."""
        self.path.mkdir(parents=True, exist_ok=True)
        return locked(self._lock, f"the training of {self.name}")

    def holder(self) -> int | None:
        """The process that works on the run, or None."""
        return holder(self._lock)

    @property
    def from_program(self) -> bool:
        """Whether the program's screens began the process that works on the run."""
        try:
            return int(self._program.read_text("utf-8")) == self.holder()
        except (OSError, ValueError):  # begun on the command line
            return False

    def keep_process_of_program(self, pid: int) -> None:
        """Write down that the program's screens began this process."""
        storage.write_text(self._program, str(pid))

    def begin(self, request: Request) -> None:
        """Make this the folder of a new run. To be called while it is locked."""
        for file in self.path.iterdir():
            if file.is_dir():
                shutil.rmtree(file)
            elif not file.name.startswith(self._lock.name):
                file.unlink()
        storage.write_text(self._request, json.dumps(request.to_json(), ensure_ascii=False))

    def request(self) -> Request:
        """What was asked for. Raises ChartermError if the file is damaged."""
        try:
            return Request.from_json(json.loads(self._request.read_text("utf-8")))
        except (OSError, ValueError, LookupError, TypeError) as error:
            raise ChartermError(
                "{path} is damaged ({error}): start the training anew",
                path=self._request,
                error=error,
            ) from error

    def keep_corpus(self, key: str, base_alphabet: Alphabet | None) -> None:
        """Write down which corpus is trained on, and the alphabet it began from."""
        alphabet = base_alphabet and base_alphabet.to_json()
        storage.write_text(self._corpus, json.dumps({"key": key, "alphabet": alphabet}))

    def corpus(self) -> tuple[str, Alphabet | None] | None:
        """What :meth:`keep_corpus` wrote down; None before that."""
        try:
            values = json.loads(self._corpus.read_text("utf-8"))
            alphabet = values["alphabet"]
            return values["key"], None if alphabet is None else Alphabet.from_json(alphabet)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, LookupError, TypeError) as error:
            raise ChartermError(
                "{path} is damaged ({error}): start the training anew",
                path=self._corpus,
                error=error,
            ) from error

    def require_same_text(self, *, old_text: bool) -> None:
        """Check that the files are as they were when the run began.

        Args:
            old_text: changed files do not matter where their text was kept.

        Raises:
            ChartermError: they have changed.
        """
        changed = self.request().changed_files()
        if changed and not (old_text and self.corpus()):
            more = len(changed) - 1
            others = Phrase(" and {n} more", n=more) if more else ""
            raise ChartermError(
                "{path}{others} changed since the training of {name} began: put it "
                "back, go on with the text as it was (--old-text), or start a new "
                "training",
                path=changed[0],
                others=others,
                name=self.name,
            )

    def remove_leftovers(self) -> None:
        """Remove what a killed process had begun to write. To be called while it is locked."""
        leftovers = [*self.path.glob(".*"), *self.model.parent.glob(f".{self.name}.new-*")]
        for leftover in leftovers:
            if leftover.is_dir():
                shutil.rmtree(leftover, ignore_errors=True)
            else:
                leftover.unlink()

    def wish(self, wish: Wish) -> None:
        """Tell the process that works on the run what is wanted."""
        storage.write_text(self._wish, wish)

    def take_wish(self) -> str:
        """The wish that was told, once; empty if there is none."""
        try:
            wish = self._wish.read_text("utf-8")
        except FileNotFoundError:
            return ""
        self._wish.unlink(missing_ok=True)
        return wish


def all_run_folders() -> list[RunFolder]:
    """Every run, by name."""
    found = paths.runs_dir()
    folders = sorted(found.iterdir()) if found.is_dir() else []
    return [run for run in map(RunFolder, folders) if run.exists]


class EventLog:
    """Appends events to a run's ``events.jsonl``; use as a context manager."""

    def __init__(self, run: RunFolder) -> None:
        self._file = run.events_file.open("ab+")
        self._file.truncate(_whole_lines(self._file.seek(0, os.SEEK_END), run.events_file))
        self._next_step = 0.0

    def append(self, event: Event) -> None:
        """Add an event; of the steps, one a second.

        Raises:
            ChartermError: the disk refused.
        """
        if isinstance(event, Step):
            if self._next_step - _STEP_SECONDS <= event.seconds < self._next_step:
                return
            self._next_step = event.seconds + _STEP_SECONDS
        line = json.dumps(event.to_json(), ensure_ascii=False, separators=(",", ":"))
        try:
            self._file.write(line.encode("utf-8", "surrogatepass") + b"\n")
            self._file.flush()
        except OSError as error:
            raise ChartermError(
                "cannot write {path}: {reason}; free some space and go on with --resume",
                path=self._file.name,
                reason=error,
            ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


def _whole_lines(size: int, path: Path) -> int:
    """Bytes up to the last line end: a killed process may have left half a line."""
    with path.open("rb") as file:
        while size:
            file.seek(size - 1)
            if file.read(1) == b"\n":
                break
            size -= 1
    return size


def parse_events(content: bytes) -> Iterator[Event]:
    """The events in whole lines of ``events.jsonl``; a line that is none is passed over."""
    for line in content.splitlines():
        with contextlib.suppress(ValueError):
            yield event_from_json(json.loads(line.decode("utf-8", "surrogatepass")))
