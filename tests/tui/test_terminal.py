import re
import signal
from collections.abc import Iterator

import pytest

from charterm.documents.store import TextStore
from tests.tui.models import save_word_model
from tests.tui.terminal import Terminal


@pytest.fixture
def start(own_folders: object) -> Iterator[type[Terminal]]:
    save_word_model()
    started: list[Terminal] = []

    class Started(Terminal):
        def __init__(self, size: tuple[int, int] = (80, 24), **environment: str) -> None:
            super().__init__(size, **environment)
            started.append(self)

    yield Started
    for terminal in started:
        if not terminal.process.closed:
            terminal.process.kill(signal.SIGKILL)
            terminal.process.wait()


def ready(terminal: Terminal) -> None:
    terminal.wait(lambda lines: "GRU" in lines[-2])


def test_from_the_first_key_to_the_next_start(start: type[Terminal]) -> None:
    terminal = start()
    ready(terminal)
    terminal.type("cloud b")
    terminal.wait(lambda lines: "cloud bright" in lines[2])
    terminal.wait(lambda lines: any(re.search(r" r +━+ +(100.0|99.\d) %", line) for line in lines))
    terminal.wait(lambda lines: "tab Accept" in lines[-1])
    terminal.type("\x1b[1;5C")  # ctrl+right
    terminal.wait(lambda lines: "4 keys saved" in lines[-2])
    terminal.type("\x7f")
    terminal.wait(lambda lines: "cloud brigh" in lines[2])
    terminal.type(" 안녕하세요")
    lines = terminal.wait(lambda lines: "안" in lines[2] and "요" in lines[2])
    assert lines[2].index("안") - lines[2].index("cloud brigh ") == len("cloud brigh ")
    terminal.type("\x11")  # ctrl+q
    assert terminal.ended() == 0
    assert TextStore().load().text == "cloud brigh 안녕하세요"
    again = start()
    again.wait(lambda lines: "cloud brigh 안" in lines[2])
    again.type("!")
    again.wait(lambda lines: "!" in lines[2])
    again.type("\x11")
    assert again.ended() == 0
    assert TextStore().load().text == "cloud brigh 안녕하세요!"


def test_a_killed_program_loses_nothing_that_is_a_second_old(start: type[Terminal]) -> None:
    terminal = start()
    ready(terminal)
    terminal.type("cloud")
    terminal.wait(lambda lines: re.search(r"\bsaved\b", lines[-2]))
    terminal.wait(lambda _lines: TextStore().load().text == "cloud")
    terminal.process.kill(signal.SIGKILL)
    assert terminal.ended() is None
    assert TextStore().load().text == "cloud"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_program_that_is_asked_to_end_saves(start: type[Terminal], number: int) -> None:
    terminal = start()
    ready(terminal)
    terminal.type("cloud bright")
    terminal.wait(lambda lines: "cloud bright" in lines[2])
    terminal.process.kill(number)
    assert terminal.ended() == 0
    assert TextStore().load().text == "cloud bright"


def test_keys_typed_before_the_first_paint_are_not_lost(start: type[Terminal]) -> None:
    terminal = start()
    terminal.type("cloud ")
    terminal.wait(lambda lines: "cloud " in lines[2])
    terminal.type("\x11")
    assert terminal.ended() == 0
    assert TextStore().load().text == "cloud "


def test_wide_characters_keep_the_margin_in_line(start: type[Terminal]) -> None:
    terminal = start()
    ready(terminal)
    terminal.type("안녕하세요 " * 12)
    lines = terminal.wait(lambda lines: "안" in lines[4])
    edges = {_cells(line, "Continuations") for line in lines if "Continuations" in line}
    rows = [line for line in lines if "안녕하세요" in line[: len(line) // 2]]
    assert edges == {56}
    assert len(rows) >= 3
    for y, line in enumerate(lines[2:5], start=2):
        assert "안" in line
        assert terminal.screen.buffer[y][53].data == " "


def _cells(line: str, part: str) -> int:
    from rich.cells import cell_len

    return cell_len(line[: line.index(part)])


def test_no_colour_where_it_is_refused(start: type[Terminal]) -> None:
    terminal = start(NO_COLOR="1", COLORTERM="truecolor")
    ready(terminal)
    terminal.type("cloud ")
    terminal.wait(lambda lines: "bright" in lines[2])
    colours = re.findall(rb"[34]8;2;(\d+);(\d+);(\d+)", terminal.written)
    assert all(red == green == blue for red, green, blue in colours)
    assert not re.findall(rb"\x1b\[(?:3[1-6]|4[1-6])m", terminal.written)
