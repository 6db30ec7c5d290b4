"""What holds for the whole program: bindings, palette, help, themes, start."""

import subprocess
import sys

import pytest
from textual.binding import Binding
from textual.widget import Widget

from charterm import actions
from charterm.settings import Settings, schema
from charterm.tui import modes
from charterm.tui.screens.help import HelpScreen
from charterm.tui.screens.mode import ModeScreen
from charterm.tui.themes import CONTRAST, THEMES
from tests.tui.models import save_word_model
from tests.tui.program import Opened, opened
from tests.tui.waiting import wait_until


def all_bindings(program: Opened) -> list[Binding]:
    """Every binding of the program and of what is on the screen now."""
    screen = program.app.screen
    nodes = [program.app, screen, *screen.query(Widget)]
    return [
        binding
        for node in nodes
        if type(node).__module__.startswith("charterm.")
        for binding in type(node).BINDINGS
        if isinstance(binding, Binding)
    ]


def palette(program: Opened) -> dict[str, str]:
    commands = program.app.get_system_commands(program.app.screen)
    return {command.title: command.help for command in commands}


async def test_every_binding_has_an_id_and_words() -> None:
    known = actions.default_keys()
    async with opened() as program:
        for mode in modes.MODES:
            await program.app.switch_mode(mode.id)
            bindings = all_bindings(program)
            assert len(bindings) > 20
            for binding in bindings:
                assert binding.id in known, binding
                assert binding.description, binding
                assert binding.tooltip, binding


async def test_every_action_of_the_program_is_bound_and_in_the_palette() -> None:
    async with opened() as program:
        for mode in modes.MODES:
            await program.app.switch_mode(mode.id)
            bound = {binding.id for binding in all_bindings(program)}
            helps = {help.partition(" · ")[0] for help in palette(program).values()}
            for action in actions.ACTIONS:
                opens = action.id.startswith("mode.") and action.id.partition(".")[2]
                registered = not opens or opens in {each.id for each in modes.MODES}
                if registered and action.screen in (mode.id, actions.EVERYWHERE):
                    assert action.id in bound
                    assert action.help in helps


async def test_palette_commands_run_where_they_belong() -> None:
    async with opened() as program:
        await program.pilot.press("b")
        await program.settled()
        commands = program.app.get_system_commands(program.app.screen)
        accept = next(c for c in commands if c.title == "Write: Accept")
        await accept.callback()
        assert program.editor.text == "bright"


async def test_the_palette_opens_and_finds() -> None:
    async with opened() as program:
        await program.pilot.press("ctrl+p")
        await wait_until(program.pilot, lambda: len(program.app.screen_stack) == 2)
        await program.pilot.press("escape")
        await wait_until(program.pilot, lambda: len(program.app.screen_stack) == 1)
        assert program.editor.has_focus


async def test_help_explains_what_has_the_focus_with_the_keys_in_force() -> None:
    settings = Settings.load().with_value("keys.suggestion.dismiss", "f11")
    settings.save()
    async with opened() as program:
        await program.pilot.press("f1")
        await wait_until(program.pilot, lambda: isinstance(program.app.screen, HelpScreen))
        shown = " ".join(str(widget.render()) for widget in program.app.screen.query("Static"))
        assert "Write here." in shown
        assert "f11" in shown
        for action in actions.ACTIONS:
            if action.id.startswith(("suggestion.", "app.")):
                assert action.help in shown
        await program.pilot.press("f1")
        await wait_until(program.pilot, lambda: isinstance(program.app.screen, ModeScreen))
        await program.pilot.press("f1", "escape")
        await wait_until(program.pilot, lambda: isinstance(program.app.screen, ModeScreen))


async def test_changed_keys_hold() -> None:
    Settings.load().with_value("keys.suggestion.accept", "f11").save()
    async with opened() as program:
        await program.pilot.press("b")
        await program.settled()
        await program.pilot.press("f11")
        assert program.editor.text == "bright"


