"""What a key does is seen before anything else is done.

Textual 8.2.8 goes through some ten turns of the event loop from a key to its paint, and paints
everything that has changed by then. In each turn a thread that computes may take Python's lock, and
keep it for a while. So a field paints itself when it has taken a key, keeps the lock for so long,
and threads that compute wait for that.
"""

import asyncio
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from textual import events
from textual.widget import Widget

SWITCH_INTERVAL: Final = 0.0005
"""Seconds after which a thread that computes lets another go on. A key passes three threads on its
way to the screen; waiting Python's usual 5 ms for each would take a frame."""

_UNDISTURBED: Final = 0.02
"""The same while a field takes a key and paints it."""

_FRAME: Final = 1 / 60
"""Seconds between two paints while keys come faster than they are drawn."""

_LONGEST_WAIT: Final = 0.05
"""Seconds for which a thread waits for a key; a key that is lost must not stop it."""


class _Keys:
    """The keys on their way to a field."""

    def __init__(self) -> None:
        self.latest: events.Key | None = None
        self.came_at = 0.0
        self.painted_at = 0.0
        self.passed = threading.Event()
        self.passed.set()


_keys = _Keys()


def begin(key: events.Key) -> None:
    """A key has come that a field will take; to be called before the field is given it."""
    _keys.latest = key
    _keys.came_at = key.time
    _keys.passed.clear()


def let_keys_pass() -> None:
    """Wait until the key that is on its way is painted; for threads, from time to time."""
    if not _keys.passed.is_set() and not _keys.passed.wait(_LONGEST_WAIT):
        _keys.passed.set()


@contextmanager
def taking(field: Widget, event: events.Event) -> Iterator[None]:
    """Paint a field after the body, in which it takes an event, where that is a key.

    Where more keys wait for the field, it is painted as often as can be seen.
    """
    if not isinstance(event, events.Key):
        yield
        return
    sys.setswitchinterval(_UNDISTURBED)
    try:
        yield
        now = time.monotonic()
        if event is _keys.latest or now - _keys.painted_at > _FRAME:
            _keys.painted_at = now
            _paint(field)
    finally:
        sys.setswitchinterval(SWITCH_INTERVAL)
        if event is _keys.latest:
            # after the turn of the event loop in which the output thread gets the paint
            asyncio.get_running_loop().call_soon(_keys.passed.set)


def seconds_since_key() -> float:
    """How long the keyboard rests."""
    return time.monotonic() - _keys.came_at


def _paint(field: Widget) -> None:
    """Paint what has changed of a widget, and of nothing else; where it is, as of the last layout.

    What a change of its size moves is laid out and painted by Textual's own next paint.
    """
    if not field.is_attached or not field._repaint_required:
        return
    screen, app = field.screen, field.app
    compositor = screen._compositor
    if screen is not app.screen or app._batch_count or field not in compositor.visible_widgets:
        return
    field._repaint_required = False
    others = screen._dirty_widgets - {field}
    compositor.update_widgets({field})
    screen._compositor_refresh()
    screen._dirty_widgets.update(others)  # which were not painted
