"""Keys of terminals that send escape and a character for alt."""

from collections.abc import Iterator

import pytest

from charterm.documents.store import TextStore
from charterm.tui.keyboard import let_alt_digits_be_keys
from tests.tui.models import save_word_model
from tests.tui.terminal import Terminal


@pytest.fixture
def terminal(own_folders: object) -> Iterator[Terminal]:
    save_word_model()
    started = Terminal()
    yield started
    started.process.close(force=True)


def keys_of(typed: str) -> list[str]:
    """The keys that Textual reads from what a terminal sends."""
    from textual import events
    from textual._xterm_parser import XTermParser

    let_alt_digits_be_keys()
    parser = XTermParser()
    read = [*parser.feed(typed), *parser.feed("")]
    return [event.key for event in read if isinstance(event, events.Key)]


@pytest.mark.parametrize("digit", "0123456789")
def test_alt_with_a_digit_is_a_key(digit: str) -> None:
    assert keys_of(f"\x1b{digit}") == [f"alt+{digit}"]


def test_a_pound_is_a_pound() -> None:
    assert keys_of("£") == ["pound_sign"]
    assert keys_of("¢") == ["cent_sign"]


def test_screens_change_and_nothing_is_typed(terminal: Terminal) -> None:
    terminal.wait(lambda lines: "GRU" in lines[-2])
    terminal.type("cost £3 ")
    terminal.wait(lambda lines: "£3" in lines[2])
    terminal.type("\x1b3")
    terminal.wait(lambda lines: any("New training" in line for line in lines))
    terminal.type("\x1b1")
    terminal.wait(lambda lines: "£3" in lines[2])
    terminal.type("\x07")  # ctrl+g
    terminal.wait(lambda lines: any("Go to" in line for line in lines))
    terminal.type("3")
    terminal.wait(lambda lines: any("New training" in line for line in lines))
    terminal.type("\x1b1")
    terminal.wait(lambda lines: "£3" in lines[2])
    terminal.type("\x1b8")  # nothing has this key
    terminal.type("¢")
    terminal.wait(lambda lines: "¢" in lines[2])
    terminal.type("\x11")
    assert terminal.ended() == 0
    assert TextStore().load().text == "cost £3 ¢"
