"""N-grams of words and of characters, counted by 64-bit hashes in array operations.

A hash stands for its n-gram: among ten million n-grams the chance that any two collide is below
one in 300,000, so no table of strings is needed, in memory or on disk.
"""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from charterm.text.alphabet import code_points

Hashes = NDArray[np.uint64]

_WORD = re.compile(r"\w+(?:['’]\w+)*|[^\w\s]")
_SPACES = re.compile(r"\s+")
_BOUNDARY: Final = "\n"  # stands before and after each text
_FACTOR: Final = np.uint64(0x9E3779B97F4A7C15)
_MIX_1: Final = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2: Final = np.uint64(0x94D049BB133111EB)


@dataclass(frozen=True, slots=True)
class NgramKinds:
    """Which n-grams are counted.

    Attributes:
        words: longest n-gram of words; 0 for none.
        characters: longest n-gram of characters, which may span words; 0 for none.
        fewest: texts an n-gram must occur in to count.
    """

    words: int = 2
    characters: int = 0
    fewest: int = 1

    def to_json(self) -> dict[str, Any]:
        """The object as plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        """The inverse of :meth:`to_json`."""
        return cls(**values)


@dataclass(frozen=True)
class Occurrences:
    """The n-grams of N texts, one text after another.

    Attributes:
        hashes: (M,) every n-gram in the order of the texts.
        texts: (M,) the text each belongs to.
        starts: (M,) its first character in that text.
        lengths: (M,) its characters.
    """

    hashes: Hashes
    texts: NDArray[np.int32]
    starts: NDArray[np.int32]
    lengths: NDArray[np.int32]


def _mix(values: Hashes) -> Hashes:
    """Spread 64-bit values evenly (Steele, Lea and Flood 2014, SplitMix64)."""
    values = (values ^ (values >> np.uint64(30))) * _MIX_1
    values = (values ^ (values >> np.uint64(27))) * _MIX_2
    return values ^ (values >> np.uint64(31))


def _lower(text: str) -> str:
    """Lower case of the same length, letter by letter: those that would become two stay."""
    lowered = text.lower()
    if len(lowered) == len(text) and "Σ" not in text:  # which looks at the letters around it
        return lowered
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


@dataclass(frozen=True)
class _Units:
    """Words or characters of all texts: their hashes, text, first character and length."""

    hashes: Hashes
    texts: NDArray[np.int32]
    starts: NDArray[np.int32]
    lengths: NDArray[np.int32]


def _words(texts: Sequence[str]) -> _Units:
    known: dict[str, int] = {}
    codes, owners, starts, lengths = [], [], [], []
    for number, text in enumerate(texts):
        for match in _WORD.finditer(_lower(text)):
            codes.append(known.setdefault(match.group(), len(known)))
            owners.append(number)
            starts.append(match.start())
            lengths.append(match.end() - match.start())
    hashes = np.array([_hash_word(word) for word in known], np.uint64)
    return _Units(
        hashes[np.array(codes, np.intp)] if codes else np.zeros(0, np.uint64),
        np.array(owners, np.int32),
        np.array(starts, np.int32),
        np.array(lengths, np.int32),
    )


def _hash_word(word: str) -> int:
    """FNV-1a (Fowler, Noll and Vo) over the word's bytes: the same on every machine and day."""
    value = 0xCBF29CE484222325
    for byte in word.encode("utf-8", "surrogatepass"):
        value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return value


def _characters(texts: Sequence[str]) -> _Units:
    """The characters in lower case, runs of spaces as one, with a boundary on both sides."""
    lines, starts, counts = [], [], []
    for text in texts:
        line, places = _squeeze(text)
        lines.append(_BOUNDARY + line + _BOUNDARY)
        starts.append(np.concatenate(([0], places, [len(text)])))
        counts.append(len(line) + 2)
    points = code_points("".join(lines)).astype(np.uint64)
    begin = np.concatenate(starts).astype(np.int32) if starts else np.zeros(0, np.int32)
    lengths = np.ones(len(points), np.int32)
    ends = np.cumsum(counts, dtype=np.intp)
    lengths[ends - 1] = lengths[ends - np.array(counts, np.intp)] = 0  # the boundaries
    return _Units(
        points + np.uint64(1),
        np.repeat(np.arange(len(texts), dtype=np.int32), counts),
        begin,
        lengths,
    )


def _squeeze(text: str) -> tuple[str, NDArray[np.int64]]:
    """Lower case with single spaces, and where each character stood in ``text``."""
    lowered = _lower(text)
    kept = np.ones(len(lowered), np.bool_)
    for match in _SPACES.finditer(lowered):
        kept[match.start() + 1 : match.end()] = False
    places = np.flatnonzero(kept)
    if len(places) == len(lowered):
        return lowered, places
    return "".join(lowered[place] for place in places), places


def _grams(units: _Units, longest: int, salt: int) -> list[Occurrences]:
    """Every n-gram of 1 to ``longest`` units that lies within one text."""
    found = []
    running = np.full(len(units.hashes), np.uint64(salt))
    for order in range(1, longest + 1):
        count = len(units.hashes) - order + 1
        if count <= 0:
            break
        running = _mix(running[:count] * _FACTOR + units.hashes[order - 1 :])
        last = slice(order - 1, order - 1 + count)
        inside = units.texts[:count] == units.texts[last]
        begin = units.starts[:count][inside]
        end = (units.starts[last] + units.lengths[last])[inside]
        found.append(Occurrences(running[inside], units.texts[:count][inside], begin, end - begin))
    return found


def find_ngrams(texts: Sequence[str], kinds: NgramKinds) -> Occurrences:
    """All n-grams of the texts, with repetitions, ordered by text."""
    nothing = np.zeros(0, np.int32)
    parts = [Occurrences(np.zeros(0, np.uint64), nothing, nothing, nothing)]
    with np.errstate(over="ignore"):
        if kinds.words:
            parts += _grams(_words(texts), kinds.words, salt=1)
        if kinds.characters:
            parts += _grams(_characters(texts), kinds.characters, salt=2)
    order = np.argsort(np.concatenate([part.texts for part in parts]), kind="stable")
    return Occurrences(
        *(
            np.concatenate([getattr(part, field) for part in parts])[order]
            for field in ("hashes", "texts", "starts", "lengths")
        )
    )
