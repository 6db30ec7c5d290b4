import json
import os
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from charterm.errors import ChartermError, UsageError
from charterm.text import reading, token_cache
from charterm.text.alphabet import Alphabet
from charterm.text.corpus import Corpus, CorpusOptions, Segment, build_corpus, load_corpus
from charterm.text.reading import clean

LINE = "The quick brown fox jumps over the lazy dog, 안녕하세요!\r\n"


def _write(folder, **texts):
    folder.mkdir(exist_ok=True)
    paths = []
    for name, text in texts.items():
        path = folder / f"{name}.txt"
        path.write_bytes(text.encode())
        paths.append(path)
    return paths


def _text(corpus, segment):
    return corpus.alphabet.decode(corpus.train[segment.start : segment.start + segment.length])


def _validation(corpus):
    return [corpus.alphabet.decode(tokens) for tokens in corpus.validation]


def test_the_last_tenth_of_the_characters_is_for_validation(tmp_path):
    # the length of tiny-shakespeare, whose validation part has 111,540 characters
    text = ("abcdefghi\n" * 111_540)[:1_115_394]
    corpus = build_corpus(_write(tmp_path / "t", a=text))
    assert (corpus.train_characters, corpus.validation_characters) == (1_003_854, 111_540)
    assert corpus.characters == len(text)
    assert _validation(corpus) == [text[-111_540:]]
    assert corpus.segments == (Segment(0, 1_003_854, 1_003_854),)
    assert corpus.train.dtype == np.uint16


def test_validation_of_the_whole_and_of_each_file(tmp_path):
    paths = _write(tmp_path / "t", a="a" * 99 + "\n", b="b" * 299 + "\n", c="c" * 100)
    whole = build_corpus(paths, CorpusOptions(validation=0.3))
    assert [source.train.characters for source in whole.sources] == [100, 250, 0]
    assert _validation(whole) == ["b" * 49 + "\n", "c" * 100 + "\n"]
    assert len(whole.segments) == 2
    each = build_corpus(paths, CorpusOptions(validation=0.3, validation_from="each"))
    assert [source.train.characters for source in each.sources] == [70, 210, 70]
    assert [len(text) for text in _validation(each)] == [30, 90, 31]
    assert each.validation_characters == 151
    none = build_corpus(paths, CorpusOptions(validation=0.0))
    assert none.validation == ()
    assert none.validation_characters == 0


def test_rare_characters_are_spelt_in_bytes(tmp_path):
    text = "ab" * 100 + "가" + "나나"
    options = CorpusOptions(min_count=2, validation=0.0)
    corpus = build_corpus(_write(tmp_path / "t", a=text), options)
    assert corpus.alphabet.characters == ("a", "b", "나")
    assert corpus.segments == (Segment(0, 205, 203),)
    assert _text(corpus, corpus.segments[0]) == text


def test_the_alphabet_of_a_model_is_kept_or_extended(tmp_path):
    paths = _write(tmp_path / "t", a="xyz" * 50)
    model = Alphabet(("z", "a"))
    extended = build_corpus(paths, alphabet=model)
    assert extended.alphabet.characters == ("z", "a", "x", "y")
    kept = build_corpus(paths, alphabet=model, extend=False)
    assert kept.alphabet == model
    assert kept.segments[0].length == 135
    assert kept.key != extended.key


def test_large_alphabets_take_wider_tokens(tmp_path):
    model = Alphabet(tuple(map(chr, range(0x10000, 0x1FF01))))
    corpus = build_corpus(_write(tmp_path / "t", a="\U0001fe00" * 200), alphabet=model)
    assert corpus.train.dtype == np.int32
    assert _text(corpus, corpus.segments[0]) == "\U0001fe00" * 180


def test_weights_repeat_files_in_the_reading_order_without_copies(tmp_path):
    paths = _write(tmp_path / "t", book="b" * 199 + "\n", daily="d" * 99 + "\n")
    options = CorpusOptions(validation=0.0, weights={"daily*": 3})
    corpus = build_corpus(paths, options)
    assert len(corpus.train) == 300
    assert [segment.start for segment in corpus.segments] == [200, 0, 200, 200]
    assert corpus.length == corpus.length_characters == 500
    assert corpus.key == build_corpus(paths, CorpusOptions(validation=0.0)).key
    assert [source.weight for source in corpus.sources] == [1, 3]
    with pytest.raises(UsageError, match="nothing"):
        build_corpus(paths, CorpusOptions(weights={"nothing*": 2}))


