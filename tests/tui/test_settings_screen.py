"""The settings screen: a form made from the schema, which takes effect at once."""

import tomllib
from collections.abc import Iterator

import pytest
from textual.widgets import Static

from charterm import actions, i18n
from charterm.settings import Settings, schema
from charterm.settings.schema import GROUPS, KEYS, SETTINGS
from charterm.tui.screens.settings import GroupList, SettingsScreen
from charterm.tui.widgets.key_table import KeyTable
from charterm.tui.widgets.line import Line
from charterm.tui.widgets.mode_bar import ModeTab
from charterm.tui.widgets.question import Question
from charterm.tui.widgets.setting_row import SettingRow, SettingSelect, SettingSwitch
from charterm.tui.widgets.theme_list import ThemeList
from tests.tui.program import Opened, opened
from tests.tui.waiting import type_text, wait_until


@pytest.fixture(autouse=True)
def english_again() -> Iterator[None]:
    yield
    i18n.use(i18n.SOURCE)


async def go(program: Opened, group: str = "write") -> SettingsScreen:
    """Open the settings by their key and go to a group."""
    await program.pilot.press("f2")
    await wait_until(program.pilot, lambda: isinstance(program.app.screen, SettingsScreen))
    screen = program.app.screen
    assert isinstance(screen, SettingsScreen)
    groups = screen.query_one(GroupList)
    await wait_until(program.pilot, lambda: groups.has_focus)
    groups.highlighted = list(GROUPS).index(group)
    await wait_until(program.pilot, lambda: screen.group == group)
    return screen


def row_of(screen: SettingsScreen, setting: schema.Setting) -> SettingRow:  # type: ignore[type-arg]
    return next(row for row in screen.query(SettingRow) if row.setting is setting)


def text_in(row: SettingRow, part: str) -> str:
    return str(row.query_one(f".setting-{part}", Static).render())


async def type_into(program: Opened, row: SettingRow, text: str) -> Line:
    line = row.query_one(Line)
    line.focus()
    await wait_until(program.pilot, lambda: line.has_focus)
    line.value = ""
    await type_text(program.pilot, text)
    await wait_until(program.pilot, lambda: line.value == text)
    return line


@pytest.mark.parametrize("size", [(80, 24), (140, 40), (50, 16)])
async def test_every_setting_of_the_schema_is_there_in_its_group(size: tuple[int, int]) -> None:
    async with opened(size) as program:
        for group in GROUPS:
            screen = await go(program, group)
            await program.pilot.pause()
            listed = {row.setting.key for row in screen.query(SettingRow) if row.display}
            wanted = {setting.key for setting in SETTINGS if setting.group == group}
            if group == KEYS:
                table = screen.query_one(KeyTable)
                assert table.display
                assert {f"{KEYS}.{id}" for id in table._ids} == wanted
            else:
                assert listed == wanted
                for row in screen.query(SettingRow):
                    assert text_in(row, "help").startswith(row.setting.help)


async def test_a_number_counts_at_once_and_is_kept() -> None:
    async with opened() as program:
        screen = await go(program)
        row = row_of(screen, schema.BARS)
        await type_into(program, row, "0")
        await program.pilot.press("enter")
        await wait_until(program.pilot, lambda: Settings.load().get(schema.BARS) == 0)
        assert program.screen.has_class("-without-bars")
        assert text_in(row, "default") == "↺ default 10"


async def test_what_is_not_allowed_is_said_while_it_is_typed_and_not_kept() -> None:
    async with opened() as program:
        screen = await go(program)
        row = row_of(screen, schema.THRESHOLD)
        await type_into(program, row, "9")
        await wait_until(program.pilot, lambda: "from 0 to 3" in text_in(row, "wrong"))
        await program.pilot.press("enter")
        await program.pilot.pause()
        assert program.app.settings.get(schema.THRESHOLD) == 0.1
        await type_into(program, row, "0.5")
        await wait_until(program.pilot, lambda: text_in(row, "wrong") == "")
        await program.pilot.press("down")  # leaving the line keeps it as well
        await wait_until(program.pilot, lambda: Settings.load().get(schema.THRESHOLD) == 0.5)


