from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from charterm.classify.labelled import label_texts
from charterm.classify.nbsvm import NgramMachine, NgramRows
from charterm.classify.ngram_reading import NgramReading
from charterm.classify.ngrams import NgramKinds, find_ngrams

from .samples import weather

TEXT = st.text(st.sampled_from("abAİß 한글\t.'\n👍"), max_size=25)


def _spoken(texts: list[str], kinds: NgramKinds) -> list[str]:
    """The n-grams as strings, where they stand."""
    found = find_ngrams(texts, kinds)
    return [
        texts[owner][start : start + length]
        for owner, start, length in zip(found.texts, found.starts, found.lengths, strict=True)
    ]


def test_words_and_pairs_of_words() -> None:
    spoken = _spoken(["It's a good, good film"], NgramKinds(words=2))
    words = ["It's", "a", "good", ",", "good", "film"]
    pairs = ["It's a", "a good", "good,", ", good", "good film"]
    assert Counter(spoken) == Counter(words + pairs)


def test_characters_with_the_borders_of_the_text() -> None:
    assert Counter(_spoken(["ab"], NgramKinds(words=0, characters=2))) == Counter(
        ["", "a", "b", "", "a", "ab", "b"]
    )


def test_equal_ngrams_and_only_they_have_equal_hashes() -> None:
    texts = ["a rose is a rose", "is  A rose", "한글 한글"]
    kinds = NgramKinds(words=3, characters=0)
    names: dict[int, set[str]] = {}
    for code, spoken in zip(find_ngrams(texts, kinds).hashes, _spoken(texts, kinds), strict=True):
        names.setdefault(int(code), set()).add(" ".join(spoken.lower().split()))
    assert all(len(each) == 1 for each in names.values())
    assert len(names) == len(set().union(*names.values()))


def test_hashes_are_the_same_on_every_day() -> None:
    # stored classifiers depend on it
    found = find_ngrams(["ab"], NgramKinds(words=1, characters=1))
    assert [f"{int(code):016x}" for code in found.hashes] == [
        "ac88143b44756305",
        "432a5cd27a6b13a1",
        "dcf3aa47b91f209a",
        "081ab918879d69a4",
        "432a5cd27a6b13a1",
    ]


@given(st.lists(TEXT, max_size=5))
def test_a_text_has_the_same_ngrams_alone_as_among_others(texts: list[str]) -> None:
    kinds = NgramKinds(words=2, characters=3)
    together = find_ngrams(texts, kinds)
    for number, text in enumerate(texts):
        alone = find_ngrams([text], kinds)
        mine = together.texts == number
        assert Counter(alone.hashes.tolist()) == Counter(together.hashes[mine].tolist())
        assert (alone.starts + alone.lengths <= len(text)).all()


def test_log_count_ratios_are_naive_bayes() -> None:
    data = label_texts([("a", "x y"), ("a", "x x"), ("b", "y"), ("c", "z y")])
    rows = NgramRows.count(data, NgramKinds(words=1))
    ratios = rows.ratios()
    # texts with each word: x 2 0 0, y 1 1 1, z 0 0 1, each and one more
    inside = np.array([[3, 1, 1], [2, 2, 2], [1, 1, 2]], float)
    outside = np.array([[1, 3, 3], [3, 3, 3], [2, 2, 1]], float)
    expected = np.log(inside / inside.sum(0)) - np.log(outside / outside.sum(0))
    found = {tuple(np.round(row, 4)) for row in ratios}
    assert found == {tuple(np.round(row, 4)) for row in expected.astype(np.float32)}


def test_it_learns_and_names_what_it_goes_by() -> None:
    machine = NgramRows.count(weather(), NgramKinds(words=2, characters=3, fewest=2)).fit(1.0)
    unseen = weather(seed=9)
    assert (machine.scores(unseen.texts).argmax(1) == unseen.labels).mean() > 0.95
    assert {"sun", "warm"} & {text for text, _ in machine.telling[0]}
    plain = NgramRows.count(weather(), NgramKinds(words=1)).fit(1.0, "logistic")
    assert {text for text, _ in plain.telling[1][:4]} == {"rain", "cold", "bad", "night"}


def test_rare_ngrams_are_left_out_when_asked() -> None:
    data = label_texts([("a", "x y"), ("b", "x z")])
    assert len(NgramRows.count(data, NgramKinds(words=1)).hashes) == 3
    assert len(NgramRows.count(data, NgramKinds(words=1, fewest=2)).hashes) == 1


_MACHINE: list[NgramMachine] = []


def small_machine() -> NgramMachine:
    if not _MACHINE:
        data = label_texts([("a", "ab ba 한글"), ("b", "b. 글 a"), ("a", "ab 👍"), ("b", "ß b")])
        _MACHINE.append(NgramRows.count(data, NgramKinds(words=2, characters=3)).fit(0.1))
    return _MACHINE[0]


@given(TEXT)
def test_what_the_characters_say_adds_up_to_the_score(text: str) -> None:
    machine = small_machine()
    shares = NgramReading(machine, text).attribution()
    assert shares.shape == (len(text), 2)
    if text:
        score = machine.scores([text])[0]
        np.testing.assert_allclose(shares.sum(0) + machine.bias, score, atol=1e-4)


PROSE = st.text("abß .'\n 글ΣİBA👍", max_size=12)


@settings(max_examples=200, deadline=None)
@given(
    st.text("ab. 글Σ", max_size=200),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 9), PROSE), max_size=6),
)
def test_an_edited_text_is_read_like_a_new_one(
    text: str, edits: list[tuple[float, int, str]]
) -> None:
    machine = small_machine()
    reading = NgramReading(machine, text)
    for place, removed, typed in edits:
        at = int(place * len(text))
        text = text[:at] + typed + text[at + removed :]
        reading.set_text(text)
        assert reading.text == text
        np.testing.assert_allclose(
            reading.attribution(), NgramReading(machine, text).attribution(), atol=1e-6
        )


def test_an_edit_of_a_long_text_looks_only_around_it(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = small_machine()
    text = "ab ba b. " * 2000
    reading = NgramReading(machine, text)
    looked: list[int] = []
    look = NgramMachine.occurrences

    def counted(machine: NgramMachine, part: str) -> object:
        looked.append(len(part))
        return look(machine, part)

    monkeypatch.setattr(NgramMachine, "occurrences", counted)
    reading.set_text(text[:9000] + "글" + text[9000:])
    assert max(looked) < 200
    fresh = NgramReading(machine, reading.text).attribution()
    np.testing.assert_allclose(reading.attribution(), fresh, atol=1e-6)
