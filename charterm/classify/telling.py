"""What a text was judged by: its words, and what each says for each class."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from charterm.classify.pooling import Doubles

_WORD: Final = re.compile(r"\w+(?:['’]\w+)*|[^\w\s]+")
_ORDER: Final = "123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, eq=False)  # arrays have no equality that is true or false
class TellingWord:
    """A word of a text.

    Attributes:
        start, end: its characters; what follows up to the next word counts with it.
        text: the word alone.
        heat: (K,) nats it adds to each class, against the mean of the classes.
    """

    start: int
    end: int
    text: str
    heat: Doubles

    @property
    def speaks_for(self) -> int:
        """The class it says most for."""
        return int(self.heat.argmax())

    @property
    def nats(self) -> float:
        """What it adds to that class."""
        return float(self.heat.max())


def words_of(text: str, heat: Doubles) -> list[TellingWord]:
    """The words of a text in their order.

    Args:
        text: C characters.
        heat: (C, K) as a :class:`~charterm.classify.judge.Judgement` has it.
    """
    matches = list(_WORD.finditer(text))
    if not matches:
        return []
    starts = [0, *(match.start() for match in matches[1:])]  # spaces before the first are its own
    ends = [*starts[1:], len(text)]
    sums = np.add.reduceat(heat, starts, axis=0)
    return [
        TellingWord(start, end, match.group(), said)
        for start, end, match, said in zip(starts, ends, matches, sums, strict=True)
    ]


def most_telling(words: Sequence[TellingWord], most: int) -> list[TellingWord]:
    """The words that say most, each once: what it says at all its places together.

    Args:
        words: of a text, in their order.
        most: how many words at most.
    """
    found: dict[str, TellingWord] = {}
    for word in words:
        key = word.text.casefold()
        if key in found:
            first = found[key]
            word = TellingWord(first.start, first.end, first.text, first.heat + word.heat)
        found[key] = word
    return sorted(found.values(), key=lambda word: -word.nats)[:most]


def signs_of(classes: Sequence[str]) -> tuple[str, ...]:
    """A sign of one cell for each class: the first letter or digit of its name that is free.

    Names of other scripts, and those without a free letter, get digits and letters in order.
    """
    signs: list[str] = []
    for name in classes:
        own = (character for character in name if character.isascii() and character.isalnum())
        free = (sign for sign in (*own, *_ORDER) if sign not in signs)
        signs.append(next(free, "?"))
    return tuple(signs)
