"""The file of the memory: private, whole at any moment, exact in what it forgets."""

import json
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from charterm.adaptation import undoing
from charterm.adaptation.memory_file import memory_path
from charterm.adaptation.store import CAPACITY, PersonalMemory
from charterm.engine.session import Interrupted, Session
from charterm.errors import ChartermError, UsageError
from charterm.text.alphabet import Alphabet
from tests.engine.models import random_model

ALPHABET = Alphabet.from_text("\n abcdefghijklmnopqrstuvwxyzZ'")


@pytest.fixture
def memory(tmp_path: Path) -> PersonalMemory:
    memory = PersonalMemory(tmp_path / "memory.json")
    memory.learn("letter", "dear Zorblax,\nthe cat sat\n")
    memory.learn("notes", "the cat and zorblax again")
    return memory


def snapshot(memory: PersonalMemory) -> object:
    counts = memory._memory(ALPHABET)
    memory.prepare()
    return counts.snapshot()


def test_what_is_saved_is_read_again_and_private(memory: PersonalMemory) -> None:
    memory.forget_word("sat")
    memory.never_learn([r"^x\d"])
    memory.set_learning(False)
    memory.save()
    assert stat.S_IMODE(memory.path.stat().st_mode) == 0o600
    again = PersonalMemory.load(memory.path)
    assert again.to_json() == memory.to_json()
    assert snapshot(again) == snapshot(memory)
    assert "Zorblax" in memory.path.read_text()


def test_forgetting_a_document_leaves_what_never_having_read_it_would(
    memory: PersonalMemory, tmp_path: Path
) -> None:
    snapshot(memory)
    assert memory.forget_document("notes")
    assert not memory.forget_document("notes")
    assert memory.ignored == {"notes"}
    other = PersonalMemory(tmp_path / "other.json")
    other.learn("letter", "dear Zorblax,\nthe cat sat\n")
    assert snapshot(memory) == snapshot(other)
    assert list(memory.documents) == ["letter"]


def test_an_open_document_that_is_dropped_is_forgotten_at_once(tmp_path: Path) -> None:
    memory = PersonalMemory(tmp_path / "memory.json")
    model = random_model("\n abcdefghijklmnopqrstuvwxyzZ'", hidden=8)
    session = Session(model, "a zorblax and ")
    adapter = session.adaptation = memory.open("story/", model.alphabet)
    adapter.follow(session)
    assert adapter.memory.tokens
    memory.drop("story/")
    assert not adapter.memory.tokens
    assert not memory.waiting
    assert not memory.documents


def test_a_memory_that_is_still_being_counted_forgets_as_exactly(memory: PersonalMemory) -> None:
    memory.save()
    stops = iter((False, False, True))
    again = PersonalMemory.load(memory.path)
    again._memory(ALPHABET)
    with pytest.raises(Interrupted):
        again.prepare(lambda: next(stops))
    again.forget_document("notes")
    again.forget_word("sat")
    snapshot(memory)
    memory.forget_word("sat")
    memory.forget_document("notes")
    assert snapshot(again) == snapshot(memory)


def test_what_was_forgotten_can_be_brought_back_for_a_day(memory: PersonalMemory) -> None:
    memory.save()
    before = memory.to_json()
    with undoing.changing(memory):
        memory.reset()
    assert not PersonalMemory.load(memory.path).documents
    kept = undoing.undo_path(memory.path)
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    again = PersonalMemory.load(memory.path)
    assert undoing.undo(again)
    assert PersonalMemory.load(memory.path).to_json() == before
    assert not undoing.undo(again)
    with undoing.changing(again):
        again.forget_word("sat")
    old = time.time() - undoing.KEPT_SECONDS - 60
    os.utime(kept, (old, old))
    assert not undoing.undo(again)
    assert not kept.exists()
    assert "sat" not in again.words()


def test_a_forgotten_word_is_gone_everywhere_and_stays_away(memory: PersonalMemory) -> None:
    before = snapshot(memory)
    assert memory.forget_word("zorblax") == 2
    assert not [word for word in memory.words() if word.lower() == "zorblax"]
    assert snapshot(memory) != before
    assert "orblax" not in json.dumps(memory.to_json()["documents"])
    memory.learn("more", "Zorblax is back")
    assert list(memory.words()).count("Zorblax") == 0
    memory.allow_word("Zorblax")
    memory.learn("more", "Zorblax is back")
    assert memory.words()["Zorblax"] == 1


@pytest.mark.parametrize("word", ["two words", "", "a,b"])
def test_only_a_word_can_be_forgotten(memory: PersonalMemory, word: str) -> None:
    with pytest.raises(UsageError, match="not a word"):
        memory.forget_word(word)


def test_words_are_counted_as_written(memory: PersonalMemory) -> None:
    assert memory.words()["the"] == 2
    assert memory.words()["Zorblax"] == 1


def test_an_open_document_is_learnt_and_kept_when_it_is_closed(tmp_path: Path) -> None:
    model = random_model("\n abcdefghijklmnopqrstuvwxyzZ'", hidden=8)
    memory = PersonalMemory(tmp_path / "memory.json")
    memory.learn("draft", "old text")
    session = Session(model, "the Zorblax sat ")
    session.adaptation = memory.open("draft", model.alphabet)
    session.adaptation.follow(session)
    assert memory.words() == {"the": 1, "Zorblax": 1, "sat": 1}
    memory.save()
    assert PersonalMemory.load(memory.path).words() == memory.words()
    memory.forget_word("Zorblax")
    assert "Zorblax" not in memory.words()
    memory.close("draft")
    assert memory.words() == {"the": 1, "sat": 1}
    assert PersonalMemory(tmp_path / "none").words() == {}


