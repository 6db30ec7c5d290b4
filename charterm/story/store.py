"""Stories on disk: one SQLite database, written at every change."""

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from charterm.errors import ChartermError, Phrase
from charterm.paths import data_dir
from charterm.story.tree import StoryTree, Turn
from charterm.story.typed import Typed

SCHEMA: Final = 1
"""Version of the tables, in the database's ``user_version``."""

KEPT_SECONDS: Final = 30 * 24 * 3600
"""How long a deleted story can be brought back."""

_TABLES: Final = """
CREATE TABLE stories (
    id INTEGER PRIMARY KEY,
    title TEXT NOT NULL,
    created REAL NOT NULL,
    updated REAL NOT NULL,
    deleted REAL,                      -- when; NULL for a story that is there
    position INTEGER NOT NULL          -- the move whose head is read now
);
CREATE TABLE turns (
    story INTEGER NOT NULL REFERENCES stories (id) ON DELETE CASCADE,
    id INTEGER NOT NULL,               -- from 1 in each story
    parent INTEGER,
    author TEXT NOT NULL CHECK (author IN ('writer', 'model')),
    text TEXT NOT NULL,
    created REAL NOT NULL,
    model TEXT NOT NULL,               -- whose log-probabilities these are
    logprobs BLOB NOT NULL,            -- float32, little-endian, one a character; or empty
    UNIQUE (story, id)
);
CREATE TABLE moves (
    story INTEGER NOT NULL REFERENCES stories (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,           -- from 0
    head INTEGER,                      -- NULL: before the first turn
    PRIMARY KEY (story, number)
) WITHOUT ROWID;
"""

_DRAFTS: Final = """
CREATE TABLE IF NOT EXISTS drafts (    -- older versions of the program do without
    story INTEGER PRIMARY KEY,         -- 0: of a story that has not begun
    text TEXT NOT NULL
)
"""

_EDITS: Final = """
CREATE TABLE IF NOT EXISTS edits (     -- what is typed in place of a turn; at most one of a story
    story INTEGER PRIMARY KEY,
    turn INTEGER NOT NULL,
    text TEXT NOT NULL
)
"""

_INFO: Final = (
    "SELECT id, title, created, updated,"
    " (SELECT count(*) FROM turns WHERE story = stories.id) FROM stories"
)

Logprobs = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class StoryInfo:
    """A line of the list of stories.

    Attributes:
        id: its number in the database.
        title: its name; "" until it has one.
        created: seconds since 1970.
        updated: the same, of the last change.
        turns: how many there are, on all branches.
    """

    id: int
    title: str
    created: float
    updated: float
    turns: int


