"""A story as a tree of turns. Nothing is ever lost: every retry and every edit is a branch."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final, Literal

Author = Literal["writer", "model"]
WRITER: Final = "writer"
MODEL: Final = "model"


@dataclass(frozen=True, slots=True)
class Turn:
    """A piece of a story, written by one author.

    Attributes:
        id: its number in the story, from 1.
        parent: the turn that it follows, ``None`` at the beginning of the story.
        author: ``"writer"`` or ``"model"``.
        text: exactly what it adds to the story. The story is the texts of a path, joined.
        start: characters of the story before it.
        created: seconds since 1970.
    """

    id: int
    parent: int | None
    author: Author
    text: str
    start: int
    created: float

    @property
    def end(self) -> int:
        """Characters of the story up to its end."""
        return self.start + len(self.text)


class StoryTree:
    """The turns, the branch that is being read (the path to the head), and how it got there.

    Undo and redo go through the heads there have been. As no operation removes a turn, going
    back to a head brings back all that was then to be seen.

    Attributes:
        head: the last turn of the story as it is read now; ``None`` for an empty one.
    """

    def __init__(self) -> None:
        self.head: int | None = None
        self._turns: dict[int, Turn] = {}
        self._children: dict[int | None, list[int]] = {None: []}
        self._visited: dict[int | None, int] = {}  # the child by which each turn was last left
        self._moves: list[int | None] = [None]
        self._position = 0
        self._path: list[Turn] = []
        self._last = 0

    @classmethod
    def restore(
        cls, turns: Iterable[Turn], moves: Iterable[int | None], position: int
    ) -> "StoryTree":
        """A tree as it was saved.

        Args:
            turns: all of them, parents before children; ``start`` is worked out anew.
            moves: the heads there have been, the oldest first, ``None`` before the first turn.
            position: the index in ``moves`` of the head.

        Raises:
            ValueError: these are not of one tree.
        """
        tree = cls()
        for turn in turns:
            tree._insert(turn)
        tree._moves = list(moves) or [None]
        known = {None, *tree._turns}
        if not 0 <= position < len(tree._moves) or not known.issuperset(tree._moves):
            raise ValueError("the saved moves do not fit the saved turns")
        tree._position = position
        # newest first, each line of descent only up to where a newer one has been
        for head in [tree._moves[position], *reversed(tree._moves)]:
            child = head
            while child is not None and tree._turns[child].parent not in tree._visited:
                parent = tree._turns[child].parent
                tree._visited[parent] = child
                child = parent
        tree._look_at(tree._moves[position])
        return tree

    def __len__(self) -> int:
        return len(self._turns)

    def __contains__(self, turn: int) -> bool:
        return turn in self._turns

    def __getitem__(self, turn: int) -> Turn:
        return self._turns[turn]

    @property
    def turns(self) -> list[Turn]:
        """All turns, in the order in which they came."""
        return list(self._turns.values())

    @property
    def path(self) -> list[Turn]:
        """The turns from the beginning to the head: the story as it is read now. A copy."""
        return self._path.copy()

    @property
    def text(self) -> str:
        """The story as it is read now."""
        return "".join(turn.text for turn in self._path)

    @property
    def moves(self) -> list[int | None]:
        """The heads there have been, the oldest first. A copy."""
        return self._moves.copy()

    @property
    def position(self) -> int:
        """The index in :attr:`moves` of the head."""
        return self._position

    def children(self, turn: int | None) -> list[Turn]:
        """The turns that follow ``turn`` (``None``: the beginning), the oldest first."""
        return [self._turns[child] for child in self._children[turn]]

    def branches(self, turn: int) -> list[Turn]:
        """``turn`` and its alternatives, the oldest first."""
        return self.children(self._turns[turn].parent)

    def path_to(self, turn: int | None) -> list[Turn]:
        """The turns from the beginning to ``turn``."""
        path = []
        while turn is not None:
            path.append(self._turns[turn])
            turn = path[-1].parent
        path.reverse()
        return path

    def tail(self, turn: int | None, characters: int) -> str:
        """The last ``characters`` of the text up to the end of ``turn``, or all there are."""
        pieces: list[str] = []
        missing = characters
        while turn is not None and missing > 0:
            text = self._turns[turn].text
            pieces.append(text[-missing:])
            missing -= len(pieces[-1])
            turn = self._turns[turn].parent
        return "".join(reversed(pieces))

    def leaf(self, turn: int) -> int:
        """The end of the branch through ``turn`` that was last read, or else last written."""
        while self._children[turn]:
            turn = self._visited.get(turn, self._children[turn][-1])
        return turn

    def add(self, parent: int | None, author: Author, text: str, created: float) -> Turn:
        """A new turn after ``parent``; the head stays where it is.

        Raises:
            KeyError: there is no such parent.
        """
        return self._insert(Turn(self._last + 1, parent, author, text, 0, created))

    def grow(self, turn: int, text: str) -> Turn:
        """Add ``text`` to the end of a turn that nothing follows yet.

        Raises:
            ValueError: something follows it; edit it instead.
        """
        if self._children[turn]:
            raise ValueError(f"turn {turn} has been gone on from; edit makes a branch of it")
        grown = replace(self._turns[turn], text=self._turns[turn].text + text)
        self._turns[turn] = grown
        if self._path and self._path[-1].id == turn:
            self._path[-1] = grown
        return grown

    def go(self, turn: int | None) -> bool:
        """Make ``turn`` the head. What was undone before cannot be redone any more.

        Returns:
            Whether that changed the head.

        Raises:
            KeyError: there is no such turn.
        """
        if turn is not None and turn not in self._turns:
            raise KeyError(turn)
        if turn == self.head:
            return False
        del self._moves[self._position + 1 :]
        self._moves.append(turn)
        self._position += 1
        self._look_at(turn)
        return True

    @property
    def can_undo(self) -> bool:
        """Whether there was another head before."""
        return self._position > 0

    @property
    def can_redo(self) -> bool:
        """Whether something was undone."""
        return self._position + 1 < len(self._moves)

    def undo(self) -> bool:
        """Go back to the head before; whether there was one."""
        if not self.can_undo:
            return False
        self._position -= 1
        self._look_at(self._moves[self._position])
        return True

    def redo(self) -> bool:
        """Go forth to the head that was undone; whether there was one."""
        if not self.can_redo:
            return False
        self._position += 1
        self._look_at(self._moves[self._position])
        return True

    def _insert(self, turn: Turn) -> Turn:
        if turn.id in self._turns or turn.id < 1:
            raise ValueError(f"turn {turn.id} is there already")
        start = 0 if turn.parent is None else self._turns[turn.parent].end
        turn = replace(turn, start=start)
        self._children[turn.parent].append(turn.id)
        self._children[turn.id] = []
        self._turns[turn.id] = turn
        self._last = max(self._last, turn.id)
        return turn

    def _look_at(self, head: int | None) -> None:
        if head is not None and self._turns[head].parent == self.head:
            fresh = [self._turns[head]]  # one more turn: the usual move, without a walk
            self._path.extend(fresh)
        else:
            fresh = self._path = self.path_to(head)
        self.head = head
        for turn in fresh:
            self._visited[turn.parent] = turn.id
