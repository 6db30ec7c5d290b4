"""What can be done with the personal memory on a screen on which one writes."""

import re
from typing import TYPE_CHECKING, Final

from charterm.i18n import _, ngettext
from charterm.tui.learner import OFF, Change, MemoryTold
from charterm.tui.predictor import Predictor
from charterm.tui.screens.mode import ModeScreen
from charterm.tui.widgets.dialog import Dialog
from charterm.tui.widgets.editor import Editor

if TYPE_CHECKING:
    from charterm.adaptation.store import PersonalMemory

_WORD: Final = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_RESET: Final = "reset"


def word_at(text: str, cursor: int) -> str:
    """The word that the cursor is in or at the end of; empty where there is none."""
    start = text.rfind("\n", 0, cursor) + 1
    end = text.find("\n", cursor)
    for match in _WORD.finditer(text, start, len(text) if end < 0 else end):
        if match.start() <= cursor <= match.end():
            return match.group()
    return ""


class RememberingScreen(ModeScreen, inherit_bindings=False):
    """A screen with an editor whose text is learnt, and the actions of the group ``memory``."""

    predictor: Predictor
    """Predicts and learns; its text was learnt last."""

    memory_state = ""
    """What the personal memory does, as of :mod:`charterm.tui.learner`."""

    @property
    def editor(self) -> Editor:
        """Where the writer writes."""
        raise NotImplementedError

    @property
    def learnt_title(self) -> str:
        """What the writer calls the text that is learnt; empty where it has no name yet."""
        raise NotImplementedError

    def on_screen_suspend(self) -> None:
        """Another screen is shown, which is to know what was learnt here."""
        self.predictor.save_memory()

    def told_of_memory(self, told: MemoryTold) -> None:
        """Show what the memory says."""
        self.memory_state = told.state
        if told.said:
            if told.is_error:
                self.notify(told.said, severity="error", timeout=12)
            else:
                self.notify(told.said)

    def _change_memory(self, change: Change) -> None:
        if self.memory_state in ("", OFF):
            self.notify(
                _("The personal memory is off; the settings switch it on."), severity="warning"
            )
            return
        self.predictor.change_memory(change)

    def action_toggle_learning(self) -> None:
        """Learn no more, or learn again."""
        start, stop = (_("What you write is learnt again."), _("Nothing is learnt from now on."))

        def change(memory: "PersonalMemory", document: str) -> str:
            if memory.learning and document in memory.ignored:
                memory.allow_document(document)
                return start
            memory.set_learning(not memory.learning)
            return start if memory.learning else stop

        self._change_memory(change)

    def action_forget_word(self) -> None:
        """Forget the word at the cursor, everywhere and for good."""
        word = word_at(self.editor.text, self.editor.cursor_index)
        if not word:
            self.notify(_("Put the cursor into the word to forget."), severity="warning")
            return
        undo = self._undo_hint

        def change(memory: "PersonalMemory", _document: str) -> str:
            times = memory.forget_word(word)
            said = ngettext(
                "{word} was forgotten; it was written once.",
                "{word} was forgotten; it was written {n} times.",
                times,
            )
            return f"{said.format(word=word, n=times)} {undo}"

        self._change_memory(change)

    def action_forget_document(self) -> None:
        """Forget this text, and learn it no more."""
        title, undo = self.learnt_title, self._undo_hint
        if not title:
            self.notify(_("The story has not begun yet."), severity="warning")
            return

        def change(memory: "PersonalMemory", document: str) -> str:
            memory.forget_document(document)
            return " ".join((_("{name} is learnt no more.").format(name=title), undo))

        self._change_memory(change)

    def action_reset_memory(self) -> None:
        """Forget everything, after a question."""
        undo = self._undo_hint

        def change(memory: "PersonalMemory", _document: str) -> str:
            memory.reset()
            return " ".join((_("Everything that was learnt is forgotten."), undo))

        def answer(chosen: str | None) -> None:
            if chosen == _RESET:
                self._change_memory(change)

        self.app.push_screen(
            Dialog(
                _("Forget everything that was learnt from your writing?"),
                _(
                    "Your texts stay. Those there are now are not learnt again. For a day it can "
                    "be brought back."
                ),
                (("", _("Keep it")), (_RESET, _("Forget everything"))),
            ),
            answer,
        )

    def action_undo_forgetting(self) -> None:
        """Bring back what was forgotten last."""
        self.predictor.undo_memory(_("There is nothing to bring back."), _("It is back."))

    @property
    def _undo_hint(self) -> str:
        return _("{key} brings it back.").format(key=self.program.shown_key("memory.undo"))