async def test_a_chosen_theme_is_remembered() -> None:
    async with opened() as program:
        assert program.app.theme == "charterm-night"
        program.app.theme = "charterm-paper"
        await wait_until(
            program.pilot, lambda: Settings.load().get(schema.THEME) == "charterm-paper"
        )
    async with opened() as program:
        assert program.app.theme == "charterm-paper"


async def test_high_contrast_goes_before_the_theme() -> None:
    Settings.load().with_value(schema.HIGH_CONTRAST, True).save()
    async with opened() as program:
        assert program.app.theme == CONTRAST.name


@pytest.mark.parametrize("theme", [theme.name for theme in THEMES])
async def test_every_theme_of_ours_paints(theme: str) -> None:
    Settings.load().with_value(schema.THEME, theme).save()
    async with opened() as program:
        assert program.app.theme == theme
        assert "charterm" in program.app.export_screenshot()


async def test_an_unknown_theme_is_no_reason_not_to_start() -> None:
    Settings.load().with_value(schema.THEME, "gone").save()
    async with opened() as program:
        assert program.app.theme == "charterm-night"


async def test_what_is_wrong_with_the_settings_is_told() -> None:
    file = Settings.load().path
    file.parent.mkdir(parents=True)
    file.write_text("[write]\nthreshhold = 1\n")
    async with opened() as program:
        assert any("threshhold" in notice.message for notice in program.app._notifications)


async def test_colours_can_be_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with opened() as program:
        await program.pilot.press("b")
        await program.settled()
        for strip in program.screen._compositor.render_strips():
            for segment in strip:
                for colour in (segment.style.color, segment.style.bgcolor) if segment.style else ():
                    assert colour is None or len(set(colour.get_truecolor())) == 1  # grey


async def test_modes_are_screens_with_an_action_each() -> None:
    for mode in modes.MODES:
        assert isinstance(mode.open(), ModeScreen)
        assert mode.action.run == f"app.switch_mode('{mode.id}')"


def test_a_pipe_is_told_that_a_terminal_is_needed() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "charterm"], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 2
    assert "terminal" in ended.stderr
    assert "Traceback" not in ended.stderr


FIRST_PAINT = """
import asyncio, sys
from charterm.tui.app import ChartermApp
from charterm.tui.predictor import Predictor
if "--without-model" in sys.argv:  # as in the moment of the first paint
    Predictor.use = lambda self, model: None
async def main():
    app = ChartermApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("a")
        while app.screen.answered is None and "--without-model" not in sys.argv:
            await asyncio.sleep(0.05)
    print(*sorted(sys.modules))
asyncio.run(main())
"""


def modules_after(*arguments: str) -> set[str]:
    save_word_model()
    ended = subprocess.run(
        [sys.executable, "-c", FIRST_PAINT, *arguments], capture_output=True, text=True, check=True
    )
    return set(ended.stdout.split())


def test_the_first_paint_waits_for_nothing_heavy() -> None:
    modules = modules_after("--without-model")
    assert "charterm.tui.widgets.editor" in modules
    assert not modules & {"numpy", "torch", "safetensors", "tomlkit", "tomllib"}


def test_predicting_never_imports_torch() -> None:
    modules = modules_after()
    assert "charterm.engine.completion" in modules
    assert "torch" not in modules


async def test_themes_are_shown_while_one_is_chosen() -> None:
    async with opened() as program:
        app, pilot = program.app, program.pilot
        await pilot.press("f9")
        await wait_until(pilot, lambda: app.screen.query("CommandList Option, CommandList"))
        await wait_until(pilot, lambda: app.screen.query_one("CommandList").option_count > 3)
        assert app.theme == "charterm-night"
        await pilot.press("down")
        await wait_until(pilot, lambda: app.theme == "charterm-paper")
        await pilot.press("escape")
        await wait_until(pilot, lambda: app.theme == "charterm-night")
        assert not Settings.load().is_set(schema.THEME)
        await pilot.press("f9")
        await wait_until(pilot, lambda: app.screen.query("CommandList"))
        await wait_until(pilot, lambda: app.screen.query_one("CommandList").option_count > 3)
        await pilot.press("down", "enter")
        await wait_until(
            pilot, lambda: Settings.load().get(schema.THEME) == app.theme == "charterm-paper"
        )