async def test_reset_by_key_and_by_click() -> None:
    Settings.load().with_value(schema.BARS, 3).with_value(schema.ALTERNATIVES, 2).save()
    async with opened((140, 40)) as program:
        screen = await go(program)
        assert screen.query_one(GroupList).has_focus
        row_of(screen, schema.BARS).query_one(Line).focus()
        await program.pilot.press("ctrl+r")
        await wait_until(program.pilot, lambda: not Settings.load().is_set(schema.BARS))
        row = row_of(screen, schema.ALTERNATIVES)
        await wait_until(
            program.pilot, lambda: row_of(screen, schema.BARS).query_one(Line).value == "10"
        )
        await program.pilot.click(row.query_one(".setting-default"), offset=(3, 0))
        await wait_until(program.pilot, lambda: not Settings.load().is_set(schema.ALTERNATIVES))
        assert row.query_one(Line).value == "5"
        assert text_in(row, "default") == ""


async def test_switches_can_be_read_without_colours_and_work_by_mouse() -> None:
    async with opened((140, 40)) as program:
        screen = await go(program, "interface")
        switch = row_of(screen, schema.ANIMATIONS).query_one(SettingSwitch)
        assert str(switch.render()).endswith("on")
        await program.pilot.click(switch)
        await wait_until(program.pilot, lambda: Settings.load().get(schema.ANIMATIONS) is False)
        assert program.app.animation_level == "none"
        assert str(switch.render()).endswith("off")
        row_of(screen, schema.HIGH_CONTRAST).query_one(SettingSwitch).focus()
        await program.pilot.press("enter")
        await wait_until(program.pilot, lambda: program.app.theme == "charterm-contrast")
        await program.pilot.press("enter")
        await wait_until(program.pilot, lambda: program.app.theme == "charterm-night")


async def test_the_language_changes_on_every_screen_at_once() -> None:
    async with opened((140, 40)) as program:
        await program.pilot.press("b")
        await program.settled()
        screen = await go(program, "interface")
        select = row_of(screen, schema.LANGUAGE).query_one(SettingSelect)
        select.value = "ko"
        await wait_until(program.pilot, lambda: Settings.load().get(schema.LANGUAGE) == "ko")
        await wait_until(
            program.pilot, lambda: text_in(row_of(screen, schema.THEME), "title") == "테마"
        )
        groups = screen.query_one(GroupList)
        assert str(groups.get_option("write").prompt) == "쓰기"
        tabs = [str(tab.render()) for tab in screen.query(ModeTab)]
        assert tabs[0] == "쓰기"
        write = program.screen
        assert [str(each.render()) for each in write.query(ModeTab)] == tabs
        assert "이어질 말" in str(
            write.query_one("#continuations .heading", Static).render()
        ) or all("Continuations" not in str(each.render()) for each in write.query(".heading"))
        assert program.editor.text == "b"  # nothing was lost
        select.value = "en"
        await wait_until(
            program.pilot, lambda: text_in(row_of(screen, schema.THEME), "title") == "Theme"
        )


async def test_themes_are_looked_at_and_only_the_chosen_one_is_kept() -> None:
    async with opened((140, 40)) as program:
        screen = await go(program, "interface")
        themes = screen.query_one(ThemeList)
        themes.focus()
        await wait_until(program.pilot, lambda: themes.has_focus)
        await program.pilot.press("down")
        await wait_until(program.pilot, lambda: program.app.theme == "charterm-paper")
        await program.pilot.press("tab")
        await wait_until(program.pilot, lambda: program.app.theme == "charterm-night")
        assert not Settings.load().is_set(schema.THEME)
        themes.focus()
        await wait_until(program.pilot, lambda: themes.has_focus)
        await program.pilot.press("down", "enter", "tab")
        await wait_until(
            program.pilot, lambda: Settings.load().get(schema.THEME) == "charterm-paper"
        )
        assert program.app.theme == "charterm-paper"


async def test_keys_are_changed_by_name_and_conflicts_are_told() -> None:
    async with opened() as program:
        screen = await go(program, KEYS)
        await program.pilot.press("enter")
        table = screen.query_one(KeyTable)
        await wait_until(program.pilot, lambda: table.has_focus)
        assert table.binding == "app.help"
        await program.pilot.press("enter")
        question = screen.query_one(Question)
        await wait_until(program.pilot, lambda: question.asked)
        line = question.query_one(Line)
        line.value = "ctrl+p"
        note = question.query_one("#question-note", Static)
        await wait_until(program.pilot, lambda: "belongs to app.palette" in str(note.render()))
        await program.pilot.press("enter")
        assert question.asked
        line.value = "f15"
        await program.pilot.press("enter")
        await wait_until(program.pilot, lambda: Settings.load().bindings()["app.help"] == "f15")
        await wait_until(program.pilot, lambda: table.has_focus)
        assert str(table.get_row_at(0)[1]) == "f15"
        await program.pilot.press("f15")
        await wait_until(program.pilot, lambda: len(program.app.screen_stack) == 2)
        await program.pilot.press("escape")
        await wait_until(program.pilot, lambda: len(program.app.screen_stack) == 1)
        await program.pilot.press("ctrl+r")
        await wait_until(program.pilot, lambda: Settings.load().bindings()["app.help"] == "f1")


