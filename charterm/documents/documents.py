"""The open texts: which there are, which is shown, and what each has of its own."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from charterm.documents.autosave import Autosave
from charterm.documents.files import LinkedFile, ReadFile, digest
from charterm.documents.statistics import TypingStatistics
from charterm.documents.store import (
    UNTITLED,
    OpenTexts,
    SavedText,
    TextInfo,
    TextStore,
    count_words,
    shown_name,
)
from charterm.documents.trash import delete_text, restore_text
from charterm.errors import ChartermError

_LONGEST_NAME: Final = 60


@dataclass
class Document:
    """An open text.

    Attributes:
        name: its name in the store.
        text: as it is now.
        cursor: position of the cursor.
        statistics: what it cost in keys and in bits.
        model: name of the model that completes it; empty for the default one.
        file: the file it was opened from or saved to last.
        in_file: its text in that file; None where that is not known to be this text.
        kept: its text on the disk of the program; None before it was written.
        words: in it, when they were last counted.
        view: what an editor wants to find again when it shows it again.
        is_read: whether all this is known, or only the name.
    """

    name: str
    text: str = ""
    cursor: int = 0
    statistics: TypingStatistics = field(default_factory=TypingStatistics)
    model: str = ""
    file: LinkedFile | None = None
    in_file: str | None = None
    kept: str | None = None
    words: int = 0
    view: object = None
    is_read: bool = True

    @property
    def title(self) -> str:
        """What to call it before people: the name of its file, or its own."""
        return self.file.path.name if self.file is not None else shown_name(self.name)

    @property
    def is_modified(self) -> bool:
        """Whether it belongs to a file that has another text."""
        return self.file is not None and self.text != self.in_file

    @property
    def is_blank(self) -> bool:
        """Whether nothing would be lost with it."""
        return self.is_read and self.file is None and not self.text.strip()

    def as_saved(self) -> SavedText:
        """It as it is now, to be written."""
        return SavedText(
            self.name, self.text, self.cursor, self.statistics.copy(), self.model, self.file
        )

    def belongs_to(self, file: LinkedFile, text: str) -> None:
        """Remember that ``file`` now has ``text``, from which this one may have gone on."""
        self.file, self.in_file = file, text


class Documents:
    """The open texts in order, one of which is shown. There is always one."""

    def __init__(self, store: TextStore, autosave: Autosave) -> None:
        """Nothing is read before :meth:`begin`.

        Args:
            store: where texts are kept.
            autosave: told of every change.
        """
        self.store = store
        self._autosave = autosave
        self.open: list[Document] = []
        self._current = 0

    @property
    def current(self) -> Document:
        """The text that is shown."""
        return self.open[self._current]

    @property
    def place(self) -> int:
        """The place of the shown text among the open ones, from 0."""
        return self._current

    def begin(self) -> None:
        """Open the texts of last time; those that are not shown are read when they are.

        Raises:
            ChartermError: the text that was shown last cannot be read. It stays as it is, and an
                empty one with another name is shown in its place.
        """
        texts = self.store.load_open()
        self.open = [Document(name, is_read=False) for name in texts.names]
        self._current = texts.names.index(texts.current)
        try:
            self._read(self.current)
        except ChartermError:
            name = self.store.free_name(taken=texts.names)
            self.open[self._current] = Document(name)
            raise

    def _read(self, document: Document) -> None:
        if document.is_read:
            return
        saved = self.store.load(document.name)
        document.text = document.kept = saved.text
        document.cursor, document.model, document.file = saved.cursor, saved.model, saved.file
        document.statistics = saved.statistics.copy()
        document.words = count_words(saved.text)
        if saved.file is not None and digest(saved.text) == saved.file.text:
            document.in_file = saved.text
        document.is_read = True

    # Which is shown -----------------------------------------------------------------------

    def new(self) -> Document:
        """Open an empty text, at the end of the order, and show it; the shown one's model stays."""
        if not self.current.is_blank:  # else that is as good as a new one
            self._add(Document(self._free_name(UNTITLED), model=self.current.model))
        return self.current

    def show(self, name: str) -> Document:
        """Show the text of this name, opened where it is not.

        Raises:
            ChartermError: it cannot be read; the one that was shown stays.
        """
        document = next((each for each in self.open if each.name == name), None)
        if document is None:
            document = Document(name, is_read=False)
            self._read(document)
            self._add(document)
        else:
            self._read(document)
            self._current = self.open.index(document)
            self._remember()
        return document

    def show_file(self, read: ReadFile, stored: str | None = None) -> Document:
        """Show the text that belongs to a file, with what was written into it since.

        Where none does, one is made of the file. A text that had nothing new in it takes the
        file's text, should that be another by now.

        Args:
            read: the file.
            stored: the text of the store that belongs to it, see :meth:`stored_of`.

        Raises:
            ChartermError: the text that belongs to it cannot be read.
        """
        opened = (each for each in self.open if each.file and each.file.path == read.file.path)
        known = next((each.name for each in opened), stored)
        if known is None:
            blank = self.current if self.current.is_blank else None
            free = self._free_name(read.file.path.stem)
            document = Document(free, read.text, words=count_words(read.text))
            document.belongs_to(read.file, read.text)
            self._add(document)
            if blank is not None:
                self._discard(blank)
            return document
        document = self.show(known)
        if not document.is_modified:
            self.take(document, read)
        return document

    def take(self, document: Document, read: ReadFile) -> None:
        """Put what is in the file now in the place of the text."""
        if document.text != read.text:
            document.text, document.view = read.text, None
            document.cursor = min(document.cursor, len(read.text))
            document.words = count_words(read.text)
        document.belongs_to(read.file, read.text)
        self.keep(document)

    def stored_of(self, path: Path) -> str | None:
        """The name of the text of the store that belongs to a file; None of none.

        It reads the state of every text, on any thread.

        Raises:
            ChartermError: the folder cannot be read, or what waits cannot be written.
        """
        self._autosave.flush()
        return next((info.name for info in self.store.texts() if info.file == path), None)

    def step(self, by: int) -> Document:
        """Show the next (1) or previous (-1) of the open texts, round the ends.

        Raises:
            ChartermError: it cannot be read; the one that was shown stays.
        """
        return self.show(self.open[(self._current + by) % len(self.open)].name)

    def close(self) -> Document:
        """Close the shown text and show the next one, an empty one where there is no other.

        The text stays in the store; one that is empty and belongs to no file goes.

        Raises:
            ChartermError: it is empty and cannot be removed, or the next one cannot be read; then
                that is closed too.
        """
        document = self.current
        if len(self.open) == 1:
            self._add(Document(self._free_name(UNTITLED)))
        if document.is_blank:
            self._discard(document)
        else:
            self._drop(document)
        try:
            self._read(self.current)
        except ChartermError:
            self.open[self._current] = Document(self._free_name(UNTITLED))
            raise
        finally:
            self._remember()
        return self.current

    def delete(self) -> Document:
        """Move the shown text into the trash and show the next one, as :meth:`close` does.

        Raises:
            ChartermError: the disk refuses, and the text stays; or the next one cannot be read.
        """
        document = self.current
        if not document.is_blank:
            self._autosave.flush()
            delete_text(self.store, document.name, document.text)
            self._autosave.forget(document.name)
        return self.close()

    def restore(self) -> Document:
        """Bring the text that was deleted last back and show it.

        Raises:
            ChartermError: there is none, or it cannot be read.
        """
        return self.show(restore_text(self.store))

    def rename_model(self, name: str, new_name: str) -> None:
        """Let the texts that a model completes, open or not, know it by another name.

        Raises:
            ChartermError: a text cannot be read or written.
        """
        for document in self.open:
            if document.is_read and document.model == name:
                document.model = new_name
                self.keep(document)
        self._autosave.flush()
        self.store.rename_model(name, new_name)

    def recent(self) -> list[TextInfo]:
        """All texts of the store that have something in them, the one used last first.

        Raises:
            ChartermError: the folder cannot be read, or what waits cannot be written.
        """
        self._autosave.flush()
        open_names = {document.name for document in self.open}
        return [
            info
            for info in self.store.texts()
            if info.beginning or info.file or info.name in open_names
        ]

    # Keeping ------------------------------------------------------------------------------

    def keep(self, document: Document) -> None:
        """Write it soon, as it is now."""
        self._autosave.keep(document.as_saved())

    def was_saved(self, saved: SavedText, words: int, was: str) -> Document | None:
        """Learn what the autosave wrote; returns the text that has another name by it."""
        for document in self.open:
            if document.name == (was or saved.name):
                document.kept, document.words = saved.text, words
                if not was:
                    return None
                document.name = saved.name
                self._autosave.renamed(was)
                self._remember()
                return document
        return None

    def _add(self, document: Document) -> None:
        self.open.append(document)
        self._current = len(self.open) - 1
        self._remember()

    def _free_name(self, name: str) -> str:
        open_names = {document.name for document in self.open}
        return self.store.free_name(_storable(name), open_names | self._autosave.unwritten())

    def _discard(self, document: Document) -> None:
        """Close a text and forget it."""
        self._drop(document)
        self._remember()
        self._autosave.forget(document.name)
        self.store.delete(document.name)

    def _drop(self, document: Document) -> None:
        place = self.open.index(document)
        del self.open[place]
        if place < self._current or self._current == len(self.open):
            self._current -= 1

    def _remember(self) -> None:
        names = tuple(document.name for document in self.open)
        self._autosave.keep_open(OpenTexts(names, self.current.name))


def _storable(name: str) -> str:
    """``name`` without what file systems refuse: it came from a file, but from any system's."""
    kept = "".join("-" if character in '<>:"/\\|?*' else character for character in name)
    kept = kept.strip(" .")
    while len(kept.encode("utf-8", "replace")) > 2 * _LONGEST_NAME:
        kept = kept[:-1]
    return kept or UNTITLED
