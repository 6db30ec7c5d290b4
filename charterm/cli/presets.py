"""``charterm presets``: the controls of a generation that are kept by a name."""

import shlex
from typing import Annotated

import typer

from charterm.cli.options import JsonOption
from charterm.cli.output import print_facts, print_json, print_table, tell
from charterm.decoding.controls import PRESETS, Controls
from charterm.decoding.presets import all_presets, delete_preset, find_preset

commands = typer.Typer(
    name="presets",
    help="Look after presets of controls; charterm generate --save-preset makes one.",
    rich_markup_mode=None,
)

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="The preset's name.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.add_typer(commands)


@commands.callback(invoke_without_command=True)
def presets(context: typer.Context, as_json: JsonOption = False) -> None:
    """List the presets (the same as ``charterm presets list``)."""
    if context.invoked_subcommand is None:
        list_presets(as_json=as_json)


@commands.command("list")
def list_presets(as_json: JsonOption = False) -> None:
    """List the presets: those that come with the program, then your own."""
    found = all_presets()
    if as_json:
        print_json(
            [
                {"name": name, "saved": name not in PRESETS, "controls": controls.to_json()}
                for name, controls in found.items()
            ]
        )
        return
    print_table(
        ("preset", "", "controls"),
        (
            (name, "built in" if name in PRESETS else "yours", _options(controls))
            for name, controls in found.items()
        ),
    )


@commands.command()
def show(name: NameArgument, as_json: JsonOption = False) -> None:
    """Print what a preset sets; every other control has its default."""
    values = find_preset(name).to_json()
    if as_json:
        print_json(values)
    else:
        print_facts((key, str(value)) for key, value in values.items())


@commands.command()
def delete(name: NameArgument, as_json: JsonOption = False) -> None:
    """Delete a preset of your own."""
    controls = find_preset(name)
    delete_preset(name)
    again = f"charterm generate --save-preset {shlex.quote(name)} {_options(controls)}"
    tell({"deleted": name}, f"deleted; {again} brings it back", as_json)


def _options(controls: Controls) -> str:
    """The options that set the same on the command line."""
    words: list[str] = []
    for name, value in controls.to_json().items():
        for each in value if isinstance(value, list | tuple) else (value,):
            words += [f"--{name.replace('_', '-')}", str(each)]
    return shlex.join(words)
