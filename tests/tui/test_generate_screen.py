"""The generation screen: columns, controls, streaming, probabilities, and what is done with it."""

from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import Select, Static

from charterm.decoding.controls import PRESETS, Controls
from charterm.decoding.presets import saved_presets
from charterm.decoding.stopping import SPARE
from charterm.settings import schema
from charterm.tui.generation import command_line
from charterm.tui.screens.generate import MOST_COLUMNS, GenerateScreen
from charterm.tui.screens.story import StoryScreen
from charterm.tui.screens.write import WriteScreen
from charterm.tui.widgets.controls_form import ControlsForm
from charterm.tui.widgets.line import Line
from charterm.tui.widgets.passage import Passage
from charterm.tui.widgets.question import Question
from charterm.tui.widgets.result_column import ResultColumn
from charterm.tui.widgets.status import StatusLine
from tests.tui.models import WORDS, save_word_model
from tests.tui.program import Opened, opened
from tests.tui.waiting import type_text, wait_until

LENGTH = 40


async def go(program: Opened) -> GenerateScreen:
    await program.pilot.press("alt+g")
    await wait_until(program.pilot, lambda: isinstance(program.app.screen, GenerateScreen))
    screen = program.app.screen
    assert isinstance(screen, GenerateScreen)
    await wait_until(program.pilot, lambda: screen.query(ResultColumn))
    for column in screen.columns:  # a busy machine takes its time
        column.change(replace(column.controls, length=LENGTH, until="length"))
    screen.query_one(ControlsForm).controls = screen.current.controls
    return screen


async def generate(program: Opened, screen: GenerateScreen, prompt: str = "") -> None:
    screen.prompt.focus()
    await type_text(program.pilot, prompt)
    await program.pilot.press("ctrl+r")
    await wait_until(program.pilot, lambda: screen.working or screen.columns[0].used)
    await wait_until(program.pilot, lambda: not screen.working)
    await program.pilot.pause()


def texts(screen: GenerateScreen) -> list[str]:
    return [column.passage.text if column.passage else "" for column in screen.columns]


def status(screen: GenerateScreen) -> str:
    return str(screen.query_one(StatusLine).render())


@pytest.mark.parametrize("size", [(80, 24), (140, 40)])
async def test_every_column_goes_on_from_the_prompt(size: tuple[int, int]) -> None:
    async with opened(size) as program:
        screen = await go(program)
        assert [column.preset for column in screen.columns] == ["careful", "balanced", "wild"]
        assert screen.prompt.has_focus
        assert screen.query_one("#panel").display is (size[0] >= 110)
        await generate(program, screen, "a b")
        for column in screen.columns:
            assert column.passage is not None
            assert column.passage.text.startswith("right ")
            assert len(column.passage.text) == column.controls.length
            assert "seed" in column.title or size[0] < 110
            assert column.seed is not None
            foot = str(column.query_one(".result-foot", Static).render())
            assert "bits" in foot


async def test_the_prompt_is_edited_like_any_text() -> None:
    async with opened() as program:
        screen = await go(program)
        await program.pilot.press("a", "b", "backspace", "c", "left", "d")
        await wait_until(program.pilot, lambda: screen.prompt.text == "adc")


async def test_the_same_seed_gives_the_same_text_again() -> None:
    async with opened((140, 40)) as program:
        screen = await go(program)
        await generate(program, screen, " ")
        first = texts(screen)[0]
        assert screen.check_action("keep_seed", ())
        screen.action_keep_seed()
        assert screen.current.controls.seed == screen.current.seed
        assert screen.current.changed
        await generate(program, screen)
        assert texts(screen)[0] == first


async def test_the_probability_of_a_character_is_told() -> None:
    async with opened((140, 40)) as program:
        screen = await go(program)
        await generate(program, screen, " ")
        view = screen.current.view
        view.focus()
        await program.pilot.press("right")
        sign, others = view.told()
        assert view.mark is not None
        text = texts(screen)[0]
        assert sign.startswith(text[0])
        shares = {"b": "57.9", "c": "31.6", "안": "10.5"}
        assert shares[text[0]].split(".")[0] in sign
        assert others
        assert sign in status(screen)
        await program.pilot.press("end")
        assert view.mark.index == len(text) - 1
        await program.pilot.press("home", "left")
        assert view.mark.index == 0
        offset = (3, 1)
        await program.pilot.hover(view, offset=offset)
        await wait_until(program.pilot, lambda: view.mark is not None and view.mark.index > 0)


