"""The step of the tour that is to be done, between a screen and its key hints."""

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from charterm.i18n import _
from charterm.tui.tour import STEPS, Part


class TourStrip(Vertical):
    """Says what to do, and how to go on without it or to leave the tour."""

    ALLOW_SELECT = False
    DEFAULT_CSS: ClassVar[str] = """
    TourStrip {
        height: auto;
        max-height: 6;
        padding: 0 2 0 1;
        background: $surface;
        border-left: wide $accent;

        Horizontal {
            height: 1;
        }

        #tour-title {
            width: 1fr;
            color: $accent;
            text-style: bold;
        }

        .tour-word {
            width: auto;
            margin-left: 2;
            color: $primary;
            pointer: pointer;

            &:hover {
                background: $primary 20%;
            }
        }

        #tour-text {
            height: auto;
        }
    }
    """

    def __init__(self, part: Part | None, text: Content, keys: tuple[str, str]) -> None:
        """Make it.

        Args:
            part: what is to be done; None at the end.
            text: what to say about it, in the language in use.
            keys: that go on and leave, as people write them.
        """
        super().__init__()
        self._part = part
        self._text = text
        self._keys = keys

    def compose(self) -> ComposeResult:
        """The title with its number, two words to click, and the text."""
        with Horizontal():
            yield Static("", id="tour-title", markup=False)
            yield Static("", id="tour-next", classes="tour-word", markup=False)
            yield Static("", id="tour-end", classes="tour-word", markup=False)
        yield Static("", id="tour-text", markup=False)

    def on_mount(self) -> None:
        """Say it."""
        self._show()

    def show(self, part: Part | None, text: Content) -> None:
        """Say something else; arguments as for the constructor."""
        self._part, self._text = part, text
        if self.children:  # else it is said as soon as they are there
            self._show()

    def _show(self) -> None:
        part = self._part
        done = part.step - 1 if part is not None else STEPS
        dots = "✓" * done + "●" * (part is not None) + "○" * max(STEPS - done - 1, 0)
        title = _(part.title) if part is not None else _("That was the tour")
        self.query_one("#tour-title", Static).update(f"{dots}  {title}")
        following, end = self.query_one("#tour-next", Static), self.query_one("#tour-end", Static)
        following.display = part is not None
        following.update(f"{_('Skip')} {self._keys[0]}")
        end.update(f"{_('End the tour') if part is not None else _('Close')} {self._keys[1]}")
        self.query_one("#tour-text", Static).update(self._text)

    async def on_click(self, event: events.Click) -> None:
        """The words do what their keys do."""
        clicked = event.widget.id if event.widget is not None else None
        if clicked == "tour-next":
            await self.app.run_action("app.tour")
        elif clicked == "tour-end":
            await self.app.run_action("app.end_tour")
