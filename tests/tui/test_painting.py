"""What was painted piece by piece is what a fresh drawing of the whole screen shows."""

import random
from collections.abc import Iterable
from typing import Any

import pyte
import pytest
from rich.console import Console, RenderableType
from textual._compositor import CompositorUpdate
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import TextArea

from charterm.tui.app import ChartermApp
from charterm.tui.screens.judge import JudgeScreen
from charterm.tui.screens.story import StoryScreen
from charterm.tui.widgets.editor import Editor
from charterm.tui.widgets.line import Line
from tests.tui.models import save_word_model
from tests.tui.waiting import type_text, wait_until

SIZE = (80, 24)
LETTERS = "the dog  sat on안녕하세요 \t.'🙂"
KEYS = (
    *("enter", "backspace", "delete", "left", "right", "up", "down", "home", "end"),
    *("shift+left", "shift+right", "shift+up", "shift+down", "ctrl+left", "ctrl+shift+right"),
    *("ctrl+z", "ctrl+y", "pageup", "pagedown", "tab", "right", "ctrl+w", "ctrl+u"),
)
CONSOLE = Console(force_terminal=True, width=SIZE[0], color_system="truecolor")


class Paper:
    """A terminal's screen."""

    def __init__(self) -> None:
        self._screen = pyte.Screen(*SIZE)
        self._stream = pyte.Stream(self._screen)

    def write(self, output: str) -> None:
        self._stream.feed(output)

    @property
    def rows(self) -> list[list[tuple[Any, ...]]]:
        """Each cell's character and style."""
        return [[tuple(self._screen.buffer[y][x]) for x in range(SIZE[0])] for y in range(SIZE[1])]


class PaintedApp(ChartermApp):
    """The program, which paints on a paper what it would write to a terminal."""

    def __init__(self) -> None:
        super().__init__(tour=False)
        self.paper = Paper()

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        super()._display(screen, renderable)
        if isinstance(renderable, CompositorUpdate) and not self._batch_count:
            self.paper.write(renderable.render_segments(CONSOLE))

    def drawn(self) -> Paper:
        """The whole screen, drawn afresh."""
        for widget in self.screen.walk_children(Widget):
            widget._styles_cache.clear()
            if isinstance(widget, TextArea):
                widget._line_cache.clear()
        paper = Paper()
        for y, line in enumerate(self.screen._compositor.render_strips()):
            paper.write(f"\x1b[{y + 1};1H" + Strip(line).render(CONSOLE))
        return paper


def first_difference(app: PaintedApp) -> str:
    """Where the paper is not what is drawn; empty where it is."""
    painted, drawn = app.paper.rows, app.drawn().rows
    for y, (row, wanted) in enumerate(zip(painted, drawn, strict=True)):
        for x, (cell, other) in enumerate(zip(row, wanted, strict=True)):
            if cell != other:
                text = "".join(each[0] for each in row)
                right = "".join(each[0] for each in wanted)
                return f"row {y}, cell {x}: {cell} for {other}\n{text}\n{right}"
    return ""


async def press(app: PaintedApp, pilot: Any, keys: Iterable[str]) -> None:
    """Press keys one close behind the other, then compare."""
    for key in keys:
        if len(key) == 1:
            await type_text(pilot, key)
        else:
            await pilot.press(key)
    try:
        await wait_until(pilot, lambda: not first_difference(app), 10)
    except AssertionError:
        raise AssertionError(first_difference(app)) from None


def some_keys(rng: random.Random) -> list[str]:
    return [
        rng.choice(KEYS) if rng.random() < 0.35 else rng.choice(LETTERS)
        for _ in range(rng.randint(1, 6))
    ]


@pytest.mark.parametrize("seed", range(3))
async def test_a_text_is_painted_as_it_is(seed: int) -> None:
    save_word_model()
    rng = random.Random(seed)
    app = PaintedApp()
    async with app.run_test(size=SIZE) as pilot:
        editor = app.screen.query_one(Editor)
        editor.cursor_blink = False
        editor.load_text("\n".join(["the dog sat on " * 12, "", "안녕하세요 " * 20, "a\tb"] * 5))
        for _ in range(12):
            await press(app, pilot, some_keys(rng))


async def test_a_selection_is_painted_as_it_is() -> None:
    save_word_model()
    app = PaintedApp()
    async with app.run_test(size=SIZE) as pilot:
        editor = app.screen.query_one(Editor)
        editor.cursor_blink = False
        editor.load_text("the dog sat on 안녕하세요\n" * 8)
        editor.cursor_location = (4, 6)
        for key in ("shift+up", "shift+up", "shift+left", "shift+down", "left", "ctrl+a", "down"):
            await press(app, pilot, [key])


async def test_what_is_searched_for_is_painted_as_it_is() -> None:
    save_word_model()
    app = PaintedApp()
    async with app.run_test(size=SIZE) as pilot:
        app.screen.query_one(Editor).load_text("the dog sat on the dog\n" * 40)
        await pilot.press("ctrl+f")
        app.screen.query_one("#find-line", Line).cursor_blink = False
        for keys in ("do", ["backspace", "o"], "g ", ["enter", "enter"], "s", ["escape"]):
            await press(app, pilot, keys)


@pytest.mark.parametrize(("mode", "screen"), [("story", StoryScreen), ("judge", JudgeScreen)])
async def test_other_screens_are_painted_as_they_are(mode: str, screen: type[Screen[Any]]) -> None:
    save_word_model()
    rng = random.Random(mode)
    app = PaintedApp()
    async with app.run_test(size=SIZE) as pilot:
        await app.switch_mode(mode)
        assert isinstance(app.screen, screen)
        await wait_until(pilot, lambda: isinstance(app.focused, (Line, TextArea)))
        assert isinstance(app.focused, (Line, TextArea))
        app.focused.cursor_blink = False
        for _ in range(8):
            keys = [key for key in some_keys(rng) if key != "tab"]
            await press(app, pilot, keys)
