"""The texts of a file and what each was judged as: a row each, ordered by any column."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from rich.text import Text
from textual import events
from textual.binding import BindingType
from textual.coordinate import Coordinate
from textual.message import Message
from textual.widgets import DataTable

from charterm.i18n import N_, _
from charterm.tui.bindings import keyed
from charterm.tui.heat import COLOURS
from charterm.tui.widgets.judge_panel import fitted

if TYPE_CHECKING:
    from charterm.classify.judged import JudgedTexts

MOST_ROWS: Final = 1000
"""Rows that the table holds; the order and the filter say which of many texts these are."""

TITLES: Final = {
    "number": N_("No."),
    "class": N_("Class"),
    "probability": N_("Prob."),
    "given": N_("Given"),
    "text": N_("Text"),
}
"""Columns and their titles (pass them through ``_``)."""

CLASS_COLOURS: Final = ("warning", "primary", "secondary", "error", "success")
"""The theme's colours in the order of the classes."""

_MOST_NAME: Final = 12
_LEAST_TEXT: Final = 12


class JudgedTable(DataTable[Text], inherit_bindings=False):
    """Judged texts; a click on a column's title orders by it."""

    BINDINGS: ClassVar[list[BindingType]] = keyed(
        "table", (binding for binding in DataTable.BINDINGS if "select_cursor" not in str(binding))
    )
    HELP = N_(
        "The texts of the file, each with its likeliest class. Where the file says the classes, "
        "✗ marks those that were judged as another one. Enter puts the highlighted text where "
        "texts are typed, to see what it was judged by.\n\n"
        "The filter takes words of the text; =CLASS keeps one class, ! keeps what was judged "
        "wrongly."
    )

    class Read(Message):
        """A row was clicked twice."""

    def __init__(self) -> None:
        super().__init__(id="judged", cursor_type="row", show_cursor=True)
        self._judged: JudgedTexts | None = None
        self._places: list[int] = []
        self._order = ("number", False)

    def show(
        self, judged: JudgedTexts | None, places: list[int], order: str, *, descending: bool
    ) -> None:
        """Show some of the texts in this order.

        Args:
            judged: the texts; None for an empty table.
            places: of those to show.
            order: the column they are ordered by.
            descending: whether its largest come first.
        """
        self._judged, self._places = judged, places[:MOST_ROWS]
        self._order = (order, descending)
        self._draw()

    @property
    def columns_shown(self) -> list[str]:
        """The columns; the class that was given only where the file says it."""
        given = self._judged is not None and self._judged.given is not None
        return [name for name in TITLES if name != "given" or given]

    def _draw(self) -> None:
        row, judged = self.cursor_row, self._judged
        with self.prevent(DataTable.RowHighlighted):
            self.clear(columns=True)
            if judged is None:
                return
            names = self.columns_shown
            longest = max(len(name) for name in judged.classes)
            digits = max(len(f"{len(judged):,}"), 4)
            wide = min(max(longest, 5) + 2, _MOST_NAME)
            widths = {"number": digits, "class": wide, "probability": 7, "given": wide}
            taken = sum(widths[name] for name in names if name != "text") + 2 * len(names)
            widths["text"] = max(self.size.width - taken - 1, _LEAST_TEXT)
            for name in names:
                title = _(TITLES[name]) + self._arrow(name)
                self.add_column(Text(title), width=widths[name], key=name)
            for place in self._places:
                self.add_row(*(self._cell(judged, place, name, widths[name]) for name in names))
            if self._places:
                at = min(max(row, 0), len(self._places) - 1)
                self.cursor_coordinate = Coordinate(at, 0)
        self._require_update_dimensions = True

    def _arrow(self, name: str) -> str:
        order, descending = self._order
        return "" if name != order else " ↓" if descending else " ↑"

    def _cell(self, judged: JudgedTexts, place: int, name: str, width: int) -> Text:
        label = int(judged.probabilities[place].argmax())
        given = None if judged.given is None else int(judged.given[place])
        match name:
            case "number":
                return Text(f"{place + 1:,}", "dim", justify="right")
            case "class":
                colour = CLASS_COLOURS[label % COLOURS]
                wrong = "✗ " if given is not None and given != label else "  "
                named = fitted(wrong + judged.classes[label], width)
                return Text(named, self.app.theme_variables[colour])
            case "probability":
                return Text(f"{100 * judged.probabilities[place, label]:5.1f} %")
            case "given":
                return Text(fitted("" if given is None else judged.classes[given], width), "dim")
            case _:
                return Text(fitted(judged.texts[place], width), no_wrap=True)

    @property
    def highlighted(self) -> int | None:
        """Place of the text under the highlight."""
        row = self.cursor_row
        return self._places[row] if 0 <= row < len(self._places) else None

    def on_resize(self) -> None:
        """Give the texts what is left."""
        self._draw()

    def on_click(self, event: events.Click) -> None:
        """Two clicks read the text."""
        if event.chain == 2 and event.style.meta.get("row", -1) >= 0:
            self.post_message(self.Read())

    def translate(self) -> None:
        """Say the titles in the language in use."""
        self._draw()