def test_no_learn_mode_forgets_what_the_open_text_taught_and_reset_everything(
    tmp_path: Path,
) -> None:
    model = random_model("\n abc", hidden=8)
    memory = PersonalMemory(tmp_path / "memory.json")
    session = Session(model, "abc cab ")
    session.adaptation = memory.open("draft", model.alphabet)
    session.adaptation.follow(session)
    memory.set_learning(False)
    assert not memory.words()
    memory.set_learning(True)
    assert memory.words()["cab"] == 1
    memory.learn("other", "bca")
    memory.save()
    memory.reset()
    assert not memory.words()
    assert not PersonalMemory.load(memory.path).documents
    assert memory._memory(model.alphabet).tokens == 0
    session.insert("cab ")
    session.adaptation.follow(session)
    assert not memory.words()


def test_the_oldest_documents_are_let_go(tmp_path: Path) -> None:
    memory = PersonalMemory(tmp_path / "memory.json")
    memory.learn("old", "a " * 60_000)
    memory.learn("new", "b " * (CAPACITY // 2 - 50_000))
    memory._written["old"] = "2001-01-01T00:00:00+00:00"
    memory.save()
    assert list(memory.documents) == ["new"]


def test_a_forgotten_document_is_not_learnt_again_until_it_may_be(tmp_path: Path) -> None:
    model = random_model("\n abc", hidden=8)
    memory = PersonalMemory(tmp_path / "memory.json")
    session = Session(model, "abc cab ")

    def opened() -> dict[str, int]:
        session.adaptation = memory.open("draft", model.alphabet)
        session.adaptation.follow(session)
        return dict(memory.words())

    assert opened()
    assert memory.forget_document("draft")
    session.insert("abc ")
    session.adaptation.follow(session)
    assert not memory.words()
    memory.save()
    memory = PersonalMemory.load(memory.path)
    assert not opened()
    memory.allow_document("draft")
    assert memory.words() == {"abc": 2, "cab": 1}
    before = memory.to_json()
    memory.forget_word("cab")
    memory.restore(before)
    assert memory.words() == {"abc": 2, "cab": 1}


def test_what_another_program_changed_is_taken_over(memory: PersonalMemory) -> None:
    model = random_model("\n abc", hidden=8)
    memory.save()
    session = Session(model, "abc cab ")
    session.adaptation = memory.open("draft", model.alphabet)
    session.adaptation.follow(session)
    other = PersonalMemory.load(memory.path)
    other.forget_word("zorblax")
    other.forget_document("notes")
    other.save()
    memory.save()
    again = PersonalMemory.load(memory.path)
    assert set(again.documents) == {"letter", "draft"}
    assert "Zorblax" not in again.words()
    assert again.forbidden == {"zorblax"}
    again.reset()
    memory.refresh()
    assert not memory.documents  # the open one is not learnt any more either


def test_an_open_document_is_closed_without_learning_what_waits(tmp_path: Path) -> None:
    long = "".join(f"abc {number:03d} cab\n" for number in range(300))
    model = random_model("\n abc0123456789", hidden=8)
    other = random_model("\n abc", hidden=8)
    memory = PersonalMemory(tmp_path / "memory.json")
    second = memory._memory(other.alphabet)
    session = Session(model, long)
    adapter = session.adaptation = memory.open("draft", model.alphabet)
    adapter.follow(session)
    assert adapter.document.waiting
    memory.close("draft")
    memory.prepare()
    cold = PersonalMemory(tmp_path / "cold.json")
    cold.learn("draft", long)
    counts = cold._memory(model.alphabet), cold._memory(other.alphabet)
    cold.prepare()
    assert adapter.memory.snapshot() == counts[0].snapshot()
    assert second.snapshot() == counts[1].snapshot()
    memory.open("draft", model.alphabet)
    memory.prepare()
    assert adapter.memory.tokens == second.tokens == 0


def test_documents_that_are_gone_are_forgotten(memory: PersonalMemory) -> None:
    memory.keep_only(lambda name: name != "notes")
    assert list(memory.documents) == ["letter"]


@pytest.mark.parametrize("content", ["{", "[]", '{"format_version": 99}', '{"format_version": 1}'])
def test_a_file_that_is_no_memory_is_said_to_be(tmp_path: Path, content: str) -> None:
    path = tmp_path / "memory.json"
    path.write_text(content)
    with pytest.raises(ChartermError, match="memory"):
        PersonalMemory.load(path)


def test_names_of_memories(tmp_path: Path) -> None:
    assert memory_path("english").name == "english.json"
    with pytest.raises(UsageError, match="slashes"):
        memory_path("../english")


WRITER = """
import sys
from pathlib import Path
from charterm.adaptation.store import PersonalMemory
memory = PersonalMemory(Path(sys.argv[1]))
count = 0
while True:
    count += 1
    memory.learn("text", "word " * count)
    memory.save()
    print(count, flush=True)
"""


@pytest.mark.skipif(os.name != "posix", reason="kills with SIGKILL")
def test_a_kill_at_any_moment_leaves_a_readable_memory(tmp_path: Path) -> None:
    path = tmp_path / "memory.json"
    for delay in (0.0, 0.003, 0.007, 0.012):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        seen = [int(line) for line in process.stdout.read().split()] or [1]
        process.wait()
        process.stdout.close()
        assert PersonalMemory.load(path).words()["word"] >= seen[-1]
