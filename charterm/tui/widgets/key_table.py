"""The table of key bindings: what each does, where, its keys and its id."""

from typing import ClassVar, Final

from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import DataTable

from charterm.actions import ACTIONS, SCREENS
from charterm.i18n import N_, _
from charterm.settings import Settings
from charterm.settings.keys import key_label
from charterm.settings.schema import KEYS
from charterm.tui.bindings import keyed
from charterm.widget_keys import WIDGET_KEYS

_TITLES: Final = (N_("Action"), N_("Keys"), N_("Where"), N_("Name"))


def key_labels(keys: str) -> str:
    """Comma-separated keys as people write them."""
    return ", ".join(key_label(key) for key in keys.split(","))


class KeyTable(DataTable[Text], inherit_bindings=False):
    """Bindings; enter or two clicks change the keys of one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter",
            "edit",
            N_("Change the keys"),
            tooltip=N_("Type other keys for this action"),
            id="keys.edit",
        ),
        *keyed(
            "table",
            (binding for binding in DataTable.BINDINGS if "select_cursor" not in str(binding)),
        ),
    ]

    HELP = N_(
        "Every key of the program. Enter or two clicks change the keys of the highlighted action; "
        "a key that does something else at the same time is refused. ctrl+r gives the default."
    )

    class Edited(Message):
        """Other keys are wanted for the highlighted binding."""

    def __init__(self) -> None:
        super().__init__(id="keys", cursor_type="row")
        self._settings: Settings | None = None
        self._wanted = ""
        self._ids: list[str] = []

    def show(self, settings: Settings, wanted: str) -> None:
        """Show the keys in force of the bindings in which each word of ``wanted`` occurs."""
        self._settings, self._wanted = settings, wanted
        self.translate()

    def translate(self) -> None:
        """Say everything in the language in use."""
        if self._settings is None:
            return
        row, bindings = self.cursor_row, self._settings.bindings()
        changed = self.app.theme_variables["primary"]
        self._ids = []
        with self.prevent(DataTable.RowHighlighted):
            self.clear(columns=True)
            widths = self._widths()
            for title, width in zip(_TITLES, widths, strict=True):
                if width:
                    self.add_column(_(title), width=width)
            for id, title, where in _bindings():
                keys = key_labels(bindings[id])
                said = " ".join((title, keys, where, id)).casefold()
                if not all(word in said for word in self._wanted.casefold().split()):
                    continue
                mark = changed if self._settings.is_set(f"{KEYS}.{id}") else ""
                self._ids.append(id)
                cells = (Text(title), Text(keys, mark), Text(where, "dim"), Text(id, "dim"))
                drawn = []
                for cell, width in zip(cells, widths, strict=True):
                    cell.truncate(width, overflow="ellipsis")
                    drawn += [cell] if width else []
                self.add_row(*drawn)
            if self._ids:
                self.move_cursor(row=min(row, len(self._ids) - 1))

    def _widths(self) -> tuple[int, int, int, int]:
        """Cells of the columns; where it is narrow, the third gives way."""
        room = max(self.size.width - 9, 40)  # what pads them, and the scrollbar
        if room < 80:
            return room - 14 - 20 + 2, 14, 0, 20
        return room - 24 - 20 - 32, 24, 20, 32

    def on_resize(self) -> None:
        """Share the room out again."""
        self.translate()

    @property
    def binding(self) -> str:
        """Id of the highlighted binding; empty in an empty table."""
        return self._ids[self.cursor_row] if 0 <= self.cursor_row < len(self._ids) else ""

    def action_edit(self) -> None:
        """Ask for other keys."""
        self.post_message(self.Edited())

    def on_click(self, event: events.Click) -> None:
        """Two clicks do it as well."""
        if event.chain == 2 and event.style.meta.get("row", -1) >= 0:
            self.action_edit()


def title_of(binding: str) -> str:
    """What a binding does, in the language in use."""
    return next(title for id, title, _where in _bindings() if id == binding)


def _bindings() -> list[tuple[str, str, str]]:
    actions = [(each.id, _(each.title), _(SCREENS[each.screen])) for each in ACTIONS]
    editing = _("Moving and editing")
    return actions + [(each.id, _(each.title), editing) for each in WIDGET_KEYS]
