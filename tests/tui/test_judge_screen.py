"""The Judge screen: a text judged as it is typed, files of many texts, training, choosing."""

import csv
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.cells import cell_len
from textual.widgets import Select, Static

from charterm import actions, i18n
from charterm.classify import library
from charterm.classify.classifier import Classifier
from charterm.classify.folder import load_classifier, save_classifier
from charterm.classify.judge import JudgeSession
from charterm.settings import schema
from charterm.tui.heat import class_of, codes_of
from charterm.tui.screens.help import HelpScreen
from charterm.tui.screens.judge import JudgeScreen
from charterm.tui.widgets.dialog import Answers, Dialog
from charterm.tui.widgets.heat_view import HeatView
from charterm.tui.widgets.judge_panel import ClassBars, MethodLines, TellingWords
from charterm.tui.widgets.line import Line
from charterm.tui.widgets.question import Question
from charterm.tui.widgets.setting_row import SettingSelect
from charterm.tui.widgets.status import StatusLine
from charterm.tui.widgets.work import Work
from tests.classify.samples import trained, weather
from tests.tui.program import Opened, opened
from tests.tui.waiting import type_text, wait_until

FAIR, FOUL = "the warm sun of the day", "cold rain and the night"


@pytest.fixture(autouse=True)
def english_again() -> Iterator[None]:
    yield
    i18n.use(i18n.SOURCE)


def quick() -> Classifier:
    return trained(methods="nbsvm,ngrams")


def save(name: str = "weather", classifier: Classifier | None = None) -> None:
    save_classifier(library.new_classifier_folder(name), classifier or quick())


async def go(program: Opened, *, loaded: bool = True) -> JudgeScreen:
    """Open the Judge screen and wait until its classifier is loaded."""
    await program.app.switch_mode("judge")
    screen = program.app.screen
    assert isinstance(screen, JudgeScreen)
    await wait_until(program.pilot, lambda: screen.query("#without"))
    if loaded:
        await wait_until(program.pilot, lambda: screen.class_names)
    return screen


async def judged(program: Opened, screen: JudgeScreen, text: str) -> None:
    """Wait until this is the text and the bars belong to it."""
    await wait_until(
        program.pilot,
        lambda: (
            screen.area.text == text
            and screen.judged is not None
            and screen.judged.text == text.strip()
        ),
    )


def chances(screen: JudgeScreen) -> dict[str, float]:
    return {share.name: share.share for share in screen.query_one(ClassBars).shares}


def table(path: Path, each: int = 12) -> Path:
    data = weather(each=each)
    lines = [f"{data.classes[y]}\t{t}" for t, y in zip(data.texts, data.labels, strict=True)]
    path.write_text("label\ttext\n" + "\n".join(lines) + "\n", "utf-8")
    return path


async def listed(program: Opened, screen: JudgeScreen, path: Path, count: int) -> None:
    """Judge a file and wait for its table."""
    await program.pilot.press("ctrl+l")
    await program.answer(str(path))
    await wait_until(
        program.pilot,
        lambda: not screen.query_one(Work).going and screen.table.row_count == count,
        60,
    )


# One text -------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(80, 24), (140, 40), (50, 16)])
async def test_the_bars_move_with_every_key(size: tuple[int, int]) -> None:
    save()
    async with opened(size, make_model=False) as program:
        screen = await go(program)
        assert screen.area.has_focus
        await judged(program, screen, "")
        prior = chances(screen)
        await type_text(program.pilot, FAIR)
        await judged(program, screen, FAIR)
        assert screen.query_one(ClassBars).region.height == 3
        now = chances(screen)
        assert max(now, key=now.__getitem__) == "fair"
        assert now["fair"] > prior["fair"]
        alone = quick().probabilities([FAIR])[0]
        assert list(now.values()) == pytest.approx(alone.tolist(), abs=1e-5)
        await program.pilot.press(*["backspace"] * len(FAIR))
        await wait_until(program.pilot, lambda: chances(screen) == prior)


