"""A text area for prose of any length and script."""

import unicodedata
from collections.abc import Hashable, Iterable, Iterator
from contextlib import contextmanager
from typing import ClassVar

from rich.containers import Lines
from rich.style import Style
from rich.text import Span, Text
from textual import events
from textual.binding import BindingType
from textual.color import Color
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widgets import TextArea
from textual.widgets.text_area import (
    Document,
    DocumentNavigator,
    Edit,
    EditResult,
    Location,
    Selection,
)

from charterm.text.editable import drawable, editable
from charterm.tui import echo
from charterm.tui.bindings import keyed
from charterm.tui.key_order import do_own_binding
from charterm.tui.offers import WORD_JOINERS
from charterm.tui.wrapping import ProseWrapping

_LONGEST_COMPOSITION = 8
"""Characters before the cursor that a typed one can compose with, generously."""


_GHOST = "text-area--suggestion"

_MANY_ROWS = 20
"""Rows of one line from which on only the one that is drawn is cut out."""


class ProseLine(Text):
    """A line of the text, of which one row of the screen is drawn.

    Textual cuts the whole line into its rows for each of them, which takes a second in all for a
    line of 100,000 characters.
    """

    row = 0
    """The one that is drawn, from 0."""

    def divide(self, offsets: Iterable[int]) -> Lines:
        """Cut at ``offsets``; of many parts without tabs, only the one that is drawn has text."""
        bounds = [0, *offsets, len(self)]
        if len(bounds) < _MANY_ROWS or "\t" in self.plain:
            return super().divide(bounds[1:-1])
        start, end = bounds[self.row : self.row + 2]
        part = Text(self.plain[start:end], self.style, justify=self.justify, overflow=self.overflow)
        part.spans = [
            Span(max(span.start - start, 0), min(span.end, end) - start, span.style)
            for span in self.spans
            if span.start < end and span.end > start
        ]
        parts = Lines([Text("")] * (len(bounds) - 1))
        parts[self.row] = part
        return parts


