"""The last change of a memory can be undone: what the memory was before it is kept for a day.

In one file beside the memory's, for its owner's eyes only as well; the next change replaces it.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from charterm import storage
from charterm.adaptation.memory_file import MODE, read_memory
from charterm.adaptation.store import PersonalMemory
from charterm.errors import ChartermError

KEPT_SECONDS: Final = 24 * 3600.0
"""After that what was forgotten is gone for good, the next time the memory is opened."""


def undo_path(memory: Path) -> Path:
    """Where it is kept what the memory with this file was before its last change."""
    return memory.with_name(memory.name + ".undo")


def keep(memory: Path, before: dict[str, Any]) -> None:
    """Keep what a memory was before it was changed, as of :meth:`PersonalMemory.to_json`.

    Raises:
        ChartermError: the disk refused.
    """
    storage.write_text(undo_path(memory), PersonalMemory.as_text(before), mode=MODE)


def discard(memory: Path, *, older_than: float = 0.0) -> bool:
    """Delete it, where it is older than so many seconds; whether there was something to delete.

    Raises:
        ChartermError: the disk refused.
    """
    path = undo_path(memory)
    try:
        if time.time() - path.stat().st_mtime < older_than:
            return False
        path.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise ChartermError("cannot delete {path}: {reason}", path=path, reason=error) from error
    return True


@contextmanager
def changing(memory: PersonalMemory) -> Iterator[dict[str, Any]]:
    """Save what the block changes, so that :func:`undo` can undo it; gives what was before.

    Raises:
        ChartermError: the disk refused, or the file holds something else by now.
    """
    memory.refresh()
    before = memory.to_json()
    yield before
    memory.prepare()
    memory.save()
    keep(memory.path, before)


def undo(memory: PersonalMemory) -> bool:
    """Undo the last change; whether there was one in the last day.

    Raises:
        ChartermError: the disk refused, or what was kept is damaged.
    """
    discard(memory.path, older_than=KEPT_SECONDS)
    if not undo_path(memory.path).exists():
        return False
    memory.refresh()
    memory.restore(read_memory(undo_path(memory.path)))
    memory.prepare()
    memory.save()
    discard(memory.path)
    return True