async def test_presets_and_controls_belong_to_the_column() -> None:
    async with opened((140, 40)) as program:
        screen = await go(program)
        await program.pilot.press("ctrl+pagedown", "ctrl+t")
        assert screen.current is screen.columns[1]
        assert screen.current.preset == "wild"
        assert screen.current.controls == PRESETS["wild"]
        assert screen.columns[0].preset == "careful"
        await program.pilot.press("f4")
        row = next(row for row in screen.query("ControlRow") if row.control.name == "length")
        row.query_one(Line).value = "7"
        await wait_until(program.pilot, lambda: screen.current.controls.length == 7)
        assert screen.current.title.startswith("wild*")
        await program.pilot.press("ctrl+pageup")
        assert row.query_one(Line).value == str(LENGTH)
        await generate(program, screen, " ")
        first, second, third = (len(text) for text in texts(screen))
        assert (first, third) == (LENGTH, LENGTH)
        assert 7 + SPARE <= second <= 7 + SPARE + max(map(len, WORDS))  # it ends with a word


async def test_the_model_that_the_program_was_opened_with_writes_until_another_is_chosen() -> None:
    save_word_model(name="other")
    async with opened(model="other") as program:
        screen = await go(program)
        assert screen.query_one("#model", Select).value == "other"
        assert status(screen).startswith("other")
        screen.use_model("english")
        assert screen.query_one("#model", Select).value == "english"
        assert status(screen).startswith("english")


async def test_columns_come_and_go() -> None:
    async with opened((140, 40)) as program:
        screen = await go(program)
        await program.pilot.press("ctrl+n")
        await wait_until(program.pilot, lambda: len(screen.columns) == 4)
        assert screen.current is screen.columns[1]
        for _time in range(4):
            await program.pilot.press("ctrl+n")
        assert len(screen.columns) == MOST_COLUMNS
        for _time in range(MOST_COLUMNS):
            await program.pilot.press("f8")
        await wait_until(program.pilot, lambda: len(screen.columns) == 1)
        assert screen.check_action("remove_column", ()) is False


async def test_a_search_is_shown_with_its_probabilities() -> None:
    async with opened((140, 40)) as program:
        screen = await go(program)
        screen.current.change(Controls(method="beam", num_beams=3, n=2, length=6))
        await generate(program, screen, " ")
        view = screen.current.view
        assert [passage.text for passage in view.passages] == ["bright", "cloud "]
        assert view.passages[0].bits_per_character == pytest.approx(0.13, abs=0.05)
        assert screen.current.seed is None


async def test_escape_stops_and_what_there_is_stays() -> None:
    async with opened((140, 40)) as program:
        screen = await go(program)
        for column in screen.columns:
            column.change(Controls(length=1_000_000))
        await program.pilot.press("ctrl+r")
        await wait_until(program.pilot, lambda: len(texts(screen)[0]) > 100)
        await program.pilot.press("escape")
        await wait_until(program.pilot, lambda: not screen.working)
        await wait_until(program.pilot, lambda: not screen.columns[0].going)
        passage = screen.current.passage
        assert passage is not None
        assert passage.reason == "cancelled"
        assert 100 < len(passage.text) < 1_000_000


async def test_leaving_keeps_everything_and_quitting_does_not_wait() -> None:
    async with opened((140, 40)) as program:
        screen = await go(program)
        await generate(program, screen, " ")
        before = texts(screen)
        await program.pilot.press("alt+1")
        await wait_until(program.pilot, lambda: isinstance(program.app.screen, WriteScreen))
        await program.pilot.press("alt+4")
        await wait_until(program.pilot, lambda: program.app.screen is screen)
        assert texts(screen) == before
        screen.current.change(Controls(length=1_000_000))
        await program.pilot.press("ctrl+r")
        await wait_until(program.pilot, lambda: screen.working)
    # the program has ended though a thread was at work


