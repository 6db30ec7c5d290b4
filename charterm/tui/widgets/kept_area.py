"""A text area whose text is there again at the next start, however the program ended."""

import threading
from typing import TYPE_CHECKING, ClassVar, cast

from textual import on
from textual.widgets import TextArea

from charterm.documents.draft import Draft
from charterm.errors import ChartermError
from charterm.settings import schema
from charterm.tui.widgets.prose import ProseArea

if TYPE_CHECKING:
    from charterm.tui.app import ChartermApp


class KeptArea(ProseArea):
    """Keeps its text, a moment after each change, on a thread. A subclass sets :attr:`kept_as`."""

    kept_as: ClassVar[str]
    """The name of the field."""

    def __init__(self, *, id: str | None = None, placeholder: str = "") -> None:
        super().__init__(id=id, placeholder=placeholder)
        self._draft = Draft(self.kept_as)
        self._writing = threading.Lock()
        self._wanted = ""  # what is to be written
        self._written = ""  # what is in the file
        self._due = False
        self._refused = False

    def on_mount(self) -> None:
        """Put back what stood here."""
        try:
            self._written = self._draft.read()
        except ChartermError as error:
            self.notify(str(error), severity="error", timeout=12)
        if self._written:
            self.load_text(self._written)
            self.move_cursor(self.document.end)

    @on(TextArea.Changed)
    def _keep_soon(self) -> None:
        if not self._due:
            self._due = True
            program = cast("ChartermApp", self.app)
            self.set_timer(program.settings.get(schema.AUTOSAVE), self._keep)

    def _keep(self) -> None:
        self._due = False
        self._wanted = self.text
        self.run_worker(self._write, thread=True, group="draft", exit_on_error=False)

    def _write(self) -> None:
        try:
            self._write_wanted()
        except ChartermError as error:
            if not self._refused:  # told once, not at every word
                self.notify(str(error), severity="error", timeout=12)
            self._refused = True
        else:
            self._refused = False

    def _write_wanted(self) -> None:
        """Write the newest text; an older one never comes after it."""
        with self._writing:
            text = self._wanted
            if text != self._written:
                self._draft.write(text)
                self._written = text

    def keep_now(self) -> None:
        """Keep the text before this returns.

        Raises:
            ChartermError: the disk refused.
        """
        self._wanted = self.text
        self._write_wanted()
