"""A line on stderr that shows how far long work has come, where somebody watches."""

import sys
import time

from charterm.text.display import cell_width


class ProgressLine:
    """One line, written over again, at most ten times a second; silent where stderr is no terminal.

    Use as a context manager, so that the line is gone when the work ends, however it ends.
    """

    def __init__(self) -> None:
        self._watched = sys.stderr.isatty()
        self._shown = 0
        self._last = 0.0

    def show(self, line: str, *, force: bool = False) -> None:
        """Replace the line."""
        now = time.monotonic()
        if not self._watched or (now - self._last < 0.1 and not force):
            return
        self._last = now
        width = cell_width(line)
        sys.stderr.write("\r" + line + " " * max(0, self._shown - width))
        sys.stderr.flush()
        self._shown = width

    def show_share(self, share: float) -> None:
        """Show a share of the work, 0 to 1, as a percentage."""
        self.show(f"{share:.0%}")

    def clear(self) -> None:
        """Take the line away."""
        if self._shown:
            sys.stderr.write("\r" + " " * self._shown + "\r")
            sys.stderr.flush()
            self._shown = 0

    def __enter__(self) -> "ProgressLine":
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()
