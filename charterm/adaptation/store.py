"""The file of the personal memory: what was learnt, in plain text, for its owner's eyes only.

JSON, mode 0600, replaced in one step (:mod:`charterm.storage`), so that it can be read, copied to
another machine and survives a kill at any moment. It holds the learnt pieces of each document, not
counts: those are made again at loading, for the tokens of whatever model is used. So one file can
serve one model or all of them, and forgetting is exact. Two programs may use it at once: what the
other one has written is taken over before anything is changed or saved.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Self

from charterm import storage
from charterm.adaptation.adapter import Adapter
from charterm.adaptation.memory import Memory
from charterm.adaptation.memory_file import MODE, Stamp, read_memory, stamp_of
from charterm.adaptation.pieces import NEWLINE, change_part, lines_of, pieces_of, words_of
from charterm.adaptation.private import NeverLearn
from charterm.engine.session import Interrupted, ShouldStop, never_stop
from charterm.errors import ChartermError, UsageError
from charterm.text.alphabet import Alphabet

FORMAT_VERSION: Final = 1
CAPACITY: Final = 300_000
"""Characters that the memory keeps; beyond, the documents not written for longest are let go."""


class PersonalMemory:
    """What the user wrote, by document, and the rules of what is never learnt.

    Attributes:
        path: its file; nothing is written before :meth:`save`.
        learning: whether what is written is learnt (the no-learn mode is ``False``).
        forbidden: words that are never learnt, in lower case.
        patterns: regular expressions of runs of characters that are never learnt.
        ignored: documents that were forgotten and are not learnt again.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.learning = True
        self.forbidden: set[str] = set()
        self.patterns: list[str] = []
        self.ignored: set[str] = set()
        self._seen: Stamp | None = None  # the version of the file that was read or written last
        self._pieces: dict[str, list[str]] = {}  # by document, the last written one at the end
        self._written: dict[str, str] = {}  # time of each document's last change
        self._open: dict[str, Adapter] = {}
        self._memories: dict[tuple[str, ...], Memory] = {}  # by alphabet
        # how often these have yet to count each piece; below zero, to forget it
        self._waiting: dict[tuple[str, ...], Counter[str]] = {}

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a memory; one that does not exist yet is empty.

        Raises:
            ChartermError: the file is no memory, or a newer program wrote it.
        """
        memory = cls(path)
        memory.refresh()
        return memory

    def refresh(self) -> bool:
        """Take over what another program has written into the file, but for open documents.

        Returns:
            Whether there was something.

        Raises:
            ChartermError: as :meth:`load`; nothing was taken over.
        """
        stamp = stamp_of(self.path)
        if stamp == self._seen:
            return False
        values = read_memory(self.path) if stamp else PersonalMemory(self.path).to_json()
        self.restore(values)
        self._seen = stamp
        return True

    def restore(self, values: dict[str, Any]) -> None:
        """Be as ``values`` of :meth:`to_json` say, but for open documents.

        Raises:
            ChartermError: they are no memory; nothing was changed.
        """
        other = PersonalMemory(self.path)
        other._take(values)
        self.learning, self.forbidden = other.learning, other.forbidden
        self.patterns, self.ignored = other.patterns, other.ignored
        for name in [name for name in self._pieces if name not in self._open]:
            for piece in self._pieces.pop(name):
                self._change(piece, -1)
        for name, pieces in other._pieces.items():
            if name not in self._open:
                self._pieces[name] = pieces
                for piece in pieces:
                    self._change(piece, 1)
        self._written.update(other._written)
        self._apply_rules()

    def _take(self, values: Any) -> None:
        try:
            version = values["format_version"]
            if version != FORMAT_VERSION:
                raise ChartermError(
                    "{path} has format version {version} and this program reads "
                    "{known}: update charterm",
                    path=self.path,
                    version=version,
                    known=FORMAT_VERSION,
                )
            self.learning = bool(values["learning"])
            self.forbidden = {str(word).casefold() for word in values["forbidden_words"]}
            self.patterns = [str(pattern) for pattern in values["never_learn"]]
            self.ignored = {str(name) for name in values["ignored_documents"]}
            for document in values["documents"]:
                name = str(document["name"])
                self._pieces[name] = [str(piece) for piece in document["pieces"]]
                self._written[name] = str(document["written"])
        except (KeyError, TypeError) as error:
            raise ChartermError(
                "{path} is not a memory of charterm ({error} is missing or wrong); "
                "move it away to begin a new one",
                path=self.path,
                error=error,
            ) from error

    def to_json(self) -> dict[str, Any]:
        """All of it, as plain JSON values."""
        return {
            "format_version": FORMAT_VERSION,
            "learning": self.learning,
            "forbidden_words": sorted(self.forbidden),
            "never_learn": self.patterns,
            "ignored_documents": sorted(self.ignored),
            "documents": [
                {"name": name, "written": self._written[name], "pieces": pieces}
                for name, pieces in self._current().items()
            ],
        }

    def save(self) -> None:
        """Write the file, readable by its owner only, in one step.

        Raises:
            ChartermError: the disk refused, or the file holds something else by now; it is
                untouched.
        """
        self.refresh()
        self._let_go()
        self.write(self.path)
        self._seen = stamp_of(self.path)

    def write(self, path: Path) -> None:
        """Write all of it into a file, as :meth:`save`. Raises ChartermError."""
        storage.write_text(path, self.as_text(self.to_json()), mode=MODE)

    @staticmethod
    def as_text(values: dict[str, Any]) -> str:
        """Values of :meth:`to_json` as they stand in a file."""
        return json.dumps(values, ensure_ascii=False, indent=1) + "\n"

    @property
    def documents(self) -> dict[str, int]:
        """How many characters of each document are remembered."""
        return {name: sum(map(len, pieces)) for name, pieces in self._current().items()}

    def words(self) -> Counter[str]:
        """How often each word was written, as it was written."""
        counted: Counter[str] = Counter()
        for pieces in self._current().values():
            for piece in pieces:
                counted.update(words_of(piece))
        return counted

    def open(self, document: str, alphabet: Alphabet) -> Adapter:
        """Begin to learn ``document``, for a session of a model with this alphabet.

        What is remembered of it is replaced by what the session's text is. A document is open
        once; opening it again closes the first.
        """
        self.close(document)
        memory = self._memory(alphabet)
        for piece in self._pieces.pop(document, []):
            self._change(piece, -1)
        learning = self.learning and document not in self.ignored
        adapter = Adapter(memory, self.rules(), learning=learning)
        self._open[document] = adapter
        return adapter

    def reader(self, alphabet: Alphabet) -> Adapter:
        """An adapter that uses what is remembered and learns nothing of its session's text."""
        return Adapter(self._memory(alphabet), self.rules(), learning=False)

    @property
    def waiting(self) -> bool:
        """Whether there is something for :meth:`prepare`."""
        return any(self._waiting.values())

    def prepare(self, should_stop: ShouldStop = never_stop) -> None:
        """Count what was read from the file; for when the keyboard is idle.

        A fortieth of a second for each thousand characters. Until it is done the memory is used as
        far as it got.

        Raises:
            Interrupted: ``should_stop`` said yes; the next call goes on from there.
        """
        for characters, memory in self._memories.items():
            waiting = self._waiting[characters]
            while waiting:
                if should_stop():
                    raise Interrupted
                piece, times = waiting.popitem()
                if times:
                    change_part(memory, piece, 0, times)

    def close(self, document: str) -> None:
        """Keep what was learnt of ``document``; its adapter learns no more."""
        adapter = self._open.pop(document, None)
        if adapter is None:
            return
        counted, uncounted = adapter.document.release()
        for characters, memory in self._memories.items():
            waiting = self._waiting[characters]
            waiting.update(uncounted if memory is adapter.memory else counted + uncounted)
        if counted or uncounted:
            self._note(document, counted + uncounted)

    def learn(self, document: str, text: str) -> None:
        """Remember a whole text under the name ``document``, in the place of what it was."""
        self.ignored.discard(document)
        self.drop(document)
        rules = self.rules()
        pieces = [p for line in lines_of(text) for p in pieces_of(line, rules)]
        for piece in pieces:
            self._change(piece, 1)
        self._note(document, pieces)

    def forget_document(self, document: str) -> bool:
        """Forget ``document`` and learn it no more, where it is open too.

        Returns:
            Whether there was something of it.
        """
        adapter = self._open.get(document)
        if adapter is not None:
            known = bool(adapter.document.pieces)
            adapter.document.learn_again(adapter.document.never, learning=False)
        else:
            known = document in self._pieces
            self.drop(document)
        self.ignored.add(document)
        return known

    def allow_document(self, document: str) -> None:
        """Let a forgotten document be learnt again."""
        self.ignored.discard(document)
        self._apply_rules()

    def drop(self, document: str) -> None:
        """Forget what is remembered of a document, which may be learnt again; close an open one.

        What an open one taught is forgotten at once, the rest by :meth:`prepare`.
        """
        if (adapter := self._open.get(document)) is not None:
            adapter.document.learn_again(adapter.document.never, learning=False)
        self.close(document)
        for piece in self._pieces.pop(document, []):
            self._change(piece, -1)
        self._written.pop(document, None)

    def keep_only(self, is_kept: Callable[[str], bool]) -> None:
        """Forget the documents that are not open and of which ``is_kept`` is false."""
        for name in [name for name in self._pieces if name not in self._open]:
            if not is_kept(name):
                self.drop(name)
        self.ignored = {name for name in self.ignored if name in self._open or is_kept(name)}

    def forget_word(self, word: str) -> int:
        """Forget ``word`` in any case, everywhere, and never learn it again.

        Returns:
            How often it had been written.

        Raises:
            UsageError: it is not one word.
        """
        found = list(words_of(word))
        if found != [word.strip()]:
            raise UsageError("{word!r} is not a word: give one word without spaces", word=word)
        wanted = found[0].casefold()
        times = sum(n for known, n in self.words().items() if known.casefold() == wanted)
        self.forbidden.add(wanted)
        self._apply_rules()
        return times

    def allow_word(self, word: str) -> None:
        """Let a forgotten word be learnt again from now on."""
        self.forbidden.discard(word.casefold())
        self._apply_rules()

    def never_learn(self, patterns: Iterable[str]) -> None:
        """Set the user's own patterns and forget what they match.

        Raises:
            UsageError: one is not a regular expression; nothing was changed.
        """
        checked = list(patterns)
        NeverLearn(patterns=checked)
        self.patterns = checked
        self._apply_rules()

    def set_learning(self, learning: bool) -> None:
        """Switch the no-learn mode. What an open document had taught is forgotten meanwhile."""
        self.learning = learning
        self._apply_rules()

    def reset(self) -> None:
        """Forget everything but the rules; the documents there are are not learnt again.

        Raises:
            ChartermError: the file could not be written.
        """
        self.refresh()
        for name in [*self._pieces, *self._open]:
            self.forget_document(name)
        self.prepare()
        self.save()

    def rules(self) -> NeverLearn:
        """What is never learnt."""
        return NeverLearn(self.forbidden, self.patterns)

    def _current(self) -> dict[str, list[str]]:
        """The pieces of every document, of the open ones as they are now."""
        current = {name: pieces for name, pieces in self._pieces.items() if pieces}
        now = datetime.now(UTC).isoformat(timespec="seconds")
        for name, adapter in self._open.items():
            if pieces := adapter.document.pieces:
                current[name] = pieces
                self._written[name] = now
        return current

    def _memory(self, alphabet: Alphabet) -> Memory:
        """The counts in the tokens of ``alphabet``; :meth:`prepare` fills them."""
        memory = self._memories.get(alphabet.characters)
        if memory is None:
            memory = self._memories[alphabet.characters] = Memory(alphabet)
            # the last written document is learnt first
            self._waiting[alphabet.characters] = Counter(
                piece for pieces in self._pieces.values() for piece in pieces
            )
        return memory

    def _note(self, document: str, pieces: list[str]) -> None:
        """Remember that these pieces, which are counted or wait to be, are the document's."""
        self._pieces.pop(document, None)
        self._pieces[document] = pieces
        self._written[document] = datetime.now(UTC).isoformat(timespec="seconds")

    def _change(self, piece: str, by: int) -> None:
        """Have a piece counted ``by`` times more or fewer, by :meth:`prepare`."""
        for waiting in self._waiting.values():
            waiting[piece] += by
            if not waiting[piece]:
                del waiting[piece]

    def _apply_rules(self) -> None:
        """Cut out of everything what the rules forbid now."""
        rules = self.rules()
        for name, pieces in list(self._pieces.items()):
            allowed = [part for piece in pieces for part in _cut(piece, rules)]
            if allowed != pieces:
                for piece in pieces:
                    self._change(piece, -1)
                for piece in allowed:
                    self._change(piece, 1)
                self._pieces[name] = allowed
        for name, adapter in self._open.items():
            learning = self.learning and name not in self.ignored
            document = adapter.document
            if (document.never, document.learning) != (rules, learning):
                document.learn_again(rules, learning)

    def _let_go(self) -> None:
        """Forget the documents not written for longest, where there is more than CAPACITY."""
        left = CAPACITY - sum(self.documents.values())
        for name in sorted(self._pieces, key=lambda name: self._written[name]):
            if left >= 0:
                break
            left += sum(map(len, self._pieces[name]))
            self.drop(name)


def _cut(piece: str, rules: NeverLearn) -> list[str]:
    """What the rules leave of a piece."""
    begins = int(piece.startswith(NEWLINE))
    line = piece[begins:]
    return [
        NEWLINE * (begins and start == 0) + line[start:end] for start, end in rules.learnable(line)
    ]
