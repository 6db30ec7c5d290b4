"""The program in a headless terminal, with a model made by hand."""

import contextlib
from collections.abc import AsyncIterator

from textual.pilot import Pilot

from charterm.tui.app import ChartermApp
from charterm.tui.screens.write import WriteScreen
from charterm.tui.widgets.alternatives import Alternatives
from charterm.tui.widgets.bars import NextCharacters
from charterm.tui.widgets.editor import Editor
from charterm.tui.widgets.line import Line
from charterm.tui.widgets.question import Question
from charterm.tui.widgets.status import StatusLine
from tests.tui.models import save_word_model
from tests.tui.waiting import wait_until


class Opened:
    """An opened program and its parts."""

    def __init__(self, pilot: Pilot[None]) -> None:
        assert isinstance(pilot.app, ChartermApp)
        self.pilot = pilot
        self.app = pilot.app

    @property
    def screen(self) -> WriteScreen:
        opened = (*self.app.opened_screens, self.app.screen_stack[0])
        return next(screen for screen in opened if isinstance(screen, WriteScreen))

    @property
    def editor(self) -> Editor:
        return self.screen.editor

    @property
    def listed(self) -> list[str]:
        return [suggestion.text for suggestion in self.editor.offers.suggestions]

    @property
    def alternatives(self) -> Alternatives:
        return self.screen.query_one(Alternatives)

    @property
    def bars(self) -> NextCharacters:
        return self.screen.query_one(NextCharacters)

    @property
    def status(self) -> str:
        return str(self.screen.query_one(StatusLine).render())

    @property
    def notices(self) -> str:
        """The notices that were given, one a line."""
        return "\n".join(notice.message for notice in self.app._notifications)

    async def answer(self, text: str) -> None:
        """Type an answer to the question at the foot of the screen, and give it."""
        screen = self.app.screen
        await wait_until(self.pilot, lambda: screen.query_one(Question).asked)
        line = screen.query_one("#question-line", Line)
        await wait_until(self.pilot, lambda: line.has_focus)
        line.value = text
        await self.pilot.press("enter")

    async def settled(self) -> None:
        """Wait until the predictions belong to what is on the screen."""
        await wait_until(
            self.pilot,
            lambda: self.screen.answered == self.editor.revision,
        )


@contextlib.asynccontextmanager
async def opened(
    size: tuple[int, int] = (80, 24), *, model: str | None = None, make_model: bool = True
) -> AsyncIterator[Opened]:
    """Open the program; the model ``english`` is made by hand and predicts its words."""
    if make_model:
        save_word_model()
    app = ChartermApp(model)
    async with app.run_test(size=size) as pilot:
        program = Opened(pilot)
        if make_model:
            await program.settled()
        yield program
