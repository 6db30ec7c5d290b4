"""The first start of the program in a real terminal, and the one after it."""

from collections.abc import Callable

from charterm import paths
from tests.tui.models import save_word_model
from tests.tui.terminal import Terminal


def shows(words: str, *, absent: str = "\0") -> Callable[[list[str]], bool]:
    def look(lines: list[str]) -> bool:
        screen = "\n".join(lines)
        return words in screen and absent not in screen

    return look


def test_the_tour_comes_at_the_first_start_only() -> None:
    save_word_model()
    (paths.data_dir() / "tour-shown").unlink()
    first = Terminal()
    first.wait(shows("Take a suggestion"))
    first.wait(shows("bright"))
    first.type("b")
    first.wait(shows("bright"))
    first.type("\t")
    first.wait(shows("Teach it your own texts"))
    first.type("\x1b")
    first.wait(shows("Accept", absent="Teach it your own texts"))
    first.type("\x11")
    assert first.ended() == 0
    second = Terminal()
    second.wait(shows("bright"))
    second.wait(shows("Accept", absent="Take a suggestion"))
    second.type("\x11")
    assert second.ended() == 0
