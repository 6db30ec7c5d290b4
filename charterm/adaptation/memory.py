"""The personal memory of a model: how often each token followed each context in what was written.

Interpolated character n-grams (the idea of PPM, Cleary and Witten 1984, with the interpolation of
Jelinek and Mercer 1980 in place of escapes) and one level more: the letters of the word begun,
whatever stands before it, in lower case. That level offers a name anywhere after its first letter,
and knows ``the`` from ``The``.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from charterm.adaptation.contexts import (
    EMPTY,
    LEVELS,
    LONGEST_WORD,
    Context,
    Reader,
    token_key,
    word_key,
)
from charterm.adaptation.counts import KINDS, ContextCounts, Followers, kind_of
from charterm.adaptation.word_memory import WordMemory
from charterm.text.alphabet import Alphabet, allowed_mask

Level = tuple[int, Followers]
"""What followed one context of a place: the context's bucket and its followers."""

BUCKETS: Final = LEVELS * KINDS
"""Contexts are trusted by bucket: their level and, by KINDS, how often seen and how varied."""

_UNKNOWN: Final[Level] = (-1, Followers((), (), 0.0, 0, 0, 0))
"""Stands for what was not looked up; ``None`` for what was never seen."""

_LOOKED_UP: Final = 1 << 14
"""Contexts whose followers are kept at hand."""

_NEW: Final = 0.5
"""Share of a token never written, in units of the mean share of those written once or more."""


class Memory:
    """Counts of what was written, in the tokens of one alphabet.

    Attributes:
        version: changes whenever a count does.
        reader: makes the contexts.
        words: the same as whole words; changed by whoever changes the tokens.
    """

    def __init__(self, alphabet: Alphabet) -> None:
        self.alphabet = alphabet
        self.reader = Reader(alphabet)
        self.version = 0
        self.words = WordMemory()
        self._counts = ContextCounts()
        # what was looked up lately, by the last tokens or by what tells the word begun
        self._looked_up: dict[tuple[int, ...] | int, Level | None] = {}
        self._singles = np.zeros(alphabet.size, np.int64)
        self._total = 0
        self._unigrams: tuple[int, NDArray[np.float32]] | None = None

    @property
    def tokens(self) -> int:
        """How many tokens are remembered."""
        return self._total

    def snapshot(self) -> tuple[object, ...]:
        """All that is remembered, in an order that does not depend on how it was learnt."""
        return sorted(self._counts.items()), self._singles.tolist(), self.words.snapshot()

    def change(self, tokens: Sequence[int], by: int, context: Context = EMPTY) -> Context:
        """Count ``tokens``, written after ``context``, ``by`` times more or fewer.

        Returns:
            The context after them.

        Raises:
            ValueError: forgetting what was never learnt.
        """
        change, extend, forget = self._counts.change, self.reader.extend, self._looked_up.pop
        for token in tokens:
            recent = context.recent
            for length in range(1, len(recent) + 1):
                change(token_key(recent[:length]), token, by)
                forget(recent[:length], None)
            if context.letters <= LONGEST_WORD:
                change(word_key(context.word), token, by)
                forget(context.word, None)
            self._singles[token] += by
            context = extend(context, token)
        self._total += by * len(tokens)
        self.version += 1
        self._unigrams = None
        return context

    def levels(self, context: Context) -> list[Level]:
        """What followed the contexts of one place, the most trusted last; level 0 is not listed."""
        found: list[Level] = []
        looked_up, recent = self._looked_up, context.recent
        for length in range(1, len(recent) + 1):
            end = recent[:length]
            level = looked_up.get(end, _UNKNOWN)
            if level is _UNKNOWN:
                level = self._look_up(end, token_key(end), length)
            if level is None:  # then no longer context was seen either
                break
            found.append(level)
        if context.letters <= LONGEST_WORD:
            level = looked_up.get(context.word, _UNKNOWN)
            if level is _UNKNOWN:
                level = self._look_up(context.word, word_key(context.word), LEVELS - 1)
            if level is not None:
                found.append(level)
        return found

    def _look_up(self, context: tuple[int, ...] | int, key: int, level: int) -> Level | None:
        if len(self._looked_up) >= _LOOKED_UP:
            self._looked_up.clear()
        known = self._counts.followers(key)
        found = None if known is None else (level * KINDS + known.kind, known)
        self._looked_up[context] = found
        return found

    def unigrams(self) -> tuple[int, NDArray[np.float32]] | None:
        """Level 0: its bucket and the share of each token, shape (V,); ``None`` while empty.

        Only tokens that may begin a character have a share. Those never seen get a little.
        """
        if self._unigrams is None and self._total:
            counts = np.where(allowed_mask(self.alphabet, b""), self._singles, 0)
            total, distinct = int(counts.sum()), int(np.count_nonzero(counts))
            if not total:
                return None
            shares = counts + _NEW * distinct / self.alphabet.size
            shares[~allowed_mask(self.alphabet, b"")] = 0.0
            self._unigrams = (
                kind_of(total, distinct),
                (shares / shares.sum()).astype(np.float32),
            )
        return self._unigrams
