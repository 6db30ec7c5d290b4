"""The writing screen with a model made by hand, from the keys to the disk."""

from pathlib import Path

import pytest
from textual import events
from textual.widgets import OptionList, Static

from charterm.documents.store import SavedText, TextStore
from charterm.settings import Settings, schema
from charterm.tui.predictor import Predicted
from charterm.tui.screens.write import WriteScreen
from charterm.tui.widgets.editor import Editor
from tests.tui.models import save_word_model
from tests.tui.program import Opened, opened
from tests.tui.waiting import type_text, wait_until


async def typed(program: Opened, text: str) -> None:
    await type_text(program.pilot, text)
    await wait_until(program.pilot, lambda: program.editor.text.endswith(text.rstrip("\n")))
    await program.settled()


async def test_typing_shows_ghost_text_alternatives_and_bars() -> None:
    async with opened() as program:
        program.app.change_setting(schema.MEMORY, "off")  # the model's own probabilities
        await typed(program, "b")
        assert program.editor.ghost == "right"
        assert program.bars.characters[0][0] == "r"
        await typed(program, "right ")
        assert program.editor.ghost == "bright"
        assert program.listed == ["bright", "cloud", "안녕하세요"]
        drawn = str(program.alternatives.get_option_at_index(1).prompt)
        assert drawn.startswith("cloud")
        assert "32 %" in drawn
        assert program.alternatives.highlighted == 0
        bars = str(program.bars.render())
        assert bars.index("b ") < bars.index("c ") < bars.index("안")


async def test_the_list_shows_whole_words() -> None:
    async with opened() as program:
        await typed(program, "clo")
        await program.pilot.pause()
        assert str(program.alternatives.get_option_at_index(0).prompt).startswith("cloud ")


async def test_control_characters_are_made_visible_in_the_bars() -> None:
    async with opened() as program:
        program.bars.characters = (("\x1b", 0.4), ("\n", 0.3), (" ", 0.2), ("\t", 0.1))
        lines = str(program.bars.render()).splitlines()
        assert [line[0] for line in lines] == ["␛", "⏎", "␣", "⇥"]


async def test_taking_a_suggestion_counts_what_it_saved() -> None:
    async with opened() as program:
        await typed(program, "b")
        await program.pilot.press("tab")
        await program.settled()
        assert program.editor.text == "bright"
        await wait_until(program.pilot, lambda: "4 keys saved, 67 %" in program.status)


async def test_a_click_on_an_alternative_takes_it() -> None:
    async with opened() as program:
        await typed(program, "bright ")
        await program.pilot.pause()
        await program.pilot.click(OptionList, offset=(3, 1))
        await program.settled()
        assert program.editor.text == "bright cloud"
        assert program.editor.has_focus


async def test_a_click_on_a_bar_types_its_character() -> None:
    async with opened() as program:
        await typed(program, "bright ")
        await program.pilot.click("NextCharacters", offset=(5, 1))
        await program.settled()
        assert program.editor.text == "bright c"


async def test_the_list_can_be_walked_with_the_arrows() -> None:
    async with opened() as program:
        await typed(program, "bright ")
        await program.pilot.press("escape", "tab")
        assert program.alternatives.has_focus
        await program.pilot.press("down", "down", "enter")
        await program.settled()
        assert program.editor.text.startswith("bright ")
        assert program.editor.text != "bright "
        assert program.editor.has_focus


async def test_a_choice_from_a_list_of_an_older_text_chooses_nothing() -> None:
    async with opened() as program:
        await typed(program, "bright ")
        await program.pilot.press("escape", "tab")
        program.alternatives.action_cursor_down()
        program.editor.insert("\n\n")  # before the list's message has come
        assert not program.listed
        await program.settled()
        assert not program.editor.offers.picked
        assert program.editor.text == "bright \n\n"


