"""The text area with ghost text: what the model expects, and the keys that take it."""

import re
from collections.abc import Hashable
from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual.binding import BindingType
from textual.document._history import EditHistory
from textual.geometry import Offset
from textual.message import Message
from textual.widgets.text_area import Edit, EditResult, Location, Selection

from charterm.i18n import N_
from charterm.tui.bindings import bindings_of
from charterm.tui.fitting import fit
from charterm.tui.offers import Offers, Suggestion, first_word
from charterm.tui.predictor import Request
from charterm.tui.widgets.prose import ProseArea

SURE, LIKELY = 0.5, 0.2
"""Probabilities from which ghost text is drawn stronger."""


@dataclass(frozen=True)
class EditorView:
    """What belongs to a text while another one is shown: where it was, and what can be undone."""

    history: EditHistory
    selection: Selection
    scroll: Offset


class Editor(ProseArea, inherit_bindings=False):
    """A text area that shows the best suggestion as ghost text and takes it whole or by the word.

    Text, cursor and offers change together and at once, so that what is offered always belongs to
    what is on the screen; see :meth:`offer`.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("suggestion"), *ProseArea.BINDINGS]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"editor--hit", "editor--likely", "editor--sure"}

    HELP = N_(
        "Write here. What the model expects next stands faintly after the cursor; it is not part "
        "of your text until you take it.\n\n"
        "→ or tab takes all of it, ctrl+→ a word. ctrl+↓ and ctrl+↑ show other continuations, "
        "escape sends the suggestion away for the rest of the word. What you write is kept by "
        "itself; ctrl+s saves it to a file, ctrl+o opens one, f8 lists all texts, ctrl+f finds "
        "words."
    )

    threshold = 0.0
    """Keys a suggestion must be expected to save before it is shown."""

    _searched: re.Pattern[str] | None = None
    _offers = Offers()
    _dismissed = False
    _editing = False
    _accepting = False
    _pasted = False
    _choosing_keys = 0
    _shown: tuple[Location, str] | None = None

    class OffersChanged(Message):
        """Something else is offered now: see :attr:`Editor.offers`."""

        def can_replace(self, message: Message) -> bool:
            """One is enough, because its handler looks at what is offered then."""
            return isinstance(message, Editor.OffersChanged)

    class Shown(Message):
        """A suggestion appeared."""

    class Accepted(Message):
        """A suggestion, or its first word, was taken with ``keys`` keys."""

        def __init__(self, text: str, keys: int) -> None:
            super().__init__()
            self.text = text
            self.keys = keys

    # Offers -------------------------------------------------------------------------------

    @property
    def offers(self) -> Offers:
        """What is offered at this revision of text and cursor."""
        return self._offers

    @property
    def ghost(self) -> str:
        """The suggestion that stands after the cursor, as it would enter the text, or nothing."""
        suggestion = self._offers.suggestion
        return suggestion.text if suggestion is not None and self.suggestion else ""

    def request(self) -> Request:
        """What to ask a predictor for this state of text and cursor."""
        measure, self._pasted = not self._pasted, False
        return Request(self.revision, self.text, self.cursor_index, measure=measure)

    def offer(self, version: int, suggestions: tuple[Suggestion, ...]) -> bool:
        """Offer the answer to a request; what the writer has picked stays, where it is in it.

        Returns:
            False if text or cursor changed since the request: the answer is dropped.
        """
        if version != self.revision:
            return False
        picked = self._offers.suggestion if self._offers.picked else None
        texts = [each.text for each in suggestions]
        if picked is not None and picked.text in texts:
            self._set_offers(Offers(suggestions, texts.index(picked.text), picked=True))
            return True
        offers = Offers.of(suggestions, self.threshold)
        quiet = self._dismissed or not self.at_end_of_line
        self._choosing_keys = 0
        self._set_offers(offers.dismissed() if quiet else offers)
        if self.ghost:
            self._tell_shown()
        return True

    def _tell_shown(self) -> None:
        """Tell of a word that was not suggested before, a letter more or less of it typed."""
        word = self.word_before_cursor
        row, column = self.cursor_location
        shown = ((row, column - len(word)), word + self.ghost)
        if shown != self._shown:
            self._shown = shown
            self.post_message(self.Shown())

    def choose(self, index: int) -> None:
        """Suggest the continuation at ``index`` of the list."""
        self._set_offers(self._offers.choose(index))

    def _set_offers(self, offers: Offers) -> None:
        suggestion = offers.suggestion
        drawn = ""
        if suggestion is not None and self.at_end_of_line:
            x = self.wrapped_document.location_to_offset(self.cursor_location).x
            drawn = fit(suggestion.text, self.wrap_width - x)
        hidden = not drawn or (self.placeholder and not self.text)
        if suggestion is not None and hidden and not offers.picked:
            offers, drawn = offers.dismissed(), ""  # what is not seen is not taken either
        if offers == self._offers and drawn == self.suggestion:
            return
        self._offers = offers
        with self.drawn_once():
            self.suggestion = drawn
            if suggestion is not None:
                self.ghost_style = _style_of(suggestion)
        self.post_message(self.OffersChanged())

    # Changes of text and cursor -------------------------------------------------------------

    def edit(self, edit: Edit) -> EditResult:
        """Perform an edit; what was offered stays as far as it goes on with what was typed."""
        offers = self._offers
        start, length = self.cursor_location, len(self.text)
        self._editing = True
        with self.drawn_once():
            try:
                result = super().edit(edit)
            finally:
                self._editing = False
            row, column = self.cursor_location
            if row == start[0] and column - start[1] == len(self.text) - length > 0:
                typed = self.document.get_line(row)[start[1] : column]
                self._set_offers(offers.after_typing(typed))
        if edit.text and not edit.text[-1].isalnum():
            self._dismissed = False
        return result

    def entered(self, text: str, *, pasted: bool) -> None:
        """Tell whether text was typed or pasted; accepted text is told of in its own way."""
        if self._accepting:
            return
        self._pasted = self._pasted or pasted
        super().entered(text, pasted=pasted)

    def update_suggestion(self) -> None:
        """After every change of the text: what was offered is stale."""
        super().update_suggestion()
        self._set_offers(Offers())

    def watch_selection(self, old: Selection, new: Selection) -> None:
        """After every move of the cursor: what was offered belonged to another place."""
        super().watch_selection(old, new)
        self._dismissed = self._dismissed and self._editing
        self._set_offers(Offers())

    def load_text(self, text: str) -> None:
        """Replace the whole text, which was not typed."""
        self._pasted = True
        super().load_text(text)

    def put_away(self) -> EditorView:
        """Keep what belongs to the text, before another one is loaded."""
        view = EditorView(self.history, self.selection, self.scroll_offset)
        self.history = EditHistory(
            view.history.max_checkpoints,
            view.history.checkpoint_timer,
            view.history.checkpoint_max_characters,
        )
        return view

    def bring_back(self, text: str, view: EditorView) -> None:
        """Show a text again as it was when it was put away."""
        self.load_text(text)
        self.history = view.history
        self.selection = view.selection
        self.scroll_to(view.scroll.x, view.scroll.y, animate=False, immediate=True)

    def mark_hits(self, searched: re.Pattern[str] | None) -> None:
        """Mark everything in the text that is searched for; nothing with None."""
        if searched != self._searched:
            self._searched = searched
            self.draw_changes()

    def select_range(self, start: int, end: int) -> None:
        """Select the characters from ``start`` to ``end`` and bring them into sight."""
        first = self.index_to_location(start)
        self.selection = Selection(first, self.index_to_location(end))
        self.scroll_cursor_visible(center=True)

    def get_line(self, line_index: int) -> Text:
        """The line as it is drawn, with what is searched for marked."""
        line = super().get_line(line_index)
        if self._searched is not None:
            style = self.get_component_rich_style("editor--hit")
            for hit in self._searched.finditer(self.document.get_line(line_index)):
                line.stylize(style, *hit.span())
        return line

    def marks_in(self, line: int, start: int, end: int | None) -> Hashable:
        """What is searched for; where it occurs depends on the whole line."""
        return self._searched and (self._searched, self.document.get_line(line), start)

    def on_resize(self) -> None:
        """The line may have more or fewer cells left."""
        self._set_offers(self._offers)

    # Acceptance -----------------------------------------------------------------------------

    def accept(self, text: str) -> None:
        """Put a suggestion into the text, as one step of the history."""
        self._accepting = True
        keys = 1 + self._choosing_keys
        self._choosing_keys = 0
        try:
            self.history.checkpoint()
            self.insert(text, maintain_selection_offset=False)
            self.history.checkpoint()
        finally:
            self._accepting = False
        self.post_message(self.Accepted(text, keys))

    def action_accept_suggestion(self) -> None:
        """Take all of the suggestion."""
        if (suggestion := self._offers.suggestion) is not None:
            self.accept(suggestion.text)

    def action_accept_word(self) -> None:
        """Take the first word of the suggestion, and leave the rest."""
        if (suggestion := self._offers.suggestion) is not None:
            self.accept(first_word(suggestion.text))

    def action_next_alternative(self) -> None:
        """Suggest the next continuation of the list."""
        self._step(1)

    def action_previous_alternative(self) -> None:
        """Suggest the previous continuation of the list."""
        self._step(-1)

    def _step(self, by: int) -> None:
        self._choosing_keys += 1
        self._set_offers(self._offers.step(by))

    def action_dismiss(self) -> None:
        """Suggest nothing for the rest of this word; the list stays."""
        self._dismissed = True
        self._set_offers(self._offers.dismissed())

    def action_cursor_right(self, select: bool = False) -> None:
        """Take the ghost text where there is some, else move the cursor."""
        if self.ghost and not select:
            self.action_accept_suggestion()
        else:
            super().action_cursor_right(select)

    def action_cursor_word_right(self, select: bool = False) -> None:
        """Take a word of the ghost text where there is some, else move the cursor."""
        if self.ghost and not select:
            self.action_accept_word()
        else:
            super().action_cursor_word_right(select)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys that take, change or dismiss a suggestion are free while there is none."""
        if action in ("accept_suggestion", "accept_word", "dismiss"):
            return self._offers.suggestion is not None
        if action in ("next_alternative", "previous_alternative"):
            return bool(self._offers.suggestions)
        return super().check_action(action, parameters)


def _style_of(suggestion: Suggestion) -> str:
    """The component class of its ghost text."""
    if suggestion.probability >= SURE:
        return "editor--sure"
    return "editor--likely" if suggestion.probability >= LIKELY else ProseArea.ghost_style
