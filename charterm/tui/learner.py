"""The personal memory at work beside the predictor, on its thread.

The memory's file is read when the first text is to be learnt, counted while the keyboard rests and
written a few seconds after a change; what is open now is in the file of the text itself, so that a
kill loses nothing of it. What another screen or program has written is taken over at the next key.

Of a story the memory holds what the writer wrote of it as it is read now: the writer's turns on the
path to its end, and the line that is being typed. A turn that is undone, edited or left for another
branch is unlearnt, and learnt again when the story goes there again; a retry changes the model's
turn only, and so nothing here. The model's turns are never learnt, also not while one is edited;
they are read by the network, as what stands before the writer's own.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from charterm.errors import ChartermError

if TYPE_CHECKING:
    from pathlib import Path

    from charterm.adaptation.adapter import Adapter
    from charterm.adaptation.store import PersonalMemory
    from charterm.engine.session import Session, ShouldStop

OFF: Final = "off"
PAUSED: Final = "paused"
IGNORED: Final = "ignored"
LEARNING: Final = "learning"

DOCUMENTS: Final = "write/"
"""Begins the names under which the memory knows the texts of the writing screen."""

STORIES: Final = "story/"
"""The same of stories; by itself, the name of the one that has not begun."""

SAVE_SECONDS: Final = 4.0
"""From a change of the text to that of the file, at most, where nothing else is to be done."""

_AT_ONCE: Final = 0.01
"""Seconds in which a key counts what another screen taught."""

_UNDONE: Final = 8
"""Actions that can be undone."""

Change = Callable[["PersonalMemory", str], str]
"""Changes the memory; is given the open document's name and says what was done."""


@dataclass(frozen=True)
class Learnt:
    """What of a session's text is to be learnt.

    Attributes:
        document: the name under which the memory knows it; the memory is not used where empty. One
            that ends in a slash is forgotten when it is left.
        start: the first character that is the writer's own.
        earlier: whole lines that the writer wrote before, learnt as part of the document.
        learns: whether the text is learnt; else what was learnt is only used.
    """

    document: str = ""
    start: int = 0
    earlier: str = ""
    learns: bool = True


NOT_LEARNT: Final = Learnt()
"""The memory is not used."""


@dataclass(frozen=True)
class MemoryTold:
    """What the memory does now: OFF, PAUSED, IGNORED (this text) or LEARNING; what to say of it."""

    state: str
    said: str = ""
    is_error: bool = False


