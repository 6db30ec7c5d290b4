"""What the model would have written at a place of the story."""

from typing import ClassVar

from rich.cells import cell_len
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from charterm.i18n import N_
from charterm.tui.bindings import keyed
from charterm.tui.symbols import symbol
from charterm.tui.widgets.bars import bar

_LABEL_CELLS = 4
_NUMBER_CELLS = 7


class PlaceList(OptionList, inherit_bindings=False):
    """Characters and their probabilities; the one that stands there is marked."""

    BINDINGS: ClassVar[list[BindingType]] = keyed("options", OptionList.BINDINGS)
    HELP = N_(
        "What the model expected in the place of the chosen character. Enter takes a character: "
        "the story branches off there, and the model goes on from it."
    )

    class Taken(Message):
        """Let the story go on with this character."""

        def __init__(self, turn: int, offset: int, character: str, probability: float) -> None:
            super().__init__()
            self.turn = turn
            self.offset = offset
            self.character = character
            self.probability = probability

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False, compact=True)
        self._place = (0, 0)
        self._here = ""
        self._characters: tuple[tuple[str, float], ...] = ()

    def show(
        self, turn: int, offset: int, here: str, characters: tuple[tuple[str, float], ...]
    ) -> None:
        """List what the model expects.

        Args:
            turn: the turn.
            offset: the place in it.
            here: the character that stands there.
            characters: (character, probability), likeliest first.
        """
        self._place, self._here, self._characters = (turn, offset), here, characters
        self._draw()
        names = [character for character, _probability in characters]
        self.highlighted = names.index(here) if here in names else (0 if names else None)

    def _draw(self) -> None:
        at = self.highlighted
        self.set_options(Option(self._line(*each)) for each in self._characters)
        if at is not None and at < len(self._characters):
            self.highlighted = at

    def _line(self, character: str, probability: float) -> Content:
        cells = max(self.scrollable_content_region.width - _LABEL_CELLS - _NUMBER_CELLS, 1)
        largest = max(self._characters[0][1], 0.5)
        drawn, track = bar(probability / largest, cells)
        mark, label = ("▸" if character == self._here else " "), symbol(character)
        return Content.assemble(
            (mark, "$primary"),
            (label + " " * (_LABEL_CELLS - 1 - cell_len(label)), "bold"),
            (drawn, "$primary"),
            (track, "$foreground 8%"),
            (f"{_percent(probability):>{_NUMBER_CELLS - 2}} %", "$foreground-muted"),
        )

    def on_resize(self) -> None:
        """The probabilities stand at the right edge."""
        self._draw()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Take the character."""
        event.stop()
        self.post_message(self.Taken(*self._place, *self._characters[event.option_index]))


def _percent(probability: float) -> str:
    return f"{100 * probability:.1f}" if probability >= 0.0005 else "<0.1"
