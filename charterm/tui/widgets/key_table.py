"""The table of key bindings: what each does, where, its keys and its id."""

from collections.abc import Iterable
from typing import ClassVar, Final

from rich.text import Text
from textual.binding import Binding, BindingType

from charterm.actions import ACTIONS, SCREENS
from charterm.i18n import N_, _
from charterm.settings import Settings
from charterm.settings.keys import key_label
from charterm.settings.schema import KEYS
from charterm.tui.widgets.row_table import RowTable
from charterm.widget_keys import WIDGET_KEYS

_TITLES: Final = (N_("Action"), N_("Keys"), N_("Where"), N_("Name"))


def key_labels(keys: str) -> str:
    """Comma-separated keys as people write them."""
    return ", ".join(key_label(key) for key in keys.split(","))


class KeyTable(RowTable, inherit_bindings=False):
    """Bindings; enter or two clicks change the keys of one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter",
            "edit",
            N_("Change the keys"),
            tooltip=N_("Type other keys for this action"),
            id="keys.edit",
        ),
        *RowTable.BINDINGS,
    ]

    HELP = N_(
        "Every key of the program. Enter or two clicks change the keys of the highlighted action; "
        "a key that does something else at the same time is refused. ctrl+r gives the default."
    )

    def __init__(self) -> None:
        super().__init__("keys")
        self._settings: Settings | None = None
        self._wanted = ""
        self._ids: list[str] = []

    def show(self, settings: Settings, wanted: str) -> None:
        """Show the keys in force of the bindings in which each word of ``wanted`` occurs."""
        self._settings, self._wanted = settings, wanted
        self.draw()

    def draw(self) -> None:
        """Draw everything anew; a column without room is left out."""
        settings = self._settings
        if settings is None:
            return
        keys_in_force = settings.bindings()
        changed = self.app.theme_variables["primary"]
        wanted = self._wanted.casefold().split()
        self._ids, rows = [], []
        for id, title, where in _bindings():
            keys = key_labels(keys_in_force[id])
            said = " ".join((title, keys, where, id)).casefold()
            if all(word in said for word in wanted):
                mark = changed if settings.is_set(f"{KEYS}.{id}") else ""
                cells = (Text(title), Text(keys, mark), Text(where, "dim"), Text(id, "dim"))
                self._ids.append(id)
                rows.append(self._in_columns(cells))
        titles = self._in_columns(Text(_(title)) for title in _TITLES)
        self.fill(zip(titles, filter(None, self._widths()), strict=True), rows, self.cursor_row)

    def _in_columns(self, cells: Iterable[Text]) -> list[Text]:
        """Those of the four cells whose columns there are, each with what fits."""
        shown = []
        for cell, width in zip(cells, self._widths(), strict=True):
            if width:
                cell.truncate(width, overflow="ellipsis")
                shown.append(cell)
        return shown

    def _widths(self) -> tuple[int, int, int, int]:
        """Cells of the columns; where it is narrow, the third gives way."""
        room = max(self.size.width - 9, 40)  # what pads them, and the scrollbar
        if room < 80:
            return room - 14 - 20 + 2, 14, 0, 20
        return room - 24 - 20 - 32, 24, 20, 32

    @property
    def binding(self) -> str:
        """Id of the highlighted binding; empty in an empty table."""
        return self._ids[self.cursor_row] if 0 <= self.cursor_row < len(self._ids) else ""

    def action_edit(self) -> None:
        """Ask for other keys."""
        self.post_message(self.Opened())


def title_of(binding: str) -> str:
    """What a binding does, in the language in use."""
    return next(title for id, title, _where in _bindings() if id == binding)


def _bindings() -> list[tuple[str, str, str]]:
    actions = [(each.id, _(each.title), _(SCREENS[each.screen])) for each in ACTIONS]
    editing = _("Moving and editing")
    return actions + [(each.id, _(each.title), editing) for each in WIDGET_KEYS]
