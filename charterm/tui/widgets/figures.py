"""What a text has cost so far: keys, suggestions, and how well the model foresaw it."""

from typing import ClassVar

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from charterm.documents.statistics import TypingStatistics
from charterm.i18n import _

_LEVELS = "▁▂▃▄▅▆▇█"


def sparkline(values: tuple[float, ...], cells: int) -> str:
    """The last ``cells`` values as one line of bars, the largest of them the highest."""
    shown = values[-cells:]
    largest = max(shown, default=0.0)
    if largest <= 0:
        return _LEVELS[0] * len(shown)
    return "".join(_LEVELS[min(int(len(_LEVELS) * value / largest), 7)] for value in shown)


class TextFigures(Widget, can_focus=False):
    """Figures of the text in words, and its bits per character over time as a sparkline."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"figures--value", "figures--label", "figures--line"}

    statistics: reactive[TypingStatistics] = reactive(TypingStatistics)
    """The counts to show."""

    def render(self) -> Content:
        """A line for each figure."""
        counts = self.statistics
        value, label, line = (
            self.get_visual_style(f"figures--{part}") for part in ("value", "label", "line")
        )
        characters = counts.typed + counts.accepted_characters
        rows = [
            (f"{counts.keys_saved:,}", _("of {n} keys saved").format(n=f"{characters:,}")),
            (f"{counts.accepted:,}", _("of {n} suggestions taken").format(n=f"{counts.shown:,}")),
        ]
        if (bits := counts.bits_per_character) is not None:
            rows.append((f"{bits:.2f}", _("bits per character")))
        lines = [Content.assemble((figure, value), (f" {text}", label)) for figure, text in rows]
        if counts.history:
            drawn = sparkline(counts.history, self.content_size.width)
            lines += [Content(""), Content.assemble((drawn, line))]
        return Content("\n").join(lines)