class StoryStore:
    """The database of stories.

    Every change is one transaction and is with the operating system when the method returns, so
    that it survives the end of the process by any signal. (After a loss of power the last changes
    may be missing, but the database is whole.) Calls from several threads at once are safe.
    """

    def __init__(self, path: Path | None = None, *, clock: Callable[[], float] = time.time) -> None:
        """Open the database, and make it if there is none.

        Args:
            path: the file; by default ``stories.sqlite3`` in the data folder.
            clock: gives the time, in seconds since 1970.

        Raises:
            ChartermError: the file cannot be opened, is no database of stories, or was written by
                a newer charterm.
        """
        self.path = path or data_dir() / "stories.sqlite3"
        self.clock = clock
        self._lock = threading.RLock()
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ChartermError(
                "cannot make {folder}: {reason}", folder=self.path.parent, reason=error
            ) from error
        with self._reporting(Phrase("cannot open {path}", path=self.path)):
            self._database = sqlite3.connect(
                self.path, isolation_level=None, check_same_thread=False, timeout=10.0
            )
        try:
            self._prepare()
        except ChartermError:
            self._database.close()
            raise

    def _prepare(self) -> None:
        with self._reporting(Phrase("cannot open {path}", path=self.path)):
            self._database.execute("PRAGMA journal_mode = WAL")
            self._database.execute("PRAGMA synchronous = NORMAL")
            self._database.execute("PRAGMA foreign_keys = ON")
            self._database.create_function(
                "folded", 1, lambda text: text.casefold(), deterministic=True
            )
            with self.changing():
                version = self._database.execute("PRAGMA user_version").fetchone()[0]
                if version > SCHEMA:
                    raise ChartermError(
                        "{path} was written by a newer charterm; update charterm to read it",
                        path=self.path,
                    )
                if version == 0:
                    for statement in _TABLES.split(";\n"):
                        self._database.execute(statement)
                    self._database.execute(f"PRAGMA user_version = {SCHEMA}")
                self._database.execute(_DRAFTS)
                self._database.execute(_EDITS)
                self._database.execute(
                    "DELETE FROM stories WHERE deleted < ?", (self.clock() - KEPT_SECONDS,)
                )
                for table in ("drafts", "edits"):
                    self._database.execute(
                        f"DELETE FROM {table}"
                        " WHERE story > 0 AND story NOT IN (SELECT id FROM stories)"
                    )
        if os.name == "posix":
            self.path.chmod(0o600)  # what somebody writes is theirs

    def close(self) -> None:
        """Close the database; other methods must not be called any more."""
        with self._lock:
            self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _reporting(self, failed: Phrase) -> Iterator[None]:
        try:
            yield
        except sqlite3.IntegrityError as error:
            raise ChartermError(
                "{failed}: the story was changed in another window; open it again",
                failed=failed,
            ) from error
        except sqlite3.Error as error:
            raise ChartermError(
                "{failed}: {error}; if the file is damaged, move it away",
                failed=failed,
                error=error,
            ) from error

    @contextmanager
    def changing(self) -> Iterator[None]:
        """One transaction for all changes in the block; a nested block is part of it."""
        with self._lock, self._reporting(Phrase("cannot write {path}", path=self.path)):
            if self._database.in_transaction:
                yield
                return
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._database.execute("ROLLBACK")
                raise
            self._database.execute("COMMIT")

    def _query(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with self._lock, self._reporting(Phrase("cannot read {path}", path=self.path)):
            return self._database.execute(statement, values).fetchall()

    def _change(self, statement: str, values: Sequence[Any]) -> int:
        with self.changing():
            return self._database.execute(statement, values).rowcount

    def create(self, title: str = "") -> int:
        """A new empty story; its number."""
        now = self.clock()
        with self.changing():
            cursor = self._database.execute(
                "INSERT INTO stories (title, created, updated, position) VALUES (?, ?, ?, 0)",
                (title, now, now),
            )
            story = int(cursor.lastrowid or 0)
            self._database.execute("INSERT INTO moves VALUES (?, 0, NULL)", (story,))
        return story

    def stories(self, search: str = "") -> list[StoryInfo]:
        """The stories, the last changed first.

        Args:
            search: only those whose title or text, on any branch, has this in any case.
        """
        rows = self._query(
            f"{_INFO} WHERE deleted IS NULL AND (? = '' OR instr(folded(title), ?)"
            " OR EXISTS (SELECT 1 FROM turns WHERE story = stories.id AND instr(folded(text), ?)))"
            " ORDER BY updated DESC, id DESC",
            (search.casefold(),) * 3,
        )
        return [StoryInfo(*row) for row in rows]

    def info(self, story: int) -> StoryInfo:
        """The line of one story.

        Raises:
            ChartermError: there is no such story, or it was deleted.
        """
        rows = self._query(f"{_INFO} WHERE deleted IS NULL AND id = ?", (story,))
        self._there(len(rows), story)
        return StoryInfo(*rows[0])

    def has(self, story: int) -> bool:
        """Whether there is such a story, and it was not deleted."""
        return bool(self._query("SELECT 1 FROM stories WHERE deleted IS NULL AND id = ?", (story,)))

    def rename(self, story: int, title: str) -> None:
        """Give a story another name. Raises ChartermError as :meth:`info`."""
        self._there(
            self._change(
                "UPDATE stories SET title = ?, updated = ? WHERE id = ? AND deleted IS NULL",
                (title, self.clock(), story),
            ),
            story,
        )

    def delete(self, story: int) -> None:
        """Take a story off the list; :meth:`restore` brings it back for thirty days.

        Raises:
            ChartermError: there is no such story.
        """
        self._there(
            self._change(
                "UPDATE stories SET deleted = ? WHERE id = ? AND deleted IS NULL",
                (self.clock(), story),
            ),
            story,
        )

    def restore(self, story: int) -> None:
        """Undo :meth:`delete`. Raises ChartermError when it is gone for good."""
        self._there(self._change("UPDATE stories SET deleted = NULL WHERE id = ?", (story,)), story)

    def deleted(self) -> list[StoryInfo]:
        """The stories that :meth:`restore` can bring back, the last deleted first."""
        rows = self._query(f"{_INFO} WHERE deleted IS NOT NULL ORDER BY deleted DESC, id DESC")
        return [StoryInfo(*row) for row in rows]

    def load(self, story: int) -> StoryTree:
        """The tree of a story.

        Raises:
            ChartermError: there is no such story, or what was saved makes no tree.
        """
        with self._lock:
            positions = self._query(
                "SELECT position FROM stories WHERE id = ? AND deleted IS NULL", (story,)
            )
            self._there(len(positions), story)
            turns = self._query(
                "SELECT id, parent, author, text, created FROM turns WHERE story = ? ORDER BY id",
                (story,),
            )
            moves = self._query("SELECT head FROM moves WHERE story = ? ORDER BY number", (story,))
        try:
            return StoryTree.restore(
                (Turn(n, parent, author, text, 0, at) for n, parent, author, text, at in turns),
                [head for (head,) in moves],
                positions[0][0],
            )
        except (ValueError, KeyError) as error:
            raise ChartermError(
                "story {story} in {path} is damaged: {error}; move the file away",
                story=story,
                path=self.path,
                error=error,
            ) from error

    def insert(self, story: int, turn: Turn) -> None:
        """Add a turn.

        Raises:
            ChartermError: the database has such a turn already, from another window.
        """
        with self.changing():
            self._database.execute(
                "INSERT INTO turns VALUES (?, ?, ?, ?, ?, ?, '', x'')",
                (story, turn.id, turn.parent, turn.author, turn.text, turn.created),
            )
            self._touch(story)

    def write_text(self, story: int, turn: Turn) -> None:
        """Save the text of a turn that has grown."""
        with self.changing():
            self._database.execute(
                "UPDATE turns SET text = ? WHERE story = ? AND id = ?", (turn.text, story, turn.id)
            )
            self._touch(story)

    def write_logprobs(self, story: int, turn: int, model: str, logprobs: Logprobs) -> None:
        """Save what a model thought of a turn's characters: log-probabilities in nats, (C,)."""
        blob = logprobs.astype("<f4").tobytes()
        self._change(
            "UPDATE turns SET model = ?, logprobs = ? WHERE story = ? AND id = ?",
            (model, blob, story, turn),
        )

    def logprobs(self, story: int, turn: int) -> tuple[str, Logprobs]:
        """What was saved by :meth:`write_logprobs`: the model's name and (C,); "" and (0,)."""
        rows = self._query(
            "SELECT model, logprobs FROM turns WHERE story = ? AND id = ?", (story, turn)
        )
        self._there(len(rows), story)
        return rows[0][0], np.frombuffer(rows[0][1], dtype="<f4").astype(np.float32)

    def write_moves(self, story: int, tree: StoryTree, changed_from: int) -> None:
        """Save the moves of ``tree`` from number ``changed_from`` on, and the position."""
        moves = tree.moves
        with self.changing():
            self._database.execute(
                "DELETE FROM moves WHERE story = ? AND number >= ?", (story, changed_from)
            )
            self._database.executemany(
                "INSERT INTO moves VALUES (?, ?, ?)",
                ((story, n, moves[n]) for n in range(changed_from, len(moves))),
            )
            self._database.execute(
                "UPDATE stories SET position = ? WHERE id = ?", (tree.position, story)
            )
            self._touch(story)

    def draft(self, story: int | None) -> Typed:
        """What the writer has typed of a story; ``None`` is one that has not begun."""
        texts = self._query("SELECT text FROM drafts WHERE story = ?", (story or 0,))
        text = str(texts[0][0]) if texts else ""
        edits = self._query("SELECT turn, text FROM edits WHERE story = ?", (story or 0,))
        return Typed(text, int(edits[0][0]), str(edits[0][1])) if edits else Typed(text)

    def write_draft(self, story: int | None, typed: Typed) -> None:
        """Keep what the writer has typed of a story, the one written last now."""
        number = story or 0
        with self.changing():
            for table in ("drafts", "edits"):
                self._database.execute(f"DELETE FROM {table} WHERE story = ?", (number,))
            if typed.text:
                self._database.execute("INSERT INTO drafts VALUES (?, ?)", (number, typed.text))
            if typed.turn is not None:
                edit = (number, typed.turn, typed.edit)
                self._database.execute("INSERT INTO edits VALUES (?, ?, ?)", edit)
            self._touch(number)

    def forget_edit(self, story: int) -> None:
        """The edit of a turn was sent: keep only what is typed of the next turn."""
        self._change("DELETE FROM edits WHERE story = ?", (story,))

    def _touch(self, story: int) -> None:
        self._database.execute("UPDATE stories SET updated = ? WHERE id = ?", (self.clock(), story))

    def _there(self, rows: int, story: int) -> None:
        if not rows:
            raise ChartermError("there is no story {story}: choose one of the list", story=story)
