"""Opens the program in the terminal and stays until the user leaves."""

import sys
from collections.abc import Callable
from pathlib import Path

from charterm.errors import ChartermError, UsageError
from charterm.tui.app import ChartermApp


class StoryFirst(ChartermApp):
    """The program, opened on the story screen."""

    DEFAULT_MODE = "story"


def run(
    model: str | None = None,
    files: tuple[Path, ...] = (),
    *,
    new: bool = False,
    tour: bool | None = None,
) -> None:
    """Open the program and stay until the user leaves.

    Args:
        model: name of the model that completes; by default that of the text or the settings.
        files: files to open on the writing screen.
        new: whether to begin a new text there.
        tour: whether to begin with the tour; by default, at the first start.

    Raises:
        UsageError: the program does not run in a terminal.
        ChartermError: the program ended and could not save.
    """
    _run(lambda: ChartermApp(model, files, new=new, tour=tour))


def run_story(model: str | None = None, story: int | None = None, *, new: bool = False) -> None:
    """Open the program on the story screen and stay until the user leaves.

    Args:
        model: name of the model that writes; by default that of the settings.
        story: number of the story to open; by default the last written.
        new: whether to begin a new one.

    Raises:
        UsageError: the program does not run in a terminal.
        ChartermError: the program ended and could not save.
    """
    _run(lambda: StoryFirst(model, story=story, new_story=new))


def _run(prepare: Callable[[], ChartermApp]) -> None:
    if not (sys.stdin.isatty() and sys.stdout.isatty() and sys.stderr.isatty()):
        raise UsageError("the program needs a terminal; for pipes there is charterm complete")
    app = prepare()
    app.run()
    for remark in app.remarks:
        print(f"charterm: {remark}", file=sys.stderr)
    if app.farewell:
        raise ChartermError("; ".join(app.farewell))
    if app.return_code:
        raise SystemExit(app.return_code)
