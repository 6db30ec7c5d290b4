"""Counts the words of a text: makes the table of :mod:`charterm.model.word_counts`."""

from collections import Counter
from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from charterm.errors import ChartermError
from charterm.model.word_counts import LEVELS, REGISTER_STEPS, STEPS, Integers, WordCounts
from charterm.model.word_finding import END, sentence_words, word_key

MOST_WORDS: Final = 65_535
DISCOUNTS: Final = (0.75, 0.85)
"""Taken from the count of each pair, and of each triple."""

_RARE: Final = 1e-5
"""Added to shares that are compared: what is rare has no register."""

_STRONGEST: Final = 3.0


def count_words(texts: Iterable[tuple[str, int]], *, least: int = 1) -> WordCounts:
    """Make the table of ``texts``, each with how many times it counts.

    Args:
        texts: and their weights.
        least: words, pairs and triples of words seen less often are left out.

    Raises:
        ChartermError: no word occurs so often.
    """
    given = [(list(sentence_words(text)), weight) for text, weight in texts]
    forms: Counter[str] = Counter()
    for stream, weight in given:
        for form, times in Counter(stream).items():
            forms[form] += weight * times
    del forms[END]
    seen: Counter[str] = Counter()
    for form, times in forms.items():
        seen[word_key(form)] += times
    common = [key for key, times in seen.most_common(MOST_WORDS - 1) if times >= least]
    if not common:
        raise ChartermError(
            "no word occurs {least} times in the text: there is nothing to count", least=least
        )
    number = {key: place for place, key in enumerate(("", *sorted(common)))}
    size, unknown = len(number) + 1, len(number)  # what is rare is one word, never offered
    place = {form: number.get(word_key(form), unknown) for form in forms} | {END: 0}
    streams = [
        (np.array([place[form] for form in stream], np.int64), weight) for stream, weight in given
    ]
    spelt: dict[int, str] = {0: END}
    for form, _ in forms.most_common():  # the most frequent spelling comes first
        spelt.setdefault(place[form], form)
    triples, weights = _triples(streams, size)
    known = [spelt[n] for n in range(unknown)]
    return _smoothed(known, triples, weights, size, least, _registers(streams, size)[:-1])


def _registers(streams: list[tuple[Integers, int]], size: int) -> NDArray[np.int8]:
    """The register of each word, in steps, (size,)."""
    usual = min(weight for _, weight in streams)
    favoured, everywhere = np.zeros(size), np.zeros(size)
    for stream, weight in streams:
        times = np.bincount(stream, minlength=size)
        everywhere += weight * times
        if weight > usual:
            favoured += weight * times
    favoured[0] = everywhere[0] = 0.0  # an end is no word
    if not favoured.any():
        return np.zeros(size, np.int8)
    shares = favoured / favoured.sum(), everywhere / everywhere.sum()
    logarithms = np.log((shares[0] + _RARE) / (shares[1] + _RARE)).clip(-_STRONGEST, _STRONGEST)
    steps: NDArray[np.int8] = np.rint(REGISTER_STEPS * logarithms).astype(np.int8)
    return steps


def _triples(streams: list[tuple[Integers, int]], size: int) -> tuple[Integers, Integers]:
    """Each run of three words as one number, and its count; where one ends, the next begins."""
    parts, weights = [], []
    for stream, weight in streams:
        second = np.concatenate((np.zeros(1, np.int64), stream[:-1]))
        first = np.concatenate((np.zeros(1, np.int64), second[:-1]))
        first[second == 0] = 0
        parts.append((first * size + second) * size + stream)
        weights.append(np.full(len(stream), weight, np.int64))
    found, place = np.unique(np.concatenate(parts), return_inverse=True)
    return found, np.bincount(place, np.concatenate(weights)).astype(np.int64)


def _smoothed(
    words: list[str],
    triples: Integers,
    counts: Integers,
    size: int,
    least: int,
    registers: NDArray[np.int8],
) -> WordCounts:
    last, context = triples % size, triples // size
    pair = context % size * size + last
    pairs, place = np.unique(pair, return_inverse=True)
    times = np.bincount(place, counts).astype(np.int64)
    # Kneser-Ney: a pair counts once for each word before it; at a beginning there is none
    kinds = np.where(pairs // size == 0, times, np.bincount(place))
    singles = np.bincount(pairs % size, minlength=size).astype(np.float64)
    share = singles[:-1] / singles.sum()

    known = size - 1  # the rare words' number
    totals = np.bincount(pairs // size, kinds, size)
    keep = (times >= least) & (pairs // size != known) & (pairs % size != known)
    pair_share = np.maximum(kinds - DISCOUNTS[0], 0.0) / totals[pairs // size]
    kept = pairs[keep]

    _, place = np.unique(context, return_inverse=True)
    totals = np.bincount(place, counts)
    triple_share = (counts - DISCOUNTS[1]) / totals[place]
    of_pair = np.searchsorted(kept, context)
    of_pair[of_pair == len(kept)] = 0
    strong = (counts >= least) & (last != known) & (kept[of_pair] == context)
    starts = np.searchsorted(kept // size, np.arange(size))
    return WordCounts(
        words=tuple(words),
        share=share.astype(np.float32),
        pair_starts=starts.astype(np.uint32),
        pair_words=(kept % size).astype(np.uint16),
        pair_share=_rounded(pair_share[keep]),
        triple_starts=np.searchsorted(of_pair[strong], np.arange(len(kept) + 1)).astype(np.uint32),
        triple_words=last[strong].astype(np.uint16),
        triple_share=_rounded(triple_share[strong]),
        register=registers,
    )


def _rounded(shares: NDArray[np.float64]) -> NDArray[np.uint8]:
    """The place in LEVELS of each share, rounded down."""
    with np.errstate(divide="ignore"):
        places = np.ceil(-STEPS * np.log2(shares))
    rounded: NDArray[np.uint8] = np.minimum(places, len(LEVELS) - 1).astype(np.uint8)
    return rounded
