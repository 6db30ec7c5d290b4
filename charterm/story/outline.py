"""The branches of a story as lines of a tree: turns that follow each other alone are one line."""

from itertools import takewhile
from typing import NamedTuple

from charterm.story.tree import StoryTree

LONGEST = 80
"""Characters of a branch's beginning that are given."""

_ALIKE = 8
"""Characters that a version shares with an older one from which on they are left out."""


class Branch(NamedTuple):
    """A run of turns in which nothing branches off.

    Attributes:
        turn: its first turn.
        last: its last turn.
        depth: how many places at which the story branches are before it.
        closes: whether it is the last of its place.
        begins: what it begins with, as :func:`beginning` gives it.
        author: of the first turn.
        turns: how many there are.
        current: whether the story as it is read now goes through it.
    """

    turn: int
    last: int
    depth: int
    closes: bool
    begins: str
    author: str
    turns: int
    current: bool


def outline(tree: StoryTree) -> list[Branch]:
    """All branches, each before those that leave it, the oldest first."""
    on_path = {turn.id for turn in tree.path}
    branches: list[Branch] = []
    waiting = [(turn.id, 0, n == 0) for n, turn in enumerate(reversed(tree.children(None)))]
    while waiting:
        first, depth, closes = waiting.pop()
        last, turns = first, 1
        while len(following := tree.children(last)) == 1:
            last, turns = following[0].id, turns + 1
        begins = beginning(tree, first)
        author, current = tree[first].author, first in on_path
        branches.append(Branch(first, last, depth, closes, begins, author, turns, current))
        waiting += [(turn.id, depth + 1, n == 0) for n, turn in enumerate(reversed(following))]
    return branches


def beginning(tree: StoryTree, turn: int) -> str:
    """The beginning of a turn's text, on one line.

    An edit, and another character in the middle, begin as the version did that they were made
    from: of those it is "… " and what comes from the word on in which they part.
    """
    text = tree[turn].text
    older = takewhile(lambda version: version.id != turn, tree.branches(turn))
    alike = max((_shared(text, version.text) for version in older), default=0)
    if alike < _ALIKE:
        return " ".join(text[:LONGEST].split())
    start = max(alike - _ALIKE, *(text.rfind(space, 0, alike) + 1 for space in " \n"))
    return " ".join(("…", *text[start : start + LONGEST].split()))


def _shared(text: str, other: str) -> int:
    """How many characters two texts share at their beginning."""
    pairs = zip(text, other, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
