"""Characters of two cells stay whole where one widget lies over others.

Textual 8.2.8 cuts what it draws wherever any widget begins or ends on a line, also one that is
covered: a Hangul syllable of a notice that lies over such an edge was drawn as two spaces. And to
draw one line anew, it has every widget of the screen draw all of its lines.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

from textual._compositor import Compositor
from textual.geometry import Region
from textual.strip import Strip

_NOTHING = Strip([], 0)


class WholeCharacters(Compositor):
    """A compositor that cuts a widget only where another one is seen."""

    def _render_chops(
        self, crop: Region, is_rendered_line: Callable[[int], bool]
    ) -> Sequence[Mapping[int, Strip]]:
        """What is seen of each widget, by the column at which it begins, for each line.

        As in Textual, the widgets come front to back and the first has a place; but all that it
        has side by side is one piece, and the edges covered by it begin with nothing.
        """
        cuts = self.cuts
        drawn = {y for y in crop.line_range if is_rendered_line(y)}
        lines: list[dict[int, Strip | None]] = [
            dict.fromkeys(line[:-1]) if y in drawn else {} for y, line in enumerate(cuts)
        ]
        for widget, (region, clip) in self.visible_widgets.items():
            shown = region.intersection(clip)
            if not crop.overlaps(shown):
                continue
            first, last = shown.column_span
            for run in _runs(shown, drawn):
                strips = widget.render_lines(run.translate(-region.offset))
                for y, strip in zip(run.line_range, strips, strict=False):
                    own = [cut for cut in cuts[y] if first <= cut <= last]
                    _put(lines[y], strip, own)
        return lines  # type: ignore[return-value]  # as Textual has it: covered by the screen


def _runs(shown: Region, drawn: set[int]) -> Iterator[Region]:
    """The parts of a region that are drawn, each of lines that follow one another."""
    x, y, width, height = shown
    end = y + height
    while y < end:
        if y not in drawn:
            y += 1
            continue
        first = y
        while y < end and y in drawn:
            y += 1
        yield Region(x, first, width, y - first)


def _put(line: dict[int, Strip | None], strip: Strip, cuts: list[int]) -> None:
    """Put a strip into the places of a line that are free yet; ``cuts`` are those in its span."""
    begin = None
    for cut in cuts[:-1]:
        if line[cut] is None:
            if begin is None:
                begin = cut
            else:
                line[cut] = _NOTHING
        elif begin is not None:
            line[begin] = strip.crop(begin - cuts[0], cut - cuts[0])
            begin = None
    if begin is not None:
        line[begin] = strip.crop(begin - cuts[0], cuts[-1] - cuts[0])
