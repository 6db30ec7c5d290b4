"""The network and the memory as one predictor of a text that is being written.

The gates that mix the two depend only on the text: they start from their prior where the session's
context begins (see :mod:`charterm.engine.session`) and learn from each finished word since then
what the network and the memory, as it was before that word, had expected (the network from the
context that the session's rule gives the word's beginning). So predictions after any edits equal
those of opening the same text anew.

Of a text by several hands only the end may be the writer's, such as the turn that is being written
in a story (:class:`Own`). What stands before it is read by the network and neither learnt nor
looked at by the gates; what the writer wrote earlier is learnt along with the end.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, count, groupby
from typing import Final

import numpy as np
from numpy.typing import NDArray

from charterm.adaptation.contexts import Context
from charterm.adaptation.document import Document
from charterm.adaptation.gates import Gates, Observation, Shares
from charterm.adaptation.memory import Memory
from charterm.adaptation.mixture import mix, shares_of
from charterm.adaptation.pieces import NEWLINE, context_of
from charterm.adaptation.private import NeverLearn
from charterm.adaptation.word_memory import Expected
from charterm.engine.products import Floats
from charterm.engine.session import Interrupted, Session, ShouldStop, never_stop

_PORTION: Final = 300
"""Characters of a text newly opened or pasted that are learnt with each key: a few milliseconds."""

_STAMPS: Final = count()
"""One for each state of any adapter: a search tree may be adapted by one after the other."""

_KEPT: Final = 400
"""Chunks that are kept, at least what two blocks have, for when words are deleted."""


@dataclass(frozen=True, slots=True)
class MixedReading:
    """The mixture at one state of the text. See :class:`charterm.engine.adapting.Adapted`."""

    memory: Memory
    gates: Gates
    context: Context
    stamp: int

    def words(self, before: str, prefix: str) -> list[Expected]:
        """The words that were written. See :meth:`WordMemory.expected`."""
        return self.memory.words.expected(before, prefix)

    def wrote(self, key: str) -> bool:
        """Whether the word with this key was written."""
        return self.memory.words.has(key)

    def extend(self, context: Context, token: int) -> Context:
        """The context one token further."""
        return self.memory.reader.extend(context, token)

    def adapt(self, probabilities: Floats, contexts: Sequence[Context]) -> None:
        """Mix the memory into the network's distributions, shape (N, V), in place."""
        mix(probabilities, contexts, self.memory, self.gates)


@dataclass(slots=True)
class _Chunk:
    """A finished run of the text and what was known before each of its tokens.

    The network's probabilities are filled in when they are needed.
    """

    start: int
    end: int
    levels: list[Shares]
    network: NDArray[np.float32] | None = None

    def observations(self) -> list[Observation]:
        assert self.network is not None
        network = self.network.tolist()
        return [Observation(p, shares) for p, shares in zip(network, self.levels, strict=True)]


@dataclass(frozen=True, slots=True)
class Own:
    """What of a session's text is the writer's own, and what is learnt before it.

    Attributes:
        start: the first character of the session's text that the writer wrote.
        earlier: whole lines that the writer wrote before, learnt as part of the same document.
    """

    start: int = 0
    earlier: str = ""


