"""The training screen: texts, form, runs that are followed, and what is done with them."""

import os
from pathlib import Path

import pytest
from rich.cells import cell_len
from textual.widgets import ProgressBar, Static
from textual_hires_canvas import Canvas

from charterm.errors import ChartermError
from charterm.model import library
from charterm.settings import schema
from charterm.text.corpus_options import CorpusOptions
from charterm.training import runs, watching
from charterm.training.events import (
    Checkpoint,
    Event,
    Failed,
    Finished,
    Paused,
    Sample,
    Started,
    Step,
    Validation,
)
from charterm.training.history import History
from charterm.training.run_folder import EventLog, Request, RunFolder
from charterm.training.settings import TrainSettings
from charterm.tui.screens.train import TrainScreen
from charterm.tui.screens.write import WriteScreen
from charterm.tui.train_fields import AMOUNT, BASE, CELL, FIELDS, NAME, NEW, UNIT, pace_of
from charterm.tui.widgets.dialog import Dialog
from charterm.tui.widgets.line import Line
from charterm.tui.widgets.question import Question
from charterm.tui.widgets.run_plot import RunPlot
from charterm.tui.widgets.run_view import SMOOTHINGS, clock
from charterm.tui.widgets.setting_row import SettingSelect
from charterm.tui.widgets.status import StatusLine
from tests.tui.curves import curve_is_seen
from tests.tui.models import save_word_model
from tests.tui.program import Opened, opened
from tests.tui.waiting import wait_until

RECIPE = {"cell": "gru", "layers": 1, "hidden": 64}
STARTED = Started(RECIPE, 50_000, 900, 100, 2, 1e11)
FACTS = {
    "steps": 4, "train_nats": 1.1, "validation_nats": 1.2, "characters_seen": 4000, "seconds": 65.0
}  # fmt: skip


def step(number: int, nats: float = 2.0) -> Step:
    return Step(
        number, number / 10, 0.5, 1000 * number, nats, 1e-3, 0.5, 2000.0, 0.3, float(number), 90.0
    )


def validation(number: int, nats: float = 1.4) -> Validation:
    return Validation(number, 1000 * number, 1.5, nats, nats / 0.6931, True, float(number))


def make_run(name: str, *events: Event, created: str = "2026-01-01T00:00:00+00:00") -> RunFolder:
    run = RunFolder.named(name)
    with run.locked():
        run.begin(Request((), CorpusOptions(), TrainSettings(), created=created))
    tell(run, *events)
    return run


def tell(run: RunFolder, *events: Event) -> None:
    with EventLog(run) as log:
        for event in events:
            log.append(event)


def finished(name: str, created: str = "2026-01-01T00:00:00+00:00") -> RunFolder:
    save_word_model(name=name)
    sample = Sample(2, "text \x1b[31m it wrote")
    return make_run(
        name, STARTED, step(1, 3.0), step(2), validation(2), sample, Checkpoint(2, name), step(4),
        validation(4, 1.2), Finished("budget", name, FACTS), created=created,
    )  # fmt: skip


@pytest.fixture
def text(tmp_path: Path) -> Path:
    file = tmp_path / "texts" / "my novel.txt"
    file.parent.mkdir()
    file.write_text("Once upon a time there was 안녕.\n" * 40)
    return file


async def go(program: Opened) -> TrainScreen:
    await program.pilot.press("alt+t")
    await wait_until(program.pilot, lambda: isinstance(program.app.screen, TrainScreen))
    screen = program.app.screen
    assert isinstance(screen, TrainScreen)
    await wait_until(program.pilot, lambda: screen.listed)
    return screen


async def choose(program: Opened, screen: TrainScreen, name: str) -> None:
    screen.runs.choose(name)
    await wait_until(program.pilot, lambda: name in shown(screen, "#run-title"))


async def go_to_saved(program: Opened, name: str) -> TrainScreen:
    """Show a run whose model is saved, so that it can be tried and deleted."""
    screen = await go(program)
    await choose(program, screen, name)
    await wait_until(program.pilot, lambda: screen.history.saved)
    return screen


def shown(screen: TrainScreen, selector: str) -> str:
    return str(screen.query_one(selector, Static).render())


