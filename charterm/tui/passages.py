"""A long story in passages, of which a window is laid out: the screen's work does not grow with it.

A passage is a turn, or a piece of a long one. The window is a run of passages around what is
looked at; it moves along as one scrolls.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from charterm.story.tree import Turn
from charterm.text.display import visible
from charterm.tui.line_breaks import wrap

LONGEST: Final = 3000
"""Characters of a passage at most."""

WINDOW: Final = 24_000
"""Characters that are laid out, about."""

MOST: Final = 120
"""Passages that are laid out at most: turns may be short."""

LABEL: Final = "label"
TEXT: Final = "text"
GAP: Final = "gap"


class Passage(NamedTuple):
    """Characters ``start`` to ``end`` of a turn."""

    turn: int
    start: int
    end: int


class Row(NamedTuple):
    """One row of the screen: the name above a turn, a line of its text, or nothing."""

    kind: str
    turn: int
    start: int = 0
    end: int = 0


class Passages:
    """The story as it is read, in passages, and the rows of those in the window.

    Attributes:
        rows: what is laid out.
    """

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self._turns: dict[int, Turn] = {}
        self._all: list[Passage] = []
        self._first_of: dict[int, int] = {}  # a turn's first passage
        self._begin = self._end = 0
        self._width = 0
        self._trim = True
        self._laid: dict[tuple[Passage, bool], list[Row]] = {}

    def __contains__(self, turn: int) -> bool:
        return turn in self._turns

    def __getitem__(self, turn: int) -> Turn:
        return self._turns[turn]

    @property
    def turns(self) -> list[int]:
        """The turns in the order in which they are read."""
        return list(self._turns)

    @property
    def has_earlier(self) -> bool:
        """Whether there is more before the window."""
        return self._begin > 0

    @property
    def has_later(self) -> bool:
        """Whether there is more after the window."""
        return self._end < len(self._all)

    def lay_out(self, width: int, *, exact: bool) -> None:
        """Use lines of ``width`` cells from now on.

        Args:
            width: cells.
            exact: show the white space at the beginning of a turn, which a reader need not see.
        """
        if (width, not exact) != (self._width, self._trim):
            self._width, self._trim = width, not exact
            self._laid.clear()
            self._make_rows()

    def read(self, path: Sequence[Turn]) -> None:
        """Show another path; the window stays if it can, else it is at the end."""
        at_end = not self.has_later
        begun = self._all[self._begin] if self._begin < len(self._all) else None
        self._turns = {turn.id: turn for turn in path}
        self._all, self._first_of = [], {}
        for turn in path:
            self._first_of[turn.id] = len(self._all)
            self._all += _cut(turn)
        if not at_end and begun is not None and begun.turn in self._first_of:
            self._window_from(self._first_of[begun.turn])
        else:
            self.to_end()

    def grow(self, turn: Turn) -> None:
        """The last turn has more text."""
        if turn.id not in self._turns:
            return
        at_end = not self.has_later
        self._turns[turn.id] = turn
        first = self._first_of[turn.id]
        self._all[first:] = _cut(turn)
        if at_end:
            self._end = len(self._all)
        self._make_rows()

    def to_end(self) -> None:
        """Move the window to the end of the story."""
        self._end = len(self._all)
        self._begin = self._back(self._end)
        self._make_rows()

    def to_begin(self) -> None:
        """Move the window to the beginning of the story."""
        self._window_from(0)

    def show(self, turn: int, offset: int = 0) -> None:
        """Move the window to where a character of a turn is in it, if it is not."""
        place = self._place(turn, offset)
        if not self._begin <= place < self._end:
            self._window_from(max(self._back(place, WINDOW // 2), 0))

    def slide(self, later: bool) -> int:
        """Move the window by half of it.

        Returns:
            How many rows further down the same text is now; negative: up.
        """
        half = WINDOW // 2
        before = self._begin
        old = {id: n for n, id in enumerate(self.rows)}
        if later:
            self._window_from(min(self._on(self._begin, half), self._back(len(self._all))))
        else:
            self._window_from(self._back(self._begin, half))
        if before == self._begin:
            return 0
        for number, row in enumerate(self.rows):
            if row in old and row.kind != GAP:
                return number - old[row]
        return 0

    def row_of(self, turn: int, offset: int = 0) -> int | None:
        """The row in which a character of a turn stands; None outside of the window."""
        found = None
        for number, row in enumerate(self.rows):
            if row.turn == turn and row.kind == TEXT:
                if row.start <= offset < row.end:
                    return number
                if row.start <= offset:
                    found = number
        return found

    def first_row(self, turn: int) -> int | None:
        """The row of a turn's name, or of the first text of it that is laid out."""
        for number, row in enumerate(self.rows):
            if row.turn == turn and row.kind != GAP:
                return number
        return None

    def drawn(self, indent: int) -> list[str]:
        """The text of each row as it is drawn, after so many spaces; names and gaps are empty."""
        lines = []
        for row in self.rows:
            text = self._turns[row.turn].text[row.start : row.end].removesuffix("\n")
            lines.append(" " * indent + visible(text) if row.kind == TEXT else "")
        return lines

    def _place(self, turn: int, offset: int) -> int:
        place = self._first_of[turn]
        while (
            place + 1 < len(self._all)
            and self._all[place + 1].turn == turn
            and self._all[place + 1].start <= offset
        ):
            place += 1
        return place

    def _window_from(self, begin: int) -> None:
        self._begin = begin
        self._end = self._on(begin)
        self._make_rows()

    def _back(self, end: int, characters: int = WINDOW) -> int:
        """The passage from which on about ``characters`` are before passage ``end``."""
        begin = end
        while begin > 0 and characters > 0:
            begin -= 1
            characters -= self._size(begin)
        return begin

    def _on(self, begin: int, characters: int = WINDOW) -> int:
        end = begin
        while end < len(self._all) and characters > 0:
            characters -= self._size(end)
            end += 1
        return end

    def _size(self, place: int) -> int:
        passage = self._all[place]
        return passage.end - passage.start + WINDOW // MOST  # so that there are at most so many

    def _make_rows(self) -> None:
        self.rows = []
        if not self._width:
            return
        if len(self._laid) > 4 * MOST:
            self._laid.clear()
        for passage in self._all[self._begin : self._end]:
            self.rows += self._rows(passage)

    def _rows(self, passage: Passage) -> list[Row]:
        last = passage.end == len(self._turns[passage.turn].text)
        rows = self._laid.get((passage, last))
        if rows is None:
            rows = self._laid[passage, last] = self._fresh_rows(passage, last=last)
        return rows

    def _fresh_rows(self, passage: Passage, *, last: bool) -> list[Row]:
        turn, start, end = passage
        text = self._turns[turn].text
        if self._trim and start == 0:
            start += len(text[:end]) - len(text[:end].lstrip())
        if self._trim and last:
            end = max(start, len(text.rstrip()))
        lines = wrap(text[start:end], self._width)
        if not last and text[end - 1] == "\n":
            lines.pop()  # the next passage has it
        rows = [] if passage.start else [Row(LABEL, turn)]
        rows += [Row(TEXT, turn, start + a, start + b) for a, b in lines]
        return [*rows, Row(GAP, turn)] if last else rows


def _cut(turn: Turn) -> list[Passage]:
    """A turn in passages, which end with a line where there is one."""
    length = len(turn.text)
    passages, start = [], 0
    while length - start > LONGEST:
        end = turn.text.rfind("\n", start + LONGEST // 2, start + LONGEST) + 1
        end = end or turn.text.rfind(" ", start + LONGEST // 2, start + LONGEST) + 1
        end = end or start + LONGEST
        passages.append(Passage(turn.id, start, end))
        start = end
    return [*passages, Passage(turn.id, start, length)]
