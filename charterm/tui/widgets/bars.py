"""The live panel of the characters most likely to come next, as horizontal bars."""

from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from charterm.tui.symbols import symbol

_LABEL_CELLS = 3
_NUMBER_CELLS = 8
_LEAST_FULL = 0.5
_LEAST_LISTED = 0.001


def bar(share: float, cells: int) -> tuple[str, str]:
    """A line that is drawn for ``share`` of ``cells`` cells, in steps of half a cell.

    Returns:
        The drawn part, at least the shortest one, and the track that is left.
    """
    halves = max(round(min(max(share, 0.0), 1.0) * cells * 2), 1)
    full, half = divmod(halves, 2)
    drawn = "━" * full + "╸" * half
    return drawn, "─" * (cells - len(drawn))


class NextCharacters(Widget, can_focus=False):
    """Bars of the next characters' probabilities, likeliest on top, as many as there is room for.

    A full bar is a probability of a half, or of the likeliest character where that is more. A
    click on a bar types its character.
    """

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "next--letter",
        "next--blank",
        "next--mark",
        "next--character",
        "next--number",
        "next--track",
    }

    characters: reactive[tuple[tuple[str, float], ...]] = reactive(())
    """The characters and their probabilities, likeliest first."""

    class Picked(Message):
        """A character was clicked."""

        def __init__(self, character: str) -> None:
            super().__init__()
            self.character = character

    def render(self) -> Content:
        """A line for each character: its sign, its bar, its probability."""
        width, height = self.content_size
        if not self.characters:
            return Content("")
        cells = max(width - _LABEL_CELLS - _NUMBER_CELLS, 1)
        character_style, number_style, track_style = (
            self.get_visual_style(f"next--{part}") for part in ("character", "number", "track")
        )
        styles = {
            kind: self.get_visual_style(f"next--{kind}") for kind in ("letter", "blank", "mark")
        }
        lines = []
        largest = max(self.characters[0][1], _LEAST_FULL)
        for character, probability in self.characters[:height]:
            if probability < _LEAST_LISTED:
                break
            drawn, track = bar(probability / largest, cells)
            sign = symbol(character)
            lines.append(
                Content.assemble(
                    (sign + " " * (_LABEL_CELLS - cell_len(sign)), character_style),
                    (drawn, styles[_kind(character)]),
                    (track, track_style),
                    (f"{100 * probability:{_NUMBER_CELLS - 2}.1f} %", number_style),
                )
            )
        return Content("\n").join(lines)

    def on_click(self, event: events.Click) -> None:
        """Type the character whose bar was clicked."""
        offset = event.get_content_offset(self)
        if offset is not None and offset.y < len(self.characters):
            self.post_message(self.Picked(self.characters[offset.y][0]))


def _kind(character: str) -> str:
    if character.isspace():
        return "blank"
    return "letter" if character.isalpha() else "mark"
