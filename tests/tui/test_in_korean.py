"""What a user who reads Korean meets: no English word is left where the program speaks."""

from collections.abc import Iterator

import pytest
from textual.command import CommandList
from textual.widgets import Input, Select

from charterm import i18n
from charterm.errors import ChartermError
from charterm.model.library import list_models
from charterm.settings import Settings, schema
from charterm.tui.widgets.bars import NextCharacters
from charterm.tui.widgets.key_hints import KeyHints
from charterm.tui.widgets.mode_bar import ModeBar
from charterm.tui.widgets.palette import Palette
from tests.tui.models import save_word_model
from tests.tui.program import opened
from tests.tui.waiting import type_text, wait_until


@pytest.fixture(autouse=True)
def in_korean() -> Iterator[None]:
    Settings.load().with_value(schema.LANGUAGE, "ko").save()
    yield
    i18n.use(i18n.SOURCE)


async def test_the_command_palette_asks_and_answers_in_korean() -> None:
    async with opened(model="english") as program:
        await program.pilot.press("ctrl+p")
        await wait_until(program.pilot, lambda: isinstance(program.app.screen, Palette))
        typed = program.app.screen.query_one(Input)
        assert typed.placeholder == "명령 찾기 …"
        await type_text(program.pilot, "qqqqzzzz")
        commands = program.app.screen.query_one(CommandList)
        await wait_until(
            program.pilot,
            lambda: (
                commands.option_count == 1
                and "맞는 것이 없습니다" in str(commands.get_option_at_index(0).prompt)
            ),
        )


async def test_the_korean_model_completes_where_none_was_chosen() -> None:
    assert Settings.load().get(schema.MODEL) == "korean"
    assert {"english", "korean"} <= {entry.name for entry in list_models()}
    save_word_model(name="korean")
    async with opened() as program:
        await wait_until(program.pilot, lambda: program.status.startswith("korean"))
        assert program.screen.query_one(NextCharacters)
    Settings.load().with_value(schema.MODEL, "english").save()
    assert Settings.load().get(schema.MODEL) == "english"


async def test_a_refusal_of_the_core_is_told_in_korean() -> None:
    async with opened(model="english") as program:
        await program.pilot.press("alt+z")  # bring a deleted text back: there is none
        await wait_until(
            program.pilot,
            lambda: any(
                "되돌릴 지운 글이 없습니다" in notice.message
                for notice in program.app._notifications
            ),
        )
        assert str(ChartermError("cannot open {path}", path="x")) == "x: 열 수 없습니다"


async def test_help_and_quit_are_named_however_little_room_there_is() -> None:
    """English words are the longer ones: they did not fit into 80 cells beside a suggestion."""
    Settings.load().with_value(schema.LANGUAGE, "en").save()
    async with opened() as program:
        await type_text(program.pilot, "br")
        await wait_until(program.pilot, lambda: program.editor.suggestion)
        hints = program.screen.query_one(KeyHints)
        await wait_until(program.pilot, lambda: "Accept" in str(hints.render()))
        shown = str(hints.render())
        assert "f1 Help" in shown
        assert shown.endswith("^q Quit")
        assert len(shown) <= hints.content_size.width
        assert "untitled" in str(program.screen.query_one(ModeBar).query_one("#remark").render())


async def test_where_nothing_can_be_chosen_it_says_so() -> None:
    async with opened(model="english") as program:
        await program.pilot.press("alt+j")
        await wait_until(program.pilot, lambda: program.app.current_mode == "judge")
        await wait_until(program.pilot, lambda: program.app.screen.query("#classifier"))
        choice = program.app.screen.query_one("#classifier", Select)
        await wait_until(program.pilot, lambda: choice.prompt == "아직 없음")
