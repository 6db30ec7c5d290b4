"""A line of short facts, the less important of which give way when it is narrow."""

from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

_GAP = "   "


@dataclass(frozen=True)
class Fact:
    """One fact of the line.

    Attributes:
        value: what stands out, a figure or a name.
        label: what it is, in a quieter colour; may be empty.
        weight: facts of the least weight are left out first.
        right: stands at the right edge.
    """

    value: str
    label: str = ""
    weight: int = 1
    right: bool = False

    @property
    def cells(self) -> int:
        """Width in cells."""
        return cell_len(self.value) + cell_len(self.label) + bool(self.value and self.label)


def choose_facts(facts: tuple[Fact, ...], cells: int) -> tuple[Fact, ...]:
    """The facts that fit in ``cells`` cells, the heaviest kept, in their order."""
    kept = list(facts)
    while len(kept) > 1 and sum(fact.cells + len(_GAP) for fact in kept) > cells + len(_GAP):
        lightest = min(reversed(kept), key=lambda fact: fact.weight)
        kept.remove(lightest)
    return tuple(kept)


class StatusLine(Widget, can_focus=False):
    """One line of facts."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"status--value", "status--label"}

    facts: reactive[tuple[Fact, ...]] = reactive(())
    """What to say, in order."""

    def render(self) -> Content:
        """The facts that fit, those for the right edge pushed there."""
        width = self.content_size.width
        chosen = choose_facts(self.facts, width)
        left = [self._draw(fact) for fact in chosen if not fact.right]
        right = [self._draw(fact) for fact in chosen if fact.right]
        gap = Content(_GAP)
        begin, end = gap.join(left), gap.join(right)
        return begin + Content(" " * max(width - begin.cell_length - end.cell_length, 0)) + end

    def _draw(self, fact: Fact) -> Content:
        value = (fact.value, self.get_visual_style("status--value"))
        label = (fact.label, self.get_visual_style("status--label"))
        return Content.assemble(value, " " if fact.value and fact.label else "", label)
