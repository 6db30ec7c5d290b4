"""Names of keys as people write them, and keys that would do two things at once."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from charterm.actions import BY_ID, EVERYWHERE, default_keys
from charterm.errors import UsageError
from charterm.widget_keys import FOCUSED

_MODIFIERS: Final = ("ctrl", "alt", "shift", "super", "hyper", "meta")
_NAMED: Final = frozenset(
    (
        *("up", "down", "left", "right", "home", "end", "pageup", "pagedown"),
        *("insert", "delete", "backspace", "enter", "escape", "space", "tab", "backtab"),
        *(f"f{number}" for number in range(1, 25)),
    )
)
_OTHER_NAMES: Final[Mapping[str, str]] = {
    "esc": "escape",
    "return": "enter",
    "del": "delete",
    "ins": "insert",
    "pgup": "pageup",
    "pgdn": "pagedown",
    "page_up": "pageup",
    "page_down": "pagedown",
    "control": "ctrl",
    "option": "alt",
    "cmd": "super",
    "command": "super",
}
_CHARACTER_NAMES: Final[Mapping[str, str]] = {  # where Textual's name is not Unicode's
    "solidus": "slash",
    "reverse_solidus": "backslash",
    "commercial_at": "at",
    "hyphen_minus": "minus",
    "plus_sign": "plus",
    "low_line": "underscore",
}
_SAME_BYTES: Final[Mapping[str, str]] = {  # a terminal sends one code for both
    "ctrl+i": "tab",
    "ctrl+m": "enter",
    "ctrl+left_square_bracket": "escape",
    "shift+backtab": "shift+tab",
    "backtab": "shift+tab",
    "ctrl+at": "ctrl+@",  # Textual keeps the sign in this one name
}


def _character_name(character: str) -> str:
    """Textual's name of the key that types ``character``."""
    if character.isalnum():
        return character
    name = unicodedata.name(character, "").lower().replace("-", "_").replace(" ", "_")
    return _CHARACTER_NAMES.get(name, name)


_PUNCTUATION: Final[Mapping[str, str]] = {
    _character_name(chr(code)): chr(code) for code in range(0x21, 0x7F) if not chr(code).isalnum()
}


def _bad_key(written: str) -> UsageError:
    return UsageError(
        "{written!r} is not a key: write for example ctrl+s, alt+right, f5 or "
        "escape, several separated by commas",
        written=written,
    )


def normal_key(written: str) -> str:
    """One key in the name Textual gives it: ``Ctrl+I`` is ``tab``, ``alt+]`` has a long name.

    Raises:
        UsageError: there is no such key.
    """
    text = written.strip()
    before, _, key = text.rpartition("+")
    if text == "+" or text.endswith("++"):  # the plus key itself
        before, key = text[:-1].removesuffix("+"), "+"
    modifiers = [_OTHER_NAMES.get(name, name) for name in before.lower().split("+") if before]
    if set(modifiers) - set(_MODIFIERS) or len(set(modifiers)) < len(modifiers):
        raise _bad_key(written)
    if len(key) == 1:
        if not key.isprintable() or key.isspace():
            raise _bad_key(written)
        if modifiers == ["shift"] and key.isalpha():
            return key.upper()
        key = _character_name(key.lower() if modifiers else key)
    else:
        key = _OTHER_NAMES.get(key.lower(), key.lower())
        key = _CHARACTER_NAMES.get(key, key)
    if key not in _NAMED and key not in _PUNCTUATION and not (len(key) == 1 and key.isalnum()):
        raise _bad_key(written)
    name = "+".join([*sorted(modifiers), key])  # Textual's order
    return _SAME_BYTES.get(name, name)


def normal_keys(written: str) -> str:
    """Comma-separated keys in Textual's names, each once.

    Raises:
        UsageError: one is no key, or there is none: an action without a key could not be found.
    """
    names = [normal_key(part) for part in written.split(",") if part.strip()]
    if not names:
        raise UsageError("there must be at least one key, for example f5")
    return ",".join(dict.fromkeys(names))


def key_label(name: str) -> str:
    """A key's name as people write it: ``alt+]`` for ``alt+right_square_bracket``."""
    before, plus, key = name.rpartition("+")
    return f"{before}{plus}{_PUNCTUATION.get(key, key)}"


@dataclass(frozen=True, slots=True)
class Conflict:
    """A key that two bindings want at the same time.

    Attributes:
        key: the key.
        first: id of one binding.
        second: id of the other one, later in the table.
    """

    key: str
    first: str
    second: str


def _meet(first: str, second: str) -> bool:
    """Whether two bindings can be active at once."""
    families = {binding.partition(".")[0] for binding in (first, second)}
    if len(families) == 2 and families <= set(FOCUSED):
        return False  # only one widget has the focus
    one, other = (
        BY_ID[binding].screens if binding in BY_ID else {EVERYWHERE} for binding in (first, second)
    )
    return bool(one & other) or EVERYWHERE in one | other


def _all_conflicts(bindings: Mapping[str, str]) -> list[Conflict]:
    takers: dict[str, list[str]] = {}
    found = []
    for binding, keys in bindings.items():
        for key in keys.split(","):
            others = takers.setdefault(key, [])
            found += [Conflict(key, other, binding) for other in others if _meet(other, binding)]
            others.append(binding)
    return found


@cache
def _shared_by_design() -> frozenset[Conflict]:
    return frozenset(_all_conflicts(default_keys()))


def find_conflicts(overrides: Mapping[str, str]) -> list[Conflict]:
    """Keys that would do two things at once if these overrides held.

    Keys that two bindings share by design, such as tab (take a suggestion, else move the focus),
    are none.

    Args:
        overrides: binding id, comma-separated keys in Textual's names.
    """
    found = _all_conflicts({**default_keys(), **overrides})
    return [conflict for conflict in found if conflict not in _shared_by_design()]


def without_conflicts(
    overrides: Mapping[str, str],
) -> tuple[dict[str, str], dict[str, Conflict]]:
    """The overrides that can hold together, and the others with what each would run into.

    Exchanging the keys of two actions is no conflict. Of two overrides that want one key the
    first is kept.
    """
    kept, refused = dict(overrides), {}
    while conflicts := find_conflicts(kept):
        conflict = conflicts[0]
        doomed = next(id for id in reversed(kept) if id in (conflict.first, conflict.second))
        refused[doomed] = conflict
        del kept[doomed]
    return kept, refused
