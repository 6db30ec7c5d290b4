"""The line below a story: the next turn, or meanwhile another text for a turn that there is.

What is typed there is kept with its story as it is typed, so that a kill, a quit and a look at
another story lose nothing of it.
"""

from charterm.story.typed import Typed
from charterm.tui.storyteller import Storyteller
from charterm.tui.widgets.story_entry import StoryEntry


class StoryLine:
    """Fills and reads the entry, and lets the storyteller keep what is in it.

    Attributes:
        editing: the turn that is being edited.
        unsent: what is put aside of the next turn meanwhile.
    """

    def __init__(self, entry: StoryEntry, teller: Storyteller) -> None:
        self.editing: int | None = None
        self.unsent = ""
        self._entry = entry
        self._teller = teller
        self._story: int | None = None  # whose line it is
        self._kept: Typed | None = None  # None until it was read
        self._left_at: str | None = None  # the next turn as it was when another story was asked for

    @property
    def typed(self) -> Typed:
        """What is in the line."""
        text = self._entry.text
        return Typed(text) if self.editing is None else Typed(self.unsent, self.editing, text)

    def edit(self, turn: int, text: str) -> None:
        """Let ``text`` be changed, which is to stand in the place of a turn's."""
        if self.editing is None:
            self.unsent = self._entry.text
        self.editing = turn
        self._fill(text)

    def leave_edit(self) -> None:
        """Show the next turn again."""
        if self.editing is not None:
            self.editing = None
            text, self.unsent = self.unsent, ""
            self._fill(text)

    def _fill(self, text: str) -> None:
        self._entry.load_text(text)
        self._entry.move_cursor(self._entry.document.end)

    # What is kept -------------------------------------------------------------------------

    def keep(self) -> None:
        """Keep what is in the line, soon."""
        typed = self.typed
        if self._kept not in (None, typed):
            self._kept = typed
            self._teller.keep_draft(self._story, typed)

    def keep_now(self) -> None:
        """Keep it before this returns. Raises ChartermError."""
        typed = self.typed
        if self._kept is not None and (typed != self._kept or self._teller.drafts_fail):
            self._teller.save_draft(self._story, typed)
            self._kept = typed

    def going(self) -> None:
        """Another story was asked for; what is typed from now on is meant for that."""
        self._left_at = self._entry.text if self.editing is None else None

    def begun(self, story: int) -> None:
        """The story of the line has come into being, with its first turn."""
        self._teller.keep_draft(None, Typed())  # what was typed since that was sent is of the story
        self._story, self._kept = story, Typed()
        self.keep()

    def show(self, story: int | None, typed: Typed) -> None:
        """Keep what is in the line with the story it was for, and show what is for ``story``."""
        was, added = self.typed, ""
        left, self._left_at = self._left_at, None
        if self._kept is None:  # at first: what was typed before anything was shown
            added = was.text
        elif story == self._story:
            return
        else:
            if left is not None and was.text.startswith(left):
                was, added = Typed(left), was.text.removeprefix(left)
            if was != self._kept:
                self._teller.keep_draft(self._story, was)
        self.leave_edit()
        self._story, self._kept = story, typed
        if typed.text or self._entry.text:
            self._fill(typed.text + added)
        if typed.turn is not None:
            self.edit(typed.turn, typed.edit)
