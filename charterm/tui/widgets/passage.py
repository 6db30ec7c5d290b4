"""A generated text as it is drawn: its characters, how surprising each was, and its lines."""

import math
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from charterm.decoding.generated import Alternatives, Character, Generated
from charterm.text.display import cell_width
from charterm.tui.line_breaks import sign, wrap
from charterm.tui.surprise import SURPRISES

_SURPRISES: Final = SURPRISES[:3]  # what a model writes itself is hardly ever rarer
_NARROWEST: Final = 4


@dataclass(frozen=True, slots=True)
class Mark:
    """A character of the shown texts: which text, which character of it."""

    passage: int
    index: int


class Passage:
    """A text that may still be growing.

    Attributes:
        text: the characters so far.
        logprobs: the log-probability of each under the model, in nats; empty while a search has
            not told them.
        alternatives: the model's most probable characters at the place of each, where known.
        reason: why it ended; empty while it grows.
        logprob: of the whole, in nats.
    """

    def __init__(self) -> None:
        self.text = ""
        self.logprobs: list[float] = []
        self.alternatives: list[Alternatives] = []
        self.reason = ""
        self.logprob = 0.0
        self._lines: list[tuple[int, int]] = [(0, 0)]
        self._room = 0

    def extend(self, characters: Iterable[Character]) -> None:
        """Add characters that were sampled."""
        for character in characters:
            self.text += character.text
            self.logprobs.append(character.logprob)
            self.alternatives.append(character.alternatives)
            self.logprob += character.logprob
        self._fold()

    def replace(self, text: str) -> None:
        """Show the best text of a search so far."""
        self._clear()
        self.text = text
        self._fold()

    def complete(self, generated: Generated) -> None:
        """Show the complete text; what is known about its characters is kept."""
        if self.text != generated.text or len(self.logprobs) != len(self.text):
            self._clear()
            self.extend(generated.characters)
        self.reason, self.logprob = generated.reason, generated.logprob

    def _clear(self) -> None:
        self.text, self.logprob = "", 0.0
        self.logprobs.clear()
        self.alternatives.clear()
        self._lines = [(0, 0)]

    @property
    def bits_per_character(self) -> float | None:
        """Mean surprise of its characters; None where it is unknown."""
        if not self.logprobs:
            return None
        return -sum(self.logprobs) / len(self.logprobs) / math.log(2)

    def bits(self, index: int) -> float | None:
        """How surprising a character was; None where it is unknown."""
        return -self.logprobs[index] / math.log(2) if index < len(self.logprobs) else None

    def level(self, index: int) -> int:
        """0 for an expected character to 3 for a very rare one; 1 where it is unknown."""
        bits = self.bits(index)
        return 1 if bits is None else sum(bits >= limit for limit in _SURPRISES)

    # Lines --------------------------------------------------------------------------------

    def fold(self, room: int) -> int:
        """Break into lines of ``room`` cells; returns their number."""
        if room != self._room:
            self._room = room
            self._lines = [(0, 0)]
            self._fold()
        return len(self._lines)

    def _fold(self) -> None:
        """Go on from the last line that is known."""
        if self._room:
            start, _end = self._lines.pop()
            lines = wrap(self.text[start:], max(self._room, _NARROWEST))
            self._lines += [(start + begin, start + end) for begin, end in lines]

    def line(self, number: int) -> range:
        """The characters of a line, without the line end."""
        start, end = self._lines[number]
        return range(start, end - 1 if end > start and self.text[end - 1] == "\n" else end)

    def line_of(self, index: int) -> int:
        """The line a character stands in."""
        return bisect_right(self._lines, (index, len(self.text) + 1)) - 1

    def sign(self, index: int) -> str:
        """A character as it is drawn."""
        return sign(self.text[index])

    def index_at(self, number: int, cell: int) -> int | None:
        """The character at a cell of a line; None beyond its end."""
        cells = 0
        for index in self.line(number):
            cells += cell_width(self.sign(index))
            if cell < cells:
                return index
        return None
