import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charterm.text.display import cell_width, visible

any_text = st.text(
    st.one_of(
        st.characters(exclude_categories=()),
        st.characters(categories=("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Mn", "Mc", "Me")),
    ),
    max_size=30,
)


@given(any_text, st.booleans(), st.booleans())
def test_nothing_raw_is_left(text, lines, spaces):
    shown = visible(text, lines=lines, spaces=spaces)
    shown.encode("utf-8")
    allowed = "\u200c\u200d" + ("\n\t" if lines else "")
    assert [c for c in shown if not c.isprintable() and c not in allowed] == []
    assert not (spaces and " " in shown)
    assert shown[:1] not in ("\u200c", "\u200d")
    assert not shown or not unicodedata.category(shown[0]).startswith("M")
    assert shown.count("\n") == (text.count("\n") if lines else 0)
    assert bool(shown) == bool(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("one\n\ttwo three", "one⏎⇥two three"),
        ("\x1b[31mred\x07\x7f", "␛[31mred␇␡"),
        ("\u202egnp.exe", "⟨U+202E⟩gnp.exe"),
        ("\ud83d\x9b", "⟨U+D83D⟩⟨U+009B⟩"),
        ("a\u00a0b", "a b"),
        ("\u0301x", "◌\u0301x"),
        ("👩\u200d👧", "👩\u200d👧"),
        ("a\u2028b", "a⟨U+2028⟩b"),
        ("안녕", "안녕"),
    ],
)
def test_signs(text, shown):
    assert visible(text) == shown


def test_options():
    assert visible("a b\n\tc\r", lines=True) == "a b\n\tc␍"
    assert visible("a b\n", spaces=True) == "a␣b⏎"


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("abc", 3),
        ("안녕 a", 6),
        ("e\u0301", 1),
        ("\u1112\u1161\u11ab", 2),
        ("👩\u200d👩\u200d👧", 2),
        ("👍🏽!", 3),
        ("🇰🇷🇯🇵", 4),
        ("❤\ufe0f", 2),
        ("Ａ", 2),
        ("ﾊ", 1),
        ("⏎⇥␣", 3),
        ("", 0),
    ],
)
def test_cells(text, width):
    assert cell_width(text) == width


@given(st.text(st.characters(categories=("Lu", "Ll", "Nd", "Po")), max_size=20))
def test_letters_add_up(text):
    assert cell_width(text) == sum(map(cell_width, text))
