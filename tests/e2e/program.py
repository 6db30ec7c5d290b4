"""The program as somebody sees it who sits in front of its terminal."""

import re
import time
from collections.abc import Callable

import pexpect
from rich.cells import cell_len

from charterm.documents.store import TextStore
from tests.tui.terminal import Terminal

PATIENCE = 180.0
"""Seconds to wait for what a busy machine may take long to do."""

MARGIN = 56
"""Cell in which the margin of the writing screen begins at 80 cells."""

_ASKS_FOR_SYNC = b"\x1b[?2026$p"
_HAS_SYNC = "\x1b[?2026;2$y"
_END_OF_FRAME = b"\x1b[?2026l"
_QUESTIONS = re.compile(rb"\x1b\[[<>=?][0-9;]*(?:\$p|u|q)")


class Program(Terminal):
    """A running program in a terminal that takes whole frames, as most do today.

    Attributes:
        watch: is called after each frame, with the lines of the screen.
    """

    watch: Callable[[list[str]], object] | None = None
    _rest = b""

    def read(self) -> None:
        """Take in what the program has written so far."""
        while self.take_in(0.05):
            pass

    def take_in(self, seconds: float) -> bool:
        """Take in what the program writes next; whether it wrote something in this time."""
        try:
            written = self.process.read_nonblocking(65536, timeout=seconds)
        except (pexpect.TIMEOUT, pexpect.EOF):
            return False
        if _ASKS_FOR_SYNC in self.written[-16:] + written and _ASKS_FOR_SYNC not in self.written:
            self.type(_HAS_SYNC)
        self.written += written
        *frames, self._rest = (self._rest + written).split(_END_OF_FRAME)
        for frame in frames:
            self.stream.feed(_QUESTIONS.sub(b"", frame))
            if self.watch is not None:
                self.watch(self.screen.display)
        return True

    def until(self, predicate: Callable[[list[str]], object]) -> list[str]:
        """Wait until the screen is as wanted; its lines."""
        return self.wait(predicate, PATIENCE)

    def shows(self, *parts: str) -> list[str]:
        """Wait until each part stands somewhere on the screen."""
        return self.until(lambda lines: all(any(part in line for line in lines) for part in parts))

    def hides(self, part: str) -> list[str]:
        """Wait until this stands nowhere on the screen."""
        return self.until(lambda lines: not any(part in line for line in lines))

    def ready(self) -> None:
        """Wait until the model is read."""
        self.shows("GRU")

    def kept(self, text: str) -> None:
        """Wait until the text is on the disk."""
        self.keeps(lambda kept: kept == text)

    def keeps(self, predicate: Callable[[str], object]) -> str:
        """Wait until the text on the disk is as wanted; the text."""
        store, end = TextStore(), time.monotonic() + PATIENCE
        while not predicate(text := store.load().text):
            self.read()
            assert time.monotonic() < end, f"the text is {text!r}"
        return text

    def cells(self, y: int) -> str:
        """A line with a character for each cell; the second cell of a wide one is ``\\0``."""
        return "".join(self.screen.buffer[y][x].data or "\0" for x in range(self.screen.columns))

    def cell_of(self, part: str, y: int) -> int:
        """The cell in which a part of a line begins."""
        line = self.screen.display[y]
        return cell_len(line[: line.index(part)])

    def line_of(self, part: str) -> int:
        """The first line with this part."""
        return next(y for y, line in enumerate(self.screen.display) if part in line)

    def type_at(self, text: str, keys_a_second: float) -> None:
        """Type at an even pace and look at the screen meanwhile."""
        begun = time.monotonic()
        for number, character in enumerate(text):
            self.type(character)
            while (left := begun + (number + 1) / keys_a_second - time.monotonic()) > 0:
                self.take_in(left)
