"""Stories in the database: saved at every change, found, renamed, deleted, brought back."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from charterm.errors import ChartermError
from charterm.paths import data_dir
from charterm.story.store import KEPT_SECONDS, StoryStore
from charterm.story.story import Story, separator, title_of
from charterm.story.tree import MODEL, WRITER
from charterm.story.typed import Typed


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        self.now += 1.0
        return self.now


@pytest.fixture
def store(tmp_path: Path) -> StoryStore:
    return StoryStore(tmp_path / "stories.sqlite3", clock=Clock())


def again(story: Story) -> Story:
    """The same story as another process sees it."""
    return Story(StoryStore(story.store.path), story.id)


def test_the_database_is_in_the_data_folder_and_private() -> None:
    with StoryStore() as store:
        assert store.path == data_dir() / "stories.sqlite3"
        if os.name == "posix":
            assert store.path.stat().st_mode & 0o077 == 0


def test_what_is_typed_of_a_turn_is_kept_with_its_story(store: StoryStore) -> None:
    first, second = store.create(), store.create()
    store.write_draft(first, Typed("one"))
    store.write_draft(first, Typed("one more"))
    store.write_draft(second, Typed("two"))
    store.write_draft(None, Typed("not begun", 3, "an edit"))
    same = StoryStore(store.path)
    assert [same.draft(story) for story in (first, second, None)] == [
        Typed("one more"),
        Typed("two"),
        Typed("not begun", 3, "an edit"),
    ]
    store.write_draft(second, Typed())
    assert same.draft(second) == Typed()
    store.forget_edit(first)
    store.delete(first)
    store.restore(first)
    assert same.draft(first) == Typed("one more")
    store.delete(first)
    later = StoryStore(store.path, clock=lambda: store.clock() + KEPT_SECONDS + 10.0)
    assert later.draft(first) == Typed()
    assert later.draft(None).text == "not begun"


def test_a_database_of_an_older_version_gets_a_place_for_drafts(store: StoryStore) -> None:
    with sqlite3.connect(store.path) as database:
        database.execute("DROP TABLE drafts")
        database.execute("DROP TABLE edits")
    with StoryStore(store.path) as opened:
        opened.write_draft(None, Typed("typed", 1, "edited"))
        assert opened.draft(None) == Typed("typed", 1, "edited")


def test_everything_is_there_when_it_is_opened_again(store: StoryStore) -> None:
    story = Story.create(store)
    story.say("It was night.")
    model = story.add(story.tree.head, MODEL, " Dogs", np.array([-1, -2, -3, -4, -5.5]), model="m")
    story.grow(model.id, " bark", [-0.5] * 5, "m")
    story.say("They stopped.")
    story.edit(model.id, " Cats mewed.")
    story.undo()
    same = again(story)
    assert same.tree.turns == story.tree.turns
    assert same.tree.moves == story.tree.moves
    assert same.text == story.text == "It was night. Dogs bark They stopped."
    assert same.redo()
    assert same.text == "It was night. Cats mewed."
    logprobs = same.logprobs(model.id, "m")
    assert logprobs is not None
    assert logprobs.tolist() == [-1, -2, -3, -4, -5.5] + [-0.5] * 5
    assert same.logprobs(model.id, "another") is None
    assert same.logprobs(1, "m") is None


def test_say_puts_a_space_only_where_one_is_missing(store: StoryStore) -> None:
    story = Story.create(store)
    for text in ("I", "am", ", he said", "\nNew", "«line»"):
        story.say(text)
    assert story.text == "I am, he said\nNew «line»"
    assert separator("", "x") == separator("x ", "y") == separator("x", "") == ""


def test_edit_keeps_the_old_branch_and_an_edit_that_changes_nothing_makes_none(
    store: StoryStore,
) -> None:
    story = Story.create(store)
    first = story.say("one")
    second = story.say("two")
    assert story.edit(second.id, second.text) == second
    assert len(story.tree) == 2
    edited = story.edit(first.id, "ONE")
    assert (story.text, edited.author) == ("ONE", WRITER)
    story.switch(first.id)
    assert story.text == "one two"


def test_another_character_makes_a_branch_with_the_beginning_of_the_turn(
    store: StoryStore,
) -> None:
    story = Story.create(store)
    turn = story.add(None, MODEL, "cat sat", np.arange(7, dtype=np.float32), model="m")
    branch = story.branch_at(turn.id, 2, "r", model="m", logprob=-0.25)
    assert (story.text, branch.author) == ("car", MODEL)
    logprobs = again(story).logprobs(branch.id, "m")
    assert logprobs is not None
    assert logprobs.tolist() == [0.0, 1.0, -0.25]
    assert story.tree[turn.id].text == "cat sat"


def test_the_last_character_of_the_writers_turn_in_its_own_place_makes_no_copy(
    store: StoryStore,
) -> None:
    story = Story.create(store)
    told = story.say("the cat.")
    story.add(told.id, MODEL, " It sat.")
    assert story.branch_at(told.id, 7, ".", model="m", logprob=-0.25) == told
    assert (len(story.tree), story.tree.head, story.text) == (2, told.id, "the cat.")
    assert story.branch_at(told.id, 7, "!").text == "the cat!"


def test_streamed_text_is_saved_as_it_comes(tmp_path: Path) -> None:
    now = [0.0]
    store = StoryStore(tmp_path / "s.sqlite3", clock=lambda: now[0])
    story = Story.create(store)
    turn = story.add(None, MODEL, "a", np.zeros(1, np.float32), model="m")
    now[0] += 0.05
    story.grow(turn.id, "b", [-1.0], "m")
    assert again(story).text == "a"
    now[0] += 0.06
    story.grow(turn.id, "c", [-1.0], "m")
    assert again(story).text == "abc"
    story.grow(turn.id, "d", [-1.0], "m")
    story.flush()
    assert again(story).text == story.text == "abcd"


def test_list_search_rename_delete_and_undo(store: StoryStore) -> None:
    ids = {}
    for title in ("Alpha", "Beta", ""):
        story = Story.create(store, title)
        story.say(f"the tale of {title or 'Ömer Çelik'} % _")
        ids[title] = story.id
    assert [info.title for info in store.stories()] == [
        "the tale of Ömer Çelik % _",
        "Beta",
        "Alpha",
    ]
    assert [info.title for info in store.stories("ömer ç")] == ["the tale of Ömer Çelik % _"]
    assert [info.title for info in store.stories("ALPHA")] == ["Alpha"]
    assert len(store.stories("% _")) == 3
    assert store.stories("%x") == []
    store.rename(ids["Alpha"], "Gamma")
    assert store.stories()[0].title == "Gamma"  # the last changed
    store.delete(ids["Beta"])
    assert [info.title for info in store.stories("tale")] == ["Gamma", "the tale of Ömer Çelik % _"]
    assert [info.title for info in store.deleted()] == ["Beta"]
    for wrong in (
        lambda: store.delete(ids["Beta"]),
        lambda: store.rename(ids["Beta"], "x"),
        lambda: Story(store, ids["Beta"]),
        lambda: store.info(99),
        lambda: store.restore(99),
    ):
        with pytest.raises(ChartermError, match="there is no story"):
            wrong()
    store.restore(ids["Beta"])
    assert Story(store, ids["Beta"]).text == "the tale of Beta % _"


def test_deleted_stories_go_after_thirty_days(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite3"
    now = 0.0
    with StoryStore(path, clock=lambda: now) as store:
        story = Story.create(store)
        story.say("x")
        store.delete(story.id)
    now = KEPT_SECONDS - 1
    with StoryStore(path, clock=lambda: now) as store:
        assert len(store.deleted()) == 1
    now = KEPT_SECONDS + 1
    with StoryStore(path, clock=lambda: now) as store:
        assert store.deleted() == []
    with sqlite3.connect(path) as database:
        assert database.execute("SELECT count(*) FROM turns").fetchone() == (0,)


def test_two_windows_on_one_story_do_not_overwrite_each_other(store: StoryStore) -> None:
    story = Story.create(store)
    other = again(story)
    story.say("mine")
    with pytest.raises(ChartermError, match="another window"):
        other.say("theirs")
    assert other.text == "mine"  # it has read what is there
    other.say("theirs")
    assert again(story).text == "mine theirs"


def test_a_newer_or_broken_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite3"
    StoryStore(path).close()
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA user_version = 99")
    with pytest.raises(ChartermError, match="newer charterm"):
        StoryStore(path)
    path.write_bytes(b"this is no database, but it is long enough to look at" * 40)
    with pytest.raises(ChartermError, match=r"s\.sqlite3"):
        StoryStore(path)


def test_a_story_that_makes_no_tree_is_named(store: StoryStore) -> None:
    story = Story.create(store)
    story.say("x")
    with sqlite3.connect(store.path) as database:
        database.execute("DELETE FROM turns")
    with pytest.raises(ChartermError, match="damaged"):
        Story(store, story.id)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("\n  Hello there\nx", "Hello there"),
        ("", ""),
        ("word " * 20, "word word word word word word word word word…"),
        ("x" * 60, "x" * 48 + "…"),
    ],
)
def test_a_story_is_named_after_its_first_line(text: str, title: str) -> None:
    assert title_of(text) == title


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["say", "model", "edit", "go", "undo", "redo", "grow"]),
            st.integers(0, 30),
            st.text(st.characters(), max_size=6),  # lone surrogates and NUL among them
        ),
        max_size=20,
    )
)
def test_after_any_operations_the_database_has_what_is_in_memory(
    tmp_path_factory: pytest.TempPathFactory, operations: list[tuple[str, int, str]]
) -> None:
    path = tmp_path_factory.mktemp("stories") / "s.sqlite3"
    with StoryStore(path) as store:
        story = Story.create(store)
        for name, number, text in operations:
            turns = story.tree.turns
            turn = turns[number % len(turns)].id if turns else None
            if name == "say":
                story.say(text)
            elif name == "model":
                story.add(turn, MODEL, text, go=bool(number % 2))
            elif name == "undo":
                story.undo()
            elif name == "redo":
                story.redo()
            elif name == "go":
                story.go(turn)
            elif turn is not None and name == "edit":
                story.edit(turn, text)
            elif turn is not None and not story.tree.children(turn):
                story.grow(turn, text, [0.0] * len(text), "m")
        story.flush()
        same = again(story)
        assert same.tree.turns == story.tree.turns
        assert (same.tree.moves, same.tree.position) == (story.tree.moves, story.tree.position)
        same.store.close()


_KILLED = """
import itertools, json, sys
from pathlib import Path
from charterm.story.store import StoryStore
from charterm.story.story import Story

story = Story.create(StoryStore(Path(sys.argv[1])), "killed")
for number in itertools.count():
    if number % 5 == 4:
        story.edit(story.tree.head, f"edit {number}")
    elif number % 5 == 3:
        story.undo()
    else:
        story.say(f"turn {number}")
    print(json.dumps([len(story.tree), story.tree.moves, story.text]), flush=True)
"""


def test_what_was_saved_survives_sigkill(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite3"
    with subprocess.Popen(
        [sys.executable, "-c", _KILLED, str(path)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        told = [process.stdout.readline() for _ in range(60)]
        process.send_signal(signal.SIGKILL)
        told += process.stdout.readlines()
    turns, moves, text = json.loads([line for line in told if line.endswith("\n")][-1])
    with sqlite3.connect(path) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    with StoryStore(path) as store:
        story = Story(store, store.stories("killed")[0].id)
        assert len(story.tree) in (turns, turns + 1)  # one more may have been saved, not told
        if len(story.tree) == turns and story.tree.moves == moves:
            assert story.text == text
        assert story.tree.moves[: len(moves) - 1] == moves[:-1]
        story.say("and on it goes")
