"""The line in which one types what to find in the text, and how often it occurs."""

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static

from charterm.i18n import N_, _, ngettext
from charterm.tui.widgets.line import Line
from charterm.tui.widgets.words import Words, tell


class FindBar(Horizontal):
    """Hidden until something is searched for."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "down",
            "step(1)",
            N_("Next hit"),
            tooltip=N_("Go to the next place where it occurs"),
            id="find.next",
        ),
        Binding(
            "up,shift+enter",
            "step(-1)",
            N_("Previous hit"),
            tooltip=N_("Go to the place before where it occurs"),
            id="find.previous",
        ),
        Binding(
            "escape",
            "close",
            N_("Close"),
            tooltip=N_("Go back to the text, where the hit is"),
            id="find.close",
        ),
    ]
    HELP = N_(
        "Type what to find. Enter or ↓ goes to the next place, ↑ to the one before; after the "
        "last comes the first. Small letters find capitals too. Escape goes back to the text."
    )

    class Wanted(Message):
        """These words are searched for from now on."""

        def __init__(self, words: str) -> None:
            super().__init__()
            self.words = words

    class Stepped(Message):
        """The next (1) or previous (-1) hit is wanted."""

        def __init__(self, by: int) -> None:
            super().__init__()
            self.by = by

    class Closed(Message):
        """Nothing is searched for any more."""

    def __init__(self) -> None:
        super().__init__(id="find-bar")

    def compose(self) -> ComposeResult:
        """The line, and how many hits there are."""
        yield Words(N_("Find"), id="find-label")
        yield Line(id="find-line")
        yield Static("", id="find-count", markup=False)
        yield Static("↑", id="find-previous", classes="choice")
        yield Static("↓", id="find-next", classes="choice")
        yield Static("✕", id="find-close", classes="choice")

    @property
    def is_open(self) -> bool:
        """Whether something is searched for."""
        return self.has_class("-open")

    @property
    def words(self) -> str:
        """What is searched for."""
        return self.query_one(Line).value

    def open(self, words: str = "") -> None:
        """Begin a search; without words, with those of last time."""
        line = self.query_one(Line)
        self.add_class("-open")
        if words and words != line.value:
            line.value = words
        else:
            self.post_message(self.Wanted(line.value))
        line.focus()
        line.select_all()

    def close(self) -> None:
        """Hide; the words stay for the next time."""
        self.remove_class("-open")

    def tell(self, place: int | None, count: int) -> None:
        """Say how many hits there are, and which of them is selected, from 0."""
        if not self.words:
            said = ""
        elif not count:
            said = _("not found")
        elif place is None:
            said = ngettext("{n} hit", "{n} hits", count).format(n=f"{count:,}")
        else:
            said = _("{place} of {n}").format(place=f"{place + 1:,}", n=f"{count:,}")
        shown = self.query_one("#find-count", Static)
        tell(shown, said)
        shown.set_class(bool(self.words) and not count, "-none")

    @on(Input.Changed)
    def _want(self, event: Input.Changed) -> None:
        event.stop()
        if self.is_open:
            self.post_message(self.Wanted(event.value))

    @on(Input.Submitted)
    def _submit(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_step(1)

    def action_step(self, by: int) -> None:
        """Ask for another hit."""
        self.post_message(self.Stepped(by))

    def action_close(self) -> None:
        """Search no more."""
        self.post_message(self.Closed())

    def on_click(self, event: events.Click) -> None:
        """Do what was clicked."""
        clicked = event.widget.id if event.widget is not None else None
        if clicked in ("find-previous", "find-next"):
            self.action_step(1 if clicked == "find-next" else -1)
        elif clicked == "find-close":
            self.action_close()
