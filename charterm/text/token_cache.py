"""The folder of encoded corpora: entries appear whole, and old ones make room for new ones."""

import contextlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from charterm.errors import ChartermError
from charterm.paths import cache_dir

FACTS_FILE: Final = "corpus.json"
"""What an entry holds; its modification time is the time of the entry's last use."""

LIMIT: Final = 20 * 2**30
"""Bytes that all entries may take together; one that is larger still stays until the next."""

_DAY = 86_400.0
_UNUSED_DAYS = 30
_FRESH = ".new-"


def entries_dir() -> Path:
    """The folder of the entries, each a folder named by its key."""
    return cache_dir() / "corpora"


def load_facts(key: str, expected_sizes: Callable[[Any], dict[str, int]]) -> Any:
    """The facts of an entry, or None where there is none. Marks it as used.

    An entry that is not whole is removed.

    Args:
        key: name of the entry.
        expected_sizes: gives, from the facts, the bytes of each file the entry must have.
    """
    folder = entries_dir() / key
    facts_file = folder / FACTS_FILE
    if not folder.exists():
        return None
    try:
        facts = json.loads(facts_file.read_text("utf-8"))
        sizes = expected_sizes(facts)
        whole = all((folder / name).stat().st_size == size for name, size in sizes.items())
        os.utime(facts_file)
    except (OSError, ValueError, LookupError, TypeError, ChartermError):
        whole = False
    if not whole:
        _remove(folder)
        return None
    return facts


@contextlib.contextmanager
def new_entry(key: str) -> Iterator[Path]:
    """Yield a fresh folder that becomes the entry ``key`` when the block ends without error.

    Two processes may make the same entry at once; both are right, and the first stays.

    Raises:
        ChartermError: the folder could not be written.
    """
    entry = entries_dir() / key
    fresh: Path | None = None
    try:
        entry.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=f"{_FRESH}{key[:16]}-", dir=entry.parent))
        yield fresh
        for file in fresh.iterdir():
            with file.open("rb+") as opened:
                os.fsync(opened.fileno())
        try:
            fresh.rename(entry)
        except OSError:
            if not (entry / FACTS_FILE).is_file():
                raise
    except OSError as error:
        raise ChartermError(
            "cannot write {entry}: {reason}; free some space there or set "
            "CHARTERM_CACHE_DIR to another place",
            entry=entry,
            reason=error,
        ) from error
    finally:
        if fresh is not None:
            shutil.rmtree(fresh, ignore_errors=True)


@dataclass(frozen=True)
class _Entry:
    folder: Path
    bytes: int
    used: float  # seconds, as time.time()
    stale: bool  # its sources have changed: nobody will ask for it again


def clean_up(keep: str, limit: int = LIMIT) -> None:
    """Remove entries of changed files and long unused ones, then the least recently used.

    Args:
        keep: the entry that must stay.
        limit: bytes that all entries may take together.
    """
    now = time.time()
    for leftover in entries_dir().glob(f"{_FRESH}*"):  # of a process that was killed
        with contextlib.suppress(OSError):
            if now - leftover.stat().st_mtime > _DAY:
                shutil.rmtree(leftover, ignore_errors=True)
    total = 0
    entries = [_examine(folder) for folder in entries_dir().iterdir() if folder.name[0] != "."]
    for entry in sorted(entries, key=lambda entry: (entry.folder.name == keep, entry.used))[::-1]:
        total += entry.bytes
        unused_days = (now - entry.used) / _DAY
        # a training that is only paused may still want the text as it was
        old = unused_days > _UNUSED_DAYS or (entry.stale and unused_days > 1)
        if entry.folder.name != keep and (old or total > limit):
            _remove(entry.folder)
            total -= entry.bytes


def _examine(folder: Path) -> _Entry:
    try:
        used = (folder / FACTS_FILE).stat().st_mtime
        facts = json.loads((folder / FACTS_FILE).read_text("utf-8"))
        stale = any(
            (stat := Path(path).stat()).st_size != size or stat.st_mtime_ns != modified
            for path, size, modified in facts["files"]
        )
        size = sum(file.stat().st_size for file in folder.iterdir())
    except (OSError, ValueError, LookupError, TypeError):
        return _Entry(folder, 0, 0.0, stale=True)
    return _Entry(folder, size, used, stale)


def _remove(folder: Path) -> None:
    """Remove a folder so that nobody sees half of it."""
    gone = folder.with_name(f"{_FRESH}{folder.name[:16]}-gone-{os.getpid()}")
    with contextlib.suppress(OSError):  # another process removed it first, or Windows has it open
        folder.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)
