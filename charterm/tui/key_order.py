"""Keys that were typed ahead are done in their order."""

from typing import Any, Final

from textual import events
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widget import Widget

_MOVES: Final = ("app.focus_next", "app.focus_previous", "app.switch_mode", "find", "filter")
"""Actions after which what is typed belongs elsewhere, without their arguments."""


def move(screen: Screen[Any], key: str) -> tuple[str, DOMNode] | None:
    """The action that a key does, and whose it is, where that only moves the focus.

    It is to be done as the key arrives. Textual 8.2.8 sends such a key through the focused widget
    and all around it, back to the app; a letter that comes meanwhile, typed ahead or a millisecond
    later, goes into the old field. Where the focused widget or one around it has the key for
    something else, that comes first.
    """
    for node, bindings in screen._modal_binding_chain:
        for binding in bindings.key_to_bindings.get(key, ()):
            if not binding.priority:
                moves = binding.action.partition("(")[0] in _MOVES
                return (binding.action, node) if moves else None
    return None


async def do_own_binding(field: Widget, event: events.Key) -> None:
    """Do what a field itself has bound to a key as soon as the key arrives there.

    To be called by the field's ``_on_key``. Textual 8.2.8 puts a letter into a field at once, but
    lets a bound key such as backspace wander up to the app first: typed faster than the program
    draws, ``x``, backspace, ``y`` would become ``x``, ``y``, backspace.

    Args:
        field: takes text, and has the focus.
        event: the key.
    """
    if event.is_printable:
        return
    for node, bindings in field.screen._modal_binding_chain:
        if node is not field:
            continue
        for binding in bindings.key_to_bindings.get(event.key, ()):
            if not binding.priority and await field.app.run_action(binding.action, field):
                event.stop()
                event.prevent_default()
                return
