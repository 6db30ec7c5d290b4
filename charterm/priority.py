"""A process in the background lets the keys go first."""

import contextlib
import os
from pathlib import Path
from typing import Final

_NICE: Final = 5
_AUTOGROUP: Final = Path("/proc/self/autogroup")


def give_way() -> None:
    """Lower this process's share of the processors; alone on them it is as fast as before.

    Linux weighs the processes of a session together against those of others (sched(7), "The
    autogroup feature"), so that a process that leads a session of its own lowers that as well.
    """
    if os.name != "posix":
        return
    os.nice(_NICE)
    if os.getsid(0) == os.getpid():
        with contextlib.suppress(OSError):  # a system without sessions that are weighed
            _AUTOGROUP.write_text(str(_NICE), encoding="ascii")
