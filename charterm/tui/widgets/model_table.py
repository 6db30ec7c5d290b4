"""The table of models: a row each, sorted by any column."""

from collections.abc import Iterable
from typing import ClassVar, Final

from rich.cells import cell_len, set_cell_size
from rich.text import Text
from textual import events
from textual.binding import BindingType
from textual.coordinate import Coordinate
from textual.message import Message
from textual.widgets import DataTable

from charterm.i18n import N_, _
from charterm.model.summary import COLUMNS, Column, Summary
from charterm.text.display import visible
from charterm.tui.bindings import keyed

TITLES: Final[dict[Column, str]] = {
    "name": N_("Name"),
    "cell": N_("Cell"),
    "size": N_("Size"),
    "alphabet": N_("Alphabet"),
    "bits": N_("Bits/char"),
    "date": N_("Date"),
    "source": N_("Source"),
}
"""Columns and their titles (pass them through ``_``)."""

DEFAULT_MARK: Final = "★"
_RIGHT: Final = ("alphabet", "bits")
_LEAST_SOURCE: Final = 7
_MOST_NAME: Final = 24


class ModelTable(DataTable[Text], inherit_bindings=False):
    """Models, one a row; a click on a column's title sorts by it."""

    BINDINGS: ClassVar[list[BindingType]] = keyed(
        "table", (binding for binding in DataTable.BINDINGS if "select_cursor" not in str(binding))
    )

    HELP = N_(
        "Your models and those that came with the program. Bits/char says how well a model "
        "predicts text it has not seen: less is better.\n\n"
        "Enter lets the highlighted model complete what you write. A star marks the model that "
        "completes where you choose no other."
    )

    class Used(Message):
        """A row was clicked twice."""

    def __init__(self) -> None:
        super().__init__(id="models", cursor_type="row", show_cursor=True)
        self._summaries: list[Summary] = []
        self._default = ""
        self._sorted: tuple[Column, bool] = ("name", False)

    def show(
        self, summaries: Iterable[Summary], *, default: str, column: Column, descending: bool
    ) -> None:
        """Show these models in this order; the highlight stays on its model.

        Args:
            summaries: the models, ordered.
            default: name of the default model.
            column: the one they are ordered by.
            descending: whether its largest come first.
        """
        name = self.highlighted_model
        self._summaries = list(summaries)
        self._default, self._sorted = default, (column, descending)
        self._draw(name)

    def _draw(self, highlighted: str) -> None:
        row = self.cursor_row
        rows = [[visible(cell) for cell in self._cells(each)] for each in self._summaries]
        titles = [self._title(column) for column in COLUMNS]
        widths = [
            max(cell_len(line[column]) for line in (titles, *rows)) for column in range(len(titles))
        ]
        widths[0] = min(widths[0], _MOST_NAME)
        room = self.size.width - 2 * len(COLUMNS) - sum(widths[:-1])
        widths[-1] = max(min(widths[-1], room), _LEAST_SOURCE)
        with self.prevent(DataTable.RowHighlighted):
            self.clear(columns=True)
            for column, title, width in zip(COLUMNS, titles, widths, strict=True):
                right = column in _RIGHT
                self.add_column(
                    Text(title, justify="right" if right else "left"), width=width, key=column
                )
            for summary, cells in zip(self._summaries, rows, strict=True):
                self.add_row(
                    *(
                        self._drawn(summary, column, cell, width)
                        for column, cell, width in zip(COLUMNS, cells, widths, strict=True)
                    ),
                    key=summary.name,
                )
            names = [summary.name for summary in self._summaries]
            row = names.index(highlighted) if highlighted in names else min(row, len(names) - 1)
            if names:
                self.cursor_coordinate = Coordinate(max(row, 0), 0)
        self._require_update_dimensions = True

    def _title(self, column: Column) -> str:
        sorted_by, descending = self._sorted
        arrow = "" if column != sorted_by else " ↓" if descending else " ↑"
        return f"{_(TITLES[column])}{arrow}"

    def _cells(self, summary: Summary) -> tuple[str, ...]:
        mark = f" {DEFAULT_MARK}" if summary.name == self._default else ""
        if summary.problem:
            return (summary.name + mark, _("damaged"), "", "", "", "", "")
        bits = summary.validation_bits
        return (
            summary.name + mark,
            summary.cell.upper(),
            summary.shape,
            f"{summary.characters:,}",
            "–" if bits is None else f"{bits:.3f}",
            summary.created[:10],
            _("starter") if summary.entry.starter else summary.source,
        )

    def _drawn(self, summary: Summary, column: Column, cell: str, width: int) -> Text:
        if cell_len(cell) > width:
            cell = set_cell_size(cell, width - 1) + "…"
        text = Text(cell, justify="right" if column in _RIGHT else "left", no_wrap=True)
        if summary.problem and column == "cell":
            text.stylize(self.app.theme_variables["error"])
        elif column not in ("name", "bits"):
            text.stylize("dim")
        return text

    @property
    def highlighted_model(self) -> str:
        """Name of the model under the highlight; empty in an empty table."""
        row = self.cursor_row
        return self._summaries[row].name if 0 <= row < len(self._summaries) else ""

    def on_resize(self) -> None:
        """Give the last column what is left."""
        self._draw(self.highlighted_model)

    def on_click(self, event: events.Click) -> None:
        """Two clicks use the model."""
        if event.chain == 2 and event.style.meta.get("row", -1) >= 0:
            self.post_message(self.Used())

    def translate(self) -> None:
        """Say the titles in the language in use."""
        self._draw(self.highlighted_model)
