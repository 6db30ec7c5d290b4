"""Every action of the program as data: its keys, its words, and its twin on the command line.

The interface makes its bindings and its palette from this table, ``charterm keys`` prints it, and
the settings ``[keys]`` change it. A new action is one entry in the module of its screen here, and
one ``action_...`` method there.
"""

from collections.abc import Mapping
from typing import Final

from charterm.actions import (
    everywhere,
    generate,
    judge,
    memory,
    models,
    settings,
    story,
    train,
    write,
)
from charterm.actions.action import EVERYWHERE, MEMORY, Action
from charterm.i18n import N_
from charterm.widget_keys import WIDGET_KEYS

__all__ = ["ACTIONS", "BY_ID", "EVERYWHERE", "SCREENS", "Action", "default_keys"]

SCREENS: Final[Mapping[str, str]] = {
    EVERYWHERE: N_("Everywhere"),
    "write": N_("Write"),
    "story": N_("Story"),
    MEMORY: N_("Memory"),
    "train": N_("Train"),
    "generate": N_("Generate"),
    "judge": N_("Judge"),
    "models": N_("Models"),
    "settings": N_("Settings"),
}
"""Screens that actions belong to, or what several have: id, and title (pass it through ``_``)."""

ACTIONS: Final[tuple[Action, ...]] = (
    *everywhere.ACTIONS,
    *write.ACTIONS,
    *story.ACTIONS,
    *memory.ACTIONS,
    *train.ACTIONS,
    *generate.ACTIONS,
    *judge.ACTIONS,
    *models.ACTIONS,
    *settings.ACTIONS,
)
"""Every action, in the order in which help lists them."""

BY_ID: Final[Mapping[str, Action]] = {action.id: action for action in ACTIONS}


def default_keys() -> dict[str, str]:
    """The default keys of every binding that can be changed: binding id, keys."""
    return {
        **{action.id: action.keys for action in ACTIONS},
        **{widget_key.id: widget_key.keys for widget_key in WIDGET_KEYS},
    }
