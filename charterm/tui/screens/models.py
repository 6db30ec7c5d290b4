"""The models screen: compare the models, look after them, and try them on a text."""

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.dom import DOMNode
from textual.message import Message
from textual.widget import Widget
from textual.widgets import DataTable, Input, Static
from textual.worker import get_current_worker

from charterm.engine.scoring import Score
from charterm.errors import ChartermError
from charterm.i18n import N_, _, ngettext
from charterm.model import library
from charterm.model.summary import (
    COLUMNS,
    Column,
    LossCurve,
    Summary,
    matches,
    order,
)
from charterm.settings import schema
from charterm.training.renaming import rename_model
from charterm.tui.bindings import bindings_of
from charterm.tui.jobs import Failed
from charterm.tui.model_jobs import (
    CurveRead,
    Done,
    Listed,
    copying,
    evaluating,
    exporting,
    importing,
    new_file,
    read_curve,
    read_library,
    readable_file,
)
from charterm.tui.screens.mode import ModeScreen
from charterm.tui.screens.write import WriteScreen
from charterm.tui.widgets.line import Line
from charterm.tui.widgets.model_details import ModelDetails
from charterm.tui.widgets.model_table import TITLES, ModelTable
from charterm.tui.widgets.question import Question
from charterm.tui.widgets.status import Fact, StatusLine
from charterm.tui.widgets.work import Work

_NO_MODELS = N_(
    "No models yet.\n\nTrain one on your own texts on the Train screen, or press i to import one "
    "from a file."
)


