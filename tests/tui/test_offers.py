import pytest
from hypothesis import given
from hypothesis import strategies as st

from charterm.tui.offers import Offers, Suggestion, first_word, keys_of

WORDS = (Suggestion("bright", 0.5), Suggestion("cloud", 0.3), Suggestion("be", 0.1))


def test_the_suggestion_that_saves_most_is_offered() -> None:
    offers = Offers.of((Suggestion("a", 0.6), Suggestion("another", 0.2)), threshold=0.5)
    assert offers.suggestion == Suggestion("another", 0.2)  # 0.2 × 6 keys against 0.6 × 0


@pytest.mark.parametrize(("threshold", "offered"), [(0.0, True), (0.89, True), (0.91, False)])
def test_nothing_is_offered_below_the_threshold(threshold: float, offered: bool) -> None:
    offers = Offers.of((Suggestion("word", 0.3),), threshold)  # saves 0.9 keys on average
    assert (offers.suggestion is not None) == offered


@pytest.mark.parametrize(("text", "keys"), [("word", 4), ("가", 2), ("각", 3), ("안녕 a", 8)])
def test_hangul_syllables_cost_a_key_for_each_letter(text: str, keys: int) -> None:
    assert keys_of(text) == keys


def test_typing_keeps_what_goes_on_with_it() -> None:
    offers = Offers(WORDS, chosen=0).after_typing("b")
    assert [suggestion.text for suggestion in offers.suggestions] == ["right", "e"]
    assert offers.suggestion == Suggestion("right", 0.5)


def test_typing_something_else_ends_the_offer() -> None:
    offers = Offers(WORDS, chosen=1).after_typing("b")
    assert offers.suggestion is None


def test_a_word_typed_to_its_end_is_no_longer_listed() -> None:
    assert Offers(WORDS, chosen=2).after_typing("be") == Offers()


def test_stepping_goes_round() -> None:
    offers = Offers(WORDS, chosen=0)
    chosen = [(offers := offers.step(1)).chosen for _ in range(4)]
    assert chosen == [1, 2, 0, 1]
    assert Offers(WORDS).step(1).chosen == 0
    assert Offers(WORDS).step(-1).chosen == 2
    assert Offers().step(1) == Offers()


@given(st.lists(st.text(min_size=1, max_size=5), max_size=6), st.text(max_size=3))
def test_what_is_left_after_typing_is_the_rest_of_what_was_offered(
    texts: list[str], typed: str
) -> None:
    offers = Offers(tuple(Suggestion(text, 0.1) for text in texts), chosen=0 if texts else None)
    after = offers.after_typing(typed)
    assert all(typed + left.text in texts for left in after.suggestions)
    if after.suggestion is not None:
        assert typed + after.suggestion.text == texts[0]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (" the next day", " the"),
        ("don’t know", "don’t"),
        ("안녕하세요 여러분", "안녕하세요"),
        ("\n  word", "\n  word"),
        ("...", "..."),
        ("", ""),
    ],
)
def test_first_word(text: str, word: str) -> None:
    assert first_word(text) == word


@given(st.text(max_size=20))
def test_taking_words_takes_everything_in_the_end(text: str) -> None:
    left = text
    while left:
        word = first_word(left)
        assert word
        left = left[len(word) :]
