"""Writes that survive a crash, a kill and a full disk: temporary file, flush, rename."""

import contextlib
import ctypes
import glob
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from charterm.errors import ChartermError

_ATTEMPTS = 10  # to put a folder in place while somebody reads it
_FRESH = ".new~"
"""Ending of a file that is being written, which is how those of a killed program are known."""
_WRITING = 60.0
"""Seconds for which nothing was written into such a file when nobody writes it any more."""


def _flush_folder(folder: Path) -> None:
    if os.name != "posix":  # Windows cannot open a folder; its rename is already durable enough
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove_leftovers(path: Path) -> None:
    """Remove what programs that were killed while they wrote ``path`` left beside it."""
    latest = time.time() - _WRITING
    with contextlib.suppress(OSError):  # another program was faster; the next write tries again
        for leftover in path.parent.glob(f".{glob.escape(path.name)}.????????{_FRESH}"):
            if leftover.stat().st_mtime < latest:
                leftover.unlink()


def write_bytes(path: Path, content: bytes, *, mode: int = 0o644) -> None:
    """Replace ``path`` by ``content`` in one step: a reader sees the old file or the new one.

    Raises:
        ChartermError: the file could not be written; the old one is untouched.
    """
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(_FRESH, f".{path.name}.", path.parent)
        temporary = Path(name)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(mode)
        temporary.replace(path)
        _flush_folder(path.parent)
        _remove_leftovers(path)
    except OSError as error:
        if temporary is not None:
            with contextlib.suppress(OSError):  # its folder may be what went away
                temporary.unlink()
        raise ChartermError(
            "cannot write {path}: {reason}; the old file is untouched", path=path, reason=error
        ) from error


def write_text(path: Path, text: str, *, mode: int = 0o644) -> None:
    """Replace ``path`` by ``text`` as UTF-8 in one step. Errors as in :func:`write_bytes`."""
    write_bytes(path, text.encode("utf-8", "surrogatepass"), mode=mode)


def _exchange(first: Path, second: Path) -> bool:
    """Exchange two folders in one step; False where the system cannot."""
    if os.name != "posix":
        return False
    library = ctypes.CDLL(None)
    names = os.fsencode(first), os.fsencode(second)
    exchange = 2  # RENAME_EXCHANGE of Linux, RENAME_SWAP of macOS
    if hasattr(library, "renameat2"):
        here = -100  # AT_FDCWD
        return bool(library.renameat2(here, names[0], here, names[1], exchange) == 0)
    if hasattr(library, "renamex_np"):
        return bool(library.renamex_np(names[0], names[1], exchange) == 0)
    return False


def _put_in_place(fresh: Path, path: Path) -> None:
    """Rename ``fresh`` to ``path``, which may exist.

    Where the two cannot be exchanged in one step, a reader may look between the two renames and
    bring the old folder back (:func:`recover_folder`); then they are done again.
    """
    if path.exists() and _exchange(fresh, path):
        return
    old = path.with_name(f".{path.name}.old")
    for attempt in range(_ATTEMPTS):
        if path.exists():
            shutil.rmtree(old, ignore_errors=True)
            path.rename(old)
        try:
            fresh.rename(path)
            break
        except OSError:
            if attempt == _ATTEMPTS - 1 or not path.exists():
                raise
    shutil.rmtree(old, ignore_errors=True)


@contextlib.contextmanager
def replacing_folder(path: Path) -> Iterator[Path]:
    """Yield a fresh folder that takes the place of ``path`` when the block ends without error.

    The folder at ``path``, if there is one, stays until the new one is whole, so that a crash
    leaves either the old folder or the new one. Where the system cannot exchange folders and the
    crash falls between the two renames, :func:`recover_folder` brings the old one back.

    Raises:
        ChartermError: the folder could not be written; the old one is untouched.
    """
    fresh: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=f".{path.name}.new-", dir=path.parent))
        fresh.chmod(0o755)
        yield fresh
        for file in fresh.rglob("*"):
            if file.is_file():
                with file.open("rb") as opened:
                    os.fsync(opened.fileno())
        _flush_folder(fresh)
        _put_in_place(fresh, path)
        _flush_folder(path.parent)
    except OSError as error:
        raise ChartermError(
            "cannot write {path}: {reason}; free some space or choose another place, "
            "the old one is untouched",
            path=path,
            reason=error,
        ) from error
    finally:
        if fresh is not None and fresh.exists():
            shutil.rmtree(fresh, ignore_errors=True)


def recover_folder(path: Path) -> None:
    """Bring back the folder at ``path`` if a crash fell between the renames of its replacement."""
    old = path.with_name(f".{path.name}.old")
    if old.exists() and not path.exists():
        old.rename(path)
