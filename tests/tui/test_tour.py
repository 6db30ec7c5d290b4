"""The tour: shown once, done by doing, skipped by a key, in both languages."""

from pathlib import Path

import pytest

from charterm import paths
from charterm.actions import BY_ID
from charterm.settings import schema
from charterm.training import runs
from charterm.training.run_folder import RunFolder
from charterm.tui.app import ChartermApp
from charterm.tui.screens.story import StoryScreen
from charterm.tui.screens.train import TrainScreen
from charterm.tui.tour import (
    ACCEPTED,
    PARTS,
    SENT,
    STARTED,
    STEPS,
    TEXT,
    Tour,
    is_first_start,
    keep_shown,
)
from charterm.tui.widgets.question import Question
from charterm.tui.widgets.tour_strip import TourStrip
from tests.tui.models import save_word_model
from tests.tui.program import Opened, opened
from tests.tui.waiting import type_text, wait_until


def told(program: Opened | ChartermApp) -> str:
    """What the tour says on the screen that is shown; empty where it is not shown."""
    app = program.app if isinstance(program, Opened) else program
    strips = app.screen.query(TourStrip)
    return " ".join(
        str(part.render()) for strip in strips for part in strip.query("Static").results()
    )


def test_a_step_is_done_by_doing_it() -> None:
    tour = Tour()
    assert tour.part == PARTS[0]
    assert not tour.did(SENT)
    assert tour.did(ACCEPTED)
    assert tour.did(TEXT)
    assert tour.part is not None
    assert tour.part.done == STARTED
    assert tour.did(STARTED)
    assert tour.did(SENT)
    assert tour.part is None
    assert not tour.did(ACCEPTED)


def test_a_training_that_begins_at_once_ends_the_whole_step() -> None:
    tour = Tour()
    tour.skip()
    assert tour.did(STARTED)
    assert tour.part is not None
    assert tour.part.step == STEPS == 3
    tour.skip()
    tour.skip()
    assert tour.part is None


def test_texts_name_only_keys_that_there_are() -> None:
    keys = {id.replace(".", "_"): "K" for id in BY_ID}
    for part in PARTS:
        part.away.format(**keys)
        part.there.format(example="E", **keys)


async def test_it_is_shown_at_the_first_start_and_never_again() -> None:
    (paths.data_dir() / "tour-shown").unlink()
    assert is_first_start()
    save_word_model()
    first = ChartermApp()
    async with first.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: "Take a suggestion" in told(first))
        await wait_until(pilot, lambda: not is_first_start())
    second = ChartermApp()
    async with second.run_test(size=(80, 24)) as pilot:
        await wait_until(pilot, lambda: second.opened_screens)
        await pilot.pause()
        assert not told(second)


async def test_whoever_has_texts_is_not_toured() -> None:
    (paths.data_dir() / "tour-shown").unlink()
    (paths.data_dir() / "texts").mkdir()
    assert not is_first_start()
    keep_shown()


@pytest.mark.parametrize("size", [(80, 24), (140, 40)])
async def test_the_three_steps_are_done_one_after_the_other(
    size: tuple[int, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = tmp_path / "novel.txt"
    text.write_text("Once upon a time. " * 40)
    begun: list[RunFolder] = []
    monkeypatch.setattr(runs, "start_run", lambda run, **_: begun.append(run))
    async with opened(size) as program:
        pilot = program.pilot
        await pilot.press("f10")
        await wait_until(pilot, lambda: "Take a suggestion" in told(program))
        strip = program.app.screen.query_one(TourStrip)
        assert strip.region.bottom <= size[1] - 1
        await type_text(pilot, "b")
        await program.settled()
        await wait_until(pilot, lambda: program.editor.ghost)
        await pilot.press("tab")
        await wait_until(pilot, lambda: "Teach it your own texts" in told(program))
        assert "goes there" in told(program)
        await pilot.press("alt+t")
        await wait_until(pilot, lambda: isinstance(program.app.screen, TrainScreen))
        train = program.app.screen
        assert isinstance(train, TrainScreen)
        await wait_until(pilot, lambda: "path of a text file" in told(program))
        train.setup.add(text)
        await wait_until(pilot, lambda: "begins the training" in told(program))
        await wait_until(pilot, lambda: train.setup.survey.files)
        await pilot.press("ctrl+r")
        await wait_until(pilot, lambda: begun)
        await wait_until(pilot, lambda: "Write a story by turns" in told(program))
        await pilot.press("alt+s")
        await wait_until(pilot, lambda: isinstance(program.app.screen, StoryScreen))
        await wait_until(pilot, lambda: "how a story begins" in told(program))
        await type_text(pilot, "the")
        await pilot.press("enter")
        await wait_until(pilot, lambda: "That was the tour" in told(program))
        await pilot.press("escape")
        await wait_until(pilot, lambda: not told(program))
        assert not program.app.guide.going


async def test_it_is_skipped_by_steps_and_ended_by_escape() -> None:
    async with opened() as program:
        await program.pilot.press("f10", "f10")
        await wait_until(program.pilot, lambda: "Teach it your own texts" in told(program))
        await program.pilot.press("f10", "f10")
        await wait_until(program.pilot, lambda: "That was the tour" in told(program))
        await program.pilot.press("f10")
        await wait_until(program.pilot, lambda: not told(program))
        await program.pilot.press("f10")
        await wait_until(program.pilot, lambda: "Take a suggestion" in told(program))
        await program.pilot.press("escape")
        await wait_until(program.pilot, lambda: not told(program))


async def test_escape_is_first_that_of_a_question() -> None:
    async with opened() as program:
        await program.pilot.press("f10", "alt+m")
        await wait_until(program.pilot, lambda: "goes to the screen" in told(program))
        await program.pilot.press("i")
        question = program.app.screen.query_one(Question)
        await wait_until(program.pilot, lambda: question.asked)
        await program.pilot.press("escape")
        await wait_until(program.pilot, lambda: not question.asked)
        assert told(program)
        await program.pilot.press("escape")
        await wait_until(program.pilot, lambda: not told(program))


async def test_its_words_can_be_clicked_and_follow_the_language() -> None:
    async with opened() as program:
        await program.pilot.press("f10")
        await wait_until(program.pilot, lambda: "Skip" in told(program))
        await program.pilot.click("#tour-next")
        await wait_until(program.pilot, lambda: "Teach it" in told(program))
        program.app.change_setting(schema.LANGUAGE, "ko")
        await wait_until(program.pilot, lambda: "Teach it" not in told(program))
        assert "{" not in told(program)
        await program.pilot.click("#tour-end")
        await wait_until(program.pilot, lambda: not told(program))