async def test_a_result_is_opened_in_write() -> None:
    async with opened((140, 40)) as program:
        screen = await go(program)
        await generate(program, screen, " ")
        result = screen.result
        await program.pilot.press("ctrl+o")
        await wait_until(program.pilot, lambda: isinstance(program.app.screen, WriteScreen))
        await wait_until(program.pilot, lambda: program.editor.text == result)
        assert program.screen.model == "english"
        assert program.screen.store.load(program.screen.document.name).text == result


async def test_a_result_becomes_a_story() -> None:
    async with opened((140, 40)) as program:
        screen = await go(program)
        await generate(program, screen, "cloud")
        text = texts(screen)[0]
        await program.pilot.press("alt+y")
        await wait_until(program.pilot, lambda: isinstance(program.app.screen, StoryScreen))
        story = program.app.screen
        assert isinstance(story, StoryScreen)
        await wait_until(program.pilot, lambda: story.story is not None)
        assert story.story is not None
        assert [turn.text for turn in story.story.path] == ["cloud", text]


async def test_a_result_is_saved_copied_and_said_as_a_command(tmp_path: Path) -> None:
    async with opened((140, 40)) as program:
        program.app.change_setting(schema.FOLDER, tmp_path)
        screen = await go(program)
        assert screen.check_action("save", ()) is False
        await generate(program, screen, " ")
        await program.pilot.press("ctrl+s")
        await wait_until(program.pilot, lambda: screen.query_one(Question).asked)
        await program.pilot.press("enter")
        await wait_until(program.pilot, lambda: not screen.query_one(Question).asked)
        assert (tmp_path / "generated-1.txt").read_text() == screen.result
        await program.pilot.press("alt+c")
        assert program.app.clipboard == texts(screen)[0]
        await program.pilot.press("alt+l")
        assert program.app.clipboard.startswith("charterm generate --model english --prompt")
        assert f"--seed {screen.current.seed}" in program.app.clipboard


async def test_a_preset_is_saved_by_a_name() -> None:
    async with opened((140, 40)) as program:
        screen = await go(program)
        screen.current.change(Controls(temperature=0.3))
        await program.pilot.press("alt+p")
        await wait_until(program.pilot, lambda: screen.query_one(Question).asked)
        await type_text(program.pilot, "mine")
        await program.pilot.press("enter")
        await wait_until(program.pilot, lambda: "mine" in saved_presets())
        assert saved_presets()["mine"] == Controls(temperature=0.3)
        assert screen.current.preset == "mine"


async def test_without_a_model_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("charterm.tui.screens.generate.list_models", list)
    async with opened(make_model=False) as program:
        screen = await go(program)
        await program.pilot.press("ctrl+r")
        assert not screen.working
        assert "Train" in program.notices


async def test_alt_and_a_letter_from_an_old_terminal_types_nothing() -> None:
    from textual import events

    async with opened() as program:
        screen = await go(program)
        program.app.post_message(events.Key("alt+1", "1"))
        await wait_until(program.pilot, lambda: isinstance(program.app.screen, WriteScreen))
        assert screen.prompt.text == ""


def test_lines_are_folded_as_the_text_grows() -> None:
    whole, grown = Passage(), Passage()
    text = "one two three\nfour 안녕하세요 six\n\nlonglonglonglong end"
    for room in (5, 9, 14, 40):
        whole.replace(text)
        whole.fold(room)
        grown.fold(room)
        grown.replace("")
        for character in text:
            grown.text += character
            grown._fold()
        lines = [whole.line(number) for number in range(whole.fold(room))]
        assert lines == [grown.line(number) for number in range(grown.fold(room))]
        for line in lines:
            drawn = "".join(text[index] for index in line).rstrip(" ")
            assert sum(2 if character > "가" else 1 for character in drawn) <= room
        covered = [index for line in lines for index in line]
        assert [text[i] for i in covered] == [c for c in text if c != "\n"]


def test_the_command_says_what_differs_and_quotes_the_prompt() -> None:
    line = command_line("english", "it's", Controls(method="beam", num_beams=8, n=2))
    assert line.startswith("""charterm generate --model english --prompt 'it'"'"'s'""")
    assert "--method beam" in line
    assert "--num-beams 8" in line
    assert "--n 2" in line
    single = command_line("english", "", Controls(method="beam", num_beams=1))
    assert "--num-beams 1" in single
