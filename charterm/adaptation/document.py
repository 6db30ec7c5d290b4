"""One text that is being written, kept in step with the memory.

At any time the memory holds all of the text that may be learnt except the run of characters at the
cursor, which is not finished. That is a function of text and cursor alone: whatever was typed,
pasted, deleted and moved in between leaves no trace.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise, zip_longest
from typing import Final

from charterm.adaptation.memory import Memory
from charterm.adaptation.pieces import (
    LONGEST_LINE,
    NEWLINE,
    Pieces,
    lines_of,
    pieces_of,
    replace_pieces,
    run_at,
)
from charterm.adaptation.private import NeverLearn, Range

PORTION: Final = 1500
"""Characters learnt at once after a paste or on opening; the rest waits for :meth:`catch_up`."""

BeforeChunk = Callable[[int, int], None]
"""Told the positions of a finished run (with the white space after it) just before it is learnt."""


def ignore_chunk(start: int, end: int) -> None:
    """The observer that looks away."""


class Document:
    """A text and a cursor, and what of it the memory holds.

    Attributes:
        text: the text last followed.
        gap: where the run at the cursor begins and ends in the text; it is not learnt.
        disturbed: something else than finished runs before the cursor changed in the memory.
    """

    def __init__(self, memory: Memory, never: NeverLearn, learning: bool = True) -> None:
        self.memory = memory
        self.never = never
        self.learning = learning
        self.text = ""
        self.gap: Range = (0, 0)
        self.disturbed = False
        self._lines: list[str] = [""]
        self._pieces: list[Pieces] = [()]
        self._line = 0  # the cursor's
        self._before = ""  # the text before that line
        self._after = ""  # and after it
        self._waiting: list[int] = []  # lines to be learnt, the nearest to the cursor last

    @property
    def waiting(self) -> bool:
        """Whether there are lines that :meth:`catch_up` still has to learn."""
        return bool(self._waiting)

    @property
    def pieces(self) -> list[str]:
        """Everything of this text that the memory holds."""
        return [piece for line in self._pieces for piece in line]

    def line_text(self, position: int) -> str:
        """The line of ``position`` up to there, as a piece: with a newline before it.

        Raises:
            ValueError: the position is after the cursor's line.
        """
        start, index = len(self._before), self._line
        if position > start + len(self._lines[index]):
            raise ValueError(f"position {position} is after the cursor's line")
        while position < start:
            index -= 1
            start -= len(self._lines[index])
        return NEWLINE + self.text[start:position]

    def follow(self, text: str, cursor: int, before_chunk: BeforeChunk = ignore_chunk) -> None:
        """Bring the memory in step with ``text`` and the cursor in it."""
        if self._in_line(text, cursor):
            self._follow_line(text, cursor, before_chunk)
        elif self._ended_line(text, cursor):
            self._follow_line(text[:-1], cursor - 1, before_chunk)
            self._finish_line(text, before_chunk)
        else:
            self._follow_all(text, cursor)

    def catch_up(self, characters: int | None = None) -> None:
        """Learn waiting lines, all or until that many characters are done."""
        done = 0
        while self._waiting and (characters is None or done < characters):
            index = self._waiting.pop()
            self._set_pieces(index, self._wanted(index))
            done += len(self._lines[index])
            self.disturbed = True

    def learn_again(self, never: NeverLearn, learning: bool) -> None:
        """Apply other rules to the whole text."""
        self.never, self.learning = never, learning
        self._waiting.clear()
        for index in range(len(self._lines)):
            self._set_pieces(index, self._wanted(index))
        self.disturbed = True

    def release(self) -> tuple[list[str], list[str]]:
        """Let go of the text, which is left as it is in the memory.

        Returns:
            The pieces that the memory holds, and those that waited to be learnt.
        """
        counted = self.pieces
        uncounted = [piece for index in self._waiting for piece in self._wanted(index)]
        self.learning = False
        self.text, self._before, self._after = "", "", ""
        self._lines, self._pieces, self._line, self._waiting = [""], [()], 0, []
        self.gap = (0, 0)
        return counted, uncounted

    def retract(self, start: int) -> None:
        """Take out of the memory what stands from ``start`` to the gap; :meth:`restore` undoes it.

        For looking at the text as if it was being typed from there on.
        """
        position = len(self._before)
        for index in range(self._line, -1, -1):
            if index < self._line:
                position -= len(self._lines[index])
            end = position + len(self._lines[index])
            low = max(0, start - position)
            high = (self.gap[1] if index == self._line else end) - position
            if self._pieces[index]:
                self._set_pieces(index, self._wanted(index, (low, high)))
            if position <= start:
                return

    def restore(self, start: int, before_chunk: BeforeChunk) -> None:
        """Learn again what :meth:`retract` took out, run by run."""
        first, position = self._line, len(self._before)
        while position > start:
            first -= 1
            position -= len(self._lines[first])
        for index in range(first, self._line + 1):
            line = self._lines[index]
            if index not in self._waiting:
                last = self.gap[0] - position if index == self._line else len(line)
                close = self.gap[1] - position if index == self._line else len(line)
                for low, high in chunks(line, max(0, start - position), last):
                    before_chunk(position + low, position + high)
                    self._set_pieces(index, self._wanted(index, (high, close)))
            position += len(line)

    def _in_line(self, text: str, cursor: int) -> bool:
        """Whether nothing but the cursor's line changed."""
        low, high = len(self._before), len(text) - len(self._after)
        if not (low <= cursor <= high - bool(self._after)) or high - low >= 2 * LONGEST_LINE:
            return False
        line = text[low:high]
        if line.find(NEWLINE, 0, -1 if self._after else None) >= 0:
            return False
        if self._after and not line.endswith(NEWLINE):
            return False
        return text.startswith(self._before) and text.endswith(self._after)

    def _ended_line(self, text: str, cursor: int) -> bool:
        """Whether the last line was ended by a newline and nothing but its last run changed."""
        if self._after or cursor != len(text) or not text.endswith(NEWLINE):
            return False
        low = len(self._before)
        return (
            0 < len(text) - low < 2 * LONGEST_LINE
            and text.find(NEWLINE, low) == len(text) - 1
            and text.startswith(self.text[: self.gap[0]])
        )

    def _follow_line(self, text: str, cursor: int, before_chunk: BeforeChunk) -> None:
        low = len(self._before)
        index, old = self._line, self._lines[self._line]
        line = text[low : len(text) - len(self._after)]
        was = (self.gap[0] - low, self.gap[1] - low)
        gap = run_at(line, min(cursor - low, len(line)))
        same_start = line.startswith(old[: was[0]])
        same_end = line.endswith(old[was[1] :]) and len(line) - gap[1] == len(old) - was[1]
        self.text, self._lines[index] = text, line
        if same_start and same_end and gap[0] == was[0]:
            self.gap = (gap[0] + low, gap[1] + low)
            if (gap[0] == gap[1]) != (was[0] == was[1]):  # what is around it is joined, or parted
                held, wanted = self._pieces[index], self._wanted(index)
                if held != wanted:
                    self._set_pieces(index, wanted)
                    self.disturbed = True
            return  # inside the same run
        if same_start and same_end and gap[0] > was[0]:
            for start, end in chunks(line, was[0], gap[0]):
                self.gap = (low + end, low + gap[1])
                before_chunk(low + start, low + end)
                if self._set_pieces(index, self._wanted(index)):
                    self.disturbed = True
        self.gap = (gap[0] + low, gap[1] + low)
        held, wanted = self._pieces[index], self._wanted(index)
        self._set_pieces(index, wanted)
        if same_start and same_end:
            return
        cut = same_end and line.startswith(old[: gap[0]]) and _is_cut(held, wanted)
        self.disturbed = self.disturbed or not cut

    def _finish_line(self, text: str, before_chunk: BeforeChunk) -> None:
        """The newline at the end of the last line: learn it and go to a new line."""
        index = self._line
        self._lines[index] = line = text[len(self._before) :]
        start, end = self.gap[0], len(text)
        self.text, self.gap = text, (end, end)
        before_chunk(start, end)
        if self._set_pieces(index, self._wanted(index, (len(line), len(line)))):
            self.disturbed = True
        self._lines.append("")
        self._pieces.append(())
        self._line += 1
        self._before = text

    def _follow_all(self, text: str, cursor: int) -> None:
        """Bring everything in step, line by line; many new lines are left waiting."""
        lines = lines_of(text)
        self.disturbed = True
        same = _common(self._lines, lines)
        tail = _common(self._lines[same:][::-1], lines[same:][::-1])
        old = self._pieces[same : len(self._pieces) - tail]
        shift = len(lines) - len(self._lines)
        stale = len(self._lines) - tail
        self._waiting = [
            i if i < same else i + shift for i in self._waiting if i < same or i >= stale
        ]
        was_current = self._line
        fresh: list[Pieces] = [()] * (len(lines) - same - tail)
        kept = old[: len(fresh)]
        for pieces in old[len(fresh) :]:
            replace_pieces(self.memory, pieces, ())
        fresh[: len(kept)] = kept
        self._pieces[same : len(self._pieces) - tail] = fresh
        self._lines, self.text = lines, text
        if was_current >= stale:
            was_current += shift
        self._locate(cursor)
        changed = list(range(same, len(lines) - tail))
        for index in (was_current, self._line):
            if 0 <= index < len(lines) and index not in changed:
                changed.append(index)
        waiting = set(self._waiting)
        changed = [index for index in changed if index not in waiting]
        for index in changed:  # what is gone is forgotten at once
            if self._pieces[index]:
                self._set_pieces(index, self._wanted(index))
                continue
            self._waiting.append(index)
        self._waiting.sort(key=lambda index: -abs(index - self._line))
        self.catch_up(PORTION)

    def _locate(self, cursor: int) -> None:
        start = 0
        for index, line in enumerate(self._lines):
            end = start + len(line)
            if cursor < end or index == len(self._lines) - 1:
                break
            start = end
        self._line = index
        self._before, self._after = self.text[:start], self.text[end:]
        low, high = run_at(line, cursor - start)
        self.gap = (start + low, start + high)

    def _wanted(self, index: int, gap: Range | None = None) -> Pieces:
        """The pieces that the memory is to hold of a line."""
        if not self.learning:
            return ()
        if gap is None:
            gap = (0, 0)
            if index == self._line:
                low = len(self._before)
                gap = (self.gap[0] - low, self.gap[1] - low)
        return pieces_of(self._lines[index], self.never, gap)

    def _set_pieces(self, index: int, pieces: Pieces) -> bool:
        forgot = replace_pieces(self.memory, self._pieces[index], pieces)
        self._pieces[index] = pieces
        return forgot


def _is_cut(held: Pieces, wanted: Pieces) -> bool:
    """Whether ``wanted`` is ``held`` with a part taken out, from one piece's end on."""
    same = _common(held, wanted)
    rest = wanted[same:]
    tail = _common(rest[::-1], held[same:][::-1])
    rest = rest[: len(rest) - tail]
    return not rest or (len(rest) == 1 and held[same].startswith(rest[0]))


def chunks(line: str, start: int, end: int) -> list[Range]:
    """The part of ``line`` cut after each character of white space."""
    cuts = [place + 1 for place in range(start, end) if line[place].isspace()]
    return list(pairwise((start, *cuts)))


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many first elements are the same."""
    count = 0
    for left, right in zip_longest(one, other):
        if left != right or left is None:
            break
        count += 1
    return count