def test_hurried_copies_come_from_the_training_part_only(tmp_path):
    text = "Train Me. And Me!\n" * 90 + "Hold Out.\n" * 20
    paths = _write(tmp_path / "t", a=text, b="Other Words.\n" * 30)
    options = CorpusOptions(validation=0.2, validation_from="each", case_variation=1.0)
    corpus = build_corpus(paths, options)
    assert len(corpus.segments) == 4
    copies = _text(corpus, corpus.sources[0].varied).lower()
    assert set(copies.split("\n")) == {"train me", "and me", ""}
    assert set(_text(corpus, corpus.sources[1].varied).lower().split()) == {"other", "words"}
    assert corpus.train_characters == int(1820 * 0.8) + int(390 * 0.8)
    assert sum(segment.length for segment in corpus.segments) == len(corpus.train)


@settings(max_examples=25)
@given(
    texts=st.lists(
        st.text(st.sampled_from("ab\r\n é e\u0301한글👩"), min_size=1), min_size=1, max_size=4
    ),
    size=st.integers(1, 40),
    share=st.floats(0, 0.5),
    each=st.booleans(),
)
def test_nothing_is_lost_however_it_is_read(tmp_path_factory, texts, size, share, each):
    original = reading._read_chunks
    folder = tmp_path_factory.mktemp("c")
    contents = [f"{LINE * 4}{text}" for text in texts]
    paths = _write(folder / "t", **{f"f{i:03}": text for i, text in enumerate(contents)})
    options = CorpusOptions(validation=share, validation_from="each" if each else "whole")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHARTERM_CACHE_DIR", str(folder / "cache"))
        patch.setattr(reading, "_read_chunks", lambda path: original(path, size))
        corpus = build_corpus(paths, options)
    held_out = iter(_validation(corpus))
    everything = "".join(
        _text(corpus, source.train) + (next(held_out) if source.validation.length else "")
        for source in corpus.sources
    )
    closed = [clean(text) for text in contents]
    if len(closed) > 1:
        closed = [text if text.endswith("\n") else f"{text}\n" for text in closed]
    assert everything == "".join(closed)
    assert corpus.characters == len(everything)


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 9)), min_size=1), st.data())
def test_reading_in_order_goes_round(places, data):
    segments = tuple(Segment(start, length, length) for start, length in places)
    corpus = Corpus("k", Alphabet(()), np.arange(30, dtype=np.uint16), segments, (), ())
    order = [start + i for start, length, _ in segments for i in range(length)]
    start = data.draw(st.integers(0, 3 * len(order)))
    stop = data.draw(st.integers(start, start + 50))
    expected = [order[i % len(order)] for i in range(start, stop)]
    assert corpus.read(start, stop).tolist() == expected


def test_releasing_pages_loses_nothing(tmp_path):
    corpus = build_corpus(_write(tmp_path / "t", a=LINE * 50))
    before = corpus.read(0, corpus.length)
    corpus.release()
    assert np.array_equal(before, corpus.read(0, corpus.length))


def test_sources_say_how_they_were_read(tmp_path):
    path = tmp_path / "k.txt"
    path.write_bytes(("안녕하세요 여러분\n" * 30).encode("cp949"))
    corpus = build_corpus([path])
    (source,) = corpus.sources
    assert (source.path, source.characters) == (path, 300)
    assert (source.encoding, source.guessed) == ("cp949", True)


def test_unchanged_files_are_not_read_again(tmp_path, monkeypatch):
    paths = _write(tmp_path / "t", a=LINE * 50)
    watched = []
    first = build_corpus(paths, watch=lambda done, total: watched.append((done, total)))
    size = paths[0].stat().st_size
    assert watched[-1] == (2 * size, 2 * size)
    watched.clear()
    again = build_corpus(paths, watch=lambda *counts: watched.append(counts))
    assert watched == []
    assert (again.key, again.sources, again.alphabet) == (first.key, first.sources, first.alphabet)
    other = build_corpus(paths, CorpusOptions(validation=0.2), watch=lambda *c: watched.append(c))
    assert watched
    assert other.key != first.key
    paths[0].write_bytes(b"changed " * 50)
    assert build_corpus(paths).alphabet != first.alphabet
    kept = load_corpus(first.key)
    assert kept is not None
    assert np.array_equal(kept.train, first.train)
    assert load_corpus("0" * 64) is None