class Adapter:
    """Adapts the predictions of a session. Belongs to the session's thread.

    Attributes:
        document: the text, as the memory holds it.
        own: which part of the session's text that is; all of it unless something else was said.
    """

    def __init__(self, memory: Memory, never: NeverLearn, *, learning: bool = True) -> None:
        """Prepare for one text.

        Args:
            memory: of the session's model; other texts may be in it.
            never: what is not learnt.
            learning: whether this text is learnt; where not, the memory is only used.
        """
        self.memory = memory
        self.document = Document(memory, never, learning)
        self.own = Own()
        self._foreign = ""  # what stands before the writer's own, as it was followed last
        self._chunks: list[_Chunk] = []
        self._version = memory.version
        self._folded: tuple[int, int] = (0, 0)  # window, and end of the last chunk in the gates
        self._gates = Gates()
        self._last = (NEWLINE, context_of(NEWLINE, memory))  # a line and the context after it
        self._stamp = next(_STAMPS)
        self._stamped = (-1, self._gates)  # the memory's version and the gates of the last stamp
        self._followed: tuple[str, int, Own, int] | None = None
        self._reading = MixedReading(memory, self._gates, self._last[1], self._stamp)

    def follow(self, session: Session, should_stop: ShouldStop = never_stop) -> MixedReading:
        """Bring memory and gates in step with the session's text and cursor.

        Raises:
            Interrupted: ``should_stop`` said yes; the next call goes on from there.
        """
        followed = session.text, session.cursor, self.own, self.memory.version
        if followed != self._followed or self.document.waiting or self.document.disturbed:
            self._followed = None
            self._reading = self._follow(session, should_stop)
            self._followed = *followed[:3], self.memory.version
        return self._reading

    def _follow(self, session: Session, should_stop: ShouldStop) -> MixedReading:
        document, own = self.document, self.own
        cursor = session.cursor - own.start + len(own.earlier)
        foreign = session.text[: own.start]
        if self._version != self.memory.version or foreign != self._foreign:
            # another text was learnt or forgotten, or the network has read something else before
            document.disturbed = True
            self._foreign = foreign
        document.follow(own.earlier + session.text[own.start :], cursor, self._observe)
        document.catch_up(_PORTION)
        settled = document.gap[0]
        window = _first_run(document.text, self._anchor(session, settled))
        if not document.waiting:
            self._review(min(window, settled), settled)
            self._version = self.memory.version
            self._update_gates(session, window, settled, should_stop)
        context = self._context(document.line_text(cursor))
        if self._stamped != (self.memory.version, self._gates):
            self._stamped = (self.memory.version, self._gates)
            self._stamp = next(_STAMPS)
        return MixedReading(self.memory, self._gates, context, self._stamp)

    def prepare(self, should_stop: ShouldStop = never_stop) -> None:
        """Learn what a paste or a newly opened text left waiting; for when the keyboard is idle.

        Raises:
            Interrupted: ``should_stop`` said yes; the next call goes on from there.
        """
        while self.document.waiting:
            if should_stop():
                raise Interrupted
            self.document.catch_up(_PORTION)

    def _anchor(self, session: Session, position: int) -> int:
        """Where the session's context of a position of the document begins in the document."""
        first = len(self.own.earlier)
        shift = self.own.start - first
        return max(first, session.anchor(max(0, position + shift)) - shift)

    def _context(self, line: str) -> Context:
        """The context after ``line``, from that of the key before where it only grew."""
        before, context = self._last
        added = line[len(before) :]
        if len(added) <= len(before) and line.startswith(before):
            spelt = map(self.memory.alphabet.encode_character, added)  # seldom more than one
            context = self.memory.reader.read(chain.from_iterable(spelt), context)
        else:
            context = context_of(line, self.memory)
        self._last = line, context
        return context

    def _observe(self, start: int, end: int) -> None:
        """Note what the memory expects of a finished run that is about to be learnt."""
        context = context_of(self.document.line_text(start), self.memory)
        levels = []
        for token in self.memory.alphabet.encode(self.document.text[start:end]).tolist():
            levels.append(shares_of(token, context, self.memory))
            context = self.memory.reader.extend(context, token)
        self._chunks.append(_Chunk(start, end, levels))

    def _review(self, window: int, settled: int) -> None:
        """Make the chunks those of the text from ``window`` to ``settled``."""
        chunks = self._chunks
        while chunks and chunks[-1].end > settled:
            chunks.pop()
            self._folded = (-1, 0)
        known = bool(chunks) and chunks[0].start <= window and chunks[-1].end == settled
        if self.document.disturbed or not (known or window == settled):
            chunks.clear()
            self._folded = (-1, 0)
            self.document.retract(window)
            self.document.restore(window, self._observe)
            self.document.disturbed = False
        elif len(chunks) > 2 * _KEPT:
            del chunks[: len(chunks) - _KEPT]

    def _update_gates(
        self, session: Session, window: int, settled: int, should_stop: ShouldStop
    ) -> None:
        """Let the gates learn from the chunks of the window."""
        if self._folded == (window, settled):
            return
        inside = [chunk for chunk in self._chunks if chunk.start >= window]
        unread = [chunk for chunk in inside if chunk.network is None]
        shift = self.own.start - len(self.own.earlier)
        for anchor, group in groupby(unread, key=lambda chunk: session.anchor(chunk.start + shift)):
            read = list(group)
            start, end = read[0].start + shift, read[-1].end + shift
            expected = session.expected(anchor, start, end, should_stop)
            for chunk in read:
                chunk.network, expected = np.split(expected, [len(chunk.levels)])
        if self._folded[0] != window:
            self._gates, fresh = Gates(), inside
        else:
            fresh = [chunk for chunk in inside if chunk.start >= self._folded[1]]
        for chunk in fresh:
            self._gates = self._gates.learn(chunk.observations())
        self._folded = (window, settled)


def _first_run(text: str, position: int) -> int:
    """Where the first run begins that begins at ``position`` or later."""
    while 0 < position < len(text) and not text[position - 1].isspace():
        position += 1
    return position
