"""Keys that were typed ahead are done in their order."""

from textual import events
from textual.widget import Widget


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
