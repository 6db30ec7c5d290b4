"""Completions of the network and of the words that its training text has, in one list.

The probability of a word is a mixture: SHARE of what the table of word counts expects
(:mod:`charterm.model.word_counts`), the rest what the network does. Both are probabilities of the
same disjoint events, so that the mixture can be compared with a threshold as well. A word that the
network's search did not come to is given none by it: a probability is never too high. Then the
words that the user wrote are mixed in.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from charterm.engine.adapting import Adapted
from charterm.engine.words import SPACE, word_start
from charterm.model.word_counts import END, WordCounts, word_key, words_before

SHARE: Final = 0.35
"""Of the table. From 0.3 to 0.5 the keys saved are the same within a tenth of a percent."""

WRITTEN: Final = 0.04
"""Of the words that the user wrote, for each view of them, before the first letter."""

MOST: Final = 0.8
"""Of them at most, whatever is typed."""

_FEW: Final = 20
"""Words of one view that are looked at."""

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


def mix_written(mixed: dict[str, float], before: str, adapted: Adapted, typed: float) -> None:
    """Mix the words that the user wrote into completions that do not begin with a space.

    A view of the words is believed as far as it foretold what is typed of the word already better
    than the network did: by Bayes' rule, with WRITTEN before the first letter.

    Args:
        mixed: completions and their probabilities; is changed.
        before: the text before the cursor, its last words at least.
        adapted: knows the words.
        typed: the network's probability of what is typed of the word.
    """
    start = word_start(before)
    begun = before[start:]
    for evidence, words in adapted.words(words_before(before[:start])[1], word_key(begun)):
        known = WRITTEN * evidence
        share = min(MOST, known / (known + (1.0 - WRITTEN) * typed))
        expected = [(word_key(word), word, p) for word, p in words[:_FEW]]
        _blend(mixed, "", begun, share, expected, capital=False)


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
    expected = [
        (counts.keys[number], counts.words[number], mass * share)
        for number, share in _expected(before, typed, counts, count)
    ]
    if expected:
        capital = before[1] == END and not typed and _capitalised(mixed, lead)
        _blend(mixed, lead, typed, SHARE, expected, capital=capital)


def _blend(
    mixed: dict[str, float],
    lead: str,
    typed: str,
    share: float,
    expected: Sequence[tuple[str, str, float]],
    *,
    capital: bool,
) -> None:
    """Give ``share`` of the probability to expected words: (key, spelling, probability)."""
    spellings = defaultdict(list)
    for text in mixed:
        if text.startswith(SPACE) == bool(lead):
            spellings[word_key(typed + text[len(lead) :])].append(text)
    shares = {text: 0.0 for texts in spellings.values() for text in texts}
    for key, spelt, probability in expected:
        if key in spellings:
            whole = sum(mixed[text] for text in spellings[key])
            for text in spellings[key]:
                shares[text] = share * probability * mixed[text] / whole
        elif len(spelt) == len(key):
            rest = (spelt[:1].upper() + spelt[1:] if capital else spelt)[len(typed) :]
            rest = rest.upper() if len(typed) > 1 and typed.isupper() else rest
            shares[lead + rest] = share * probability
    for text, gained in shares.items():
        mixed[text] = (1.0 - share) * mixed.get(text, 0.0) + gained


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


def _capitalised(mixed: Mapping[str, float], lead: str) -> bool:
    """Whether the network expects a capital."""
    texts = [text for text in mixed if text.startswith(SPACE) == bool(lead)]
    capitals = sum(mixed[text] for text in texts if text[len(lead) : len(lead) + 1].isupper())
    return 2.0 * capitals > sum(mixed[text] for text in texts)
