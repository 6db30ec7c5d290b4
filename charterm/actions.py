"""Every action of the program as data: its keys, its words, and its twin on the command line.

The interface makes its bindings and its palette from this table, ``charterm keys`` prints it, and
the settings ``[keys]`` change it. A new action is one entry here and one ``action_...`` method.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from charterm.i18n import N_
from charterm.widget_keys import WIDGET_KEYS

EVERYWHERE: Final = "everywhere"

SCREENS: Final[Mapping[str, str]] = {
    EVERYWHERE: N_("Everywhere"),
    "write": N_("Write"),
    "story": N_("Story"),
    "train": N_("Train"),
    "generate": N_("Generate"),
    "models": N_("Models"),
    "settings": N_("Settings"),
}
"""Screens that actions belong to: id, and title (pass it through ``_``)."""


@dataclass(frozen=True, slots=True)
class Action:
    """One thing the user can do.

    Attributes:
        id: also the id of its key binding and its name in the settings, ``keys.ID``.
        keys: default keys, comma-separated, in Textual's names.
        title: what it does in one to three words (English; pass it through ``_``).
        help: one sentence more (English; pass it through ``_``).
        screen: a key of :data:`SCREENS`.
        run: the action as Textual writes it, such as ``app.switch_mode('write')``.
        command: what does the same on the command line.
        also: keys that do it as well where the cursor would do nothing else with them.
        hint: whether the line of key hints shows it.
        priority: whether it goes before the keys of what has the focus.
    """

    id: str
    keys: str
    title: str
    help: str
    screen: str
    run: str
    command: str
    also: str = ""
    hint: bool = False
    priority: bool = False


ACTIONS: Final[tuple[Action, ...]] = (
    Action(
        id="app.help",
        keys="f1",
        title=N_("Help"),
        help=N_("Explain what has the focus, and list its keys"),
        screen=EVERYWHERE,
        run="app.toggle_help",
        command="charterm --help",
        hint=True,
    ),
    Action(
        id="app.palette",
        keys="ctrl+p",
        title=N_("Commands"),
        help=N_("Search everything the program can do"),
        screen=EVERYWHERE,
        run="app.command_palette",
        command="charterm keys",
        hint=True,
        priority=True,
    ),
    Action(
        id="app.theme",
        keys="f9",
        title=N_("Theme"),
        help=N_("Choose the colours, with a preview"),
        screen=EVERYWHERE,
        run="app.change_theme",
        command="charterm config set interface.theme THEME",
    ),
    Action(
        id="app.quit",
        keys="ctrl+q",
        title=N_("Quit"),
        help=N_("Save everything and leave the program"),
        screen=EVERYWHERE,
        run="app.quit",
        command="exit",
        hint=True,
        priority=True,
    ),
    Action(
        id="mode.write",
        keys="alt+1",
        title=N_("Write"),
        help=N_("Write a text while the model completes it"),
        screen=EVERYWHERE,
        run="app.switch_mode('write')",
        command="charterm",
    ),
    Action(
        id="suggestion.accept",
        keys="tab",
        also="right",
        title=N_("Accept"),
        help=N_("Take the whole suggestion (→ does the same at the end of a line)"),
        screen="write",
        run="accept_suggestion",
        command="charterm complete TEXT -n 1",
        hint=True,
    ),
    Action(
        id="suggestion.accept_word",
        keys="alt+right",
        also="ctrl+right",
        title=N_("Accept word"),
        help=N_("Take the next word of the suggestion (ctrl+→ does the same)"),
        screen="write",
        run="accept_word",
        command="charterm complete TEXT -n 1",
        hint=True,
    ),
    Action(
        id="suggestion.next",
        keys="ctrl+down,alt+right_square_bracket",
        title=N_("Next"),
        help=N_("Offer the next of the other continuations"),
        screen="write",
        run="next_alternative",
        command="charterm complete TEXT -n 5",
        hint=True,
    ),
    Action(
        id="suggestion.previous",
        keys="ctrl+up,alt+left_square_bracket",
        title=N_("Previous"),
        help=N_("Offer the previous of the other continuations"),
        screen="write",
        run="previous_alternative",
        command="charterm complete TEXT -n 5",
    ),
    Action(
        id="suggestion.dismiss",
        keys="escape",
        title=N_("Dismiss"),
        help=N_("Send the suggestion away for the rest of the word"),
        screen="write",
        run="dismiss",
        command="charterm predict TEXT",
    ),
)
"""Every action, in the order in which help lists them."""

BY_ID: Final[Mapping[str, Action]] = {action.id: action for action in ACTIONS}


def default_keys() -> dict[str, str]:
    """The default keys of every binding that can be changed: binding id, keys."""
    return {
        **{action.id: action.keys for action in ACTIONS},
        **{widget_key.id: widget_key.keys for widget_key in WIDGET_KEYS},
    }
