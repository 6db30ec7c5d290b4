"""The words the user wrote, whole: how often, in which spelling, and after which word.

Beside the letters of the words (:mod:`charterm.adaptation.memory`), because a chain of letters has
to be believed at every one of them, and a name that was written three times only once.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from charterm.model.word_finding import END, WORD, sentence_words, word_key

_REACH: Final = 2
"""Runs with words in them: the one that may go on, and the one before it."""

_PRIOR: Final = 20.0
"""Words that the user is taken to have written which are not in the memory."""

Pair = tuple[str, str]
"""The key of the word before, or END, and a word as it was spelt."""

Expected = tuple[float, list[tuple[str, float]]]
"""How likely a word begins as it does, and spellings with their shares of those that do."""


class WordMemory:
    """Counts of words and of pairs of them. Adding and removing the same leaves no trace."""

    def __init__(self) -> None:
        self._spelt: dict[str, Counter[str]] = {}
        self._by_first: dict[str, Counter[str]] = {}
        self._after: dict[str, Counter[str]] = {}
        self._total = 0

    def snapshot(self) -> list[tuple[str, str, int]]:
        """All that is counted, in an order that does not depend on how it was learnt."""
        tables = (("s", self._spelt), ("f", self._by_first), ("a", self._after))
        return sorted(
            (kind + key, word, times)
            for kind, table in tables
            for key, counted in table.items()
            for word, times in counted.items()
        )

    def change(self, pairs: Iterable[Pair], by: int) -> None:
        """Count pairs ``by`` times more or fewer."""
        for before, spelt in pairs:
            key = word_key(spelt)
            _add(self._spelt, key, spelt, by)
            _add(self._by_first, key[:1], key, by)
            _add(self._after, before, key, by)
            self._total += by

    def has(self, key: str) -> bool:
        """Whether a word of this key is counted."""
        return key in self._spelt

    def expected(self, before: str, prefix: str) -> list[Expected]:
        """What is expected to begin with ``prefix`` after a word: of all words, and after that one.

        Args:
            before: key of the word before.
            prefix: key of the letters of a word.
        """
        found = []
        if prefix:  # without a letter any word might come
            found.append(self._begun(self._by_first.get(prefix[0]), prefix, self._total))
        after = self._after.get(before)
        if after is not None and before != END:
            found.append(self._begun(after, prefix, after.total()))
        return [each for each in found if each[1]]

    def _begun(self, counted: Counter[str] | None, prefix: str, total: int) -> Expected:
        begun = {key: n for key, n in (counted or {}).items() if key.startswith(prefix)}
        times = sum(begun.values())
        words = [
            (max(self._spelt[key].items(), key=lambda item: (item[1], item[0]))[0], n / times)
            for key, n in sorted(begun.items(), key=lambda item: (-item[1], item[0]))
            if key != prefix
        ]
        return times / (total + _PRIOR), words


def _add(table: dict[str, Counter[str]], key: str, word: str, by: int) -> None:
    counted = table.setdefault(key, Counter())
    counted[word] += by
    if not counted[word]:
        del counted[word]
        if not counted:
            del table[key]


def pairs_of(text: str) -> Iterator[Pair]:
    """The pairs of words in ``text``, each word once as the second of one."""
    before = END
    for word in sentence_words(text):
        if word == END:
            before = END
            continue
        yield before, word
        before = word_key(word)


def window(piece: str, start: int) -> int:
    """Where to begin counting so that what is before there counts the same with any rest."""
    place = start
    worded = 0
    while place > 0 and worded < _REACH:
        end = place
        while end > 0 and piece[end - 1].isspace():
            end -= 1
        place = end
        while place > 0 and not piece[place - 1].isspace():
            place -= 1
        worded += WORD.search(piece, place, end) is not None
    return place
