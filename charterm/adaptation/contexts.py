"""The contexts in which the memory looks up what may follow: the last tokens, and the word begun.

A :class:`Context` is a small value: a branch of a search carries its own and pays nothing for it.
"""

from collections.abc import Iterable
from functools import cached_property
from typing import Final, NamedTuple

from charterm.engine.words import Kind, token_kinds
from charterm.text.alphabet import Alphabet

ORDER: Final = 6
"""Tokens of the longest context."""

LEVELS: Final = ORDER + 2
"""Kinds of contexts: 0 (no context), 1 to ORDER tokens, and the word begun."""

LONGEST_WORD: Final = 24
"""Letters of a word after which its beginning is no context any more."""

# The table takes its slots from a key's upper bits and holds 0 for no key: keys are scattered by a
# multiplication with 2**64 divided by the golden ratio (Knuth, section 6.4) and made odd. Python's
# hash of a tuple of integers, the same in every process, ends with a multiplication too, and takes
# a fifth of the time of one in Python. No key is ever written to disk.
_FACTOR: Final = 0x9E3779B97F4A7C15
_MASK: Final = (1 << 64) - 1
_WORD: Final = 0xD1B54A32D192ED03


class Context(NamedTuple):
    """The end of a text, as far as the memory looks back.

    Attributes:
        recent: up to ORDER tokens, the last one first.
        word: what tells the letters of the word begun from others, in lower case.
        letters: how many tokens of the word there are; beyond LONGEST_WORD they are one too many
            and the word is no context any more.
    """

    recent: tuple[int, ...]
    word: int
    letters: int


def token_key(tokens: tuple[int, ...]) -> int:
    """The key of a context of tokens, the last one first."""
    return hash(tokens) & _MASK | 1


def word_key(word: int) -> int:
    """The key of the word begun."""
    return (word ^ word >> 29) * _FACTOR & _MASK | 1


EMPTY: Final = Context((), _WORD, 0)
"""Nothing was written yet."""


class Reader:
    """Extends contexts by tokens of one alphabet."""

    def __init__(self, alphabet: Alphabet) -> None:
        self.alphabet = alphabet

    def extend(self, context: Context, token: int) -> Context:
        """The context after one more token."""
        recent = (token, *context.recent[: ORDER - 1])
        if not self._in_word[token]:
            return Context(recent, _WORD, 0)
        if context.letters >= LONGEST_WORD:
            return Context(recent, 0, LONGEST_WORD + 1)
        word = (context.word * _FACTOR + self._lower[token] + 1) & _MASK
        return Context(recent, word, context.letters + 1)

    def read(self, tokens: Iterable[int], context: Context = EMPTY) -> Context:
        """The context after ``tokens``."""
        for token in tokens:
            context = self.extend(context, token)
        return context

    @cached_property
    def _in_word(self) -> list[bool]:
        kinds = token_kinds(self.alphabet)
        return [kind not in (Kind.SPACE, Kind.OTHER) for kind in kinds.tolist()]

    @cached_property
    def _lower(self) -> list[int]:
        """The token of each token's character in lower case, where that is one token."""
        lower = list(range(self.alphabet.size))
        for token, character in enumerate(self.alphabet.characters, 256):
            spelt = self.alphabet.encode_character(character.lower()[:1])
            if len(character.lower()) == 1 and len(spelt) == 1:
                lower[token] = spelt[0]
        return lower
