"""``charterm predict`` and ``charterm complete``: what may come next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from charterm.cli.options import DEFAULT_MODEL, JsonOption, ModelOption, TextArgument, given_text
from charterm.cli.output import print_json, print_table
from charterm.model.library import find_model

if TYPE_CHECKING:
    from collections.abc import Iterable

    from charterm.engine.language_model import LanguageModel


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command()(predict)
    app.command()(complete)


def load(name: str) -> LanguageModel:
    """The model with this name, on the NumPy backend. Raises UsageError if there is none."""
    from charterm.engine.language_model import load_language_model

    entry = find_model(name)
    return load_language_model(entry.folder, name=entry.name)


def _print_candidates(candidates: Iterable[tuple[str, float]], *, as_json: bool) -> None:
    if as_json:
        print_json([{"text": text, "probability": p} for text, p in candidates])
    else:
        print_table(
            ("text", "probability"),
            ((text, f"{p:.2%}" if p >= 1e-4 else f"{p:.1e}") for text, p in candidates),
            right="lr",
        )


def predict(
    text: TextArgument = None,
    top: Annotated[int, typer.Option("--top", min=1, help="How many characters.")] = 10,
    model: ModelOption = DEFAULT_MODEL,
    as_json: JsonOption = False,
) -> None:
    """Print the likeliest next characters after TEXT, with their probabilities."""
    text = given_text(text)
    language_model = load(model)
    state = language_model.advance(language_model.start, text)
    candidates, _ = language_model.next_characters(state, top)
    _print_candidates(candidates, as_json=as_json)


def complete(
    text: TextArgument = None,
    count: Annotated[int, typer.Option("-n", "--count", min=1, help="How many words.")] = 5,
    words: Annotated[
        int, typer.Option("--words", min=1, max=8, help="Words in a completion, at most.")
    ] = 1,
    model: ModelOption = DEFAULT_MODEL,
    as_json: JsonOption = False,
) -> None:
    """Print what TEXT most probably goes on with up to the end of the word.

    A completion's text is just what would be typed next, so it begins with a space where a new
    word begins.
    """
    from charterm.engine.completion import Completer
    from charterm.engine.session import Session

    text = given_text(text)
    session = Session(load(model), text)
    found = Completer(session.model).complete(session, count, words=words, least=0.0)
    _print_candidates(((each.text, each.probability) for each in found), as_json=as_json)
