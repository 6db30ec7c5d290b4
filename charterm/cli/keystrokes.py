"""``charterm keystrokes``: how many keys the suggestions of a model save."""

from pathlib import Path
from typing import Annotated

import typer

from charterm.cli.options import DEFAULT_MODEL, JsonOption, ModelOption
from charterm.cli.output import narrate, print_facts, print_json
from charterm.cli.predict import load
from charterm.cli.progress import ProgressLine


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
    predictor = CompletionPredictor(Session(language_model), fold_case=not match_case)
    with ProgressLine() as progress:
        result = simulate(
            text_file.text,
            predictor,
            chosen,
            slots=slots,
            match_case=match_case,
            watch=lambda done, total: progress.show_share(done / total),
        )
    facts = result.to_json()
    if as_json:
        print_json({"model": language_model.name, **facts})
        return
    latency = facts["latency_ms"]
    case = "with" if match_case else "without"
    print_facts(
        (
            ("keystroke savings", f"{result.tally.savings:.2f} %"),
            ("rule", f"{chosen.name}, {result.slots} slots, adaptation {result.adaptation}"),
            ("words compared", f"{case} regard to case"),
            ("words from the list", f"{result.hit_rate:.1f} %"),
            ("ceiling", f"{result.ceiling:.1f} % with one key a word"),
            ("after one letter", f"{result.ceiling_after_first_letter:.1f} % at best"),
            ("keys", f"{result.tally.keystrokes:,} for {result.tally.characters:,} characters"),
            (
                "time of a list",
                f"{latency['p50']:.1f} ms, 95 of 100 within {latency['p95']:.1f} ms",
            ),
        )
    )
