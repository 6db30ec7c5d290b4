"""A text that is being edited, and the model's state at any place of it.

The context rule. With blocks of B characters, the state at position p is that of reading the start
state's newline and then ``text[anchor(p):p]``, where ``anchor(p) = max(0, (p // B - K) * B)``. The
model so sees between KB and (K + 1)B - 1 characters (or all there are). The rule knows nothing of
how the text came about, so that after any edits the predictions equal those of a cold run, and the
work after any edit is bounded by (K + 1)B - 1 steps however long the text is. With B = 64 and K = 3
these are 255; one block of 192 before the cursor's needs up to 383, for as long a context at least
(measured: the English starter on a novel 1.788 bits a character with either and with a context of
512 and more, the Korean one on reviews 3.815 and 3.805).

Memory. The text takes 1 to 4 bytes a character (1000 to 4000 bytes per 1000 characters). States
are kept only for the last few *chains*, runs of at most (K + 1)B characters from one anchor on:
S * H * 4 / interval * 1000 bytes per 1000 characters of a chain, and RECENT states of each chain's
last used positions. Chains are at most CHAINS, whatever the length of the text: with an LSTM of 512
units and an interval of 16, 0.33 MB each, 2.0 MB in all.
"""

from collections import OrderedDict
from collections.abc import Callable
from typing import Final

import numpy as np

from charterm.engine.adapting import Adaptation
from charterm.engine.backend import Logits, State, Tokens
from charterm.engine.language_model import LanguageModel, token_probabilities
from charterm.engine.products import Floats
from charterm.text.difference import common_beginning

BLOCK: Final = 64
BLOCKS: Final = 3
"""K of the context rule."""

INTERVAL: Final = 16
CHAINS: Final = 6
RECENT: Final = 64
PIECE: Final = 32
"""Characters read between two questions whether to stop: 3 ms with 768 units."""

ShouldStop = Callable[[], bool]