async def test_edits_in_the_middle_are_judged_like_a_fresh_text() -> None:
    save(classifier=trained())
    async with opened(make_model=False) as program:
        screen = await go(program)
        await type_text(program.pilot, "cold of the day")
        await judged(program, screen, "cold of the day")
        await program.pilot.press("home", *["delete"] * 4)
        await type_text(program.pilot, "warm")
        await wait_until(program.pilot, lambda: screen.area.text == "warm of the day")
        await judged(program, screen, "warm of the day")
        saved = load_classifier(library.find_classifier("weather").folder)  # in half precision
        fresh = JudgeSession(saved, "warm of the day").judgement
        assert list(chances(screen).values()) == pytest.approx(
            fresh.probabilities.tolist(), abs=1e-4
        )
        assert screen.area.codes == codes_of(fresh.heat)
        assert [method for method, _ in screen.query_one(MethodLines).shares] == list(
            fresh.by_method
        )


async def test_characters_have_the_colours_of_what_they_speak_for() -> None:
    save()
    async with opened(make_model=False) as program:
        screen = await go(program)
        await type_text(program.pilot, " the sun")
        await judged(program, screen, " the sun")
        area = screen.area
        fair = screen.class_names.index("fair")
        spoken = [class_of(code) if code else None for code in area.codes]
        assert fair in spoken[5:]
        assert spoken[0] is None
        styles = [style for _, _, style in area.get_line(0).spans]
        assert styles
        await program.pilot.press("home", "x", "y")  # the colours stay with their characters
        await wait_until(program.pilot, lambda: area.text == " xythe sun")
        moved = [class_of(code) if code else None for code in area.codes]
        assert fair in moved[7:]
        words = screen.query_one(TellingWords).words
        assert words[0].text == "sun"
        assert words[0].speaks_for == fair


async def test_a_stale_judgement_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    save()
    go_on, asked = threading.Event(), threading.Event()
    original = JudgeSession.judgement.fget  # type: ignore[attr-defined]

    def slow(self: JudgeSession) -> object:
        found = original(self)
        if self.text.endswith("sun"):
            asked.set()
            go_on.wait(30)
        return found

    monkeypatch.setattr(JudgeSession, "judgement", property(slow))
    async with opened(make_model=False) as program:
        screen = await go(program)
        await type_text(program.pilot, "sun")
        await wait_until(program.pilot, asked.is_set)
        await type_text(program.pilot, " rain")
        go_on.set()
        await judged(program, screen, "sun rain")
        assert screen.judged is not None
        assert screen.judged.text == "sun rain"


async def test_signs_say_the_same_without_colours() -> None:
    save()
    async with opened(make_model=False) as program:
        screen = await go(program)
        assert not screen.query_one(HeatView).display
        await program.pilot.press("f4")
        await type_text(program.pilot, "the sun 한 rain")
        await judged(program, screen, "the sun 한 rain")
        view = screen.query_one(HeatView)
        assert view.display
        await wait_until(program.pilot, lambda: view.sign_lines())
        text, signs = view.sign_lines()[0]
        assert text == "the sun 한 rain"
        fair, foul = (screen._signs[screen.class_names.index(name)] for name in ("fair", "foul"))
        assert (fair, foul) == ("f", "o")
        assert signs[4:7] == fair * 3
        assert signs.rstrip()[-4:] == foul * 4
        assert len(signs) == len(text) + 1  # 한 takes two cells
        assert signs in "".join(s.text for s in view.render_line(1)) + " " * 9
        await program.pilot.press("f4")
        assert not view.display


async def test_signs_are_there_from_the_start_where_colours_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    save()
    async with opened(make_model=False) as program:
        screen = await go(program)
        assert screen.query_one(HeatView).display


async def test_the_word_at_the_cursor_is_told() -> None:
    save()
    async with opened((140, 40), make_model=False) as program:
        screen = await go(program)
        await type_text(program.pilot, FAIR)
        await judged(program, screen, FAIR)
        await wait_until(
            program.pilot, lambda: "day says +" in str(screen.query_one(StatusLine).render())
        )
        await program.pilot.press("home", "right", "right", "right", "right", "right", "right")
        await wait_until(
            program.pilot, lambda: "warm says +" in str(screen.query_one(StatusLine).render())
        )


