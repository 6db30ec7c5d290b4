"""The table of models: a row each, sorted by any column."""

from collections.abc import Iterable
from typing import Final

from rich.cells import cell_len
from rich.text import Text

from charterm.i18n import N_, _
from charterm.model.summary import COLUMNS, Column, Summary
from charterm.text.display import visible
from charterm.tui.fitting import fit
from charterm.tui.widgets.row_table import RowTable, with_arrow

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


class ModelTable(RowTable):
    """Models, one a row; a click on a column's title sorts by it."""

    HELP = N_(
        "Your models and those that came with the program. Bits/char says how well a model "
        "predicts text it has not seen: less is better.\n\n"
        "Enter lets the highlighted model complete what you write. A star marks the model that "
        "completes where you choose no other."
    )

    def __init__(self) -> None:
        super().__init__("models")
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

    def draw(self) -> None:
        """Draw everything anew; the last column has what the others leave."""
        self._draw(self.highlighted_model)

    def _draw(self, highlighted: str) -> None:
        rows = [[visible(cell) for cell in self._cells(each)] for each in self._summaries]
        titles = [self._title(column) for column in COLUMNS]
        widths = [
            max(cell_len(line[column]) for line in (titles, *rows)) for column in range(len(titles))
        ]
        widths[0] = min(widths[0], _MOST_NAME)
        room = self.size.width - 2 * len(COLUMNS) - sum(widths[:-1])
        widths[-1] = max(min(widths[-1], room), _LEAST_SOURCE)
        names = [summary.name for summary in self._summaries]
        self.fill(
            [
                (self._aligned(title, column), width)
                for column, title, width in zip(COLUMNS, titles, widths, strict=True)
            ],
            [
                [
                    self._drawn(summary, column, cell, width)
                    for column, cell, width in zip(COLUMNS, cells, widths, strict=True)
                ]
                for summary, cells in zip(self._summaries, rows, strict=True)
            ],
            names.index(highlighted) if highlighted in names else self.cursor_row,
        )

    def _title(self, column: Column) -> str:
        order, descending = self._sorted
        return with_arrow(_(TITLES[column]), ordered=column == order, descending=descending)

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

    @staticmethod
    def _aligned(text: str, column: Column) -> Text:
        return Text(text, justify="right" if column in _RIGHT else "left", no_wrap=True)

    def _drawn(self, summary: Summary, column: Column, cell: str, width: int) -> Text:
        text = self._aligned(fit(cell, width), column)
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
