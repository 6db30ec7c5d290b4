"""The words of a text: shares that sum to one, and a file that is checked."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from charterm.errors import ChartermError
from charterm.model import WORDS_FILE, library
from charterm.model.archive import export_model, import_model
from charterm.model.word_counting import count_words
from charterm.model.word_counts import LEVELS, WordCounts, _joined
from charterm.model.word_finding import END, word_key, words_before
from tests.model.random_model import save_random_model

TEXT = "The cat sat. The cat ran, the Dog sat.\nMy Dog ran: the cat sat!\n" * 3


@pytest.fixture(scope="module")
def table() -> WordCounts:
    return count_words([(TEXT, 1), ("so Tom met Tom\n", 5)])


def shares_after(table: WordCounts, before: tuple[str, str]) -> np.ndarray:
    """Of each word, from the arrays: the followers' shares, and of the rest what is left."""
    shares = table.share.astype(np.float64)
    first, second = (table.number(word) for word in before)
    if second < 0:
        return shares
    pairs = slice(*table.pair_starts[second : second + 2])
    gained = LEVELS[table.pair_share[pairs]].astype(np.float64)
    shares *= max(0.0, 1.0 - gained.sum())
    shares[table.pair_words[pairs]] += gained
    if first < 0:
        return shares
    for place in range(*table.pair_starts[first : first + 2]):
        if table.pair_words[place] == second:
            triples = slice(*table.triple_starts[place : place + 2])
            gained = LEVELS[table.triple_share[triples]].astype(np.float64)
            shares *= max(0.0, 1.0 - gained.sum())
            shares[table.triple_words[triples]] += gained
    return shares


def likeliest(table: WordCounts, before: tuple[str, str]) -> str:
    return table.words[int(np.argmax(shares_after(table, before)))]


def test_what_followed_most_often_is_likeliest(table: WordCounts) -> None:
    assert likeliest(table, ("my", "dog")) == "ran"
    assert likeliest(table, ("the", "dog")) == "sat"
    assert likeliest(table, (END, "so")) == "Tom"
    assert table.number(word_key("TOM")) == table.words.index("Tom")
    assert table.keys == sorted(table.keys) == [word_key(word) for word in table.words]


@pytest.mark.parametrize(
    "before", [("the", "cat"), (END, END), ("never", "seen"), ("never", "cat"), ("tom", "met")]
)
def test_shares_sum_to_one(table: WordCounts, before: tuple[str, str]) -> None:
    shares = shares_after(table, before)
    assert shares.sum() == pytest.approx(1.0, abs=0.01)
    assert (shares[1:] > 0).all()


def test_what_comes_next_is_told_without_writing_it_down_for_every_word() -> None:
    rng = np.random.default_rng(0)
    drawn = rng.choice([f"w{n}" for n in range(90)], 4000, p=rng.dirichlet(np.full(90, 0.4)))
    dropped = rng.random(4000) < 0.1
    text = " ".join(np.where(dropped, ".", drawn))
    for table in (count_words([(text, 1)]), count_words([(text, 1)], least=2)):
        size = len(table.words)
        for _ in range(100):
            before = tuple(rng.choice([*table.keys, "unheard"], 2))
            shares, after = shares_after(table, before), table.after(before)
            some = rng.integers(0, size, 12)
            low, high = sorted(rng.integers(0, size + 1, 2))
            np.testing.assert_allclose(after.of(some), shares[some], rtol=1e-5, atol=1e-9)
            np.testing.assert_allclose(after.part(low, high), shares[low:high], rtol=1e-5)
            assert after.whole == pytest.approx(shares.sum(), rel=1e-5)
            for count in (1, 7, 200):
                best = after.best(count)
                assert len(set(best)) == len(best) == min(count, size - 1)
                expected = np.sort(shares[1:])[::-1][:count]
                np.testing.assert_allclose(np.sort(shares[best])[::-1], expected, rtol=1e-5)
                assert 0 not in best


def test_triples_whose_pair_was_left_out_count() -> None:
    words, more = _joined(
        np.array([2, 5]), np.array([0.2, 0.5], np.float32),
        np.array([3, 5, 9]), np.array([0.01, 0.02, 0.03], np.float32),
    )  # fmt: skip
    assert words.tolist() == [2, 3, 5, 9]
    np.testing.assert_allclose(more, [0.2, 0.01, 0.52, 0.03], rtol=1e-6)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", (END, END)),
        ("The ", (END, "the")),
        ("the Old ", ("the", "old")),
        ("done. Then ", (END, "then")),
        ("done. ", (END, END)),
        ("one, two ", ("one", "two")),
        ("I don’t ", ("i", "don't")),
        ("line\n", (END, END)),
    ],
)
def test_the_words_before_a_place(text: str, words: tuple[str, str]) -> None:
    assert words_before(text) == words


