"""The training screen: begin a training, watch those that go on, compare those that are over."""

import collections
import contextlib
import itertools
import threading
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Final

from textual import on
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.dom import DOMNode
from textual.message import Message
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import OptionList
from textual.worker import Worker, get_current_worker
from textual_fspicker import FileOpen, SelectDirectory

from charterm import storage
from charterm.errors import ChartermError, UsageError
from charterm.i18n import N_, _
from charterm.model import library
from charterm.settings import schema
from charterm.training import runs
from charterm.training.events import Event
from charterm.training.export import log_csv, loss_svg
from charterm.training.history import History
from charterm.training.runs import RunStatus
from charterm.tui.bindings import bindings_of
from charterm.tui.screens.mode import ModeScreen
from charterm.tui.screens.write import WriteScreen
from charterm.tui.widgets.dialog import Dialog
from charterm.tui.widgets.question import Question
from charterm.tui.widgets.run_list import RunList
from charterm.tui.widgets.run_plot import RunPlot
from charterm.tui.widgets.run_view import SMOOTHINGS, RunView
from charterm.tui.widgets.status import Fact, StatusLine
from charterm.tui.widgets.train_setup import TrainSetup

_LIST_SECONDS: Final = 2.0
_DRAW_SECONDS: Final = 0.25
_OF_RUN: Final = ("pause", "try_now", "stop", "discard", "compare", "smooth", "export_plot",
                  "export_log")  # fmt: skip
_OF_SETUP: Final = ("start", "add_file", "add_folder", "remove_text")


class _Stop(threading.Event):
    """Is set, or its worker is cancelled, as all are when the program ends."""

    def __init__(self, worker: Worker[Any]) -> None:
        super().__init__()
        self._worker = worker

    def is_set(self) -> bool:
        return super().is_set() or self._worker.is_cancelled


