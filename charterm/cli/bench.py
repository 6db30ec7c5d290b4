"""``charterm bench``: how fast all of it is on this machine."""

from __future__ import annotations

import os
import statistics
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Final

import typer

from charterm.cli.options import DEFAULT_MODEL, JsonOption, ModelOption
from charterm.cli.output import print_json, print_table
from charterm.cli.predict import load
from charterm.cli.progress import ProgressLine
from charterm.errors import ChartermError

if TYPE_CHECKING:
    from charterm.engine.timing import Report

_STARTS: Final = 5  # of the whole program
_TRAINING_SECONDS: Final = 12.0


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(bench)


def _process_report(model: str) -> Report:
    """One-shot completion and the start of the program, as whole processes."""
    from charterm.engine.timing import Ratio, Report, line, process_line

    command = [sys.executable, "-m", "charterm", "complete", "The weather is", "-m", model]
    once = process_line("charterm complete", command)
    whole = Ratio("charterm complete, whole process, median", once.median / 1e6, "s", 0.6)
    if os.name != "posix":  # the program's start is timed in a pseudo-terminal
        return Report(machine={}, lines=(once,), ratios=(whole,))

    from charterm.cli.screen_timing import time_screen

    starts = [time_screen(model) for _ in range(_STARTS)]
    paint = line("processes", "program to first paint", [each.first_paint for each in starts])
    first = line(
        "processes", "program to first prediction", [each.first_prediction for each in starts]
    )
    ratios = [
        whole,
        Ratio("program to first paint, median", paint.median / 1e6, "s", 0.8),
        Ratio("program to first prediction, median", first.median / 1e6, "s", 1.2),
    ]
    memory = [each.megabytes for each in starts if each.megabytes is not None]
    if memory:
        ratios.append(Ratio("writing screen, resident", statistics.median(memory), "MB", 150.0))
    torch = [each.torch for each in starts if each.torch is not None]
    if torch:
        ratios.append(Ratio("writing screens that loaded PyTorch", float(sum(torch)), "", 0.0))
    return Report(machine={}, lines=(once, paint, first), ratios=tuple(ratios))


def _training_report() -> Report:
    """Throughput of a GRU 1×512 over some seconds, and its share of the matrix-product peak."""
    import random

    from charterm.engine.timing import Ratio, Report
    from charterm.text.corpus import build_corpus
    from charterm.training.events import Started, Step
    from charterm.training.settings import TrainSettings
    from charterm.training.trainer import Trainer

    letters = random.Random(0).choices("etaoin shrdlu\n", k=400_000)
    with TemporaryDirectory(prefix="charterm-bench-") as name:
        text = Path(name) / "letters.txt"
        text.write_text("".join(letters), encoding="utf-8")
        settings = TrainSettings(
            hidden=512, layers=1, minutes=_TRAINING_SECONDS / 60, validations=1, sample_length=0
        )
        trainer = Trainer(build_corpus([text]), settings, Path(name) / "model")
        peak, rates, shares = 0.0, [], []
        for event in trainer.run():
            if isinstance(event, Started):
                peak = event.peak_flops
            elif isinstance(event, Step):
                rates.append(event.characters_per_second)
                shares.append(event.peak_share)
    if not rates:
        raise ChartermError("training was too slow to be timed; try again on a quieter machine")
    return Report(
        machine={"matrix_product_peak_gflops": peak / 1e9},
        lines=(),
        ratios=(
            Ratio("training, GRU 1×512, median", statistics.median(rates), "characters/s"),
            Ratio(
                "training's share of the matrix-product peak, median",
                statistics.median(shares),
                "",
                0.45,
                at_least=True,
            ),
        ),
    )


def _duration(microseconds: float) -> str:
    if microseconds >= 1e6:
        return f"{microseconds / 1e6:.2f} s"
    return f"{microseconds / 1e3:.2f} ms" if microseconds >= 1e3 else f"{microseconds:.1f} µs"


def _print_report(report: Report) -> None:
    print_table(
        ("", "what", "median", "95 %", "calls"),
        (
            (each.group, each.name, _duration(each.median), _duration(each.p95), str(each.calls))
            for each in report.lines
        ),
        right="llrrr",
    )
    print()
    print_table(
        ("figure", "value", "target", ""),
        (
            (
                each.name,
                f"{each.value:,.2f} {each.unit}".strip(),
                ""
                if each.target is None
                else f"{'at least' if each.at_least else 'at most'} {each.target:g}",
                {None: "", True: "met", False: "missed"}[each.met],
            )
            for each in report.ratios
        ),
        right="lrrl",
    )


def bench(
    model: ModelOption = DEFAULT_MODEL,
    training: Annotated[
        bool, typer.Option("--training/--no-training", help="Time PyTorch and training too.")
    ] = True,
    as_json: JsonOption = False,
) -> None:
    """Time the engine, the program's start and training on this machine (some minutes)."""
    from charterm.engine.benchmark import benchmark

    language_model = load(model)
    with ProgressLine() as progress:
        report = benchmark(
            language_model, torch=training, tell=lambda what: progress.show(what, force=True)
        )
        progress.show("starting the program", force=True)
        report = report.joined(_process_report(model))
        if training:
            progress.show("training", force=True)
            trained = _training_report()
            report = report.joined(trained)
            report.machine.update(trained.machine)
    if as_json:
        print_json(report.to_json())
    else:
        _print_report(report)
