"""A text area whose characters are coloured by the class that each speaks for."""

from collections.abc import Hashable
from itertools import accumulate, groupby
from typing import ClassVar, Final

from rich.text import Text

from charterm.i18n import N_
from charterm.tui.heat import STYLES, moved, style_name
from charterm.tui.widgets.kept_area import KeptArea
from charterm.tui.wrapping import ProseWrapping

_LONG: Final = 2000
"""Characters of a line from which on only what is shown of it is coloured."""


class HeatArea(KeptArea):
    """Where a text is typed; what it was judged by is seen in it."""

    COMPONENT_CLASSES: ClassVar[set[str]] = set(STYLES)
    HELP = N_(
        "Type or paste a text; it is judged at every key. The colour of a character tells which "
        "class it speaks for, and how strongly: the bars beside it have the same colours. The "
        "line at the bottom tells what the word at the cursor says."
    )

    kept_as = "judge"

    # On the class, because Textual's constructor calls what reads them.
    _codes = b""
    _coded = ""
    _starts: tuple[int, list[int]] | None = None

    def show_heat(self, start: int, codes: bytes) -> None:
        """Colour the characters from ``start`` on; see :mod:`charterm.tui.heat`."""
        text = self.text
        shown = (bytes(start) + codes)[: len(text)].ljust(len(text), b"\0")
        if shown != self._codes:
            self._codes, self._coded = shown, text
            self.draw_changes()

    @property
    def codes(self) -> bytes:
        """The code of each character."""
        return self._codes

    def update_suggestion(self) -> None:
        """After every change of the text: the colours stay with their characters."""
        super().update_suggestion()
        text = self.text
        self._codes = moved(self._codes, self._coded, text)
        self._coded = text

    def get_line(self, line_index: int) -> Text:
        """The line as it is drawn."""
        line = super().get_line(line_index)
        start, place, end = self._start_of(line_index), 0, len(line)
        if end > _LONG and isinstance(self.wrapped_document, ProseWrapping):
            # every row of the screen asks for its whole line
            row, rows = self.scroll_offset.y, self.size.height
            place, end = self.wrapped_document.shown_part(line_index, row, rows)
        for code, run in groupby(self._codes[start + place : start + end]):
            count = len(list(run))
            if code:
                style = self.get_component_rich_style(style_name(code))
                line.stylize(style, place, place + count)
            place += count
        return line

    def marks_in(self, line: int, start: int, end: int | None) -> Hashable:
        """The colours of the characters."""
        first = self._start_of(line)
        stop = len(self.document.get_line(line)) if end is None else end
        return self._codes[first + start : first + stop]

    def _start_of(self, line_index: int) -> int:
        if self._starts is None or self._starts[0] != self.revision:
            lengths = (len(line) + 1 for line in self.document.lines)
            self._starts = (self.revision, list(accumulate(lengths, initial=0)))
        starts = self._starts[1]
        return starts[min(line_index, len(starts) - 1)]

    def notify_style_update(self) -> None:
        """Draw in the colours of another theme."""
        super().notify_style_update()
        self.refresh()
