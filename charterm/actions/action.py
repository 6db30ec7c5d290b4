"""What an action is: the keys, words and twin on the command line of one thing the user can do."""

from dataclasses import dataclass
from typing import Final

EVERYWHERE: Final = "everywhere"
"""The screen of the actions that every screen has."""

MEMORY: Final = "memory"
"""That of the actions that the screens have on which the writer writes: WRITING."""

WRITING: Final = frozenset(("write", "story"))


@dataclass(frozen=True, slots=True)
class Action:
    """One thing the user can do.

    Attributes:
        id: also the id of its key binding and its name in the settings, ``keys.ID``.
        keys: default keys, comma-separated, in Textual's names.
        title: what it does in one to three words (English; pass it through ``_``).
        help: one sentence more (English; pass it through ``_``).
        screen: a key of :data:`charterm.actions.SCREENS`.
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

    @property
    def screens(self) -> frozenset[str]:
        """The screens that have it: ids of modes, or EVERYWHERE."""
        return WRITING if self.screen == MEMORY else frozenset((self.screen,))
