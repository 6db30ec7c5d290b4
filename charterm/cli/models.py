"""``charterm models``: look after the model library."""

from typing import Annotated, Any

import typer

from charterm.cli.options import JsonOption
from charterm.cli.output import narrate, print_facts, print_json, print_table
from charterm.model import library
from charterm.model.library import Entry

commands = typer.Typer(
    name="models", help="List, show, rename and delete models.", rich_markup_mode=None
)

NameArgument = Annotated[str, typer.Argument(help="The model's name.")]


def _summary(entry: Entry) -> dict[str, Any]:
    info = entry.info()
    config = info.config
    return {
        "name": entry.name,
        "starter": entry.starter,
        "cell": config.cell,
        "layers": config.layers,
        "hidden": config.hidden,
        "embedding": config.embedding,
        "parameters": config.parameters,
        "bytes": entry.bytes,
        "alphabet": len(info.alphabet.characters),
        "validation_bits": info.training.get("validation_bits"),
        "created": info.created,
        "licence": info.licence,
        "description": info.description,
        "sources": [source.get("name", "") for source in info.sources],
        "folder": str(entry.folder),
    }


def _bits(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


@commands.callback(invoke_without_command=True)
def models(context: typer.Context, as_json: JsonOption = False) -> None:
    """List the models (the same as ``charterm models list``)."""
    if context.invoked_subcommand is None:
        list_models(as_json=as_json)


@commands.command("list")
def list_models(as_json: JsonOption = False) -> None:
    """List the models in the library, the user's own first."""
    summaries = [_summary(entry) for entry in library.list_models()]
    if as_json:
        print_json(summaries)
        return
    if not summaries:
        narrate("no models yet: make one with charterm train FILE --name NAME")
        return
    print_table(
        ("name", "cell", "size", "characters", "bits/char", "MB", "created", ""),
        (
            (
                summary["name"],
                summary["cell"],
                f"{summary['layers']}x{summary['hidden']}",
                str(summary["alphabet"]),
                _bits(summary["validation_bits"]),
                f"{summary['bytes'] / 1e6:.1f}",
                summary["created"][:10],
                "starter" if summary["starter"] else "",
            )
            for summary in summaries
        ),
        right="lllrrrl",
    )


@commands.command()
def show(name: NameArgument, as_json: JsonOption = False) -> None:
    """Show what is known about a model."""
    entry = library.find_model(name)
    summary = _summary(entry)
    training = entry.info().training
    if as_json:
        print_json({**summary, "training": training})
        return
    shown = {**summary, "sources": ", ".join(summary["sources"])}
    facts = [(key, str(value)) for key, value in shown.items() if value not in (None, "")]
    print_facts(
        facts + [(key, str(value)) for key, value in training.items() if key not in summary]
    )


@commands.command()
def delete(name: NameArgument, as_json: JsonOption = False) -> None:
    """Delete a model of yours."""
    library.delete_model(name)
    if as_json:
        print_json({"deleted": name})
    else:
        narrate(f"deleted {name}")


@commands.command()
def rename(
    name: NameArgument,
    new_name: Annotated[str, typer.Argument(help="Its new name.")],
    as_json: JsonOption = False,
) -> None:
    """Rename a model of yours."""
    library.rename_model(name, new_name)
    if as_json:
        print_json({"renamed": name, "name": new_name})
    else:
        narrate(f"renamed {name} to {new_name}")
