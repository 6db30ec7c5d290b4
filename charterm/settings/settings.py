"""The settings in force, as one immutable value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self, overload

from charterm import paths
from charterm.actions import default_keys
from charterm.errors import ChartermError, Phrase, UsageError
from charterm.i18n import AUTO, system_language
from charterm.settings.file import change_file, read_file
from charterm.settings.keys import Conflict, find_conflicts, without_conflicts
from charterm.settings.schema import (
    BY_KEY,
    KEYS,
    LANGUAGE,
    MODEL,
    STARTERS,
    Setting,
    T,
    find_setting,
    suggest_key,
)

FILE_NAME = "config.toml"
_KEYS_PREFIX = f"{KEYS}."


def config_file() -> Path:
    """The user's config file, whether it exists or not."""
    return paths.config_dir() / FILE_NAME


@dataclass(frozen=True)
class Settings:
    """The settings: those of the file, and defaults for the others.

    Get one with :meth:`load`, read it with :meth:`get`, change it with :meth:`with_value`, which
    gives a new one, and keep that with :meth:`save`.

    Attributes:
        path: the config file.
        problems: what is wrong with it, one line each, for the user. A default counts for each
            entry named there.
    """

    path: Path
    problems: tuple[Phrase, ...] = ()
    _chosen: Mapping[str, Any] = field(default_factory=dict)
    _unsaved: frozenset[str] = frozenset()

    @classmethod
    def load(cls, path: Path | None = None) -> Self:
        """Read the config file. Whatever is wrong with it is in ``problems``, never raised."""
        path = path or config_file()
        try:
            entries = read_file(path)
        except ChartermError as error:
            return cls(path, (Phrase("{error}; the default settings are used", error=error),))
        chosen: dict[str, Any] = {}
        problems: list[Phrase] = []
        for key, value in entries.items():
            setting = BY_KEY.get(key)
            if setting is None:
                problems.append(
                    Phrase(
                        "{path}: unknown setting {key} is ignored; {suggestion}",
                        path=path,
                        key=key,
                        suggestion=suggest_key(key),
                    )
                )
                continue
            try:
                chosen[key] = setting.check(value)
            except UsageError as error:
                problems.append(_default_counts(path, setting, error))
        refused = without_conflicts(_overrides(chosen))[1]
        for binding, conflict in refused.items():
            setting = BY_KEY[_KEYS_PREFIX + binding]
            del chosen[setting.key]
            problems.append(_default_counts(path, setting, _conflict([binding], conflict)))
        return cls(path, tuple(problems), MappingProxyType(chosen))

    @overload
    def get(self, setting: Setting[T]) -> T: ...
    @overload
    def get(self, setting: str) -> Any: ...
    def get(self, setting: Setting[Any] | str) -> Any:
        """The value in force, a path from the root.

        Args:
            setting: an entry of the schema, or its key.

        Raises:
            UsageError: there is no setting with this key.
        """
        setting = find_setting(setting) if isinstance(setting, str) else setting
        value = self.as_given(setting)
        return _from_root(value) if isinstance(value, Path) else value

    def as_given(self, setting: Setting[T]) -> T:
        """The value in force, a path as it was given: with ``~`` or as ``.``."""
        value: T = self._chosen.get(setting.key, self.default_of(setting))
        return value

    def default_of(self, setting: Setting[Any]) -> Any:
        """What counts where nothing was chosen; the model is one of the interface's language."""
        if setting is MODEL:
            wanted = self._chosen.get(LANGUAGE.key, LANGUAGE.default)
            language = system_language() if wanted == AUTO else wanted
            return STARTERS.get(language, setting.default)
        return setting.default

    def is_set(self, setting: Setting[Any] | str) -> bool:
        """Whether the value was chosen, rather than being the default."""
        return (setting if isinstance(setting, str) else setting.key) in self._chosen

    def with_value(self, setting: Setting[Any] | str, value: object) -> Self:
        """These settings with another value, not yet saved.

        Args:
            setting: an entry of the schema, or its key.
            value: of the setting's type, or text that stands for it.

        Raises:
            UsageError: the key is unknown, the value is not allowed, or the key of a binding does
                something else already; the message says which and what to do.
        """
        setting = find_setting(setting) if isinstance(setting, str) else setting
        checked = setting.parse(value) if isinstance(value, str) else setting.check(value)
        return self._changed([setting], {**self._chosen, setting.key: checked})

    def without_value(self, *settings: Setting[Any] | str) -> Self:
        """These settings with the defaults in place of the chosen values. Errors as above."""
        gone = [find_setting(entry) if isinstance(entry, str) else entry for entry in settings]
        keys = {setting.key for setting in gone}
        return self._changed(gone, {k: v for k, v in self._chosen.items() if k not in keys})

    def _changed(self, settings: Sequence[Setting[Any]], chosen: dict[str, Any]) -> Self:
        bindings = [s.key.removeprefix(_KEYS_PREFIX) for s in settings if s.group == KEYS]
        if bindings and (conflicts := find_conflicts(_overrides(chosen))):
            raise _conflict(bindings, conflicts[0])
        unsaved = self._unsaved | {setting.key for setting in settings}
        return replace(self, _chosen=MappingProxyType(chosen), _unsaved=unsaved)

    def save(self) -> Self:
        """Write what was changed since :meth:`load` into the file, and read it again.

        Only the changed entries are touched: comments, order, unknown entries and what another
        program wrote meanwhile stay.

        Raises:
            ChartermError: the file is broken or cannot be written; it is untouched.
        """
        if not self._unsaved:
            return self
        change_file(self.path, {key: _plain(self._chosen.get(key)) for key in self._unsaved})
        return type(self).load(self.path)

    def bindings(self) -> dict[str, str]:
        """The keys in force of every binding that can be changed: id, comma-separated keys."""
        return {**default_keys(), **self.keymap()}

    def keymap(self) -> dict[str, str]:
        """The keys that were changed, in the form that Textual's ``App.set_keymap`` takes."""
        return _overrides(self._chosen)


def _from_root(path: Path) -> Path:
    try:
        return path.expanduser().absolute()
    except RuntimeError:  # the system knows no home folder, as in some containers
        return Path.cwd()


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Path) else value


def _overrides(chosen: Mapping[str, Any]) -> dict[str, str]:
    return {
        key.removeprefix(_KEYS_PREFIX): value
        for key, value in chosen.items()
        if key.startswith(_KEYS_PREFIX)
    }


def _default_counts(path: Path, setting: Setting[Any], error: UsageError) -> Phrase:
    shown = setting.default
    if isinstance(shown, bool):
        shown = str(shown).lower()
    return Phrase(
        "{path}: {error}; its default, {shown}, is used", path=path, error=error, shown=shown
    )


def _conflict(bindings: Sequence[str], conflict: Conflict) -> UsageError:
    one, other = conflict.first, conflict.second
    if other in bindings:
        one, other = other, one
    return UsageError(
        "keys.{one}: {key} already belongs to {other}; choose another key, or change "
        "keys.{other} first",
        one=one,
        key=conflict.key,
        other=other,
    )
