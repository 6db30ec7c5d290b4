"""The script of a letter: Latin, Hangul, Cyrillic and so on."""

import unicodedata
from collections.abc import Iterable
from functools import lru_cache


@lru_cache(maxsize=4096)
def script_of(letter: str) -> str:
    """The first word of the letter's name in Unicode, such as ``LATIN``; empty without a name."""
    return unicodedata.name(letter, "").partition(" ")[0]


def scripts_of(characters: Iterable[str]) -> frozenset[str]:
    """The scripts of the letters among ``characters``."""
    return frozenset(script_of(character) for character in characters if character.isalpha())
