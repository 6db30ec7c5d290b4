"""Garbage is collected while the keyboard rests: a look through all objects is more than a frame.

What is not in a cycle is freed at once in any case. While the program starts nothing is collected
(:func:`charterm.__main__.main`): that would be a twentieth of the time to the first paint.
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

_STARTED: Final = 4
"""Looks after which the start is over, and what it left behind is worth collecting."""


def collect_in_rests(app: App[Any]) -> None:
    """From now on, look through all objects only while nobody types."""
    young, middle, _old = gc.get_threshold()
    gc.set_threshold(young, middle, _AT_LAST)
    app.set_interval(_EVERY, Rests().look, name="garbage")


def keep_widgets() -> None:
    """Never look again at what there is, and collect from now on.

    The widgets stay as long as the program: where they are not looked at, they hold no key up
    (measured: 60 ms).
    """
    gc.freeze()
    gc.enable()


class Rests:
    """Collects in rests; in the first one after the start also what that left behind."""

    def __init__(self) -> None:
        self._looks_left = _STARTED
        self._tidy = False

    def look(self) -> None:
        """Collect if nobody types and it is worth it."""
        self._looks_left -= 1
        if echo.seconds_since_key() <= _REST:
            return
        if self._looks_left <= 0 and not self._tidy:
            self._tidy = True
            gc.unfreeze()
            gc.collect()
            gc.freeze()
        elif gc.get_count()[2] >= _WORTH_IT:
            gc.collect()
