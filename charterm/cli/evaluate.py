"""``charterm evaluate``: how well a model predicts a text."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from charterm.cli.given import load
from charterm.cli.options import DEFAULT_MODEL, JsonOption, ModelOption
from charterm.cli.output import narrate, print_facts, print_json, print_table
from charterm.cli.progress import ProgressLine
from charterm.errors import UsageError
from charterm.model.library import find_model

if TYPE_CHECKING:
    from charterm.engine.language_model import LanguageModel


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(evaluate)


def evaluate(
    file: Annotated[Path, typer.Argument(help="The text to predict.")],
    model: ModelOption = DEFAULT_MODEL,
    protocol: Annotated[
        str,
        typer.Option(
            "--protocol",
            help="stateful: one state carried through; window: a fresh state for each window.",
        ),
    ] = "stateful",
    window: Annotated[
        int, typer.Option("--window", min=1, help="Tokens in a window, for --protocol window.")
    ] = 256,
    last: Annotated[
        float, typer.Option("--last", help="Only this last part of the file, from 0 to 1.")
    ] = 1.0,
    adapt: Annotated[
        bool,
        typer.Option("--adapt", help="With a personal memory that learns FILE, and without."),
    ] = False,
    dynamic: Annotated[
        bool,
        typer.Option(
            "--dynamic", help="With the weights themselves learning from FILE, and without; slow."
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Measure how well a model predicts FILE: bits per character, accuracy, calibration."""
    from charterm.engine.scoring import PROTOCOLS, score
    from charterm.text.reading import read_text_file

    chosen = next((name for name in PROTOCOLS if name == protocol), None)
    if chosen is None:
        raise UsageError(f"unknown protocol {protocol!r}: choose stateful or window")
    if not 0.0 < last <= 1.0:
        raise UsageError(f"--last must be above 0 and at most 1, not {last}")
    if (adapt or dynamic) and (adapt == dynamic or chosen != "stateful"):
        raise UsageError("give --adapt or --dynamic, and no other protocol than stateful")
    text_file = read_text_file(file)
    language_model = load(model)
    if text_file.guessed:
        narrate(f"{file}: read as {text_file.encoding}, which was guessed")
    start = len(text_file.text) - round(last * len(text_file.text))
    text = text_file.text[start:]
    if adapt:
        _print_adapted(language_model, text, as_json=as_json)
        return
    if dynamic:
        _print_dynamic(language_model, find_model(model).folder, text, as_json=as_json)
        return
    with ProgressLine() as progress:
        figures = score(
            language_model,
            text,
            protocol=chosen,
            window=window,
            on_progress=progress.show_share,
        )
    if as_json:
        print_json({"model": language_model.name, **figures.to_json()})
        return
    print_facts(
        (
            ("bits per character", f"{figures.bits_per_character:.4f}"),
            ("nats per character", f"{figures.nats_per_character:.4f}"),
            ("right at first guess", f"{figures.top1:.2%}"),
            ("among the first 3", f"{figures.top3:.2%}"),
            ("among the first 5", f"{figures.top5:.2%}"),
            ("mean reciprocal rank", f"{figures.mean_reciprocal_rank:.4f}"),
            ("characters", f"{figures.characters:,}"),
        )
    )
    print("\ncalibration: how often the first guess was right, by how sure the model was")
    print_table(
        ("sure", "right", "predictions"),
        (
            (f"{each.confidence:.1%}", f"{each.accuracy:.1%}", f"{each.predictions:,}")
            for each in figures.calibration
            if each.predictions
        ),
        right="rrr",
    )


def _print_adapted(model: LanguageModel, text: str, *, as_json: bool) -> None:
    from charterm.adaptation.evaluation import measure_gain

    with ProgressLine() as progress:
        gain = measure_gain(model, text, on_progress=progress.show_share)
    if as_json:
        print_json({"model": model.name, "adaptation": "memory", **gain.to_json()})
        return
    print_facts(
        (
            ("bits per character", f"{gain.adapted:.4f} with a memory that learns"),
            ("without", f"{gain.network:.4f} ({gain.adapted - gain.network:+.4f} with it)"),
            ("characters", f"{gain.characters:,}"),
        )
    )
    print("\nbits per character in each part of the text")
    print_table(
        ("characters", "adapted", "without", "difference"),
        (
            (f"{done:,}", f"{adapted:.3f}", f"{network:.3f}", f"{adapted - network:+.3f}")
            for done, network, adapted in gain.curve
        ),
        right="rrrr",
    )


def _print_dynamic(model: LanguageModel, folder: Path, text: str, *, as_json: bool) -> None:
    from charterm.adaptation.dynamic import DynamicModel  # imports torch

    with ProgressLine() as progress:
        gain = DynamicModel(folder, model).learn(text, on_progress=progress.show_share)
    if as_json:
        print_json({"model": model.name, "adaptation": "dynamic", **gain.to_json()})
        return
    each = 1000.0 / gain.characters
    print_facts(
        (
            ("bits per character", f"{gain.dynamic:.4f} with weights that learn"),
            ("without", f"{gain.static:.4f} ({gain.dynamic - gain.static:+.4f} with it)"),
            ("time", f"{gain.seconds * each:.2f} ms a character"),
            ("without", f"{gain.static_seconds * each:.2f} ms"),
            ("characters", f"{gain.characters:,}"),
        )
    )
