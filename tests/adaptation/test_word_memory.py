"""Whole words: counted piece by piece as all at once, and gone without a trace."""

from hypothesis import given, settings
from hypothesis import strategies as st

from charterm.adaptation.memory import Memory
from charterm.adaptation.pieces import change_part
from charterm.adaptation.word_memory import WordMemory, pairs_of
from charterm.model.word_finding import END
from charterm.text.alphabet import Alphabet

ALPHABET = Alphabet.from_text("\n abAé-.'")

texts = st.text("abAé -.'", max_size=40)


def test_pairs_of_a_text() -> None:
    assert list(pairs_of("\nThe cat sat. It’s - it")) == [
        (END, "The"), ("the", "cat"), ("cat", "sat"), (END, "It’s"), ("it's", "it"),
    ]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(texts, st.lists(st.integers(0, 40), max_size=6))
def test_a_piece_that_grows_and_shrinks_counts_as_what_it_is(
    piece: str, lengths: list[int]
) -> None:
    memory = Memory(ALPHABET)
    length = 0
    for wanted in lengths:
        wanted = min(wanted, len(piece))
        if wanted > length:
            change_part(memory, piece[:wanted], length, 1)
        elif wanted < length:
            change_part(memory, piece[:length], wanted, -1)
        length = wanted
    cold = Memory(ALPHABET)
    change_part(cold, piece[:length], 0, 1)
    assert memory.snapshot() == cold.snapshot()
    change_part(memory, piece[:length], 0, -1)
    assert memory.snapshot() == Memory(ALPHABET).snapshot()


def test_words_are_expected_by_their_letters_and_by_the_word_before() -> None:
    words = WordMemory()
    words.change(pairs_of("the Zorblax and the Zorblax and the zoo"), 1)
    (_, unigram), (_, after) = words.expected("the", "z")
    assert [word for word, _ in unigram] == ["Zorblax", "zoo"]
    assert sum(share for _, share in unigram) == 1.0
    assert [word for word, _ in after] == ["Zorblax", "zoo"]
    assert [word for view in words.expected("the", "") for word, _ in view[1]] == ["Zorblax", "zoo"]
    assert words.expected("the", "zoo") == []
    assert words.expected(END, "q") == []


def test_what_was_written_is_known_in_any_case_until_it_is_forgotten() -> None:
    words = WordMemory()
    words.change(pairs_of("the Zorblax"), 1)
    assert words.has("zorblax")
    assert not words.has("zoo")
    words.change(pairs_of("the Zorblax"), -1)
    assert not words.has("zorblax")