def anchor_of(position: int, block: int = BLOCK) -> int:
    """Where the context of ``position`` begins, by the rule."""
    return max(0, (position // block - BLOCKS) * block)


class Interrupted(Exception):  # noqa: N818 (not an error: the request was overtaken)
    """``should_stop`` said yes. What was computed is kept; asking again goes on from there."""


def never_stop() -> bool:
    """The ``should_stop`` of a request that nothing overtakes."""
    return False


class _Chain:
    """The states of one run of text from an anchor on.

    Attributes:
        kept: the states at anchor, anchor + interval, anchor + 2 * interval and so on.
        recent: the states at the positions last asked for, the latest at the end.
        expected: the network's probability of the character at a position, where it was asked for
            and the character is one token.
    """

    __slots__ = ("expected", "kept", "recent")

    def __init__(
        self, kept: list[State], recent: OrderedDict[int, State], expected: dict[int, float]
    ) -> None:
        self.kept = kept
        self.recent = recent
        self.expected = expected

    def copy(self) -> "_Chain":
        return _Chain(self.kept.copy(), self.recent.copy(), self.expected.copy())


class Session:
    """A text with a cursor, and the model's state at any position of it.

    Positions count code points. A session belongs to one thread at a time; :meth:`fork` gives
    another thread its own. States are values and are shared between forks.

    Attributes:
        model: reads the text.
        block: B of the context rule, characters.
        interval: characters between kept states.
        adaptation: changes the predictions by what was written; none at first.
    """

    def __init__(
        self,
        model: LanguageModel,
        text: str = "",
        *,
        cursor: int | None = None,
        block: int = BLOCK,
        interval: int = INTERVAL,
    ) -> None:
        """Open ``text`` with the cursor at ``cursor``, by default at its end.

        Raises:
            ValueError: a block or interval below 1, or a cursor outside of the text.
        """
        if block < 1 or interval < 1:
            raise ValueError("block and interval are at least one character")
        self.model = model
        self.block = block
        self.interval = interval
        self.adaptation: Adaptation | None = None
        self._text = text
        self._cursor = len(text)
        self._chains: OrderedDict[int, _Chain] = OrderedDict()  # by anchor, last used at the end
        if cursor is not None:
            self.move(cursor)

    @property
    def text(self) -> str:
        """The whole text."""
        return self._text

    @property
    def cursor(self) -> int:
        """Where the next character would be typed, 0 to the number of characters."""
        return self._cursor

    def anchor(self, position: int) -> int:
        """Where the context of ``position`` begins."""
        return anchor_of(position, self.block)

    @property
    def context(self) -> tuple[int, str]:
        """The anchor of the cursor and the text from there to the cursor: all the model sees."""
        anchor = self.anchor(self._cursor)
        return anchor, self._text[anchor : self._cursor]

    def insert(self, text: str) -> None:
        """Type or paste ``text`` at the cursor."""
        self.replace(self._cursor, self._cursor, text)

    def backspace(self, count: int = 1) -> None:
        """Delete up to ``count`` characters before the cursor."""
        self.replace(max(0, self._cursor - count), self._cursor, "")

    def delete(self, count: int = 1) -> None:
        """Delete up to ``count`` characters after the cursor."""
        self.replace(self._cursor, min(len(self._text), self._cursor + count), "")

    def replace(self, start: int, end: int, text: str) -> None:
        """Put ``text`` in the place of the characters from ``start`` to ``end``.

        The cursor goes to the end of the new text.

        Raises:
            ValueError: not 0 <= start <= end <= number of characters.
        """
        if not 0 <= start <= end <= len(self._text):
            raise ValueError(f"cannot replace {start}:{end} in a text of {len(self._text)}")
        self._text = "".join((self._text[:start], text, self._text[end:]))
        self._cursor = start + len(text)
        self._forget_after(start)

    def move(self, cursor: int) -> None:
        """Place the cursor.

        Raises:
            ValueError: not 0 <= cursor <= number of characters.
        """
        if not 0 <= cursor <= len(self._text):
            raise ValueError(f"cursor {cursor} is outside of a text of {len(self._text)}")
        self._cursor = cursor

    def set_text(self, text: str, cursor: int | None = None) -> None:
        """Make the text ``text`` however it differs, keeping the states before the first change.

        For an interface that has its own copy of the text: two texts of a million characters are
        compared in about a tenth of a millisecond.

        Raises:
            ValueError: ``cursor`` (by default the end) is outside of the text.
        """
        same = common_beginning(self._text, text)
        if same < max(len(text), len(self._text)):
            self._text = text
            self._forget_after(same)
        self.move(len(text) if cursor is None else cursor)

    def state(self, should_stop: ShouldStop = never_stop) -> State:
        """The state at the cursor, shape (S, 1, H).

        Raises:
            Interrupted: ``should_stop`` said yes before the state was reached.
        """
        return self._state(self.anchor(self._cursor), self._cursor, should_stop)

    def keep_state(self, state: State, expected: float | None = None) -> None:
        """Keep what a search has computed at the cursor.

        Args:
            state: shape (S, 1, H).
            expected: the network's probability of the character before the cursor, where known.
        """
        chain = self._chain(self.anchor(self._cursor))
        self._remember(chain, self._cursor, state)
        if expected is not None:
            chain.expected[self._cursor - 1] = expected

    def prepare(self, should_stop: ShouldStop = never_stop) -> None:
        """Read ahead what typing on will need when the anchor moves to the next block.

        Without it the key that crosses a block's end waits for KB steps; with it, called when the
        keyboard is idle, for one.

        Raises:
            Interrupted: ``should_stop`` said yes; the next call goes on from there.
        """
        upcoming = self.anchor(self._cursor + self.block)
        if upcoming != self.anchor(self._cursor):
            self._state(upcoming, self._cursor, should_stop)

    def expected(
        self, anchor: int, start: int, end: int, should_stop: ShouldStop = never_stop
    ) -> Floats:
        """The network's probability of each token of ``text[start:end]``, shape (T,).

        Args:
            anchor: where the context of all of them begins.
            start: first position.
            end: last position + 1.
            should_stop: asked from time to time.

        Raises:
            Interrupted: ``should_stop`` said yes.
        """
        chain = self._chain(anchor)
        known = chain.expected
        unknown = next((place for place in range(start, end) if place not in known), end)
        found = np.array([known[place] for place in range(start, unknown)], np.float32)
        if unknown == end:
            return found
        tokens = self.model.alphabet.encode(self._text[unknown:end])
        single = len(tokens) == end - unknown  # each character is one token
        states = [chain.recent[p] for p in range(unknown, end) if p in chain.recent]
        if single and len(states) == len(tokens):
            logits = self.model.backend.logits(np.concatenate(states, axis=1))
        else:
            logits = self._read(anchor, unknown, tokens, should_stop)
        computed = token_probabilities(self.model.alphabet, logits, tokens)
        if single:
            known.update(zip(range(unknown, end), computed.tolist(), strict=True))
        return np.concatenate([found, computed])

    def _read(self, anchor: int, start: int, tokens: Tokens, should_stop: ShouldStop) -> Logits:
        """The logits before each of the ``tokens`` (T,) that the text from ``start`` on is."""
        backend, last = self.model.backend, len(tokens) - 1
        state = self._state(anchor, start, should_stop)
        logits = [backend.logits(state)]
        for low in range(0, last, PIECE):
            if should_stop():
                raise Interrupted
            read, state = backend.read(state, tokens[low : min(low + PIECE, last)])
            logits.append(read)
        return np.concatenate(logits)

    def fork(self) -> "Session":
        """An independent session with the same text, cursor and states, without adaptation."""
        twin = Session(self.model, self._text, block=self.block, interval=self.interval)
        twin._cursor = self._cursor
        twin._chains = OrderedDict((a, chain.copy()) for a, chain in self._chains.items())
        return twin

    def _forget_after(self, position: int) -> None:
        """Drop the states that have read beyond ``position``."""
        for anchor in [a for a in self._chains if a > position]:
            del self._chains[anchor]
        for anchor, chain in self._chains.items():
            del chain.kept[(position - anchor) // self.interval + 1 :]
            for later in [p for p in chain.recent if p > position]:
                del chain.recent[later]
            for changed in [p for p in chain.expected if p >= position]:
                del chain.expected[changed]

    def _chain(self, anchor: int) -> _Chain:
        chain = self._chains.get(anchor)
        if chain is None:
            chain = self._chains[anchor] = _Chain([self.model.start], OrderedDict(), {})
            if len(self._chains) > CHAINS:
                self._chains.popitem(last=False)
        self._chains.move_to_end(anchor)
        return chain

    def _state(self, anchor: int, position: int, should_stop: ShouldStop) -> State:
        chain = self._chain(anchor)
        state = chain.recent.get(position)
        if state is not None:
            chain.recent.move_to_end(position)
            return state
        index = min((position - anchor) // self.interval, len(chain.kept) - 1)
        at, state = anchor + index * self.interval, chain.kept[index]
        for recent in chain.recent:
            if at < recent < position:
                at, state = recent, chain.recent[recent]
        while at < position:
            if should_stop():
                self._remember(chain, at, state)
                raise Interrupted
            boundary = anchor + len(chain.kept) * self.interval
            if boundary <= at:  # re-reading inside the kept part
                boundary = position
            end = min(position, boundary, at + PIECE)
            state = self.model.advance(state, self._text[at:end])
            at = end
            if at == boundary and (at - anchor) == len(chain.kept) * self.interval:
                chain.kept.append(state)
        self._remember(chain, position, state)
        return state

    def _remember(self, chain: _Chain, position: int, state: State) -> None:
        chain.recent[position] = state
        chain.recent.move_to_end(position)
        if len(chain.recent) > RECENT:
            chain.recent.popitem(last=False)