async def test_a_question_is_asked_no_more_once_the_writer_is_elsewhere() -> None:
    async with opened() as program:
        screen = await go(program, KEYS)
        await program.pilot.press("enter")
        await wait_until(program.pilot, lambda: screen.query_one(KeyTable).has_focus)
        await program.pilot.press("enter")
        question = screen.query_one(Question)
        await wait_until(program.pilot, lambda: question.asked)
        await program.pilot.press("alt+w")  # on another screen it waits
        await wait_until(program.pilot, lambda: program.app.screen is not screen)
        await program.pilot.press("f2")
        await wait_until(program.pilot, lambda: program.app.screen is screen)
        assert question.asked
        program.app.app_focus = False
        await program.pilot.pause()
        program.app.app_focus = True
        await program.pilot.pause()
        assert question.asked
        await program.pilot.press("ctrl+f")
        await wait_until(program.pilot, lambda: not question.asked)
        assert not question.has_class("-asked")
        assert screen.query_one("#find", Line).has_focus


async def test_find_shows_what_has_the_words() -> None:
    async with opened() as program:
        screen = await go(program)
        await program.pilot.press("ctrl+f")
        await type_text(program.pilot, "autosave")
        await wait_until(
            program.pilot,
            lambda: [r.setting for r in screen.query(SettingRow) if r.display] == [schema.AUTOSAVE],
        )
        await program.pilot.press("enter")
        row = row_of(screen, schema.AUTOSAVE)
        await wait_until(program.pilot, lambda: row.query_one(Line).has_focus)
        await program.pilot.press("ctrl+f")
        screen.query_one("#find", Line).value = "ctrl+q"
        table = screen.query_one(KeyTable)
        await wait_until(program.pilot, lambda: table.display and table._ids == ["app.quit"])
        screen.query_one("#find", Line).value = "no such thing"
        nothing = screen.query_one("#nothing", Static)
        await wait_until(program.pilot, lambda: nothing.display)
        assert "no such thing" in str(nothing.render())
        await program.pilot.press("escape")
        await wait_until(program.pilot, lambda: screen.query_one(GroupList).has_focus)
        await wait_until(program.pilot, lambda: not nothing.display)


async def test_what_is_wrong_in_the_file_is_shown_and_stays_there() -> None:
    file = Settings.load().path
    file.parent.mkdir(parents=True)
    file.write_text("# mine\n[write]\nthreshhold = 1\nbars = 99\n")
    async with opened() as program:
        screen = await go(program)
        problems = screen.query_one("#problems", Static)
        assert problems.display
        assert "threshhold" in str(problems.render())
        assert "bars must be a whole number" in str(problems.render())
        await type_into(program, row_of(screen, schema.BARS), "7")
        await program.pilot.press("enter")
        await wait_until(program.pilot, lambda: "bars must" not in str(problems.render()))
        assert tomllib.loads(file.read_text())["write"] == {"threshhold": 1, "bars": 7}
        assert file.read_text().startswith("# mine")


async def test_the_keys_move_about() -> None:
    async with opened() as program:
        screen = await go(program)
        await program.pilot.press("enter")
        first = row_of(screen, schema.THRESHOLD).query_one(Line)
        await wait_until(program.pilot, lambda: first.has_focus)
        await program.pilot.press("down")
        second = row_of(screen, schema.ALTERNATIVES).query_one(Line)
        await wait_until(program.pilot, lambda: second.has_focus)
        await program.pilot.press("up")
        await wait_until(program.pilot, lambda: first.has_focus)
        await program.pilot.press("ctrl+pagedown")
        await wait_until(program.pilot, lambda: screen.group == "models")
        await program.pilot.press("ctrl+pageup", "ctrl+pageup")
        await wait_until(program.pilot, lambda: screen.group == KEYS)


async def test_every_action_is_in_the_palette() -> None:
    async with opened() as program:
        screen = await go(program)
        commands = program.app.get_system_commands(screen)
        offered = {command.help.partition(" · ")[0] for command in commands}
        wanted = [each for each in actions.ACTIONS if each.screen == "settings"]
        assert len(wanted) >= 5
        assert all(each.help in offered for each in wanted)
