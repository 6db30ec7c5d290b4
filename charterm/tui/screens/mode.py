"""What all modes' screens share: the tab bar, the key hints, and commands made of bindings."""

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual.app import ComposeResult, SystemCommand
from textual.binding import BindingType
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widget import Widget

from charterm.tui import garbage
from charterm.tui.bindings import commands_of, keyed
from charterm.tui.whole_characters import WholeCharacters
from charterm.tui.widgets.key_hints import KeyHints
from charterm.tui.widgets.mode_bar import ModeBar, ModeTab
from charterm.tui.widgets.words import Translated

if TYPE_CHECKING:
    from charterm.tui.app import ChartermApp


class ModeScreen(Screen[Any], inherit_bindings=False):
    """A mode's screen. A subclass sets :attr:`mode` and composes its content in :meth:`content`."""

    BINDINGS: ClassVar[list[BindingType]] = keyed("screen", Screen.BINDINGS)
    # Textual's own annotation of these is an instance variable's for a type checker.
    HORIZONTAL_BREAKPOINTS = [(0, "-tight"), (62, "-narrow"), (110, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-short"), (20, "-tall"), (34, "-high")]  # noqa: RUF012

    mode: ClassVar[str]
    """Id of the mode in :data:`charterm.tui.modes.MODES`."""

    takes_keys = False
    """Whether it is open: what is pressed earlier waits for it."""

    def __init__(self) -> None:
        super().__init__()
        self._compositor = WholeCharacters()

    @property
    def program(self) -> "ChartermApp":
        """The app, with its own type."""
        return cast("ChartermApp", self.app)

    def on_mount(self) -> None:
        """Make sure that :meth:`leave` is called."""
        self.program.opened(self)
        if not self.app.is_headless:
            self.call_after_refresh(garbage.keep_widgets)
        # by way of the app's queue, in which the focus may still wait to be given
        self.call_after_refresh(self.app.call_later, self._take_keys)

    async def _take_keys(self) -> None:
        self.takes_keys = True
        await self.program.do_keys_ahead()

    def compose(self) -> ComposeResult:
        """The tab bar, the mode's own content and the key hints."""
        yield ModeBar(self.mode)
        yield from self.content()
        yield KeyHints()

    def content(self) -> Iterable[Widget]:
        """The widgets between the tab bar and the key hints."""
        raise NotImplementedError

    def command_nodes(self) -> Iterable[DOMNode]:
        """The screen and those of its widgets whose bindings belong into the palette."""
        return (self,)

    def commands(self) -> Iterator[SystemCommand]:
        """What the palette offers while this screen is shown: every binding of its nodes."""
        keys_in_force = self.program.settings.bindings()
        for node in self.command_nodes():
            yield from commands_of(node, keys_in_force)

    def translate(self) -> None:
        """Called when the language changed while the screen was open: say everything again.

        Widgets that have a ``translate`` method are asked too.
        """
        for widget in self.query("*"):
            if isinstance(widget, Translated):
                widget.translate()
        self.refresh_bindings()

    def settings_changed(self) -> None:
        """Called when a setting changed while the screen was open."""

    def asks_before_leaving(self, leave: Callable[[], object]) -> bool:
        """Called when the user wants to quit: whether there is something to ask first.

        Args:
            leave: to be called when the answer is that the program may end.
        """
        return False

    def leave(self) -> None:
        """Called before the program ends, however it ends: save what must not be lost."""

    def on_mode_tab_clicked(self, event: ModeTab.Clicked) -> None:
        """Go to the mode whose tab was clicked."""
        event.stop()
        self.app.switch_mode(event.mode)
