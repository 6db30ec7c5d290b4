import threading
from dataclasses import replace
from pathlib import Path

import pytest

from charterm.documents import store as texts
from charterm.documents.autosave import Autosave, NotSaved, Saved
from charterm.documents.statistics import TypingStatistics
from charterm.documents.store import SavedText, TextStore, count_words
from charterm.errors import ChartermError

HANGUL = SavedText("letter", "안녕\nhello 👩‍🚀", 3, TypingStatistics(typed=4, bits=2.5), "korean")


@pytest.fixture
def store(tmp_path: Path) -> TextStore:
    return TextStore(tmp_path / "texts")


def test_a_text_comes_back_as_it_was(store: TextStore) -> None:
    store.save(HANGUL)
    assert store.load("letter") == HANGUL
    assert store.path("letter").read_text(encoding="utf-8") == HANGUL.text


def test_a_new_text_is_empty(store: TextStore) -> None:
    assert store.load("letter") == SavedText("letter")


@pytest.mark.parametrize("state", ["", "{", "[]", '{"cursor": "x"}', '{"cursor": 1}', "null"])
def test_a_damaged_state_costs_only_the_place(store: TextStore, state: str) -> None:
    store.save(HANGUL)
    (store.folder / ".letter.json").write_text(state)
    assert store.load("letter") == SavedText("letter", HANGUL.text, len(HANGUL.text))


def test_the_cursor_stays_in_a_text_that_became_shorter(store: TextStore) -> None:
    store.save(SavedText("letter", "a long text", 11))
    store.path("letter").write_text("short")
    assert store.load("letter").cursor == 5


def test_a_model_that_is_renamed_stays_that_of_its_texts(store: TextStore) -> None:
    store.save(HANGUL)
    store.save(SavedText("other", "text", model="english"))
    store.rename_model("korean", "한국어")
    assert store.load("letter") == replace(HANGUL, model="한국어")
    assert store.load("other").model == "english"


def test_a_text_that_cannot_be_read_is_left_alone(store: TextStore) -> None:
    store.folder.mkdir()
    store.path("letter").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ChartermError, match="not UTF-8"):
        store.load("letter")
    assert store.free_name("letter") == "letter-2"


def test_lone_surrogates_survive(store: TextStore) -> None:
    store.save(SavedText("letter", "a\ud800b"))
    assert store.load("letter").text == "a\ud800b"


class _Reports(list[Saved | NotSaved]):
    def __init__(self) -> None:
        self.arrived = threading.Semaphore(0)

    def __call__(self, report: Saved | NotSaved) -> None:
        self.append(report)
        self.arrived.release()


def test_autosave_writes_while_changes_go_on(store: TextStore) -> None:
    reports = _Reports()
    autosave = Autosave(store, reports, delay=0.05)
    text = ""
    while not reports:  # a change every few milliseconds puts nothing off
        text += "x"
        autosave.keep(SavedText("letter", text))
        threading.Event().wait(0.005)
    autosave.close()
    assert store.load("letter").text == text


def test_flush_writes_at_once_and_an_older_state_never_comes_last(store: TextStore) -> None:
    reports = _Reports()
    autosave = Autosave(store, reports, delay=0.01)
    for number in range(30):
        autosave.keep(SavedText("letter", str(number)))
        autosave.flush()
        assert store.load("letter").text == str(number)
    autosave.close()


def test_closing_writes_what_waits(store: TextStore) -> None:
    autosave = Autosave(store, _Reports(), delay=60)
    autosave.keep(HANGUL)
    autosave.close()
    assert store.load("letter") == HANGUL


def test_a_refusing_disk_is_told_and_tried_again(tmp_path: Path) -> None:
    (tmp_path / "texts").write_text("a file where the folder should be")
    store, reports = TextStore(tmp_path / "texts"), _Reports()
    autosave = Autosave(store, reports, delay=0.01)
    autosave.keep(HANGUL)
    assert reports.arrived.acquire(timeout=30)
    assert isinstance(reports[0], NotSaved)
    assert "texts" in reports[0].reason
    (tmp_path / "texts").unlink()
    autosave.keep(HANGUL)
    assert reports.arrived.acquire(timeout=30)
    assert reports[1] == Saved(HANGUL, words=3)
    autosave.close()


def test_what_the_disk_refused_is_written_at_the_end(tmp_path: Path) -> None:
    (tmp_path / "texts").write_text("a file where the folder should be")
    store, reports = TextStore(tmp_path / "texts"), _Reports()
    autosave = Autosave(store, reports, delay=0.01)
    autosave.keep(HANGUL)
    assert reports.arrived.acquire(timeout=30)
    with pytest.raises(ChartermError, match="texts"):
        autosave.flush()
    (tmp_path / "texts").unlink()
    autosave.close()
    assert store.load("letter") == HANGUL


def test_statistics() -> None:
    statistics = TypingStatistics()
    assert statistics.bits_per_character is None
    assert statistics.savings == 0.0
    statistics.count_typed(6)
    statistics.count_accepted(characters=14, keys=2)
    statistics.count_information(30.0, 20)
    assert statistics.keys_saved == 12
    assert statistics.savings == pytest.approx(12 / 20)
    assert statistics.bits_per_character == pytest.approx(1.5)
    assert TypingStatistics.from_json({**statistics.to_json(), "future": 1}) == statistics


@pytest.mark.parametrize("text", ["", "one", " one  two\n", "안녕 hello " * 20, "x" * 50, " " * 50])
def test_words_are_counted_in_pieces(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for piece in range(1, 12):
        monkeypatch.setattr(texts, "_PIECE", piece)
        assert count_words(text) == len(text.split())