@pytest.mark.parametrize("size", [(80, 24), (140, 40)])
async def test_without_runs_it_says_what_to_do(size: tuple[int, int]) -> None:
    async with opened(size) as program:
        screen = await go(program)
        assert "no trainings yet" in str(screen.query_one(StatusLine).render())
        assert "a novel is enough" in shown(screen, "#text-facts")
        path = screen.query_one("#text-path")
        await wait_until(program.pilot, lambda: path.has_focus)
        screen.setup.form.row(NAME).query_one(Line).focus()
        await program.pilot.press("ctrl+r")
        assert "Add a text file" in program.notices
        await wait_until(program.pilot, lambda: path.has_focus)
        await program.pilot.press("enter")
        assert path.has_focus


async def test_what_was_read_is_told(text: Path) -> None:
    async with opened((140, 40)) as program:
        screen = await go(program)
        await program.pilot.press("enter")
        line = screen.query_one("#text-path", Line)
        line.value = str(text.parent)
        await program.pilot.press("enter")
        await wait_until(program.pilot, lambda: screen.setup.survey.files)
        facts = shown(screen, "#text-facts")
        content = text.read_text()
        assert "1 file" in facts
        assert f"{len(content):,} characters" in facts
        assert f"{len(set(content))} distinct" in facts
        assert "utf-8" in facts.lower()
        assert "안녕" in shown(screen, "#text-preview")
        assert screen.setup.form.row(NAME).value == "texts"
        screen.setup.list.focus()
        await program.pilot.press("down", "delete")
        await wait_until(program.pilot, lambda: not screen.setup.paths)


async def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    async with opened() as program:
        screen = await go(program)
        screen.setup.add(tmp_path / "none.txt")
        await wait_until(program.pilot, lambda: "does not exist" in shown(screen, "#text-facts"))
        await program.pilot.press("ctrl+r")
        assert "does not exist" in program.notices


async def test_what_is_left_open_is_chosen_and_what_is_wrong_is_told(text: Path) -> None:
    async with opened((140, 40)) as program:
        screen = await go(program)
        screen.setup.add(text)
        await wait_until(program.pilot, lambda: screen.setup.survey.files)
        form = screen.setup.form
        hidden = form.row(next(field for field in FIELDS if field.name == "hidden"))
        assert screen.setup.estimate is not None
        chosen = str(screen.setup.estimate.recipe.hidden)
        await wait_until(program.pilot, lambda: hidden.query_one(Line).placeholder == chosen)
        before = shown(screen, "#expected")
        assert "M parameters" in before
        hidden.put("64")
        await wait_until(program.pilot, lambda: shown(screen, "#expected") != before)
        hidden.put("many")
        await wait_until(program.pilot, lambda: "whole number" in hidden.problem)
        assert screen.setup.estimate is None
        await program.pilot.press("ctrl+r")
        assert "whole number" in program.notices


async def test_a_wrong_value_is_told_by_the_name_beside_it(text: Path) -> None:
    async with opened((140, 40)) as program:
        screen = await go(program)
        amount = screen.setup.form.row(AMOUNT)
        amount.put("soon")
        await wait_until(program.pilot, lambda: amount.problem)
        assert amount.problem.startswith("Length must be")


async def test_what_to_expect_stands_in_the_last_line_too(text: Path) -> None:
    async with opened((80, 24)) as program:
        screen = await go(program)
        screen.setup.add(text)
        await wait_until(
            program.pilot,
            lambda: "10:00 of training" in str(screen.query_one(StatusLine).render()),
        )
        assert "parameters" in str(screen.query_one(StatusLine).render())


async def test_the_last_training_says_how_fast_this_computer_is() -> None:
    finished("done")
    async with opened() as program:
        screen = await go(program)
        assert screen.setup.pace == pace_of(History.read("done"))
        assert screen.setup.pace != 1.0


async def test_before_the_first_training_a_measurement_says_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("charterm.tui.screens.run_watch.expected_pace", lambda: 0.125)
    async with opened() as program:
        screen = await go(program)
        assert screen.setup.pace == 0.125


