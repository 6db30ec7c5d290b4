"""What is asked and said about trainings when somebody leaves the program."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from textual.app import App

from charterm.errors import ChartermError
from charterm.i18n import _
from charterm.training import watching
from charterm.training.watching import RunStatus
from charterm.tui import run_wishes as wishes
from charterm.tui.widgets.dialog import Dialog

GO_ON: Final = "go on"
PAUSE: Final = "pause"


async def look_after_trainings(app: App[None], leave: Callable[[Sequence[str]], object]) -> None:
    """Ask whether the trainings that the program began are to go on, then leave.

    Those that were begun on the command line are somebody else's business: they go on unasked.

    Args:
        app: asks.
        leave: ends the program; takes the lines to say then.
    """
    try:
        going = await asyncio.to_thread(watching.list_running)
    except (ChartermError, OSError) as error:
        leave([str(error)])
        return
    ours = [status.name for status in going if status.from_program]
    remarks = [_going_on(status) for status in going]
    if not ours:
        leave(remarks)
        return
    answer = await app.push_screen_wait(_question(", ".join(ours)))
    if answer == GO_ON:
        leave(remarks)
    elif answer == PAUSE:
        app.notify(_("pausing {name} …").format(name=", ".join(ours)))
        try:
            await asyncio.to_thread(wishes.pause_all, ours)
        except (ChartermError, OSError) as error:
            app.notify(str(error), severity="error", timeout=12)
            return
        others = [_going_on(status) for status in going if status.name not in ours]
        leave([*map(_paused, ours), *others])


def _question(names: str) -> Dialog:
    return Dialog(
        _("{name} is being trained").format(name=names),
        _("It can go on without the program; open the Train screen again to see it."),
        (
            (GO_ON, _("Quit, and let it go on")),
            (PAUSE, _("Pause it, then quit")),
            ("", _("Stay")),
        ),
    )


def _going_on(status: RunStatus) -> str:
    return _("{name} is still being trained, {percent} % done: charterm runs attach {name}").format(
        name=status.name, percent=round(100 * status.progress)
    )


def _paused(name: str) -> str:
    return _("{name} is paused: charterm runs continue {name}").format(name=name)