async def test_a_file_is_opened_as_one_text(tmp_path: Path) -> None:
    save()
    file = tmp_path / "long.txt"
    file.write_text("the sun\n" * 4000, "utf-8")
    async with opened(make_model=False) as program:
        screen = await go(program)
        await type_text(program.pilot, "before")
        await wait_until(program.pilot, lambda: screen.area.text == "before")
        await program.pilot.press("ctrl+o")
        await program.answer(str(tmp_path / "nowhere"))
        await wait_until(
            program.pilot,
            lambda: "no file" in str(screen.query_one("#question-note", Static).render()),
        )
        await program.answer(str(file))
        await wait_until(program.pilot, lambda: screen.area.text.startswith("the sun"))
        assert len(screen.area.text) == 20_000
        await wait_until(program.pilot, lambda: "first 20,000 characters" in program.notices)
        await program.pilot.press("ctrl+z")
        await wait_until(program.pilot, lambda: screen.area.text == "before")


# Classifiers ----------------------------------------------------------------------------------


async def test_without_a_classifier_it_says_how_to_get_one() -> None:
    async with opened(make_model=False) as program:
        screen = await go(program, loaded=False)
        await wait_until(program.pilot, lambda: screen.has_class("-without"))
        said = str(screen.query_one("#without", Static).render())
        assert "No classifier yet" in said
        assert "^t trains one" in said
        assert str(screen.query_one("#classifier #label", Static).render()) == "none yet"
        await type_text(program.pilot, "typing goes on")
        await wait_until(program.pilot, lambda: screen.area.text == "typing goes on")
        for action in ("judge_file", "delete", "view", "next_classifier", "export", "sort"):
            assert screen.check_action(action, ()) is False
        assert screen.check_action("train", ()) is True


async def test_a_broken_classifier_is_one_line_and_another_can_be_chosen() -> None:
    save("broken")
    save("whole")
    (library.new_classifier_folder("broken") / "weights.safetensors").write_bytes(b"x")
    async with opened(make_model=False) as program:
        screen = await go(program, loaded=False)
        await wait_until(program.pilot, lambda: screen.has_class("-without"))
        said = str(screen.query_one("#without", Static).render())
        assert "is damaged" in said
        assert "Traceback" not in said
        await type_text(program.pilot, FAIR)
        await program.pilot.press("ctrl+n")
        await judged(program, screen, FAIR)
        assert screen.classifier == "whole"
        assert not screen.has_class("-without")


async def test_the_classifier_is_chosen_in_the_list_too() -> None:
    save("a")
    save("b", trained(classes=2, methods="nbsvm"))
    async with opened(make_model=False) as program:
        screen = await go(program)
        await type_text(program.pilot, FAIR)
        await judged(program, screen, FAIR)
        assert list(chances(screen)) == ["fair", "foul", "sea"]
        screen.query_one("#classifier", SettingSelect).value = "b"
        await wait_until(program.pilot, lambda: list(chances(screen)) == ["fair", "foul"])
        lines = screen.query_one(MethodLines)
        await wait_until(program.pilot, lambda: lines.size.height == len(lines.shares) == 1)
        commands = {command.title: command for command in screen.commands()}
        commands["Judge: classifier a"].callback()
        await wait_until(program.pilot, lambda: lines.size.height == len(lines.shares) == 2)
        await wait_until(program.pilot, lambda: len(chances(screen)) == 3)
        assert screen.query_one("#classifier", Select).value == "a"


async def test_deleting_asks_first() -> None:
    save("a")
    save("b")
    async with opened(make_model=False) as program:
        screen = await go(program)
        for keys, left in ((("enter",), ["a", "b"]), (("down", "enter"), ["b"])):
            await program.pilot.press("f8")
            await wait_until(program.pilot, lambda: isinstance(program.app.screen, Dialog))
            await wait_until(program.pilot, lambda: program.app.screen.query_one(Answers).has_focus)
            await program.pilot.press(*keys)
            await wait_until(program.pilot, lambda: program.app.screen is screen)
            assert [entry.name for entry in library.list_classifiers()] == left
        await wait_until(program.pilot, lambda: screen.classifier == "b" and screen.class_names)


