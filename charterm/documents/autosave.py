"""Writes texts that go on changing, a moment after each change, on a thread of its own."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from charterm.documents.store import OpenTexts, SavedText, TextStore, count_words
from charterm.errors import ChartermError


@dataclass(frozen=True)
class Saved:
    """A state of a text is on the disk.

    Attributes:
        saved: what was written.
        words: how many words it has.
        was: its name before, where another program had taken that.
    """

    saved: SavedText
    words: int
    was: str = ""


@dataclass(frozen=True)
class NotSaved:
    """The disk refused; a line that says why. The next change tries again."""

    reason: str


class Autosave:
    """Keeps texts on the disk.

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
        self._pending: dict[str, SavedText] = {}
        self._refused: dict[str, SavedText] = {}
        self._renamed: dict[str, str] = {}
        self._open: OpenTexts | None = None
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="autosave", daemon=True)

    def keep(self, saved: SavedText) -> None:
        """Write this state soon, in place of the one of this text that waits."""
        with self._condition:
            self._pending[saved.name] = saved
            self._wake()

    def keep_open(self, texts: OpenTexts) -> None:
        """Write soon which texts are open."""
        with self._condition:
            self._open = texts
            self._wake()

    def _wake(self) -> None:
        self._condition.notify()
        if not self._thread.is_alive() and not self._closing:
            self._thread.start()

    def unwritten(self) -> set[str]:
        """Names of the texts that are on their way to the disk; waits for a write to end."""
        with self._writing, self._condition:
            return {*self._pending, *self._refused}

    def forget(self, name: str) -> None:
        """Write nothing of a text any more: it is deleted."""
        with self._writing, self._condition:
            self._pending.pop(name, None)
            self._refused.pop(name, None)

    def renamed(self, was: str) -> None:
        """The writer of ``was`` has heard that its text has another name now and uses that.

        Until then what is kept as ``was`` goes to the new name; from then on it is the other's.
        """
        with self._condition:
            name = self._renamed.pop(was, was)
            if name != was and was in self._pending:
                waiting = replace(self._pending.pop(was), name=name)
                self._pending.setdefault(name, waiting)

    def flush(self) -> None:
        """Write what waits or was refused now. Raises ChartermError if the disk refuses."""
        refusals = self._write(again=True)
        if refusals:
            raise refusals[0]

    def close(self) -> None:
        """Write what waits or was refused, and end the thread. Errors as in :meth:`flush`."""
        with self._condition:
            self._closing = True
            self._condition.notify()
        self.flush()

    def _write(self, *, again: bool = False) -> list[ChartermError]:
        """Write what waits, and what was refused as well if asked; returns what went wrong."""
        refusals: list[ChartermError] = []
        with self._writing:  # taken first, so that an older state never comes after a newer one
            with self._condition:
                waiting, self._pending = self._pending, {}
                texts, self._open = self._open, None
                renamed = self._renamed.copy()
            if again:
                waiting = {**self._refused, **waiting}
            for was, asked in waiting.items():
                self._refused[was] = asked
                name = renamed.get(was, was)
                try:
                    saved = self._store.save(replace(asked, name=name))
                except ChartermError as error:
                    refusals.append(error)
                    continue
                del self._refused[was]
                if saved.name != name:
                    with self._condition:
                        self._renamed[was] = renamed[was] = saved.name
                told = was if saved.name != was else ""
                self._report(Saved(saved, count_words(saved.text), told))
            if texts is not None:
                names = tuple(renamed.get(name, name) for name in texts.names)
                current = renamed.get(texts.current, texts.current)
                try:
                    self._store.save_open(OpenTexts(names, current))
                except ChartermError as error:
                    refusals.append(error)
        return refusals

    def _run(self) -> None:
        while True:
            with self._condition:
                self._condition.wait_for(lambda: self._closing or self._pending or self._open)
                self._condition.wait_for(lambda: self._closing, timeout=self.delay)
                if self._closing:
                    return
            for error in self._write()[:1]:
                self._report(NotSaved(str(error)))