@settings(max_examples=60, deadline=None)
@given(st.text("aAbé가 .\n'", min_size=1, max_size=60), st.integers(1, 3))
def test_any_text_makes_a_table(text: str, weight: int) -> None:
    table = count_words([(text, weight), ("b b a\n", 2)])
    for first in table.keys:
        for second in table.keys[1:]:
            assert 0.0 < shares_after(table, (first, second)).sum() <= 1.01


def test_what_is_saved_is_read_again(table: WordCounts, tmp_path: Path) -> None:
    assert WordCounts.load(tmp_path) is None
    table.save(tmp_path)
    again = WordCounts.load(tmp_path)
    assert again is not None
    assert again.words == table.words
    np.testing.assert_array_equal(
        shares_after(again, ("the", "cat")), shares_after(table, ("the", "cat"))
    )
    path = tmp_path / WORDS_FILE
    content = path.read_bytes()
    changed = bytearray(content)
    changed[len(content) // 2] ^= 1
    for damaged in (content[:-40], bytes(changed), b"no zip", b""):
        path.write_bytes(damaged)
        with pytest.raises(ChartermError, match="damaged"):
            WordCounts.load(tmp_path)


@pytest.mark.parametrize("version", [1, 2])
def test_a_table_of_an_earlier_version_is_read(
    table: WordCounts, tmp_path: Path, version: int
) -> None:
    table.save(tmp_path)
    path = tmp_path / WORDS_FILE
    with np.load(path) as file:
        arrays = {name: file[name] for name in file.files if version > 1 or name != "register"}
    arrays |= {"pair_starts": table.pair_starts, "triple_starts": table.triple_starts}
    np.savez_compressed(path, **(arrays | {"version": np.array(version)}))
    again = WordCounts.load(tmp_path)
    assert again is not None
    assert again.words == table.words
    assert again.register.any() == (version > 1)
    np.testing.assert_array_equal(
        shares_after(again, ("the", "cat")), shares_after(table, ("the", "cat"))
    )


def test_a_table_of_a_later_version_is_refused(table: WordCounts, tmp_path: Path) -> None:
    table.save(tmp_path)
    path = tmp_path / WORDS_FILE
    with np.load(path) as file:
        arrays = dict(file)
    np.savez(path, **(arrays | {"version": np.array(4)}))
    with pytest.raises(ChartermError, match="newer charterm"):
        WordCounts.load(tmp_path)


def test_the_register_tells_texts_that_count_more_from_the_others(table: WordCounts) -> None:
    register = dict(zip(table.keys, table.registers_of(np.arange(len(table.keys))), strict=True))
    assert register["tom"] > 0.0 > register["the"]
    assert register[END] == 0.0
    # "so Tom met Tom" has 20 words with its weight, all texts together 65
    assert register["tom"] == pytest.approx(np.log((10 / 20) / (10 / 65)), abs=0.02)
    assert table.register_at("Tom met Tom") > table.register_at("Tom") > 0.0
    assert table.register_at("the cat and the dog") < -0.2
    assert table.register_at("") == table.register_at("unheard words") == 0.0
    assert not count_words([(TEXT, 2), ("so Tom met Tom\n", 2)]).register.any()


def test_the_share_of_what_was_left_out_is_known() -> None:
    assert count_words([(TEXT, 1)]).unknown == pytest.approx(0.0, abs=1e-6)
    assert count_words([(TEXT + "one two three", 1)], least=2).unknown > 0.05


def test_numbers_that_point_nowhere_are_found(table: WordCounts, tmp_path: Path) -> None:
    from dataclasses import replace

    replace(table, words=table.words[:2], share=table.share[:2]).save(tmp_path)
    with pytest.raises(ChartermError, match="fit together"):
        WordCounts.load(tmp_path)


def test_what_is_rare_can_be_left_out(table: WordCounts) -> None:
    small = count_words([(TEXT, 1), ("so Tom met Tom\n", 5)], least=6)
    assert set(small.words) < set(table.words)
    assert 0 < len(small.triple_words) < len(table.triple_words)
    assert 0.5 < shares_after(small, ("the", "cat")).sum() < 1.01


def test_a_text_without_a_repeated_word_is_refused() -> None:
    assert count_words([("every word once", 1)]).words == (END, "every", "once", "word")
    with pytest.raises(ChartermError, match="nothing to count"):
        count_words([("every word once", 1)], least=2)
    with pytest.raises(ChartermError, match="nothing to count"):
        count_words([(" ... ", 1)])


def test_a_model_takes_its_words_with_it(table: WordCounts, tmp_path: Path) -> None:
    folder = library.new_model_folder("worded")
    save_random_model(folder)
    table.save(folder)
    packed = export_model("worded", tmp_path)
    again = import_model(packed, "again")
    words = WordCounts.load(again.folder)
    assert words is not None
    assert words.words == table.words
    copy = library.duplicate_model("worded", "copy", half=True)
    assert WordCounts.load(copy.folder) is not None
    (folder / WORDS_FILE).write_bytes(b"damaged")
    with pytest.raises(ChartermError, match="damaged"):
        export_model("worded", tmp_path / "other.zip")
