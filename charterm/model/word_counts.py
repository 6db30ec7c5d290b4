"""The words of a model's training text: which there are, and which follow which.

An interpolated Kneser-Ney model of up to three words (Chen and Goodman 1999, section 3.3, with one
discount for each order), kept beside the network in the model's folder. A network of a few million
weights knows how words are spelt and how sentences go, but not every pair of words that it has
read; this table does, and is asked in microseconds. A text of ten million characters takes six
megabytes, or two where what was seen once is left out; its share goes to the shorter context. They
are stored as they are: to unpack them would take longer than all else that a model needs to load.

Words are compared without regard to case. The end of a sentence counts as a word: the empty one.

Where some texts count more than others, the table also knows how much commoner each word is in
them than in all: the *register* of a word. Novels and everyday sentences differ most in that.
"""

import io
import zipfile
import zlib
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from charterm import storage
from charterm.errors import ChartermError
from charterm.model import WORDS_FILE
from charterm.model.word_finding import WORD, word_key

_FORMAT_VERSION: Final = 3
"""Since 2 there is the register; since 3 numbers of followers in place of where they start."""

STEPS: Final = 14
LEVELS: Final = np.exp2(-np.arange(256) / STEPS).astype(np.float32)
"""Shares are rounded down to one of these, five percent apart."""

REGISTER_STEPS: Final = 40
"""Registers are stored as this many steps for each factor of e, up to e**3."""

_KEPT_NUMBERS: Final = 8192
_KEPT_CONTEXTS: Final = 4

_DOUBT: Final = 8.0
"""Words without a register that a text is taken to have besides its own."""

Integers = NDArray[np.int64]


