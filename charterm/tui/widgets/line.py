"""A line to type in: without a frame, with keys that can be changed, and completion of paths."""

import asyncio
import os
from pathlib import Path

from textual import events
from textual.geometry import Size
from textual.reactive import Reactive
from textual.suggester import Suggester
from textual.widgets import Input

from charterm.tui import echo
from charterm.tui.bindings import keyed
from charterm.tui.key_order import do_own_binding


class Line(Input, inherit_bindings=False):
    """An input of one row."""

    BINDINGS = keyed("line", Input.BINDINGS)

    # Textual's lays the whole screen out again for each letter. A line is as wide as its place.
    virtual_size = Reactive(Size(0, 0), layout=False)

    def __init__(
        self,
        value: str = "",
        *,
        placeholder: str = "",
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(value, placeholder=placeholder, id=id, classes=classes, compact=True)

    async def _on_key(self, event: events.Key) -> None:
        await do_own_binding(self, event)

    async def on_event(self, event: events.Event) -> None:
        """Show at once what a key does."""
        with echo.taking(self, event):
            await super().on_event(event)


class PathSuggester(Suggester):
    """Completes the last part of a path with the first file or folder that begins like it."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        """The completed path, or None. The folder is read on a thread: it may be slow."""
        return await asyncio.to_thread(complete_path, value)


def complete_path(value: str) -> str | None:
    """``value`` with its last part completed, folders with a separator at the end."""
    folder, _, begun = value.rpartition(os.sep)
    if not begun:
        return None
    base = Path(f"{folder}{os.sep}" if folder or value.startswith(os.sep) else ".")
    try:
        with os.scandir(base.expanduser()) as entries:
            found = sorted(
                (entry.name, entry.is_dir()) for entry in entries if entry.name.startswith(begun)
            )
    except (OSError, RuntimeError):  # no such folder yet: nothing to complete
        return None
    if not found:
        return None
    name, is_folder = found[0]
    return f"{value[: len(value) - len(begun)]}{name}{os.sep if is_folder else ''}"
