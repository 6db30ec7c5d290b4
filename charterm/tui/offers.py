"""What the writer is offered: the continuations of one moment, and which of them to show.

A suggestion that is always there costs reading time (Quinn and Zhai 2016), so one is shown only
when it is expected to save more keys than the user's threshold.
"""

from dataclasses import dataclass, replace
from typing import Self

WORD_JOINERS = "'’-"
"""Characters that may stand between the letters of a word, as the engine sees it."""

_FIRST_SYLLABLE, _LAST_SYLLABLE, _FINALS = 0xAC00, 0xD7A3, 28


@dataclass(frozen=True)
class Suggestion:
    """A text the model expects next, and the probability that exactly it is typed."""

    text: str
    probability: float

    @property
    def expected_saving(self) -> float:
        """Keys that offering it saves on average, where accepting it takes one key."""
        return self.probability * (keys_of(self.text) - 1)


def keys_of(text: str) -> int:
    """Keys it takes to type ``text``: one a character, and one a letter in a Hangul syllable."""
    keys = 0
    for character in text:
        code = ord(character)
        if _FIRST_SYLLABLE <= code <= _LAST_SYLLABLE:
            keys += 3 if (code - _FIRST_SYLLABLE) % _FINALS else 2
        else:
            keys += 1
    return keys


@dataclass(frozen=True)
class Offers:
    """The suggestions of one moment.

    Attributes:
        suggestions: likeliest first.
        chosen: index of the one that is offered as ghost text, or None.
        picked: the writer chose it, so it is shown wherever the cursor is.
    """

    suggestions: tuple[Suggestion, ...] = ()
    chosen: int | None = None
    picked: bool = False

    @classmethod
    def of(cls, suggestions: tuple[Suggestion, ...], threshold: float) -> Self:
        """Offer the suggestion expected to save most, if that is more than ``threshold`` keys."""
        best: int | None = None
        for index, suggestion in enumerate(suggestions):
            if suggestion.expected_saving > threshold and (
                best is None or suggestion.expected_saving > suggestions[best].expected_saving
            ):
                best = index
        return cls(suggestions, best)

    @property
    def suggestion(self) -> Suggestion | None:
        """The chosen suggestion."""
        return None if self.chosen is None else self.suggestions[self.chosen]

    def after_typing(self, text: str) -> Self:
        """What remains true when ``text`` was typed: the suggestions that go on with it."""
        kept = [
            (index, Suggestion(suggestion.text[len(text) :], suggestion.probability))
            for index, suggestion in enumerate(self.suggestions)
            if suggestion.text.startswith(text) and suggestion.text != text
        ]
        places = {index: place for place, (index, _) in enumerate(kept)}
        chosen = None if self.chosen is None else places.get(self.chosen)
        return type(self)(tuple(suggestion for _, suggestion in kept), chosen)

    def choose(self, index: int) -> Self:
        """Offer the suggestion at ``index``, because the writer asked for it."""
        return replace(self, chosen=index, picked=True)

    def step(self, by: int) -> Self:
        """Offer the next (1) or previous (-1) suggestion, around the ends."""
        if not self.suggestions:
            return self
        if self.chosen is None:
            return self.choose(0 if by > 0 else len(self.suggestions) - 1)
        return self.choose((self.chosen + by) % len(self.suggestions))

    def dismissed(self) -> Self:
        """Offer none; the list stays."""
        return replace(self, chosen=None, picked=False)


def first_word(text: str) -> str:
    """The beginning of a suggestion, up to the end of its first word.

    Leading white space belongs to the word. A suggestion that is only white space or marks is
    taken as a whole.
    """
    start = 0
    while start < len(text) and not text[start].isalnum():
        start += 1
    end = start
    while end < len(text) and (text[end].isalnum() or text[end] in WORD_JOINERS):
        end += 1
    return text[:end] if end > start else text
