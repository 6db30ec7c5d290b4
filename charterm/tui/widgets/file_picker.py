"""Looking for a text file: textual-fspicker's dialog, made quick for the keyboard."""

from pathlib import Path

from textual import events, on
from textual.widgets import Input
from textual_fspicker import FileOpen
from textual_fspicker.parts import DirectoryNavigation

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

    @on(DirectoryNavigation.Selected)
    def _open_selected(self, event: DirectoryNavigation.Selected) -> None:
        event.stop()
        event.prevent_default()
        self.dismiss(event.path)
