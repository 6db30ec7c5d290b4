"""Which tokens followed which contexts, how often: a compact table that can also forget.

A context is known by a 64-bit key. The table is open addressing over plain arrays (Knuth, The Art
of Computer Programming, volume 3, section 6.4) with a linked list of followers for each context:
about 150 bytes for each remembered character at seven contexts a character, a third of what
dictionaries take. With a million contexts two keys collide with a probability of 3e-8.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

MOST: Final = 6
"""Followers of a context that are told apart; the rest is left to shorter contexts."""

_FILL: Final = 0.66
_SMALLEST: Final = 1 << 10


_TOTALS: Final = (1, 2, 4, 9, 30, 100)  # upper ends of the classes of how often
_VARIETIES: Final = 4
KINDS: Final = (len(_TOTALS) + 1) * _VARIETIES


def kind_of(total: int, distinct: int) -> int:
    """The class of a context seen ``total`` times with ``distinct`` followers."""
    variety = distinct - 1 if distinct <= 2 else 2 if 3 * distinct <= total else 3
    return bisect_left(_TOTALS, total) * _VARIETIES + variety


class Followers(NamedTuple):
    """What followed a context.

    Attributes:
        tokens: the MOST frequent ones.
        shares: of how many of the occurrences each was the follower.
        mass: the sum of the shares, one where there are no other followers.
        total: occurrences of the context.
        distinct: different followers.
        kind: class of contexts as often seen and as varied, 0 to KINDS - 1.
    """

    tokens: tuple[int, ...]
    shares: tuple[float, ...]
    mass: float
    total: int
    distinct: int
    kind: int


class ContextCounts:
    """Counts of (context, follower) pairs. Adding and removing the same pair leaves no trace."""

    def __init__(self) -> None:
        self._resize(_SMALLEST)
        self._token = array("i")
        self._count = array("i")
        self._next = array("i")
        self._free = -1

    def __len__(self) -> int:
        """How many different (context, follower) pairs are counted."""
        return sum(1 for _ in self.items())

    def items(self) -> Iterator[tuple[int, int, int]]:
        """Every (key, token, count), in no particular order."""
        for slot, key in enumerate(self._key):
            entry = self._head[slot] if key else -1
            while entry >= 0:
                yield key, self._token[entry], self._count[entry]
                entry = self._next[entry]

    def change(self, key: int, token: int, by: int) -> None:
        """Count the pair ``by`` times more (or fewer, where negative).

        Raises:
            ValueError: the count would fall below zero; nothing was changed.
        """
        slot = self._slot(key)
        heads, counts, following = self._head, self._count, self._next
        before, entry = -1, heads[slot]
        while entry >= 0 and self._token[entry] != token:
            before, entry = entry, following[entry]
        if entry < 0:
            if by < 0:
                raise ValueError("a pair that was never counted cannot be forgotten")
            if by:
                self._enter(slot, key, token, by)
            return
        left = counts[entry] + by
        if left < 0:
            raise ValueError("a pair cannot be forgotten more often than it was counted")
        counts[entry] = left
        if left == 0:
            if before < 0:
                heads[slot] = following[entry]
            else:
                following[before] = following[entry]
            following[entry], self._free = self._free, entry

    def followers(self, key: int) -> Followers | None:
        """What followed the context, ``None`` if it was never seen."""
        entry = self._head[self._slot(key)]
        if entry < 0:
            return None
        tokens, counts, following = self._token, self._count, self._next
        if following[entry] < 0:  # most contexts
            total = counts[entry]
            return Followers((tokens[entry],), (1.0,), 1.0, total, 1, kind_of(total, 1))
        pairs, total = [], 0
        while entry >= 0:
            count = counts[entry]
            total += count
            pairs.append((-count, tokens[entry]))
            entry = following[entry]
        pairs.sort()  # the most frequent first; so that nothing depends on the order of learning
        told = tuple([token for _, token in pairs[:MOST]])
        shares = tuple([-count / total for count, _ in pairs[:MOST]])
        mass = sum(shares) if len(pairs) > MOST else 1.0
        return Followers(told, shares, mass, total, len(pairs), kind_of(total, len(pairs)))

    def _enter(self, slot: int, key: int, token: int, count: int) -> None:
        if self._key[slot] != key:
            if self._used >= _FILL * len(self._key):
                self._grow()
                slot = self._slot(key)
            self._key[slot] = key
            self._used += 1
        if self._free >= 0:
            entry, self._free = self._free, self._next[self._free]
            self._token[entry], self._count[entry] = token, count
            self._next[entry] = self._head[slot]
        else:
            entry = len(self._token)
            self._token.append(token)
            self._count.append(count)
            self._next.append(self._head[slot])
        self._head[slot] = entry

    def _slot(self, key: int) -> int:
        """The slot of ``key``, or the free one where it would be entered."""
        keys = self._key
        slot = key >> self._shift
        while (found := keys[slot]) != key and found:
            slot = (slot + 1) & self._mask
        return slot

    def _resize(self, size: int) -> None:
        self._key = array("Q", bytes(8 * size))
        self._head = array("i", [-1]) * size
        self._mask = size - 1
        self._shift = 64 - (size.bit_length() - 1)
        self._used = 0

    def _grow(self) -> None:
        """Move what still has followers to a table with room for twice as much."""
        keys = np.frombuffer(self._key, np.uint64)
        heads = np.frombuffer(self._head, np.int32)
        alive = np.flatnonzero((keys != 0) & (heads >= 0))
        pairs = list(zip(keys[alive].tolist(), heads[alive].tolist(), strict=True))
        size = len(self._key)
        del keys, heads  # a buffer that is looked at cannot be replaced
        self._resize(2 * size if 4 * len(pairs) > size else size)
        for key, head in pairs:
            slot = self._slot(key)
            self._key[slot], self._head[slot] = key, head
        self._used = len(pairs)
