"""The whole program in a real pseudo-terminal, its screen read with pyte."""

import os
import sys
import time
from collections.abc import Callable

import pexpect
import pyte

_SIZE = ("COLUMNS", "LINES")
"""Of the terminal in which the tests run; pytest-xdist sets them for its workers."""


class Terminal:
    """A running ``python -m charterm`` and what its screen shows."""

    def __init__(self, size: tuple[int, int] = (80, 24), **environment: str) -> None:
        columns, rows = size
        own = {name: value for name, value in os.environ.items() if name not in _SIZE}
        self.screen = pyte.Screen(columns, rows)
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
