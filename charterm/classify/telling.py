"""What a text was judged by: its words, and what each says for each class."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, overload

import numpy as np

from charterm.classify.pooling import Doubles

_LEAST: Final = 0.005
"""Nats that are more than nothing: less would be shown as 0.00."""

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

    @property
    def tells(self) -> bool:
        """Whether that is anything to speak of: a word that is unknown adds nothing."""
        return self.nats >= _LEAST


class TextWords(Sequence[TellingWord]):
    """The words of a text in their order, made when they are asked for: there may be many."""

    def __init__(self, text: str, heat: Doubles) -> None:
        """Find the words.

        Args:
            text: C characters.
            heat: (C, K) as a :class:`~charterm.classify.judge.Judgement` has it.
        """
        self._text = text
        self._spans = [match.span() for match in _WORD.finditer(text)]
        # what follows a word is its own, and spaces before the first
        self._starts = [0, *(start for start, _ in self._spans[1:])] if self._spans else []
        self._heat = (
            np.add.reduceat(heat, self._starts, axis=0) if self._starts else heat[:0]
        )  # (W, K)

    def __len__(self) -> int:
        return len(self._spans)

    @overload
    def __getitem__(self, index: int) -> TellingWord: ...
    @overload
    def __getitem__(self, index: slice) -> list[TellingWord]: ...
    def __getitem__(self, index: int | slice) -> TellingWord | list[TellingWord]:
        if isinstance(index, slice):
            return [self._word(place) for place in range(*index.indices(len(self)))]
        return self._word(range(len(self))[index])

    def at(self, place: int) -> TellingWord | None:
        """The word that the character at ``place`` belongs to."""
        index = bisect_right(self._starts, place) - 1
        if index < 0 or not 0 <= place < len(self._text):
            return None
        return self._word(index)

    def most_telling(self, most: int) -> list[TellingWord]:
        """The ``most`` words that say most, each once: what it says at all its places together.

        Those that say nothing are left out.
        """
        if not self._spans:
            return []
        first: dict[str, int] = {}
        firsts: list[int] = []
        kinds: list[int] = []
        for index, (start, end) in enumerate(self._spans):
            key = self._text[start:end].casefold()
            kind = first.setdefault(key, len(firsts))
            if kind == len(firsts):
                firsts.append(index)
            kinds.append(kind)
        sums = np.stack(
            [np.bincount(kinds, said, len(firsts)) for said in self._heat.T], axis=1
        )  # (different words, K)
        order = np.argsort(-sums.max(1), kind="stable")[:most]
        found = (replace(self._word(firsts[kind]), heat=sums[kind]) for kind in order)
        return [word for word in found if word.tells]

    def _word(self, index: int) -> TellingWord:
        begin, end = self._spans[index]
        following = self._starts[index + 1] if index + 1 < len(self) else len(self._text)
        return TellingWord(self._starts[index], following, self._text[begin:end], self._heat[index])


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
