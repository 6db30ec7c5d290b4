"""The tour on the screens of the program: where it is shown, what it says, when it goes on."""

from typing import TYPE_CHECKING

from textual.content import Content
from textual.markup import escape
from textual.widgets import Input

from charterm.actions import BY_ID
from charterm.errors import ChartermError
from charterm.i18n import _
from charterm.settings import schema
from charterm.tui import tour
from charterm.tui.screens.mode import ModeScreen
from charterm.tui.tour import Part, Tour
from charterm.tui.widgets.key_hints import KeyHints
from charterm.tui.widgets.tour_strip import TourStrip

if TYPE_CHECKING:
    from charterm.tui.app import ChartermApp


class Guide:
    """Shows the tour on every screen that is opened, until it is over."""

    def __init__(self, app: "ChartermApp") -> None:
        self._app = app
        self._tour: Tour | None = None

    @property
    def going(self) -> bool:
        """Whether the tour is shown."""
        return self._tour is not None

    @property
    def may_end(self) -> bool:
        """Whether escape is the tour's: no dialog is open, and no line to type in has the focus."""
        screen = self._app.screen
        return (
            self.going and isinstance(screen, ModeScreen) and not isinstance(screen.focused, Input)
        )

    def begin(self) -> None:
        """Show the tour from its first step."""
        self._tour = Tour()
        for screen in self._app.opened_screens:
            self.opened(screen)
        self._show()
        self._app.run_worker(self._keep, thread=True, group="tour", exit_on_error=False)

    def _keep(self) -> None:
        try:
            tour.keep_shown()
        except ChartermError as error:
            self._app.call_from_thread(self._app.notify, str(error), severity="warning")

    def opened(self, screen: ModeScreen) -> None:
        """Show the step on a screen that was opened after the tour began."""
        if self._tour is None or screen.query(TourStrip):
            return
        keys = (self._app.shown_key("app.tour"), self._app.shown_key("tour.end"))
        strip = TourStrip(self._tour.part, self._text(self._tour.part, screen), keys)
        hints = screen.query(KeyHints)
        screen.mount(strip, before=hints.first() if hints else None)

    def did(self, what: str) -> None:
        """Go on where somebody did what the step is about."""
        if self._tour is not None and self._tour.did(what):
            self._show()

    def skip(self) -> None:
        """Go on to the next step; begin the tour where it is not shown."""
        if self._tour is None:
            self.begin()
        elif self._tour.part is None:
            self.end()
        else:
            self._tour.skip()
            self._show()

    def end(self) -> None:
        """Show it no more."""
        self._tour = None
        for strip in self._strips():
            strip.remove()

    def translate(self) -> None:
        """Say it in the language in use."""
        self._show()

    def _strips(self) -> list[TourStrip]:
        return [strip for screen in self._app.opened_screens for strip in screen.query(TourStrip)]

    def _show(self) -> None:
        if self._tour is not None:
            for strip in self._strips():
                strip.show(self._tour.part, self._text(self._tour.part, strip.screen))

    def _text(self, part: Part | None, screen: object) -> Content:
        if part is None:
            text = _(
                "{app_help} explains what has the focus, {app_palette} finds every command, "
                "{app_tour} shows the tour again."
            )
        else:
            there = isinstance(screen, ModeScreen) and screen.mode == part.mode
            said = part.there if there else part.away
            text = _(said)
        model = self._app.model or self._app.settings.get(schema.MODEL)
        words = {"example": tour.EXAMPLES.get(model, tour.EXAMPLE)}
        words |= {id.replace(".", "_"): self._app.shown_key(id) for id in BY_ID}
        marked = {name: f"[b $primary]{escape(word)}[/]" for name, word in words.items()}
        return Content.from_markup(text.format(**marked))
