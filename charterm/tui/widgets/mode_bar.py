"""The line on top of every screen: the program's name and a tab for each mode."""

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Static

from charterm.i18n import _
from charterm.tui.modes import MODES, Mode


class ModeTab(Static):
    """One mode's tab."""

    ALLOW_SELECT = False

    class Clicked(Message):
        """The tab was clicked."""

        def __init__(self, mode: str) -> None:
            super().__init__()
            self.mode = mode

    def __init__(self, mode: Mode, *, current: bool) -> None:
        super().__init__(classes="-current" if current else "")
        self.mode = mode
        self.translate()

    def translate(self) -> None:
        """Say title and tooltip in the language in use."""
        self.update(_(self.mode.action.title))
        self.tooltip = f"{_(self.mode.action.help)} ({self.mode.action.keys})"

    def on_click(self) -> None:
        """Ask for the mode."""
        self.post_message(self.Clicked(self.mode.id))


class ModeBar(Horizontal):
    """Tabs of all modes; the screen's own is marked. A screen may say something at the right."""

    def __init__(self, current: str) -> None:
        super().__init__()
        self._current = current

    def compose(self) -> ComposeResult:
        """The name, the tabs and the place for a remark."""
        yield Static("charterm", id="brand", markup=False)
        for mode in MODES:
            yield ModeTab(mode, current=mode.id == self._current)
        yield Static("", id="remark", markup=False)

    def remark(self, text: str) -> None:
        """Say something short at the right end of the bar."""
        self.query_one("#remark", Static).update(text)
