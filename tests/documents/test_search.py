import pytest
from hypothesis import given
from hypothesis import strategies as st

from charterm.documents.search import (
    find_hits,
    next_hit,
    pattern_of,
    previous_hit,
    suggest_name,
)


def hits(words: str, text: str) -> list[tuple[int, int]]:
    pattern = pattern_of(words)
    assert pattern is not None
    return find_hits(pattern, text)


def test_small_letters_find_capitals_and_capitals_only_themselves() -> None:
    assert hits("the", "The other THE") == [(0, 3), (5, 8), (10, 13)]
    assert hits("The", "The other THE") == [(0, 3)]
    assert hits("a.b", "a.b axb") == [(0, 3)]


def test_hangul_is_found_however_it_is_typed() -> None:
    text = "오늘 한글을 쓴다. 한글."
    assert hits("한글", text) == [(3, 5), (11, 13)]
    assert hits("한글", text) == [(3, 5), (11, 13)]  # the letters one by one, as a Mac has them


def test_nothing_is_no_pattern() -> None:
    assert pattern_of("") is None
    assert pattern_of("\n") is None


@given(st.text("ab ", max_size=40), st.integers(0, 40))
def test_next_and_previous_go_round(text: str, position: int) -> None:
    found = hits("ab", text)
    following, before = next_hit(found, position), previous_hit(found, position)
    if not found:
        assert following is None
        assert before is None
        return
    assert following is not None
    assert before is not None
    later = [hit for hit in found if hit[0] >= position]
    assert found[following] == (later or found)[0]
    earlier = [hit for hit in found if hit[0] < position]
    assert found[before] == (earlier or found)[-1]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("", "text"),
        ("\n ... \n", "text"),
        ("Dear Anna, it's fine.\nMore", "Dear-Anna-it's-fine"),
        ("오늘은 날씨가 좋다", "오늘은-날씨가-좋다"),
        ("../../etc/passwd", "etc-passwd"),
        ("x" * 100, "x" * 40),
        (
            "one two three four five six seven eight nine ten",
            "one-two-three-four-five-six-seven-eight",
        ),
    ],
)
def test_a_name_for_a_file(text: str, name: str) -> None:
    assert suggest_name(text) == name
