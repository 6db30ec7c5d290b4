"""The models screen: list, sort, filter, details, and everything that is done with a model."""

import json
import math
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import Static

from charterm import actions, i18n, paths
from charterm.model import library
from charterm.settings import Settings, schema
from charterm.training.run_folder import RunFolder
from charterm.tui.screens.models import ModelsScreen
from charterm.tui.screens.train import TrainScreen
from charterm.tui.screens.write import WriteScreen
from charterm.tui.train_fields import CELL, FIELDS, SHAPE
from charterm.tui.widgets.line import complete_path
from charterm.tui.widgets.loss_plot import LossPlot
from charterm.tui.widgets.model_details import ModelDetails, folded
from charterm.tui.widgets.question import Question
from charterm.tui.widgets.status import StatusLine
from charterm.tui.widgets.work import Work
from tests.model.random_model import save_random_model
from tests.tui.curves import curve_is_seen
from tests.tui.program import Opened, opened
from tests.tui.waiting import type_text, wait_until

LOG = "".join(
    json.dumps(
        {
            "kind": "validation",
            "characters": 1_000_000 * step,
            "train_nats": 2 / step + 0.1,
            "validation_nats": 2 / step,
        }
    )
    + "\n"
    for step in range(1, 8)
)


@pytest.fixture(autouse=True)
def english_again() -> Iterator[None]:
    yield
    i18n.use(i18n.SOURCE)


@pytest.fixture(autouse=True)
def own_assets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Starter models of the test's own; none at first."""
    assets = tmp_path / "assets"
    monkeypatch.setattr(paths, "assets_dir", lambda: assets)
    return assets


async def go(program: Opened) -> ModelsScreen:
    """Open the models screen and wait until it has read the library."""
    await program.app.switch_mode("models")
    screen = program.app.screen
    assert isinstance(screen, ModelsScreen)
    await wait_until(program.pilot, lambda: screen.summaries is not None)
    await program.pilot.pause()
    return screen


def shown(screen: ModelsScreen) -> list[str]:
    return [summary.name for summary in screen.table._summaries]


def text_of(screen: ModelsScreen, selector: str) -> str:
    return str(screen.query_one(selector, Static).render())


async def highlight(program: Opened, screen: ModelsScreen, name: str) -> None:
    screen.table.move_cursor(row=shown(screen).index(name))
    await wait_until(program.pilot, lambda: name in text_of(screen, "#facts-text"))


@pytest.mark.parametrize("size", [(80, 24), (140, 40), (50, 16)])
async def test_models_are_listed_with_their_facts(size: tuple[int, int], own_assets: Path) -> None:
    save_random_model(own_assets / "models" / "starter-kit")
    save_random_model(library.new_model_folder("가나"), cell="lstm", layers=2)
    async with opened(size) as program:
        screen = await go(program)
        assert shown(screen) == ["english", "starter-kit", "가나"]
        assert screen.table.has_focus
        await highlight(program, screen, "가나")
        facts = text_of(screen, "#facts-text")
        assert "LSTM, 2 layers, 16 units" in facts.replace("\n", " ") or size[0] < 80
        assert screen.query_one("#details").display is (size[1] >= 20)
        if size[0] >= 80:
            assert "english is the default" in str(screen.query_one(StatusLine).render())


async def test_sort_by_key_and_by_a_click_on_a_title() -> None:
    save_random_model(library.new_model_folder("big"), hidden=64)
    save_random_model(library.new_model_folder("small"), hidden=8)
    async with opened(make_model=False) as program:
        screen = await go(program)
        await program.pilot.press("s", "s")
        await wait_until(program.pilot, lambda: shown(screen) == ["small", "big"])
        assert screen.column == "size"
        await program.pilot.press("S")
        await wait_until(program.pilot, lambda: shown(screen) == ["big", "small"])
        await program.pilot.click(screen.table, offset=(2, 0))
        await wait_until(program.pilot, lambda: screen.column == "name")
        await program.pilot.click(screen.table, offset=(2, 0))
        await wait_until(program.pilot, lambda: shown(screen) == ["small", "big"])


async def test_the_filter_keeps_what_matches_and_escape_shows_all() -> None:
    save_random_model(library.new_model_folder("poems"), cell="lstm")
    async with opened() as program:
        screen = await go(program)
        await program.pilot.press("slash")
        await type_text(program.pilot, "lstm po")
        await wait_until(program.pilot, lambda: shown(screen) == ["poems"])
        await type_text(program.pilot, "x")
        await wait_until(program.pilot, lambda: shown(screen) == [])
        assert "No model has “lstm pox”" in text_of(screen, "#empty")
        await program.pilot.press("escape")
        await wait_until(program.pilot, lambda: len(shown(screen)) == 2)
        assert screen.table.has_focus


