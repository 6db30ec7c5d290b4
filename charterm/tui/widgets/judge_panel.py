"""What a classifier makes of a text: bars of the classes, its methods, and the words that count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from rich.cells import cell_len
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from charterm.i18n import N_, _
from charterm.text.display import visible
from charterm.tui.fitting import fill
from charterm.tui.heat import COLOURS
from charterm.tui.widgets.bars import bar

if TYPE_CHECKING:
    from charterm.classify.telling import TellingWord

_NUMBER_CELLS: Final = 8
_MOST_NAME: Final = 12
_KEPT_IN_ORDER: Final = 8
"""Classes that stay in their order, so that bars do not change places while one types."""

METHOD_NAMES: Final = {
    "likelihood": N_("likelihood"),
    "state": N_("state"),
    "nbsvm": N_("words"),
    "ngrams": N_("n-grams"),
}
"""What the methods are called (pass through ``_``)."""


@dataclass(frozen=True)
class Share:
    """One bar.

    Attributes:
        sign: of the class.
        name: of the class.
        share: 0 to 1.
        colour: number of its colour, from 1.
    """

    sign: str
    name: str
    share: float
    colour: int


def shares_of(
    classes: tuple[str, ...], signs: tuple[str, ...], chances: tuple[float, ...]
) -> tuple[Share, ...]:
    """The bars of the classes: a few in their order, many by their shares."""
    shares = [
        Share(sign, name, chance, number % COLOURS + 1)
        for number, (sign, name, chance) in enumerate(zip(signs, classes, chances, strict=True))
    ]
    if len(shares) > _KEPT_IN_ORDER:
        shares.sort(key=lambda share: -share.share)
    return tuple(shares)


class ClassBars(Widget, can_focus=False):
    """A bar for each class, as many as there is room for."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "classes--name",
        "classes--number",
        "classes--track",
        *(f"classes--{colour}" for colour in range(1, COLOURS + 1)),
    }

    shares: reactive[tuple[Share, ...]] = reactive(())
    """The bars."""

    def render(self) -> Content:
        """A line for each class: its sign, name, bar and share."""
        width, height = self.content_size
        if not self.shares:
            return Content("")
        shown = self.shares[:height]
        name_cells = min(max(cell_len(visible(each.name)) for each in shown), _MOST_NAME)
        cells = max(width - name_cells - _NUMBER_CELLS - 3, 1)
        name_style, number_style, track_style = (
            self.get_visual_style(f"classes--{part}") for part in ("name", "number", "track")
        )
        lines = []
        for each in shown:
            drawn, track = bar(each.share, cells)
            style = self.get_visual_style(f"classes--{each.colour}")
            sign = f"{each.sign} " if each.sign != each.name else "  "
            lines.append(
                Content.assemble(
                    (sign, style),
                    (fill(each.name, name_cells) + " ", name_style),
                    (drawn, style),
                    (track, track_style),
                    (f"{100 * each.share:{_NUMBER_CELLS - 2}.1f} %", number_style),
                )
            )
        return Content("\n").join(lines)


class MethodLines(Widget, can_focus=False):
    """What each method alone says: its class and how sure it is."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = ClassBars.COMPONENT_CLASSES

    shares: reactive[tuple[tuple[str, Share], ...]] = reactive(())
    """Method, and the class it judges the text as."""

    def render(self) -> Content:
        """A line for each method."""
        width = self.content_size.width
        titles = [METHOD_NAMES.get(method, method) for method, _share in self.shares]
        names = [_(title) for title in titles]
        cells = max((cell_len(name) for name in names), default=0)
        lines = []
        for name, (_method, share) in zip(names, self.shares, strict=True):
            room = max(width - cells - 1 - _NUMBER_CELLS, 1)
            lines.append(
                Content.assemble(
                    (fill(name, cells) + " ", self.get_visual_style("classes--number")),
                    (fill(share.name, room), self.get_visual_style(f"classes--{share.colour}")),
                    (
                        f"{100 * share.share:{_NUMBER_CELLS - 2}.1f} %",
                        self.get_visual_style("classes--number"),
                    ),
                )
            )
        return Content("\n").join(lines)


class TellingWords(Widget, can_focus=False):
    """The words that say most, the sign of the class each speaks for, and how much it says."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = ClassBars.COMPONENT_CLASSES

    words: reactive[tuple[TellingWord, ...]] = reactive(())
    """The words, those that say most first."""
    signs: reactive[tuple[str, ...]] = reactive(())
    """Of the classes."""

    def render(self) -> Content:
        """A line for each word that there is room for."""
        width, height = self.content_size
        lines = []
        for word in self.words[:height]:
            style = self.get_visual_style(f"classes--{word.speaks_for % COLOURS + 1}")
            lines.append(
                Content.assemble(
                    (f"{self.signs[word.speaks_for]} ", style),
                    (fill(word.text, max(width - 2 - 6, 1)), style),
                    (f"{word.nats:+6.2f}", self.get_visual_style("classes--number")),
                )
            )
        return Content("\n").join(lines)
