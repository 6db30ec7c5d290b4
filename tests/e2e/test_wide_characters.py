"""Hangul, two cells a syllable: everything stays where it belongs, at 80 by 24."""

import re

import pytest

from tests.e2e.program import MARGIN, Program

Start = type[Program]

HELLO = "안녕하세요"
PAGE = slice(2, 54)


def spread(text: str) -> str:
    """Text as it stands in the cells, see :meth:`Program.cells`."""
    return "".join(c if c.isascii() else c + "\0" for c in text)


def rows_with(program: Program, part: str, left: int = 0) -> list[str]:
    rows = [program.cells(y) for y in range(program.screen.lines)]
    return [row for row in rows if part in row[left:]]


@pytest.fixture
def program(start: Start) -> Program:
    program = start()
    program.ready()
    return program


def test_ghost_text_cursor_list_and_bars_while_writing(program: Program) -> None:
    program.type(f"{HELLO} 안")
    program.shows(f"{HELLO} {HELLO}")
    program.until(lambda _lines: program.screen.cursor.x == 15)
    assert program.cells(2).startswith(f"  {spread(f'{HELLO} {HELLO}')} ")
    typed, ghost = program.screen.buffer[2][13], program.screen.buffer[2][17]
    assert (typed.data, ghost.data) == ("안", "하")
    assert typed.fg != ghost.fg
    program.type("\x1b[C")  # right takes all of it
    program.until(lambda _lines: program.screen.cursor.x == 23)
    program.type(" ")
    program.until(lambda _lines: {"bright", "cloud", HELLO} <= set(first_words(program)))
    program.until(lambda _lines: {"b", "c", "안"} <= set(first_words(program)))
    listed = rows_with(program, " %", MARGIN)
    assert len({row.index("%", MARGIN) for row in listed}) == 1
    bars = [row for row in listed if "━" in row]
    assert {re.search("[━╸]", row).start() for row in bars} == {MARGIN + 3}  # type: ignore[union-attr]
    assert {sum(row.count(part) for part in "━╸─") for row in bars} == {11}


def on_the_page(program: Program, rows: range) -> str:
    """What stands in these rows of the page, without its margins, as one line."""
    lines = (program.cells(y)[PAGE].replace("\0", "").strip() for y in rows)
    return " ".join(line for line in lines if line)


def first_words(program: Program) -> list[str]:
    """What stands in the margin before percentages: continuations, then characters."""
    return [row[MARGIN:].split()[0].replace("\0", "") for row in rows_with(program, " %", MARGIN)]


def test_long_lines_are_wrapped_between_syllables(program: Program) -> None:
    text = " ".join([HELLO] * 12)
    program.type(text)
    program.until(lambda _lines: on_the_page(program, range(2, 6)).startswith(text))
    rows = [program.cells(y) for y in range(2, 5)]
    for row in rows:
        assert row[:2] == "  "
        assert row[2] == "안"
        assert row[PAGE.stop : MARGIN].strip() == ""
    assert on_the_page(program, range(2, 5)).startswith(text)  # the ghost follows
    wide = "가" * 30  # no space to break at: as many syllables as fit
    program.type("\r" + wide)
    program.until(lambda _lines: program.screen.cursor.y == 6)
    first, second = program.cells(5)[PAGE].rstrip(), program.cells(6)[PAGE].rstrip()
    assert (first + second).startswith(spread("가" * 30))  # the ghost follows
    assert len(first) >= 46
    assert program.screen.cursor.x == 2 + len(spread("가" * 30)) - len(first)


def test_stories(program: Program) -> None:
    program.type("\x1bs")
    program.shows("Send", "GRU")
    program.type(f"{HELLO} 안")
    program.shows(f"{HELLO} {HELLO}")
    entry = program.line_of(HELLO)
    assert program.cells(entry).startswith(f"  ▎ {spread(f'{HELLO} {HELLO}')} ")
    program.until(lambda _lines: (program.screen.cursor.x, program.screen.cursor.y) == (17, entry))
    program.type("\r")
    program.shows("Model", "2 turns")
    program.hides("esc stops")
    told = rows_with(program, "▎")
    assert len(told) > 6
    for row in told:
        assert row.startswith("  ▎ ")
        assert row[4] not in " \0"
        assert row[78:].strip() == ""


def test_results_side_by_side(program: Program) -> None:
    program.type("\x1bg")
    program.shows("careful", "Generate", "f4 Controls")
    program.type(f"{HELLO} ")
    program.until(lambda lines: any(line.startswith(f"   {HELLO}") for line in lines))
    program.type("\x12")  # ctrl+r
    program.until(lambda lines: "writing" not in lines[-2] and "bits/char" in lines[-4])
    head = program.line_of("careful")
    begins = [program.cells(head).index(name) for name in ("careful", "balanced", "wild")]
    rows = [program.cells(y) for y in range(head + 1, program.line_of("bits/char"))]
    written = [row for row in rows if row.strip()]
    assert len(written) > 3
    assert any("\0" in row for row in written)
    for row in written:
        for begin in begins:
            assert row[begin - 2 : begin].strip() == ""
            assert row[begin] != "\0"
