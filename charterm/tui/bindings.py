"""Bindings and palette commands, made from the table of actions."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Final

from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.dom import DOMNode

from charterm.actions import ACTIONS, BY_ID, EVERYWHERE, SCREENS, Action
from charterm.i18n import N_, _

_SHOWN_KEYS: Final = {"suggestion.accept_word": "^→"}
"""Where another key than the bound one is the one people try first."""


WITHDRAW: Final = Binding(
    "escape",
    "withdraw",
    N_("Cancel"),
    tooltip=N_("Leave everything as it is"),
    id="question.withdraw",
)
"""Leaves a question without an answer, wherever it is asked."""


def bindings_of(*groups: str) -> list[BindingType]:
    """The bindings of all actions whose ids begin with ``GROUP.``, in the table's order."""
    return [binding_of(action) for action in ACTIONS if action.id.partition(".")[0] in groups]


def binding_of(action: Action) -> Binding:
    """An action's binding. Its words are translated where they are drawn."""
    return Binding(
        action.keys,
        action.run,
        action.title,
        show=action.hint,
        key_display=_SHOWN_KEYS.get(action.id),
        priority=action.priority,
        tooltip=action.help,
        id=action.id,
    )


def keyed(group: str, bindings: Iterable[BindingType]) -> list[BindingType]:
    """Textual's own bindings with ids ``GROUP.ACTION``, so that every key can be changed."""
    named: list[BindingType] = []
    for entry in bindings:
        binding = entry if isinstance(entry, Binding) else Binding(*entry)
        action = binding.action.replace("(True)", "_select")
        description = (binding.description or action.replace("_", " ")).capitalize()
        named.append(
            replace(
                binding,
                description=description,
                show=False,
                id=f"{group}.{action}",
                tooltip=binding.tooltip or description,
            )
        )
    return named


def commands_of(node: DOMNode, keys_in_force: Mapping[str, str]) -> Iterator[SystemCommand]:
    """A palette command for each binding that the class of ``node`` declares.

    Textual's own actions, such as moves of the cursor, are found by searching but not listed from
    the start.

    Args:
        node: runs the actions.
        keys_in_force: binding id, comma-separated keys.
    """
    seen: set[str] = set()
    for binding in type(node).BINDINGS:
        if isinstance(binding, Binding) and binding.action not in seen and not binding.system:
            seen.add(binding.action)
            action = BY_ID.get(binding.id or "")
            key = keys_in_force.get(binding.id or "", binding.key).partition(",")[0]
            shown = node.app.get_key_display(Binding(key, "", key_display=binding.key_display))
            yield SystemCommand(
                _command_title(binding, action),
                f"{_(binding.tooltip)} · {shown}",
                partial(node.app.run_action, binding.action, node),
                discover=action is not None,
            )


def _command_title(binding: Binding, action: Action | None) -> str:
    """``Write: accept word``; what is the same everywhere goes without the screen."""
    title = _(binding.description)
    if action is None or action.screen == EVERYWHERE:
        return title
    return f"{_(SCREENS[action.screen])}: {title}"
