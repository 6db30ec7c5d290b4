"""``charterm bench``: how fast all of it is on this machine."""

from __future__ import annotations

import os
import statistics
import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Final

import typer

from charterm.cli.given import load
from charterm.cli.options import DEFAULT_MODEL, JsonOption, ModelOption
from charterm.cli.output import print_json, print_table
from charterm.cli.progress import ProgressLine
from charterm.errors import ChartermError, UsageError
from charterm.model.config import CELLS
from charterm.model.library import find_model

if TYPE_CHECKING:
    from charterm.engine.language_model import LanguageModel
    from charterm.engine.timing import Report

_STARTS: Final = 5  # of the whole program
_FRAME: Final = 16.0  # milliseconds
_HAS_TERMINALS: Final = os.name == "posix"  # pseudo-terminals, in which the program is timed
_TRAINING_SECONDS: Final = 12.0


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(bench)


def _process_report(model: str) -> Report:
    """One-shot completion and, in a pseudo-terminal, the start of the program."""
    from charterm.engine.timing import Ratio, Report, line, process_line

    command = [sys.executable, "-P", "-m", "charterm", "complete", "The weather is", "-m", model]
    once = process_line("charterm complete", command)
    whole = Ratio("charterm complete, whole process, median", once.median / 1e6, "s", 0.6)
    if not _HAS_TERMINALS:
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


def _echo_report(model: str, beside: str = "") -> Report:
    """Key to echo in every field of the program; ``beside`` says what else the machine does."""
    from charterm.cli.screen_timing import time_echo
    from charterm.engine.timing import Ratio, Report, line

    timing = time_echo(model)
    lines = [
        line(f"key to echo{beside}", field, seconds)
        for field, seconds in timing.seconds.items()
        if seconds
    ]
    ratios = [
        Ratio(f"key to echo{beside}, {each.name}: 95th percentile", each.p95 / 1000, "ms", _FRAME)
        for each in lines
    ]
    lost = Ratio(f"keys never shown{beside}", float(timing.lost), "", 0.0)
    return Report(machine={}, lines=tuple(lines), ratios=(*ratios, lost))


def _training_report() -> Report:
    """Throughput of training GRU and LSTM 1×512, and its share of the matrix-product peak.

    Batches of 64, with which throughput is quoted; a training on a small text takes smaller ones.
    The peak is measured again after each group of steps: a machine that is busy is so for both.
    """
    from charterm.cli.training_beside import write_letters
    from charterm.engine.timing import Ratio, Report
    from charterm.text.corpus import build_corpus
    from charterm.training.events import Started, Step
    from charterm.training.precision import measure_peak, product_type
    from charterm.training.settings import TrainSettings
    from charterm.training.trainer import Trainer

    peak, ratios = 0.0, []
    with TemporaryDirectory(prefix="charterm-bench-") as name:
        text = Path(name) / "letters.txt"
        write_letters(text)
        corpus = build_corpus([text])
        for cell in CELLS:
            settings = TrainSettings(
                cell=cell,
                hidden=512,
                layers=1,
                batch_size=64,
                minutes=_TRAINING_SECONDS / 60,
                validations=1,
                sample_length=0,
            )
            rates, shares, peaks = [], [], []
            kind, first = "", 0.0
            for event in Trainer(corpus, settings, Path(name) / cell).run():
                if isinstance(event, Started):
                    kind, first = str(event.recipe["precision"]), event.peak_flops
                elif isinstance(event, Step):
                    peaks.append(measure_peak(product_type(kind), size=1024))
                    rates.append(event.characters_per_second)
                    shares.append(event.peak_share * first / peaks[-1])
            if not rates:
                raise ChartermError(
                    "training was too slow to be timed; try again on a quieter machine"
                )
            named = f"training, {cell.upper()} 1×512, batch 64"
            peak = max(peak, *peaks)
            ratios += [
                Ratio(f"{named}, median", statistics.median(rates), "characters/s"),
                Ratio(
                    f"{named}: share of the matrix-product peak, median",
                    statistics.median(shares),
                    "",
                    0.45,
                    at_least=True,
                ),
            ]
    return Report(
        machine={"matrix_product_peak_gflops": peak / 1e9}, lines=(), ratios=tuple(ratios)
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


class Part(StrEnum):
    """A part of the benchmark, in the order in which they are timed."""

    PREDICTIONS = "predictions"
    MEMORY = "memory"
    GENERATION = "generation"
    START = "start"
    KEYS = "keys"
    BESIDE = "beside"  # PyTorch comes into this process after all that it must not disturb
    STEPS = "steps"
    TRAINING = "training"


def bench(
    model: ModelOption = DEFAULT_MODEL,
    only: Annotated[
        list[Part] | None,
        typer.Option(
            metavar="PART",
            help=f"Time only this part, or several given so: {', '.join(Part)}.",
        ),
    ] = None,
    training: Annotated[
        bool,
        typer.Option("--training/--no-training", help="Time PyTorch and training too."),
    ] = True,
    as_json: JsonOption = False,
) -> None:
    """Time the engine, the program's start and keys, and training on this machine (minutes)."""
    from charterm.engine.timing import Report, machine_facts

    wanted = [part for part in Part if not only or part in only]
    if not training:
        wanted = [part for part in wanted if part not in (Part.BESIDE, Part.TRAINING)]
    if not _HAS_TERMINALS:
        wanted = [part for part in wanted if part is not Part.KEYS]
    if not wanted:
        raise UsageError("nothing is left to time: leave out --only or --no-training")
    folder = str(find_model(model).folder)  # also where another process has other folders
    language_model = load(model)
    with ProgressLine() as progress:

        def tell(what: str) -> None:
            progress.show(what, force=True)

        report = Report(machine=machine_facts(), lines=(), ratios=())
        for part in wanted:
            report = report.joined(
                _part_report(part, language_model, folder, torch=training, tell=tell)
            )
    if as_json:
        print_json(report.to_json())
    else:
        _print_report(report)


def _part_report(
    part: Part, model: LanguageModel, folder: str, *, torch: bool, tell: Callable[[str], None]
) -> Report:
    """Time one part."""
    from charterm.adaptation.benchmark import memory_report
    from charterm.decoding.benchmark import generation_report
    from charterm.engine.benchmark import predictions_report, steps_report

    match part:
        case Part.PREDICTIONS:
            return predictions_report(model, tell=tell)
        case Part.MEMORY:
            tell("keys with the memory and without")
            return memory_report(model)
        case Part.GENERATION:
            tell("texts that the model writes")
            return generation_report(model)
        case Part.START:
            tell("starting the program")
            return _process_report(folder)
        case Part.KEYS:
            tell("keys in every field of the program")
            return _echo_report(folder)
        case Part.BESIDE:
            tell("a training to time beside")
            return _beside_training(model, folder, tell)
        case Part.STEPS:
            return steps_report(model.config, torch=torch, tell=tell)
        case Part.TRAINING:
            tell("training")
            return _training_report()


def _beside_training(model: LanguageModel, folder: str, tell: Callable[[str], None]) -> Report:
    """Completions in this process, and keys in the program, while a training runs."""
    from charterm.cli.training_beside import training_beside
    from charterm.engine.benchmark import beside_training_report

    with training_beside():
        tell("completions beside a training")
        report = beside_training_report(model)
        if _HAS_TERMINALS:
            tell("keys in every field of the program beside a training")
            report = report.joined(_echo_report(folder, " beside a training"))
    return report
