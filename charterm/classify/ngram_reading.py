"""The n-grams of a text that is being edited: a key costs those around it, however long the text.

No n-gram reaches further than a few words, so that after an edit only those that begin near it are
looked for again; the others keep their places, or move with the text behind them.
"""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from charterm.classify.ngrams import NgramKinds
from charterm.text.difference import common_beginning, common_ending

if TYPE_CHECKING:
    from charterm.classify.nbsvm import NgramMachine

_SPACES: Final = re.compile(r"\s+")
_LOOK: Final = 2000  # characters searched for spaces before a word is taken to have no end


@dataclass(frozen=True)
class _Found:
    """N-grams of a text that the machine knows, M of them.

    Attributes:
        starts: (M,) first character.
        lengths: (M,) characters; 0 for the boundary before or after the text alone.
        columns: (M,) which n-gram.
    """

    starts: NDArray[np.int64]
    lengths: NDArray[np.int64]
    columns: NDArray[np.int64]

    def of(self, kept: NDArray[np.bool_], shift: int = 0) -> "_Found":
        return _Found(self.starts[kept] + shift, self.lengths[kept], self.columns[kept])


class NgramReading:
    """What a machine makes of a text, brought up to date after each edit.

    Attributes:
        text: the text.
    """

    def __init__(self, machine: "NgramMachine", text: str = "") -> None:
        self.text = text
        self._machine = machine
        self._margin = _words_of_margin(machine.kinds)
        self._found = self._find(0, len(text))

    def set_text(self, text: str) -> None:
        """Read another text; only what lies around the difference costs much time."""
        old = self.text
        begin = common_beginning(old, text)
        if begin == len(old) == len(text):
            return
        rest = common_ending(old, text, min(len(old), len(text)) - begin)
        self.text = text
        end = len(text) - rest
        low, inner_low = _before(text, begin, self._margin)
        high, inner_high = _after(text, end, self._margin)
        fresh = self._find(low, high)
        fresh = fresh.of((fresh.starts >= inner_low) & (fresh.starts < inner_high))
        shift = len(text) - len(old)
        starts = self._found.starts
        parts = (
            self._found.of(starts < inner_low),
            fresh,
            self._found.of(starts >= inner_high - shift, shift),
        )
        self._found = _Found(
            *(
                np.concatenate([getattr(part, field) for part in parts])
                for field in ("starts", "lengths", "columns")
            )
        )

    def attribution(self) -> NDArray[np.float64]:
        """How much each character says for each class, shape (characters, K).

        The weight of an n-gram is spread evenly over its characters, of all places it stands at;
        the sum over the characters and the machine's bias are the scores.
        """
        length, found, weight = len(self.text), self._found, self._machine.weight
        shares = np.zeros((length + 1, weight.shape[1]))
        if not length or not len(found.columns):
            return shares[:length]
        # an n-gram of the boundary alone has no character: it falls to the nearest
        starts = np.minimum(found.starts, length - 1)
        ends = np.maximum(starts + 1, np.minimum(found.starts + found.lengths, length))
        places = np.bincount(found.columns)[found.columns]
        each = weight[found.columns] / (places * (ends - starts))[:, None]
        for label in range(weight.shape[1]):
            said = each[:, label]
            shares[:, label] = np.bincount(starts, said, length + 1)
            shares[:, label] -= np.bincount(ends, said, length + 1)
        return np.cumsum(shares, axis=0)[:length]

    def _find(self, low: int, high: int) -> _Found:
        """The n-grams of a part of the text, as of a text of its own."""
        found, columns = self._machine.occurrences(self.text[low:high])
        return _Found(
            found.starts.astype(np.int64) + low,
            found.lengths.astype(np.int64),
            columns.astype(np.int64),
        )


def _words_of_margin(kinds: NgramKinds) -> int:
    """Words, with the spaces after them, that are longer than any n-gram."""
    return max(kinds.words, (kinds.characters + 1) // 2) + 1


def _before(text: str, place: int, words: int) -> tuple[int, int]:
    """Where to begin to look, and from where on what is found counts, for a change at ``place``.

    Both are beginnings of words; 0 and 0 where there are too few words before.
    """
    spaces = list(_SPACES.finditer(text, max(0, place - _LOOK), place))[1:-1]
    if len(spaces) < 2 * words:
        return 0, 0
    return spaces[-2 * words].end(), spaces[-words].end()


def _after(text: str, place: int, words: int) -> tuple[int, int]:
    """Where to stop looking, and up to where what is found counts; as :func:`_before`."""
    spaces = list(_SPACES.finditer(text, place, min(len(text), place + _LOOK)))[1:-1]
    if len(spaces) < 2 * words:
        return len(text), len(text) + 1
    return spaces[2 * words - 1].start(), spaces[words - 1].start()
