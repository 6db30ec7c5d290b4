"""Texts and files on the writing screen, with the keys and on the disk."""

import contextlib
import unicodedata
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from textual.command import CommandPalette
from textual.widgets import Input, OptionList, Static
from textual_fspicker.parts import DirectoryNavigation

from charterm import paths
from charterm.documents.store import TextStore
from charterm.settings import Settings, schema
from charterm.tui.app import ChartermApp
from charterm.tui.screens.mode import ModeScreen
from charterm.tui.screens.train import TrainScreen
from charterm.tui.typed_paths import nearest_folder
from charterm.tui.widgets.dialog import Answers, Dialog
from charterm.tui.widgets.file_picker import FilePicker
from charterm.tui.widgets.find_bar import FindBar
from charterm.tui.widgets.line import Line
from charterm.tui.widgets.mode_bar import ModeBar
from charterm.tui.widgets.question import Question
from tests.tui.models import save_word_model
from tests.tui.program import Opened, opened
from tests.tui.waiting import type_text, wait_until


@contextlib.asynccontextmanager
async def opened_with(*files: Path, model: str | None = None) -> AsyncIterator[Opened]:
    save_word_model()
    app = ChartermApp(model, files)
    async with app.run_test(size=(80, 24)) as pilot:
        program = Opened(pilot)
        await wait_until(pilot, lambda: program.screen.document.file is not None or not files)
        yield program


async def write(program: Opened, text: str) -> None:
    await type_text(program.pilot, text)
    await wait_until(program.pilot, lambda: text in program.editor.text)


def remark(program: Opened) -> str:
    return str(program.screen.query_one(ModeBar).query_one("#remark", Static).render())


async def shown(program: Opened, text: str) -> None:
    await wait_until(program.pilot, lambda: program.editor.text == text)


async def test_texts_side_by_side_keep_what_is_theirs() -> None:
    save_word_model(name="second")
    async with opened() as program:
        await write(program, "bright ")
        await program.pilot.press("ctrl+n")
        await shown(program, "")
        program.screen.use_model("second")
        await write(program, "cloud")
        await program.pilot.press("left", "left")
        await program.pilot.press("ctrl+pagedown")
        await shown(program, "bright ")
        assert program.screen.statistics.typed == 7
        await wait_until(program.pilot, lambda: "english GRU" in program.status)
        await program.pilot.press("ctrl+pageup")
        await shown(program, "cloud")
        assert program.editor.cursor_index == 3
        assert program.screen.statistics.typed == 5
        await wait_until(program.pilot, lambda: "second GRU" in program.status)
        await program.pilot.press("ctrl+z")
        await wait_until(program.pilot, lambda: program.editor.text != "cloud")
        assert "cloud".startswith(program.editor.text)
        await program.pilot.press("ctrl+y")
        await shown(program, "cloud")
        await program.pilot.press("ctrl+q")
    async with opened() as program:
        assert program.editor.text == "cloud"
        assert len(program.screen.documents.open) == 2
        await wait_until(program.pilot, lambda: "second GRU" in program.status)


async def test_information_of_one_text_is_not_counted_for_another() -> None:
    async with opened() as program:
        await write(program, "bright")
        await program.pilot.press("ctrl+n")
        await write(program, "cloud ")
        await program.settled()
        await wait_until(
            program.pilot,
            lambda: [each.statistics.measured for each in program.screen.documents.open] == [6, 6],
        )


