"""Typing as fast as anybody can, large pastes, keys typed ahead, and sudden ends."""

import itertools
import re
import signal
import termios
import time

import pytest

from charterm.documents.store import TextStore
from tests.e2e.program import Program
from tests.tui.models import WORDS

Start = type[Program]

_PARTS = {word[:length] for word in WORDS for length in range(len(word) + 1)}
ROWS = slice(2, 17)  # of the page on the writing screen
PAGE = slice(2, 55)  # its cells


def belongs(text: str) -> bool:
    """Whether text with ghost text after it is words of the model, the last perhaps cut."""
    *words, last = re.split(r"[ \n]+", text.strip().removesuffix("…"))
    return all(word in WORDS for word in words) and last in _PARTS


def page(lines: list[str]) -> str:
    return " ".join(line[PAGE].strip() for line in lines[ROWS]).strip()


def test_fifty_keys_a_second_are_all_taken_and_nothing_stale_is_shown(start: Start) -> None:
    program = start()
    program.ready()
    stale: list[str] = []

    def watch(lines: list[str]) -> None:
        shown = page(lines)
        if shown != "Begin to write …" and not belongs(shown):
            stale.append(shown)

    program.watch = watch
    words = itertools.cycle(["cloud", "bright", "bright"])
    text = ""
    while len(text) < 500:
        text += next(words) + " "
    program.type_at(text, keys_a_second=50)
    program.kept(text)
    assert stale == []


def test_a_paste_of_a_hundred_thousand_characters_is_whole(start: Start) -> None:
    program = start()
    program.ready()
    line = "cloud bright 안녕하세요 {} cloud\n"
    text = "".join(line.format(number) for number in range(4000))
    assert len(text) > 100_000
    program.type("\x1b[200~")
    for begin in range(0, len(text), 1000):
        program.type(text[begin : begin + 1000])
        program.take_in(0)
    program.type("\x1b[201~")
    program.shows("3999 cloud")
    program.type("bright")
    program.shows("bright")
    program.kept(text + "bright")


AHEAD = {
    "cloud bright\x17x": {"cloud x"},  # ctrl+w: delete the word
    "cloud bright\x01a\x05x": {"acloud brightx"},  # ctrl+a, ctrl+e: begin and end
    "cloud bright\x15x": {"x"},  # ctrl+u: delete to the beginning
    "cloud bright\x01\x0bx": {"x"},  # ctrl+k: delete to the end
    "cl\x7f\x7f\x7f\x7fyx": {"yx"},
    "cloud c\x1b[Cx": {"cloud cx", "cloud cloudx"},  # right: of what belongs to c, or nothing
    "cloud 안\x1b[Cx": {"cloud 안x", "cloud 안녕하세요x"},  # a composed syllable comes late
    "안\x1b[1;5Cx": {"안x", "안녕하세요x"},  # ctrl+right
}
"""Keys that come at once, x the last of them, and the texts that they may make."""


def test_keys_typed_ahead_act_on_the_text_as_it_is_then(start: Start) -> None:
    program = start()
    program.ready()
    for ahead, wanted in AHEAD.items():
        program.type("\x15")
        program.kept("")
        program.type("cloud ")
        program.shows("cloud bright")  # a suggestion that will be stale
        program.type("\x15" + ahead)
        kept = program.keeps(lambda text: text.endswith("x"))
        assert kept in wanted


@pytest.mark.parametrize("moment", [0.02, 0.4, 1.3])
def test_killed_at_any_moment_the_text_comes_back(start: Start, moment: float) -> None:
    program = start()
    program.ready()
    before = "bright "
    program.type(before)
    program.kept(before)
    program.type_at("cloud " * 2, keys_a_second=50)
    program.take_in(moment)
    time.sleep(moment)
    program.process.kill(signal.SIGKILL)
    program.process.wait()
    kept = TextStore().load().text
    assert (before + "cloud " * 2).startswith(kept)
    assert kept.startswith(before)
    again = start()
    again.shows(kept.strip())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_asked_to_end_it_saves_and_gives_the_terminal_back(start: Start, number: int) -> None:
    program = start()
    before = termios.tcgetattr(program.process.child_fd)
    program.ready()
    while_it_ran = termios.tcgetattr(program.process.child_fd)
    assert while_it_ran[3] & termios.ECHO == 0
    program.type("cloud bright")
    program.shows("cloud bright")
    program.process.kill(number)
    program.until(lambda _lines: not program.process.isalive())
    after = termios.tcgetattr(program.process.child_fd)
    assert after[:4] == before[:4]
    for mode in (b"1049", b"1000", b"1003", b"2004", b"1004"):  # screen, mouse, paste, focus
        on, off = b"\x1b[?" + mode + b"h", b"\x1b[?" + mode + b"l"
        assert program.written.rfind(off) > program.written.rfind(on) > -1, mode
    assert program.written.rfind(b"\x1b[?25h") > program.written.rfind(b"\x1b[?25l")
    assert program.ended() == 0
    assert TextStore().load().text == "cloud bright"
