"""``charterm runs``: trainings that go on, wait or are over."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from charterm.cli.options import JsonOption
from charterm.cli.output import narrate, print_json, print_table, tell
from charterm.cli.training_narration import TrainingNarration, clock
from charterm.errors import UsageError

if TYPE_CHECKING:
    from charterm.training.watching import RunStatus

commands = typer.Typer(
    name="runs", help="List, follow, pause, continue and stop trainings.", rich_markup_mode=None
)

NameArgument = Annotated[str, typer.Argument(help="The run's name, which is its model's.")]
OldTextOption = Annotated[
    bool,
    typer.Option(
        "--old-text", help="Go on with the text as it was when the run began, though it changed."
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.add_typer(commands)


@commands.callback(invoke_without_command=True)
def runs(context: typer.Context, as_json: JsonOption = False) -> None:
    """List the runs (the same as ``charterm runs list``)."""
    if context.invoked_subcommand is None:
        list_runs(as_json=as_json)


def _row(status: RunStatus) -> tuple[str, ...]:
    nats = status.validation_nats
    left = status.seconds_left
    going = status.state == "running" and left is not None
    return (
        status.name,
        status.state,
        f"{status.progress:.0%}",
        "" if nats is None else f"{nats:.4f}",
        "" if status.train_nats is None else f"{status.train_nats:.4f}",
        clock(status.seconds),
        clock(left or 0.0) if going else "",
        status.message,
    )


@commands.command("list")
def list_runs(as_json: JsonOption = False) -> None:
    """List the runs, the newest first."""
    from charterm.training import watching  # NumPy, which the program's start does not need

    statuses = watching.list_runs()
    if as_json:
        print_json([status.to_json() for status in statuses])
    elif statuses:
        header = ("name", "state", "done", "validation", "training", "time", "left", "")
        print_table(header, map(_row, statuses), right="llrrrrrl")
    else:
        narrate("no runs yet: start one with charterm train FILE --name NAME")


@commands.command()
def attach(name: NameArgument, as_json: JsonOption = False) -> None:
    """Follow a run from its beginning until it ends. Ctrl+C leaves it going."""
    from charterm.training import watching

    events = watching.follow_events(name)
    if as_json:
        for event in events:
            json.dump(event.to_json(), sys.stdout, ensure_ascii=False)
            sys.stdout.write("\n")
            sys.stdout.flush()
        return
    with TrainingNarration(name) as narration:
        for event in events:
            narration.tell(event)
    status = watching.run_status(name)
    if status.state == "interrupted":
        narrate(f"interrupted; go on with charterm train --resume {name}")


def _report(status: RunStatus, as_json: bool) -> None:
    line = f"{status.name} is {status.state} at step {status.step:,}"
    tell(status.to_json(), line, as_json)


@commands.command()
def pause(name: NameArgument, as_json: JsonOption = False) -> None:
    """Let a run write a checkpoint and end; it can be continued."""
    from charterm.training.runs import pause_run

    _report(pause_run(name), as_json)


@commands.command("continue")
def continue_run(
    name: NameArgument, old_text: OldTextOption = False, as_json: JsonOption = False
) -> None:
    """Go on with a run, in a process of its own."""
    from charterm.training import runs as core
    from charterm.training import watching

    core.continue_run(name, old_text=old_text)
    _report(watching.run_status(name), as_json)


@commands.command()
def stop(name: NameArgument, as_json: JsonOption = False) -> None:
    """Finish a run now, with the model as it is."""
    from charterm.training.runs import stop_run

    _report(stop_run(name), as_json)


@commands.command()
def delete(name: NameArgument, as_json: JsonOption = False) -> None:
    """Forget a run that is not running; its model stays."""
    from charterm.training.runs import delete_run

    delete_run(name)
    tell({"deleted": name}, f"forgot the run {name}; its model stays", as_json)


@commands.command()
def export(
    names: Annotated[list[str], typer.Argument(help="Runs; several only for a picture.")],
    into: Annotated[Path, typer.Option("--into", help="The file: NAME.svg or NAME.csv.")],
    as_json: JsonOption = False,
) -> None:
    """Write the curves of runs as an SVG picture, or the log of one as CSV."""
    from charterm import storage
    from charterm.training.export import log_csv, loss_svg
    from charterm.training.history import History

    histories = {name: History.read(name) for name in names}
    if into.suffix.lower() == ".svg":
        content = loss_svg(histories)
    elif into.suffix.lower() != ".csv":
        raise UsageError(f"--into must end in .svg or .csv, not {into.name!r}")
    elif len(histories) > 1:
        raise UsageError("a CSV file holds the log of one run: name one")
    else:
        content = log_csv(next(iter(histories.values())))
    storage.write_text(into, content)
    facts = {"file": str(into), "runs": list(histories)}
    tell(facts, f"{', '.join(histories)} in {into}", as_json)