async def test_a_file_is_opened_by_its_path_and_saved(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_bytes(b"Dear\r\n")
    async with opened() as program:
        await program.pilot.press("ctrl+o")
        await wait_until(program.pilot, lambda: isinstance(program.app.screen, FilePicker))
        await type_text(program.pilot, str(path))
        line = program.app.screen.query_one(Input)
        await wait_until(program.pilot, lambda: line.value == str(path))
        await program.pilot.press("enter")
        await shown(program, "Dear\n")
        assert remark(program) == "letter.txt"
        await program.pilot.press("ctrl+end")
        await write(program, "Anna")
        await wait_until(program.pilot, lambda: remark(program) == "• letter.txt")
        assert path.read_bytes() == b"Dear\r\n"
        await program.pilot.press("ctrl+s")
        await wait_until(program.pilot, lambda: path.read_bytes() == b"Dear\r\nAnna")
        await wait_until(program.pilot, lambda: remark(program) == "letter.txt")


async def test_the_picker_opens_the_highlighted_file(tmp_path: Path) -> None:
    (tmp_path / "only.txt").write_text("found")
    async with opened_with(tmp_path / "begun.txt") as program:
        await program.pilot.press("ctrl+o")
        await wait_until(program.pilot, lambda: isinstance(program.app.screen, FilePicker))
        listed = program.app.screen.query_one("DirectoryNavigation", OptionList)
        await wait_until(program.pilot, lambda: listed.option_count >= 2)
        await program.pilot.press("end", "enter")
        await shown(program, "found")


async def test_the_picker_completes_the_beginning_of_a_name(tmp_path: Path) -> None:
    inner = tmp_path / "texts" / "Alpha"
    inner.mkdir(parents=True)
    (inner / unicodedata.normalize("NFD", "편지.txt")).write_text("found")
    (inner.parent / "beta.txt").write_text("not this")
    async with opened_with(inner.parent / "begun.txt") as program:
        await program.pilot.press("ctrl+o")
        await wait_until(program.pilot, lambda: isinstance(program.app.screen, FilePicker))
        listed = program.app.screen.query_one(DirectoryNavigation)
        await wait_until(program.pilot, lambda: listed.option_count == 3)
        await type_text(program.pilot, "alp")
        await wait_until(program.pilot, lambda: listed.highlighted == 1)
        await program.pilot.press("enter")
        await wait_until(program.pilot, lambda: listed.location == inner)
        await wait_until(program.pilot, lambda: listed.option_count == 2)
        await type_text(program.pilot, "편")
        await wait_until(program.pilot, lambda: listed.highlighted == 1)
        await program.pilot.press("enter")
        await shown(program, "found")


async def test_files_of_the_command_line_and_what_was_written_into_them(tmp_path: Path) -> None:
    path = tmp_path / "편지.txt"
    path.write_text("안녕 ", encoding="utf-8")
    save_word_model(name="second")
    async with opened_with(path, model="second") as program:
        await shown(program, "안녕 ")
        await wait_until(program.pilot, lambda: "second GRU" in program.status)
        await program.pilot.press("end")
        await write(program, "cloud")
        await program.pilot.press("ctrl+q")
    assert path.read_text(encoding="utf-8") == "안녕 "
    async with opened_with(path) as program:
        await shown(program, "안녕 cloud")
        assert program.screen.document.is_modified
        await wait_until(program.pilot, lambda: "second GRU" in program.status)


async def test_several_files_are_opened_in_their_order(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("one.txt", "two.txt", "three.txt")]
    for path in paths:
        path.write_text(path.name)
    async with opened_with(*paths) as program:
        await shown(program, "three.txt")
        titles = [document.title for document in program.screen.documents.open]
        assert titles == ["one.txt", "two.txt", "three.txt"]


async def test_a_new_text_of_the_command_line() -> None:
    async with opened() as program:
        await write(program, "bright")
        await program.pilot.press("ctrl+q")
    app = ChartermApp(new=True)
    async with app.run_test() as pilot:
        program = Opened(pilot)
        await wait_until(pilot, lambda: len(program.screen.documents.open) == 2)
        await shown(program, "")
        await pilot.press("ctrl+pagedown")
        await shown(program, "bright")


async def test_a_file_that_changed_while_the_program_was_closed_is_read_again(
    tmp_path: Path,
) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("old")
    async with opened_with(path) as program:
        await shown(program, "old")
        await program.pilot.press("ctrl+q")
    path.write_text("new and longer")
    async with opened() as program:
        await shown(program, "new and longer")


async def test_save_as_asks_for_a_name_and_suggests_one(tmp_path: Path) -> None:
    async with opened() as program:
        await write(program, "bright cloud")
        await program.pilot.press("ctrl+s")
        question = program.screen.query_one(Question)
        await wait_until(program.pilot, lambda: question.asked)
        line = question.query_one(Line)
        assert Path(line.value).name == "bright-cloud.txt"
        line.value = str(tmp_path)
        await program.pilot.press("enter")
        assert question.asked  # a folder is none
        line.value = str(tmp_path / "new.txt")
        await program.pilot.press("enter")
        await wait_until(program.pilot, lambda: (tmp_path / "new.txt").exists())
        assert (tmp_path / "new.txt").read_text() == "bright cloud"
        await wait_until(program.pilot, lambda: remark(program) == "new.txt")
        await write(program, "!")
        await program.pilot.press("ctrl+s")
        await wait_until(
            program.pilot, lambda: (tmp_path / "new.txt").read_text() == "bright cloud!"
        )


@pytest.mark.parametrize("replace", [True, False])
async def test_a_file_that_was_not_opened_is_asked_about(tmp_path: Path, replace: bool) -> None:
    path = tmp_path / "theirs.txt"
    path.write_text("theirs")
    async with opened() as program:
        await write(program, "mine")
        await program.pilot.press("f12")
        question = program.screen.query_one(Question)
        await wait_until(program.pilot, lambda: question.asked)
        question.query_one(Line).value = str(path)
        await program.pilot.press("enter")
        await wait_until(program.pilot, lambda: isinstance(program.app.screen, Dialog))
        assert path.read_text() == "theirs"
        answers = program.app.screen.query_one(Answers)
        answers.highlighted = answers.get_option_index("overwrite" if replace else "")
        await program.pilot.press("enter")
        await wait_until(program.pilot, lambda: program.app.screen is program.screen)
        if replace:
            await wait_until(program.pilot, lambda: path.read_text() == "mine")
        else:
            assert program.screen.document.file is None
            assert path.read_text() == "theirs"


async def test_a_file_that_was_changed_elsewhere_is_never_overwritten_unasked(
    tmp_path: Path,
) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("old")
    async with opened_with(path) as program:
        await write(program, "mine ")
        path.write_text("theirs")
        await program.pilot.press("ctrl+s")
        await wait_until(program.pilot, lambda: isinstance(program.app.screen, Dialog))
        assert path.read_text() == "theirs"
        answers = program.app.screen.query_one(Answers)
        answers.highlighted = answers.get_option_index("theirs")
        await program.pilot.press("enter")
        await shown(program, "theirs")
        texts = {document.title: document.text for document in program.screen.documents.open}
        assert texts["letter.txt"] == "theirs"
        assert texts["letter"] == "mine old"
        assert path.read_text() == "theirs"


async def test_a_file_that_was_changed_elsewhere_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("old")
    async with opened_with(path) as program:
        await shown(program, "old")
        path.write_text("new and longer")
        program.app.app_focus = False
        program.app.app_focus = True
        await shown(program, "new and longer")
        assert not program.screen.document.is_modified
        await write(program, "mine ")
        path.write_text("newer")
        await program.app.switch_mode("models")
        await program.app.switch_mode("write")
        await wait_until(program.pilot, lambda: "Saving will ask" in program.notices)
        assert program.editor.text == "mine new and longer"


async def test_a_file_that_cannot_be_written_keeps_the_text(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("old")
    path.chmod(0o444)
    async with opened_with(path) as program:
        await write(program, "mine ")
        await program.pilot.press("ctrl+s")
        await wait_until(program.pilot, lambda: "read-only" in program.notices)
        assert "The text is kept here" in program.notices
        await program.pilot.press("ctrl+q")
    assert path.read_text() == "old"
    async with opened() as program:
        assert program.editor.text == "mine old"


async def test_what_is_no_text_is_refused_and_nothing_changes(tmp_path: Path) -> None:
    path = tmp_path / "picture"
    path.write_bytes(bytes(range(256)) * 20)
    async with opened() as program:
        await write(program, "bright")
        program.screen.open_file(path)
        await wait_until(program.pilot, lambda: "binary" in program.notices)
        assert program.editor.text == "bright"
        assert len(program.screen.documents.open) == 1


async def test_the_list_of_texts_goes_on_with_one() -> None:
    async with opened() as program:
        await write(program, "the first one")
        await program.pilot.press("ctrl+n")
        await write(program, "another")
        await program.pilot.press("alt+x")
        await shown(program, "the first one")
        await program.pilot.press("f8")
        await wait_until(program.pilot, lambda: isinstance(program.app.screen, CommandPalette))
        await wait_until(program.pilot, lambda: program.app.screen.query("CommandList"))
        listed = program.app.screen.query_one("CommandList", OptionList)
        await wait_until(program.pilot, lambda: listed.option_count == 1)
        assert "another" in str(listed.get_option_at_index(0).prompt)
        await program.pilot.press("down", "enter")
        await shown(program, "another")


async def test_closing_the_last_text_leaves_an_empty_one() -> None:
    async with opened() as program:
        await write(program, "bright")
        await program.pilot.press("alt+x")
        await shown(program, "")
        await wait_until(program.pilot, lambda: TextStore().path("untitled").exists())
        await write(program, "cloud")
    assert TextStore().load("untitled").text == "bright"


async def test_find_goes_through_the_hits_and_round() -> None:
    async with opened() as program:
        await write(program, "안녕 Bright 안녕\n안녕 bright")
        await program.pilot.press("ctrl+home", "ctrl+f")
        bar = program.screen.query_one(FindBar)
        await wait_until(program.pilot, lambda: bar.query_one(Line).has_focus)
        await type_text(program.pilot, "안녕")
        count = bar.query_one("#find-count", Static)
        places = []
        for key in (None, "enter", "down", "down", "up"):
            if key:
                await program.pilot.press(key)
            expected = {None: 0, "enter": 1}.get(key, len(places) % 3 if key == "down" else 2)
            await wait_until(
                program.pilot, lambda n=expected: str(count.render()) == f"{n + 1} of 3"
            )
            assert program.editor.selected_text == "안녕"
            places.append(program.editor.selection.start)
        assert places == [(0, 0), (0, 10), (1, 0), (0, 0), (1, 0)]
        marked = program.editor.get_line(0)
        assert [(span.start, span.end) for span in marked.spans] == [(0, 2), (10, 12)]
        await program.pilot.press("escape")
        assert program.editor.has_focus
        assert not program.editor.get_line(0).spans
        bar.query_one(Line).value = "bright"
        await program.pilot.press("f3")
        await wait_until(program.pilot, lambda: program.editor.selected_text == "bright")
        await program.pilot.press("f4")
        await wait_until(program.pilot, lambda: program.editor.selected_text == "Bright")


async def test_what_is_not_there_is_told_and_nothing_moves() -> None:
    async with opened() as program:
        await write(program, "bright")
        await program.pilot.press("ctrl+f")
        await type_text(program.pilot, "x.*")
        bar = program.screen.query_one(FindBar)
        count = bar.query_one("#find-count", Static)
        await wait_until(program.pilot, lambda: str(count.render()) == "not found")
        assert program.editor.cursor_index == 6


async def test_what_is_copied_is_in_a_file_too(tmp_path: Path) -> None:
    async with opened() as program:
        await write(program, "안녕 bright")
        copied = paths.data_dir() / "clipboard.txt"
        await program.pilot.press("alt+c")
        await wait_until(program.pilot, lambda: str(copied) in program.notices)
        assert copied.read_text(encoding="utf-8") == "안녕 bright"
        assert program.app.clipboard == "안녕 bright"
        await program.pilot.press("shift+left", "shift+left", "ctrl+c")
        await wait_until(program.pilot, lambda: copied.read_text() == "ht")
        program.app.copy_to_clipboard("half \ud800 a character")
        await wait_until(program.pilot, lambda: "half" in copied.read_text(errors="replace"))
        copied.unlink()
        copied.mkdir()
        program.app.copy_to_clipboard("more", "Said.")
        await wait_until(program.pilot, lambda: "Said. cannot write" in program.notices)


async def test_a_screen_is_reached_without_alt() -> None:
    async with opened() as program:
        await write(program, "bright")
        await program.pilot.press("ctrl+g")
        await wait_until(program.pilot, lambda: isinstance(program.app.screen, Dialog))
        await program.pilot.press("3")
        await wait_until(program.pilot, lambda: isinstance(program.app.screen, TrainScreen))
        await program.pilot.press("ctrl+g")
        await wait_until(program.pilot, lambda: isinstance(program.app.screen, Dialog))
        await program.pilot.press("enter")
        await wait_until(program.pilot, lambda: program.app.screen is program.screen)
        await program.pilot.press("ctrl+g", "escape")
        await wait_until(program.pilot, lambda: isinstance(program.app.screen, ModeScreen))
        assert program.editor.text == "bright"


def test_looking_for_a_file_begins_where_there_is_a_folder(tmp_path: Path) -> None:
    assert nearest_folder(tmp_path / "gone" / "deeper") == tmp_path
    assert nearest_folder(tmp_path) == tmp_path


async def test_a_deleted_text_is_one_key_from_being_back(tmp_path: Path) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("bright")
    async with opened_with(letter) as program:
        await write(program, "er ")
        typed = program.editor.text
        await program.pilot.press("alt+i")
        await shown(program, "")
        await wait_until(program.pilot, lambda: "letter.txt is in the trash" in program.notices)
        assert str(letter) in program.notices
        assert letter.read_text() == "bright"
        await program.pilot.press("alt+z")
        await shown(program, typed)
        assert remark(program) == "• letter.txt"
        await program.pilot.press("alt+z")
        await wait_until(program.pilot, lambda: "no deleted text" in program.notices)
        assert program.editor.text == typed


async def test_a_text_that_nobody_named_is_called_so_in_korean() -> None:
    Settings.load().with_value(schema.LANGUAGE, "ko").save()
    async with opened() as program:
        await wait_until(program.pilot, lambda: remark(program) == "제목 없음")
        await write(program, "bright ")
        await program.pilot.press("ctrl+n")
        await wait_until(program.pilot, lambda: remark(program) == "제목 없음-2")
