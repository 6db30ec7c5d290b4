"""Characters of two cells stay whole where one widget lies over others.

Textual 8.2.8 cuts what it draws wherever any widget begins or ends on a line, also one that is
covered: a Hangul syllable of a notice that lies over such an edge was drawn as two spaces. And to
draw one line anew, it has every widget of the screen draw all of its lines.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby, pairwise

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
            own = {
                y: [cut for cut in cuts[y] if first <= cut <= last]
                for y in shown.line_range
                if y in drawn
            }
            wanted = [y for y, places in own.items() if _is_seen(lines[y], places, crop)]
            for run in _runs(shown, wanted):
                strips = widget.render_lines(run.translate(-region.offset))
                for y, strip in zip(run.line_range, strips, strict=False):
                    _put(lines[y], strip, own[y])
        return lines  # type: ignore[return-value]  # as Textual has it: covered by the screen


def _is_seen(line: dict[int, Strip | None], cuts: list[int], crop: Region) -> bool:
    """Whether a place in the span of ``cuts`` that is drawn is free yet."""
    left, right = crop.column_span
    return any(
        line[begin] is None and begin < right and left < end for begin, end in pairwise(cuts)
    )


def _runs(shown: Region, lines: Sequence[int]) -> Iterator[Region]:
    """The parts of a region with these of its lines, each of lines that follow one another."""
    x, _, width, _ = shown
    for _, run in groupby(enumerate(lines), lambda place: place[1] - place[0]):
        rows = [y for _, y in run]
        yield Region(x, rows[0], width, len(rows))


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
