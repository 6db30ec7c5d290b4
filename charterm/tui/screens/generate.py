"""The generation screen: one prompt, and what several methods make of it, side by side."""

import collections
import itertools
from functools import partial
from pathlib import Path
from typing import ClassVar, Final

from textual import on
from textual.binding import BindingType
from textual.message import Message
from textual.worker import Worker, get_current_worker

from charterm import storage
from charterm.documents.store import SavedText
from charterm.errors import ChartermError, UsageError
from charterm.i18n import N_, _
from charterm.model.library import list_models
from charterm.settings import schema
from charterm.story.exchange import import_generated
from charterm.story.store import StoryStore
from charterm.tui import clipboard, preset_keeping
from charterm.tui.bindings import bindings_of
from charterm.tui.generation import Generator, Over, Report, Task, command_line
from charterm.tui.jobs import Advance, Failed, run
from charterm.tui.screens.generate_view import GenerateView
from charterm.tui.screens.mode import ModeScreen
from charterm.tui.screens.story import StoryScreen
from charterm.tui.screens.write import WriteScreen
from charterm.tui.widgets.controls_form import ControlsForm
from charterm.tui.widgets.question import Question
from charterm.tui.widgets.result_column import ResultColumn
from charterm.tui.widgets.result_view import ResultView
from charterm.tui.widgets.story_shelf import StoryShelf

MOST_COLUMNS: Final = 6
_NO_MODELS: Final = N_(
    "No models yet. Train one on your own texts on the Train screen, or import one on the Models "
    "screen."
)


class GenerateScreen(GenerateView, inherit_bindings=False):
    """Compare what presets, methods and controls make of one prompt."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("generate"), *ModeScreen.BINDINGS]

    class Told(Message):
        """The generation has something to say: see the queue of reports."""

    def __init__(self) -> None:
        super().__init__()
        self._generator = Generator()
        self._reports: collections.deque[tuple[Worker[None], ResultColumn | None, Report]] = (
            collections.deque()
        )

    # Presets ------------------------------------------------------------------------------

    def action_next_preset(self) -> None:
        """Give the column the preset after its own."""
        presets = self._presets()
        names = list(presets)
        before = names.index(self.current.preset) if self.current.preset in names else -1
        self._use_preset(names[(before + 1) % len(names)])

    def action_save_preset(self) -> None:
        """Ask for the name of a preset."""
        column, controls = self.current, self.current.controls

        def kept(name: str) -> None:
            self._list_presets()
            column.change(controls, name)

        preset_keeping.ask_to_save(self, controls, kept)

    def action_delete_preset(self) -> None:
        """Forget the preset of the column; its controls stay."""

        def deleted() -> None:
            self._list_presets()
            self.current.change(self.current.controls, "")

        preset_keeping.delete(self, deleted, "generate.save_preset")

    # Columns ------------------------------------------------------------------------------

    def action_next_column(self) -> None:
        """Work on the next column."""
        self._step(1)

    def action_previous_column(self) -> None:
        """Work on the column before."""
        self._step(-1)

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
        if not self.is_mounted or not self.columns:
            return True
        passage = self.current.passage
        if action in ("open_in_write", "open_in_story", "save", "copy_result", "copy_command"):
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

    async def action_open_in_story(self) -> None:
        """Begin a story with the prompt and the text, and go on with it there."""
        column, model = self.current, self.used_model
        passage = column.passage
        await self.app.switch_mode("story")
        screen = self.app.screen
        if not isinstance(screen, StoryScreen) or passage is None:
            return

        def take_in(store: StoryStore) -> None:
            texts = [(passage.text, passage.logprobs)]
            story = import_generated(store, column.prompt, texts, model)
            screen.shelf.post_message(StoryShelf.Opened(story.id))

        screen.teller.keep(take_in)

    def action_save(self) -> None:
        """Ask for a file."""
        text = self.result
        folder: Path = self.program.settings.get(schema.FOLDER)

        def write(typed: str) -> None:
            path = Path(typed).expanduser()
            if path.exists():
                raise UsageError("{path} exists already: choose another name", path=path)
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
