"""Where the writer's next turn is typed: the editor of the writing screen, with enter to send."""

from typing import ClassVar

from textual.binding import BindingType
from textual.message import Message

from charterm.i18n import N_
from charterm.tui.bindings import bindings_of
from charterm.tui.widgets.editor import Editor


class StoryEntry(Editor):
    """A few lines with live completions."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_of("entry")
    HELP = N_(
        "Write your turn; enter sends it and the model goes on. With nothing written, enter lets "
        "the model go on by itself. shift+enter or ctrl+j begins a new line, ↑ goes to the turns "
        "above.\n\nWhat the model expects next stands faintly after the cursor, as on the Write "
        "screen: → or tab takes it, ctrl+→ a word.\n\nThe personal memory learns your turns of the "
        "story as it reads now, never the model's. What you undo, edit or leave for another branch "
        "is unlearnt, and learnt again when you go back."
    )

    class Sent(Message):
        """The turn is written."""

    class Left(Message):
        """The cursor went up beyond the first line."""

    def action_send(self) -> None:
        """Send the turn."""
        self.post_message(self.Sent())

    def action_new_line(self) -> None:
        """Begin a new line."""
        self.insert("\n", maintain_selection_offset=False)

    def action_cursor_up(self, select: bool = False) -> None:
        """Go up a line, and from the first one to the story."""
        at = self.cursor_location
        super().action_cursor_up(select)
        if self.cursor_location == at and not select:
            self.post_message(self.Left())
        elif at[0] == 0 and self.cursor_location == (0, 0) and not select:
            self.move_cursor(at)
            self.post_message(self.Left())

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Undo and redo are the story's where nothing of the line can be undone."""
        if action == "undo":
            return bool(self.history.undo_stack)
        if action == "redo":
            return bool(self.history.redo_stack)
        return super().check_action(action, parameters)
