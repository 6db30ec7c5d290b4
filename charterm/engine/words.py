"""What a word is, for completions: the classes of characters and of tokens.

A word is made of letters, digits and combining marks of any script, and of apostrophes (' and ’)
and hyphens (-) between them: ``don’t``, ``well-known``, ``안녕하세요``. It begins and ends with a
letter, digit or mark. Every other character ends it.
"""

import unicodedata
from enum import IntEnum
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from charterm.text.alphabet import BYTES, Alphabet

JOINERS: Final = frozenset("'’-")
SPACE: Final = " "


class Kind(IntEnum):
    """What a character is to a word. The last two are bytes of a longer character."""

    LETTER = 0
    JOINER = 1
    SPACE = 2
    OTHER = 3
    LEAD = 4
    CONTINUATION = 5


@lru_cache(maxsize=4096)
def character_kind(character: str) -> Kind:
    """Whether ``character`` is part of a word, may join its parts, or ends it."""
    if character == SPACE:
        return Kind.SPACE
    if character in JOINERS:
        return Kind.JOINER
    return Kind.LETTER if unicodedata.category(character)[0] in "LMN" else Kind.OTHER


def token_kinds(alphabet: Alphabet) -> NDArray[np.int8]:
    """The kind of each token, shape (V,)."""
    kinds = [character_kind(chr(byte)) for byte in range(0x80)]
    kinds += [Kind.CONTINUATION if byte < 0xC0 else Kind.LEAD for byte in range(0x80, BYTES)]
    kinds += [character_kind(character) for character in alphabet.characters]
    return np.array(kinds, np.int8)


class Place(IntEnum):
    """Where in a text the next character comes, and so which may begin or go on a word."""

    START = 0
    """After white space, or where nothing is: a word must begin."""
    INSIDE = 1
    """After a letter: the word may go on or end."""
    JOINED = 2
    """After an apostrophe or hyphen in a word: it must go on."""
    AFTER = 3
    """After punctuation: a word may begin, with or without a space."""
    PENDING = 4
    """Inside a character that is spelt in bytes."""


def place_after(text: str) -> Place:
    """The place at the end of ``text``, of which the last two characters matter."""
    if not text or text[-1].isspace():
        return Place.START
    kind = character_kind(text[-1])
    if kind == Kind.LETTER:
        return Place.INSIDE
    if kind == Kind.JOINER and len(text) > 1 and character_kind(text[-2]) == Kind.LETTER:
        return Place.JOINED
    return Place.AFTER


def word_start(text: str) -> int:
    """Where the word begins that ``text`` ends in; its length where it ends in none."""
    start = len(text)
    while start:
        kind = character_kind(text[start - 1])
        if kind == Kind.LETTER:
            start -= 1
        elif kind == Kind.JOINER and start > 1 and character_kind(text[start - 2]) == Kind.LETTER:
            start -= 2
        else:
            break
    return start