class ModelsScreen(ModeScreen, inherit_bindings=False):
    """The model library."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("models"), *ModeScreen.BINDINGS]
    mode = "models"
    CSS_PATH = [Path(__file__).with_name(name) for name in ("foot.tcss", "models.tcss")]  # noqa: RUF012

    class Reported(Message):
        """A thread has something to say."""

        def __init__(self, report: Listed | CurveRead) -> None:
            super().__init__()
            self.report = report

    def __init__(self) -> None:
        super().__init__()
        self.summaries: tuple[Summary, ...] | None = None
        """Every model; None until the library was read."""
        self.column: Column = "name"
        self.descending = False
        self.measured: dict[str, tuple[str, Score]] = {}
        """Model's name, and the file and figures of its last evaluation."""
        self._deleted = 0
        self._highlight = ""
        self._curves: dict[str, CurveRead] = {}

    # Layout -------------------------------------------------------------------------------

    def content(self) -> Iterable[Widget]:
        """The filter and the table, the details, and what is asked or done at the foot."""
        with Horizontal(id="shelf"):
            with Vertical(id="listing"):
                yield Line(id="filter", placeholder=_("Filter by name, cell, size, texts …"))
                yield ModelTable()
                yield Static("", id="empty", markup=False)
            yield ModelDetails()
        yield Question()
        yield Work()
        yield StatusLine()

    @property
    def table(self) -> ModelTable:
        """The table."""
        return self.query_one(ModelTable)

    def command_nodes(self) -> Iterable[DOMNode]:
        """The screen and the table."""
        return (self, self.table)

    def on_mount(self) -> None:
        """Begin in the table."""
        self.table.focus()

    def on_screen_resume(self) -> None:
        """Read the library again: a training may have added a model."""
        self.reload()

    def translate(self) -> None:
        """Say everything in the language in use."""
        super().translate()
        self.query_one("#filter", Line).placeholder = _("Filter by name, cell, size, texts …")
        self._show()

    def settings_changed(self) -> None:
        """The default model may be another one."""
        self._show()

    # The library --------------------------------------------------------------------------

    def reload(self, highlight: str = "") -> None:
        """Read the library on a thread, and highlight a model then."""
        self._highlight = highlight or self._highlight
        self.run_worker(self._read_library, thread=True, group="library", exclusive=True)

    def _read_library(self) -> None:
        worker = get_current_worker()
        listed = read_library()
        if not worker.is_cancelled:
            self.post_message(self.Reported(listed))

    @property
    def default(self) -> str:
        """Name of the default model."""
        name: str = self.program.settings.get(schema.MODEL)
        return name

    @property
    def highlighted(self) -> Summary | None:
        """The model under the highlight."""
        name = self.table.highlighted_model
        return next((each for each in self.summaries or () if each.name == name), None)

    @on(Input.Changed, "#filter")
    def _show(self) -> None:
        if self.summaries is None:
            return
        wanted = self.query_one("#filter", Line).value
        shown = [summary for summary in self.summaries if matches(summary, wanted)]
        table = self.table
        table.show(
            order(shown, self.column, descending=self.descending),
            default=self.default,
            column=self.column,
            descending=self.descending,
        )
        names = [summary.name for summary in order(shown, self.column, descending=self.descending)]
        if self._highlight in names:
            table.move_cursor(row=names.index(self._highlight))
            self._highlight = ""
        table.show_header = bool(shown)
        table.set_class(not shown, "-empty")  # not hidden: that would move the focus away
        empty = self.query_one("#empty", Static)
        empty.display = not shown
        empty.update(
            _("No model has “{words}”. Escape clears the filter.").format(words=wanted)
            if self.summaries
            else _(_NO_MODELS)
        )
        self._show_details()
        self._show_status()

    def _show_details(self) -> None:
        summary = self.highlighted
        details = self.query_one(ModelDetails)
        name = summary.name if summary else ""
        details.show(
            summary, default=bool(name) and name == self.default, score=self.measured.get(name)
        )
        self.refresh_bindings()
        if summary is None or summary.problem:
            details.show_curve(LossCurve(), " " if summary else "")
        elif name in self._curves:
            self._show_curve(self._curves[name])
        else:
            self.run_worker(
                partial(self._read_curve, summary), thread=True, group="curve", exclusive=True
            )

    def _read_curve(self, summary: Summary) -> None:
        self.post_message(self.Reported(read_curve(summary)))

    def _show_curve(self, read: CurveRead) -> None:
        if read.name == self.table.highlighted_model:  # the highlight may have gone on
            self.query_one(ModelDetails).show_curve(read.curve, read.problem)

    def _show_status(self) -> None:
        summaries = self.summaries or ()
        count = len(summaries)
        size = sum(summary.bytes for summary in summaries) / 1e6
        facts = [
            Fact(
                f"{count}",
                ngettext("model in the library", "models in the library", count),
                weight=9,
            ),
            Fact(f"{size:,.1f}", "MB", weight=5),
            Fact(self.default, _("is the default"), weight=7),
        ]
        if self._deleted:
            facts.append(Fact(str(self._deleted), _("in the trash"), weight=3, right=True))
        self.query_one(StatusLine).facts = tuple(facts)

    @on(DataTable.RowHighlighted)
    def _follow(self) -> None:
        self._show_details()

    @on(DataTable.HeaderSelected)
    def _sort_by_title(self, event: DataTable.HeaderSelected) -> None:
        column = COLUMNS[event.column_index]
        self.sort_by(column, descending=column == self.column and not self.descending)

    def sort_by(self, column: Column, *, descending: bool = False) -> None:
        """Order the table by a column."""
        self.column, self.descending = column, descending
        self._show()

    # Actions ------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What can be done with the highlighted model, or without one."""
        summary = self.highlighted if self.is_mounted else None
        if action in ("rename", "delete"):
            return summary is not None and not summary.entry.starter
        if action in ("use", "evaluate", "make_default", "export", "duplicate"):
            return summary is not None and not summary.problem
        if action == "restore":
            return self._deleted > 0
        return True

    @on(ModelTable.Used)
    async def action_use(self) -> None:
        """Let the model complete the text on the writing screen."""
        summary = self.highlighted
        if summary is None or summary.problem:
            return
        await self.app.switch_mode("write")
        if isinstance(self.app.screen, WriteScreen):
            self.app.screen.use_model(summary.name)

    def action_filter(self) -> None:
        """Type what to look for."""
        self.query_one("#filter", Line).focus()

    @on(Input.Submitted, "#filter")
    def _filtered(self) -> None:
        self.table.focus()

    def action_sort(self) -> None:
        """Order by the next column."""
        self.sort_by(COLUMNS[(COLUMNS.index(self.column) + 1) % len(COLUMNS)])
        self.notify(_("Sorted by {column}").format(column=_(TITLES[self.column])), timeout=2)

    def action_reverse(self) -> None:
        """Turn the order around."""
        self.sort_by(self.column, descending=not self.descending)

    def action_cancel(self) -> None:
        """Stop the work; where there is none, show every model."""
        work = self.query_one(Work)
        if work.going:
            work.stop()
        else:
            self.query_one("#filter", Line).value = ""
            self.table.focus()

    def action_rename(self) -> None:
        """Ask for another name."""
        if (summary := self.highlighted) is not None:
            self._ask_name(
                _("New name of {name}").format(name=summary.name),
                partial(self._rename, summary.name),
                value=summary.name,
                take=_("Rename"),
            )

    def action_duplicate(self) -> None:
        """Ask for the copy's name."""
        if (summary := self.highlighted) is not None:
            self._ask_name(
                _("Name of the copy of {name}").format(name=summary.name),
                partial(self._duplicate, summary.name),
                value=library.free_name(f"{summary.name}-copy"),
                take=_("Duplicate"),
            )

    def _ask_name(
        self, label: str, answer: Callable[[str], None], *, value: str, take: str
    ) -> None:
        note = _("Letters, digits, dots, hyphens and underscores")
        question = self.query_one(Question)
        question.ask(label, answer, value=value, note=note, take=take, check=library.check_name)

    def _rename(self, name: str, new_name: str) -> None:
        if name == new_name:
            return
        rename_model(name, new_name)
        if name in self.measured:
            self.measured[new_name] = self.measured.pop(name)
        if self.default == name:
            self.program.change_setting(schema.MODEL, new_name)
        for screen in self.program.opened_screens:
            if isinstance(screen, WriteScreen) and screen.model == name:
                screen.use_model(new_name)
        self.reload(new_name)

    def _duplicate(self, name: str, new_name: str) -> None:
        library.unused_folder(new_name)
        self.query_one(Work).do(_("Copying {name}").format(name=name), copying(name, new_name))

    def action_delete(self) -> None:
        """Move the model into the trash, and say how it comes back."""
        summary = self.highlighted
        if summary is None:
            return
        try:
            library.delete_model(summary.name)
        except ChartermError as error:
            self.notify(str(error), severity="error")
            return
        self._curves.pop(summary.name, None)
        key = self.program.shown_key("models.restore")
        self.notify(
            _("{name} is in the trash. {key} brings it back.").format(name=summary.name, key=key)
        )
        self.reload()

    def action_restore(self) -> None:
        """Bring the last deleted model back."""
        try:
            entry = library.restore_model()
        except ChartermError as error:
            self.notify(str(error), severity="error")
            return
        self.notify(_("{name} is back.").format(name=entry.name))
        self.reload(entry.name)

    def action_make_default(self) -> None:
        """Complete with this model wherever no other is asked for."""
        if (summary := self.highlighted) is not None:
            self.program.change_setting(schema.MODEL, summary.name)
            self._show()

    # Files --------------------------------------------------------------------------------

    def _folder(self) -> str:
        folder: Path = self.program.settings.get(schema.FOLDER)
        return f"{folder}{'' if str(folder).endswith('/') else '/'}"

    def action_export(self) -> None:
        """Ask where to write the file."""
        if (summary := self.highlighted) is not None:
            self.query_one(Question).ask(
                _("File to write {name} into").format(name=summary.name),
                partial(self._export, summary.name),
                value=f"{self._folder()}{summary.name}.zip",
                take=_("Export"),
                note=_("One file with everything, to keep or to give away"),
                path=True,
            )

    def _export(self, name: str, typed: str) -> None:
        path = new_file(typed)
        self.query_one(Work).do(_("Writing {name}").format(name=path.name), exporting(name, path))

    def action_import(self) -> None:
        """Ask for the file."""
        self.query_one(Question).ask(
            _("File to import"),
            self._import,
            value=self._folder(),
            take=_("Import"),
            note=_("A file that was exported; it is checked before it is believed"),
            path=True,
        )

    def _import(self, typed: str) -> None:
        path = readable_file(typed)
        self.query_one(Work).do(_("Reading {name}").format(name=path.name), importing(path))

    def action_evaluate(self) -> None:
        """Ask for a text to predict."""
        if (summary := self.highlighted) is not None:
            self.query_one(Question).ask(
                _("Text to measure {name} on").format(name=summary.name),
                partial(self._evaluate, summary),
                value=self._folder(),
                take=_("Evaluate"),
                note=_("A text the model was not trained on says most"),
                path=True,
            )

    def _evaluate(self, summary: Summary, typed: str) -> None:
        path = readable_file(typed)
        self.query_one(Work).do(
            _("Measuring on {name}").format(name=path.name), evaluating(summary, path)
        )

    # Reports of the threads -----------------------------------------------------------------

    @on(Reported)
    def _take_report(self, event: Reported) -> None:
        report = event.report
        if isinstance(report, CurveRead):
            self._curves[report.name] = report
            self._show_curve(report)
            return
        if self.summaries is not None and report.summaries != self.summaries:
            self._curves.clear()
        self.summaries, self._deleted = report.summaries, report.deleted
        self._show()

    @on(Work.Ended)
    def _take_result(self, event: Work.Ended) -> None:
        result = event.result
        if isinstance(result, Failed):
            if result.reason:
                self.notify(result.reason, severity="error", timeout=12)
            else:
                self.notify(_("Stopped."))
        elif isinstance(result, Done):
            if result.measured is not None:
                name, file, figures = result.measured
                self.measured[name] = (file, figures)
            self.notify(result.said)
            self.reload(result.highlight)
