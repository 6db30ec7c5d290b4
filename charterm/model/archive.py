"""A model as one file: a zip of its folder, checked before anything of it is believed.

An archive holds ``NAME/model.json``, ``NAME/weights.safetensors`` and, where the model has them,
its log, its card and its words; nothing else. A file from elsewhere may be damaged or made to
harm: its names never become paths, nothing is unpacked beyond the size it may have, and the model
takes its place in the library only when its tensors have been read and fit its description.
"""

import contextlib
import json
import os
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import Final

import numpy as np

from charterm import storage
from charterm.errors import ChartermError, UsageError
from charterm.model import CARD_FILE, INFO_FILE, LOG_FILE, WEIGHTS_FILE, WORDS_FILE
from charterm.model.config import ModelConfig
from charterm.model.folder import Tensors, load_info, load_log, load_tensors
from charterm.model.library import Entry, check_name, find_model, unused_folder
from charterm.model.word_counts import WordCounts

SUFFIX: Final = ".zip"
_REQUIRED: Final = (INFO_FILE, WEIGHTS_FILE)
_LIMITS: Final = {
    INFO_FILE: 64 << 20,
    LOG_FILE: 256 << 20,
    CARD_FILE: 4 << 20,
    WORDS_FILE: 256 << 20,
}
_WEIGHTS_LIMIT: Final = 32 << 30
_HEADER_LIMIT: Final = 1 << 20  # names and shapes, before the weights themselves
_PIECE: Final = 1 << 20
_JUNK: Final = ("__MACOSX", ".DS_Store", "desktop.ini")  # what packers add by themselves
_FIXED_TIME: Final = (1980, 1, 1, 0, 0, 0)

Progress = Callable[[float], None]
"""Told the share of the work that is done, 0 to 1."""


def _no_progress(_share: float) -> None:
    pass


def export_model(
    name: str, path: Path, *, overwrite: bool = False, on_progress: Progress = _no_progress
) -> Path:
    """Write a model into one file. The same model always gives the same bytes.

    Args:
        name: its name, or the path of its folder.
        path: the file; a folder stands for ``FOLDER/NAME.zip``.
        overwrite: replace a file that exists.
        on_progress: told how far it is.

    Returns:
        The file that was written.

    Raises:
        UsageError: there is no such model, or the file exists.
        ChartermError: the model is damaged, or the disk refused.
    """
    entry = find_model(name)
    path = path.expanduser()
    path = path / f"{entry.name}{SUFFIX}" if path.is_dir() else path
    if path.exists() and not overwrite:
        raise UsageError("{path} exists already: choose another name", path=path)
    check_model(entry.folder)
    files = [entry.folder / name for name in (*_REQUIRED, LOG_FILE, CARD_FILE, WORDS_FILE)]
    files = [file for file in files if file.is_file()]
    total = sum(file.stat().st_size for file in files) or 1
    done = 0
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _replacing_file(path) as target, zipfile.ZipFile(target, "w") as archive:
            for file in files:
                inside = zipfile.ZipInfo(f"{entry.name}/{file.name}", _FIXED_TIME)
                inside.external_attr = 0o644 << 16
                inside.compress_type = zipfile.ZIP_DEFLATED
                inside.file_size = file.stat().st_size
                with file.open("rb") as source, archive.open(inside, "w") as packed:
                    while piece := source.read(_PIECE):
                        packed.write(piece)
                        done += len(piece)
                        on_progress(done / total)
    except OSError as error:
        raise ChartermError(
            "cannot write {path}: {reason}; choose another place", path=path, reason=error
        ) from error
    return path


