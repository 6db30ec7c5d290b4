"""Characters of two cells stay whole where one widget lies over others.

Textual 8.2.8 cuts what it draws wherever any widget begins or ends on a line, also one that is
covered: a Hangul syllable of a notice that lies over such an edge was drawn as two spaces.
"""

from collections.abc import Callable, Mapping, Sequence

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
        lines: list[dict[int, Strip | None]] = [dict.fromkeys(line[:-1]) for line in cuts]
        for region, clip, strips in self._get_renders(crop):
            shown = region.intersection(clip)
            first, last = shown.column_span
            for y, strip in zip(shown.line_range, strips, strict=False):
                if is_rendered_line(y):
                    own = [cut for cut in cuts[y] if first <= cut <= last]
                    _put(lines[y], strip, own)
        return lines  # type: ignore[return-value]  # as Textual has it: covered by the screen


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