async def test_bits_per_character_of_what_was_typed() -> None:
    async with opened() as program:
        await typed(program, "bright cloud")
        await wait_until(program.pilot, lambda: program.screen.statistics.measured == 12)
        # a word is chosen twice, among three; within a word everything is certain
        assert program.screen.statistics.bits == pytest.approx(0.79 + 1.66, abs=0.05)
        await wait_until(program.pilot, lambda: "0.20 bits/char" in program.status)


async def test_an_answer_for_an_older_text_changes_nothing() -> None:
    async with opened() as program:
        await typed(program, "bright ")
        editor, version = program.editor, program.editor.revision
        await typed(program, "c")
        bars, listed = program.bars.characters, program.listed
        screen = program.screen
        screen.post_message(WriteScreen.Reported(Predicted(version, (("z", 1.0),), (), 1.0)))
        await program.pilot.pause()
        assert (program.bars.characters, program.listed) == (bars, listed)
        assert editor.ghost == "loud"


async def test_the_text_and_the_cursor_come_back() -> None:
    async with opened() as program:
        await typed(program, "bright 안녕하세요\ncloud ")
        await program.pilot.press("up", "end")
        await program.pilot.press("ctrl+q")
    async with opened() as program:
        assert program.editor.text == "bright 안녕하세요\ncloud "
        assert program.editor.cursor_location == (0, 12)
        assert program.screen.statistics.typed == 19


async def test_what_was_typed_is_on_the_disk_soon_without_leaving() -> None:
    async with opened() as program:
        await typed(program, "bright")
        store = TextStore()
        await wait_until(program.pilot, lambda: store.load().text == "bright")
        await wait_until(program.pilot, lambda: "saved" in program.status)


async def test_leaving_by_an_error_saves_as_well() -> None:
    async def break_down() -> None:
        async with opened() as program:
            await typed(program, "bright")
            program.app.call_later(lambda: 1 / 0)
            await program.pilot.pause()

    with pytest.raises(ZeroDivisionError):
        await break_down()
    assert TextStore().load().text == "bright"


async def test_a_text_that_cannot_be_read_is_not_overwritten() -> None:
    store = TextStore()
    store.folder.mkdir(parents=True)
    store.path("untitled").write_bytes(b"\xff\xfe broken")
    async with opened() as program:
        await typed(program, "bright")
        await program.pilot.press("ctrl+q")
    assert store.path("untitled").read_bytes() == b"\xff\xfe broken"
    assert store.load("untitled-2").text == "bright"


async def test_where_saving_fails_the_program_stays_the_first_time(tmp_path: Path) -> None:
    async with opened() as program:
        await typed(program, "bright")
        await wait_until(program.pilot, lambda: TextStore().load().text == "bright")
        folder = TextStore().folder
        folder.rename(tmp_path / "elsewhere")
        folder.write_text("in the way")
        await program.pilot.press("b", "ctrl+q")
        assert program.app._exit is False
        folder.unlink()
        await program.pilot.press("ctrl+q")
    assert TextStore().load().text == "brightb"


@pytest.mark.parametrize("size", [(40, 12), (60, 20), (80, 24), (140, 40), (200, 60)])
async def test_every_size_has_room_for_the_text(size: tuple[int, int]) -> None:
    async with opened(size) as program:
        await typed(program, "bright ")
        region = program.editor.region
        assert region.width >= 30
        assert region.height >= 5
        assert program.editor.ghost == "bright"
        if size[1] >= 20:
            assert program.alternatives.region.height >= 3
            assert program.alternatives.region.width >= 15
            assert program.bars.region.height >= 3
        if size[0] >= 80:
            assert program.alternatives.region.x >= region.right
        else:
            assert program.alternatives.region.y >= region.bottom or size[1] < 20


async def test_hangul_keeps_its_cells() -> None:
    async with opened() as program:
        await typed(program, "안녕")
        assert program.editor.ghost == "하세요"
        line = program.editor.render_line(0)
        assert line.text.startswith("안녕하세요")
        assert line.cell_length == program.editor.size.width
        offset = program.editor.cursor_screen_offset - program.editor.content_region.offset
        assert offset.x == 4
        await program.pilot.press("tab")
        assert program.editor.text == "안녕하세요"


