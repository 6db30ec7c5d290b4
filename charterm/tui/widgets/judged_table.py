"""The texts of a file and what each was judged as: a row each, ordered by any column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.text import Text

from charterm.classify.orders import Order
from charterm.i18n import N_, _
from charterm.tui.fitting import fill
from charterm.tui.heat import COLOURS
from charterm.tui.widgets.row_table import RowTable, with_arrow

if TYPE_CHECKING:
    from charterm.classify.judged import JudgedTexts

MOST_ROWS: Final = 1000
"""Rows that the table holds; the order and the filter say which of many texts these are."""

TITLES: Final[dict[Order, str]] = {
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


class JudgedTable(RowTable):
    """Judged texts; a click on a column's title orders by it."""

    HELP = N_(
        "The texts of the file, each with its likeliest class. Where the file says the classes, "
        "✗ marks those that were judged as another one. Enter puts the highlighted text where "
        "texts are typed, to see what it was judged by.\n\n"
        "The filter takes words of the text; =CLASS keeps one class, ! keeps what was judged "
        "wrongly."
    )

    def __init__(self) -> None:
        super().__init__("judged")
        self._judged: JudgedTexts | None = None
        self._places: list[int] = []
        self._order: tuple[Order, bool] = ("number", False)

    def show(
        self, judged: JudgedTexts | None, places: list[int], order: Order, *, descending: bool
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
        self.draw()

    @property
    def columns_shown(self) -> list[Order]:
        """The columns; the class that was given only where the file says it."""
        given = self._judged is not None and self._judged.given is not None
        return [name for name in TITLES if name != "given" or given]

    def draw(self) -> None:
        """Draw everything anew; the texts have what the other columns leave."""
        judged = self._judged
        if judged is None:
            self.clear(columns=True)
            return
        names = self.columns_shown
        longest = max(len(name) for name in judged.classes)
        digits = max(len(f"{len(judged):,}"), 4)
        wide = min(max(longest, 5) + 2, _MOST_NAME)
        widths: dict[Order, int] = {
            "number": digits,
            "class": wide,
            "probability": 7,
            "given": wide,
        }
        taken = sum(widths[name] for name in names if name != "text") + 2 * len(names)
        widths["text"] = max(self.size.width - taken - 1, _LEAST_TEXT)
        self.fill(
            [(self._title(name), widths[name]) for name in names],
            [
                [self._cell(judged, place, name, widths[name]) for name in names]
                for place in self._places
            ],
            self.cursor_row,
        )

    def _title(self, name: Order) -> Text:
        order, descending = self._order
        return Text(with_arrow(_(TITLES[name]), ordered=name == order, descending=descending))

    def _cell(self, judged: JudgedTexts, place: int, name: str, width: int) -> Text:
        label = int(judged.probabilities[place].argmax())
        given = None if judged.given is None else int(judged.given[place])
        match name:
            case "number":
                return Text(f"{place + 1:,}", "dim", justify="right")
            case "class":
                colour = CLASS_COLOURS[label % COLOURS]
                wrong = "✗ " if given is not None and given != label else "  "
                named = fill(wrong + judged.classes[label], width)
                return Text(named, self.app.theme_variables[colour])
            case "probability":
                return Text(f"{100 * judged.probabilities[place, label]:5.1f} %")
            case "given":
                return Text(fill("" if given is None else judged.classes[given], width), "dim")
            case _:
                return Text(fill(judged.texts[place], width), no_wrap=True)

    @property
    def highlighted(self) -> int | None:
        """Place of the text under the highlight."""
        row = self.cursor_row
        return self._places[row] if 0 <= row < len(self._places) else None
