"""Looking for a text file: textual-fspicker's dialog, made quick for the keyboard."""

import unicodedata
from pathlib import Path

from textual import events, on
from textual.widgets import Input
from textual_fspicker import FileOpen
from textual_fspicker.parts import DirectoryNavigation
from textual_fspicker.parts.directory_navigation import DirectoryEntry

from charterm.i18n import N_, _
from charterm.tui.typed_paths import nearest_folder


class FilePicker(FileOpen):
    """Arrows and enter open a file of the list; whatever is typed is the beginning of a path."""

    HELP = N_(
        "Choose a file with the arrows and enter, or type its path: it is completed as far as "
        "there is such a file, → takes that. A full stop shows hidden files too."
    )
    DEFAULT_CSS = """
    FilePicker Dialog {
        max-width: 100;

        InputBar Button {
            min-width: 10;
        }
    }
    """

    def __init__(self, folder: Path, title: str) -> None:
        """Prepare.

        Args:
            folder: where to begin; the nearest folder above it if it does not exist.
            title: what is looked for, in the language in use.
        """
        super().__init__(
            nearest_folder(folder),
            title,
            open_button=_("Open"),
            cancel_button=_("Cancel"),
        )

    def on_key(self, event: events.Key) -> None:
        """Type into the line from the list, and go back to it."""
        line = self.query_one(Input)
        if isinstance(self.focused, DirectoryNavigation) and event.is_printable:
            event.stop()
            line.focus()
            line.insert_text_at_cursor(event.character or "")
        elif self.focused is line and event.key in ("up", "down"):
            event.stop()
            self.query_one(DirectoryNavigation).focus()

    @on(Input.Changed)
    def _highlight_typed(self, event: Input.Changed) -> None:
        """Show in the list what is meant by the beginning of a name."""
        if (place := self._place_of(event.value)) is not None:
            self.query_one(DirectoryNavigation).highlighted = place

    @on(Input.Submitted)
    def _complete_typed(self, event: Input.Submitted) -> None:
        """Take what the beginning of a name is completed to, where it is no name itself."""
        files = self.query_one(DirectoryNavigation)
        place = self._place_of(event.value)
        if place is not None and not (files.location / event.value).exists():
            self.query_one(Input).value = _name_at(files, place)

    def _place_of(self, typed: str) -> int | None:
        """Which line of the list begins so, capitals or not; None without one."""
        files, wanted = self.query_one(DirectoryNavigation), _folded(typed)
        if not wanted.strip("."):
            return None
        names = [_folded(_name_at(files, place)) for place in range(files.option_count)]
        return next((place for place, name in enumerate(names) if name.startswith(wanted)), None)

    @on(DirectoryNavigation.Selected)
    def _open_selected(self, event: DirectoryNavigation.Selected) -> None:
        event.stop()
        event.prevent_default()
        self.dismiss(event.path)


def _name_at(files: DirectoryNavigation, place: int) -> str:
    """The name of the file or folder in one line of the list."""
    entry = files.get_option_at_index(place)
    assert isinstance(entry, DirectoryEntry)
    return entry.location.name


def _folded(name: str) -> str:
    """A name as it is compared: a Mac keeps those of files as separate letters."""
    return unicodedata.normalize("NFC", name).casefold()
