from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from charterm.text import verbatim
from charterm.text.corpus import Corpus, CorpusOptions, build_corpus
from charterm.text.verbatim import find_verbatim


def corpus_of(folder: Path, text: str) -> Corpus:
    path = folder / "text.txt"
    path.write_text(text, encoding="utf-8")
    return build_corpus([path], CorpusOptions(validation=0.0))


def longest_by_trying(corpus: str, text: str) -> int:
    return max(
        (
            length
            for start in range(len(text))
            for length in range(1, len(text) - start + 1)
            if text[start : start + length] in corpus
        ),
        default=0,
    )


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(
    corpus=st.text("ab\n", min_size=100, max_size=220),
    texts=st.lists(st.text("abc\n", max_size=60), max_size=3),
    chunk=st.integers(1, 300),
)
def test_longest_stretches_are_those_found_by_trying(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, corpus: str, texts: list[str], chunk: int
) -> None:
    monkeypatch.setattr(verbatim, "_CHUNK", chunk)
    monkeypatch.setattr(verbatim, "_PAIRS", chunk)
    found = find_verbatim(corpus_of(tmp_path, corpus), texts)
    for text, result in zip(texts, found, strict=True):
        assert result.characters == len(text)
        assert result.longest == len(result.stretch)
        assert result.stretch in corpus
        assert result.stretch in text
        assert result.longest == longest_by_trying(corpus, text)


def test_copied_share_source_and_characters(tmp_path: Path) -> None:
    first, second = tmp_path / "first.txt", tmp_path / "second.txt"
    first.write_text("abcdefghijklmnopqrstuvwxyz" * 5)
    stretch = "다람쥐 헌 쳇바퀴에 타고파. 키스의 고유조건은 입술끼리 만나야 하고."
    second.write_text("0123456789\n" * 10 + stretch + "\n" + "9876543210\n" * 10)
    corpus = build_corpus([first, second], CorpusOptions(validation=0.0))
    text = "!" * 30 + stretch + "?" * (70 - len(stretch))
    (found,) = find_verbatim(corpus, [text])
    assert (found.longest, found.stretch, found.source) == (len(stretch), stretch, "second.txt")
    assert found.copied == pytest.approx(len(stretch) / 100)


def test_byte_spelt_characters_count_once(tmp_path: Path) -> None:
    path = tmp_path / "text.txt"
    path.write_text("abc def\n" * 30 + "x안y", encoding="utf-8")
    corpus = build_corpus([path], CorpusOptions(validation=0.0, min_count=2))
    (found,) = find_verbatim(corpus, ["--x안y--"])
    assert found.stretch == "x안y"
