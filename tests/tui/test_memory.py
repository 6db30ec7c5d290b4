"""The personal memory on the writing screen: learnt, offered, forgotten, brought back, private."""

import queue
import stat

from charterm import paths
from charterm.adaptation.memory_file import memory_path
from charterm.adaptation.store import PersonalMemory
from charterm.settings import Settings, schema
from charterm.tui.learner import PAUSED, Learnt, MemoryTold
from charterm.tui.predictor import ModelReady, Predicted, Predictor, Report, Request
from charterm.tui.screens.remembering import word_at
from tests.tui.models import save_word_model
from tests.tui.program import Opened, opened
from tests.tui.waiting import type_text, wait_until

# no word of the model's begins with a "d": whatever is offered after one was learnt
NAME = "dourd"


async def typed(program: Opened, text: str) -> None:
    await type_text(program.pilot, text)
    await wait_until(program.pilot, lambda: program.editor.text.endswith(text.rstrip("\n")))
    await program.settled()


def kept() -> PersonalMemory:
    return PersonalMemory.load(memory_path())


async def test_a_name_is_offered_after_it_was_written_and_gone_with_the_text() -> None:
    async with opened() as program:
        await typed(program, f"{NAME} {NAME} {NAME} d")
        assert program.listed[0] == NAME[1:]
        assert program.editor.ghost == NAME[1:]
        program.editor.text = "d"
        program.editor.move_cursor((0, 1))
        await program.settled()
        assert NAME[1:] not in program.listed


async def test_a_word_is_forgotten_at_the_cursor_and_brought_back() -> None:
    async with opened() as program:
        await typed(program, f"{NAME} {NAME} {NAME} ")
        program.editor.move_cursor((0, 2))
        await program.settled()
        await program.pilot.press("alt+d")
        await wait_until(program.pilot, lambda: kept().forbidden == {NAME})
        assert NAME not in kept().words()
        program.editor.move_cursor(program.editor.document.end)
        await typed(program, "d")
        assert NAME[1:] not in program.listed
        await program.pilot.press("alt+u")
        await wait_until(program.pilot, lambda: not kept().forbidden)
        await wait_until(program.pilot, lambda: NAME[1:] in program.listed)


async def test_the_no_learn_mode_has_a_sign_and_forgets_what_is_typed_in_it() -> None:
    async with opened((100, 24)) as program:
        await program.pilot.press("alt+n")
        await wait_until(program.pilot, lambda: "not learning" in program.status)
        await typed(program, f"{NAME} {NAME} {NAME} d")
        assert NAME[1:] not in program.listed
        await program.pilot.press("alt+n")
        await wait_until(program.pilot, lambda: NAME[1:] in program.listed)
        await wait_until(program.pilot, lambda: "not learning" not in program.status)


async def test_a_text_is_forgotten_and_everything_after_a_question() -> None:
    async with opened((100, 24)) as program:
        await typed(program, f"{NAME} {NAME} {NAME} d")
        await program.pilot.press("alt+e")
        await wait_until(program.pilot, lambda: "not learnt this text" in program.status)
        assert kept().ignored == {"write/untitled"}
        await wait_until(program.pilot, lambda: NAME[1:] not in program.listed)
        await program.pilot.press("alt+u")
        await wait_until(program.pilot, lambda: NAME[1:] in program.listed)
        await program.pilot.press("alt+r")
        await program.pilot.press("down", "enter")
        await wait_until(program.pilot, lambda: NAME[1:] not in program.listed)
        assert not kept().documents


async def test_it_is_off_by_a_setting() -> None:
    async with opened() as program:
        program.app.change_setting(schema.MEMORY, "off")
        await typed(program, f"{NAME} {NAME} {NAME} d")
        assert NAME[1:] not in program.listed
        await program.pilot.press("alt+n")
        program.app.change_setting(schema.MEMORY, "shared")
        await wait_until(program.pilot, lambda: NAME[1:] in program.listed)
    assert Settings.load().get(schema.MEMORY) == "shared"


class Thread:
    """A predictor, and what it reports."""

    def __init__(self) -> None:
        self.queue: queue.Queue[Report] = queue.Queue()
        self.predictor = Predictor(self.queue.put)
        self.predictor.share_memory("shared")
        self.predictor.use("english")
        self.next(ModelReady)

    def next(self, kind: type[Report]) -> Report:
        while not isinstance(report := self.queue.get(timeout=60), kind):
            pass
        return report

    def offered(self, text: str, document: str) -> list[str]:
        self.predictor.request(Request(1, text, len(text), learnt=Learnt(document)))
        return self.told()

    def told(self) -> list[str]:
        while True:
            report = self.next(Predicted)
            assert isinstance(report, Predicted)
            if report.suggestions is not None:
                return [each.text for each in report.suggestions]


def test_what_one_text_taught_is_offered_in_another_and_kept_when_the_program_ends(
    own_folders: object,
) -> None:
    save_word_model()
    thread = Thread()
    assert NAME[1:] in thread.offered(f"{NAME} {NAME} {NAME} d", "write/one")
    assert NAME[1:] in thread.offered("d", "write/two")
    thread.predictor.close(timeout=30)
    path = memory_path()
    assert path.is_relative_to(paths.data_dir())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert kept().words()[NAME] == 3
    thread = Thread()
    offered = thread.offered("d", "write/three")
    if NAME[1:] not in offered:  # it is counted while the keyboard rests, and then told
        offered = thread.told()
    assert NAME[1:] in offered
    thread.predictor.close(timeout=30)


def test_a_damaged_memory_is_told_once_and_left_as_it_is(own_folders: object) -> None:
    save_word_model()
    path = memory_path()
    path.parent.mkdir(parents=True)
    path.write_text("{")
    thread = Thread()
    thread.predictor.request(Request(1, "d", 1, learnt=Learnt("write/one")))
    told = thread.next(MemoryTold)
    assert isinstance(told, MemoryTold)
    assert told.is_error
    assert "damaged" in told.said
    thread.offered("do", "write/one")
    thread.predictor.close(timeout=30)
    assert path.read_text() == "{"


def test_pausing_lasts(own_folders: object) -> None:
    save_word_model()
    thread = Thread()
    thread.offered("d", "write/one")

    def pause(memory: PersonalMemory, _document: str) -> str:
        memory.set_learning(False)
        return "paused"

    thread.predictor.change_memory(pause)
    states = []
    while not states or states[-1] != PAUSED:
        told = thread.next(MemoryTold)
        assert isinstance(told, MemoryTold)
        states.append(told.state)
    thread.predictor.close(timeout=30)
    assert not kept().learning


def test_the_word_at_the_cursor() -> None:
    text = "one two-three\n'don’t' 안녕"
    assert [word_at(text, at) for at in (0, 3, 6, 13, 14, 15, 20, 22, 24)] == [
        "one", "one", "two-three", "two-three", "", "don’t", "don’t", "안녕", "안녕",
    ]  # fmt: skip
    assert word_at("", 0) == ""
