"""Keys that come faster than they are handled are still done in their order."""

import asyncio

import pytest
from textual import events
from textual.app import App, ComposeResult
from textual.widgets import Input, TextArea

from charterm.tui.screens.settings import SettingsScreen
from charterm.tui.screens.train import TrainScreen
from charterm.tui.train_fields import AMOUNT, NAME
from charterm.tui.widgets.find_bar import FindBar
from charterm.tui.widgets.line import Line
from charterm.tui.widgets.prose import ProseArea
from charterm.tui.widgets.train_setup import TrainSetup
from tests.tui.program import opened
from tests.tui.waiting import type_text, wait_until

KEYS = (
    *("x", "backspace", "y", "z", "left", "q", "home", "a", "end", "b", "ctrl+a", "c"),
    *("ctrl+k", "d"),
)
TYPED = "cd"


class Fields(App[None]):
    def compose(self) -> ComposeResult:
        yield Line()
        yield ProseArea()


@pytest.mark.parametrize("kind", [Line, ProseArea])
async def test_keys_typed_ahead_are_done_in_order(kind: type[Line] | type[ProseArea]) -> None:
    app = Fields()
    async with app.run_test() as pilot:
        field = app.query_one(kind)
        field.focus()
        await pilot.pause()
        for key in KEYS:
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        assert isinstance(field, Input | TextArea)
        await wait_until(pilot, lambda: field.value if isinstance(field, Input) else field.text)
        await pilot.pause()
        shown = field.value if isinstance(field, Input) else field.text
        assert shown == TYPED


async def test_keys_wait_for_the_screen_that_is_being_opened() -> None:
    async with opened() as program:
        app = program.app
        for opener, mode, letters in (("alt+s", "story", "once"), ("alt+g", "generate", "upon")):
            app.post_message(events.Key(opener, None))
            while app.current_mode != mode:
                await asyncio.sleep(0)
            for letter in letters:
                app.post_message(events.Key(letter, letter))
            await wait_until(program.pilot, lambda: app.focused is not None)

        def typed(field: str) -> list[str]:
            screens = app.opened_screens
            found = [area for screen in screens for area in screen.query(field).results(ProseArea)]
            return [area.text for area in found]

        await wait_until(program.pilot, lambda: typed("#prompt") == ["upon"])
        assert typed("#entry") == ["once"]
        assert program.editor.text == ""


async def test_letters_behind_tab_go_into_the_next_field() -> None:
    """All at once, as they come where the program was busy or a connection is slow."""
    async with opened((140, 40)) as program:
        app = program.app
        await program.pilot.press("alt+t")
        await wait_until(program.pilot, lambda: isinstance(app.screen, TrainScreen))
        form = app.screen.query_one(TrainSetup).form
        name, length = (form.row(field).query_one(Line) for field in (NAME, AMOUNT))
        await wait_until(program.pilot, lambda: app.focused is not None and length.value)
        length.value = ""
        name.focus()
        await wait_until(program.pilot, lambda: name.has_focus)
        for key in ("a", "b", "tab", "1", "2", "shift+tab", "c", "tab", "3"):
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await wait_until(program.pilot, lambda: length.value and "c" in name.value)
        await program.pilot.pause()
        assert name.value in ("abc", "c")  # what is in a field is chosen when the focus comes back
        assert "3" in length.value
        assert not set("123") & set(name.value)
        assert not set("abc") & set(length.value)


async def test_letters_behind_a_key_that_finds_go_into_the_line() -> None:
    async with opened() as program:
        app = program.app
        await wait_until(program.pilot, lambda: program.editor.has_focus)
        for key in ("a", "ctrl+f", "k", "n"):
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        line = program.screen.query_one(FindBar).query_one(Line)
        await wait_until(program.pilot, lambda: line.value == "kn")
        assert program.editor.text == "a"


async def test_letters_behind_a_key_that_goes_to_a_screen_go_there() -> None:
    """To one that is opened, to a field of it, and back to one that is open."""
    async with opened() as program:
        app = program.app
        await wait_until(program.pilot, lambda: program.editor.has_focus)
        for key in ("a", "f2", "ctrl+f", "k", "n", "alt+w", "b"):
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await wait_until(program.pilot, lambda: program.editor.text == "ab")
        settings = next(each for each in app.opened_screens if isinstance(each, SettingsScreen))
        assert settings.query_one("#find", Line).value == "kn"


async def test_what_waited_when_a_program_ended_is_not_done_by_the_keys_of_the_next() -> None:
    async with opened() as program:
        ended = program.screen
        await type_text(program.pilot, "a")
        ended._looking.soon()  # it would be done a moment after the letter
    async with opened() as program:
        await program.pilot.press("f2")
        await wait_until(program.pilot, lambda: isinstance(program.app.screen, SettingsScreen))
    assert not ended.is_running
