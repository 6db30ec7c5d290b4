"""Garbage is collected while the keyboard rests: a look through all objects is more than a frame.

What is not in a cycle is freed at once in any case.
"""

import gc
from typing import Any, Final

from textual.app import App

from charterm.tui import echo

_REST: Final = 2.0
"""Seconds without a key."""

_EVERY: Final = 1.0
"""Seconds between two looks whether the keyboard rests."""

_WORTH_IT: Final = 10
"""Collections of the young objects after which Python, too, looks through the old ones."""

_AT_LAST: Final = 1000
"""The same for somebody who types without a rest."""


def collect_in_rests(app: App[Any]) -> None:
    """From now on, look through all objects only while nobody types."""
    young, middle, _old = gc.get_threshold()
    gc.set_threshold(young, middle, _AT_LAST)
    app.set_interval(_EVERY, _collect, name="garbage")


def _collect() -> None:
    if gc.get_count()[2] >= _WORTH_IT and echo.seconds_since_key() > _REST:
        gc.collect()
