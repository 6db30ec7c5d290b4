"""``charterm models``: look after the model library."""

from pathlib import Path
from typing import Annotated, Any

import typer

from charterm.cli.given import load_settings
from charterm.cli.options import JsonOption
from charterm.cli.output import narrate, print_facts, print_json, print_table, tell
from charterm.cli.progress import ProgressLine
from charterm.errors import ChartermError, UsageError
from charterm.model import library
from charterm.model.summary import COLUMNS, Summary, order, summarize
from charterm.settings.schema import MODEL

commands = typer.Typer(name="models", help="Look after the models.", rich_markup_mode=None)

NameArgument = Annotated[str, typer.Argument(help="The model's name.")]
NewNameArgument = Annotated[str, typer.Argument(help="Its new name.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.add_typer(commands)


def _facts(summary: Summary) -> dict[str, Any]:
    config = summary.config
    return {
        "name": summary.name,
        "starter": summary.entry.starter,
        "cell": summary.cell,
        "layers": config.layers if config else None,
        "hidden": config.hidden if config else None,
        "embedding": config.embedding if config else None,
        "projection": config.projection if config else None,
        "parameters": summary.parameters,
        "bytes": summary.bytes,
        "alphabet": summary.characters,
        "validation_bits": summary.validation_bits,
        "created": summary.created,
        "licence": summary.licence,
        "description": summary.description,
        "sources": list(summary.sources),
        "folder": str(summary.entry.folder),
        "problem": summary.problem,
    }


def _bits(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


@commands.callback(invoke_without_command=True)
def models(context: typer.Context, as_json: JsonOption = False) -> None:
    """List the models (the same as ``charterm models list``)."""
    if context.invoked_subcommand is None:
        list_models(as_json=as_json)


@commands.command("list")
def list_models(
    sort: Annotated[
        str, typer.Option("--sort", help=f"Sort by {', '.join(COLUMNS)}.", show_default=False)
    ] = "",
    descending: Annotated[bool, typer.Option("--descending", help="Largest first.")] = False,
    as_json: JsonOption = False,
) -> None:
    """List the models in the library, the user's own first; a star marks the default."""
    summaries = [summarize(entry) for entry in library.list_models()]
    if sort or descending:
        column = next((each for each in COLUMNS if each == (sort or "name")), None)
        if column is None:
            raise UsageError(f"no column {sort!r}: choose one of {', '.join(COLUMNS)}")
        summaries = order(summaries, column, descending=descending)
    if as_json:
        print_json([_facts(summary) for summary in summaries])
        return
    if not summaries:
        narrate("no models yet: make one with charterm train FILE --name NAME")
        return
    default = load_settings().get(MODEL)
    print_table(
        ("name", "", "cell", "size", "characters", "bits/char", "MB", "created", ""),
        (
            (
                summary.name,
                "*" if summary.name == default else "",
                summary.cell,
                summary.shape,
                str(summary.characters or ""),
                _bits(summary.validation_bits),
                f"{summary.bytes / 1e6:.1f}",
                summary.created[:10],
                "damaged" if summary.problem else "starter" if summary.entry.starter else "",
            )
            for summary in summaries
        ),
        right="llllrrrl",
    )


@commands.command()
def show(name: NameArgument, as_json: JsonOption = False) -> None:
    """Show what is known about a model."""
    summary = summarize(library.find_model(name))
    if summary.problem:
        raise ChartermError(summary.problem)
    facts, training = _facts(summary), dict(summary.training or {})
    if as_json:
        print_json({**facts, "training": training})
        return
    shown = {**facts, "sources": ", ".join(summary.sources)}
    print_facts(
        [(key, str(value)) for key, value in shown.items() if value not in (None, "")]
        + [(key, str(value)) for key, value in training.items() if key not in facts]
    )


@commands.command()
def rename(name: NameArgument, new_name: NewNameArgument, as_json: JsonOption = False) -> None:
    """Rename a model of yours and its training; the default model stays the default.

    Texts that it completes know it by the new name.
    """
    from charterm.documents.store import TextStore
    from charterm.training.model_changes import rename_model  # NumPy, which a listing does not need

    rename_model(name, new_name)
    settings = load_settings()
    if settings.get(MODEL) == name:
        settings.with_value(MODEL, new_name).save()
    TextStore().rename_model(name, new_name)
    tell({"renamed": name, "name": new_name}, f"renamed {name} to {new_name}", as_json)


@commands.command()
def duplicate(
    name: NameArgument,
    new_name: Annotated[str, typer.Argument(help="The copy's name.", show_default=False)] = "",
    half: Annotated[bool, typer.Option("--half", help="In half precision, half the size.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Copy a model, a starter model too, into one of yours."""
    free = new_name or library.free_name(f"{name}-copy")
    copy = library.duplicate_model(name, free, half=half)
    tell({"duplicated": name, "name": copy.name}, f"copied {name} to {copy.name}", as_json)


@commands.command()
def delete(name: NameArgument, as_json: JsonOption = False) -> None:
    """Move a model of yours into the trash; charterm models restore brings it back."""
    from charterm.training.model_changes import delete_model  # as above

    deleted = delete_model(name)
    tell(
        {"deleted": name, "trash": str(deleted.folder)},
        f"deleted {name}; charterm models restore {name} brings it back within "
        f"{library.KEPT_DAYS} days",
        as_json,
    )


@commands.command()
def restore(
    name: Annotated[
        str, typer.Argument(help="The model; the last deleted one by default.", show_default=False)
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Bring a deleted model back."""
    entry = library.restore_model(name)
    tell({"restored": entry.name}, f"{entry.name} is back", as_json)


@commands.command("export")
def export_file(
    name: NameArgument,
    file: Annotated[
        Path, typer.Argument(help="The file to write, or its folder; here by default.")
    ] = Path(),
    force: Annotated[bool, typer.Option("--force", help="Replace a file that exists.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Write a model into one file, a zip of its folder."""
    from charterm.model.archive import export_model

    with ProgressLine() as progress:
        path = export_model(name, file, overwrite=force, on_progress=progress.show_share)
    tell({"exported": name, "file": str(path)}, f"wrote {path}", as_json)


@commands.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="A file that charterm models export wrote.")],
    name: Annotated[
        str, typer.Option("--name", help="What to call it; by default as in the file.")
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Take a model from one file into the library, if everything in it fits together."""
    from charterm.model.archive import import_model

    with ProgressLine() as progress:
        entry = import_model(file, name, on_progress=progress.show_share)
    tell({"imported": entry.name, "folder": str(entry.folder)}, f"imported {entry.name}", as_json)


@commands.command()
def words(
    name: NameArgument,
    least: Annotated[
        int, typer.Option("--least", min=1, help="Leave out what occurs less often; 2 is small.")
    ] = 1,
    as_json: JsonOption = False,
) -> None:
    """Keep a table of the words of its training text in a model of yours, for completions."""
    from charterm.training.run_folder import RunFolder
    from charterm.training.word_table import keep_words, table_bytes

    library.require_unwritten(name)
    run = RunFolder.existing(name)
    table = keep_words(run, least=least)
    size = table_bytes(run.model)
    facts = {
        "name": name,
        "words": len(table.words) - 1,
        "pairs": len(table.pair_words),
        "triples": len(table.triple_words),
        "bytes": size,
    }
    tell(facts, f"{name} knows {len(table.words) - 1:,} words now, {size / 1e6:.1f} MB", as_json)


@commands.command()
def default(
    name: Annotated[
        str, typer.Argument(help="The model; without it, print which it is.", show_default=False)
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Choose the model that completes where no other is asked for."""
    settings = load_settings()
    if name:
        settings.with_value(MODEL, library.find_model(name).name).save()
        tell({"default": name}, f"{name} is the default model now", as_json)
    elif as_json:
        print_json({"default": settings.get(MODEL)})
    else:
        print(settings.get(MODEL))
