"""The part of the models screen that shows: the table, its order and filter, and the details."""

from collections.abc import Iterable
from functools import partial

from textual import on
from textual.containers import Horizontal, Vertical
from textual.dom import DOMNode
from textual.message import Message
from textual.widget import Widget
from textual.widgets import DataTable, Input, Static
from textual.worker import get_current_worker

from charterm.engine.scoring import Score
from charterm.i18n import N_, _, ngettext
from charterm.model.summary import (
    COLUMNS,
    Column,
    LossCurve,
    Summary,
    matches,
    order,
)
from charterm.settings import schema
from charterm.tui.after_keys import AfterKeys
from charterm.tui.model_jobs import (
    CurveRead,
    Listed,
    read_curve,
    read_library,
)
from charterm.tui.screens.mode import ModeScreen
from charterm.tui.widgets.line import Line
from charterm.tui.widgets.model_details import ModelDetails
from charterm.tui.widgets.model_table import ModelTable
from charterm.tui.widgets.question import Question
from charterm.tui.widgets.status import Fact, StatusLine
from charterm.tui.widgets.work import Work

_NO_MODELS = N_(
    "No models yet.\n\nTrain one on your own texts on the Train screen, or press i to import one "
    "from a file."
)


class ModelShelfScreen(ModeScreen, inherit_bindings=False):
    """Reads the library, and shows what there is."""

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
        self._filtering = AfterKeys(self, self._show)

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
    def _filter(self) -> None:
        self._filtering.soon()

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
