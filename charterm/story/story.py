"""A story that is being written: the tree of turns, saved at every change."""

import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import numpy as np

from charterm.story.store import Logprobs, StoryInfo, StoryStore
from charterm.story.tree import WRITER, Author, StoryTree, Turn

SAVE_SECONDS: Final = 0.1
"""Text that streams in is written this often: a kill loses no more."""

_TITLE: Final = 48  # characters of the first line that name a story without a title
_NO_SPACE_BEFORE: Final = re.compile(r"[\s.,;:!?…)\]}”’»。、，！？」』]")


class Story:
    """One story of a store. Belongs to one thread at a time.

    Every method that changes something saves it before it returns, except that :meth:`grow` may
    wait for :data:`SAVE_SECONDS` or the next other change; :meth:`flush` ends the wait.

    Attributes:
        store: where it is kept.
        id: its number there.
        tree: its turns; to be read only.
    """

    def __init__(self, store: StoryStore, story: int) -> None:
        """Open story number ``story``.

        Raises:
            ChartermError: there is none, or it is damaged.
        """
        self.store = store
        self.id = story
        self.tree: StoryTree = store.load(story)
        self._growing: dict[int, list[float]] = {}  # log-probabilities of turns not saved yet
        self._model = ""
        self._saved_at = store.clock()

    @classmethod
    def create(cls, store: StoryStore, title: str = "") -> "Story":
        """A new empty story."""
        return cls(store, store.create(well_formed(title)))

    @property
    def info(self) -> StoryInfo:
        """Its line in the list of stories."""
        return self.store.info(self.id)

    @property
    def path(self) -> list[Turn]:
        """The turns from the beginning to the head: the story as it is read now."""
        return self.tree.path

    @property
    def head(self) -> Turn | None:
        """The last turn of the story as it is read now."""
        return None if self.tree.head is None else self.tree[self.tree.head]

    @property
    def text(self) -> str:
        """The story as it is read now."""
        return self.tree.text

    def say(self, text: str) -> Turn:
        """The writer's next turn after the head, set off by a space where one is missing."""
        return self.add(self.tree.head, WRITER, separator(self._last_text(), text) + text)

    def add(
        self,
        parent: int | None,
        author: Author,
        text: str,
        logprobs: Logprobs | None = None,
        *,
        model: str = "",
        go: bool = True,
    ) -> Turn:
        """A new turn after ``parent``, a branch if others follow it already.

        Args:
            parent: the turn that it follows, ``None`` for the beginning.
            author: who wrote it.
            text: what it adds; lone surrogates become U+FFFD.
            logprobs: log-probability of each character in nats, shape (C,).
            model: the name of the model whose they are.
            go: make it the head.
        """
        with self._saving():
            turn = self.tree.add(parent, author, well_formed(text), self.store.clock())
            self.store.insert(self.id, turn)
            if logprobs is not None:
                self.store.write_logprobs(self.id, turn.id, model, logprobs)
            if len(self.tree) == 1 and not self.info.title:
                self.store.rename(self.id, title_of(turn.text))
            if go:
                self._go(turn.id)
        return turn

    def grow(self, turn: int, text: str, logprobs: list[float], model: str) -> Turn:
        """Add ``text`` to a turn at the end of a branch, as a model writes it.

        Args:
            turn: which.
            text: what comes.
            logprobs: log-probability of each of its characters, in nats.
            model: the model's name.

        Raises:
            ValueError: something follows the turn.
        """
        if turn not in self._growing:
            known = self.logprobs(turn, model)
            unknown = [math.nan] * len(self.tree[turn].text)
            self._growing[turn] = unknown if known is None else known.tolist()
        grown = self.tree.grow(turn, well_formed(text))
        self._growing[turn] += logprobs
        self._model = model
        if not 0 <= self.store.clock() - self._saved_at < SAVE_SECONDS:
            with self._saving():
                pass
        return grown

    def flush(self) -> None:
        """Save what :meth:`grow` has not saved yet."""
        with self._saving():
            self._growing.clear()

    def edit(self, turn: int, text: str) -> Turn:
        """Put ``text`` in the place of a turn's and go there, to go on from it.

        The turn as it was stays, with all that follows it, as another branch.
        """
        old = self.tree[turn]
        if well_formed(text) == old.text:
            self.go(turn)
            return old
        return self.add(old.parent, old.author, text)

    def branch_at(
        self, turn: int, offset: int, character: str, *, model: str = "", logprob: float = math.nan
    ) -> Turn:
        """A branch in which the turn ends in another character, to go on from it.

        A turn of the writer's that ends in this one already is not doubled.

        Args:
            turn: which; it stays as it is.
            offset: the place of the character in the turn, from 0 to its length.
            character: what is to be there.
            model: whose log-probabilities to keep, with that of ``character``.
            logprob: in nats; NaN where it is not known.
        """
        old = self.tree[turn]
        text = old.text[:offset] + character
        if old.author == WRITER and text == old.text:  # the model answers it once more
            return self.edit(turn, text)
        known = self.logprobs(turn, model)
        kept = None if known is None else np.append(known[:offset], logprob).astype(np.float32)
        return self.add(old.parent, old.author, text, kept, model=model)

    def go(self, turn: int | None) -> None:
        """Make ``turn`` the head: the story ends there now, and goes on from there."""
        with self._saving():
            self._go(turn)

    def switch(self, turn: int) -> None:
        """Go to the branch through ``turn``, to where it was last read."""
        self.go(self.tree.leaf(turn))

    def undo(self) -> bool:
        """Go back to the head before the last change; whether there was one."""
        with self._saving():
            changed = self.tree.undo()
            self.store.write_moves(self.id, self.tree, len(self.tree.moves))
        return changed

    def redo(self) -> bool:
        """Take :meth:`undo` back; whether there was something to redo."""
        with self._saving():
            changed = self.tree.redo()
            self.store.write_moves(self.id, self.tree, len(self.tree.moves))
        return changed

    def logprobs(self, turn: int, model: str) -> Logprobs | None:
        """Log-probability of each of a turn's characters under ``model``, in nats, shape (C,).

        ``None`` where they are not known; some may be NaN, of characters that were typed.
        """
        if turn in self._growing:
            return np.array(self._growing[turn], np.float32) if self._model == model else None
        name, logprobs = self.store.logprobs(self.id, turn)
        return logprobs if name == model and len(logprobs) == len(self.tree[turn].text) else None

    def keep_logprobs(self, turn: int, model: str, logprobs: Logprobs) -> None:
        """Save the log-probabilities of a turn's characters, shape (C,), for the next time."""
        self.store.write_logprobs(self.id, turn, model, logprobs)

    def _go(self, turn: int | None) -> None:
        if self.tree.go(turn):
            self.store.write_moves(self.id, self.tree, self.tree.position)

    @contextmanager
    def _saving(self) -> Iterator[None]:
        """Save what has grown and the changes of the block; after a failure, read again."""
        try:
            with self.store.changing():
                for turn, logprobs in self._growing.items():
                    self.store.write_text(self.id, self.tree[turn])
                    self.store.write_logprobs(
                        self.id, turn, self._model, np.array(logprobs, np.float32)
                    )
                yield
        except BaseException:
            self._growing.clear()
            self.tree = self.store.load(self.id)
            raise
        self._saved_at = self.store.clock()

    def _last_text(self) -> str:
        return self.tree.tail(self.tree.head, 1)


def well_formed(text: str) -> str:
    """``text`` with lone surrogates, which no file can hold, as U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def separator(before: str, after: str) -> str:
    """The space that a new turn needs between the story so far and its first word, or nothing."""
    if not before or before[-1].isspace() or not after or _NO_SPACE_BEFORE.match(after):
        return ""
    return " "


def title_of(text: str) -> str:
    """The beginning of ``text``, whole words of one line, as a title."""
    line = next((line for line in text.splitlines() if line.strip()), "").strip()
    if len(line) <= _TITLE:
        return line
    cut = line[: _TITLE + 1].rsplit(maxsplit=1)[0][:_TITLE]
    return cut.rstrip() + "…"
