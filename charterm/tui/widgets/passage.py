"""A generated text as it is drawn: its characters, how surprising each was, and its lines."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from charterm.decoding.generated import Alternatives, Character, Generated
from charterm.text.display import cell_width, visible

SURPRISES: Final = (1.0, 3.3, 5.6)
"""Bits from which a character is drawn as one that was to be expected no more, then as a rare
one, then as a very rare one: probabilities of a half, a tenth and a fiftieth.
"""

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
        self._signs: list[str] = []
        self._widths: list[int] = []
        self._starts: list[int] = [0]
        self._room = 0

    def extend(self, characters: Iterable[Character]) -> None:
        """Add characters that were sampled."""
        for character in characters:
            self._add(character.text)
            self.logprobs.append(character.logprob)
            self.alternatives.append(character.alternatives)
            self.logprob += character.logprob
        self._fold()

    def replace(self, text: str) -> None:
        """Show the best text of a search so far."""
        self._clear()
        for character in text:
            self._add(character)
        self._fold()

    def complete(self, generated: Generated) -> None:
        """Show the complete text; what is known about its characters is kept."""
        if self.text != generated.text or len(self.logprobs) != len(self.text):
            self._clear()
            self.extend(generated.characters)
        self.reason, self.logprob = generated.reason, generated.logprob

    def _clear(self) -> None:
        self.text, self.logprob = "", 0.0
        for kept in (self.logprobs, self.alternatives, self._signs, self._widths):
            kept.clear()
        self._starts = [0]

    def _add(self, character: str) -> None:
        self.text += character
        sign = character if character == "\n" else visible(character)
        self._signs.append(sign)
        self._widths.append(0 if sign == "\n" else cell_width(sign))

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
        return 1 if bits is None else sum(bits >= limit for limit in SURPRISES)

    # Lines --------------------------------------------------------------------------------

    def fold(self, room: int) -> int:
        """Break into lines of ``room`` cells; returns their number."""
        if room != self._room:
            self._room = room
            self._starts = [0]
            self._fold()
        return len(self._starts)

    def _fold(self) -> None:
        """Go on from the last line that is known."""
        if not self._room:
            return
        room, signs, widths = max(self._room, _NARROWEST), self._signs, self._widths
        position = start = self._starts[-1]
        cells, cut = 0, start
        while position < len(signs):
            sign, width = signs[position], widths[position]
            if sign == "\n":
                position += 1
                start = cut = position
                cells = 0
                self._starts.append(start)
            elif cells + width > room and sign != " " and position > start:
                position = start = cut if cut > start else position
                cut, cells = start, 0
                self._starts.append(start)
            else:
                cells += width
                position += 1
                if sign == " " or width > 1:
                    cut = position

    def line(self, number: int) -> range:
        """The characters of a line, without the line end."""
        start = self._starts[number]
        if number + 1 == len(self._starts):
            return range(start, len(self._signs))
        end = self._starts[number + 1]
        return range(start, end - 1 if self._signs[end - 1] == "\n" else end)

    def line_of(self, index: int) -> int:
        """The line a character stands in."""
        return max(n for n, start in enumerate(self._starts) if start <= index)

    def sign(self, index: int) -> str:
        """A character as it is drawn."""
        return self._signs[index]

    def index_at(self, number: int, cell: int) -> int | None:
        """The character at a cell of a line; None beyond its end."""
        cells = 0
        for index in self.line(number):
            cells += self._widths[index]
            if cell < cells:
                return index
        return None
