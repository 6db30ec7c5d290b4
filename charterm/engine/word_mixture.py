"""Completions of the network and of the words that its training text has, in one list.

The probability of a word is a mixture: SHARE of what the table of word counts expects
(:mod:`charterm.model.word_counts`), the rest what the network does. Both are probabilities of the
same disjoint events, so that the mixture can be compared with a threshold as well. A word that the
network's search did not come to is given none by it: a probability is never too high.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from charterm.engine.words import SPACE, word_start
from charterm.model.word_counts import END, WordCounts, word_key, words_before

SHARE: Final = 0.35
"""Of the table. From 0.3 to 0.5 the keys saved are the same within a tenth of a percent."""

REACH: Final = 256
"""Characters before the cursor that matter."""

_LAST: Final = "\U0010ffff"


def mix_words(
    found: Mapping[str, float],
    before: str,
    counts: WordCounts,
    count: int,
    *,
    space: float = 0.0,
) -> dict[str, float]:
    """Completions with their probabilities, mixed.

    Args:
        found: the network's: what would be typed, and how likely, the likeliest first.
        before: the text before the cursor, its last words at least.
        counts: the table.
        count: how many words of the table to consider.
        space: the network's probability of a space, where completions may begin with one.
    """
    start = word_start(before)
    mixed = dict(found)
    _mix(mixed, "", before[:start], before[start:], counts, count, 1.0)
    if space > 0.0:
        _mix(mixed, SPACE, before + SPACE, "", counts, count, space)
    return mixed


def _mix(
    mixed: dict[str, float],
    lead: str,
    context: str,
    typed: str,
    counts: WordCounts,
    count: int,
    mass: float,
) -> None:
    """Mix the words after ``context`` that begin with ``typed`` into the completions.

    Args:
        mixed: is changed; those that begin with ``lead`` and a letter are concerned.
        lead: a space, or nothing.
        context: what stands before the word.
        typed: of the word.
        counts: the table.
        count: words of it.
        mass: probability that such a completion follows at all.
    """
    before = words_before(context)
    expected = _expected(before, typed, counts, count)
    if not expected:
        return
    spellings = defaultdict(list)
    for text in mixed:
        if text.startswith(SPACE) == bool(lead):
            spellings[word_key(typed + text[len(lead) :])].append(text)
    concerned = [text for texts in spellings.values() for text in texts]
    capital = before[1] == END and _capitalised(mixed, concerned, lead, typed)
    shares = dict.fromkeys(concerned, 0.0)
    for number, share in expected:
        key = counts.keys[number]
        if key in spellings:
            whole = sum(mixed[text] for text in spellings[key])
            for text in spellings[key]:
                shares[text] = SHARE * mass * share * mixed[text] / whole
            continue
        spelt = counts.words[number]
        if len(spelt) == len(key):
            spelt = spelt[:1].upper() + spelt[1:] if capital else spelt
            rest = spelt[len(typed) :]
            shares[lead + (rest.upper() if len(typed) > 1 and typed.isupper() else rest)] = (
                SHARE * mass * share
            )
    for text, share in shares.items():
        mixed[text] = (1.0 - SHARE) * mixed.get(text, 0.0) + share


def _expected(
    before: tuple[str, str], typed: str, counts: WordCounts, count: int
) -> list[tuple[int, float]]:
    """The likeliest words of the table that go on from ``typed``, and how likely each is."""
    shares = counts.probabilities(before)
    prefix = word_key(typed)
    low = bisect_left(counts.keys, prefix) if prefix else 0
    high = bisect_left(counts.keys, prefix + _LAST)
    part = shares[low:high]
    whole = float(part.sum())
    if whole <= 0.0:
        return []
    if counts.keys[low] == prefix:  # the word as it stands, or the end of a sentence
        part = part[1:]
        low += 1
    number = min(count, len(part))
    best = np.argpartition(-part, number - 1)[:number] if number else np.empty(0, np.intp)
    return [(low + place, float(part[place]) / whole) for place in best.tolist()]


def _capitalised(mixed: Mapping[str, float], texts: Sequence[str], lead: str, typed: str) -> bool:
    """Whether the network expects a capital."""
    if typed:
        return False
    capitals = sum(mixed[text] for text in texts if text[len(lead) : len(lead) + 1].isupper())
    return 2.0 * capitals > sum(mixed[text] for text in texts)
