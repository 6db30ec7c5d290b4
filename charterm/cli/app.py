"""The command line: one Typer application, a module for each group of commands."""

import os
from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from typer.core import TyperGroup
from typer.main import get_group

from charterm import __version__, paths
from charterm.cli.ending import ReaderLeftError, exit_code
from charterm.cli.options import JsonOption, declared
from charterm.cli.output import print_facts, print_json
from charterm.cli.quick import PROGRAM_MODEL
from charterm.cli.wrong_use import usage_error

if TYPE_CHECKING:
    from typer._click import Command

COMMANDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "write": "documents",
        "documents": "documents",
        "story": "stories",
        "stories": "stories",
        "generate": "generate",
        "complete": "predict",
        "predict": "predict",
        "train": "train",
        "runs": "runs",
        "evaluate": "evaluate",
        "keystrokes": "keystrokes",
        "verbatim": "verbatim",
        "classify": "classify",
        "models": "models",
        "memory": "memory",
        "presets": "presets",
        "config": "config",
        "keys": "keys",
        "bench": "bench",
    }
)
"""The commands that have a module here: name, module. It is imported when the command is used."""


class _Commands(TyperGroup):
    """The commands. That nobody reads their output any more is for the program to judge."""

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]
        """The names of all."""
        return [*COMMANDS, *(name for name in self.commands if name not in COMMANDS)]

    def get_command(self, ctx: typer.Context, cmd_name: str) -> "Command | None":  # type: ignore[override]
        """One of them, imported now; all are where there is none of that name, to be suggested."""
        if cmd_name not in self.commands:
            for name in (cmd_name,) if cmd_name in COMMANDS else COMMANDS:
                if name not in self.commands:
                    self.commands.update(_commands_in(COMMANDS[name]))
        return self.commands.get(cmd_name)

    def invoke(self, ctx: typer.Context) -> Any:  # type: ignore[override]
        """Run a command."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise ReaderLeftError from error


def _commands_in(module: str) -> "Mapping[str, Command]":
    part = typer.Typer(rich_markup_mode=None)
    import_module(f"charterm.cli.{module}").register(part)
    return get_group(part).commands


app = typer.Typer(
    name="charterm",
    cls=_Commands,
    help="A character-level language model completes what you type. Without a command, "
    "opens the program.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"charterm {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def charterm(
    context: typer.Context,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print it."),
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show a traceback with an error.")] = False,
    model: Annotated[str, declared(PROGRAM_MODEL)] = PROGRAM_MODEL.default,
) -> None:
    """Open the program, or run one command."""
    if debug:
        os.environ["CHARTERM_DEBUG"] = "1"
    if context.invoked_subcommand is None:
        from charterm.cli.opening import open_program

        open_program(model)


@app.command()
def tour(
    model: Annotated[str, declared(PROGRAM_MODEL)] = PROGRAM_MODEL.default,
) -> None:
    """Open the program with the tour of its first steps."""
    from charterm.tui.running import run as open_program

    open_program(model or None, tour=True)


@app.command("paths")
def show_paths(as_json: JsonOption = False) -> None:
    """Print where charterm keeps models, texts, settings and cached files."""
    places = {
        "data": str(paths.data_dir()),
        "models": str(paths.models_dir()),
        "config": str(paths.config_dir()),
        "cache": str(paths.cache_dir()),
        "assets": str(paths.assets_dir()),
    }
    if as_json:
        print_json(places)
    else:
        print_facts(places.items())


def run() -> int:
    """Run the command line with the process's arguments and return the exit code."""
    return exit_code(_run)


def _run() -> None:
    try:
        code = app(prog_name="charterm", standalone_mode=False)
    except typer.TyperException as error:
        raise usage_error(error) from error
    if code:  # of a typer.Exit: commands return None
        raise SystemExit(code)
