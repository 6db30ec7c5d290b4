"""Somebody's first day with the program, from the first start to the second."""

import os
import signal
from pathlib import Path

from charterm import paths
from charterm.model import library
from charterm.story.store import StoryStore
from charterm.training import watching
from tests.e2e.program import Program

TEXT = "the cat sat on the mat and ate a fish, and then the cat sat on another mat\n"


def test_tour_type_accept_train_try_tell_quit_and_return(
    start: type[Program], own_folders: Path
) -> None:
    (paths.data_dir() / "tour-shown").unlink()
    paths.config_dir().mkdir(parents=True)
    (paths.config_dir() / "config.toml").write_text("[train]\nminutes = 0.1\n", "utf-8")
    notes = own_folders / "notes.txt"
    notes.write_text(TEXT * 150, "utf-8")
    program = start()

    program.shows("●○○  Take a suggestion", "GRU")
    program.type("cloud b")
    program.shows("cloud bright", "tab Accept")
    program.type("\t")
    program.shows("✓●○  Teach it your own texts")
    program.kept("cloud bright")

    program.type("\x1bt")  # alt+t
    program.shows("New training", "Type the path of a text file")
    program.until(lambda lines: "enter adds it" in lines[program.screen.cursor.y])
    program.type(str(notes))
    program.shows("notes.txt")
    program.type("\r")
    program.shows("begins the training")
    program.type("\x12")  # ctrl+r
    program.shows("✓✓●  Write a story by turns", "notes ·")
    program.shows("t Try it")  # a checkpoint is there, whether the training goes on or not
    assert "notes" in [entry.name for entry in library.list_models()]

    program.type("t")  # try it
    program.shows("cloud bright", "notes LSTM")
    program.type(" the")
    program.shows("cloud bright the", " %")

    program.type("\x1bs")  # alt+s
    program.shows("Write how a story begins", "Send")
    program.type("cloud")
    program.shows("cloud")
    program.type("\r")
    program.shows("That was the tour", "2 turns")
    program.type("\x1b")  # the tour, or what the model writes
    program.type("\x1bw")  # alt+w
    program.shows("Continuations")
    if (trainer := watching.run_status("notes").pid) is not None:  # a slow machine is still at it
        os.kill(trainer, signal.SIGKILL)
        program.until(lambda _lines: watching.run_status("notes").pid is None)
    program.type("\x11")  # ctrl+q
    assert program.ended() == 0

    again = start()
    again.shows("cloud bright the", "notes LSTM")
    assert not any("Take a suggestion" in line for line in again.lines)
    again.type("\x11")
    assert again.ended() == 0
    with StoryStore() as store:
        (story,) = store.stories()
        assert story.turns == 2


def test_escape_ends_the_tour_for_good(start: type[Program]) -> None:
    (paths.data_dir() / "tour-shown").unlink()
    program = start()
    program.shows("Take a suggestion")
    program.type("\x1b")
    program.hides("Take a suggestion")
    program.type("cloud")
    program.kept("cloud")
    program.type("\x11")
    assert program.ended() == 0
    again = start()
    again.shows("cloud", "GRU")
    assert not any("Take a suggestion" in line for line in again.lines)
