"""The settings screen: a form made from the schema, which takes effect at once."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar, Final

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.dom import DOMNode
from textual.widget import Widget
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from charterm.errors import UsageError
from charterm.i18n import N_, _
from charterm.settings.schema import GROUPS, KEYS, SETTINGS, THEME, Setting, find_setting
from charterm.tui.after_keys import AfterKeys
from charterm.tui.bindings import bindings_of, keyed
from charterm.tui.screens.mode import ModeScreen
from charterm.tui.widgets.form import Form
from charterm.tui.widgets.key_table import KeyTable, key_labels, title_of
from charterm.tui.widgets.line import Line
from charterm.tui.widgets.question import Question
from charterm.tui.widgets.setting_row import SettingRow
from charterm.tui.widgets.status import Fact, StatusLine
from charterm.tui.widgets.theme_list import ThemeList
from charterm.tui.widgets.words import tell

_FIND: Final = N_("Find a setting …")

_AT_ONCE: Final = 8
"""Rows that fill the form of a small terminal."""

_AT_A_TIME: Final = 4
"""Rows of the others."""


class GroupList(OptionList, inherit_bindings=False):
    """The groups of settings."""

    BINDINGS: ClassVar[list[BindingType]] = keyed("options", OptionList.BINDINGS)
    HELP = N_("The groups of settings. Enter goes into the group, escape comes back here.")

    def __init__(self) -> None:
        super().__init__(id="groups", markup=False, compact=True)

    def on_mount(self) -> None:
        """Fill the list."""
        self.add_options(Option(_(title), id=group) for group, title in GROUPS.items())
        self.highlighted = 0

    def translate(self) -> None:
        """Say the titles in the language in use."""
        for group, title in GROUPS.items():
            self.replace_option_prompt(group, _(title))


class SettingsScreen(ModeScreen, inherit_bindings=False):
    """Every setting of the schema."""

    mode = "settings"
    CSS_PATH = [Path(__file__).with_name(name) for name in ("foot.tcss", "settings.tcss")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings_of("settings"),
        Binding(
            "escape",
            "leave_form",
            N_("Back to the groups"),
            show=False,
            tooltip=N_("Go back to the list of groups"),
            id="form.leave",
        ),
        *ModeScreen.BINDINGS,
    ]
    HELP = N_(
        "Every setting counts at once and is kept in the config file, where your comments stay. "
        "ctrl+r gives the setting you are at its default again."
    )

    def __init__(self) -> None:
        super().__init__()
        self.group = next(iter(GROUPS))
        self._finding = AfterKeys(self, self._show)
        self._coming = AfterKeys(self, self._show_more)
        self._more: list[SettingRow] = []  # that were found and are not shown yet

    # Layout -------------------------------------------------------------------------------

    def content(self) -> Iterable[Widget]:
        """The groups, and the settings of one of them or those that were found."""
        settings = self.program.settings
        with Horizontal(id="desk"):
            yield GroupList()
            with Vertical(id="sheet"):
                yield Line(id="find", placeholder=_(_FIND))
                yield Static("", id="problems", markup=False)
                with Form(id="form"):
                    for setting in SETTINGS:
                        if setting.group != KEYS:
                            yield SettingRow(
                                setting,
                                settings.as_given(setting),
                                is_set=settings.is_set(setting),
                                themes=self.app.available_themes,
                            )
                yield KeyTable()
                yield Static("", id="nothing", markup=False)
        yield Question()
        yield StatusLine()

    def command_nodes(self) -> Iterable[DOMNode]:
        """The screen and the table of keys."""
        return (self, self.query_one(KeyTable))

    def on_mount(self) -> None:
        """Begin with the groups."""
        self.query_one(GroupList).focus()
        self.settings_changed()

    def translate(self) -> None:
        """Say everything in the language in use."""
        super().translate()
        self.query_one("#find", Line).placeholder = _(_FIND)
        self._show()

    def settings_changed(self) -> None:
        """Show the values in force, wherever they were changed."""
        settings = self.program.settings
        for row in self.query(SettingRow):
            row.show(settings.as_given(row.setting), is_set=settings.is_set(row.setting))
        problems = self.query_one("#problems", Static)
        problems.display = bool(settings.problems)
        problems.update("\n".join(map(str, settings.problems)))
        self._show()

    @on(Input.Changed, "#find")
    def _find(self) -> None:
        self._finding.soon()

    def _show(self) -> None:
        settings = self.program.settings
        wanted = self.query_one("#find", Line).value.strip()
        words = wanted.casefold().split()
        found = self._show_rows(words)
        table = self.query_one(KeyTable)
        wants_keys = not found if words else self.group == KEYS
        if wants_keys:
            table.show(settings, wanted)
        table.display = wants_keys and table.row_count > 0
        nothing = self.query_one("#nothing", Static)
        nothing.display = not found and not table.display
        if nothing.display:
            tell(
                nothing,
                _("No setting has “{words}”. Escape shows the groups.").format(words=wanted),
            )
        changed = sum(settings.is_set(setting) for setting in SETTINGS)
        self.query_one(StatusLine).facts = (
            Fact(str(settings.path), weight=5),
            Fact(str(changed), _("changed"), weight=6, right=True),
        )

    def _show_rows(self, words: list[str]) -> bool:
        """Show the settings with these words, or those of the group; whether there are some.

        Those that are out of sight come afterwards, a few at a time: a key does not wait for them.
        """
        form = self.query_one("#form", Form)
        found = []
        for row in form.query_children(SettingRow):
            if words:
                said = _said(row.setting)
                fits = all(word in said for word in words)
            else:
                fits = row.setting.group == self.group
            if fits:
                found.append(row)
            else:
                row.display = False
        for row in found[:_AT_ONCE]:
            row.display = True
        self._more = found[_AT_ONCE:]
        if self._more:
            self._coming.soon()
        form.display = bool(found)
        return bool(found)

    def _show_more(self) -> None:
        for row in self._more[:_AT_A_TIME]:
            row.display = True
        del self._more[:_AT_A_TIME]
        if self._more:
            self._coming.soon()

    # Moving about -------------------------------------------------------------------------

    @on(OptionList.OptionHighlighted, "#groups")
    def _turn_to(self, event: OptionList.OptionHighlighted) -> None:
        if event.option_id and event.option_id != self.group:
            self.group = event.option_id
            with self.prevent(Input.Changed):
                self.query_one("#find", Line).value = ""
            self._show()
            self.query_one("#form").scroll_home(animate=False)

    @on(OptionList.OptionSelected, "#groups")
    @on(Input.Submitted, "#find")
    def _enter(self) -> None:
        self._finding.now()
        table = self.query_one(KeyTable)
        if table.display:
            table.focus()
            return
        row = next((row for row in self.query(SettingRow) if row.display), None)
        if row is not None:
            row.focus_control()

    def action_leave_form(self) -> None:
        """Back to the groups."""
        self.query_one("#find", Line).value = ""
        self.query_one(GroupList).focus()

    def action_find(self) -> None:
        """Type what to look for."""
        self.query_one("#find", Line).focus()

    def action_next_group(self) -> None:
        """Show the next group."""
        self._step(1)

    def action_previous_group(self) -> None:
        """Show the group before."""
        self._step(-1)

    def _step(self, by: int) -> None:
        groups = self.query_one(GroupList)
        groups.highlighted = ((groups.highlighted or 0) + by) % len(GROUPS)
        groups.focus()

    def action_copy_path(self) -> None:
        """Copy the path of the config file."""
        path = str(self.program.settings.path)
        self.program.copy_to_clipboard(path, _("Copied: {path}.").format(path=path))

    # Changes ------------------------------------------------------------------------------

    @on(SettingRow.Changed)
    def _change(self, event: SettingRow.Changed) -> None:
        setting = event.row.setting
        if setting is THEME:
            self.program.previewed_theme = ""
        try:
            self.program.change_setting(setting, event.value)
        except UsageError as error:
            event.row.complain(str(error))

    @on(SettingRow.Reset)
    def _reset_row(self, event: SettingRow.Reset) -> None:
        self._reset(event.row.setting)

    @on(ThemeList.Looked)
    def _preview(self, event: ThemeList.Looked) -> None:
        if event.name or self.program.previewed_theme:
            self.program.preview_theme(event.name)

    def _setting_at_focus(self) -> Setting[Any] | None:
        focused = self.focused
        if isinstance(focused, KeyTable) and focused.binding:
            return find_setting(f"{KEYS}.{focused.binding}")
        for node in focused.ancestors_with_self if focused is not None else ():
            if isinstance(node, SettingRow):
                return node.setting
        return None

    def action_reset(self) -> None:
        """Give the setting that has the focus its default again."""
        setting = self._setting_at_focus()
        if setting is None:
            self.notify(_("Go to a setting first: enter leads into the group."))
        else:
            self._reset(setting)

    def _reset(self, setting: Setting[Any]) -> None:
        try:
            self.program.reset_setting(setting)
        except UsageError as error:
            self.notify(str(error), severity="error")
            return
        default = self.program.settings.default_of(setting)
        value = key_labels(default) if setting.kind == "keys" else default
        self.notify(_("{setting} is {value} again.").format(setting=_(setting.title), value=value))

    @on(KeyTable.Opened)
    def _edit_keys(self) -> None:
        binding = self.query_one(KeyTable).binding
        if not binding:
            return
        setting = find_setting(f"{KEYS}.{binding}")

        def check(typed: str) -> None:
            self.program.settings.with_value(setting, typed)

        def keep(typed: str) -> None:
            self.program.change_setting(setting, typed)

        self.query_one(Question).ask(
            _("Keys of {action}").format(action=title_of(binding)),
            keep,
            value=key_labels(self.program.settings.bindings()[binding]),
            note=_("For example ctrl+s or f5; several are separated by commas"),
            take=_("Change"),
            check=check,
        )


def _said(setting: Setting[Any]) -> str:
    parts = (setting.key, _(setting.title), _(setting.help), setting.title)
    return " ".join(parts).casefold()