async def test_a_classifier_is_trained_from_a_table(tmp_path: Path) -> None:
    path = table(tmp_path / "the weather.tsv")
    async with opened(make_model=False) as program:
        screen = await go(program, loaded=False)
        await type_text(program.pilot, FAIR)
        await program.pilot.press("alt+q")
        await program.answer(str(path))
        line = screen.query_one("#question-line", Line)
        await wait_until(program.pilot, lambda: line.value == "the-weather" and line.has_focus)
        await program.pilot.press("enter")
        await wait_until(program.pilot, lambda: screen.query_one(Work).going)
        assert screen.asks_before_leaving(lambda: None)
        await wait_until(program.pilot, lambda: isinstance(program.app.screen, Dialog))
        await program.pilot.press("escape")
        await type_text(program.pilot, "!")  # typing goes on meanwhile
        await wait_until(program.pilot, lambda: screen.area.text == FAIR + "!")
        await wait_until(program.pilot, lambda: screen.classifier == "the-weather", 400)
        await judged(program, screen, FAIR + "!")
        assert max(chances(screen), key=chances(screen).__getitem__) == "fair"
        assert "right on" in program.notices
        facts = json.loads(
            (library.new_classifier_folder("the-weather") / "classifier.json").read_text()
        )
        assert set(facts["machines"]) == {"nbsvm", "ngrams"}
        assert not screen.asks_before_leaving(lambda: None)


async def test_what_a_table_is_made_of_is_told_in_full() -> None:
    async with opened((80, 24)) as program:
        screen = await go(program, loaded=False)
        await screen.run_action("train")
        for part in ("label", "note"):
            shown = screen.query_one(f"#question-{part}", Static)
            await wait_until(program.pilot, lambda shown=shown: shown.size.width)
            assert 0 < cell_len(str(shown.render())) <= shown.size.width


async def test_training_can_be_stopped_and_leaves_nothing(tmp_path: Path) -> None:
    path = table(tmp_path / "weather.tsv", each=2000)
    async with opened(make_model=False) as program:
        screen = await go(program, loaded=False)
        await program.pilot.press("alt+q")
        await program.answer(str(path))
        await program.answer("weather")
        work = screen.query_one(Work)
        await wait_until(program.pilot, lambda: work.going)
        await wait_until(program.pilot, lambda: not screen.query_one(Question).asked)
        await program.pilot.press("escape")
        await wait_until(program.pilot, lambda: not work.going)
        await wait_until(program.pilot, lambda: "Stopped." in program.notices)
        assert library.list_classifiers() == []


async def test_a_bad_table_is_one_line_with_its_number(tmp_path: Path) -> None:
    bad = tmp_path / "bad.tsv"
    bad.write_text("a\tx\nno tab\n", "utf-8")
    async with opened(make_model=False) as program:
        screen = await go(program, loaded=False)
        await program.pilot.press("ctrl+t")
        await program.answer(str(bad))
        await program.answer("../x")
        note = screen.query_one("#question-note", Static)
        await wait_until(program.pilot, lambda: "cannot name" in str(note.render()))
        await program.answer("x")
        await wait_until(program.pilot, lambda: "line 2" in program.notices, 60)
        assert library.list_classifiers() == []


# A file of many texts -------------------------------------------------------------------------


