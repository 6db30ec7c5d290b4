"""A table that one goes through row by row, drawn anew as a whole."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.widgets import DataTable

from charterm.tui.bindings import keyed


class RowTable(DataTable[Text], inherit_bindings=False):
    """Rows of cells that fit the room there is. A subclass says in :meth:`draw` which."""

    BINDINGS: ClassVar[list[BindingType]] = keyed(
        "table", (binding for binding in DataTable.BINDINGS if "select_cursor" not in str(binding))
    )

    class Opened(Message):
        """A row was clicked twice."""

    def __init__(self, id: str) -> None:
        super().__init__(id=id, cursor_type="row", show_cursor=True)

    def draw(self) -> None:
        """Draw everything anew, in the room there is and in the language in use."""
        raise NotImplementedError

    def fill(
        self,
        columns: Iterable[tuple[Text, int]],
        rows: Iterable[Sequence[Text]],
        highlighted: int,
    ) -> None:
        """Put these columns and rows in the place of all that is there.

        Args:
            columns: the title and the cells of each.
            rows: a text for each column.
            highlighted: the row to highlight; the nearest one where there is none.
        """
        with self.prevent(DataTable.RowHighlighted):
            self.clear(columns=True)
            for title, width in columns:
                self.add_column(title, width=width)
            self.add_rows(rows)
            if self.row_count:
                self.move_cursor(row=min(max(highlighted, 0), self.row_count - 1))

    def on_resize(self) -> None:
        """Share the room out again."""
        self.draw()

    def translate(self) -> None:
        """Say everything in the language in use."""
        self.draw()

    def on_click(self, event: events.Click) -> None:
        """Two clicks open the row."""
        if event.chain == 2 and event.style.meta.get("row", -1) >= 0:
            self.post_message(self.Opened())


def with_arrow(title: str, *, ordered: bool, descending: bool) -> str:
    """A column's title, with an arrow where the rows are in its order."""
    return title if not ordered else f"{title} ↓" if descending else f"{title} ↑"