async def test_an_empty_library_says_what_to_do() -> None:
    async with opened(make_model=False) as program:
        screen = await go(program)
        assert "No models yet" in text_of(screen, "#empty")
        assert screen.query_one("#empty").display
        assert screen.table.has_focus
        for action in ("use", "rename", "delete", "evaluate", "export", "duplicate", "restore"):
            assert screen.check_action(action, ()) is False
            await screen.run_action(action)
        assert not screen.query_one(Question).asked


async def test_the_curve_of_the_training_is_drawn(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        save_random_model(library.new_model_folder(name))
    (library.new_model_folder("a") / "log.jsonl").write_text(LOG)
    (library.new_model_folder("c") / "log.jsonl").write_text("{")
    async with opened((140, 40), make_model=False) as program:
        screen = await go(program)
        plot = screen.query_one(LossPlot)
        await wait_until(program.pilot, lambda: plot.display and plot._datasets)
        await wait_until(program.pilot, lambda: curve_is_seen(screen))
        (first, last) = (plot._datasets[1].y[0], plot._datasets[1].y[-1])
        assert first == pytest.approx(2 / math.log(2))
        assert last == pytest.approx(2 / 7 / math.log(2))
        await program.pilot.press("down")
        await wait_until(program.pilot, lambda: not plot.display)
        assert "No measurements" in text_of(screen, "#curve-note")
        await program.pilot.press("down")
        await wait_until(program.pilot, lambda: "damaged" in text_of(screen, "#curve-note"))


async def test_a_damaged_model_is_told_and_can_be_deleted() -> None:
    folder = library.new_model_folder("broken")
    save_random_model(folder)
    (folder / "model.json").write_text("{")
    async with opened(make_model=False) as program:
        screen = await go(program)
        await wait_until(program.pilot, lambda: "damaged" in text_of(screen, "#facts-text"))
        assert screen.check_action("use", ()) is False
        await program.pilot.press("delete")
        await wait_until(program.pilot, lambda: shown(screen) == [])


async def test_rename_moves_the_default_and_the_text_with_it() -> None:
    async with opened() as program:
        write = program.screen
        screen = await go(program)
        await program.pilot.press("r")
        await program.answer("../x")
        await wait_until(program.pilot, lambda: "cannot name" in text_of(screen, "#question-note"))
        await program.answer("mine")
        await wait_until(program.pilot, lambda: shown(screen) == ["mine"])
        assert screen.table.has_focus
        assert Settings.load().get(schema.MODEL) == "mine"
        await wait_until(
            program.pilot,
            lambda: (
                "mine GRU" in str(write.query_one(StatusLine).facts)
                or write._model_fact.value == "mine"
            ),
        )


async def test_a_starter_model_is_copied_but_not_changed(own_assets: Path) -> None:
    save_random_model(own_assets / "models" / "kit")
    async with opened(make_model=False) as program:
        screen = await go(program)
        for key in ("r", "delete"):
            await program.pilot.press(key)
            await wait_until(
                program.pilot, lambda: "kit came with charterm and stays" in program.notices
            )
            program.app.clear_notifications()
            await wait_until(program.pilot, lambda: not program.notices)
        assert not screen.query_one(Question).asked
        assert shown(screen) == ["kit"]
        await program.pilot.press("d")
        await wait_until(program.pilot, lambda: screen.query_one(Question).asked)
        await program.pilot.press("enter")
        await wait_until(program.pilot, lambda: shown(screen) == ["kit", "kit-copy"])
        await wait_until(program.pilot, lambda: screen.table.highlighted_model == "kit-copy")


async def test_delete_and_undo() -> None:
    save_random_model(library.new_model_folder("tiny"))
    async with opened() as program:
        screen = await go(program)
        await highlight(program, screen, "tiny")
        await program.pilot.press("delete")
        await wait_until(program.pilot, lambda: shown(screen) == ["english"])
        assert "u brings it back" in program.notices
        assert not library.new_model_folder("tiny").exists()
        await program.pilot.press("u")
        await wait_until(program.pilot, lambda: shown(screen) == ["english", "tiny"])
        await wait_until(program.pilot, lambda: screen.table.highlighted_model == "tiny")
        assert library.deleted_models() == []


async def test_a_model_that_is_being_trained_stays() -> None:
    save_random_model(library.new_model_folder("tiny"))
    run = RunFolder.named("tiny")
    async with opened() as program:
        screen = await go(program)
        await highlight(program, screen, "tiny")
        with run.locked():
            await program.pilot.press("delete")
            await wait_until(program.pilot, lambda: "tiny is being trained" in program.notices)
            await program.pilot.press("r")
            await program.answer("other")
            await wait_until(
                program.pilot,
                lambda: "tiny is being trained" in text_of(screen, "#question-note"),
            )
        assert library.find_model("tiny")


@pytest.mark.parametrize("opened_before", [False, True])
async def test_a_model_is_trained_further_with_its_own_shape(
    opened_before: bool, tmp_path: Path
) -> None:
    save_random_model(library.new_model_folder("tiny"), cell="lstm", hidden=24)
    (tmp_path / "diary.txt").write_text("Dear diary, " * 40)
    async with opened((80, 24)) as program:
        if opened_before:
            await program.pilot.press("alt+t")
            await wait_until(program.pilot, lambda: isinstance(program.app.screen, TrainScreen))
        screen = await go(program)
        await highlight(program, screen, "tiny")
        await program.pilot.press("t")
        await wait_until(program.pilot, lambda: isinstance(program.app.screen, TrainScreen))
        train = program.app.screen
        assert isinstance(train, TrainScreen)
        await wait_until(
            program.pilot, lambda: train.listed and train.query_one("#text-path").has_focus
        )
        train.setup.add(tmp_path / "diary.txt")
        await wait_until(program.pilot, lambda: train.setup.survey.files)
        asked = train.setup.check()
        assert (asked.base, asked.name) == ("tiny", "tiny-diary")
        form = train.setup.form
        await wait_until(program.pilot, lambda: form.row(CELL).value == "lstm")
        assert all(form.row(field).disabled == (field.name in SHAPE) for field in FIELDS)
        assert train.setup.estimate is not None
        assert (
            train.setup.estimate.parameters == library.find_model("tiny").info().config.parameters
        )


async def test_export_and_import_as_one_file(tmp_path: Path) -> None:
    save_random_model(library.new_model_folder("tiny"))
    (tmp_path / "taken.zip").write_text("mine")
    async with opened(make_model=False) as program:
        screen = await go(program)
        await program.pilot.press("e")
        await program.answer(str(tmp_path / "taken.zip"))
        await wait_until(
            program.pilot, lambda: "exists already" in text_of(screen, "#question-note")
        )
        await program.answer(str(tmp_path / "tiny.zip"))
        await wait_until(program.pilot, lambda: (tmp_path / "tiny.zip").exists())
        await wait_until(program.pilot, lambda: not screen.query_one(Work).going)
        await program.pilot.press("delete")
        await wait_until(program.pilot, lambda: shown(screen) == [])
        await program.pilot.press("i")
        await program.answer(str(tmp_path))
        await wait_until(program.pilot, lambda: "is a folder" in text_of(screen, "#question-note"))
        await program.answer(str(tmp_path / "taken.zip"))
        await wait_until(program.pilot, lambda: "no archive of a model" in program.notices)
        await program.pilot.press("i")
        await program.answer(str(tmp_path / "tiny.zip"))
        await wait_until(program.pilot, lambda: shown(screen) == ["tiny"])


async def test_the_default_model_is_chosen_with_a_star() -> None:
    save_random_model(library.new_model_folder("tiny"))
    async with opened() as program:
        screen = await go(program)
        await highlight(program, screen, "tiny")
        await program.pilot.press("asterisk")
        await wait_until(program.pilot, lambda: Settings.load().get(schema.MODEL) == "tiny")
        assert str(screen.table.get_row_at(screen.table.cursor_row)[0]) == "tiny ★"


async def test_enter_and_two_clicks_use_the_model() -> None:
    save_random_model(library.new_model_folder("tiny"))
    async with opened() as program:
        write = program.screen
        screen = await go(program)
        await highlight(program, screen, "tiny")
        await program.pilot.press("enter")
        await wait_until(program.pilot, lambda: isinstance(program.app.screen, WriteScreen))
        assert write.model == "tiny"
        await go(program)
        await program.pilot.click(screen.table, offset=(2, 1), times=2)
        await wait_until(program.pilot, lambda: isinstance(program.app.screen, WriteScreen))
        assert write.model == "english"


async def test_evaluate_gives_the_figures_of_the_command(tmp_path: Path) -> None:
    text = tmp_path / "text.txt"
    text.write_text("bright cloud bright\n" * 20, encoding="utf-8")
    async with opened((140, 40)) as program:
        screen = await go(program)
        await program.pilot.press("v")
        await program.answer(str(text))
        await wait_until(program.pilot, lambda: "english" in screen.measured)
        file, figures = screen.measured["english"]
        assert (file, figures.characters) == ("text.txt", 400)
        await wait_until(
            program.pilot,
            lambda: f"{figures.bits_per_character:.4f}" in text_of(screen, "#facts-text"),
        )
        assert not screen.query_one(Work).has_class("-going")


async def test_long_work_shows_its_progress_and_can_be_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from charterm.tui import model_jobs

    text = tmp_path / "text.txt"
    text.write_text("bright", encoding="utf-8")
    begun, go_on = threading.Event(), threading.Event()

    def endless(*_: object, on_progress: object) -> None:
        begun.set()
        while not go_on.wait(0.01):
            on_progress(0.5)  # type: ignore[operator]

    monkeypatch.setattr(model_jobs, "score", endless)
    async with opened() as program:
        screen = await go(program)
        for stop in ("escape", "click"):
            await program.pilot.press("v")
            await program.answer(str(text))
            await wait_until(program.pilot, begun.is_set)
            begun.clear()
            work = screen.query_one(Work)
            await wait_until(program.pilot, lambda: work.has_class("-going"))  # noqa: B023
            await program.pilot.press("v")
            await program.answer(str(text))
            await wait_until(
                program.pilot, lambda: "still being done" in text_of(screen, "#question-note")
            )
            await program.pilot.press("escape")  # the question first
            await wait_until(program.pilot, lambda: not screen.query_one(Question).asked)
            if stop == "escape":
                await program.pilot.press("escape")
            else:
                await program.pilot.click("#work-stop")
            await wait_until(program.pilot, lambda: not work.has_class("-going"))  # noqa: B023
        assert "Stopped." in program.notices
        assert screen.measured == {}
        await program.pilot.press("v")  # the end of the program stops it too
        await program.answer(str(text))
        await wait_until(program.pilot, begun.is_set)
    assert not go_on.is_set()


async def test_every_action_is_in_the_palette() -> None:
    async with opened() as program:
        screen = await go(program)
        commands = program.app.get_system_commands(screen)
        offered = {command.help.partition(" · ")[0] for command in commands}
        wanted = [each for each in actions.ACTIONS if each.screen == "models"]
        assert len(wanted) >= 12
        assert all(each.help in offered for each in wanted)


async def test_in_korean_at_once() -> None:
    async with opened() as program:
        screen = await go(program)
        program.app.change_setting(schema.LANGUAGE, "ko")
        await program.pilot.pause()
        assert "신경망" in text_of(screen, "#facts-text")
        assert "이름" in str(screen.table.ordered_columns[0].label)


def test_paths_are_completed(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "mine.zip").touch()
    assert complete_path(f"{tmp_path}/mo") == f"{tmp_path}/models/"
    assert complete_path(f"{tmp_path}/m") == f"{tmp_path}/mine.zip"
    assert complete_path(f"{tmp_path}/x") is None
    assert complete_path(f"{tmp_path}/") is None
    assert complete_path("/nowhere/at/all") is None


async def test_facts_keep_their_columns_beside_a_scrollbar() -> None:
    save_random_model(library.new_model_folder("a"))
    async with opened(make_model=False) as program:
        screen = await go(program)
        summary = screen.highlighted
        assert summary is not None
        details = screen.query_one(ModelDetails)
        details.show(replace(summary, sources=("x" * 400,)), default=False, score=None)
        text = screen.query_one("#facts-text", Static)
        await wait_until(program.pilot, lambda: "xxx" in text_of(screen, "#facts-text"))
        await wait_until(program.pilot, lambda: text.size.height > 12)
        await program.pilot.pause()
        assert text.size.height == text_of(screen, "#facts-text").count("\n") + 1


def test_facts_are_folded_by_cells() -> None:
    assert folded("one two three", 7) == ["one two", "three"]
    assert folded("가나다라", 4) == ["가나", "다라"]
    assert folded("", 4) == [""]


def test_the_screen_never_imports_torch() -> None:
    code = "import sys, charterm.tui.screens.models, charterm.tui.screens.settings\n"
    code += "assert 'torch' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
