"""The part of the training screen that watches: the list, the run in sight, its curves."""

import collections
import contextlib
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Final

from textual import on
from textual.message import Message
from textual.widgets import OptionList
from textual.worker import Worker, get_current_worker

from charterm.errors import ChartermError, UsageError
from charterm.i18n import _, ngettext
from charterm.settings import schema
from charterm.training import watching
from charterm.training.events import Event
from charterm.training.export import log_csv, loss_svg
from charterm.training.history import History
from charterm.training.watching import RunStatus
from charterm.tui import run_wishes as wishes
from charterm.tui.screens.mode import ModeScreen
from charterm.tui.screens.write import WriteScreen
from charterm.tui.train_fields import expected_pace, pace_of
from charterm.tui.widgets.question import Question
from charterm.tui.widgets.run_list import RunList
from charterm.tui.widgets.run_plot import RunPlot
from charterm.tui.widgets.run_view import SMOOTHINGS, RunView
from charterm.tui.widgets.status import Fact, StatusLine
from charterm.tui.widgets.train_setup import TrainSetup

_LIST_SECONDS: Final = 2.0
_DRAW_SECONDS: Final = 0.25
_LOOKED_AT: Final = 5  # of the last runs, for one that made steps


class RunWatchScreen(ModeScreen, inherit_bindings=False):
    """Reads the list of runs, follows the highlighted one, and draws."""

    class Listed(Message):
        """The runs were read from the disk."""

        def __init__(
            self, statuses: list[RunStatus], problem: str = "", pace: float | None = None
        ) -> None:
            super().__init__()
            self.statuses = statuses
            self.problem = problem
            self.pace = pace
            """Of this computer by the last training that made a step, or else by a measurement;
            told once."""

    class Compared(Message):
        """The history of a run beside the one in sight was read."""

        def __init__(self, name: str, history: History) -> None:
            super().__init__()
            self.name = name
            self.history = history

    class FollowEnded(Message):
        """A run that was followed goes on no more."""

        def __init__(self, worker: Worker[None]) -> None:
            super().__init__()
            self.worker = worker

    def __init__(self) -> None:
        super().__init__()
        self.history = History()
        """What has happened in the run in sight."""
        self.smoothing = SMOOTHINGS[0]
        """Of the training loss in the plot."""
        self.listed = False
        """Whether the runs were read."""
        self.beginning = False
        """Whether the form of a new run is what somebody came for."""
        self.busy = ""
        """What is being done, such as pausing; empty where nothing is."""
        self._events: collections.deque[Event] = collections.deque()
        self._followed = ""
        self._follower: Worker[None] | None = None
        self._others: dict[str, History] = {}

    @property
    def runs(self) -> RunList:
        """The list of runs."""
        return self.query_one(RunList)

    @property
    def status(self) -> RunStatus | None:
        """The run in sight; None where it is a new one."""
        name = self.runs.chosen
        return next((status for status in self.runs.statuses if status.name == name), None)

    def on_mount(self) -> None:
        """Look after the runs."""
        self.set_interval(_LIST_SECONDS, self._list)
        self.set_interval(_DRAW_SECONDS, self._draw)

    def history_grew(self) -> None:
        """Called when something is known about the run in sight that was not before."""

    # The runs -----------------------------------------------------------------------------

    def _list(self) -> None:
        if self.app.screen is self:
            self.run_worker(self._read_runs, thread=True, group="list", exit_on_error=False)

    def _read_runs(self) -> None:
        try:
            statuses = watching.list_runs()
            pace = None if self.listed else _last_pace(statuses) or expected_pace()
            self.post_message(self.Listed(statuses, pace=pace))
        except (ChartermError, OSError) as error:
            self.post_message(self.Listed([], str(error)))

    @on(Listed)
    def _take_list(self, event: Listed) -> None:
        if event.problem:
            self.notify(event.problem, severity="error", timeout=12)
            return
        before = {status.name: status.state for status in self.runs.statuses}
        self.runs.show(event.statuses)
        if not self.listed:
            self.listed = True
            self.query_one(TrainSetup).pace = event.pace or 1.0
            running = next((each.name for each in event.statuses if each.state == "running"), "")
            if running and not (self.beginning or self.query_one(TrainSetup).paths):
                self.runs.choose(running)
            if not event.statuses and self.focused in (None, self.runs):
                self.query_one(TrainSetup).begin()
        self._tell_ends(before, event.statuses)
        status = self.status
        if status is not None and status.state == "running" and self._follower is None:
            self._follow(status.name)
        self._show()

    def _tell_ends(self, before: Mapping[str, str], statuses: list[RunStatus]) -> None:
        for status in statuses:
            if before.get(status.name) != "running":
                continue
            if status.state == "finished":
                self.notify(_("The training of {name} is finished.").format(name=status.name))
                self._write_with_the_new()
            elif status.state in ("failed", "interrupted"):
                reason = status.message or _("its process was ended; it can be continued")
                self.notify(f"{status.name}: {reason}", severity="error", timeout=12)

    def _write_with_the_new(self) -> None:
        """The writing screen reads its model again, where it is the one that was trained."""
        names = {status.name for status in self.runs.statuses if status.state == "finished"}
        for screen in self.program.opened_screens:
            if isinstance(screen, WriteScreen) and screen.model in names:
                screen.use_model(screen.model)

    @on(OptionList.OptionHighlighted, "#runs")
    def _turn_to(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        name = self.runs.chosen
        if name != self._followed:
            self._follow(name)
        self._show()

    @on(OptionList.OptionSelected, "#runs")
    def _enter(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if self.status is None:
            self.query_one(TrainSetup).begin()
        else:
            self.query_one(RunPlot).focus()

    # Following one ------------------------------------------------------------------------

    def _follow(self, name: str) -> None:
        """Read the events of a run from its beginning, and go on with them as they come."""
        if self._follower is not None:
            self._follower.cancel()
        self._followed, self._follower = name, None
        self.history, self._events = History(), collections.deque()
        if name:
            job = partial(self._read_events, name, self._events)
            self._follower = self.run_worker(job, thread=True, group="follow", exit_on_error=False)

    def _read_events(self, name: str, events: "collections.deque[Event]") -> None:
        worker: Worker[None] = get_current_worker()
        wishes.follow(name, events, worker)
        self.post_message(self.FollowEnded(worker))

    @on(FollowEnded)
    def _end_following(self, event: FollowEnded) -> None:
        if self._follower is event.worker:
            self._draw()
            self._follower = None
            self._list()

    def _draw(self) -> None:
        events = self._events
        if not events:
            return
        while events:
            self.history.add(events.popleft())
        self.history_grew()
        self._show()

    def _show(self) -> None:
        status = self.status
        self.query_one(TrainSetup).display = status is None
        view = self.query_one(RunView)
        view.display = status is not None
        if status is not None and self.app.screen is self:
            view.show(status, self.history)
            beside = [
                (name, self._others[name])
                for name in self.runs.compared
                if name != status.name and name in self._others
            ]
            view.draw(((status.name, self.history), *beside), self.smoothing)
        self._show_status()
        self.refresh_bindings()

    def _show_status(self) -> None:
        statuses = self.runs.statuses
        running = sum(status.state == "running" for status in statuses)
        facts = []
        if self.busy:
            facts.append(Fact(self.busy, weight=9))
        elif self.listed and not statuses:
            facts.append(Fact("", _("no trainings yet"), weight=8))
        else:
            n = len(statuses)
            facts.append(Fact(str(n), ngettext("training", "trainings", n), weight=5))
            facts.append(Fact(str(running), _("running"), weight=6))
        expected = self.query_one(TrainSetup).told
        if self.status is None and not self.busy and expected is not None:
            weights = zip(expected, (8, 7, 6), strict=True)
            facts += [Fact(*fact, weight=weight, right=True) for fact, weight in weights]
        if self.smoothing and self.status is not None:
            facts.append(Fact(f"{self.smoothing:g}", _("smoothing"), weight=3, right=True))
        if self.runs.compared:
            count = str(len(self.runs.compared))
            facts.append(Fact(count, _("compared (◆)"), weight=4, right=True))
        self.query_one(StatusLine).facts = tuple(facts)

    # The plot -----------------------------------------------------------------------------

    def action_compare(self) -> None:
        """Draw the run beside the others, or no more."""
        status = self.status
        if status is None:
            return
        compared = self.runs.compared
        if status.name in compared:
            compared.remove(status.name)
        else:
            compared.add(status.name)
            job = partial(self._read_other, status.name)
            self.run_worker(job, thread=True, group="compare", exit_on_error=False)
        self.runs.translate()
        self._show()

    def _read_other(self, name: str) -> None:
        with contextlib.suppress(UsageError):  # it was removed meanwhile
            self.post_message(self.Compared(name, History.read(name)))

    @on(Compared)
    def _take_other(self, event: Compared) -> None:
        self._others[event.name] = event.history
        self._show()

    def action_smooth(self) -> None:
        """Draw the training loss smoother, or as it is again."""
        place = SMOOTHINGS.index(self.smoothing)
        self.smoothing = SMOOTHINGS[(place + 1) % len(SMOOTHINGS)]
        self._show()

    def action_export_plot(self) -> None:
        """Ask for the file of the picture."""
        shown = self.query_one(RunPlot).shown
        self._export("svg", lambda: loss_svg(dict(shown), self.smoothing))

    def action_export_log(self) -> None:
        """Ask for the file of the table."""
        history = self.history
        self._export("csv", lambda: log_csv(history))

    def _export(self, ending: str, content: Callable[[], str]) -> None:
        folder: Path = self.program.settings.get(schema.FOLDER)
        free = wishes.free_file(folder, self.runs.chosen, ending)

        def write(typed: str) -> None:
            self.notify(wishes.write_new(typed, free.name, content))

        self.query_one(Question).ask(
            _("File to write"), write, value=str(free), take=_("Export"), path=True
        )


def _last_pace(statuses: list[RunStatus]) -> float | None:
    for status in statuses[:_LOOKED_AT]:
        with contextlib.suppress(UsageError):  # it was removed meanwhile
            pace = pace_of(History.read(status.name))
            if pace is not None:
                return pace
    return None