class Learner:
    """Lets sessions adapt to the memory. Belongs to one thread."""

    def __init__(
        self,
        report: Callable[[MemoryTold], None],
        is_kept: Callable[[str], bool] = lambda _document: True,
    ) -> None:
        """Nothing is read before :meth:`attend`.

        Args:
            report: is told what changes.
            is_kept: whether a document that was learnt once is still there.
        """
        self._report = report
        self._is_kept = is_kept
        self._sharing = OFF
        self._memory: PersonalMemory | None = None
        self._document = ""
        self._adapter: Adapter | None = None
        self._session: Session | None = None
        self._reader: Adapter | None = None
        self._undo: list[dict[str, Any]] = []
        self._followed: tuple[Learnt, str] = (NOT_LEARNT, "")
        self._changed_at: float | None = None
        self._told = ""
        self._broken: Path | None = None

    @property
    def state(self) -> str:
        """What was told last."""
        return self._told

    @property
    def seconds_to_save(self) -> float | None:
        """When :meth:`save` is due; ``None`` while there is nothing to write."""
        if self._changed_at is None:
            return None
        return max(0.0, self._changed_at + SAVE_SECONDS - time.monotonic())

    def share(self, sharing: str) -> None:
        """Use the memory of all models (shared), of each (model), or none (off)."""
        self._sharing = sharing

    def attend(self, session: Session, model: str, learnt: Learnt) -> None:
        """Let a session adapt to what was written, and learn of its text what is to be learnt."""
        memory = self._memory_of(model)
        if memory is None or not learnt.document:
            self._leave()
            session.adaptation = None
            self._tell(OFF)
            return
        self._take_over(memory)
        known = (self._memory, self._session, self._document)
        if (memory, session, learnt.document) != known:
            self._leave()
            self._memory, self._session, self._document = memory, session, learnt.document
            self._adapter = memory.open(learnt.document, session.model.alphabet)
            self._reader = memory.reader(session.model.alphabet)
            self._undo.clear()
        from charterm.adaptation.adapter import Own

        adapter = session.adaptation = self._adapter if learnt.learns else self._reader
        assert adapter is not None
        adapter.own = Own(learnt.start, learnt.earlier)
        state = (learnt, session.text)
        if learnt.learns and self._followed != state:
            self._followed = state
            self._touch()
        self._tell(self._state(memory))

    @property
    def waits(self) -> bool:
        """Whether there is something for :meth:`idle`."""
        adapter, memory = self._adapter, self._memory
        return adapter is not None and (
            adapter.document.waiting or (memory is not None and memory.waiting)
        )

    def idle(self, should_stop: ShouldStop) -> None:
        """Count what waits, for when the keyboard rests.

        Raises:
            Interrupted: ``should_stop`` said yes.
        """
        if self._adapter is not None and self._memory is not None:
            self._adapter.prepare(should_stop)
            self._memory.prepare(should_stop)

    def save(self) -> None:
        """Write the memory; what goes wrong is told."""
        self._changed_at = None
        memory = self._memory
        if memory is None:
            return
        try:
            memory.refresh()
            memory.keep_only(self._is_kept)
            memory.save()
        except ChartermError as error:
            self._fail(error)

    def save_changes(self) -> None:
        """Write the memory, where it changed since it was written."""
        if self._changed_at is not None:
            self.save()

    def change(self, change: Change) -> None:
        """Do something with the memory, write it, and tell what was done; it can be undone."""
        memory = self._memory
        if memory is None:
            return
        from charterm.adaptation.undoing import changing

        try:
            with changing(memory) as before:
                said = change(memory, self._document)
        except ChartermError as error:
            self._fail(error)
            return
        self._undo = [*self._undo[1 - _UNDONE :], before]
        self._told = self._state(memory)
        self._report(MemoryTold(self._told, said))

    def undo(self) -> bool:
        """Undo the last change; whether there was one."""
        memory = self._memory
        if memory is None or not self._undo:
            return False
        from charterm.adaptation.undoing import discard, keep

        try:
            memory.restore(self._undo.pop())
            memory.prepare()
            memory.save()
            if self._undo:
                keep(memory.path, self._undo[-1])
            else:
                discard(memory.path)
        except ChartermError as error:
            self._fail(error)
        self._tell(self._state(memory))
        return True

    def close(self) -> None:
        """Keep what was learnt."""
        if self._memory is not None:
            self._leave()
            self.save_changes()

    def _memory_of(self, model: str) -> PersonalMemory | None:
        """The memory to use with this model, read where it is not yet."""
        if self._sharing == OFF:
            return None
        from charterm.adaptation.memory_file import SHARED, memory_path
        from charterm.adaptation.store import PersonalMemory
        from charterm.adaptation.undoing import KEPT_SECONDS, discard

        path = memory_path(SHARED if self._sharing == SHARED else model.replace("/", "-"))
        if self._memory is not None and self._memory.path == path:
            return self._memory
        if self._broken == path:
            return None
        self.close()
        try:
            memory = PersonalMemory.load(path)
            discard(path, older_than=KEPT_SECONDS)
        except ChartermError as error:
            self._broken = path
            self._fail(error)
            return None
        memory.keep_only(self._is_kept)
        return memory

    def _take_over(self, memory: PersonalMemory) -> None:
        """Know what another screen or program wrote into the file; what goes wrong is told once."""
        from charterm.engine.session import Interrupted

        try:
            if memory.refresh():
                begun = time.perf_counter()
                with suppress(Interrupted):  # the rest waits until the keyboard rests
                    memory.prepare(lambda: time.perf_counter() - begun > _AT_ONCE)
        except ChartermError as error:
            if self._broken != memory.path:
                self._broken = memory.path
                self._fail(error)

    def _leave(self) -> None:
        """Close the document."""
        memory, adapter = self._memory, self._adapter
        if memory is not None and adapter is not None:
            if self._document.endswith("/"):
                memory.drop(self._document)
                self._touch()
            self.save_changes()  # what is open is not taken over from what others wrote meanwhile
            if adapter.document.waiting:
                self._touch()
            memory.close(self._document)
        if self._session is not None:
            self._session.adaptation = None
        self._session, self._adapter, self._reader, self._document = None, None, None, ""

    def _touch(self) -> None:
        if self._changed_at is None:
            self._changed_at = time.monotonic()

    def _state(self, memory: PersonalMemory) -> str:
        if not memory.learning:
            return PAUSED
        return IGNORED if self._document in memory.ignored else LEARNING

    def _tell(self, state: str) -> None:
        if state != self._told:
            self._told = state
            self._report(MemoryTold(state))

    def _fail(self, error: ChartermError) -> None:
        self._report(MemoryTold(self._told, str(error), is_error=True))
