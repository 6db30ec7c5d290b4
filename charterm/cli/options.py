"""Options that several commands share, and the input they read."""

import sys
from typing import Annotated

import typer

from charterm.errors import UsageError
from charterm.model.library import DEFAULT_MODEL
from charterm.text.reading import clean

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")]
ModelOption = Annotated[
    str, typer.Option("-m", "--model", help="Model's name, or the path of its folder.")
]
TextArgument = Annotated[
    str | None, typer.Argument(help="The text so far; read from standard input where missing.")
]

__all__ = ["DEFAULT_MODEL", "JsonOption", "ModelOption", "TextArgument", "given_text"]


def given_text(text: str | None) -> str:
    """The argument, or standard input where it is missing or ``-``, normalised like files are.

    Raises:
        UsageError: there is no argument and nobody pipes a text in.
    """
    if text is None or text == "-":
        if sys.stdin.isatty():
            raise UsageError("no text: give it as an argument, or pipe it in")
        text = sys.stdin.buffer.read().decode("utf-8", "replace")
    return clean(text)
