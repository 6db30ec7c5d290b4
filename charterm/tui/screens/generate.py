"""The generation screen: one prompt, and what several methods make of it, side by side."""

import collections
import itertools
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import ClassVar, Final

from textual import on
from textual.app import SystemCommand
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.dom import DOMNode
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Select
from textual.worker import Worker, get_current_worker

from charterm import storage
from charterm.decoding.controls import PRESETS, Controls, for_method
from charterm.decoding.presets import all_presets, check_name, save_preset
from charterm.documents.store import SavedText
from charterm.errors import ChartermError, UsageError
from charterm.i18n import N_, _
from charterm.model.library import list_models
from charterm.settings import schema
from charterm.tui import clipboard
from charterm.tui.bindings import bindings_of
from charterm.tui.generation import Generator, Over, Report, Task, command_line
from charterm.tui.jobs import Advance, Failed, run
from charterm.tui.screens.mode import ModeScreen
from charterm.tui.screens.write import WriteScreen
from charterm.tui.widgets.controls_form import ControlsForm
from charterm.tui.widgets.prose import ProseArea
from charterm.tui.widgets.question import Question
from charterm.tui.widgets.result_column import ResultColumn
from charterm.tui.widgets.result_view import ResultView, SurpriseLegend
from charterm.tui.widgets.setting_row import SettingSelect
from charterm.tui.widgets.status import Fact, StatusLine
from charterm.tui.widgets.words import Words

MOST_COLUMNS: Final = 6
_FIRST: Final = ("careful", "balanced", "wild")
_PROMPT: Final = N_("How should the text begin? Then {key} lets the model write on.")
_NO_MODELS: Final = N_(
    "No models yet. Train one on your own texts on the Train screen, or import one on the Models "
    "screen."
)


class Prompt(ProseArea):
    """The text to go on from."""

    HELP = N_(
        "The text that every column goes on from; it may be empty. Tab leads to the columns and "
        "their controls."
    )


