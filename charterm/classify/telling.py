"""What a text was judged by: its words, and what each says for each class."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

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
    starts = [match.start() for match in matches]
    ends = [*starts[1:], len(text)][: len(starts)]
    if starts:
        starts[0] = 0  # spaces before the first word
    return [
        TellingWord(start, end, match.group(), heat[start:end].sum(0))
        for match, start, end in zip(matches, starts, ends, strict=True)
    ]


def most_telling(text: str, heat: Doubles, most: int) -> list[TellingWord]:
    """The words that say most, each once: what it says at all its places together.

    Args:
        text: C characters.
        heat: (C, K).
        most: how many words at most.
    """
    found: dict[str, TellingWord] = {}
    for word in words_of(text, heat):
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
