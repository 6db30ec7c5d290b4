"""The story screen: the writer and the model take turns, and nothing of it is ever lost."""

from dataclasses import replace
from typing import ClassVar, Final

from textual import on
from textual.binding import BindingType

from charterm.i18n import _
from charterm.story.story import Story
from charterm.text.editable import editable
from charterm.tui import preset_keeping
from charterm.tui.bindings import bindings_of
from charterm.tui.screens.mode import ModeScreen
from charterm.tui.screens.story_view import StoryView
from charterm.tui.widgets.branch_list import BranchList
from charterm.tui.widgets.choices import Choices
from charterm.tui.widgets.controls_form import ControlsForm
from charterm.tui.widgets.place_list import PlaceList
from charterm.tui.widgets.story_entry import StoryEntry
from charterm.tui.widgets.story_shelf import StoryShelf
from charterm.tui.widgets.story_side import BRANCHES, CONTROLS, PLACE
from charterm.tui.widgets.transcript import Transcript

ALTERNATIVES: Final = 3
"""Versions that are written side by side where the controls ask for one."""

_OF_THE_LIST: Final = {
    **{f"{action}_story": action for action in ("rename", "delete", "restore", "export")},
    "export_story_with_names": "export",
}


class StoryScreen(StoryView, inherit_bindings=False):
    """Write a story by turns with the model."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings_of("story", "memory"),
        *ModeScreen.BINDINGS,
    ]

    # Sending and editing ------------------------------------------------------------------

    @on(StoryEntry.Sent)
    def _send(self) -> None:
        text = self.entry.text
        if self.line.editing is not None:
            self._send_edit(self.line.editing, text)
            return
        if not text.strip():
            text = ""
            if self.writing:
                return
        elif not self.has_model:
            self.notify(_("Kept. There is no model to go on with it."), severity="warning")
        self.entry.load_text("")
        self.transcript.to_end()
        self.teller.say(text, self.controls)

    def _send_edit(self, turn: int, text: str) -> None:
        story = self.story
        self._leave_edit()
        if story is None or turn not in story.tree:
            return
        old = story.tree[turn].text
        if text == editable(old.removeprefix(" ")):
            return
        self.transcript.to_end()
        space = " " if old.startswith(" ") else ""  # what sets it off is not shown
        self.teller.edit(turn, space + text, self.controls)

    def action_edit_turn(self) -> None:
        """Change the chosen turn; with the probabilities shown, look at the character's place."""
        if self.transcript.exact:
            self.set_focus(self.query_one(PlaceList))  # at once: the next key is meant for it
            return
        turn = self.transcript.chosen_turn
        if turn is None:
            return
        self.line.edit(turn.id, turn.text.removeprefix(" "))
        self._mark_edit()
        self.set_focus(self.entry)

    def _leave_edit(self) -> None:
        self.line.leave_edit()
        self._mark_edit()

    @on(Transcript.EditWanted)
    def _edit_clicked(self) -> None:
        self.action_edit_turn()

    # The story ----------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What can be done with the story as it is."""
        if not self.is_mounted:
            return True
        tree = self.story.tree if self.story is not None else None
        if action in ("retry", "alternatives"):
            return tree is not None and self.has_model
        if action == "undo_story":
            return tree is not None and tree.can_undo
        if action == "redo_story":
            return tree is not None and tree.can_redo
        if action in ("go_here", "copy_turn", "edit_turn"):
            return self.transcript.chosen_turn is not None
        if action in _OF_THE_LIST:
            return self.shelf.allows(_OF_THE_LIST[action])
        return True

    def action_stop(self) -> None:
        """Leave what is being done: the generation, the choice, the edit, the panel."""
        if self.writing:
            self.teller.stop()
        elif self.choosing:
            self._set_choosing(False)
            self.entry.focus()
        elif self.line.editing is not None:
            self._leave_edit()
        elif self.query_one(PlaceList).has_focus:
            self.transcript.focus()
        elif self.transcript.exact:
            self.action_probabilities()
        elif not self.entry.has_focus:
            self.entry.focus()
        elif self.app.size.width < 62:
            self.open_panel("")

    def action_retry(self) -> None:
        """Let the model write its turn again."""
        self._retry(1)

    def action_alternatives(self) -> None:
        """Let the model write several versions of its turn."""
        self._retry(self.controls.n if self.controls.n > 1 else ALTERNATIVES)

    def _retry(self, count: int) -> None:
        if self.story is None:
            return
        chosen = self.transcript.chosen_turn if self.transcript.has_focus else None
        turn = chosen.id if chosen is not None else self.story.tree.head
        self.transcript.to_end()
        self.teller.retry(turn, replace(self.controls, n=count))

    @on(Choices.Taken)
    def _take_choice(self, event: Choices.Taken) -> None:
        self.teller.change(lambda story: story.go(event.turn))
        self._set_choosing(False)
        self.entry.focus()

    @on(Choices.Closed)
    def _close_choices(self) -> None:
        self.action_stop()

    def action_undo_story(self) -> None:
        """Go back to the story before the last change."""
        self.teller.change(Story.undo)

    def action_redo_story(self) -> None:
        """Take the last undo back."""
        self.teller.change(Story.redo)

    def action_turns(self) -> None:
        """Go to the turns."""
        if self.story is not None:
            self.set_focus(self.transcript)  # at once: the next key is meant for it

    @on(StoryEntry.Left)
    def _go_up(self) -> None:
        if self.transcript.has_focus:  # the key was pressed before the focus had moved
            self.transcript.action_up()
        else:
            self.action_turns()

    def action_go_here(self) -> None:
        """Let the story end with the chosen turn."""
        turn = self.transcript.chosen_turn
        if turn is not None:
            self.teller.change(lambda story: story.go(turn.id))
            self.transcript.to_end()
            self.entry.focus()

    def action_copy_turn(self) -> None:
        """Copy the text of the chosen turn."""
        turn = self.transcript.chosen_turn
        if turn is not None:
            self.program.copy_to_clipboard(turn.text.strip(), _("The turn was copied."))

    @on(Transcript.VersionTaken)
    @on(BranchList.Taken)
    def _switch(self, event: Transcript.VersionTaken | BranchList.Taken) -> None:
        turn = event.turn
        self.teller.change(lambda story: story.switch(turn))
        if isinstance(event, Transcript.VersionTaken):
            self.transcript.chosen = turn  # it is on the path as soon as the story has changed

    def action_new_story(self) -> None:
        """Begin another story."""
        self.line.going()
        self.teller.new()
        self.entry.focus()

    # Probabilities ------------------------------------------------------------------------

    def action_probabilities(self) -> None:
        """Colour the story by how surprising it was, or no more."""
        exact = not self.transcript.exact
        if exact and self.story is None:
            return
        self._panel_before = self.panel if exact else self._panel_before
        self.transcript.set_exact(exact)
        self.open_panel(PLACE if exact else self._panel_before)
        (self.transcript if exact else self.entry).focus()

    _panel_before = ""

    @on(PlaceList.Taken)
    def _take_character(self, event: PlaceList.Taken) -> None:
        self.transcript.focus()
        self.teller.choose(
            event.turn, event.offset, event.character, event.probability, self.controls
        )
        self.transcript.to_end()

    # Panels -------------------------------------------------------------------------------

    def action_panel(self, panel: str) -> None:
        """Show a panel and go there; where one is already, close it."""
        if self.transcript.exact:
            self.transcript.set_exact(False)
        shown = self.panel == panel
        if shown and not self.entry.has_focus:
            self.open_panel("")
            self.entry.focus()
            return
        self.open_panel(panel)
        if panel == CONTROLS:
            self.query_one(ControlsForm).focus_first()
        elif panel == BRANCHES:
            self.query_one(BranchList).focus()
        else:
            self.shelf.list.focus()

    def action_save_preset(self) -> None:
        """Keep the controls as they are now under a name."""

        def kept(name: str) -> None:
            self._load_presets()
            self.begin_with(name)

        preset_keeping.ask_to_save(self, self.controls, kept)

    def action_delete_preset(self) -> None:
        """Forget the preset that the controls are."""
        preset_keeping.delete(self, self._load_presets, "story.save_preset")

    @on(StoryShelf.Opened)
    def _open(self, event: StoryShelf.Opened) -> None:
        self.line.going()
        self.teller.open(event.story)
        self.entry.focus()

    def action_rename_story(self) -> None:
        """Give the highlighted story another title."""
        self.shelf.ask_rename()

    def action_delete_story(self) -> None:
        """Delete the highlighted story."""
        self.shelf.delete()

    def action_restore_story(self) -> None:
        """Bring the last deleted story back."""
        self.shelf.restore()

    def action_export_story(self) -> None:
        """Write the highlighted story into a file."""
        self.shelf.ask_export()

    def action_export_story_with_names(self) -> None:
        """Write the highlighted story into a file that says who wrote what."""
        self.shelf.ask_export(named=True)

    def action_import_story(self) -> None:
        """Make a story of a text file."""
        self.shelf.ask_import()

    def action_find_story(self) -> None:
        """Type what to look for."""
        self.shelf.find()