async def test_a_training_is_begun_as_the_form_says(
    text: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[RunFolder] = []

    def start(run: RunFolder, *, from_program: bool) -> int:
        assert from_program
        begun.append(run)
        tell(run, STARTED, step(1))
        return 1

    monkeypatch.setattr(runs, "start_run", start)
    async with opened((140, 40)) as program:
        screen = await go(program)
        screen.setup.add(text)
        await wait_until(program.pilot, lambda: screen.setup.survey.files)
        form = screen.setup.form
        form.row(NAME).put("mine")
        form.row(AMOUNT).put("3")
        form.row(UNIT).query_one(SettingSelect).value = "epochs"
        form.row(next(field for field in FIELDS if field.name == "case_variation")).put("0.2")
        await program.pilot.pause()
        await program.pilot.press("ctrl+r")
        await wait_until(program.pilot, lambda: begun)
        await wait_until(program.pilot, lambda: screen.status is not None)
        request = begun[0].request()
        assert request.paths == (str(text),)
        assert request.settings == TrainSettings(cell=schema.TRAIN_CELL.default, epochs=3.0)
        assert request.options.case_variation == 0.2
        assert screen.status is not None
        assert screen.status.name == "mine"
        assert "mine is being trained" in program.notices
        await program.pilot.press("n")
        name = form.row(NAME)
        await wait_until(program.pilot, lambda: name.value == "mine-2")
        name.put("mine")
        await program.pilot.press("ctrl+r")
        await wait_until(program.pilot, lambda: "unfinished training of 'mine'" in program.notices)
        assert len(begun) == 1


async def test_a_run_is_shown_with_its_figures_and_safe_samples() -> None:
    finished("done")
    async with opened((140, 40)) as program:
        screen = await go(program)
        await choose(program, screen, "done")
        await wait_until(program.pilot, lambda: "1.731 bits" in shown(screen, "#run-figures"))
        figures = shown(screen, "#run-figures")
        for expected in ("2,000 characters/s", "pass 0.5", "learning rate 0.001"):
            assert expected in figures
        assert "GRU 1×64" in shown(screen, "#run-title")
        assert "took 1:05" in shown(screen, "#run-left")
        assert screen.query_one(ProgressBar).progress == 1.0
        sample = shown(screen, "#run-text")
        assert "it wrote" in sample
        assert "\x1b" not in sample
        assert not screen.check_action("pause", ())
        assert len(screen.history.validation_curve().x) == 2


async def test_a_run_that_was_ended_at_once_promises_no_sample() -> None:
    save_word_model(name="short")
    make_run("short", STARTED, step(1), validation(1), Finished("stopped", "short", FACTS))
    async with opened((80, 24)) as program:
        screen = await go(program)
        await choose(program, screen, "short")
        await wait_until(program.pilot, lambda: "it was ended" in shown(screen, "#run-text"))


async def test_a_running_run_is_attached_to_and_its_events_come(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = make_run("going", STARTED, step(1))
    monkeypatch.setattr(RunFolder, "holder", lambda self: os.getpid())
    async with opened((80, 24)) as program:
        screen = await go(program)
        await wait_until(program.pilot, lambda: screen.runs.chosen == "going")
        await wait_until(program.pilot, lambda: "step 1" in shown(screen, "#run-figures"))
        assert "1:30 left" in shown(screen, "#run-left")
        assert screen.check_action("try_now", ()) is False
        tell(run, step(2), validation(2), Sample(2, "new text"), Checkpoint(2, "going"))
        await wait_until(program.pilot, lambda: "step 2" in shown(screen, "#run-figures"))
        await wait_until(program.pilot, lambda: "new text" in shown(screen, "#run-text"))
        assert screen.check_action("try_now", ())
        monkeypatch.setattr(RunFolder, "holder", lambda self: None)
        tell(run, Paused(2, 0.2))
        await wait_until(
            program.pilot, lambda: screen.status is not None and screen.status.state == "paused"
        )


async def test_pause_continue_and_stop_are_asked_of_the_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []
    make_run("waiting", STARTED, step(1), Checkpoint(1, "waiting"), Paused(1, 0.1))
    monkeypatch.setattr(runs, "continue_run", lambda name, **_: asked.append(f"continue {name}"))
    monkeypatch.setattr(runs, "stop_run", lambda name: asked.append(f"stop {name}"))

    def pause(name: str) -> watching.RunStatus:
        asked.append(f"pause {name}")
        return watching.run_status(name)

    monkeypatch.setattr(runs, "pause_run", pause)
    async with opened((80, 24)) as program:
        screen = await go(program)
        await choose(program, screen, "waiting")
        await program.pilot.press("space")
        await wait_until(program.pilot, lambda: asked == ["continue waiting"])
        await wait_until(program.pilot, lambda: not screen.busy)
        await program.pilot.press("x")
        await wait_until(program.pilot, lambda: asked[-1] == "stop waiting")
        await wait_until(program.pilot, lambda: not screen.busy)
        monkeypatch.setattr(RunFolder, "holder", lambda self: os.getpid())
        await wait_until(
            program.pilot, lambda: screen.status is not None and screen.status.state == "running"
        )
        await program.pilot.press("space")
        await wait_until(program.pilot, lambda: asked[-1] == "pause waiting")


async def test_what_goes_wrong_with_a_wish_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str, **_: object) -> None:
        raise ChartermError("the text has changed")

    make_run("waiting", STARTED, step(1), Paused(1, 0.1))
    monkeypatch.setattr(runs, "continue_run", refuse)
    async with opened() as program:
        screen = await go(program)
        await choose(program, screen, "waiting")
        await program.pilot.press("space")
        await wait_until(program.pilot, lambda: "the text has changed" in program.notices)
        assert not screen.busy


async def test_a_failed_run_says_why() -> None:
    make_run("broken", STARTED, Failed("the disk is full"))
    async with opened() as program:
        screen = await go(program)
        await choose(program, screen, "broken")
        assert "the disk is full" in shown(screen, "#run-problem")


async def test_discarding_asks_and_the_model_can_come_back() -> None:
    finished("done")
    async with opened() as program:
        screen = await go_to_saved(program, "done")
        await program.pilot.press("d")
        await wait_until(program.pilot, lambda: isinstance(program.app.screen, Dialog))
        await program.pilot.press("enter")  # keep it
        await wait_until(program.pilot, lambda: program.app.screen is screen)
        assert RunFolder.named("done").exists
        await program.pilot.press("d")
        await wait_until(program.pilot, lambda: isinstance(program.app.screen, Dialog))
        await program.pilot.press("down", "down", "enter")
        await wait_until(program.pilot, lambda: not RunFolder.named("done").exists)
        await wait_until(program.pilot, lambda: library.deleted_models())
        await wait_until(program.pilot, lambda: screen.status is None)


async def test_the_model_is_tried_in_write() -> None:
    finished("done")
    async with opened() as program:
        await go_to_saved(program, "done")
        await program.pilot.press("t")
        await wait_until(program.pilot, lambda: isinstance(program.app.screen, WriteScreen))
        assert program.screen.model == "done"


async def test_the_curve_is_seen_at_every_size() -> None:
    finished("done")
    async with opened((140, 40)) as program:
        screen = await go(program)
        await choose(program, screen, "done")
        await wait_until(program.pilot, lambda: curve_is_seen(screen))
        await program.pilot.resize_terminal(80, 24)
        plot = screen.query_one(RunPlot)
        canvas = plot.query_one("#plot", Canvas)
        await wait_until(program.pilot, lambda: canvas.size.width < 60)
        await wait_until(program.pilot, lambda: canvas._canvas_size == canvas.size)
        assert curve_is_seen(screen)


async def test_the_title_of_a_run_has_whole_facts_only() -> None:
    finished("a-name-that-leaves-little-room")
    async with opened((140, 40)) as program:
        screen = await go(program)
        await choose(program, screen, "a-name-that-leaves-little-room")
        await wait_until(program.pilot, lambda: "of text" in shown(screen, "#run-title"))
        await program.pilot.resize_terminal(80, 24)
        await wait_until(program.pilot, lambda: "of text" not in shown(screen, "#run-title"))
        title = screen.query_one("#run-title", Static)
        assert cell_len(shown(screen, "#run-title")) <= title.size.width


async def test_runs_are_compared_on_one_plot() -> None:
    finished("first")
    finished("second", "2026-01-02T00:00:00+00:00")
    async with opened((140, 40)) as program:
        screen = await go(program)
        plot = screen.query_one(RunPlot)
        await choose(program, screen, "first")
        await program.pilot.press("c")
        await choose(program, screen, "second")
        await wait_until(program.pilot, lambda: [name for name, _h in plot.shown][1:] == ["first"])
        assert plot.shown[0][0] == "second"
        await choose(program, screen, "first")
        await program.pilot.press("c")
        assert [name for name, _h in plot.shown] == ["first"]
        await program.pilot.press("s")
        assert screen.smoothing == SMOOTHINGS[1]


async def test_plot_and_log_are_written(tmp_path: Path) -> None:
    finished("done")
    async with opened() as program:
        program.app.change_setting(schema.FOLDER, tmp_path)
        screen = await go(program)
        await choose(program, screen, "done")
        await wait_until(program.pilot, lambda: screen.history.steps)
        for key, name in (("e", "done.svg"), ("l", "done.csv")):
            await program.pilot.press(key)
            await wait_until(program.pilot, lambda: screen.query_one(Question).asked)
            await program.pilot.press("enter")
            await wait_until(program.pilot, lambda: not screen.query_one(Question).asked)
            assert (tmp_path / name).stat().st_size > 100
            assert screen.runs.has_focus


async def test_quitting_asks_whether_the_run_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    paused: list[str] = []
    make_run("going", STARTED, step(1)).keep_process_of_program(os.getpid())
    monkeypatch.setattr(RunFolder, "holder", lambda self: os.getpid())
    monkeypatch.setattr(runs, "pause_run", lambda name: paused.append(name))
    left: list[list[str]] = []
    async with opened() as program:  # without a look at the Train screen
        monkeypatch.setattr(program.app, "exit", lambda *_: left.append(program.app.remarks))
        await program.pilot.press("ctrl+q")
        await wait_until(program.pilot, lambda: isinstance(program.app.screen, Dialog))
        await program.pilot.press("escape")
        await wait_until(program.pilot, lambda: program.app.screen is program.screen)
        assert not left
        await program.pilot.press("ctrl+q")
        await wait_until(program.pilot, lambda: isinstance(program.app.screen, Dialog))
        await program.pilot.press("enter")  # it goes on
        await wait_until(program.pilot, lambda: left)
        assert not paused
        assert "going is still being trained, 10 % done: charterm runs attach" in left[0][0]
        await program.pilot.press("ctrl+q")
        await wait_until(program.pilot, lambda: isinstance(program.app.screen, Dialog))
        await program.pilot.press("down", "enter")
        await wait_until(program.pilot, lambda: paused == ["going"])
        await wait_until(program.pilot, lambda: len(left) == 2)
        assert left[1] == ["going is paused: charterm runs continue going"]


async def test_a_run_of_the_command_line_goes_on_unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    make_run("elsewhere", STARTED, step(1))
    monkeypatch.setattr(RunFolder, "holder", lambda self: os.getpid())
    left: list[list[str]] = []
    async with opened() as program:
        monkeypatch.setattr(program.app, "exit", lambda *_: left.append(program.app.remarks))
        await program.pilot.press("ctrl+q")
        await wait_until(program.pilot, lambda: left)
        assert left[0][0].startswith("elsewhere is still being trained")


async def test_files_are_looked_for_in_a_dialog(text: Path) -> None:
    async with opened() as program:
        program.app.change_setting(schema.FOLDER, text.parent)
        screen = await go(program)
        await program.pilot.press("ctrl+l")
        await wait_until(program.pilot, lambda: program.app.screen is not screen)
        await wait_until(program.pilot, lambda: program.app.screen.query("#select"))
        await program.pilot.click("#select")
        await wait_until(program.pilot, lambda: screen.setup.paths == (text.parent,))
        await program.pilot.press("ctrl+o")
        await wait_until(program.pilot, lambda: program.app.screen is not screen)
        await program.pilot.press("escape")
        await wait_until(program.pilot, lambda: program.app.screen is screen)


def test_times_are_written_as_on_a_clock() -> None:
    assert [clock(s) for s in (0, 59.6, 3600 + 61)] == ["0:00", "1:00", "1:01:01"]


async def test_a_starter_that_knows_the_language_is_chosen_unless_the_user_chooses(
    tmp_path: Path,
) -> None:
    english, code, more = (tmp_path / name for name in ("rain.txt", "code.txt", "more.txt"))
    english.write_text("The rain had stopped, and she opened the window to let the air in.\n" * 20)
    code.write_text("for (i = 0; i < n; i++) x[i] = y[n - i];\n" * 30)
    more.write_text("He had never been so glad to see the lights of the town again.\n" * 20)
    async with opened() as program:
        library.delete_model("english")  # the tests' own, which hides the starter
        screen = await go(program)
        setup = screen.setup

        async def read(path: Path, files: int) -> None:
            setup.add(path)
            await wait_until(program.pilot, lambda: setup.survey.files == files)

        await read(code, 1)
        assert setup.form.row(BASE).value == NEW
        await read(english, 2)
        setup.list.highlighted = 0
        setup.remove_highlighted()
        await wait_until(program.pilot, lambda: setup.survey.files == 1)
        await wait_until(program.pilot, lambda: setup.form.row(BASE).value == "english")
        assert setup.wanted().base == "english"
        assert setup.wanted().name == "rain"  # named after the text, not the starter
        assert screen.setup.form.row(CELL).disabled
        setup.form.row(BASE).choose(NEW)
        await wait_until(program.pilot, lambda: not screen.setup.form.row(CELL).disabled)
        await read(more, 2)
        assert setup.wanted().base == ""
