"""Wrapping of long texts: what Textual does, without looking at every line for every line drawn."""

from textual._wrap import compute_wrap_offsets
from textual.document._wrapped_document import WrappedDocument
from textual.expand_tabs import get_tab_widths


class ProseWrapping(WrappedDocument):
    """A wrapped document that opens and draws a million characters without a pause.

    Textual's own counts all lines each time it is asked for the height, which is once for every
    line on the screen, and measures every word of the text when it opens.
    """

    @property
    def height(self) -> int:
        """Lines on the screen that the whole text takes."""
        return len(self._offset_to_line_info)

    def shown_part(self, line: int, row: int, rows: int) -> tuple[int, int]:
        """The characters of a line that stand on ``rows`` lines of the screen from ``row`` on.

        Args:
            line: its number.
            row: of the whole text as it is wrapped, from 0.
            rows: how many.
        """
        first = row - self._line_index_to_offsets[line][0]
        breaks = [0, *self._wrap_offsets[line], len(self.document.lines[line])]
        last = len(breaks) - 1
        return breaks[min(max(first, 0), last)], breaks[min(max(first + rows, 0), last)]

    def wrap(self, width: int, tab_width: int | None = None) -> None:
        """Wrap all lines at ``width`` cells; 0 for no wrapping."""
        self._width = width
        if tab_width:
            self._tab_width = tab_width
        tabs = self._tab_width
        lines = self.document.lines
        offsets = [wrap_offsets(line, width, tabs) for line in lines]
        info: list[tuple[int, int]] = []
        rows: list[list[int]] = []
        for index, breaks in enumerate(offsets):
            first = len(info)
            count = len(breaks) + 1
            info += [(index, section) for section in range(count)]
            rows.append(list(range(first, first + count)))
        self._wrap_offsets = offsets
        self._offset_to_line_info = info
        self._line_index_to_offsets = rows
        self._tab_width_cache = [
            [cells for _, cells in get_tab_widths(line, tabs)] if "\t" in line or not line else [0]
            for line in lines
        ]


def wrap_offsets(line: str, width: int, tab_width: int) -> list[int]:
    """Where ``line`` is broken so that each part takes at most ``width`` cells.

    The same places as Textual's, found without measuring in lines of ASCII, where a character is
    a cell.
    """
    if not width:
        return []
    if line.isascii() and "\t" not in line:
        breaks = _plain_offsets(line, width)
        if breaks is not None:
            return breaks
    sections = get_tab_widths(line, tab_width)
    return compute_wrap_offsets(line, width, tab_width, precomputed_tab_sections=sections)


def _plain_offsets(line: str, width: int) -> list[int] | None:
    """Breaks before words where one character is one cell; None where a word is wider than that."""
    breaks: list[int] = []
    start, length = 0, len(line)
    while length - start > width:
        place = start + width
        while place > start and not (line[place - 1] == " " and line[place] != " "):
            place = line.rfind(" ", start, place - 1) + 1
        if place <= start:
            return None
        breaks.append(place)
        start = place
    return breaks