@dataclass(frozen=True)
class WordCounts:
    """The table. Numbers of words are places in ``words``.

    Attributes:
        words: spellings, sorted by :func:`word_key`; the first is END. (V,)
        share: Kneser-Ney share of each word, whatever stands before it, float32 (V,).
        pair_starts: where the followers of each word begin, (V + 1,).
        pair_words: the followers, in order, (P,).
        pair_share: their discounted shares, places in LEVELS, (P,).
        triple_starts: where the followers of each pair of words begin, (P + 1,).
        triple_words: the followers, in order, (T,).
        triple_share: their discounted shares, places in LEVELS, (T,).
        register: how much commoner each word is in the texts that count more, steps of a natural
            logarithm, int8 (V,); zero where all texts count the same.
    """

    words: tuple[str, ...]
    share: NDArray[np.float32]
    pair_starts: NDArray[np.uint32]
    pair_words: NDArray[np.uint16]
    pair_share: NDArray[np.uint8]
    triple_starts: NDArray[np.uint32]
    triple_words: NDArray[np.uint16]
    triple_share: NDArray[np.uint8]
    register: NDArray[np.int8]

    @cached_property
    def keys(self) -> list[str]:
        """The words as they are compared, in order."""
        return word_key(_BETWEEN.join(self.words)).split(_BETWEEN)  # all at once: five times faster

    @cached_property
    def number(self) -> Callable[[str], int]:
        """Gives the place of the word that is compared by a key; -1 where the table lacks it.

        The words of a text are asked for again with each of its keys: the last ones are kept.
        """
        return lru_cache(_KEPT_NUMBERS)(self._find)

    def _find(self, key: str) -> int:
        place = bisect_left(self.keys, key)
        return place if place < len(self.keys) and self.keys[place] == key else -1

    @cached_property
    def after(self) -> Callable[[tuple[str, str]], "NextWords"]:
        """Gives what may come after two words.

        Each key of a word asks for the same: the last are kept.
        """
        return lru_cache(_KEPT_CONTEXTS)(self._after)

    def _after(self, before: tuple[str, str]) -> "NextWords":
        second = self.number(before[1])
        if second < 0:
            return NextWords(self, 1.0, np.empty(0, np.int64), np.empty(0, np.float32))
        low, high = self.pair_starts[second : second + 2].tolist()
        words, more = _followers(self.pair_words, self.pair_share, low, high)
        factor = _left(more)
        first = self.number(before[0])
        if first >= 0:
            begin, stop = self.pair_starts[first : first + 2].tolist()
            place = begin + int(np.searchsorted(self.pair_words[begin:stop], second))
            if place < stop and self.pair_words[place] == second:
                low, high = self.triple_starts[place : place + 2].tolist()
                third, gained = _followers(self.triple_words, self.triple_share, low, high)
                left = _left(gained)
                factor *= left
                words, more = _joined(words, more * np.float32(left), third, gained)
        return NextWords(self, factor, words, more)

    @cached_property
    def commonest(self) -> Callable[[int], Integers]:
        """Gives the places of so many words that are likeliest, whatever stands before; no END."""
        return lru_cache(_KEPT_CONTEXTS)(self._commonest)

    def _commonest(self, count: int) -> Integers:
        number = min(count, len(self.share) - 1)
        if number <= 0:
            return np.empty(0, np.int64)
        return np.argpartition(-self.share[1:], number - 1)[:number] + 1

    @cached_property
    def known(self) -> float:
        """Share of all words of the table together."""
        return float(self.share.sum(dtype=np.float64))

    @cached_property
    def unknown(self) -> float:
        """Share of the words that were too rare to be kept."""
        return max(0.0, 1.0 - self.known)

    @cached_property
    def has_register(self) -> bool:
        """Whether some texts counted more than others."""
        return bool(self.register.any())

    def registers_of(self, words: Integers) -> NDArray[np.float64]:
        """Natural logarithms of how much commoner words are in the texts that count more.

        Args:
            words: (W,) places; what is not in the table (-1) has the last one's.
        """
        return self.register[words] / REGISTER_STEPS

    @cached_property
    def register_at(self) -> Callable[[str], float]:
        """Gives the mean register of the words of a text; near zero where there are few.

        Each key of a word asks for that of the same text: the last are kept.
        """
        return lru_cache(_KEPT_CONTEXTS)(self._register_at)

    def _register_at(self, text: str) -> float:
        known = map(self.number, WORD.findall(word_key(text)))
        places = np.array([word for word in known if word >= 0], np.int64)
        return float(self.registers_of(places).sum()) / (len(places) + _DOUBT)

    def save(self, folder: Path) -> None:
        """Write the table into a model's folder, in one step.

        Raises:
            ChartermError: the disk refused.
        """
        content = io.BytesIO()
        arrays = {name: getattr(self, name) for name in _ARRAYS}
        followers = {name: np.diff(arrays.pop(name)).astype(np.uint16) for name in _STARTS}
        np.savez(
            content,
            version=np.array(_FORMAT_VERSION),
            words=np.frombuffer(_BETWEEN.join(self.words).encode(), np.uint8),
            **arrays,
            **followers,
        )
        storage.write_bytes(folder / WORDS_FILE, content.getvalue())

    @classmethod
    def load(cls, folder: Path) -> Self | None:
        """The table in a model's folder; ``None`` if there is none.

        Raises:
            ChartermError: it is damaged, or a newer program wrote it.
        """
        path = folder / WORDS_FILE
        if not path.is_file():
            return None
        try:
            with np.load(path, allow_pickle=False) as file:
                version = int(file["version"])
                if version > _FORMAT_VERSION:
                    raise ChartermError("a newer charterm wrote {path}: update charterm", path=path)
                words = tuple(file["words"].tobytes().decode().split(_BETWEEN))
                arrays = {name: file[name] for name in _ARRAYS if version > 1 or name != _NEWER}
                arrays.setdefault(_NEWER, np.zeros(len(words), np.int8))
                if version > 2:
                    arrays |= {name: _summed(arrays[name]) for name in _STARTS}
                table = cls(words, **arrays)
            table._check()
        except (OSError, EOFError, ValueError, KeyError, zlib.error, zipfile.BadZipFile) as error:
            raise ChartermError(
                "{path} is damaged ({error}); delete it or copy the model here again",
                path=path,
                error=error,
            ) from error
        return table

    def _check(self) -> None:
        """Raises ValueError where the arrays do not fit together."""
        sizes = len(self.words), len(self.pair_words), len(self.triple_words)
        fits = (
            len(self.share) == len(self.register) == sizes[0]
            and len(self.pair_starts) == sizes[0] + 1
            and len(self.pair_share) == sizes[1]
            and len(self.triple_starts) == sizes[1] + 1
            and len(self.triple_share) == sizes[2]
        )
        if not fits or self.pair_starts[-1] != sizes[1] or self.triple_starts[-1] != sizes[2]:
            raise ValueError("its parts do not fit together")
        for numbers in (self.pair_words, self.triple_words):
            if len(numbers) and int(numbers.max()) >= sizes[0]:
                raise ValueError("it names words that it does not have")


