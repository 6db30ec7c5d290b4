"""Options that several commands share, the settings, and the input they read."""

import os
import sys
from typing import Annotated

import typer

from charterm.cli.output import narrate
from charterm.errors import UsageError
from charterm.settings import Settings
from charterm.settings.schema import MODEL

DEFAULT_MODEL = ""
"""A model option that was not given: the setting ``models.default`` decides."""


def load_settings() -> Settings:
    """The user's settings; what is wrong with the config file is told on stderr."""
    settings = Settings.load()
    for problem in settings.problems:
        narrate(f"charterm: {problem}")
    return settings


def _chosen_model(name: str) -> str:
    return name or load_settings().get(MODEL)


JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")]
ModelOption = Annotated[
    str,
    typer.Option(
        "-m",
        "--model",
        callback=_chosen_model,
        show_default="the setting models.default",
        help="Model's name, or the path of its folder.",
    ),
]
TextArgument = Annotated[
    str | None, typer.Argument(help="The text so far; read from standard input where missing.")
]


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
