"""The config file: a TOML document whose comments, order and unknown entries are kept."""

import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from charterm import storage
from charterm.errors import ChartermError

if TYPE_CHECKING:
    from tomlkit import TOMLDocument

_HEADER = "# Settings of charterm. `charterm config list` shows them all and what each one does.\n"


def read_file(path: Path) -> dict[str, Any]:
    """Every entry of the file: dotted key and value; empty where there is no file.

    Raises:
        ChartermError: the file cannot be read, or is not TOML.
    """
    text = _read_text(path)
    return dict(_entries(_parse(path, text))) if text else {}


def _read_text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise ChartermError("{path} cannot be read: {reason}", path=path, reason=error) from error
    except UnicodeDecodeError as error:
        raise ChartermError("{path} is not UTF-8 text: save it as UTF-8", path=path) from error


def _parse(path: Path, text: str) -> dict[str, Any]:
    import tomllib  # a first start has no file, and does not pay for its import

    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        reason = " ".join(str(error).split())
        raise ChartermError(
            "{path} is not a TOML file: {reason}", path=path, reason=reason
        ) from error


def _entries(table: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _entries(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", value


def change_file(path: Path, changes: Mapping[str, Any]) -> None:
    """Write ``changes`` into the file in one step and leave everything else as it is.

    Args:
        path: the file; it is made where it is missing. A link to it stays a link.
        changes: dotted key, and its new value or ``None`` to take the entry out.

    Raises:
        ChartermError: the file is not TOML, cannot be changed without harm, or cannot be
            written. It is untouched then.
    """
    import tomlkit

    try:
        text = _read_text(path)
        wanted = dict(_entries(_parse(path, text)))
    except ChartermError as error:
        raise ChartermError(
            "{error}; mend it or move it away, it is left as it is", error=error
        ) from error
    document = tomlkit.parse(text or _HEADER)
    for key, value in changes.items():
        if value is None:
            _take_out(document, key)
            wanted.pop(key, None)
        else:
            _put_in(document, key, value, path)
            wanted[key] = value
    written = tomlkit.dumps(document)
    # The editing of another's layout is delicate: what is written must read as what is meant.
    if dict(_entries(_parse(path, written))) != wanted:
        raise ChartermError(
            "{path} is laid out in a way that cannot be changed by the program: "
            "change {keys} there by hand",
            path=path,
            keys=", ".join(changes),
        )
    target = path.resolve()
    mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o644
    storage.write_text(target, written, mode=mode)


def _place(table: Any, key: str) -> tuple[Any, str] | None:
    """The table and the name under which ``key`` stands, however it is split by dots."""
    if key in table:
        return None if isinstance(table[key], dict) else (table, key)
    parts = key.split(".")
    for length in range(1, len(parts)):
        name = ".".join(parts[:length])
        if name in table and isinstance(table[name], dict):
            found = _place(table[name], ".".join(parts[length:]))
            if found:
                return found
    return None


def _take_out(document: "TOMLDocument", key: str) -> None:
    if place := _place(document, key):
        table, name = place
        del table[name]


def _put_in(document: "TOMLDocument", key: str, value: Any, path: Path) -> None:
    import tomlkit

    if place := _place(document, key):
        table, name = place
        table[name] = value
        return
    group, _, name = key.partition(".")
    if group not in document:
        document[group] = tomlkit.table()
    elif not isinstance(document[group], dict):
        raise ChartermError(
            "{path}: {group} must be a table, [{group}]; mend it first", path=path, group=group
        )
    table = document[group]
    if name in table:
        raise ChartermError(
            "{path}: {key} must be a value, not a table; mend it first", path=path, key=key
        )
    table[name] = value
