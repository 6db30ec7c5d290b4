"""Help: what the focused part is for, and every key that does something there."""

from pathlib import Path
from typing import Any, ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen, Screen
from textual.widget import Widget
from textual.widgets import Static

from charterm.actions import BY_ID, SCREENS
from charterm.i18n import N_, _

_MOVING: Final = N_("Moving and editing")


class HelpScreen(ModalScreen[None], inherit_bindings=False):
    """A sheet over the screen it explains."""

    CSS_PATH = Path(__file__).with_name("help.tcss")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "escape,f1,q,enter",
            "dismiss",
            N_("Close"),
            tooltip=N_("Go back to where you were"),
            id="help.close",
        ),
    ]

    def __init__(self, explained: Screen[Any], keys_in_force: dict[str, str]) -> None:
        """Explain a screen.

        Args:
            explained: the screen, with the focus where help is wanted.
            keys_in_force: binding id, comma-separated keys.
        """
        super().__init__()
        self._text = help_of(explained.focused or explained)
        self._sections = sections_of(explained, keys_in_force)

    def compose(self) -> ComposeResult:
        """The explanation, then the keys, those of the program before those of moving about."""
        with Vertical(id="sheet") as sheet:
            sheet.border_title = _("Help")
            sheet.border_subtitle = _("esc closes")
            with VerticalScroll():
                if self._text:
                    yield Static(_(self._text), id="explanation")
                for title, rows in self._sections.items():
                    yield Static(_(title), classes="heading")
                    for keys, meaning in rows:
                        with Horizontal(classes="row"):
                            yield Static(keys, classes="keys", markup=False)
                            yield Static(_(meaning), classes="meaning", markup=False)

    def on_mount(self) -> None:
        """Arrow keys scroll."""
        self.query_one(VerticalScroll).focus()


def help_of(widget: Widget) -> str:
    """The help of the widget, or of the nearest one around it that has some."""
    for node in widget.ancestors_with_self:
        if isinstance(node, Widget) and node.HELP:
            return node.HELP
    return ""


def sections_of(
    screen: Screen[Any], keys_in_force: dict[str, str]
) -> dict[str, list[tuple[str, str]]]:
    """Keys and their meaning for what has the focus on ``screen``, by section."""
    app = screen.app
    sections: dict[str, list[tuple[str, str]]] = {}
    for node in (screen.focused or screen).ancestors_with_self:
        for binding in type(node).BINDINGS:
            if not isinstance(binding, Binding) or binding.system:
                continue
            action = BY_ID.get(binding.id or "")
            keys = keys_in_force.get(binding.id or "", binding.key).split(",")
            if action is not None and action.also:
                keys += action.also.split(",")
            shown = [app.get_key_display(Binding(key, "")) for key in keys]
            title = SCREENS[action.screen] if action else _MOVING
            row = (", ".join(shown), binding.tooltip or binding.description)
            sections.setdefault(title, []).append(row)
    if _MOVING in sections:  # the long list comes last
        sections[_MOVING] = sections.pop(_MOVING)
    return sections
