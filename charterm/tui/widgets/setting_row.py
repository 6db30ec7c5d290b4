"""One setting in the form: its title, the widget that fits its kind, its help, what is wrong."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar, Final, cast

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.theme import Theme
from textual.widget import Widget
from textual.widgets import Input, Select, Static, Switch

from charterm import i18n
from charterm.errors import UsageError
from charterm.i18n import N_, _
from charterm.settings import schema
from charterm.settings.schema import Setting
from charterm.tui.bindings import keyed
from charterm.tui.widgets.line import Line, PathSuggester
from charterm.tui.widgets.theme_list import ThemeList

if TYPE_CHECKING:
    from charterm.tui.app import ChartermApp

_OPEN_MENU_HINT: Final = N_("Dismiss menu")
"""Textual's own words for the key of an open choice, which the key hints draw translated."""


class SettingSwitch(Switch, inherit_bindings=False):
    """A switch whose keys can be changed, and which can be read without colours."""

    BINDINGS: ClassVar[list[BindingType]] = keyed("switch", Switch.BINDINGS)

    def render(self) -> Content:
        """The knob and a word."""
        return Content(f"━━● {_('on')}" if self.value else f"●── {_('off')}")

    def translate(self) -> None:
        """Say the word in the language in use."""
        self.refresh()


class SettingSelect(Select[str], inherit_bindings=False):
    """A choice whose keys can be changed. Up and down go to the next setting."""

    BINDINGS: ClassVar[list[BindingType]] = keyed(
        "select", [("enter,space", "show_overlay", "Show menu")]
    )

    def compose(self) -> ComposeResult:
        """Say from the first on what there is while nothing is chosen."""
        self.translate()
        yield from super().compose()

    def translate(self) -> None:
        """Say it in the language in use; Textual says ``Select``."""
        self.prompt = _("none yet")


class SettingRow(Vertical):
    """A setting that can be changed at once."""

    class Changed(Message):
        """The user wants another value."""

        def __init__(self, row: "SettingRow", value: object) -> None:
            super().__init__()
            self.row = row
            self.value = value

    class Reset(Message):
        """The user wants the default again."""

        def __init__(self, row: "SettingRow") -> None:
            super().__init__()
            self.row = row

    def __init__(
        self, setting: Setting[Any], value: object, *, is_set: bool, themes: dict[str, Theme]
    ) -> None:
        """Make the row.

        Args:
            setting: the schema's entry.
            value: its value now.
            is_set: whether that was chosen.
            themes: the themes there are, by name.
        """
        super().__init__(id=f"setting-{setting.key.replace('.', '-')}", classes="setting")
        self.setting = setting
        self._value = value
        self._is_set = is_set
        self._themes = themes

    def compose(self) -> ComposeResult:
        """Title and widget in one line, help and complaint under them."""
        with Horizontal(classes="setting-line"):
            yield Static("", classes="setting-title", markup=False)
            yield self._control()
            yield Static("", classes="setting-default", markup=False)
        if self.setting is schema.THEME:
            yield ThemeList(self._themes, str(self._value))
        yield Static("", classes="setting-help", markup=False)
        yield Static("", classes="setting-wrong", markup=False)

    def _control(self) -> Widget:
        setting = self.setting
        if setting is schema.THEME:
            return Static(str(self._value), classes="setting-control", markup=False)
        if setting.kind == "bool":
            return SettingSwitch(value=bool(self._value), animate=False, classes="setting-control")
        if setting.kind == "choice":
            return SettingSelect(
                self._choices(),
                value=str(self._value),
                allow_blank=False,
                compact=True,
                classes="setting-control",
            )
        line = Line(_written(self._value), classes="setting-control")
        if setting.kind == "path":
            line.suggester = PathSuggester()
        return line

    def _choices(self) -> Iterable[tuple[str, str]]:
        names = {**i18n.LANGUAGES, i18n.AUTO: _("auto: the system's"), "gru": "GRU", "lstm": "LSTM"}
        return [(names.get(choice, choice), choice) for choice in self.setting.choices]

    def on_mount(self) -> None:
        """Say the words."""
        self.translate()

    def translate(self) -> None:
        """Say title and help in the language in use."""
        self.query_one(".setting-title", Static).update(_(self.setting.title))
        later = f" {_('Counts from the next start on.')}" if self.setting.restart else ""
        self.query_one(".setting-help", Static).update(f"{_(self.setting.help)}.{later}")
        self._say_default()
        for select in self.query(SettingSelect):
            with self.prevent(Select.Changed):
                select.set_options(self._choices())
                select.value = str(self._value)

    def _say_default(self) -> None:
        shown = ""
        if self._is_set:
            default = cast("ChartermApp", self.app).settings.default_of(self.setting)
            if isinstance(default, bool):
                default = _("on") if default else _("off")
            shown = _("↺ default {value}").format(value=default)
        self.query_one(".setting-default", Static).update(shown)

    def show(self, value: object, *, is_set: bool) -> None:
        """Show the value in force; what somebody is typing stays."""
        if (value, is_set) == (self._value, self._is_set):
            return
        self._value, self._is_set = value, is_set
        self._say_default()
        self.complain("")
        with self.prevent(Switch.Changed, Select.Changed, Input.Changed):
            for control in self.query(".setting-control"):
                if isinstance(control, Switch):
                    control.value = bool(value)
                elif isinstance(control, SettingSelect):
                    control.value = str(value)
                elif isinstance(control, Line):
                    control.value = _written(value)
                elif isinstance(control, Static):
                    control.update(str(value))
        for themes in self.query(ThemeList):
            themes.choose(str(value))

    def complain(self, problem: str) -> None:
        """Say what is wrong with what stands there; an empty text: nothing."""
        wrong = self.query_one(".setting-wrong", Static)
        wrong.update(problem)
        wrong.set_class(bool(problem), "-wrong")

    def focus_control(self) -> None:
        """Begin to change it."""
        next(each for each in self.query("*") if each.focusable).focus()

    # What the user does -------------------------------------------------------------------

    @on(Switch.Changed)
    @on(Select.Changed)
    def _pick(self, event: Switch.Changed | Select.Changed) -> None:
        event.stop()
        if event.value != self._value:
            self.post_message(self.Changed(self, event.value))

    @on(Input.Changed)
    def _look(self, event: Input.Changed) -> None:
        event.stop()
        try:
            self.setting.parse(event.value.strip())
        except UsageError as error:
            self.complain(str(error))
        else:
            self.complain("")

    @on(Input.Submitted)
    @on(Input.Blurred)
    def _take(self, event: Input.Submitted | Input.Blurred) -> None:
        event.stop()
        typed = event.value.strip()
        if typed != _written(self._value):
            self.post_message(self.Changed(self, typed))

    @on(ThemeList.Chosen)
    def _take_theme(self, event: ThemeList.Chosen) -> None:
        event.stop()
        self.post_message(self.Changed(self, event.name))

    def on_click(self, event: events.Click) -> None:
        """The word at the end of the line gives the default."""
        clicked = event.widget
        if clicked is not None and clicked.has_class("setting-default") and self._is_set:
            self.post_message(self.Reset(self))


def _written(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
