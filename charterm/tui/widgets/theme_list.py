"""The themes, each with its colours; the highlighted one is shown on the whole screen."""

from collections.abc import Mapping
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.theme import Theme
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from charterm.i18n import N_
from charterm.tui.bindings import keyed

_SWATCH = "━━"


class ThemeList(OptionList, inherit_bindings=False):
    """Themes to look at and to choose from."""

    BINDINGS: ClassVar[list[BindingType]] = keyed("options", OptionList.BINDINGS)

    HELP = N_(
        "↑ and ↓ show a theme on the whole screen. Enter or a click chooses it; leaving the list "
        "without choosing brings the chosen one back."
    )

    class Looked(Message):
        """A theme is to be shown; an empty name: the chosen one again."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    class Chosen(Message):
        """A theme was chosen."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def __init__(self, themes: Mapping[str, Theme], chosen: str) -> None:
        """List themes.

        Args:
            themes: name, and theme.
            chosen: name of the one in force.
        """
        super().__init__(markup=False, compact=True)
        ours = [name for name in themes if name.startswith("charterm-")]
        self._names = [*ours, *sorted(name for name in themes if name not in ours)]
        self._themes = themes
        self.chosen = chosen

    def on_mount(self) -> None:
        """Fill the list, the chosen theme highlighted."""
        self.add_options(
            Option(_sample(name, self._themes[name]), id=f"theme-{name}") for name in self._names
        )
        self.choose(self.chosen)

    def choose(self, name: str) -> None:
        """Highlight the theme that is in force."""
        self.chosen = name
        with self.prevent(OptionList.OptionHighlighted):
            self.highlighted = self._names.index(name) if name in self._names else None

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Show it, when somebody is looking."""
        event.stop()
        if self.has_focus:
            self.post_message(self.Looked(self._names[event.option_index]))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Choose it."""
        event.stop()
        self.chosen = self._names[event.option_index]
        self.post_message(self.Chosen(self.chosen))

    def on_blur(self, _event: events.Blur) -> None:
        """Bring the chosen theme back."""
        self.choose(self.chosen)
        self.post_message(self.Looked(""))


def _sample(name: str, theme: Theme) -> Content:
    colours = (theme.primary, theme.secondary, theme.accent, theme.success, theme.error)
    parts = [(f"{name:<24}", "")]
    parts += [(_SWATCH, colour) for colour in colours if colour and not colour.startswith("ansi")]
    return Content.assemble(*parts)