async def test_a_long_paste_is_kept_whole_and_typing_goes_on() -> None:
    pasted = "bright cloud 안녕하세요\n" * 4000
    async with opened() as program:
        program.app.post_message(events.Paste(pasted))
        await wait_until(program.pilot, lambda: len(program.editor.text) == len(pasted))
        await typed(program, "cl")
        assert program.editor.text == pasted + "cl"
        assert program.editor.ghost == "oud"
        assert program.screen.statistics.typed == 2
        assert program.screen.statistics.measured <= 2


async def test_a_key_repeated_fast_leaves_the_answer_of_the_last() -> None:
    async with opened() as program:
        await typed(program, "bright " * 60 + "c")
        assert program.editor.ghost == "loud"
        assert program.bars.characters[0][0] == "l"


async def test_without_a_model_one_can_write_and_is_told() -> None:
    async with opened(model="nowhere", make_model=False) as program:
        await wait_until(program.pilot, lambda: "no model" in program.status)
        await type_text(program.pilot, "anything")
        assert program.editor.text == "anything"
        told = program.screen.query_one("#without", Static)
        assert told.display
        assert "nowhere" in str(told.render())
        save_word_model()
        program.screen.use_model("english")
        await wait_until(program.pilot, lambda: not told.display)


async def test_another_model_takes_over_and_belongs_to_the_text() -> None:
    save_word_model(name="second")
    async with opened() as program:
        await typed(program, "bright ")
        program.screen.use_model("second")
        await wait_until(program.pilot, lambda: "second GRU" in program.status)
        assert program.editor.text == "bright "
        await program.pilot.press("ctrl+q")
    async with opened() as program:
        await wait_until(program.pilot, lambda: "second GRU" in program.status)
    async with opened(model="english") as program:  # asked for on the command line
        await wait_until(program.pilot, lambda: "english GRU" in program.status)


async def test_the_threshold_decides_what_is_shown_and_is_kept() -> None:
    async with opened() as program:
        program.app.change_setting(schema.MEMORY, "off")  # the model's own probabilities
        await typed(program, "bright ")  # bright saves 0.58 × 5 = 2.9 keys
        assert program.editor.ghost == "bright"
        program.app.change_setting(schema.THRESHOLD, 2.8)
        program.screen.change_threshold(0.2)
        await wait_until(program.pilot, lambda: program.editor.ghost == "")
        assert program.listed
        program.screen.change_threshold(9)
        await wait_until(
            program.pilot,
            lambda: any("threshold" in notice.message for notice in program.app._notifications),
        )
    assert Settings.load().get(schema.THRESHOLD) == 3.0


async def test_settings_of_the_lists() -> None:
    settings = Settings.load()
    for setting, value in ((schema.ALTERNATIVES, 1), (schema.BARS, 0), (schema.PHRASE_WORDS, 2)):
        settings = settings.with_value(setting, value)
    settings.save()
    async with opened() as program:
        await typed(program, "안녕하세요")
        assert program.listed == [" bright bright"]
        assert not program.screen.query_one("#next").display


async def test_suspending_saves() -> None:
    async with opened() as program:
        await typed(program, "bright")
        program.app.app_suspend_signal.publish(program.app)
        assert TextStore().load().text == "bright"


async def test_a_text_from_elsewhere_is_brought_into_form() -> None:
    store = TextStore()
    store.save(SavedText("untitled", "x"))
    (store.folder / ".untitled.json").unlink()
    store.path("untitled").write_bytes("\ufeffone\r\ntwo\x1b".encode())
    async with opened() as program:
        assert program.editor.text == "one\ntwo"
        assert program.editor.cursor_index == 7


def test_the_editor_says_what_it_is_for() -> None:
    assert "tab" in Editor.HELP