def test_a_damaged_entry_is_made_anew(tmp_path):
    paths = _write(tmp_path / "t", a=LINE * 50)
    first = build_corpus(paths)
    entry = token_cache.entries_dir() / first.key
    expected = first.train.tolist()
    for damage in (
        lambda: (entry / "train.tokens").write_bytes(b"cut"),
        lambda: (entry / "corpus.json").write_text("{"),
        lambda: (entry / "corpus.json").unlink(),
        lambda: (entry / "corpus.json").write_text(json.dumps({"alphabet": {}, "sources": []})),
    ):
        damage()
        assert load_corpus(first.key) is None
        assert build_corpus(paths).train.tolist() == expected


def test_a_file_that_changes_while_it_is_read_is_noticed(tmp_path):
    (path,) = _write(tmp_path / "t", a=LINE * 50)

    def grow(done, total):
        if done == total:
            path.write_bytes(path.read_bytes() + b"more")

    with pytest.raises(ChartermError, match="changed while it was read"):
        build_corpus([path], watch=grow)
    assert [p.name for p in token_cache.entries_dir().iterdir()] == []


def test_too_little_text_is_refused(tmp_path):
    paths = _write(tmp_path / "t", a="x" * 60, b="y" * 50)
    with pytest.raises(ChartermError, match=r"2 files is too short: 99 characters"):
        build_corpus(paths, CorpusOptions(validation=0.11))
    with pytest.raises(ChartermError, match=r"a\.txt is too short: 54 characters"):
        build_corpus(paths[:1])


@pytest.mark.parametrize(
    "values",
    [
        {"min_count": 0},
        {"validation": 1.0},
        {"validation": -0.1},
        {"validation_from": "middle"},
        {"case_variation": 1.5},
        {"weights": {"a": 0}},
    ],
)
def test_options_out_of_range_are_refused(values):
    with pytest.raises(UsageError):
        CorpusOptions(**values)


def test_an_unwritable_cache_is_one_line(tmp_path, monkeypatch):
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    monkeypatch.setenv("CHARTERM_CACHE_DIR", str(blocked))
    with pytest.raises(ChartermError, match=r"^cannot write .*CHARTERM_CACHE_DIR"):
        build_corpus(_write(tmp_path / "t", a=LINE * 50))


def _age(key, days):
    then = time.time() - days * 86_400
    os.utime(token_cache.entries_dir() / key / "corpus.json", (then, then))


def test_old_stale_and_too_many_entries_make_room(tmp_path):
    def build(name, share):
        paths = _write(tmp_path / "t", **{name: LINE * 50})
        return build_corpus(paths, CorpusOptions(validation=share)).key

    kept, second, changed, unused = (build(n, 0.1) for n in ("kept", "two", "changed", "unused"))
    (tmp_path / "t" / "changed.txt").write_text("new words " * 20)
    _age(second, 3)
    token_cache.clean_up(keep=kept)
    assert len(list(token_cache.entries_dir().iterdir())) == 4  # a stale one may be in use today
    _age(changed, 2)
    _age(unused, 40)
    leftover = token_cache.entries_dir() / ".new-killed"
    leftover.mkdir()
    os.utime(leftover, (1, 1))
    token_cache.clean_up(keep=kept)
    assert {entry.name for entry in token_cache.entries_dir().iterdir()} == {kept, second}
    token_cache.clean_up(keep=kept, limit=1)
    assert [entry.name for entry in token_cache.entries_dir().iterdir()] == [kept]


def test_two_that_make_the_same_entry_do_not_disturb_each_other(tmp_path):
    paths = _write(tmp_path / "t", a=LINE * 50)
    inner = []

    def build_too(done, total):
        if not inner:
            inner.append(None)
            inner[0] = build_corpus(paths)

    outer = build_corpus(paths, watch=build_too)
    assert inner[0].key == outer.key
    assert np.array_equal(inner[0].train, outer.train)
    assert [entry.name for entry in token_cache.entries_dir().iterdir()] == [outer.key]
