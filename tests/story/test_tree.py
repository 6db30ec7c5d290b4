"""The tree of turns, against a plain list of what happened."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from charterm.story.tree import MODEL, WRITER, StoryTree


def grown(*texts: str) -> StoryTree:
    tree = StoryTree()
    for text in texts:
        tree.go(tree.add(tree.head, WRITER, text, 0.0).id)
    return tree


def test_a_path_is_the_story_and_turns_know_where_they_begin() -> None:
    tree = grown("Once ", "upon ", "a time")
    assert tree.text == "Once upon a time"
    assert [(turn.start, turn.end) for turn in tree.path] == [(0, 5), (5, 10), (10, 16)]
    assert tree.tail(3, 8) == "n a time"
    assert tree.tail(3, 99) == "Once upon a time"
    assert tree.tail(None, 5) == tree.tail(3, 0) == ""


def test_a_branch_keeps_the_old_one_and_switching_goes_to_where_it_was_read() -> None:
    tree = grown("a", "b", "c")
    other = tree.add(1, MODEL, "B", 0.0)
    tree.go(other.id)
    assert tree.text == "aB"
    assert [turn.text for turn in tree.branches(2)] == ["b", "B"]
    assert tree.leaf(2) == 3
    tree.go(tree.leaf(2))
    assert tree.text == "abc"
    tree.go(2)
    assert tree.text == "ab"
    assert tree.leaf(1) == 3  # through 2, the last visited, to its only child


def test_undo_and_redo_go_through_the_heads() -> None:
    tree = grown("a", "b")
    assert (tree.can_undo, tree.can_redo) == (True, False)
    assert tree.undo()
    assert tree.text == "a"
    assert tree.undo()
    assert (tree.text, tree.can_undo) == ("", False)
    assert not tree.undo()
    assert tree.redo()
    assert tree.redo()
    assert not tree.redo()
    assert tree.text == "ab"
    tree.undo()
    tree.go(tree.add(1, WRITER, "c", 0.0).id)
    assert not tree.can_redo
    assert tree.undo()
    assert tree.text == "a"
    assert [turn.text for turn in tree.children(1)] == ["b", "c"]  # nothing is lost


def test_only_the_end_of_a_branch_can_grow() -> None:
    tree = grown("a", "b")
    tree.grow(2, "cd")
    assert tree.text == "abcd"
    assert tree[2].end == 4
    with pytest.raises(ValueError, match="edit"):
        tree.grow(1, "x")


def test_what_makes_no_tree_is_refused() -> None:
    turns = grown("a", "b").turns
    with pytest.raises(ValueError, match="moves"):
        StoryTree.restore(turns, [None, 9], 0)
    with pytest.raises(ValueError, match="moves"):
        StoryTree.restore(turns, [None, 1], 2)
    with pytest.raises(KeyError):
        StoryTree.restore(reversed(turns), [None], 0)
    with pytest.raises(ValueError, match="there already"):
        StoryTree.restore(turns + turns, [None], 0)


class TreeMachine(RuleBasedStateMachine):
    """Against texts by id, and a list of heads with a position."""

    def __init__(self) -> None:
        super().__init__()
        self.tree = StoryTree()
        self.texts: dict[int, str] = {}  # whole text up to the end of each turn
        self.heads: list[int | None] = [None]
        self.at = 0

    def pick(self, data: st.DataObject) -> int | None:
        return data.draw(st.sampled_from([None, *self.texts]))

    def moved(self, head: int | None) -> None:
        if head != self.heads[self.at]:
            del self.heads[self.at + 1 :]
            self.heads.append(head)
            self.at += 1

    @rule(data=st.data(), text=st.text(max_size=4), go=st.booleans())
    def add(self, data: st.DataObject, text: str, go: bool) -> None:
        parent = self.pick(data)
        turn = self.tree.add(parent, WRITER, text, 0.0)
        assert turn.id not in self.texts
        before = "" if parent is None else self.texts[parent]
        self.texts[turn.id] = before + text
        assert turn.start == len(before)
        if go:
            self.tree.go(turn.id)
            self.moved(turn.id)

    @rule(data=st.data(), text=st.text(max_size=4))
    @precondition(lambda self: self.texts)
    def grow(self, data: st.DataObject, text: str) -> None:
        ends = [t for t in self.texts if not self.tree.children(t)]
        turn = data.draw(st.sampled_from(ends))
        self.tree.grow(turn, text)
        self.texts[turn] += text

    @rule(data=st.data())
    def go(self, data: st.DataObject) -> None:
        turn = self.pick(data)
        self.tree.go(turn)
        self.moved(turn)

    @rule()
    def undo(self) -> None:
        assert self.tree.undo() == (self.at > 0)
        self.at = max(0, self.at - 1)

    @rule()
    def redo(self) -> None:
        assert self.tree.redo() == (self.at + 1 < len(self.heads))
        self.at = min(len(self.heads) - 1, self.at + 1)

    @rule()
    def save_and_open(self) -> None:
        saved = (self.tree.turns, self.tree.moves, self.tree.position)
        self.tree = StoryTree.restore(*saved)
        assert (self.tree.turns, self.tree.moves, self.tree.position) == saved

    @rule(data=st.data())
    @precondition(lambda self: self.texts)
    def leaf_is_below(self, data: st.DataObject) -> None:
        turn = data.draw(st.sampled_from(list(self.texts)))
        leaf = self.tree.leaf(turn)
        assert not self.tree.children(leaf)
        assert turn in [t.id for t in self.tree.path_to(leaf)]
        if turn in [t.id for t in self.tree.path]:  # the branch that is read now
            assert self.tree.head in [t.id for t in self.tree.path_to(leaf)]

    @invariant()
    def what_is_read_is_the_path_to_the_head(self) -> None:
        head = self.heads[self.at]
        assert self.tree.head == head
        assert self.tree.text == ("" if head is None else self.texts[head])
        assert self.tree.path == self.tree.path_to(head)
        assert len(self.tree) == len(self.texts)
        for turn, text in self.texts.items():
            assert self.tree.tail(turn, 7) == text[max(0, len(text) - 7) :]
            assert self.tree[turn].end == len(text)


TreeMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestTree = TreeMachine.TestCase
