"""Alternatives of one turn side by side, to choose from while they are still being written."""

from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.message import Message
from textual.widgets import Static

from charterm.i18n import N_
from charterm.text.display import visible
from charterm.tui.bindings import keyed


class Choice(VerticalScroll, can_focus=False):
    """One of the alternatives."""

    def __init__(self, number: int) -> None:
        super().__init__(Static("", markup=False), classes="choice-column")
        self.number = number
        self.border_title = str(number + 1)

    def show(self, text: str) -> None:
        """Show its text so far."""
        self.query_one(Static).update(visible(text.strip(), lines=True))


class Choices(Horizontal, can_focus=True, inherit_bindings=False):
    """Alternatives in columns; the marked one is taken with enter or two clicks."""

    BINDINGS: ClassVar[list[BindingType]] = keyed(
        "choices",
        [
            ("left", "previous", "Previous"),
            ("right", "next", "Next"),
            ("up", "up", "Up"),
            ("down", "down", "Down"),
            ("enter", "take", "Take"),
            ("escape", "close", "Close"),
        ],
    )
    HELP = N_(
        "Alternatives of the same turn. ← and → choose, enter takes the marked one; the others "
        "stay as branches of the story."
    )

    class Taken(Message):
        """The writer chose an alternative."""

        def __init__(self, turn: int) -> None:
            super().__init__()
            self.turn = turn

    class Closed(Message):
        """The writer chose none: the first stays."""

    def __init__(self) -> None:
        super().__init__(id="choices")
        self.turns: tuple[int, ...] = ()
        self.marked = 0

    async def begin(self, count: int) -> None:
        """Make room for so many alternatives."""
        self.turns, self.marked = (), 0
        await self.remove_children()
        await self.mount_all(Choice(number) for number in range(count))
        self._mark()

    @property
    def columns(self) -> list[Choice]:
        """The columns."""
        return list(self.query(Choice))

    def show(self, turns: tuple[int, ...], texts: list[str]) -> None:
        """Show the texts so far."""
        self.turns = turns
        for column, text in zip(self.columns, texts, strict=False):
            column.show(text)

    def _mark(self) -> None:
        for column in self.columns:
            column.set_class(column.number == self.marked, "-marked")

    def action_previous(self) -> None:
        """Mark the one to the left."""
        self.marked = max(self.marked - 1, 0)
        self._mark()

    def action_next(self) -> None:
        """Mark the one to the right."""
        self.marked = min(self.marked + 1, max(len(self.columns) - 1, 0))
        self._mark()

    def action_up(self) -> None:
        """Scroll the marked one."""
        self.columns[self.marked].scroll_up(animate=False)

    def action_down(self) -> None:
        """Scroll the marked one."""
        self.columns[self.marked].scroll_down(animate=False)

    def action_take(self) -> None:
        """Take the marked one."""
        if self.marked < len(self.turns):
            self.post_message(self.Taken(self.turns[self.marked]))

    def action_close(self) -> None:
        """Take none."""
        self.post_message(self.Closed())

    def on_click(self, event: events.Click) -> None:
        """Mark what was clicked; two clicks take it."""
        nodes = event.widget.ancestors_with_self if event.widget is not None else ()
        for node in nodes:
            if isinstance(node, Choice):
                self.marked = node.number
                self._mark()
                if event.chain == 2:
                    self.action_take()
