"""The writing screen: what can be done with texts, and finding words in them."""

from functools import partial
from typing import ClassVar

from textual import on
from textual.binding import BindingType

from charterm.documents import search
from charterm.documents.store import TextInfo
from charterm.i18n import _
from charterm.text.display import visible
from charterm.tui import clipboard
from charterm.tui.after_keys import AfterKeys
from charterm.tui.bindings import bindings_of
from charterm.tui.screens.mode import ModeScreen
from charterm.tui.screens.write_files import WriteFiles
from charterm.tui.text_choice import Texts
from charterm.tui.widgets.find_bar import FindBar
from charterm.tui.widgets.palette import Palette


class WriteScreen(WriteFiles, inherit_bindings=False):
    """Write texts of one's own, or files."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings_of("document", "memory"),
        *ModeScreen.BINDINGS,
    ]

    def __init__(self) -> None:
        super().__init__()
        self.listed_texts: list[TextInfo] = []
        """The texts of the list that is being opened."""
        self._looking = AfterKeys(self, self._look)

    # Texts ------------------------------------------------------------------------------

    def action_new_document(self) -> None:
        """Begin another text."""
        self.change_shown(self.documents.new)

    def action_step_document(self, by: int) -> None:
        """Show the next or previous of the open texts."""
        if len(self.documents.open) > 1:
            self.change_shown(partial(self.documents.step, by))
        else:
            self.notify(
                _("No other text is open. {new} begins one, {open} opens a file.").format(
                    new=self.program.shown_key("document.new"),
                    open=self.program.shown_key("document.open"),
                )
            )

    def action_close_document(self) -> None:
        """Close the shown text; it stays in the list."""
        document = self.document
        blank = document.is_blank
        self.change_shown(self.documents.close)
        if not blank:
            self.notify(
                _("{name} was closed; {key} lists it.").format(
                    name=visible(document.title), key=self.program.shown_key("document.list")
                )
            )

    def action_delete_document(self) -> None:
        """Move the shown text into the trash; the file that it belongs to stays."""
        document = self.document
        blank = document.is_blank
        self.change_shown(self.documents.delete)
        if not blank and document not in self.documents.open:
            told = _("{name} is in the trash; {key} brings it back.").format(
                name=visible(document.title), key=self.program.shown_key("document.restore")
            )
            if document.file is not None:
                told += " " + _("{path} stays.").format(path=document.file.path)
            self.notify(told)

    def action_restore_document(self) -> None:
        """Bring the text that was deleted last back."""
        self.change_shown(self.documents.restore)

    def action_list_documents(self) -> None:
        """Choose among all texts."""
        self._note()
        self._do(self.documents.recent, self._list)

    def _list(self, infos: list[TextInfo]) -> None:
        self.listed_texts = [info for info in infos if info.name != self.document.name]
        if not self.listed_texts:
            self.notify(_("There is no other text yet."))
        elif self.app.screen is self:
            self.app.push_screen(Palette(providers=[Texts], placeholder=_("Search for a text …")))

    def switch_text(self, name: str) -> None:
        """Show a text of the list."""
        self.open_text(name)

    def action_copy_document(self) -> None:
        """Copy the whole text."""
        text = self.editor.text
        self.program.copy_to_clipboard(text, clipboard.counted(text))

    # Find -------------------------------------------------------------------------------

    def text_shown(self) -> None:
        """Search on in another text."""
        super().text_shown()
        if self.query_one(FindBar).is_open:
            self._search()

    def action_find(self) -> None:
        """Type what to find; what is selected is what one looks for."""
        selected = self.editor.selected_text
        self.query_one(FindBar).open(selected if "\n" not in selected else "")

    def action_step_hit(self, by: int) -> None:
        """Go to the next (1) or previous (-1) place where the words occur."""
        bar = self.query_one(FindBar)
        if not bar.words:
            self.action_find()
            return
        start, end = self._selected
        position = end if by > 0 else start
        self._search(position, by)

    @property
    def _selected(self) -> tuple[int, int]:
        """First character of the selection, and the first behind it."""
        editor = self.editor
        length = len(editor.selected_text)
        end = editor.cursor_index
        if length and editor.selection.end < editor.selection.start:
            return end, end + length
        return end - length, end

    @on(FindBar.Wanted)
    def _want(self) -> None:
        self._looking.soon()

    def _look(self) -> None:
        if self.query_one(FindBar).is_open:
            self._search(self._selected[0])

    @on(FindBar.Stepped)
    def _step(self, event: FindBar.Stepped) -> None:
        self._looking.now()
        self.action_step_hit(event.by)

    def _search(self, position: int | None = None, by: int = 1) -> None:
        """Find the words; with a position, go to the hit next to it."""
        bar, editor = self.query_one(FindBar), self.editor
        pattern = search.pattern_of(bar.words)
        editor.mark_hits(pattern if bar.is_open else None)
        hits = search.find_hits(pattern, editor.text) if pattern is not None else []
        place = None
        if position is not None:
            step = search.next_hit if by > 0 else search.previous_hit
            place = step(hits, position)
        if place is not None:
            editor.select_range(*hits[place])
            if not bar.is_open:
                self.notify(_("{place} of {n}").format(place=place + 1, n=len(hits)), timeout=1.5)
        elif bar.words and not hits and not bar.is_open:
            self.notify(_("{words} does not occur.").format(words=bar.words), timeout=2)
        bar.tell(place, len(hits))

    @on(FindBar.Closed)
    def _end_search(self) -> None:
        self._looking.now()
        self.query_one(FindBar).close()
        self.editor.mark_hits(None)
        self.editor.focus()
