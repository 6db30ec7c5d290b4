"""The files that the texts of the writing screen belong to: opened, saved, changed by others."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from textual import on
from textual.message import Message

from charterm.documents import files, search
from charterm.documents.documents import Document
from charterm.documents.files import (
    FileChangedError,
    LinkedFile,
    ReadFile,
    UnopenedFileError,
)
from charterm.errors import ChartermError, UsageError
from charterm.i18n import _
from charterm.settings import schema
from charterm.tui.screens.write_texts import WriteTexts
from charterm.tui.widgets.dialog import Dialog
from charterm.tui.widgets.question import Question

T = TypeVar("T")

_OVERWRITE: Final = "overwrite"
_THEIRS: Final = "theirs"
_ELSEWHERE: Final = "elsewhere"


class WriteFiles(WriteTexts, inherit_bindings=False):
    """Reads and writes files on a thread."""

    class Did(Message):
        """Something was done on a thread; what to do about it here."""

        def __init__(self, then: Callable[[], object]) -> None:
            super().__init__()
            self.then = then

    def __init__(self) -> None:
        super().__init__()
        self._told_of: set[Path] = set()

    def on_mount(self) -> None:
        """Go on once the view has opened the texts of last time."""
        self.call_later(self._open_asked)

    def _open_asked(self) -> None:
        """Open what was asked for, and watch the files that are open."""
        if self.program.new:
            self.change_shown(self.documents.new)
        if asked := self.program.files:
            self._do(
                lambda: [self._read_file(path, new=True) for path in asked],
                self._show_asked_files,
            )
        self.watch(self.app, "app_focus", self._look_at_file, init=False)
        self.text_shown()

    def _do(self, work: Callable[[], T], then: Callable[[T], object]) -> None:
        """Do something with files on a thread, and then something with the result here."""

        def run() -> None:
            try:
                result = work()
            except ChartermError as error:
                said = str(error)
                self.post_message(self.Did(lambda: self._refuse(said)))
            else:
                self.post_message(self.Did(lambda: then(result)))

        self.run_worker(run, thread=True, group="files", exit_on_error=False)

    @on(Did)
    def _go_on(self, event: Did) -> None:
        event.stop()
        event.then()

    def _refuse(self, reason: str) -> None:
        self.notify(reason, severity="error", timeout=12)

    # Open -------------------------------------------------------------------------------

    def action_open_file(self) -> None:
        """Look for a file."""
        from charterm.tui.widgets.file_picker import FilePicker  # the first paint goes without it

        def take(path: Path | None) -> None:
            if path is not None:
                self.open_file(path)

        file = self.document.file
        folder = file.path.parent if file is not None else self._folder
        self.app.push_screen(FilePicker(folder, _("Open a text file")), take)

    @property
    def _folder(self) -> Path:
        folder: Path = self.program.settings.get(schema.FOLDER)
        return folder.expanduser()

    def open_file(self, path: Path) -> None:
        """Show a file, as it is or as it was left here."""
        self._do(partial(self._read_file, path), self._show_file)

    def _read_file(self, path: Path, *, new: bool = False) -> tuple[ReadFile, str | None]:
        """A file, and the text of the store that belongs to it; on a thread."""
        read = files.read_file(path, new=new)
        return read, self.documents.stored_of(read.file.path)

    def _show_asked_files(self, found: list[tuple[ReadFile, str | None]]) -> None:
        """Show the files of the command line in turn, with the model of the command line."""
        for each in found:
            self._show_file(each)
            if self.program.model:
                self.use_model(self.program.model)

    def _show_file(self, found: tuple[ReadFile, str | None]) -> None:
        read, stored = found
        self.change_shown(partial(self.documents.show_file, read, stored))
        if read.altered:
            self.notify(
                _(
                    "{path} has characters that an editor cannot hold as they are; saving leaves "
                    "them out or writes them in their normal form."
                ).format(path=read.file.path),
                severity="warning",
                timeout=12,
            )

    # Save -------------------------------------------------------------------------------

    def action_save_document(self) -> None:
        """Save to the file that the text belongs to; ask for one where there is none."""
        file = self.document.file
        if file is None:
            self.action_save_document_as()
        else:
            self._save(self.document, file)

    def action_save_document_as(self) -> None:
        """Ask for the file to save to."""
        self._note()
        document = self.document

        def answer(typed: str) -> None:
            if not typed:
                raise UsageError("Type the name of a file")
            path = files.absolute(Path(typed))
            if path.is_dir():
                raise UsageError("{path} is a folder: go on to a file in it", path=path)
            known = document.file
            same = known is not None and known.path == path
            self._save(document, known if same and known is not None else LinkedFile(path))

        if document.file is not None:
            suggested = document.file.path
        else:
            suggested = self._folder / f"{search.suggest_name(document.text)}.txt"
        self.query_one(Question).ask(
            _("Save as"), answer, value=str(suggested), take=_("Save"), path=True
        )

    def _save(self, document: Document, file: LinkedFile, *, overwrite: bool = False) -> None:
        self._note()
        text = document.text

        def work() -> LinkedFile | str:
            try:
                return files.write_file(text, file, overwrite=overwrite)
            except FileChangedError:
                return _("{path} was changed by another program since it was opened")
            except UnopenedFileError:
                return _("{path} exists already")
            except ChartermError as error:
                kept = _("The text is kept here.")
                raise ChartermError("{error}. {kept}", error=error, kept=kept) from error

        def then(done: LinkedFile | str) -> None:
            if isinstance(done, str):
                self._ask_to_overwrite(document, file, done.format(path=file.path))
            else:
                self._was_saved(document, file, done, text)

        self._do(work, then)

    def _was_saved(
        self, document: Document, asked: LinkedFile, file: LinkedFile, text: str
    ) -> None:
        document.belongs_to(file, text)
        self._told_of.discard(file.path)
        self.documents.keep(document)
        self._status_soon()
        said = _("Saved to {path}.").format(path=file.path)
        if file.codec != asked.codec:
            said += " " + _("It is UTF-8 now: {codec} lacks some of its characters.").format(
                codec=asked.codec
            )
        self.notify(said, timeout=4)

    def _ask_to_overwrite(self, document: Document, file: LinkedFile, question: str) -> None:
        def answer(chosen: str | None) -> None:
            if chosen == _OVERWRITE:
                self._save(document, file, overwrite=True)
            elif chosen == _ELSEWHERE:
                self.action_save_document_as()
            elif chosen == _THEIRS:
                self._part(document, file)

        answers = [("", _("Leave both as they are")), (_OVERWRITE, _("Replace it by this text"))]
        if document.file is not None and document.file.path == file.path:
            answers.insert(1, (_THEIRS, _("Open it as well, and keep this text apart")))
        answers.append((_ELSEWHERE, _("Save this text to another file")))
        note = _("Replacing it loses what is in it.")
        self.app.push_screen(Dialog(question, note, tuple(answers)), answer)

    def _part(self, document: Document, file: LinkedFile) -> None:
        """Let a text go its own way, and open what its file has now."""
        document.file = document.in_file = None
        self.documents.keep(document)
        self.open_file(file.path)

    # A file that another program changes ------------------------------------------------

    def text_shown(self) -> None:
        """See whether its file is still what it was."""
        self._look_at_file()

    def on_screen_resume(self) -> None:
        """See whether the file was changed while another screen was shown."""
        self._look_at_file()

    def _look_at_file(self) -> None:
        if not self.documents.open or not self.app.app_focus:
            return
        document, file = self.document, self.document.file
        if file is not None:
            self._do(partial(files.has_changed, file), partial(self._learn, document, file))

    def _learn(self, document: Document, file: LinkedFile, changed: bool) -> None:
        if not changed or document is not self.document or document.file != file:
            return
        self._note()
        if not document.is_modified:
            self._do(partial(files.read_file, file.path), partial(self._reread, document))
        elif file.path not in self._told_of:
            self._told_of.add(file.path)
            self.notify(
                _("{path} was changed by another program. Saving will ask what to do.").format(
                    path=file.path
                ),
                severity="warning",
                timeout=12,
            )

    def _reread(self, document: Document, read: ReadFile) -> None:
        self._note()
        if document is not self.document or document.is_modified:
            return  # it was typed into meanwhile
        if document.text == read.text:
            self.documents.take(document, read)
            return
        self.change_shown(partial(self.documents.take, document, read))
        self.notify(
            _("{path} was changed by another program and read again.").format(path=read.file.path)
        )
