"""Open texts: nothing is lost, whatever is opened, shown and closed in whatever order."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from charterm.documents.autosave import Autosave, NotSaved, Saved
from charterm.documents.documents import Document, Documents
from charterm.documents.files import read_file, write_file
from charterm.documents.store import OpenTexts, SavedText, TextStore
from charterm.errors import ChartermError


class Desk:
    """Open texts that are written when a test says so."""

    def __init__(self, folder: Path) -> None:
        self.reports: list[Saved | NotSaved] = []
        self.store = TextStore(folder / "texts")
        self.autosave = Autosave(self.store, self.reports.append, delay=600)
        self.documents = Documents(self.store, self.autosave)
        self.documents.begin()

    def write(self, text: str) -> None:
        self.documents.current.text += text
        self.documents.keep(self.documents.current)

    def open_file(self, path: Path) -> Document:
        read = read_file(path)
        return self.documents.show_file(read, self.documents.stored_of(read.file.path))

    def flush(self) -> None:
        self.autosave.flush()
        for report in self.reports:
            assert isinstance(report, Saved)
            self.documents.was_saved(report.saved, report.words, report.was)
        self.reports.clear()

    def close(self) -> None:
        self.autosave.close()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    opened = Desk(tmp_path)
    yield opened
    opened.close()


def again(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_it_begins_with_an_empty_text(desk: Desk) -> None:
    assert desk.documents.current.name == "untitled"
    assert desk.documents.new() is desk.documents.current  # which is as good as a new one
    assert len(desk.documents.open) == 1


def test_open_texts_come_back_with_what_each_has_of_its_own(desk: Desk, tmp_path: Path) -> None:
    desk.write("first text")
    desk.documents.current.model = "korean"
    desk.documents.current.statistics.count_typed(10)
    desk.documents.keep(desk.documents.current)
    assert desk.documents.new().model == "korean"  # who writes Korean goes on in Korean
    desk.documents.current.model = ""
    desk.write("second")
    desk.documents.step(-1)
    desk.flush()
    restarted = again(tmp_path)
    shown = restarted.documents.current
    assert (shown.text, shown.model, shown.statistics.typed) == ("first text", "korean", 10)
    other = restarted.documents.step(1)
    assert (other.text, other.model, other.statistics.typed) == ("second", "", 0)
    assert restarted.documents.step(1) is shown


def test_a_file_has_one_text_and_what_was_written_into_it(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "letter.md"
    path.write_text("Dear")
    document = desk.open_file(path)
    assert document.title == "letter.md"
    assert [each.name for each in desk.documents.open] == ["letter"]  # in the blank one's place
    assert not document.is_modified
    desk.write(" Anna")
    assert document.is_modified
    desk.documents.new()
    assert desk.open_file(path) is document
    assert document.text == "Dear Anna"
    desk.flush()
    restarted = again(tmp_path)
    assert restarted.documents.current.is_modified
    restarted.documents.close()
    document = restarted.open_file(path)  # closed, and known all the same
    assert document.text == "Dear Anna"
    assert document.file is not None
    document.belongs_to(write_file(document.text, document.file), document.text)
    assert not document.is_modified


def test_a_file_that_changed_is_read_again_where_nothing_was_written(
    desk: Desk, tmp_path: Path
) -> None:
    path = tmp_path / "letter.md"
    path.write_text("Dear")
    document = desk.open_file(path)
    path.write_text("Dear Anna")
    assert desk.open_file(path) is document
    assert document.text == "Dear Anna"
    assert not document.is_modified


def test_files_of_one_name_in_two_folders_are_two_texts(desk: Desk, tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "letter.txt").write_text(folder)
        desk.open_file(tmp_path / folder / "letter.txt")
    assert [document.name for document in desk.documents.open] == ["letter", "letter-2"]
    assert [document.text for document in desk.documents.open] == ["a", "b"]


def test_a_closed_text_stays_in_the_list_and_an_empty_one_goes(desk: Desk) -> None:
    desk.write("kept")
    desk.flush()
    assert desk.documents.close().is_blank
    assert len(desk.documents.open) == 1
    desk.flush()
    assert [info.name for info in desk.documents.recent()] == ["untitled"]
    desk.documents.show("untitled")
    assert desk.documents.current.text == "kept"


def test_the_list_has_what_was_used_last_first(desk: Desk, tmp_path: Path) -> None:
    import os

    for number, name in enumerate(("old", "new", "middle")):
        desk.store.save(SavedText(name, f"\n the {name} one\n"))
        for path in (desk.store.path(name), desk.store.folder / f".{name}.json"):
            os.utime(path, (0, 1000 + [0, 2, 1][number]))
    infos = desk.store.texts()
    assert [info.name for info in infos] == ["new", "middle", "old"]
    assert infos[0].beginning == "the new one"


def test_a_text_that_cannot_be_read_costs_none_of_the_others(desk: Desk, tmp_path: Path) -> None:
    desk.write("good")
    desk.flush()
    desk.store.path("bad").write_bytes(b"\xff\xfe broken")
    desk.store.save_open(OpenTexts(("bad", "untitled"), "bad"))
    store = TextStore(tmp_path / "texts")
    documents = Documents(store, Autosave(store, desk.reports.append, delay=600))
    with pytest.raises(ChartermError, match="bad"):
        documents.begin()
    assert documents.current.is_blank
    assert documents.step(1).text == "good"
    with pytest.raises(ChartermError, match="bad"):
        documents.show("bad")
    assert documents.current.text == "good"
    assert store.path("bad").read_bytes() == b"\xff\xfe broken"


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"open": []}', '{"open": ["x"], "current": 1}']
)
def test_a_damaged_list_of_open_texts_opens_the_untitled_one(tmp_path: Path, content: str) -> None:
    (tmp_path / "open-texts.json").write_text(content)
    assert again(tmp_path).documents.current.name == "untitled"


def test_two_windows_never_overwrite_each_other(tmp_path: Path) -> None:
    first, second = again(tmp_path), again(tmp_path)
    first.write("of the first")
    first.flush()
    second.write("of the second")
    second.flush()
    assert second.documents.current.name == "untitled-2"
    first.write(", longer")
    second.write(", longer")
    first.flush()
    second.flush()
    assert first.store.load("untitled").text == "of the first, longer"
    assert first.store.load("untitled-2").text == "of the second, longer"
    assert second.documents.show("untitled").text == "of the first, longer"


def test_what_was_kept_under_the_old_name_goes_to_the_new_one(tmp_path: Path) -> None:
    first, second = again(tmp_path), again(tmp_path)
    first.write("of the first")
    first.flush()
    second.write("a")
    second.autosave.flush()  # the name is another one now, which the writer has not heard yet
    second.write("b")
    second.autosave.flush()
    second.flush()
    second.write("c")
    second.flush()
    assert first.store.load("untitled").text == "of the first"
    assert first.store.load("untitled-2").text == "abc"
    assert [info.name for info in first.store.texts()].count("untitled-3") == 0


def test_a_text_that_is_closed_before_it_is_written_keeps_its_name(tmp_path: Path) -> None:
    desk = again(tmp_path)
    desk.write("typed just now")
    for _ in range(3):
        desk.documents.close()
    desk.autosave.close()
    assert TextStore(tmp_path / "texts").load("untitled").text == "typed just now"


names = st.sampled_from(["one", "two", "three"])
steps = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.text("ab한", min_size=1, max_size=3)),
        st.tuples(st.just("new"), st.just("")),
        st.tuples(st.just("close"), st.just("")),
        st.tuples(st.just("step"), st.sampled_from(["1", "-1"])),
        st.tuples(st.just("file"), names),
        st.tuples(st.just("flush"), st.just("")),
        st.tuples(st.just("restart"), st.just("")),
    ),
    max_size=25,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_nothing_that_was_written_is_lost(
    tmp_path_factory: pytest.TempPathFactory, done: list[tuple[str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("desk")
    for name in ("one", "two", "three"):
        (folder / name).write_text(name)
    desk, written = again(folder), {}
    for what, value in done:
        documents = desk.documents
        match what:
            case "write":
                desk.write(value)
                written[documents.current.name] = documents.current.text
            case "new":
                documents.new()
            case "close":
                documents.close()
            case "step":
                documents.step(int(value))
            case "file":
                desk.open_file(folder / value)
            case "flush":
                desk.flush()
            case "restart":
                shown = documents.current.name
                desk.autosave.close()
                desk = again(folder)
                assert desk.documents.current.name == shown or not written.get(shown)
        assert desk.documents.open
        assert desk.documents.current.is_read
    desk.autosave.close()
    store = TextStore(folder / "texts")
    assert {name: store.load(name).text for name in written} == written
