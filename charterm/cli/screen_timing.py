"""Times the real program in a pseudo-terminal: its start, and its keys."""

import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from charterm.engine.timing import own_folders
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


@dataclass(frozen=True)
class EchoTiming:
    """Keys typed into the fields of the program, timed inside it.

    Attributes:
        seconds: from each key's arrival to the end of the paint that shows it, by field.
        lost: keys that were never shown.
    """

    seconds: dict[str, list[float]]
    lost: int


def time_screen(model: str) -> ScreenTiming:
    """Start the program with ``model`` in a terminal of 80×24 and folders of its own.

    Raises:
        ChartermError: nothing was predicted within half a minute.
    """
    with TemporaryDirectory(prefix="charterm-bench-") as folder:
        start = time.perf_counter()
        with _in_terminal(["charterm", "--model", model], folder) as (child, terminal):
            return _watch(terminal, child, start)


def time_echo(model: str, keys: int = 50) -> EchoTiming:
    """Type into every field of the program in a terminal of 80×24, with folders of its own.

    Args:
        model: folder of the model that completes.
        keys: how many to press in each field.

    Raises:
        ChartermError: the program ended, or did nothing for half a minute.
    """
    with TemporaryDirectory(prefix="charterm-bench-") as folder:
        result = Path(folder) / "echo.json"
        wanted, ask = os.pipe()
        os.set_inheritable(ask, True)
        module = ["charterm.tui.key_echo", model, str(keys), str(ask), str(result)]
        try:
            with _in_terminal(module, folder) as (_, terminal):
                os.close(ask)
                ask = -1
                _press_what_is_asked_for(terminal, wanted)
            told = json.loads(result.read_text("utf-8"))
        except FileNotFoundError as error:
            raise ChartermError("the program ended before its keys were timed") from error
        finally:
            os.close(wanted)
            if ask >= 0:
                os.close(ask)
        if told["failure"]:
            raise ChartermError(f"the program's keys could not be timed: {told['failure']}")
        return EchoTiming(told["seconds"], told["lost"])


@contextmanager
def _in_terminal(module: list[str], folder: str) -> Iterator[tuple[int, int]]:
    """Run ``python -m MODULE ...`` in a pseudo-terminal; gives its process and the other end."""
    (Path(folder) / "DATA" / "texts").mkdir(parents=True)  # not the first start, with its tour
    child, terminal = pty.fork()
    if child == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        own = own_folders(folder) | {"TERM": "xterm-256color", "LANG": "C.UTF-8"}
        os.execve(sys.executable, [sys.executable, "-P", "-m", *module], os.environ | own)
    try:
        yield child, terminal
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(terminal)


def _press_what_is_asked_for(terminal: int, wanted: int) -> None:
    """Type what comes from ``wanted`` into the terminal, until its program ends."""
    while ready := select.select([terminal, wanted], [], [], _LIMIT)[0]:
        try:
            if wanted in ready and (keys := os.read(wanted, 1 << 10)):
                os.write(terminal, keys)
            if terminal in ready and not os.read(terminal, 1 << 16):
                return
        except OSError:  # the child is gone
            return
    raise ChartermError(f"the program did nothing for {_LIMIT:.0f} seconds")


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
