"""Completions of the network and of the words that its training text has, in one list.

Which words come first is decided by a geometric mean: the network's probability of a word and that
of the table of word counts (:mod:`charterm.model.word_counts`), each with an exponent (a log-linear
pool, as in Klakow 1998), and the word's register, as far as the text before shares it. Each of the
two has its say against a word that the other overrates; a linear mixture has only the sum. The
probability that the words of the list have together is that of the linear mixture, SHARE of it the
table's, so that probabilities are still those of disjoint events and can be compared with a
threshold. Then the words that the user wrote are mixed in.

The exponents were fitted by likelihood on everyday sentences and on a part of a novel, neither of
which any model was trained on.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from charterm.engine.adapting import Adapted
from charterm.engine.words import SPACE, word_start
from charterm.model.word_counts import NextWords, WordCounts
from charterm.model.word_finding import END, word_key, words_before

SHARE: Final = 0.35
"""Of the table in the probability of all words together."""

PLAIN: Final = (0.66, 0.34, 0.0)
FAVOURED: Final = (0.46, 0.50, 0.5)
"""Exponents of the network, of the table and of a word's register: where the text before is not
like the texts that count more than others, or none does, and where it is."""

RANGE: Final = (-0.15, 0.05)
"""Registers of the text before at which the one and the other are taken whole."""

UNFOUND: Final = 1.5e-3
"""Probability, of the network, at which a word counts that its search did not come to."""

UNKNOWN: Final = 1e-4
"""What a word that the table lacks is worth to it, relative to the network's probability; more
where the table was cut. A word that the user wrote is worth as much as the network says."""

MANY: Final = 20
"""Words of the table that are looked at."""

WRITTEN: Final = 0.015
"""Of the words that the user wrote, for each view of them, before the first letter."""

MOST: Final = 0.8
"""Of them at most, whatever is typed."""

_FEW: Final = 20
"""Words of one view that are looked at."""

_BLOCK: Final = 64
"""Shares that are looked through at once for the best of many."""

REACH: Final = 256
"""Characters before the cursor that matter."""

_LAST: Final = "\U0010ffff"
_NEVER: Final = 1e-7

Numbers = NDArray[np.int64]
Chances = NDArray[np.float64]
Wrote = Callable[[str], bool]
"""Whether the user wrote the word with a key."""


def _nobody(_key: str) -> bool:
    return False


def mix_words(
    found: Mapping[str, float],
    before: str,
    counts: WordCounts,
    *,
    space: float = 0.0,
    wrote: Wrote = _nobody,
) -> dict[str, float]:
    """Completions with their probabilities, mixed.

    Args:
        found: the network's: what would be typed, and how likely, the likeliest first.
        before: the text before the cursor, its last words at least.
        counts: the table.
        space: the network's probability of a space, where completions may begin with one.
        wrote: which words are the user's own.
    """
    start = word_start(before)
    mixed = dict(found)
    pool = _Pool(counts, wrote, exponents(counts, before[:start]))
    pool.mix(mixed, "", before[:start], before[start:], 1.0)
    if space > 0.0:
        pool.mix(mixed, SPACE, before + SPACE, "", space)
    return mixed


def exponents(counts: WordCounts, before: str) -> tuple[float, float, float]:
    """Those of network, table and register after a text, between PLAIN and FAVOURED."""
    if not counts.has_register:
        return PLAIN
    low, high = RANGE
    part = max(0.0, min(1.0, (counts.register_at(before) - low) / (high - low)))
    network, table, register = (
        plain + part * (favoured - plain) for plain, favoured in zip(PLAIN, FAVOURED, strict=True)
    )
    return network, table, register


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
        _blend(mixed, begun, share, expected)


@dataclass(frozen=True, slots=True)
class _Pool:
    """Mixes the table's words into the network's.

    Attributes:
        counts: the table.
        wrote: which words are the user's own.
        exponents: of network, table and register.
    """

    counts: WordCounts
    wrote: Wrote
    exponents: tuple[float, float, float]

    def mix(
        self, mixed: dict[str, float], lead: str, context: str, typed: str, mass: float
    ) -> None:
        """Mix the words after ``context`` that begin with ``typed`` into the completions.

        Args:
            mixed: is changed; those that begin with ``lead`` and a letter are concerned.
            lead: a space, or nothing.
            context: what stands before the word.
            typed: of the word.
            mass: probability that such a completion follows at all.
        """
        before = words_before(context)
        prefix = word_key(typed)
        shares = _Shares.of(self.counts, before, prefix)
        if shares is None:
            return
        spellings = _spellings(mixed, lead, typed)
        chances = {key: sum(map(mixed.__getitem__, texts)) for key, texts in spellings.items()}
        capital = before[1] == END and not typed and _capitalised(mixed, lead)
        for word in shares.best(MANY):
            key, spelt = self.counts.keys[word], self.counts.words[word]
            if key not in spellings and len(spelt) == len(key):
                spellings[key] = [lead + _rest(spelt, typed, capital=capital)]
        if not spellings:
            return
        keys = list(spellings)
        network = np.array([chances.get(key, 0.0) for key in keys]) / mass
        numbers = np.array([self.counts.number(key) for key in keys])
        table = shares.of_words(numbers)
        whole = float(((1.0 - SHARE) * network + SHARE * table).sum())
        worth = self._worth(keys, numbers, network, table)
        for key, chance in zip(keys, (worth * (mass * whole / worth.sum())).tolist(), strict=True):
            known = chances.get(key, 0.0)
            for text in spellings[key]:
                mixed[text] = chance * (mixed[text] / known if known else 1.0)

    def _worth(
        self, keys: list[str], numbers: Numbers, network: Chances, table: Chances
    ) -> Chances:
        """The geometric mean of what network and table give W words, and their registers, (W,).

        Args:
            keys: the words.
            numbers: their places in the table, -1 where it lacks them.
            network: its probabilities.
            table: the shares.
        """
        of_network, of_table, of_register = self.exponents
        given = table.copy()
        for word in (table == 0.0).nonzero()[0].tolist():
            own = self.wrote(keys[word])
            given[word] = network[word] * (1.0 if own else max(UNKNOWN, self.counts.unknown))
        register = np.where(table > 0.0, self.counts.registers_of(numbers), 0.0)
        of_both: Chances = np.maximum(network, UNFOUND) ** of_network
        of_both *= np.maximum(given, _NEVER) ** of_table
        return of_both * np.exp(of_register * register)


@dataclass(frozen=True, slots=True)
class _Shares:
    """What the table expects of the words with one beginning.

    Attributes:
        after: what the table expects of all words.
        low: number of the first of these words.
        part: their shares, (words,); ``None`` where they are all words.
        whole: of all that begin so, the beginning itself included.
    """

    after: NextWords
    low: int
    part: NDArray[np.float32] | None
    whole: float

    @classmethod
    def of(cls, counts: WordCounts, before: tuple[str, str], prefix: str) -> "_Shares | None":
        """The shares after two words; ``None`` where no word goes on from ``prefix``."""
        after = counts.after(before)
        if not prefix:
            whole = after.whole
            return cls(after, 1, None, whole) if whole > 0.0 and len(counts.words) > 1 else None
        low = bisect_left(counts.keys, prefix)
        part = after.part(low, bisect_left(counts.keys, prefix + _LAST))
        whole = float(part.sum())
        if whole <= 0.0:
            return None
        if counts.keys[low] == prefix:  # the word as it stands
            part, low = part[1:], low + 1
        return cls(after, low, part, whole) if len(part) else None

    def of_words(self, numbers: Numbers) -> Chances:
        """Those of W words by their places in the table, (W,); 0 where it lacks them (-1)."""
        if self.part is None:
            inside = numbers >= self.low
            shares = self.after.of(np.where(inside, numbers, 0))
        else:
            places = numbers - self.low
            inside = (places >= 0) & (places < len(self.part))
            shares = self.part[np.where(inside, places, 0)]
        return np.where(inside, shares.astype(np.float64) / self.whole, 0.0)

    def best(self, count: int) -> list[int]:
        """The numbers of the likeliest words."""
        if self.part is None:
            words: list[int] = self.after.best(count).tolist()
            return words
        return [self.low + place for place in _best_places(self.part, count)]


def _best_places(part: NDArray[np.float32], count: int) -> list[int]:
    """Where the ``count`` highest are, or all there are; by blocks where there are many."""
    if len(part) <= _BLOCK * count:
        return _highest(part, count)
    # as many blocks have a value of at least this, so that the best are not below it
    blocks = part[: len(part) // _BLOCK * _BLOCK].reshape(-1, _BLOCK)
    highest = np.maximum.reduce(blocks, axis=1)
    floor = np.partition(highest, -count)[-count]
    places = np.flatnonzero(part >= floor)
    found: list[int] = places[_highest(part[places], count)].tolist()
    return found


def _highest(values: NDArray[np.float32], count: int) -> list[int]:
    """Where the ``count`` highest are, or all there are."""
    number = min(count, len(values))
    places: list[int] = np.argpartition(-values, number - 1)[:number].tolist()
    return places


def _blend(
    mixed: dict[str, float],
    typed: str,
    share: float,
    expected: Sequence[tuple[str, str, float]],
) -> None:
    """Give ``share`` of the probability to expected words: (key, spelling, probability)."""
    spellings = _spellings(mixed, "", typed)
    shares = {text: 0.0 for texts in spellings.values() for text in texts}
    for key, spelt, probability in expected:
        if key in spellings:
            whole = sum(mixed[text] for text in spellings[key])
            for text in spellings[key]:
                shares[text] = share * probability * mixed[text] / whole
        elif len(spelt) == len(key):
            shares[_rest(spelt, typed)] = share * probability
    for text, gained in shares.items():
        mixed[text] = (1.0 - share) * mixed.get(text, 0.0) + gained


def _spellings(mixed: Mapping[str, float], lead: str, typed: str) -> dict[str, list[str]]:
    """The completions that begin with ``lead``, by the keys of their words."""
    spellings = defaultdict(list)
    for text in mixed:
        if text.startswith(SPACE) == bool(lead):
            spellings[word_key(typed + text[len(lead) :])].append(text)
    return dict(spellings)


def _rest(spelt: str, typed: str, *, capital: bool = False) -> str:
    """What is left to type of a word."""
    rest = (spelt[:1].upper() + spelt[1:] if capital else spelt)[len(typed) :]
    return rest.upper() if len(typed) > 1 and typed.isupper() else rest


def _capitalised(mixed: Mapping[str, float], lead: str) -> bool:
    """Whether the network expects a capital."""
    texts = [text for text in mixed if text.startswith(SPACE) == bool(lead)]
    capitals = sum(mixed[text] for text in texts if text[len(lead) : len(lead) + 1].isupper())
    return 2.0 * capitals > sum(mixed[text] for text in texts)
