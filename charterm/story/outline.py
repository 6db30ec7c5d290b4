"""The branches of a story as lines of a tree: turns that follow each other alone are one line."""

from typing import NamedTuple

from charterm.story.tree import StoryTree

LONGEST = 80
"""Characters of a branch's beginning that are given."""


class Branch(NamedTuple):
    """A run of turns in which nothing branches off.

    Attributes:
        turn: its first turn.
        last: its last turn.
        depth: how many places at which the story branches are before it.
        closes: whether it is the last of its place.
        begins: the beginning of its text, on one line.
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
        begins = " ".join(tree[first].text[:LONGEST].split())
        author, current = tree[first].author, first in on_path
        branches.append(Branch(first, last, depth, closes, begins, author, turns, current))
        waiting += [(turn.id, depth + 1, n == 0) for n, turn in enumerate(reversed(following))]
    return branches