_ARRAYS: Final = (
    "share", "pair_starts", "pair_words", "pair_share",
    "triple_starts", "triple_words", "triple_share", "register",
)  # fmt: skip
_NEWER: Final = "register"
"""What files of version 1 do not have."""
_STARTS: Final = ("pair_starts", "triple_starts")
_BETWEEN: Final = "\n"
"""Stands between two words in a file; no word has it."""


def _summed(followers: NDArray[np.uint16]) -> NDArray[np.uint32]:
    """Where each one's followers begin, and where the last ones end, (N + 1,)."""
    starts = np.zeros(len(followers) + 1, np.uint32)
    np.cumsum(followers, dtype=np.uint32, out=starts[1:])
    return starts


@dataclass(frozen=True, slots=True)
class NextWords:
    """What may come after two words: a part of each word's own share, and more for a few.

    To write that down for all words of a large table would take longer than all that is asked of
    it.

    Attributes:
        counts: the table.
        factor: the part of each word's share.
        words: places of those that get more, in order, (F,).
        more: how much, (F,).
    """

    counts: WordCounts
    factor: float
    words: Integers
    more: NDArray[np.float32]

    @property
    def whole(self) -> float:
        """The probability of all words together: 1 but for rounding and what was cut."""
        return self.factor * self.counts.known + float(self.more.sum(dtype=np.float64))

    def part(self, low: int, high: int) -> NDArray[np.float32]:
        """The probabilities of the words from ``low`` to ``high``, (high - low,)."""
        found: NDArray[np.float32] = self.counts.share[low:high] * np.float32(self.factor)
        begin, end = np.searchsorted(self.words, (low, high)).tolist()
        found[self.words[begin:end] - low] += self.more[begin:end]
        return found

    def of(self, words: Integers) -> NDArray[np.float32]:
        """The probabilities of W words, (W,)."""
        found: NDArray[np.float32] = self.counts.share[words] * np.float32(self.factor)
        if len(self.words):
            places, there = _places(self.words, words)
            found += np.where(there, self.more[places], np.float32(0.0))
        return found

    def best(self, count: int) -> Integers:
        """The places of the likeliest words, without END, in no order.

        No other word is as likely as the ``count`` commonest are here at least.
        """
        words, more = self.words, self.more
        if len(words) and words[0] == 0:
            words, more = words[1:], more[1:]
        fresh = self.counts.commonest(count)
        if len(words):
            fresh = fresh[~_places(words, fresh)[1]]
        likely = np.concatenate([words, fresh])
        shares = self.counts.share[likely] * np.float32(self.factor)
        shares[: len(words)] += more
        number = min(count, len(likely))
        return likely[np.argpartition(-shares, number - 1)[:number]] if number else likely


def _followers(
    words: NDArray[np.uint16], shares: NDArray[np.uint8], low: int, high: int
) -> tuple[Integers, NDArray[np.float32]]:
    return words[low:high].astype(np.int64), LEVELS[shares[low:high]]


def _places(words: Integers, wanted: Integers) -> tuple[Integers, NDArray[np.bool_]]:
    """Where ``wanted`` stand among some words that are in order, and which of them do."""
    places = np.searchsorted(words, wanted)
    np.minimum(places, len(words) - 1, out=places)
    return places, words[places] == wanted


def _left(shares: NDArray[np.float32]) -> float:
    """The probability that followers leave to others."""
    return max(0.0, 1.0 - float(shares.sum()))


def _joined(
    words: Integers, more: NDArray[np.float32], others: Integers, gained: NDArray[np.float32]
) -> tuple[Integers, NDArray[np.float32]]:
    """Two lists of followers as one."""
    if not len(words):
        return others, gained
    places, there = _places(words, others)
    if not there.all():
        both = np.union1d(words, others)
        all_more = np.zeros(len(both), np.float32)
        all_more[np.searchsorted(both, words)] = more
        words, more, places = both, all_more, np.searchsorted(both, others)
    more[places] += gained
    return words, more
