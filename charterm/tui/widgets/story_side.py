"""What can stand beside a story: controls, branches, what fits a place, and the other stories."""

from typing import Final

from textual.app import ComposeResult
from textual.containers import Vertical

from charterm.decoding.controls import PRESETS
from charterm.decoding.presets import USUAL
from charterm.i18n import N_
from charterm.story.tree import StoryTree
from charterm.tui.storyteller import Storyteller
from charterm.tui.widgets.branch_list import BranchList
from charterm.tui.widgets.controls_form import ControlsForm
from charterm.tui.widgets.place_list import PlaceList
from charterm.tui.widgets.story_shelf import StoryShelf
from charterm.tui.widgets.words import Words

CONTROLS: Final = "controls"
BRANCHES: Final = "branches"
PLACE: Final = "place"
STORIES: Final = "stories"

PANELS: Final = (CONTROLS, BRANCHES, PLACE, STORIES)

_LEGEND: Final = N_("← → ↑ ↓ choose a character, enter takes another one in its place")


class StorySide(Vertical):
    """One of four panels, or none.

    Panels are shown and hidden one by one: a class of the screen would have every widget of it
    styled anew, which takes longer than a key may.

    Attributes:
        panel: which one of :data:`PANELS` is open; "" for none.
    """

    def __init__(self, teller: Storyteller, *, id: str | None = None) -> None:
        """Make all panels and show none.

        Args:
            teller: keeps the stories.
            id: of the widget.
        """
        super().__init__(id=id)
        self.panel = ""
        self._teller = teller
        self._covered = False
        self.display = False

    def compose(self) -> ComposeResult:
        """The panels."""
        with Vertical(id="controls-panel"):
            yield Words(N_("How the model writes"), classes="heading")
            yield ControlsForm(PRESETS[USUAL], PRESETS, id="controls")
        with Vertical(id="branches-panel"):
            yield Words(N_("Branches"), classes="heading")
            yield BranchList(id="branches")
        with Vertical(id="place-panel"):
            yield Words(N_("In its place"), classes="heading")
            yield PlaceList(id="place")
            yield Words(_LEGEND, id="legend")
        with Vertical(id="stories-panel"):
            yield Words(N_("Stories"), classes="heading")
            yield StoryShelf(self._teller, id="shelf")

    def open(self, panel: str) -> None:
        """Show one of :data:`PANELS`, or with "" none."""
        self.panel = panel
        self.set_class(panel == PLACE, "-slim")  # the story stays in sight
        for each in PANELS:
            self.query_one(f"#{each}-panel").display = each == panel
        self._settle()

    def cover(self, covered: bool) -> None:
        """Give the room to something else for a while."""
        self._covered = covered
        self._settle()

    def _settle(self) -> None:
        self.display = bool(self.panel) and not self._covered

    def show_branches(self, tree: StoryTree | None) -> None:
        """Show the branches as they are now, where that is what is looked at."""
        if self.panel == BRANCHES:
            self.query_one(BranchList).show(tree)
