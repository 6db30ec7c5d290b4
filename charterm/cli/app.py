"""The command line: one Typer application, a module for each group of commands."""

import os
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from charterm import __version__, paths
from charterm.cli import (
    bench,
    classify,
    config,
    documents,
    evaluate,
    generate,
    keys,
    keystrokes,
    memory,
    models,
    predict,
    presets,
    runs,
    stories,
    train,
    verbatim,
)
from charterm.cli.ending import ReaderLeftError, exit_code
from charterm.cli.options import JsonOption
from charterm.cli.output import print_facts, print_json
from charterm.cli.wrong_use import usage_error


class _Commands(TyperGroup):
    """The commands. That nobody reads their output any more is for the program to judge."""

    def invoke(self, ctx: typer.Context) -> Any:  # type: ignore[override]
        """Run a command."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise ReaderLeftError from error


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
app.add_typer(models.commands)
app.add_typer(runs.commands)
app.add_typer(stories.commands)
app.add_typer(presets.commands)
app.add_typer(config.commands)
app.add_typer(classify.commands)
app.add_typer(memory.commands)
for _module in (documents, train, evaluate, keystrokes, verbatim, predict, generate, keys, bench):
    _module.register(app)


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
    model: Annotated[
        str,
        typer.Option("-m", "--model", help="The model that completes in the program."),
    ] = "",
) -> None:
    """Open the program, or run one command."""
    if debug:
        os.environ["CHARTERM_DEBUG"] = "1"
    if context.invoked_subcommand is None:
        from charterm.tui.app import run as open_program

        open_program(model or None)


@app.command()
def tour(
    model: Annotated[
        str, typer.Option("-m", "--model", help="The model that completes in the program.")
    ] = "",
) -> None:
    """Open the program with the tour of its first steps."""
    from charterm.tui.app import run as open_program

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