class GenerateScreen(ModeScreen, inherit_bindings=False):
    """Compare what presets, methods and controls make of one prompt."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("generate"), *ModeScreen.BINDINGS]
    mode = "generate"
    CSS_PATH = [  # noqa: RUF012
        Path(__file__).with_name("foot.tcss"),
        Path(__file__).parents[1] / "widgets" / "controls_form.tcss",
        Path(__file__).with_name("generate.tcss"),
    ]

    class Told(Message):
        """The generation has something to say: see the queue of reports."""

    def __init__(self) -> None:
        super().__init__()
        self.model = ""
        """The model that writes; empty for the default one."""
        self._generator = Generator()
        self._worker: Worker[None] | None = None
        self._current: ResultColumn | None = None
        self._reports: collections.deque[tuple[Worker[None], ResultColumn | None, Report]] = (
            collections.deque()
        )

    # Layout -------------------------------------------------------------------------------

    def content(self) -> Iterable[Widget]:
        """The prompt over the columns, and beside them the controls of one column."""
        with Horizontal(id="desk"):
            with Vertical(id="sheet"):
                yield Prompt(id="prompt")
                with Horizontal(id="columns"):
                    for name in _FIRST:
                        yield ResultColumn(PRESETS[name], name)
                yield SurpriseLegend()
            with Vertical(id="panel"):
                with Horizontal(classes="control", id="model-row"):
                    yield Words(N_("model"), classes="control-name")
                    yield SettingSelect([], compact=True, id="model", classes="control-value")
                yield ControlsForm(PRESETS[_FIRST[0]], PRESETS, id="controls")
        yield Question()
        yield StatusLine()

    @property
    def prompt(self) -> Prompt:
        """The text to go on from."""
        return self.query_one(Prompt)

    @property
    def columns(self) -> list[ResultColumn]:
        """The columns, from the left."""
        return list(self.query(ResultColumn))

    @property
    def current(self) -> ResultColumn:
        """The column that the controls belong to."""
        columns = self.columns
        return self._current if self._current in columns else columns[0]

    @property
    def working(self) -> bool:
        """Whether a generation goes on."""
        return self._worker is not None

    def command_nodes(self) -> Iterable[DOMNode]:
        """The screen, the prompt and the column."""
        return (self, self.prompt, self.current.view)

    def commands(self) -> Iterator[SystemCommand]:
        """The bindings' actions, and the models."""
        yield from super().commands()
        for entry in list_models():
            yield SystemCommand(
                _("Generate: model {name}").format(name=entry.name),
                _("Let this model write on from the prompt"),
                partial(self.use_model, entry.name),
            )

    def on_mount(self) -> None:
        """Begin in the prompt."""
        self.translate()
        self.prompt.focus()
        self._select(self.columns[0])

    def on_screen_resume(self) -> None:
        """Read again which models and presets there are."""
        self._list_models()
        self._list_presets()

    def translate(self) -> None:
        """Say everything in the language in use."""
        super().translate()
        self.prompt.placeholder = _(_PROMPT).format(key=self.program.shown_key("generate.run"))
        self._show_status()

    def settings_changed(self) -> None:
        """The default model may be another one, or a key."""
        self.translate()
        self._list_models()

    # Models and presets -------------------------------------------------------------------

    @property
    def used_model(self) -> str:
        """Name of the model that writes."""
        return self.model or str(self.program.settings.get(schema.MODEL))

    def _list_models(self) -> None:
        names = [entry.name for entry in list_models()]
        select = self.query_one("#model", SettingSelect)
        with self.prevent(Select.Changed):
            select.set_options((name, name) for name in names)
            if self.used_model in names:
                select.value = self.used_model
        self._show_status()

    @on(Select.Changed, "#model")
    def _take_model(self, event: Select.Changed) -> None:
        event.stop()
        if isinstance(event.value, str):
            self.use_model(event.value)

    def use_model(self, name: str) -> None:
        """Let this model write from now on."""
        self.model = name
        self._list_models()

    def _presets(self) -> dict[str, Controls]:
        try:
            return all_presets()
        except ChartermError as error:
            self.notify(str(error), severity="error", timeout=12)
            return dict(PRESETS)

    def _list_presets(self) -> None:
        self.query_one(ControlsForm).presets = self._presets()

    def action_next_preset(self) -> None:
        """Give the column the preset after its own."""
        presets = self._presets()
        names = list(presets)
        before = names.index(self.current.preset) if self.current.preset in names else -1
        self._use_preset(names[(before + 1) % len(names)])

    def _use_preset(self, name: str) -> None:
        self.current.change(self._presets()[name], name)
        self.query_one(ControlsForm).controls = self.current.controls
        self._show_status()

    @on(ControlsForm.Changed)
    def _take_controls(self, event: ControlsForm.Changed) -> None:
        event.stop()
        column, controls = self.current, event.controls
        form = event.form
        if not form.preset and controls.method != column.controls.method:
            controls = _beginning(column.controls, controls)
            form.controls = controls
        column.change(controls, form.preset)
        self._show_status()

    def action_save_preset(self) -> None:
        """Ask for the name of a preset."""
        controls = self.current.controls

        def keep(name: str) -> None:
            save_preset(name, controls)
            self._list_presets()
            self.current.change(controls, name)
            self.notify(_("Kept as preset {name}.").format(name=name))

        self.query_one(Question).ask(
            _("Name of the preset"),
            keep,
            take=_("Save"),
            note=_("It is offered here, in stories and on the command line"),
            check=check_name,
        )

    # Columns ------------------------------------------------------------------------------

    @on(ResultColumn.Selected)
    def _take_column(self, event: ResultColumn.Selected) -> None:
        event.stop()
        self._select(event.column)

    def _select(self, column: ResultColumn) -> None:
        if column is self._current:
            return
        self._current = column
        for each in self.columns:
            each.set_class(each is column, "-current")
        self.query_one(ControlsForm).controls = column.controls
        column.scroll_visible(animate=False)
        self._show_status()
        self.refresh_bindings()

    def action_next_column(self) -> None:
        """Work on the next column."""
        self._step(1)

    def action_previous_column(self) -> None:
        """Work on the column before."""
        self._step(-1)

    def _step(self, by: int) -> None:
        columns = self.columns
        column = columns[(columns.index(self.current) + by) % len(columns)]
        if isinstance(self.focused, ResultView):
            column.view.focus()
        self._select(column)

    async def action_add_column(self) -> None:
        """Put a column with the same controls beside this one."""
        if len(self.columns) >= MOST_COLUMNS:
            message = _("{n} columns are the most there can be.").format(n=MOST_COLUMNS)
            self.notify(message, severity="warning")
            return
        column = ResultColumn(self.current.controls, self.current.preset)
        column.changed = self.current.changed
        await self.query_one("#columns").mount(column, after=self.current)
        self._select(column)

    async def action_remove_column(self) -> None:
        """Take the column away."""
        column, columns = self.current, self.columns
        place = columns.index(column)
        following = columns[place + 1] if place + 1 < len(columns) else columns[place - 1]
        self._select(following)
        if isinstance(self.focused, ResultView):
            following.view.focus()
        await column.remove()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What can be done with the column as it is."""
        if not self.is_mounted or not self.query(ResultColumn):
            return True
        passage = self.current.passage
        if action in ("open_in_write", "save", "copy_result", "copy_command"):
            return passage is not None and bool(passage.text) and not self.current.going
        if action == "keep_seed":
            return self.current.seed is not None
        if action in ("remove_column", "add_column"):
            return not self.working and (action == "add_column" or len(self.columns) > 1)
        return True

    def action_controls(self) -> None:
        """Go to the controls; from there, hide them again."""
        panel = self.query_one("#panel")
        inside = self.focused is not None and panel in self.focused.ancestors
        self.set_class(not inside, "-with-controls")
        self.set_class(inside, "-without-controls")
        if inside:
            self.current.view.focus()
        else:
            self.query_one(ControlsForm).focus_first()

    # Generation ---------------------------------------------------------------------------

    def action_generate(self) -> None:
        """Let every column write on; what is still being written is given up."""
        if self._worker is not None:
            self._worker.cancel()
        if not list_models():
            self.notify(_(_NO_MODELS), severity="warning", timeout=12)
            return
        columns = self.columns
        prompt = self.prompt.text
        tasks = [Task(number, column.controls) for number, column in enumerate(columns)]
        for column in columns:
            column.prompt = prompt
        job = partial(self._generate, columns, self.used_model, prompt, tasks)
        self._worker = self.run_worker(job, thread=True, group="generation", exit_on_error=False)
        self._show_status()
        self.refresh_bindings()

    def _generate(
        self, columns: list[ResultColumn], model: str, prompt: str, tasks: list[Task]
    ) -> None:
        worker = get_current_worker()

        def report(report: Report) -> None:
            # What a generation that was given up still says belongs to no column any more. One
            # message for all that waits: a slow screen gets more at once, not later and later.
            if self._worker is worker:
                column = None if isinstance(report, Over) else columns[report.column]
                first = not self._reports
                self._reports.append((worker, column, report))
                if first:
                    self.post_message(self.Told())

        def work(_advance: Advance) -> None:
            self._generator.run(model, prompt, tasks, report, lambda: worker.is_cancelled)

        result = run(work, lambda _share: None)
        report(Over(result.reason if isinstance(result, Failed) else ""))

    @on(Told)
    def _take_reports(self) -> None:
        changed: list[ResultColumn] = []
        while self._reports:
            worker, column, report = self._reports.popleft()
            if worker is not self._worker:
                continue
            if isinstance(report, Over):
                self._end(report.reason)
            elif column is not None and column.is_attached:
                column.take(report)
                changed += [] if column in changed else [column]
        for column in changed:
            column.show()
        self._show_status()

    def _end(self, reason: str) -> None:
        self._worker = None
        if reason:
            self.notify(reason, severity="error", timeout=12)
        self.refresh_bindings()

    def action_stop(self) -> None:
        """Stop the generation where it is; where there is none, go to the prompt."""
        if self._worker is not None:
            self._worker.cancel()
        else:
            self.prompt.focus()

    # Results ------------------------------------------------------------------------------

    @on(ResultView.Marked)
    def _tell_probability(self, event: ResultView.Marked) -> None:
        event.stop()
        self._show_status()

    @property
    def result(self) -> str:
        """The prompt and the text of the column."""
        passage = self.current.passage
        return self.current.prompt + (passage.text if passage is not None else "")

    async def action_open_in_write(self) -> None:
        """Keep prompt and text as a new text, and open it on the writing screen."""
        await self.app.switch_mode("write")
        screen = self.app.screen
        if not isinstance(screen, WriteScreen):
            return
        try:
            name = screen.store.free_name("generated")
            text = self.result
            screen.store.save(SavedText(name, text, len(text), model=self.used_model))
            screen.open_text(name)
        except ChartermError as error:
            self.notify(str(error), severity="error", timeout=12)

    def action_save(self) -> None:
        """Ask for a file."""
        text = self.result
        folder: Path = self.program.settings.get(schema.FOLDER)

        def write(typed: str) -> None:
            path = Path(typed).expanduser()
            if path.exists():
                raise UsageError(_("{path} exists already: choose another name").format(path=path))
            storage.write_text(path, text)
            self.notify(_("Written to {path}.").format(path=path))

        names = (folder / f"generated-{number}.txt" for number in itertools.count(1))
        self.query_one(Question).ask(
            _("File to write the text into"),
            write,
            value=str(next(path for path in names if not path.exists())),
            take=_("Save"),
            path=True,
        )

    def action_copy_result(self) -> None:
        """Copy the text of the column."""
        passage = self.current.passage
        if passage is not None:
            self.program.copy_to_clipboard(passage.text, clipboard.counted(passage.text))

    def action_copy_command(self) -> None:
        """Copy the command that writes the same text."""
        used = self.current.used
        if used is not None:
            line = command_line(self.used_model, self.current.prompt, used)
            self.program.copy_to_clipboard(line, _("Copied: {path}.").format(path=line))

    def action_keep_seed(self) -> None:
        """Use the seed of the shown text again."""
        column = self.current
        if column.keep_seed():
            self.query_one(ControlsForm).controls = column.controls
            self.notify(_("Seed {seed} is used again.").format(seed=column.seed))

    # Status -------------------------------------------------------------------------------

    def _show_status(self) -> None:
        facts = [Fact(self.used_model, weight=9)]
        if self.working:
            key = self.program.shown_key("generate.stop")
            facts.append(Fact(_("writing …"), _("{key} stops").format(key=key), weight=8))
        sign, others = self.current.view.told() if self._current else ("", "")
        if sign:
            facts.append(Fact(sign, others, weight=7))
        self.query_one(StatusLine).facts = tuple(facts)


def _beginning(before: Controls, chosen: Controls) -> Controls:
    """``chosen``, whose method was just changed: its beams as a search of this kind begins."""
    usual, default = for_method(chosen.method), Controls()
    wanted = {
        name: getattr(usual, name)
        for name in ("num_beams", "num_beam_groups", "diversity_penalty")
        if getattr(chosen, name) == getattr(before, name) == getattr(default, name)
    }
    return chosen.changed(wanted)
