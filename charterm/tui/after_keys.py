"""What follows from what one types, and may wait until the keys rest: lists, counts, estimates."""

from collections.abc import Callable
from typing import Any, Final
from weakref import WeakSet

from textual.app import App
from textual.dom import DOMNode

from charterm.tui import echo

KEYS_REST: Final = 0.1
"""Seconds from the last key on: longer than between two keys of a quick typist, too short to be
waited for."""

_EDITING: Final = frozenset(("backspace", "delete", "left", "right", "home", "end"))


class AfterKeys:
    """Work that is done once when the keys rest, however often it was asked for until then."""

    def __init__(self, node: DOMNode, work: Callable[[], object]) -> None:
        """Prepare.

        Args:
            node: to whom the work belongs.
            work: is called.
        """
        self.node = node
        self._work = work

    def soon(self) -> None:
        """Do it when the keys rest; after the next paint where they rest already."""
        if self not in _waiting:
            _waiting.add(self)
            self.node.call_after_refresh(self._look)

    def now(self) -> None:
        """Do it, if it waits: what comes next needs it."""
        if self in _waiting:
            _waiting.discard(self)
            self._work()

    def _look(self) -> None:
        left = KEYS_REST - echo.seconds_since_key()
        if left <= 0:
            self.now()
        elif self in _waiting:
            self.node.set_timer(left, self._look)


_waiting: WeakSet[AfterKeys] = WeakSet()


def catch_up(app: App[Any], key: str) -> None:
    """Do what waits before a key that may act on it; letters and keys that edit do not."""
    if key not in _EDITING:
        for each in [each for each in _waiting if each.node.is_running and each.node.app is app]:
            each.now()