class TrainScreen(ModeScreen, inherit_bindings=False):
    """Trainings, each in a process of its own."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("train"), *ModeScreen.BINDINGS]
    mode = "train"
    CSS_PATH = [Path(__file__).with_name(name) for name in ("foot.tcss", "train.tcss")]  # noqa: RUF012
    HELP = N_(
        "Train a model on your own texts. The training is a process of its own: it goes on while "
        "you write, and also when you close the program, if you like."
    )

    class Listed(Message):
        """The runs were read from the disk."""

        def __init__(self, statuses: list[RunStatus], problem: str = "") -> None:
            super().__init__()
            self.statuses = statuses
            self.problem = problem

    class Done(Message):
        """A wish was fulfilled, or not; ``then`` goes on from there."""

        def __init__(self, said: str, problem: str, then: Callable[[], object] | None) -> None:
            super().__init__()
            self.said = said
            self.problem = problem
            self.then = then

    class Compared(Message):
        """The history of a run beside the one in sight was read."""

        def __init__(self, name: str, history: History) -> None:
            super().__init__()
            self.name = name
            self.history = history

    def __init__(self) -> None:
        super().__init__()
        self.history = History()
        """What has happened in the run in sight."""
        self.smoothing = SMOOTHINGS[0]
        """Of the training loss in the plot."""
        self.listed = False
        """Whether the runs were read."""
        self.busy = ""
        """What is being done, such as pausing; empty where nothing is."""
        self._events: collections.deque[Event] = collections.deque()
        self._followed = ""
        self._follower: Worker[None] | None = None
        self._others: dict[str, History] = {}

    # Layout -------------------------------------------------------------------------------

    def content(self) -> Iterable[Widget]:
        """The list of runs, and beside it a new one's form or the run in sight."""
        settings = self.program.settings
        values = {
            "amount": settings.get(schema.TRAIN_MINUTES),
            "cell": settings.get(schema.TRAIN_CELL),
            "validation": settings.get(schema.TRAIN_VALIDATION),
            "min_count": settings.get(schema.TRAIN_MIN_COUNT),
            "seed": settings.get(schema.TRAIN_SEED),
        }
        with Horizontal(id="desk"):
            yield RunList()
            yield TrainSetup(values)
            yield RunView()
        yield Question()
        yield StatusLine()

    @property
    def runs(self) -> RunList:
        """The list of runs."""
        return self.query_one(RunList)

    @property
    def setup(self) -> TrainSetup:
        """The form of a new run."""
        return self.query_one(TrainSetup)

    @property
    def status(self) -> RunStatus | None:
        """The run in sight; None where it is a new one."""
        name = self.runs.chosen
        return next((status for status in self.runs.statuses if status.name == name), None)

    def command_nodes(self) -> Iterable[DOMNode]:
        """The screen and the plot."""
        return (self, self.query_one(RunPlot))

    def on_mount(self) -> None:
        """Begin in the list, and look after the runs."""
        self.runs.focus()
        self._show()
        self.set_interval(_LIST_SECONDS, self._list)
        self.set_interval(_DRAW_SECONDS, self._draw)

    def on_screen_resume(self) -> None:
        """Read again which runs and models there are."""
        self._list()
        names = tuple(entry.name for entry in library.list_models())
        self.setup.form.offer_bases(names)

    def translate(self) -> None:
        """Say everything in the language in use."""
        super().translate()
        self._show_status()

    # The runs -----------------------------------------------------------------------------

    def _list(self) -> None:
        if self.app.screen is self:
            self.run_worker(self._read_runs, thread=True, group="list", exit_on_error=False)

    def _read_runs(self) -> None:
        try:
            self.post_message(self.Listed(runs.list_runs()))
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
            running = next((each.name for each in event.statuses if each.state == "running"), "")
            if running and not self.setup.paths:
                self.runs.choose(running)
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
            self.setup.begin()
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
        try:
            for event in runs.follow_events(name, _Stop(worker)):
                events.append(event)
        except ChartermError:
            pass  # it was removed meanwhile: the next list has it no more
        self.post_message(self.Done("", "", partial(self._end_following, worker)))

    def _end_following(self, worker: Worker[None]) -> None:
        if self._follower is worker:
            self._draw()
            self._follower = None
            self._list()

    def _draw(self) -> None:
        events = self._events
        if not events:
            return
        while events:
            self.history.add(events.popleft())
        if self.history.flops is not None:
            self.setup.speed = self.history.flops
        self._show()

    def _show(self) -> None:
        status = self.status
        self.setup.display = status is None
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
            facts.append(Fact(str(len(statuses)), _("trainings"), weight=5))
            facts.append(Fact(str(running), _("running"), weight=6))
        if self.smoothing and self.status is not None:
            facts.append(Fact(f"{self.smoothing:g}", _("smoothing"), weight=3, right=True))
        if self.runs.compared:
            count = str(len(self.runs.compared))
            facts.append(Fact(count, _("compared (◆)"), weight=4, right=True))
        self.query_one(StatusLine).facts = tuple(facts)

    # A new one ----------------------------------------------------------------------------

    @on(TrainSetup.Ready)
    def _look_at_setup(self, event: TrainSetup.Ready) -> None:
        event.stop()
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What can be done with the run in sight."""
        if not self.is_mounted or not self.query(RunList):
            return True
        status = self.status
        if action in _OF_SETUP:
            return status is None and (action != "remove_text" or bool(self.setup.paths))
        if action not in _OF_RUN:
            return True
        if status is None:
            return False
        if action in ("pause", "stop"):
            return not self.busy and status.state != "finished"
        if action == "try_now":
            return self.history.saved
        if action == "discard":
            return not self.busy
        if action in ("export_plot", "export_log"):
            return bool(self.history.steps)
        return True

    def action_new(self) -> None:
        """Go to the form of another training."""
        self.runs.choose("")
        self.setup.begin()

    def action_back(self) -> None:
        """Go to the list."""
        self.runs.focus()

    def _folder(self) -> Path:
        folder: Path = self.program.settings.get(schema.FOLDER)
        return self.setup.paths[-1].parent if self.setup.paths else folder

    def action_add_file(self) -> None:
        """Look for a file."""
        self._pick(
            FileOpen(
                self._folder(),
                _("Text to train on"),
                open_button=_("Add"),
                cancel_button=_("Cancel"),
            )
        )

    def action_add_folder(self) -> None:
        """Look for a folder."""
        self._pick(
            SelectDirectory(
                self._folder(),
                _("Folder of texts to train on"),
                select_button=_("Add"),
                cancel_button=_("Cancel"),
            )
        )

    def _pick(self, screen: Screen[Path | None]) -> None:
        def take(path: Path | None) -> None:
            if path is not None:
                self.setup.add(path)

        self.app.push_screen(screen, take)

    def action_remove_text(self) -> None:
        """Take the highlighted text out again."""
        self.setup.remove_highlighted()

    def action_start(self) -> None:
        """Begin the training."""
        if self.busy:
            return
        try:
            asked = self.setup.check()
        except ChartermError as error:
            self.notify(str(error), severity="warning", timeout=8)
            return
        paths = self.setup.paths

        def start() -> str:
            run = runs.create_run(asked.name, paths, asked.options, asked.settings, base=asked.base)
            runs.start_run(run)
            return _("{name} is being trained.").format(name=asked.name)

        self._do(_("starting {name} …").format(name=asked.name), start, then=asked.name)

    # What is wanted of a run --------------------------------------------------------------

    def _do(
        self,
        label: str,
        wish: Callable[[], str],
        *,
        then: str = "",
        afterwards: Callable[[], object] | None = None,
    ) -> None:
        """Do something that may take a while on a thread.

        Args:
            label: what is being done.
            wish: does it; returns what to say.
            then: the run to turn to.
            afterwards: called when it was done.
        """
        self.busy = label
        self._show()

        def go_on() -> None:
            if then:
                self._followed = ""
                self._turn_after_listing(then)
            if afterwards is not None:
                afterwards()

        def work() -> None:
            try:
                said, problem = wish(), ""
            except (ChartermError, OSError) as error:
                said, problem = "", str(error)
            self.post_message(self.Done(said, problem, None if problem else go_on))

        self.run_worker(work, thread=True, group="wish", exit_on_error=False)

    def _turn_after_listing(self, name: str) -> None:
        self.runs.show(runs.list_runs())
        self.runs.choose(name)
        self._follow(name)
        self.runs.focus()

    @on(Done)
    def _end_wish(self, event: Done) -> None:
        if event.said or event.problem:
            self.busy = ""
        if event.problem:
            self.notify(event.problem, severity="error", timeout=12)
        elif event.said:
            self.notify(event.said)
        if event.then is not None:
            event.then()
        self._list()
        self._show()

    def action_pause(self) -> None:
        """Pause the run after a checkpoint, or go on with it."""
        status = self.status
        if status is None:
            return
        name = status.name
        if status.state == "running":

            def pause() -> str:
                runs.pause_run(name)
                return _("{name} is paused; it can be continued at any time.").format(name=name)

            self._do(_("pausing {name} …").format(name=name), pause)
        else:

            def go_on() -> str:
                runs.continue_run(name)
                return _("{name} goes on.").format(name=name)

            self._do(_("continuing {name} …").format(name=name), go_on, then=name)

    def action_stop(self) -> None:
        """Finish the run with the model as it is."""
        status = self.status
        if status is None:
            return
        name = status.name

        def stop() -> str:
            runs.stop_run(name)
            return _("{name} is finished; its model is in the library.").format(name=name)

        self._do(_("finishing {name} …").format(name=name), stop)

    def action_discard(self) -> None:
        """Ask what to do away with."""
        status = self.status
        if status is None:
            return
        name, running = status.name, status.state == "running"

        def answer(chosen: str | None) -> None:
            if chosen in ("run", "both"):
                self._do(
                    _("discarding {name} …").format(name=name),
                    partial(_discard, name, running=running, model=chosen == "both"),
                )

        answers = [("", _("Keep it"))]
        if self.history.saved:
            answers.append(("run", _("Forget the training, keep the model")))
            answers.append(("both", _("Discard both; the model goes to the trash")))
        else:
            answers.append(("run", _("Discard it")))
        note = _("It is running and will be stopped.") if running else ""
        self.app.push_screen(
            Dialog(_("Discard the training of {name}?").format(name=name), note, tuple(answers)),
            answer,
        )

    async def action_try_now(self) -> None:
        """Write with the model as it is now."""
        status = self.status
        if status is None:
            return
        await self.app.switch_mode("write")
        if isinstance(self.app.screen, WriteScreen):
            self.app.screen.use_model(status.name)

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
        names = (f"{self.runs.chosen}{number}.{ending}" for number in _numbers())
        free = next(folder / name for name in names if not (folder / name).exists())

        def write(typed: str) -> None:
            path = Path(typed).expanduser()
            if path.exists():
                raise UsageError(_("{path} exists already: choose another name").format(path=path))
            storage.write_text(path, content())
            self.notify(_("Written to {path}.").format(path=path))

        self.query_one(Question).ask(
            _("File to write"), write, value=str(free), take=_("Export"), path=True
        )

    # The end ------------------------------------------------------------------------------

    def asks_before_leaving(self, leave: Callable[[], object]) -> bool:
        """Ask whether the runs go on; the same key again lets them."""
        names = [status.name for status in self.runs.statuses if status.state == "running"]
        if not names or isinstance(self.app.screen, Dialog):
            return False

        def pause() -> str:
            for name in names:
                runs.pause_run(name)
            return _("Paused.")

        def answer(chosen: str | None) -> None:
            if chosen == "go on":
                leave()
            elif chosen == "pause":
                self._do(_("pausing {name} …").format(name=listed), pause, afterwards=leave)

        listed = ", ".join(names)
        self.app.push_screen(
            Dialog(
                _("{name} is being trained").format(name=listed),
                _("It can go on without the program; open the Train screen again to see it."),
                (
                    ("go on", _("Quit, and let it go on")),
                    ("pause", _("Pause it, then quit")),
                    ("", _("Stay")),
                ),
            ),
            answer,
        )
        return True


def _numbers() -> Iterable[str]:
    yield ""
    for number in itertools.count(2):
        yield f"-{number}"


def _discard(name: str, *, running: bool, model: bool) -> str:
    """Stop, forget, delete: what belongs to a run that nobody wants."""
    if running:
        runs.pause_run(name)
    runs.delete_run(name)
    if model:
        library.delete_model(name)
        return _("{name} is discarded; its model is in the trash.").format(name=name)
    return _("{name} is discarded.").format(name=name)
