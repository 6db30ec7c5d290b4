"""Which model knows the letters of a text."""

from collections.abc import Container
from typing import Final

from charterm.errors import ChartermError
from charterm.model.library import Entry, list_models

LOOKED: Final = 12
"""Characters at the end of a text that tell in which script it goes on."""

_ENOUGH: Final = 5
"""Letters, so that a name in another script is not yet a text in it."""

_MOST: Final = 0.8
"""Part of the letters that a model has to know to be worth trying."""


def unknown_letters(text: str, known: Container[str]) -> str:
    """The different letters at the end of ``text``, where most of them are not ``known``."""
    letters = [character for character in text[-LOOKED:] if character.isalpha()]
    unknown = [letter for letter in letters if letter not in known]
    if len(unknown) < _ENOUGH or 2 * len(unknown) < len(letters):
        return ""
    return "".join(dict.fromkeys(unknown))


def model_for(letters: str) -> Entry | None:
    """The first model of the library that knows most of ``letters``; damaged ones are left out."""
    for entry in list_models():
        try:
            known = frozenset(entry.info().alphabet.characters)
        except ChartermError:
            continue
        if sum(letter in known for letter in letters) >= _MOST * len(letters):
            return entry
    return None
