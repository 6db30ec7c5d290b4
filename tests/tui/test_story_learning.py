"""What the memory learns of a story: what the writer wrote of it as it reads now, no more."""

from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from charterm.adaptation.adapter import Adapter, Own
from charterm.adaptation.store import PersonalMemory
from charterm.engine.session import Session
from charterm.story.store import StoryStore
from charterm.story.story import Story, separator
from charterm.story.tree import MODEL
from charterm.tui.learner import STORIES
from charterm.tui.story_learning import learnt_of, own_lines, story_number
from tests.engine.models import random_model

NETWORK = random_model("\n abcdxyz'.", hidden=8)
LOOKBACK = 40

writers = st.text("abcd \n'.", min_size=1, max_size=12).filter(str.strip)
moves = st.lists(
    st.one_of(
        st.tuples(st.just("say"), writers),
        st.tuples(st.just("line"), st.text("abcd \n'.", max_size=9)),
        st.tuples(st.just("answer"), st.text("xyz .", min_size=1, max_size=30)),
        st.tuples(st.just("edit"), st.integers(0, 9), writers),
        st.tuples(st.just("begin edit"), st.integers(0, 9)),
        st.tuples(st.just("leave edit")),
        st.tuples(st.just("undo")),
        st.tuples(st.just("redo")),
        st.tuples(st.just("switch"), st.integers(0, 9)),
    ),
    max_size=20,
)


class Desk:
    """A story, the line below it, and a memory that follows both."""

    def __init__(self, folder: Path) -> None:
        self.story = Story.create(StoryStore(folder))
        self.line = self.unsent = ""
        self.editing: int | None = None

    def do(self, move: tuple[object, ...]) -> None:
        kind, *values = move
        turns = self.story.tree.turns
        turn = turns[values[0] % len(turns)].id if turns and _is_number(values) else None
        if kind == "line":
            self.line = values[0]
        elif kind == "say":
            self.story.say(values[0])
            self.line = ""
        elif kind == "answer":
            self.story.add(self.story.tree.head, MODEL, values[0])
        elif kind == "undo":
            self.story.undo()
        elif kind == "redo":
            self.story.redo()
        elif kind == "leave edit" and self.editing is not None:
            self.editing, self.line, self.unsent = None, self.unsent, ""
        elif turn is None:
            return
        elif kind == "edit":
            self.story.edit(turn, values[1])
        elif kind == "switch":
            self.story.switch(turn)
        elif kind == "begin edit" and self.editing is None:
            self.editing, self.unsent, self.line = turn, self.line, self.story.tree[turn].text

    @property
    def before(self) -> str:
        """What the network reads before the line."""
        tree = self.story.tree
        end = tree.head if self.editing is None else tree[self.editing].parent
        tail = tree.tail(end, LOOKBACK)
        return tail + separator(tail, self.line)

    def follow(self, session: Session, memory: PersonalMemory, adapter: Adapter) -> Adapter:
        """Show the line to the memory, as the screen does; the adapter that was asked."""
        before = self.before
        session.set_text(before + self.line, len(before) + len(self.line))
        learnt = learnt_of(self.story, len(before), editing=self.editing, unsent=self.unsent)
        if not learnt.learns:
            adapter = memory.reader(NETWORK.alphabet)
        adapter.own = Own(learnt.start, learnt.earlier)
        session.adaptation = adapter
        adapter.follow(session)
        return adapter


def _is_number(values: list[object]) -> bool:
    return bool(values) and isinstance(values[0], int)


def new_memory(folder: Path) -> PersonalMemory:
    memory = PersonalMemory(folder / "memory.json")
    memory.learn("write/other", "a cab\nbad cab, abba\n")
    return memory


def distribution(session: Session, adapter: Adapter) -> np.ndarray:
    reading = adapter.follow(session)
    row = NETWORK.probabilities(session.state())
    reading.adapt(row, [reading.context])
    return row[0]


@settings(max_examples=120, deadline=None)
@given(moves)
def test_any_way_to_a_story_is_remembered_like_opening_it(
    tmp_path_factory: object, changes: list[tuple[object, ...]]
) -> None:
    folder: Path = tmp_path_factory.mktemp("story")  # type: ignore[attr-defined]
    desk, memory = Desk(folder / "stories.sqlite3"), new_memory(folder)
    session = Session(NETWORK, block=12, interval=3)
    adapter = memory.open(f"{STORIES}1", NETWORK.alphabet)
    memory.prepare()
    for change in changes:
        desk.do(change)
        desk.follow(session, memory, adapter)
    if desk.editing is not None:
        desk.do(("leave edit",))
    asked = desk.follow(session, memory, adapter)

    cold = new_memory(folder)
    opened = Session(NETWORK, block=12, interval=3)
    again = cold.open(f"{STORIES}1", NETWORK.alphabet)
    cold.prepare()
    desk.follow(opened, cold, again)
    assert adapter.memory.snapshot() == again.memory.snapshot()
    assert memory.words() == cold.words()
    assert not set("xyz") & set("".join(memory.words()))
    np.testing.assert_allclose(
        distribution(session, asked), distribution(opened, again), rtol=2e-4, atol=1e-7
    )
    desk.story.store.close()


def test_the_writers_turns_are_learnt_as_lines_and_those_of_the_model_never(tmp_path: Path) -> None:
    desk, memory = Desk(tmp_path / "stories.sqlite3"), PersonalMemory(tmp_path / "memory.json")
    session, adapter = Session(NETWORK), memory.open(f"{STORIES}1", NETWORK.alphabet)
    for change in (("say", "abba cab"), ("answer", " xyz yxz"), ("say", "cab"), ("line", "bad d")):
        desk.do(change)
        desk.follow(session, memory, adapter)
    assert own_lines(desk.story.path) == "abba cab\ncab\n"
    assert memory.words() == {"abba": 1, "cab": 2, "bad": 1}
    desk.do(("undo",))
    desk.follow(session, memory, adapter)
    assert memory.words() == {"abba": 1, "cab": 1, "bad": 1}
    desk.do(("redo",))
    desk.follow(session, memory, adapter)
    assert memory.words()["cab"] == 2


def test_a_turn_that_is_edited_counts_once_and_one_of_the_models_not_at_all(tmp_path: Path) -> None:
    desk, memory = Desk(tmp_path / "stories.sqlite3"), PersonalMemory(tmp_path / "memory.json")
    session, adapter = Session(NETWORK), memory.open(f"{STORIES}1", NETWORK.alphabet)
    for change in (
        ("say", "abba cab "),
        ("answer", "xyz yxz "),
        ("line", "bad "),
        ("begin edit", 0),
    ):
        desk.do(change)
        desk.follow(session, memory, adapter)
    assert desk.line == "abba cab "
    assert memory.words() == {"abba": 1, "cab": 1, "bad": 1}
    desk.do(("leave edit",))
    desk.do(("begin edit", 1))
    assert desk.follow(session, memory, adapter) is not adapter
    assert memory.words() == {"abba": 1, "cab": 1, "bad": 1}


def test_the_number_of_a_story_in_the_memory() -> None:
    assert story_number("write/notes") is None
    assert story_number("story/12") == 12
    assert story_number(STORIES) == 0
