"""What ``charterm predict`` and ``charterm complete`` print: what may come next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from charterm.cli.given import chosen_model, given_text, load

if TYPE_CHECKING:
    from collections.abc import Iterable


def print_characters(text: str | None, top: int, model: str, *, as_json: bool) -> None:
    """Print the likeliest next characters, with their probabilities.

    Args:
        text: so far; standard input where it is None or ``-``.
        top: how many characters.
        model: its name, or the path of its folder; the setting's where empty.
        as_json: rather than a table.

    Raises:
        UsageError: there is no such model, or no text.
        ChartermError: the model is damaged.
    """
    text = given_text(text)
    language_model = load(chosen_model(model))
    state = language_model.advance(language_model.start, text)
    candidates, _ = language_model.next_characters(state, top)
    _print_candidates(candidates, as_json=as_json)


def print_completions(
    text: str | None, count: int, words: int, model: str, *, as_json: bool
) -> None:
    """Print what the text most probably goes on with up to the end of the word.

    Args:
        text: so far; standard input where it is None or ``-``.
        count: how many completions.
        words: in a completion, at most.
        model: its name, or the path of its folder; the setting's where empty.
        as_json: rather than a table.

    Raises:
        UsageError: there is no such model, or no text.
        ChartermError: the model is damaged.
    """
    text = given_text(text)
    language_model = load(chosen_model(model))
    from charterm.engine.completion import Completer
    from charterm.engine.session import Session

    session = Session(language_model, text)
    found = Completer(language_model).complete(session, count, words=words, least=0.0)
    _print_candidates(((each.text, each.probability) for each in found), as_json=as_json)


def _print_candidates(candidates: Iterable[tuple[str, float]], *, as_json: bool) -> None:
    from charterm.cli.output import print_json, print_table

    if as_json:
        print_json([{"text": text, "probability": p} for text, p in candidates])
    else:
        print_table(
            ("text", "probability"),
            ((text, f"{p:.2%}" if p >= 1e-4 else f"{p:.1e}") for text, p in candidates),
            right="lr",
        )