async def test_a_file_is_judged_ordered_filtered_read_and_exported(tmp_path: Path) -> None:
    save()
    path = tmp_path / "texts.txt"
    path.write_text("\n".join((FOUL, FAIR, "fish and tide", "the warm 한 day")) + "\n", "utf-8")
    async with opened((140, 40), make_model=False) as program:
        screen = await go(program)
        await type_text(program.pilot, "kept")
        await wait_until(program.pilot, lambda: screen.area.text == "kept")
        await listed(program, screen, path, 4)
        assert screen.table.has_focus
        shares = chances(screen)
        assert shares == pytest.approx({"fair": 0.5, "foul": 0.25, "sea": 0.25})

        await program.pilot.press("s")
        await wait_until(program.pilot, lambda: screen.order == "class")
        assert screen.places()[:2] in ([1, 3], [3, 1])
        await program.pilot.press("S")
        await wait_until(program.pilot, lambda: screen.places()[0] == 2)

        await program.pilot.press("slash")
        await type_text(program.pilot, "=fair sun")
        await wait_until(program.pilot, lambda: screen.table.row_count == 1)
        await type_text(program.pilot, "x")
        await wait_until(program.pilot, lambda: screen.table.row_count == 0)
        assert "No text fits" in str(screen.query_one("#note", Static).render())
        await program.pilot.press("escape")
        await wait_until(program.pilot, lambda: screen.table.row_count == 4)
        assert screen.table.has_focus

        await program.pilot.press("e")
        out = tmp_path / "out.csv"
        await program.answer(str(out))
        await wait_until(program.pilot, lambda: "Written to" in program.notices)
        rows = list(csv.DictReader(out.open(encoding="utf-8", newline="")))
        assert rows[0]["text"] == "fish and tide"
        assert rows[0]["class"] == "sea"
        assert float(rows[0]["sea"]) == pytest.approx(float(rows[0]["probability"]))

        screen.table.move_cursor(row=0)
        await program.pilot.press("enter")
        await wait_until(program.pilot, lambda: screen.area.text == "fish and tide")
        assert screen.area.has_focus
        assert not screen.listing
        await judged(program, screen, "fish and tide")
        await program.pilot.press("ctrl+z")
        await wait_until(program.pilot, lambda: screen.area.text == "kept")
        await program.pilot.press("f5")
        await wait_until(program.pilot, lambda: screen.listing)
        await program.pilot.press("escape")
        await wait_until(program.pilot, lambda: not screen.listing)


async def test_a_table_with_classes_says_how_many_are_right(tmp_path: Path) -> None:
    save()
    path = tmp_path / "given.tsv"
    path.write_text(f"class\ttext\nfair\t{FAIR}\nsea\t{FOUL}\n", "utf-8")
    async with opened((140, 40), make_model=False) as program:
        screen = await go(program)
        await listed(program, screen, path, 2)
        assert "given" in screen.table.columns_shown
        assert "50.0 % judged as the file says" in str(screen.query_one(StatusLine).render())
        await program.pilot.press("slash")
        await type_text(program.pilot, "!")
        await wait_until(program.pilot, lambda: screen.table.row_count == 1)
        assert screen.places() == [1]
        assert "✗ foul" in str(screen.table.get_row_at(0)[1])
        await program.pilot.press("enter")
        assert screen.table.has_focus
        screen.post_message(
            type(screen.table).HeaderSelected(
                screen.table,
                screen.table.ordered_columns[4].key,
                4,
                screen.table.ordered_columns[4].label,
            )
        )
        await wait_until(program.pilot, lambda: screen.order == "text")


async def test_an_empty_file_is_told_and_the_text_comes_back(tmp_path: Path) -> None:
    save()
    path = tmp_path / "empty.txt"
    path.write_text("\n \n", "utf-8")
    async with opened(make_model=False) as program:
        screen = await go(program)
        await program.pilot.press("ctrl+l")
        await program.answer(str(path))
        await wait_until(program.pilot, lambda: "no text to judge" in program.notices, 60)
        await wait_until(program.pilot, lambda: not screen.listing)


# The rest -------------------------------------------------------------------------------------


async def test_every_action_is_in_the_palette_and_help_explains() -> None:
    save()
    async with opened(make_model=False) as program:
        screen = await go(program)
        offered = {command.help.partition(" · ")[0] for command in screen.commands()}
        wanted = [each for each in actions.ACTIONS if each.screen == "judge"]
        assert len(wanted) >= 14
        assert all(each.help in offered for each in wanted)
        await program.pilot.press("f1")
        await wait_until(program.pilot, lambda: isinstance(program.app.screen, HelpScreen))
        explained = program.app.screen.query_one("#explanation", Static)
        assert "judged at every key" in str(explained.render())


async def test_the_state_is_kept_and_the_language_followed() -> None:
    save()
    async with opened(make_model=False) as program:
        screen = await go(program)
        await type_text(program.pilot, FAIR)
        await judged(program, screen, FAIR)
        await program.app.switch_mode("models")
        program.app.change_setting(schema.LANGUAGE, "ko")
        await program.app.switch_mode("judge")
        await program.pilot.pause()
        assert program.app.screen is screen
        assert screen.area.text == FAIR
        assert screen.area.codes.strip(b"\0")
        program.app.change_setting(schema.HIGH_CONTRAST, True)
        await wait_until(program.pilot, lambda: screen.query_one(HeatView).display)
