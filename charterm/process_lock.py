"""A lock file that says which process works on a run, and is worthless once that has died."""

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import psutil

from charterm import storage
from charterm.errors import ChartermError

LOCK_FILE: Final = "lock"
"""Name of the lock in the folder that is locked."""

_SAME_START = 2.0  # seconds; the clock may be set between two readings of a start time


class LockedError(ChartermError):
    """Another process works on it."""


def holder(path: Path) -> int | None:
    """The process that holds the lock, or None.

    A lock whose process has died counts for nothing, nor does one whose number another process
    has got since: the start time is compared as well.
    """
    try:
        values = json.loads(path.read_text("utf-8"))
        pid, started = int(values["pid"]), float(values["started"])
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:  # dead, but its parent has not asked yet
            return None
        return pid if abs(process.create_time() - started) < _SAME_START else None
    except (OSError, ValueError, LookupError, TypeError, psutil.Error):
        return None


@contextlib.contextmanager
def locked(path: Path, what: str) -> Iterator[None]:
    """Hold the lock within the block.

    Args:
        path: the lock file; its folder exists.
        what: what is locked, for the error.

    Raises:
        LockedError: a living process holds it.
    """
    with _taking_turns(path):
        other = holder(path)
        if other is not None:
            raise LockedError(
                "{what} is in the hands of process {other}: wait for it or stop it",
                what=what,
                other=other,
            )
        own = psutil.Process()
        storage.write_text(path, json.dumps({"pid": own.pid, "started": own.create_time()}))
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


@contextlib.contextmanager
def _taking_turns(path: Path) -> Iterator[None]:
    """One process at a time looks at the lock and takes it."""
    try:
        import fcntl
    except ImportError:  # Windows: two starts in the same millisecond are not told apart
        yield
        return
    descriptor = os.open(path.with_name(f"{path.name}.turn"), os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
