"""A line of many rows is drawn row by row as if all of it were cut and coloured each time."""

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.text import Text
from textual.document._document import Document

from charterm.tui.widgets.heat_area import HeatArea
from charterm.tui.widgets.prose import ProseLine
from charterm.tui.wrapping import ProseWrapping


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 40), st.lists(st.tuples(st.integers(0, 400), st.integers(0, 400))), st.data())
def test_the_row_that_is_drawn_is_that_of_the_whole_line(
    count: int, spans: list[tuple[int, int]], data: st.DataObject
) -> None:
    plain = "".join(chr(97 + place % 26) for place in range(10 * count + 3))
    row = data.draw(st.integers(0, count))
    whole, line = Text(plain), ProseLine(plain)
    line.row = row
    for start, end in spans:
        for text in (whole, line):
            text.stylize("bold", start, end)
    offsets = [10 * place for place in range(1, count + 1)]
    expected, drawn = whole.divide(offsets)[row], line.divide(offsets)[row]
    assert drawn.plain == expected.plain

    def bold(text: Text) -> set[int]:
        return {place for span in text.spans for place in range(span.start, span.end)}

    assert bold(drawn) == bold(expected)


def test_the_rows_shown_of_a_line_are_its_characters_there() -> None:
    wrapping = ProseWrapping(Document("ab cd ef gh\nxy"), width=3)
    rows = ["ab ", "cd ", "ef ", "gh"]
    for first in range(4):
        for count in (1, 2, 9):
            start, end = wrapping.shown_part(0, first, count)
            assert "ab cd ef gh"[start:end] == "".join(rows[first : first + count])
    assert wrapping.shown_part(1, 0, 3) == (0, 0)
    assert wrapping.shown_part(1, 3, 3) == (0, 2)
    assert wrapping.shown_part(0, 5, 3) == (11, 11)


def test_colours_of_a_long_line_are_those_that_are_shown() -> None:
    area = HeatArea()
    text = "word " * 1000
    area.load_text(text)
    area.wrapped_document.wrap(50)
    area._codes = bytes([2] * len(text))
    line = area.get_line(0)
    assert max((span.end for span in line.spans), default=0) <= 50 * (area.size.height + 1)
