"""A judged text with a sign under each character: what colours say, without colours."""

from typing import ClassVar, Final

from rich.segment import Segment
from rich.style import Style
from textual.binding import BindingType
from textual.containers import ScrollableContainer
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from charterm.i18n import N_
from charterm.text.display import cell_width
from charterm.tui.bindings import keyed
from charterm.tui.heat import STYLES, class_of, strength_of, style_name
from charterm.tui.widgets.passage import Passage

_WINDOW: Final = 2000  # characters before and after the cursor


class HeatView(ScrollView, can_focus=True, inherit_bindings=False):
    """Under each character that says something stands the sign of the class it speaks for.

    Signs of strong characters are underlined. Of a long text the part around the cursor is shown.
    """

    BINDINGS: ClassVar[list[BindingType]] = keyed("scroll", ScrollableContainer.BINDINGS)
    COMPONENT_CLASSES: ClassVar[set[str]] = set(STYLES)
    HELP = N_(
        "The text once more. The sign under a character is that of the class it speaks for, as "
        "the list of the classes has it; it is underlined where the character says much."
    )

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._passage = Passage()
        self._codes = b""
        self._signs: tuple[str, ...] = ()
        self._shown: object = None

    def show(self, text: str, codes: bytes, cursor: int, signs: tuple[str, ...]) -> None:
        """Show a text.

        Args:
            text: it.
            codes: of its characters, see :mod:`charterm.tui.heat`.
            cursor: the place that must be in sight.
            signs: of the classes.
        """
        first = max(0, cursor - _WINDOW)
        part = slice(first, cursor + _WINDOW)
        shown = (text[part], codes[part], signs)
        if shown != self._shown:
            self._shown = shown
            self._passage.replace(text[part])
            self._codes, self._signs = codes[part], signs
            self._fold()
        if self._passage.text and self.size.width:
            line = self._passage.line_of(min(cursor - first, len(self._passage.text) - 1))
            self.scroll_to(y=max(0, 2 * line - self.size.height // 2), animate=False)

    def _fold(self) -> None:
        room = self.scrollable_content_region.width
        lines = self._passage.fold(room) if room else 0
        self.virtual_size = Size(room, 2 * lines)
        self.refresh()

    def on_resize(self) -> None:
        """Fold anew."""
        self._fold()

    def notify_style_update(self) -> None:
        """Draw in the colours of another theme."""
        super().notify_style_update()
        self.refresh()

    def sign_lines(self) -> list[tuple[str, str]]:
        """Each line of the text, and the signs under it."""
        room = self.scrollable_content_region.width
        return [
            (self._joined(line, signs=False), self._joined(line, signs=True))
            for line in range(self._passage.fold(room) if room else 0)
        ]

    def _joined(self, line: int, *, signs: bool) -> str:
        return "".join(text for text, _code in self._parts(line, signs=signs))

    def _parts(self, line: int, *, signs: bool) -> list[tuple[str, int]]:
        """The pieces of a line and their codes."""
        parts = []
        for index in self._passage.line(line):
            text = self._passage.sign(index)
            code = self._codes[index] if index < len(self._codes) else 0
            if signs:
                known = code and class_of(code) < len(self._signs)
                sign = self._signs[class_of(code)] if known else " "
                text = sign.ljust(cell_width(text)) if cell_width(text) else ""
            parts.append((text, code))
        return parts

    def render_line(self, y: int) -> Strip:
        """A line in sight: of the text or of signs."""
        region = self.scrollable_content_region
        base = self.visual_style.rich_style
        row = self.scroll_offset.y + y
        lines = self._passage.fold(region.width) if self._passage.text else 0
        if row >= 2 * lines:
            return Strip.blank(region.width, base)
        signs = bool(row % 2)
        segments = []
        for text, code in self._parts(row // 2, signs=signs):
            style = base
            if code:
                style = self.get_component_rich_style(style_name(code))
                if signs and strength_of(code) > 2:
                    style += Style(underline=True)
            segments.append(Segment(text, style))
        return Strip(segments).crop_extend(0, region.width, base)
