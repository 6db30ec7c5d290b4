"""The whole program in a real pseudo-terminal, its screen read with pyte."""

import os
import sys
import time
from collections.abc import Callable, Iterator

import pexpect
import pyte
from wcwidth import wcwidth

_SIZE = ("COLUMNS", "LINES")
"""Of the terminal in which the tests run; pytest-xdist sets them for its workers."""


class Screen(pyte.Screen):
    """pyte's, but that half of a wide character that was written over is blank, as in terminals.

    pyte leaves the other half as it was, fails where that is the second and swallows a character
    where it is the first.
    """

    @property
    def display(self) -> list[str]:
        """The lines; a wide character stands once."""
        return ["".join(self._characters(y)) for y in range(self.lines)]

    def _characters(self, y: int) -> Iterator[str]:
        line, x = self.buffer[y], 0
        while x < self.columns:
            character = line[x].data
            wide = wcwidth(character[:1]) == 2
            whole = wide and x + 1 < self.columns and not line[x + 1].data
            yield character if character and wide == whole else " "
            x += 2 if whole else 1


class Terminal:
    """A running ``python -m charterm`` and what its screen shows."""

    def __init__(self, size: tuple[int, int] = (80, 24), **environment: str) -> None:
        columns, rows = size
        own = {name: value for name, value in os.environ.items() if name not in _SIZE}
        self.screen = Screen(columns, rows)
        self.stream = pyte.ByteStream(self.screen)
        self.written = b""
        self.process = pexpect.spawn(
            sys.executable,
            ["-m", "charterm"],
            dimensions=(rows, columns),
            env={**own, "TERM": "xterm-256color", "LANG": "C.UTF-8", **environment},
            timeout=60,
        )

    @property
    def lines(self) -> list[str]:
        """The screen's lines; a wide character stands once."""
        self.read()
        return self.screen.display

    def read(self) -> None:
        """Take in what the program has written so far."""
        while True:
            try:
                written = self.process.read_nonblocking(65536, timeout=0.05)
            except (pexpect.TIMEOUT, pexpect.EOF):
                return
            self.written += written
            # pyte takes the private sequences that ask the terminal what it can for others
            self.stream.feed(_without_questions(written))

    def wait(self, predicate: Callable[[list[str]], object], seconds: float = 60.0) -> list[str]:
        """Read until the screen is as wanted; fail with the screen after ``seconds``."""
        end = time.monotonic() + seconds
        while not predicate(lines := self.lines):
            if time.monotonic() > end:
                raise AssertionError("\n".join(["not on the screen:", *lines]))
        return lines

    def type(self, text: str) -> None:
        """Send text or the bytes of keys."""
        self.process.send(text.encode())

    def ended(self) -> int | None:
        """Wait for the end of the program; its exit code, or None if a signal ended it."""
        self.process.expect(pexpect.EOF)
        self.process.close()
        return self.process.exitstatus


def _without_questions(written: bytes) -> bytes:
    import re

    return re.sub(rb"\x1b\[[<>=?][0-9;]*(?:\$p|u|q)", b"", written)
