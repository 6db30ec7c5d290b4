"""The training screen: begin a training, watch those that go on, compare those that are over."""

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import ClassVar, Final

from textual import on
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.dom import DOMNode
from textual.message import Message
from textual.screen import Screen
from textual.widget import Widget
from textual_fspicker import FileOpen, SelectDirectory

from charterm.errors import ChartermError
from charterm.i18n import N_, _
from charterm.model import library
from charterm.settings import schema
from charterm.training import watching
from charterm.tui import run_wishes as wishes
from charterm.tui import tour
from charterm.tui.bindings import bindings_of
from charterm.tui.screens.mode import ModeScreen
from charterm.tui.screens.run_watch import RunWatchScreen
from charterm.tui.screens.write import WriteScreen
from charterm.tui.train_fields import pace_of
from charterm.tui.typed_paths import nearest_folder
from charterm.tui.widgets.dialog import Dialog
from charterm.tui.widgets.question import Question
from charterm.tui.widgets.run_list import RunList
from charterm.tui.widgets.run_plot import RunPlot
from charterm.tui.widgets.run_view import RunView
from charterm.tui.widgets.status import StatusLine
from charterm.tui.widgets.train_setup import TrainSetup

_OF_RUN: Final = ("pause", "try_now", "stop", "discard", "compare", "smooth", "export_plot",
                  "export_log")  # fmt: skip
_OF_SETUP: Final = ("start", "add_file", "add_folder", "remove_text")


class TrainScreen(RunWatchScreen, inherit_bindings=False):
    """Trainings, each in a process of its own."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("train"), *ModeScreen.BINDINGS]
    mode = "train"
    CSS_PATH = [Path(__file__).with_name(name) for name in ("foot.tcss", "train.tcss")]  # noqa: RUF012
    HELP = N_(
        "Train a model on your own texts. The training is a process of its own: it goes on while "
        "you write, and also when you close the program, if you like."
    )

    class Done(Message):
        """A wish was fulfilled, or not; ``then`` goes on from there."""

        def __init__(self, said: str, problem: str, then: Callable[[], object] | None) -> None:
            super().__init__()
            self.said = said
            self.problem = problem
            self.then = then

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
    def setup(self) -> TrainSetup:
        """The form of a new run."""
        return self.query_one(TrainSetup)

    def command_nodes(self) -> Iterable[DOMNode]:
        """The screen and the plot."""
        return (self, self.query_one(RunPlot))

    def on_mount(self) -> None:
        """Begin in the list, and look after the runs."""
        self.runs.focus()
        self._show()

    def history_grew(self) -> None:
        """Expect of the next training what this one reaches."""
        self.setup.pace = pace_of(self.history) or self.setup.pace

    def on_screen_resume(self) -> None:
        """Read again which runs and models there are."""
        self._list()
        self.setup.form.offer_bases(self._models())

    def _models(self) -> tuple[str, ...]:
        return tuple(entry.name for entry in library.list_models())

    def translate(self) -> None:
        """Say everything in the language in use."""
        super().translate()
        self._show_status()

    # A new one ----------------------------------------------------------------------------

    @on(TrainSetup.Ready)
    def _look_at_setup(self, event: TrainSetup.Ready) -> None:
        event.stop()
        if self.setup.paths:
            self.program.guide.did(tour.TEXT)
        self._show_status()
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What can be done with the run in sight."""
        if not self.is_mounted or self.query_one_optional(RunList) is None:
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

    def further(self, model: str) -> None:
        """Go to the form of a training that begins with this model."""
        self.beginning = True
        self.runs.choose("")
        self.setup.further(model, self._models())

    def action_new(self) -> None:
        """Go to the form of another training."""
        self.runs.choose("")
        self.setup.renew()
        self.setup.begin()

    def action_back(self) -> None:
        """Go to the list."""
        self.runs.focus()

    def _folder(self) -> Path:
        folder: Path = self.program.settings.get(schema.FOLDER)
        return nearest_folder(self.setup.paths[-1].parent if self.setup.paths else folder)

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
            if not self.setup.paths:
                self.setup.begin()
            return
        wish = partial(wishes.start, asked, self.setup.paths)
        self._do(
            _("starting {name} …").format(name=asked.name),
            wish,
            then=asked.name,
            afterwards=self._begun,
        )

    def _begun(self) -> None:
        self.setup.renew()
        self.program.guide.did(tour.STARTED)

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
        self.runs.show(watching.list_runs())
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
            label = _("pausing {name} …").format(name=name)
            self._do(label, partial(wishes.pause, name))
        else:
            label = _("continuing {name} …").format(name=name)
            self._do(label, partial(wishes.go_on, name), then=name)

    def action_stop(self) -> None:
        """Finish the run with the model as it is."""
        status = self.status
        if status is None:
            return
        label = _("finishing {name} …").format(name=status.name)
        self._do(label, partial(wishes.stop, status.name))

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
                    partial(wishes.discard, name, running=running, model=chosen == "both"),
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
