"""Long work at the foot of a screen: what it is, how far it is, and a word that stops it."""

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import ProgressBar, Static

from charterm.i18n import _


class StopWord(Static):
    """The word that stops the work."""

    ALLOW_SELECT = False

    class Clicked(Message):
        """It was clicked."""

    def on_click(self) -> None:
        """Ask for the end."""
        self.post_message(self.Clicked())


class Work(Horizontal):
    """Hidden while nothing is being done."""

    def __init__(self) -> None:
        super().__init__(id="work")

    def compose(self) -> ComposeResult:
        """The name of the work, its bar, and the word that stops it."""
        yield Static("", id="work-label", markup=False)
        yield ProgressBar(total=1.0, show_eta=True, id="work-bar")
        yield StopWord("", id="work-stop")

    def begin(self, label: str) -> None:
        """Show work that has just begun."""
        self.query_one("#work-label", Static).update(label)
        self.query_one(StopWord).update(_("Cancel"))
        self.query_one(ProgressBar).update(progress=0.0)
        self.add_class("-going")

    def show(self, share: float) -> None:
        """Show how far it is, 0 to 1."""
        self.query_one(ProgressBar).update(progress=share)

    def end(self) -> None:
        """Hide again."""
        self.remove_class("-going")
