"""The branches of a story as a tree to move about in."""

from typing import ClassVar, Final

from rich.cells import cell_len
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from charterm.i18n import N_, _
from charterm.story.outline import Branch, outline
from charterm.story.tree import MODEL, StoryTree
from charterm.tui.bindings import keyed
from charterm.tui.fitting import fill

_DEEPEST: Final = 6  # indents; deeper branches stand there too


class BranchList(OptionList, inherit_bindings=False):
    """Every branch of the story; the ones that are read now are marked."""

    BINDINGS: ClassVar[list[BindingType]] = keyed("options", OptionList.BINDINGS)
    HELP = N_(
        "Every branch of the story: a retry, an edit or another character makes one, and none is "
        "ever lost. ● is the story as you read it now. Enter goes to a branch, where you left it."
    )

    class Taken(Message):
        """Go to the branch through this turn."""

        def __init__(self, turn: int) -> None:
            super().__init__()
            self.turn = turn

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False, compact=True)
        self._branches: list[Branch] = []

    def show(self, tree: StoryTree | None) -> None:
        """List the branches of a story; the highlight stays on its branch."""
        branches = outline(tree) if tree is not None else []
        if branches == self._branches:
            return
        at = self.highlighted_turn
        self._branches = branches
        self._draw()
        turns = [branch.turn for branch in branches]
        current = [n for n, branch in enumerate(branches) if branch.current]
        if at in turns:
            self.highlighted = turns.index(at)
        elif current:
            self.highlighted = current[-1]

    @property
    def highlighted_turn(self) -> int | None:
        """The first turn of the highlighted branch."""
        at = self.highlighted
        return self._branches[at].turn if at is not None and at < len(self._branches) else None

    def _draw(self) -> None:
        at = self.highlighted
        self.set_options(Option(self._line(branch)) for branch in self._branches)
        if at is not None and at < len(self._branches):
            self.highlighted = at

    def _line(self, branch: Branch) -> Content:
        indent = "  " * min(max(branch.depth - 1, 0), _DEEPEST)
        guide = "" if branch.depth == 0 else "└ " if branch.closes else "├ "
        mark = "● " if branch.current else "○ "
        count = f" {branch.turns}" if branch.turns > 1 else ""
        before = indent + guide + mark
        cells = max(self.scrollable_content_region.width - cell_len(before) - len(count), 4)
        colour = "$accent" if branch.author == MODEL else "$primary"
        return Content.assemble(
            (indent + guide, "$foreground-muted"),
            (mark, colour),
            fill(branch.begins or "…", cells),
            (count, "$foreground-muted"),
        )

    def on_resize(self) -> None:
        """The counts stand at the right edge."""
        self._draw()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Go there."""
        event.stop()
        self.post_message(self.Taken(self._branches[event.option_index].turn))

    def translate(self) -> None:
        """Say the help in the language in use."""
        self.tooltip = _("Enter goes to the branch")
