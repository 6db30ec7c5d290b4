"""What a command was given: the user's settings, a model, a text."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final

from charterm.errors import UsageError

if TYPE_CHECKING:
    from charterm.engine.language_model import LanguageModel
    from charterm.settings import Settings

DEFAULT_MODEL: Final = ""
"""A model option that was not given: the setting ``models.default`` decides."""


def load_settings() -> Settings:
    """The user's settings; what is wrong with the config file is told on stderr."""
    from charterm.cli.output import narrate
    from charterm.settings import Settings

    settings = Settings.load()
    for problem in settings.problems:
        narrate(f"charterm: {problem}")
    return settings


def chosen_model(name: str) -> str:
    """``name``, or the setting's where none was given."""
    if name:
        return name
    from charterm.settings.schema import MODEL

    return load_settings().get(MODEL)


def load(name: str) -> LanguageModel:
    """The model with this name, on the NumPy backend. Raises UsageError if there is none."""
    from charterm.engine.language_model import load_language_model
    from charterm.model.library import find_model

    entry = find_model(name)
    return load_language_model(entry.folder, name=entry.name)


def given_text(text: str | None) -> str:
    """The argument, or standard input where it is missing or ``-``, normalised like files are.

    Raises:
        UsageError: there is no argument and nobody pipes a text in, or it is no UTF-8.
    """
    from charterm.text.reading import clean  # needs NumPy, which most commands do not

    if text is None or text == "-":
        if sys.stdin.isatty():
            raise UsageError("no text: give it as an argument, or pipe it in")
        content = sys.stdin.buffer.read()
        if not content:
            raise UsageError("standard input is empty: give a text as an argument, or pipe one in")
    else:
        content = os.fsencode(text)  # the bytes as they were given, also where they are no UTF-8
    try:
        return clean(content.decode())
    except UnicodeDecodeError as error:
        raise UsageError(
            f"the text is not UTF-8 (byte {error.start + 1}): "
            "convert it first, as with iconv -t UTF-8"
        ) from error
