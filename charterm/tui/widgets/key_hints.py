"""The last line of a screen: the keys that do something now."""

from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.binding import Binding
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget

from charterm.i18n import _

_WIDEST_GAP = 3
_ALWAYS = ("app.help", "app.quit")
"""Ids of the bindings whose hints stay where there is no room for all: help names the others."""


class KeyHints(Widget, can_focus=False):
    """The shown bindings of what has the focus, one line, each with a click.

    Textual's footer makes a widget of every key and remakes them all when one changes, which is
    too slow while ghost text comes and goes with the keys.
    """

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"hints--key", "hints--text"}

    def __init__(self) -> None:
        super().__init__()
        self._places: list[tuple[range, Binding]] = []
        self._drawn: list[Binding] = []

    def on_mount(self) -> None:
        """Follow the focus and the state of the actions."""
        self.screen.bindings_updated_signal.subscribe(self, self._bindings_changed)

    def _bindings_changed(self, _screen: Screen[object]) -> None:
        if self._shown() != self._drawn:
            self.refresh()

    def translate(self) -> None:
        """Say everything in the language in use."""
        self.refresh()

    def render(self) -> Content:
        """Keys and what they do, as many as fit, as far apart as there is room for."""
        key_style = self.get_visual_style("hints--key")
        text_style = self.get_visual_style("hints--text")
        self._drawn = self._shown()
        hints = [
            (binding, self.app.get_key_display(binding), f" {_(binding.description)}")
            for binding in self._drawn
        ]
        width = self.content_size.width
        cells = [cell_len(key) + cell_len(text) for _binding, key, text in hints]
        while len(hints) > 1 and sum(cells) + len(cells) - 1 > width:
            place = _least_needed([binding.id or "" for binding, _key, _text in hints])
            del hints[place], cells[place]
        gaps = max(len(hints) - 1, 1)
        gap = min(max((width - sum(cells)) // gaps, 1), _WIDEST_GAP)
        parts: list[Content] = []
        self._places = []
        x = 0
        for (binding, key, text), taken in zip(hints, cells, strict=True):
            self._places.append((range(x, x + taken), binding))
            parts.append(Content.assemble((key, key_style), (text, text_style)))
            x += taken + gap
        return Content(" " * gap).join(parts)

    def _shown(self) -> list[Binding]:
        seen: set[str] = set()
        shown = []
        for active in self.screen.active_bindings.values():
            binding = active.binding
            if binding.show and active.enabled and binding.action not in seen:
                seen.add(binding.action)
                shown.append(binding)
        return shown

    def on_click(self, event: events.Click) -> None:
        """Press the key whose hint was clicked."""
        offset = event.get_content_offset(self)
        for place, binding in self._places:
            if offset is not None and offset.x in place:
                self.app.simulate_key(binding.key)
                return


def _least_needed(ids: list[str]) -> int:
    """The place of the last hint that may be left out."""
    others = [place for place, id in enumerate(ids) if id not in _ALWAYS]
    return others[-1] if others else len(ids) - 1
