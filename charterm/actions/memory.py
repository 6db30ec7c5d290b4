"""The actions on the personal memory, which the screens have on which the writer writes."""

from typing import Final

from charterm.actions.action import MEMORY, Action
from charterm.i18n import N_

ACTIONS: Final[tuple[Action, ...]] = (
    Action(
        id="memory.learn",
        keys="alt+n",
        title=N_("Learn or not"),
        help=N_("Learn nothing from now on, or learn again; what was learnt stays in use"),
        screen=MEMORY,
        run="toggle_learning",
        command="charterm memory learn off",
    ),
    Action(
        id="memory.forget_word",
        keys="alt+d",
        title=N_("Forget word"),
        help=N_("Forget the word at the cursor everywhere, and never learn it again"),
        screen=MEMORY,
        run="forget_word",
        command="charterm memory forget-word WORD",
    ),
    Action(
        id="memory.forget_document",
        keys="alt+e",
        title=N_("Forget text"),
        help=N_("Forget what was learnt from this text or story, and learn it no more"),
        screen=MEMORY,
        run="forget_document",
        command="charterm memory forget-document NAME",
    ),
    Action(
        id="memory.undo",
        keys="alt+u",
        title=N_("Bring back"),
        help=N_("Undo the last forgetting"),
        screen=MEMORY,
        run="undo_forgetting",
        command="charterm memory undo",
    ),
    Action(
        id="memory.reset",
        keys="alt+r",
        title=N_("Forget everything"),
        help=N_("Forget everything that was learnt from your writing, after a question"),
        screen=MEMORY,
        run="reset_memory",
        command="charterm memory reset",
    ),
)