@contextlib.contextmanager
def _replacing_file(path: Path) -> Iterator[Path]:
    """A new file beside ``path`` that takes its place when the block ends without error."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    os.close(descriptor)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o644)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def import_model(path: Path, name: str = "", *, on_progress: Progress = _no_progress) -> Entry:
    """Take a model from a file of :func:`export_model` into the library.

    Args:
        path: the file.
        name: what to call the model; by default as in the file.
        on_progress: told how far it is.

    Raises:
        UsageError: the file is no archive of a model, or the name cannot be.
        ChartermError: the model in it is damaged, or the disk refused.
    """
    path = path.expanduser()
    try:
        with zipfile.ZipFile(path) as archive:
            packed_name, members = _members(path, archive)
            target = unused_folder(check_name(name or packed_name or path.stem))
            with storage.replacing_folder(target) as fresh:
                _unpack(path, archive, members, fresh, on_progress)
                check_model(fresh, shown=path)
    except FileNotFoundError as error:
        raise UsageError("there is no file {path}", path=path) from error
    except IsADirectoryError as error:
        raise UsageError(
            "{path} is a folder: give the file that was exported", path=path
        ) from error
    except OSError as error:
        raise ChartermError("cannot read {path}: {reason}", path=path, reason=error) from error
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise UsageError(
            "{path} is no archive of a model, or is damaged ({error}); export it again",
            path=path,
            error=error,
        ) from error
    except (NotImplementedError, RuntimeError) as error:  # zipfile's words for the rest
        raise UsageError(
            "{path} is packed in a way that is not read here ({error}); export it again",
            path=path,
            error=error,
        ) from error
    return Entry(target.name, target, starter=False)


def _members(path: Path, archive: zipfile.ZipFile) -> tuple[str, dict[str, zipfile.ZipInfo]]:
    """The one folder's name in the archive, empty if there is none, and its files by name."""
    folders: set[str] = set()
    members: dict[str, zipfile.ZipInfo] = {}
    for inside in archive.infolist():
        parts = PurePosixPath(inside.filename.replace("\\", "/")).parts
        if inside.is_dir() or any(part in _JUNK for part in parts):
            continue
        file = parts[-1] if parts else ""
        if (
            not 1 <= len(parts) <= 2
            or ".." in parts
            or file not in (*_LIMITS, WEIGHTS_FILE)
            or file in members
            or stat.S_ISLNK(inside.external_attr >> 16)
        ):
            raise UsageError(
                "{path} was not imported: {inside!r} does not belong into a model",
                path=path,
                inside=inside.filename,
            )
        folders.add(parts[0] if len(parts) == 2 else "")
        members[file] = inside
    missing = [file for file in _REQUIRED if file not in members]
    if missing:
        raise UsageError(
            "{path} is no archive of a model: it has no {missing}",
            path=path,
            missing=" and no ".join(missing),
        )
    if len(folders) > 1:
        raise UsageError("{path} was not imported: it holds more than one folder", path=path)
    return folders.pop(), members


def _unpack(
    path: Path,
    archive: zipfile.ZipFile,
    members: dict[str, zipfile.ZipInfo],
    folder: Path,
    on_progress: Progress,
) -> None:
    total = sum(inside.file_size for inside in members.values()) or 1
    done = 0
    for file in sorted(members, key=lambda name: name == WEIGHTS_FILE):  # the description first
        limit = _LIMITS.get(file) or _weights_limit(folder)
        with archive.open(members[file]) as packed, (folder / file).open("wb") as unpacked:
            size = 0
            while piece := packed.read(_PIECE):
                size += len(piece)
                if size > limit:
                    raise UsageError(
                        "{path} was not imported: {file} is larger than it may be, {limit:,} bytes",
                        path=path,
                        file=file,
                        limit=limit,
                    )
                unpacked.write(piece)
                done += len(piece)
                on_progress(min(done / total, 1.0))


def _weights_limit(folder: Path) -> int:
    """The bytes that the weights may have by the description that was unpacked before them."""
    try:
        values = json.loads((folder / INFO_FILE).read_text(encoding="utf-8"))
        parameters = ModelConfig.from_json(values["config"]).parameters
    except (ChartermError, ValueError, KeyError, TypeError, RecursionError):
        return _HEADER_LIMIT  # the check of the description names what is wrong with it
    return min(4 * parameters + _HEADER_LIMIT, _WEIGHTS_LIMIT)


def check_model(folder: Path, *, shown: Path | None = None) -> None:
    """Read everything of a model and raise where it does not fit together.

    Args:
        folder: the model's folder.
        shown: the file to name in errors, where the folder is a passing one.

    Raises:
        ChartermError: what is wrong with it.
    """
    try:
        info = load_info(folder)
        _check_finite(load_tensors(folder, info.config), folder)
        load_log(folder)
        WordCounts.load(folder)
    except ChartermError as error:
        if shown is None:
            raise
        reason = str(error).replace(f"{folder}{os.sep}", "").replace(str(folder), "the model")
        raise ChartermError(
            "{shown} was not imported: {reason}", shown=shown, reason=reason
        ) from error


def _check_finite(tensors: Tensors, folder: Path) -> None:
    for name, tensor in tensors.items():
        if not np.isfinite(tensor).all():
            raise ChartermError(
                "{folder}: {name} has values that are not finite", folder=folder, name=name
            )