class ProseArea(TextArea, inherit_bindings=False):
    """A text area that keeps its text clean, in normalization form C, and quick when it is long.

    Every state of text and cursor has a :attr:`revision`, so that an answer that was computed on
    another thread can be compared with the state it was asked for.
    """

    BINDINGS: ClassVar[list[BindingType]] = keyed(
        "editor",
        [
            *TextArea.BINDINGS,
            ("ctrl+home", "text_start", "Cursor text start"),
            ("ctrl+end", "text_end", "Cursor text end"),
        ],
    )

    # Textual's draw every row of the screen anew; see :meth:`draw_changes`.
    selection = reactive(Selection(), init=False, always_update=True, repaint=False)
    suggestion = reactive("", repaint=False)

    # On the class, because Textual's constructor calls the watchers below.
    revision = 0
    """Number of this state of text and cursor."""
    _drawn_row = 0
    _cached_text: str | None = None
    _cached_index: tuple[int, int] | None = None
    _drawn: tuple[int, Size, bool, tuple[Hashable, ...]] = (0, Size(0, 0), True, ())
    _changes = 0
    _styled_for: tuple[Color, Color] | None = None

    class Typed(Message):
        """Text entered by a key (``pasted`` false) or in one piece."""

        def __init__(self, text: str, *, pasted: bool) -> None:
            super().__init__()
            self.text = text
            self.pasted = pasted

    def __init__(self, *, id: str | None = None, placeholder: str = "") -> None:
        super().__init__(
            id=id,
            placeholder=placeholder,
            soft_wrap=True,
            highlight_cursor_line=False,
            max_checkpoints=1000,
        )

    async def _on_key(self, event: events.Key) -> None:
        await do_own_binding(self, event)

    async def on_event(self, event: events.Event) -> None:
        """Show at once what a key does."""
        with echo.taking(self, event):
            await super().on_event(event)

    @property
    def text(self) -> str:
        """The whole text, joined once after each change: Textual asks for it on every line."""
        if self._cached_text is None:
            self._cached_text = self.document.text
        return self._cached_text

    @text.setter
    def text(self, value: str) -> None:
        self.load_text(value)

    @property
    def cursor_index(self) -> int:
        """Position of the cursor, 0 to ``len(text)``."""
        if self._cached_index is None or self._cached_index[0] != self.revision:
            row, column = self.cursor_location
            index = sum(map(len, self.document.lines[:row])) + row + column
            self._cached_index = (self.revision, index)
        return self._cached_index[1]

    def index_to_location(self, index: int) -> Location:
        """Row and column of a position; the end of the text where it lies beyond."""
        for row, line in enumerate(self.document.lines):
            if index <= len(line):
                return row, max(index, 0)
            index -= len(line) + 1
        return self.document.end

    @property
    def word_before_cursor(self) -> str:
        """The part of a word that ends at the cursor; empty after anything else."""
        row, column = self.cursor_location
        line = self.document.get_line(row)
        start = column
        while start and (line[start - 1].isalnum() or line[start - 1] in WORD_JOINERS):
            start -= 1
        return line[start:column].lstrip(WORD_JOINERS)

    @property
    def at_end_of_line(self) -> bool:
        """Whether nothing stands to the right of the cursor and nothing is selected."""
        return self.selection.is_empty and self.cursor_at_end_of_line

    def load_text(self, text: str) -> None:
        """Replace the whole text and forget the history of edits."""
        self._cached_text = None
        super().load_text(editable(text))

    def _set_document(self, text: str, language: str | None) -> None:
        """Textual's, for text without a syntax and of any length."""
        self.document = Document(text)
        self.wrapped_document = ProseWrapping(self.document, tab_width=self.indent_width)
        self.navigator = DocumentNavigator(self.wrapped_document)
        self._build_highlight_map()
        self.move_cursor((0, 0))
        self._rewrap_and_refresh_virtual_size()

    def edit(self, edit: Edit) -> EditResult:
        """Perform an edit, its text cleaned and composed with what stands before it."""
        clean = self._composed(
            Edit(
                editable(edit.text),
                edit.from_location,
                edit.to_location,
                edit.maintain_selection_offset,
            )
        )
        self._cached_text = None
        with self.drawn_once():
            result = super().edit(clean)
            if self._cursor_offset[1] >= self.scroll_offset.y + self.size.height:
                self.scroll_cursor_visible()  # in a row that the edit has added
        if clean.text:
            self.entered(clean.text, pasted=len(edit.text) > 1)
        return result

    def action_text_start(self) -> None:
        """Move the cursor before the first character of the text."""
        self.move_cursor((0, 0))

    def action_text_end(self) -> None:
        """Move the cursor behind the last character of the text."""
        self.move_cursor(self.document.end)

    def entered(self, text: str, *, pasted: bool) -> None:
        """Called when an edit put ``text`` in."""
        self.post_message(self.Typed(text, pasted=pasted))

    def _composed(self, edit: Edit) -> Edit:
        """Widen an insertion whose first character composes with the text before it.

        A Mac sends Hangul and accents as separate letters; the text stays in form C.
        """
        row, column = edit.top
        before = self.document.get_line(row)[max(0, column - _LONGEST_COMPOSITION) : column]
        if edit.text.isascii() or unicodedata.is_normalized("NFC", before + edit.text):
            return edit
        composed = unicodedata.normalize("NFC", before + edit.text)
        kept = 0
        while kept < len(before) and before[kept] == composed[kept]:
            kept += 1
        return Edit(
            composed[kept:],
            (row, column - len(before) + kept),
            edit.bottom,
            edit.maintain_selection_offset,
        )

    def update_suggestion(self) -> None:
        """Called by Textual after every change of the text."""
        self._cached_text = None
        self.revision += 1

    def watch_selection(self, _old: Selection, _new: Selection) -> None:
        """The cursor moved, or the selection changed."""
        self.revision += 1
        self.draw_changes()

    def watch_suggestion(self) -> None:
        """Other ghost text."""
        self.draw_changes()

    def watch_has_focus(self, has_focus: bool) -> None:
        """Cursor and ghost text come and go."""
        super().watch_has_focus(has_focus)
        self.draw_changes()

    # Drawing ------------------------------------------------------------------------------
    #
    # Textual draws every row of the screen anew for each key, which takes half a frame and more.
    # Here all that a row is drawn from is a value: rows whose values stay are not drawn again, and
    # those that were drawn once are kept by their values.

    ghost_style = _GHOST
    """The component class in which ghost text is drawn."""

    @contextmanager
    def drawn_once(self) -> Iterator[None]:
        """Look only at the end of the body which rows have changed."""
        self._changes += 1
        try:
            yield
        finally:
            self._changes -= 1
            self.draw_changes()

    def draw_changes(self) -> None:
        """Draw the rows anew that are to show something else than they did."""
        if self._changes or not self.is_mounted:
            return
        first, size = self.scroll_offset.y, self.size
        shown = tuple(self._shown_in(first + y) for y in range(size.height))
        before, self._drawn = self._drawn, (first, size, self._holds_place, shown)
        if before[:3] != self._drawn[:3]:
            self.refresh()
            return
        changed = [y for y, row in enumerate(shown) if row != before[3][y]]
        if changed:
            self.refresh(*(Region(0, y, size.width, 1) for y in changed))

    @property
    def _holds_place(self) -> bool:
        """Whether the placeholder is shown, in which ghost text would not be seen."""
        return not self.text and bool(self.placeholder) and not self.suggestion

    def _shown_in(self, place: int) -> Hashable:
        """All that a row of the wrapped text is drawn from, apart from styles and sizes."""
        rows = self.wrapped_document._offset_to_line_info
        if place >= len(rows):
            return None
        index, section = rows[place]
        if index >= self.document.line_count:  # in the middle of an edit
            return None
        line = self.document.get_line(index)
        breaks = self.wrapped_document.get_offsets(index)
        start = breaks[section - 1] if section else 0
        end = breaks[section] if section < len(breaks) else None
        selected, cursor, ghost = None, None, None
        row, column = self.cursor_location
        if row == index:
            if self.suggestion and (self.has_focus or not self.hide_suggestion_on_blur):
                line = line[:column] + self.suggestion + line[column:]
                ghost = (column - start, len(self.suggestion), self.ghost_style)
            if start <= column and (end is None or column <= end):
                cursor = (column - start, self._draw_cursor)
        if not self.selection.is_empty:
            selected = (index, start, self.selection)
        text = (line, section) if "\t" in line else line[start:end]  # a tab's width depends on all
        return text, selected, cursor, ghost, self.marks_in(index, start, end)

    def marks_in(self, line: int, start: int, end: int | None) -> Hashable:
        """What else a part of a line is drawn from, in a subclass; ``end`` is None at its end."""
        return None

    def get_component_rich_style(
        self, *names: str, partial: bool = False, default: Style | None = None
    ) -> Style:
        """The style of a component; of ghost text that of :attr:`ghost_style`."""
        if names == (_GHOST,):
            names = (self.ghost_style,)
        return super().get_component_rich_style(*names, partial=partial, default=default)

    def notify_style_update(self) -> None:
        """Other styles: look them up, and draw every row anew."""
        self._styled_for = None
        super().notify_style_update()

    def render_lines(self, crop: Region) -> list[Strip]:
        """Rows of the screen. The styles are looked up where they may be others than before."""
        if self._styled_for != self.background_colors:
            self._styled_for = self.background_colors
            return super().render_lines(crop)
        return super(TextArea, self).render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """One row of the screen."""
        if self._holds_place:
            return super().render_line(y)
        key = (self._shown_in(y + self.scroll_offset.y), self.size, self.theme, self.read_only)
        strip = self._line_cache.get(key)
        if strip is None:
            strip = self._line_cache[key] = self._render_line(y)
        return strip

    def _build_highlight_map(self) -> None:
        """Nothing: prose has no syntax."""

    def _refresh_size(self) -> None:
        super()._refresh_size()
        self.draw_changes()

    def get_line(self, line_index: int) -> Text:
        """The line as it is drawn."""
        line = ProseLine(drawable(self.document.get_line(line_index)), end="", no_wrap=True)
        line.row = self._drawn_row
        return line

    def _render_line(self, y: int) -> Strip:
        place = y + self.scroll_offset.y
        rows = self.wrapped_document._offset_to_line_info
        self._drawn_row = rows[place][1] if place < len(rows) else 0
        return super()._render_line(y)

    def find_matching_bracket(self, bracket: str, search_from: Location) -> Location | None:
        """None: prose is not read by its brackets, and the search reads the whole text."""
        return None
