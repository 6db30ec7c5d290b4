"""``charterm train``: make a model of local files."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from charterm.cli.options import JsonOption
from charterm.cli.output import narrate, print_json
from charterm.cli.progress import ProgressLine
from charterm.errors import ChartermError, UsageError
from charterm.model.library import new_model_folder
from charterm.text.corpus_options import CorpusOptions
from charterm.text.display import visible

if TYPE_CHECKING:
    from charterm.text.corpus import Corpus
    from charterm.training.events import Event, Finished, Step
    from charterm.training.trainer import Trainer

_BAR: Final = 24  # cells of the progress bar

Paths = Annotated[list[Path], typer.Argument(help="Text files, and folders of them.")]


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(train)


def _embedding(value: str | None) -> int | None:
    """The size of the input vectors; 0 for one-hot, None where it is left open."""
    if value is None:
        return None
    if value == "onehot":
        return 0
    if value.isdecimal() and int(value) > 0:
        return int(value)
    raise UsageError(f"--embedding must be a number above 0 or onehot, not {value!r}")


def _weights(values: list[str] | None) -> dict[str, int]:
    weights = {}
    for value in values or []:
        pattern, equals, weight = value.rpartition("=")
        if not equals or not weight.isdecimal():
            raise UsageError(f"--weight must be like 'letters_*=4', not {value!r}")
        weights[pattern] = int(weight)
    return weights


def _without(paths: list[Path], patterns: list[str]) -> list[Path]:
    """The files of ``paths`` of which no pattern fits the name or the path."""
    if not patterns:
        return paths
    from charterm.text.reading import find_text_files, fits

    files = find_text_files(paths)
    for pattern in patterns:
        if not any(fits(file, pattern) for file in files):
            raise UsageError(f"--exclude {pattern} fits none of the {len(files)} files")
    return [file for file in files if not any(fits(file, pattern) for pattern in patterns)]


def _clock(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def _narrate_corpus(corpus: Corpus) -> None:
    for source in corpus.sources:
        if source.guessed:
            narrate(f"{source.path}: read as {source.encoding}, which was guessed")
    narrate(
        f"{corpus.characters:,} characters in {len(corpus.sources)} files, "
        f"{len(corpus.alphabet.characters)} distinct in the alphabet; "
        f"{corpus.validation_characters:,} kept for validation"
    )


def _step_line(step: Step) -> str:
    done = round(_BAR * min(1.0, step.progress))
    return (
        f"{'━' * done}{'╌' * (_BAR - done)} {step.progress:4.0%}  loss {step.train_nats:.3f}  "
        f"{step.characters_per_second / 1000:.1f}k char/s  {_clock(step.seconds_left)} left"
    )


def _build_corpus(paths: list[Path], options: CorpusOptions) -> Corpus:
    from charterm.text.corpus import build_corpus

    with ProgressLine() as progress:

        def watch(done: int, total: int) -> None:
            progress.show(f"reading {done / max(1, total):.0%} of {total / 1e6:,.0f} MB")

        return build_corpus(paths, options, watch=watch)


@contextmanager
def _stopping_on_interrupt(trainer: Trainer) -> Iterator[None]:
    """The first Ctrl+C ends the training and keeps the model; the second one ends the program."""

    def stop(*_: object) -> None:
        narrate("\nstopping: the model is kept as it is now (Ctrl+C again to give it up)")
        trainer.stop()
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _follow(events: Iterator[Event]) -> Finished:
    """Narrate a training and return its last event."""
    from charterm.training.events import Finished, Sample, Started, Step, Validation

    with ProgressLine() as progress:
        for event in events:
            if isinstance(event, Step):
                progress.show(_step_line(event))
                continue
            progress.clear()
            if isinstance(event, Started):
                recipe = event.recipe
                narrate(
                    f"{recipe['cell'].upper()} {recipe['layers']}x{recipe['hidden']}, "
                    f"{event.parameters:,} parameters, {recipe['precision']} products on "
                    f"{event.threads} threads"
                )
            elif isinstance(event, Validation):
                narrate(
                    f"{_clock(event.seconds):>8}  validation {event.validation_nats:.4f} nats, "
                    f"{event.validation_bits:.4f} bits per character"
                    f"  (training {event.train_nats:.4f} nats){'  best' if event.best else ''}"
                )
            elif isinstance(event, Sample):
                narrate(f"          {visible(event.text)}")
            elif isinstance(event, Finished):
                return event
    raise ChartermError("the training ended without a result")  # a defect of the trainer


def train(
    paths: Paths,
    name: Annotated[str, typer.Option("--name", help="Name of the model.")],
    cell: Annotated[str, typer.Option(help="gru or lstm.")] = "gru",
    layers: Annotated[int | None, typer.Option(help="Recurrent layers.")] = None,
    hidden: Annotated[int | None, typer.Option(help="Units of each layer.")] = None,
    embedding: Annotated[
        str | None, typer.Option(help="Size of the input vectors, or onehot.")
    ] = None,
    dropout: Annotated[float | None, typer.Option(help="Share of outputs dropped.")] = None,
    sequence_length: Annotated[
        int | None, typer.Option(help="Tokens of truncated back-propagation.")
    ] = None,
    batch_size: Annotated[int | None, typer.Option(help="Streams read side by side.")] = None,
    optimizer: Annotated[str | None, typer.Option(help="adamw, adam or rmsprop.")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="Its peak.")] = None,
    weight_decay: Annotated[float | None, typer.Option(help="Decoupled.")] = None,
    beta2: Annotated[float | None, typer.Option(help="Of the optimizer.")] = None,
    clip: Annotated[float | None, typer.Option(help="Largest gradient norm; 0 is off.")] = None,
    schedule: Annotated[str | None, typer.Option(help="Of the learning rate.")] = None,
    averaging: Annotated[
        float | None, typer.Option(help="Decay of the running average of the weights; 0 is off.")
    ] = None,
    epochs: Annotated[float | None, typer.Option(help="Budget in passes over the text.")] = None,
    steps: Annotated[int | None, typer.Option(help="Budget in optimizer steps.")] = None,
    minutes: Annotated[float | None, typer.Option(help="Budget in minutes.")] = None,
    patience: Annotated[
        int, typer.Option(help="Validations without a new best before stopping early; 0 is off.")
    ] = 0,
    validations: Annotated[int | None, typer.Option(help="Validations in the budget.")] = None,
    validation: Annotated[
        float, typer.Option(help="Share of the text kept for validation, from the end.")
    ] = 0.1,
    validation_from: Annotated[
        str, typer.Option(help="The end of the whole text, or of each file.")
    ] = "whole",
    min_count: Annotated[
        int, typer.Option(help="Characters seen less often have no token of their own.")
    ] = 1,
    weight: Annotated[
        list[str] | None,
        typer.Option(help="PATTERN=N: read the files that fit N times in one pass."),
    ] = None,
    exclude: Annotated[
        list[str] | None, typer.Option(help="PATTERN: leave out the files that fit.")
    ] = None,
    case_variation: Annotated[
        float,
        typer.Option(help="Share of sentences repeated without capitals and punctuation."),
    ] = 0.0,
    precision: Annotated[str, typer.Option(help="auto, float32 or bfloat16.")] = "auto",
    threads: Annotated[int, typer.Option(help="0 for one on each core.")] = 0,
    seed: Annotated[int, typer.Option(help="Repeats a training of an epoch or step budget.")] = 0,
    sample_length: Annotated[int, typer.Option(help="Characters of each sample; 0 is off.")] = 200,
    description: Annotated[str, typer.Option(help="A sentence for the library.")] = "",
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace the model of this name.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Train a model on PATHS and keep it in the library.

    What is left open is chosen from the size of the text and the budget.
    """
    folder = new_model_folder(name)
    if folder.exists() and not overwrite:
        raise UsageError(
            f"there is a model named {name!r} already: choose another --name, or --overwrite it"
        )
    options: dict[str, Any] = {
        "validation_from": validation_from,
        "validation": validation,
        "min_count": min_count,
        "case_variation": case_variation,
        "seed": seed,
    }
    corpus_options = CorpusOptions(weights=_weights(weight), **options)
    choices: dict[str, Any] = {
        "cell": cell,
        "optimizer": optimizer,
        "schedule": schedule,
        "precision": precision,
    }
    from charterm.training.settings import TrainSettings

    settings = TrainSettings(
        layers=layers,
        hidden=hidden,
        embedding=_embedding(embedding),
        dropout=dropout,
        sequence_length=sequence_length,
        batch_size=batch_size,
        learning_rate=learning_rate,
        weight_decay=weight_decay,
        beta2=beta2,
        clip=clip,
        averaging=averaging,
        epochs=epochs,
        steps=steps,
        minutes=minutes,
        patience=patience,
        validations=validations,
        threads=threads,
        seed=seed,
        sample_length=sample_length,
        **choices,
    )
    corpus = _build_corpus(_without(paths, exclude or []), corpus_options)
    _narrate_corpus(corpus)

    from charterm.training.trainer import Trainer  # imports torch, so only when all else is right

    trainer = Trainer(corpus, settings, folder, description=description)
    with _stopping_on_interrupt(trainer):
        finished = _follow(trainer.run())
    facts = finished.facts
    if as_json:
        print_json({"name": name, **facts})
    else:
        narrate(
            f"kept as {name}: {facts['validation_bits']:.4f} bits per character after "
            f"{facts['characters_seen']:,} characters in {_clock(facts['seconds'])}; "
            f"try charterm complete -m {name}"
        )
