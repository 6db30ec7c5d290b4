"""Presets of controls: those that come with the program, and those that people save.

Saved ones are in ``presets.json`` in the config folder: name, and the controls that differ from
the defaults, as :meth:`charterm.decoding.controls.Controls.to_json` gives them.
"""

import json
from pathlib import Path
from typing import Any, Final

from charterm import storage
from charterm.decoding.controls import PRESETS, Controls
from charterm.errors import ChartermError, UsageError
from charterm.paths import config_dir

USUAL: Final = "balanced"
LONGEST_NAME: Final = 40


def presets_path() -> Path:
    """The file of the saved presets."""
    return config_dir() / "presets.json"


def saved_presets() -> dict[str, Controls]:
    """The presets that were saved, in the order in which they were.

    Raises:
        ChartermError: the file cannot be read, or is not as it was written.
    """
    return {name: _controls(name, values) for name, values in _read().items()}


def all_presets() -> dict[str, Controls]:
    """The built-in presets, then the saved ones. Errors as in :func:`saved_presets`."""
    return {**PRESETS, **saved_presets()}


def find_preset(name: str) -> Controls:
    """The controls of a preset.

    Raises:
        UsageError: there is none of this name.
        ChartermError: as in :func:`saved_presets`.
    """
    presets = all_presets()
    if name not in presets:
        raise UsageError(
            "no preset named {name!r}; there are: {known}", name=name, known=", ".join(presets)
        )
    return presets[name]


def preset_or_usual(name: str) -> Controls:
    """The controls of a preset, of :data:`USUAL` where there is none of this name any more.

    Raises:
        ChartermError: as in :func:`saved_presets`.
    """
    return all_presets().get(name, PRESETS[USUAL])


def check_name(name: str) -> None:
    """Raise UsageError if a preset cannot be saved by this name."""
    if not name or not name.isprintable() or len(name) > LONGEST_NAME:
        raise UsageError(
            "the name of a preset has 1 to {longest} visible characters",
            longest=LONGEST_NAME,
        )
    if name in PRESETS:
        raise UsageError("{name} is a built-in preset: choose another name", name=name)


def save_preset(name: str, controls: Controls) -> None:
    """Keep ``controls`` by a name, in the place of what that name stood for.

    Raises:
        UsageError: this can be no name.
        ChartermError: the file cannot be read or written; it is as it was.
    """
    check_name(name)
    _write({**_read(), name: controls.to_json()})


def delete_preset(name: str) -> None:
    """Forget a saved preset.

    Raises:
        UsageError: none of this name was saved.
        ChartermError: the file cannot be read or written; it is as it was.
    """
    if name in PRESETS:
        raise UsageError("{name} is a built-in preset: only your own can be deleted", name=name)
    kept = _read()
    if kept.pop(name, None) is None:
        raise UsageError("no preset named {name!r} was saved", name=name)
    _write(kept)


def _read() -> dict[str, Any]:
    path = presets_path()
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise ChartermError("cannot read {path}: {reason}", path=path, reason=error) from error
    except ValueError as error:
        raise ChartermError(
            "{path} is damaged: {error}; mend it or move it away", path=path, error=error
        ) from error
    if not isinstance(kept, dict):
        raise ChartermError(
            "{path} is damaged: it holds no presets; mend it or move it away", path=path
        )
    return kept


def _write(presets: dict[str, Any]) -> None:
    storage.write_text(presets_path(), json.dumps(presets, ensure_ascii=False, indent=1) + "\n")


def _controls(name: str, values: Any) -> Controls:
    try:
        return Controls.from_json(values)
    except (TypeError, ValueError, UsageError) as error:
        raise ChartermError(
            "{path}: preset {name}: {error}", path=presets_path(), name=name, error=error
        ) from error
