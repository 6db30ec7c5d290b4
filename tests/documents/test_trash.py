"""Deleted texts come back as they were, and a refusal of the disk loses nothing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from charterm.documents import trash
from charterm.documents.autosave import Autosave
from charterm.documents.documents import Documents
from charterm.documents.files import LinkedFile
from charterm.documents.statistics import TypingStatistics
from charterm.documents.store import SavedText, TextStore
from charterm.errors import ChartermError, UsageError


@pytest.fixture
def store(tmp_path: Path) -> TextStore:
    return TextStore(tmp_path / "texts")


LETTER = SavedText("편지", "안녕\nhello 👩‍🚀", 3, TypingStatistics(typed=4, bits=2.5), "korean")


def test_a_deleted_text_comes_back_with_all_that_is_its(store: TextStore, tmp_path: Path) -> None:
    letter = replace(LETTER, file=LinkedFile(tmp_path / "letter.txt"))
    store.save(letter)
    trash.delete_text(store, "편지")
    assert not store.texts()
    assert not list(store.folder.iterdir())
    assert trash.restore_text(store) == "편지"
    assert store.load("편지") == letter
    assert not trash.deleted_texts(store)


def test_the_last_deleted_comes_first_and_a_taken_name_gets_a_number(store: TextStore) -> None:
    for text in ("first", "second"):
        store.save(SavedText("note", text))
        trash.delete_text(store, "note")
    store.save(SavedText("other", "third"))
    trash.delete_text(store, "other")
    store.save(SavedText("note", "new"))
    assert trash.restore_text(store, "note") == "note-2"
    assert store.load("note-2").text == "second"
    assert trash.restore_text(store) == "other"
    assert store.load("note").text == "new"
    with pytest.raises(UsageError, match="no deleted text named letter; there are: note"):
        trash.restore_text(store, "letter")
    trash.restore_text(store)
    with pytest.raises(UsageError, match="no deleted text to bring back"):
        trash.restore_text(store)


def test_what_waits_for_long_goes_for_ever(store: TextStore) -> None:
    store.save(SavedText("old", "old"))
    deleted = trash.delete_text(store, "old")
    before = datetime.now(UTC) - timedelta(days=trash.KEPT_DAYS, hours=1)
    deleted.folder.rename(deleted.folder.with_name(f"{before.strftime(trash._STAMP)}~old"))
    store.save(SavedText("new", "new"))
    trash.delete_text(store, "new")
    assert [each.name for each in trash.deleted_texts(store)] == ["new"]


def test_a_disk_that_refuses_leaves_the_text(
    store: TextStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.save(LETTER)

    def refuse(path: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device", str(target))

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(ChartermError, match=r"cannot delete .*: No space left on device"):
        trash.delete_text(store, "편지")
    monkeypatch.undo()
    assert store.load("편지") == LETTER
    assert not trash.deleted_texts(store)


def test_an_open_text_is_deleted_as_it_is_now_and_brought_back(store: TextStore) -> None:
    documents = Documents(store, Autosave(store, lambda report: None, delay=600))
    documents.begin()
    documents.current.text = "typed a moment ago"
    documents.keep(documents.current)
    assert documents.delete().is_blank
    assert documents.restore().text == "typed a moment ago"
    documents._autosave.close()


def test_what_another_window_wrote_is_not_deleted_unseen(store: TextStore) -> None:
    documents = Documents(store, Autosave(store, lambda report: None, delay=600))
    documents.begin()
    documents.current.text = "mine"
    documents.keep(documents.current)
    documents._autosave.flush()
    TextStore(store.folder).save(SavedText("untitled", "mine"))
    store.path("untitled").write_text("theirs")
    with pytest.raises(ChartermError, match="changed in another window"):
        documents.delete()
    assert store.path("untitled").read_text() == "theirs"
    assert documents.current.text == "mine"
    documents._autosave.close()
