import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual._wrap import compute_wrap_offsets
from textual.expand_tabs import get_tab_widths
from textual.widgets.text_area import Document, WrappedDocument

from charterm.text.editable import drawable, editable
from charterm.text.reading import clean
from charterm.tui.fitting import fill, fit, fit_end
from charterm.tui.symbols import symbol
from charterm.tui.widgets.bars import bar
from charterm.tui.widgets.status import Fact, choose_facts
from charterm.tui.wrapping import ProseWrapping, wrap_offsets

ANY = st.text(st.characters(exclude_categories=()))
CONTROLS = [chr(code) for code in (*range(0x20), *range(0x7F, 0xA0))]


@given(ANY)
def test_an_editor_can_hold_what_is_editable_without_change(text: str) -> None:
    held = editable(text)
    assert editable(held) == held
    assert clean(held) == held
    assert Document(held).text == held


@given(ANY.map(lambda text: text.replace("\x85", "").replace("\u2028", "").replace("\u2029", "")))
def test_editable_text_is_what_models_read(text: str) -> None:
    assert editable(text) == clean(text)


@given(ANY)
def test_a_drawn_line_has_its_columns_and_nothing_dangerous(text: str) -> None:
    drawn = drawable(text)
    assert len(drawn) == len(text)
    assert not any(control in drawn for control in CONTROLS if control != "\t")
    assert not any("\ud800" <= character <= "\udfff" for character in drawn)
    assert "\u202e" not in drawn


@given(ANY, st.integers(0, 12))
def test_ghost_text_is_one_safe_line_that_fits(text: str, cells: int) -> None:
    for drawn in (fit(text, cells), fit_end(text, cells)):
        assert cell_len(drawn) <= cells
        assert not any(control in drawn for control in CONTROLS)


def test_ghost_text_tells_what_was_cut() -> None:
    assert fit("going", 5) == "going"
    assert fit("going", 4) == "goi…"
    assert fit("going", 1) == ""
    assert fit("안녕하세요", 6) == "안녕…"
    assert fit("a\nb\tc", 9) == "a⏎b⇥c"
    assert fill("안녕하세요", 6) == "안녕… "
    assert fill("going", 7) == "going  "
    assert fill("going", 0) == ""
    assert fit_end("going", 4) == "…ing"
    assert fit_end("안녕하세요", 6) == "…세요"


@pytest.mark.parametrize(
    ("character", "sign"),
    [
        (" ", "␣"),
        ("\n", "⏎"),
        ("\t", "⇥"),
        ("\x1b", "␛"),
        ("가", "가"),
        ("\u202e", "�"),
        ("a", "a"),
    ],
)
def test_symbols(character: str, sign: str) -> None:
    assert symbol(character) == sign


@given(st.characters(exclude_categories=()))
def test_a_symbol_takes_one_or_two_cells(character: str) -> None:
    assert 1 <= cell_len(symbol(character)) <= 2


@given(st.floats(0, 1), st.integers(1, 60))
def test_a_bar_fills_its_cells(share: float, cells: int) -> None:
    drawn, track = bar(share, cells)
    assert len(drawn) + len(track) == cells
    assert drawn
    assert abs(len(drawn) - share * cells) <= 1


def test_the_lightest_facts_give_way() -> None:
    facts = (Fact("english", weight=9), Fact("12", "words", weight=1), Fact("1.5", "ms", weight=5))
    assert choose_facts(facts, 80) == facts
    assert choose_facts(facts, 18) == (facts[0], facts[2])
    assert choose_facts(facts, 3) == facts[:1]


@given(
    st.text(st.sampled_from("abc  \t.'안🙂"), max_size=60) | st.text("ab ", max_size=80),
    st.integers(1, 20),
)
def test_lines_are_wrapped_where_textual_wraps_them(line: str, width: int) -> None:
    sections = get_tab_widths(line, 4)
    expected = compute_wrap_offsets(line, width, 4, precomputed_tab_sections=sections)
    assert wrap_offsets(line, width, 4) == expected


@given(st.lists(st.text("ab \t안", max_size=30), max_size=8), st.integers(0, 12))
def test_a_wrapped_text_is_textuals(lines: list[str], width: int) -> None:
    document = Document("\n".join(lines))
    ours, textuals = ProseWrapping(document, width), WrappedDocument(document, width)
    assert ours.height == textuals.height
    for name in ("_wrap_offsets", "_offset_to_line_info", "_line_index_to_offsets"):
        assert getattr(ours, name) == getattr(textuals, name)
    assert ours._tab_width_cache == textuals._tab_width_cache
    if len(lines) > 1:  # after an edit as well
        edit = document.replace_range((0, 0), (1, 0), "b\na b\n")
        for wrapped in (ours, textuals):
            wrapped.wrap_range((0, 0), (1, 0), edit.end_location)
        assert ours.height == textuals.height
