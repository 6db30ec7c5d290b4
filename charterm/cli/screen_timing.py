"""Times the real program in a pseudo-terminal: its first paint and its first prediction."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from charterm.errors import ChartermError

_PAINTED: Final = b"charterm"
_PREDICTED: Final = re.compile(rb"\d %")
_LIMIT: Final = 30.0  # seconds


@dataclass(frozen=True)
class ScreenTiming:
    """One start of the program.

    Attributes:
        first_paint: seconds from the start of the process to the first screen.
        first_prediction: seconds to the first probabilities on it.
        megabytes: resident memory then, ``None`` where the system does not tell.
        torch: whether PyTorch's library was loaded, ``None`` where the system does not tell.
    """

    first_paint: float
    first_prediction: float
    megabytes: float | None
    torch: bool | None


def time_screen(model: str) -> ScreenTiming:
    """Start the program with ``model`` in a terminal of 80×24 and folders of its own.

    Raises:
        ChartermError: nothing was predicted within half a minute.
    """
    with TemporaryDirectory(prefix="charterm-bench-") as folder:
        start = time.perf_counter()
        child, terminal = pty.fork()
        if child == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
            own = {f"CHARTERM_{kind}_DIR": f"{folder}/{kind}" for kind in ("DATA", "CONFIG")}
            environment = os.environ | own | {"TERM": "xterm-256color", "LANG": "C.UTF-8"}
            command = [sys.executable, "-m", "charterm", "--model", model]
            os.execve(sys.executable, command, environment)
        try:
            return _watch(terminal, child, start)
        finally:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            os.close(terminal)


def _watch(terminal: int, child: int, start: float) -> ScreenTiming:
    shown = b""
    painted = 0.0
    while (passed := time.perf_counter() - start) < _LIMIT:
        if not select.select([terminal], [], [], 0.5)[0]:
            continue
        try:
            shown += os.read(terminal, 1 << 16)
        except OSError as error:  # the child is gone
            raise ChartermError("the program ended before it predicted anything") from error
        passed = time.perf_counter() - start
        if not painted and _PAINTED in shown:
            painted = passed
        if painted and _PREDICTED.search(shown):
            return ScreenTiming(painted, passed, *_resident(child))
    raise ChartermError(f"the program predicted nothing within {_LIMIT:.0f} seconds")


def _resident(process: int) -> tuple[float | None, bool | None]:
    """Resident megabytes, and whether PyTorch is loaded; None where there is no /proc."""
    folder = Path(f"/proc/{process}")
    if not folder.is_dir():
        return None, None
    pages = int((folder / "statm").read_text("ascii").split()[1])
    maps = (folder / "maps").read_text("utf-8", "replace")
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6, "libtorch" in maps
