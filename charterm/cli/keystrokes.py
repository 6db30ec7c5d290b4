"""``charterm keystrokes``: how many keys the suggestions of a model save."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from charterm.cli.given import load
from charterm.cli.options import DEFAULT_MODEL, JsonOption, ModelOption
from charterm.cli.output import narrate, print_facts, print_json, print_table
from charterm.cli.progress import ProgressLine

if TYPE_CHECKING:
    from charterm.adaptation.comparison import KeystrokeComparison
    from charterm.engine.keystrokes import KeystrokeResult

_BLOCKS: Final = "▁▂▃▄▅▆▇█"


class Adapt(StrEnum):
    """What the suggestions learn from as FILE is written."""

    NONE = "none"
    MEMORY = "memory"


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(keystrokes)


def keystrokes(
    file: Annotated[Path, typer.Argument(help="Phrases to write, one a line.")],
    model: ModelOption = DEFAULT_MODEL,
    rule: Annotated[
        str, typer.Option("--rule", help="What is counted: presage, textslinger or trnka.")
    ] = "presage",
    slots: Annotated[
        int | None,
        typer.Option("--slots", min=1, help="Suggestions shown at once; the rule's by default."),
    ] = None,
    match_case: Annotated[
        bool, typer.Option("--match-case", help="A suggestion must have the word's capitals.")
    ] = False,
    adapt: Annotated[
        Adapt,
        typer.Option("--adapt", help="memory: learn each word as it is written; none: do not."),
    ] = Adapt.NONE,
    as_json: JsonOption = False,
) -> None:
    """Measure how many keys an ideal user saves who writes FILE with the suggestions."""
    from charterm.engine.keystrokes import rule_named, simulate
    from charterm.engine.session import Session
    from charterm.engine.word_prediction import CompletionPredictor
    from charterm.text.reading import read_text_file

    chosen = rule_named(rule)
    text_file = read_text_file(file)
    if text_file.guessed:
        narrate(f"{file}: read as {text_file.encoding}, which was guessed")
    language_model = load(model)
    facts: dict[str, Any]
    with ProgressLine() as progress:

        def watch(done: int, total: int) -> None:
            progress.show_share(done / total)

        if adapt is Adapt.MEMORY:
            from charterm.adaptation.comparison import compare_keystrokes

            comparison = compare_keystrokes(
                language_model,
                text_file.text,
                chosen,
                slots=slots,
                match_case=match_case,
                watch=watch,
            )
            result, facts = comparison.adapted, comparison.to_json()
        else:
            comparison = None
            predictor = CompletionPredictor(Session(language_model), fold_case=not match_case)
            result = simulate(
                text_file.text,
                predictor,
                chosen,
                slots=slots,
                match_case=match_case,
                watch=watch,
            )
            facts = result.to_json()
    if as_json:
        print_json({"model": language_model.name, **facts})
        return
    print_facts(_lines(result, comparison))
    if comparison:
        print("\nlearning curve: savings in each part of the text")
        print_table(
            ("characters", "adapted", "without", "difference"),
            (
                (f"{done:,}", f"{adapted:.1f} %", f"{plain:.1f} %", f"{adapted - plain:+.1f}")
                for done, adapted, plain in comparison.curve
            ),
            right="rrrr",
        )


def _lines(
    result: KeystrokeResult, comparison: KeystrokeComparison | None
) -> Iterator[tuple[str, str]]:
    """What was measured, as names and values."""
    latency = result.to_json()["latency_ms"]
    yield "keystroke savings", f"{result.tally.savings:.2f} %"
    if comparison:
        plain = comparison.plain.tally.savings
        gained = result.tally.savings - plain
        yield "without adaptation", f"{plain:.2f} % ({gained:+.2f} with it)"
    yield "rule", f"{result.rule.name}, {result.slots} slots, adaptation {result.adaptation}"
    yield "words compared", f"{'with' if result.match_case else 'without'} regard to case"
    yield "words from the list", f"{result.hit_rate:.1f} %"
    yield "ceiling", f"{result.ceiling:.1f} % with one key a word"
    yield "after one letter", f"{result.ceiling_after_first_letter:.1f} % at best"
    yield "keys", f"{result.tally.keystrokes:,} for {result.tally.characters:,} characters"
    yield (
        "time of a list",
        f"{latency['p50']:.1f} ms, 95 of 100 within {latency['p95']:.1f} ms",
    )
    if comparison:
        values = [(adapted, plain) for _, adapted, plain in comparison.curve]
        low, high = min(map(min, values)), max(map(max, values))
        yield "learning curve", sparkline([adapted for adapted, _ in values], low, high)
        yield "without", sparkline([plain for _, plain in values], low, high)


def sparkline(values: Sequence[float], low: float, high: float) -> str:
    """One block for each value, as high as it stands between ``low`` and ``high``."""
    span = (high - low) or 1.0
    return "".join(_BLOCKS[round((len(_BLOCKS) - 1) * (value - low) / span)] for value in values)
