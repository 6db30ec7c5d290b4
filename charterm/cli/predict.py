"""``charterm predict`` and ``charterm complete``: what may come next."""

from typing import Annotated

import typer

from charterm.cli.options import DEFAULT_MODEL, JsonOption, ModelOption, TextArgument, declared
from charterm.cli.predictions import print_characters, print_completions
from charterm.cli.quick import COUNT, TOP, WORDS


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command()(predict)
    app.command()(complete)


def predict(
    text: TextArgument = None,
    top: Annotated[int, declared(TOP)] = TOP.default,
    model: ModelOption = DEFAULT_MODEL,
    as_json: JsonOption = False,
) -> None:
    """Print the likeliest next characters after TEXT, with their probabilities."""
    print_characters(text, top, model, as_json=as_json)


def complete(
    text: TextArgument = None,
    count: Annotated[int, declared(COUNT)] = COUNT.default,
    words: Annotated[int, declared(WORDS)] = WORDS.default,
    model: ModelOption = DEFAULT_MODEL,
    as_json: JsonOption = False,
) -> None:
    """Print what TEXT most probably goes on with up to the end of the word.

    A completion's text is just what would be typed next, so it begins with a space where a new
    word begins.
    """
    print_completions(text, count, words, model, as_json=as_json)
