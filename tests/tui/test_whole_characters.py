"""A notice in Hangul that lies over the edges of other widgets is whole, at every offset."""

import pyte
import pytest
from rich.console import Console
from textual._compositor import ChopsUpdate

from charterm.tui.app import ChartermApp
from charterm.tui.widgets.alternatives import Alternatives
from charterm.tui.widgets.bars import NextCharacters
from tests.tui.models import save_word_model
from tests.tui.program import Opened
from tests.tui.waiting import wait_until


def lines_of(program: Opened) -> list[str]:
    return [strip.text for strip in program.app.screen._compositor.render_strips()]


def syllables(lines: list[str]) -> int:
    return sum(line.count("가") for line in lines)


@pytest.mark.parametrize("before", ["", "a"])
async def test_a_notice_over_other_widgets_loses_no_syllable(before: str) -> None:
    count = 60
    save_word_model()
    app = ChartermApp(tour=False)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        program = Opened(pilot)
        await program.settled()
        program.app.notify(before + "가" * count, timeout=60)
        await wait_until(program.pilot, lambda: syllables(lines_of(program)) >= count - 6)
        await program.pilot.pause(0.5)
        assert syllables(lines_of(program)) == count
        # What is under it is drawn again, line by line, as while somebody types.
        compositor = program.app.screen._compositor
        terminal = pyte.Screen(80, 24)
        stream = pyte.Stream(terminal)
        for y, line in enumerate(lines_of(program)):
            stream.feed(f"\x1b[{y + 1};1H{line}")
        for widget in (NextCharacters, Alternatives):
            compositor.update_widgets({program.screen.query_one(widget).refresh()})
            update = compositor.render_update()
            if isinstance(update, ChopsUpdate):
                stream.feed(update.render_segments(Console(force_terminal=True, width=80)))
        assert syllables(terminal.display) == count
