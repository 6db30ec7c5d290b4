"""``charterm train``: make a model of local files."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from charterm.cli.options import JsonOption
from charterm.cli.output import narrate, print_json
from charterm.cli.runs import OldTextOption
from charterm.cli.training_narration import TrainingNarration
from charterm.errors import UsageError
from charterm.text.corpus_options import CorpusOptions
from charterm.training.events import Event, Failed, Paused

if TYPE_CHECKING:
    from charterm.engine.starting_point import StartingPoint
    from charterm.training.run_folder import RunFolder
    from charterm.training.settings import TrainSettings

_AUTO: Final = "auto"
_NONE: Final = "none"
_WITH_RESUME: Final = ("resume", "old_text", "detach", "words", "as_json")

Paths = Annotated[list[Path] | None, typer.Argument(help="Text files, and folders of them.")]


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(train)


def _size_or(word: str, option: str, value: str | None) -> int | None:
    """A size above 0; 0 for ``word``, which goes without, and None where it is left open."""
    if value is None:
        return None
    if value == word:
        return 0
    if value.isdecimal() and int(value) > 0:
        return int(value)
    raise UsageError(f"{option} must be a number above 0 or {word}, not {value!r}")


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


def _starter_for(paths: list[Path], settings: TrainSettings) -> StartingPoint | None:
    """The starter to go on from; ``None`` for a new network."""
    from charterm.engine.product_speed import product_speed
    from charterm.engine.starting_point import starting_point
    from charterm.text.reading import find_text_files
    from charterm.training.settings import REACHED_SHARE, wants_own_network

    size = sum(file.stat().st_size for file in find_text_files(paths))
    speed = REACHED_SHARE * product_speed(settings.threads or os.cpu_count() or 1)
    return None if wants_own_network(settings, size, speed) else starting_point(paths)


def _require_alone(context: typer.Context) -> None:
    """A resumed run goes on as it began: no other option may be given."""
    for parameter in context.command.params:
        source = context.get_parameter_source(parameter.name or "")
        given = source is not None and source.name == "COMMANDLINE"
        if given and parameter.name not in _WITH_RESUME:
            option = parameter.opts[0] if parameter.param_type_name == "option" else "PATHS"
            raise UsageError(
                f"--resume goes on as the run began, without {option}; to begin anew, leave out "
                "--resume and add --overwrite"
            )


def _do(run: RunFolder, *, old_text: bool, detach: bool, words: bool, as_json: bool) -> None:
    """Do or go on with a run, here or in the background, and report how it ended."""
    name = run.name
    if detach:
        from charterm.training.runs import start_run

        pid = start_run(run, old_text=old_text)
        if as_json:
            print_json({"name": name, "pid": pid, "folder": str(run.model)})
        else:
            narrate(f"{name} is being trained by process {pid}: see charterm runs attach {name}")
        return
    from charterm.training.runs import require_free

    require_free(run)
    from charterm.training.run_process import train_run  # torch, so only when all else is right

    run.process_log.unlink(missing_ok=True)
    with TrainingNarration(name) as narration:

        def tell(event: Event) -> None:
            if not isinstance(event, Failed):  # the error says it
                narration.tell(event)

        last = train_run(run, tell, old_text=old_text)
    if not isinstance(last, Paused):
        if words:
            from charterm.training.word_table import keep_words

            keep_words(run)
        if as_json:
            print_json({"name": name, **last.facts})
        return
    if as_json:
        print_json({"name": name, "paused": True, "step": last.step, "progress": last.progress})
    if last.signal:
        raise typer.Exit(128 + signal.Signals[last.signal])


def train(
    context: typer.Context,
    paths: Paths = None,
    name: Annotated[str, typer.Option("--name", help="Name of the model.")] = "",
    base: Annotated[
        str,
        typer.Option(
            "--from",
            help="Train this model further; its shape is kept, but for fewer units (--hidden) or a "
            "--projection. auto goes on from a starter that knows the language; none makes a new "
            "network.",
        ),
    ] = _AUTO,
    recall: Annotated[
        list[Path] | None,
        typer.Option(help="With --from: a text to measure what the model still knows."),
    ] = None,
    resume: Annotated[
        str, typer.Option("--resume", metavar="NAME", help="Go on with a run that was ended.")
    ] = "",
    old_text: OldTextOption = False,
    detach: Annotated[
        bool, typer.Option("--detach", help="Train in the background; see charterm runs.")
    ] = False,
    cell: Annotated[str | None, typer.Option(help="gru or lstm.  [default: lstm]")] = None,
    layers: Annotated[int | None, typer.Option(help="Recurrent layers.")] = None,
    hidden: Annotated[int | None, typer.Option(help="Units of each layer.")] = None,
    embedding: Annotated[
        str | None, typer.Option(help="Size of the input vectors, or onehot.")
    ] = None,
    projection: Annotated[
        str | None,
        typer.Option(help="Size to which each layer's units are brought, or none."),
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
    checkpoint_seconds: Annotated[
        float | None, typer.Option(help="Between checkpoints; default a minute, or more.")
    ] = None,
    keep: Annotated[
        str, typer.Option(help="The weights of the best validation, or the last.")
    ] = "best",
    description: Annotated[str, typer.Option(help="A sentence for the library.")] = "",
    words: Annotated[
        bool,
        typer.Option("--words", help="Keep a table of the text's words too, for completions."),
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace the model of this name.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Train a model on PATHS and keep it in the library.

    What is left open is chosen from the size of the text and the budget. Ctrl+C pauses: the
    model is kept as it is, and --resume goes on exactly as if nothing had been.
    """
    from charterm.training.runs import create_run, resumable_run

    if words and detach:
        raise UsageError("--words waits for the end: use charterm models words NAME later")
    if resume:
        _require_alone(context)
        run = resumable_run(resume)
        _do(run, old_text=old_text, detach=detach, words=words, as_json=as_json)
        return
    if not paths or not name:
        raise UsageError("give text files and --name NAME, or --resume NAME")
    if old_text:
        raise UsageError("--old-text goes with --resume: a new run reads the files as they are")
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
        "keep": keep,
    }
    from charterm.training.settings import TrainSettings

    settings = TrainSettings(
        layers=layers,
        hidden=hidden,
        embedding=_size_or("onehot", "--embedding", embedding),
        projection=_size_or("none", "--projection", projection),
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
        checkpoint_seconds=checkpoint_seconds,
        **choices,
    )
    files = _without(paths, exclude or [])
    start = _starter_for(files, settings) if base == _AUTO else None
    if base in (_AUTO, _NONE):
        base = start.name if start else ""
    run = create_run(
        name,
        files,
        corpus_options,
        settings,
        description=description,
        base=base,
        recall=recall or [],
        overwrite=overwrite,
    )
    if start:
        narrate(
            f"going on from {start.name}, which knows the language ({start.bits:.2f} bits a "
            "character before this training); --from none makes a new network"
        )
    _do(run, old_text=False, detach=detach, words=words, as_json=as_json)
