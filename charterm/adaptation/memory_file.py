"""Where the file of a personal memory is, and what stands in it."""

import json
import re
from pathlib import Path
from typing import Any, Final

from charterm.errors import ChartermError, UsageError
from charterm.paths import data_dir

SHARED: Final = "shared"

MODE: Final = 0o600
"""Readable by its owner only."""

Stamp = tuple[int, int, int]


def memory_path(name: str = SHARED) -> Path:
    """Where the memory of a model, or the one shared by all models, is kept.

    Raises:
        UsageError: the name cannot be a file's.
    """
    if not name or name.startswith(".") or re.search(r"[/\\\0]", name):
        raise UsageError("{name!r} cannot be the name of a memory: leave out slashes", name=name)
    return data_dir() / "memory" / f"{name}.json"


def read_memory(path: Path) -> dict[str, Any]:
    """What stands in the file of a memory, or in one that was exported.

    Raises:
        ChartermError: it cannot be read, or is no JSON object.
    """
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ChartermError("cannot read {path}: {reason}", path=path, reason=error) from error
    except ValueError as error:
        raise ChartermError(
            "{path} is damaged ({error}); move it away to begin a new memory",
            path=path,
            error=error,
        ) from error
    if not isinstance(values, dict):
        raise ChartermError(
            "{path} is not a memory of charterm; move it away to begin a new one", path=path
        )
    return values


def stamp_of(path: Path) -> Stamp | None:
    """Which version of a file this is; None where there is none."""
    try:
        state = path.stat()
    except OSError:
        return None
    return state.st_ino, state.st_mtime_ns, state.st_size
