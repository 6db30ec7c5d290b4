"""Learning and forgetting the same thing leaves no trace."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from charterm.adaptation.contexts import EMPTY
from charterm.adaptation.counts import MOST, ContextCounts
from charterm.adaptation.document import Document
from charterm.adaptation.memory import Memory
from charterm.adaptation.private import NeverLearn
from charterm.text.alphabet import Alphabet

ALPHABET = Alphabet(tuple("\n abcABC'"))
texts = st.text("abAB \n'é한", max_size=60)


def learnt(*written: str) -> Memory:
    memory = Memory(ALPHABET)
    for text in written:
        memory.change(ALPHABET.encode(text).tolist(), 1)
    return memory


@given(st.lists(texts, max_size=4), texts)
def test_learn_then_forget_is_never_learnt(kept: list[str], text: str) -> None:
    tokens = ALPHABET.encode(text).tolist()
    memory = learnt(*kept)
    memory.change(tokens, 1)
    memory.change(tokens, -1)
    never = learnt(*kept)
    assert memory.snapshot() == never.snapshot()
    context = memory.reader.read(tokens)
    assert memory.levels(context) == never.levels(context)


@given(st.lists(texts, min_size=1, max_size=5), st.randoms())
def test_the_order_of_learning_and_forgetting_does_not_matter(
    written: list[str], random: object
) -> None:
    memory = learnt(*written, *written)
    shuffled = list(written)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    for text in shuffled:
        memory.change(ALPHABET.encode(text).tolist(), -1)
    assert memory.snapshot() == learnt(*written).snapshot()


def test_what_was_never_learnt_cannot_be_forgotten() -> None:
    memory = learnt("ab")
    with pytest.raises(ValueError, match="never counted"):
        memory.change(ALPHABET.encode("ba").tolist(), -1)


def test_a_table_that_grows_keeps_its_counts() -> None:
    counts = ContextCounts()
    for key in range(1, 6000):
        counts.change(key * 0x9E3779B97F4A7C15 % 2**64, key % 7, key)
    for key in range(1, 6000, 2):
        counts.change(key * 0x9E3779B97F4A7C15 % 2**64, key % 7, -key)
    assert len(counts) == 2999
    for key in (2, 5998):
        known = counts.followers(key * 0x9E3779B97F4A7C15 % 2**64)
        assert known is not None
        assert (known.tokens, known.total) == ((key % 7,), key)
    assert counts.followers(0x9E3779B97F4A7C15) is None


def test_the_most_frequent_followers_are_told_apart() -> None:
    counts = ContextCounts()
    for token in range(MOST + 3):
        counts.change(1, token, 1 + (token == 8))
    known = counts.followers(1)
    assert known is not None
    assert known.tokens == (8, *range(MOST - 1))
    assert known.shares[0] == 2 / 10
    assert known.mass == pytest.approx(7 / 10)
    assert (known.total, known.distinct) == (10, 9)


def test_words_begun_are_known_in_any_case_and_after_anything() -> None:
    memory = learnt("aa Bac ", "bac\n")
    context = memory.reader.read(ALPHABET.encode("cccccc BA").tolist())
    _, known = memory.levels(context)[-1]
    assert known.tokens == ALPHABET.encode_character("c")
    assert known.total == 2


def test_what_was_looked_up_is_looked_up_again_when_more_is_learnt() -> None:
    memory = learnt("ab ")
    context = memory.reader.read(ALPHABET.encode("a").tolist())
    assert {known.total for _, known in memory.levels(context)} == {1}
    memory.change(ALPHABET.encode("ac ").tolist(), 1)
    assert {known.total for _, known in memory.levels(context)} == {2}
    memory.change(ALPHABET.encode("ac ").tolist(), -1)
    assert {known.total for _, known in memory.levels(context)} == {1}


def test_a_context_is_the_same_however_far_its_reading_began() -> None:
    memory = learnt()
    text = "abc " * 30 + "a" * 23
    tokens = ALPHABET.encode(text).tolist()
    assert memory.reader.read(tokens) == memory.reader.read(tokens[-40:], EMPTY)


edits = st.lists(
    st.tuples(st.integers(0, 80), st.integers(0, 12), st.text("ab \n'1é", max_size=9)), max_size=20
)


@settings(max_examples=300)
@given(edits)
def test_a_followed_document_is_in_the_memory_as_if_it_was_opened_now(
    changes: list[tuple[int, int, str]],
) -> None:
    never = NeverLearn(["bab"], ["a1a"])
    memory, text = learnt("ab ba"), ""
    document = Document(memory, never)
    for start, length, new in changes:
        start = min(start, len(text))
        text = text[:start] + new + text[start + length :]
        document.follow(text, start + len(new))
    document.catch_up()
    cold = Document(learnt("ab ba"), never)
    cursor = min(changes[-1][0], len(text)) + len(changes[-1][2]) if changes else 0
    cold.follow(text, min(cursor, len(text)))
    cold.catch_up()
    assert memory.snapshot() == cold.memory.snapshot()
    assert document.pieces == cold.pieces
    document.follow("", 0)
    assert memory.snapshot() == learnt("ab ba").snapshot()


def test_a_long_paste_is_learnt_in_portions() -> None:
    document = Document(learnt(), NeverLearn())
    text = "ab ba\n" * 2000
    document.follow(text, len(text))
    assert document.waiting
    first = document.memory.tokens
    document.catch_up(3000)
    assert first < document.memory.tokens < len(text)
    document.catch_up()
    assert document.memory.tokens == len(text)


def test_no_learn_mode_learns_nothing_and_can_be_left_again() -> None:
    document = Document(learnt(), NeverLearn(), learning=False)
    document.follow("ab ba ab ", 9)
    assert document.memory.tokens == 0
    document.learn_again(NeverLearn(), learning=True)
    assert document.memory.tokens == 9
    document.learn_again(NeverLearn(["BA"]), learning=True)
    assert document.pieces == ["\nab ", " ab "]
