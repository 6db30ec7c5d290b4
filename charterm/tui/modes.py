"""The modes of the program: what the tab bar, the keys and the palette offer.

A new mode is one line in :data:`MODES`, one action ``mode.ID`` in :mod:`charterm.actions`, and one
screen that derives from :class:`~charterm.tui.screens.mode.ModeScreen`. The screen's module is
imported when the mode is first opened, so that the first screen does not wait for the others.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from charterm.actions import BY_ID, Action

if TYPE_CHECKING:
    from textual.screen import Screen


@dataclass(frozen=True, slots=True)
class Mode:
    """A mode: a screen that keeps its state while another one is shown.

    Attributes:
        id: one of :data:`charterm.actions.SCREENS`.
        screen: ``module:class`` of its screen.
    """

    id: str
    screen: str

    @property
    def action(self) -> Action:
        """The action that opens it: its title, its keys and what it is for."""
        return BY_ID[f"mode.{self.id}"]

    def open(self) -> "Screen[Any]":
        """Import the screen's module and make the screen."""
        module, name = self.screen.split(":")
        screen: Screen[Any] = getattr(import_module(module), name)()
        return screen


MODES: Final[tuple[Mode, ...]] = (
    Mode("write", "charterm.tui.screens.write:WriteScreen"),
    Mode("story", "charterm.tui.screens.story:StoryScreen"),
    Mode("train", "charterm.tui.screens.train:TrainScreen"),
    Mode("generate", "charterm.tui.screens.generate:GenerateScreen"),
    Mode("judge", "charterm.tui.screens.judge:JudgeScreen"),
    Mode("models", "charterm.tui.screens.models:ModelsScreen"),
    Mode("settings", "charterm.tui.screens.settings:SettingsScreen"),
)


def openers() -> dict[str, str | Callable[[], "Screen[Any]"]]:
    """The modes in the form of Textual's ``App.MODES``."""
    return {mode.id: mode.open for mode in MODES}
