"""What a model emits is text and nothing else, wherever it is shown: in a real terminal."""

import re

from charterm.story.store import StoryStore
from charterm.story.story import Story
from charterm.story.tree import MODEL
from tests.cli.program import charterm
from tests.e2e.program import Program
from tests.tui.models import WICKED, save_wicked_model

ACTED_ON = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def test_commands_print_it_as_plain_visible_text() -> None:
    save_wicked_model()
    common = ("-p", "[/]\x1b[2J", "-m", "wicked", "--length", "300", "--seed", "1")
    for more in (("--echo",), ("--n", "3"), ("--method", "beam"), ("--story", "--echo")):
        shown = charterm("generate", *common, *more)
        assert shown.returncode == 0, shown.stderr
        assert len(shown.stdout) > 250
        assert not ACTED_ON.search(shown.stdout + shown.stderr)
        if "--method" not in more:
            assert {"␛", "␇", "⟨U+202E⟩", "⟨U+009B⟩"} <= set(
                re.findall(r"⟨U\+[0-9A-F]+⟩|[␀-␡]", shown.stdout)
            )
    told = charterm("generate", *common, "--json").stdout
    assert not ACTED_ON.search(told)
    assert r"\u001b" in told
    assert r"\u009b" in told
    for command in (("stories",), ("stories", "show", "1"), ("stories", "tree", "1")):
        shown = charterm(*command)
        assert shown.stdout
        assert not ACTED_ON.search(shown.stdout)


def test_screens_show_it_as_plain_visible_text(start: type[Program]) -> None:
    save_wicked_model(name="english")
    store = StoryStore()
    told = Story.create(store, WICKED + "[/]")
    told.add(None, MODEL, "a" + WICKED * 4)
    store.close()
    program = start((140, 40))
    program.ready()

    def is_whole(lines: list[str]) -> bool:
        """The program's own words are where they were: nothing has moved or cleared them."""
        return "charterm" in lines[0] and any("^q Quit" in line for line in lines[-2:])

    def still(*parts: str) -> None:
        lines = program.shows(*parts)
        assert is_whole(lines), "\n".join(lines)

    program.type("\x1bs")
    program.shows("␛")
    still("Your turn", "[31m", "⟨U+202E⟩")
    program.type("say\r")
    program.shows("You")
    still("characters/s")
    program.type("\x1ba")  # alternatives side by side
    still("the others stay")
    program.type("\r\x1bv")
    still("Branches")
    program.type("\x1bp")
    still("In its place")
    program.type("\x1bp\x0f")
    still("Stories", "just now")
    program.type("r")  # its title is the answer that is offered
    still("New title")
    program.type("\x1b")
    program.hides("New title")
    program.type("\x1b[3~")  # its title is told in a notice
    still("is in the trash")
    program.type("\x1bg")
    program.shows("balanced")
    program.type("x\x12")
    program.shows("bits/char")
    still("␛")
    drawn = program.written.decode("utf-8", "replace")
    assert not re.search("[\x00-\x06\x08\x0b\x0c\x7f-\x9f\u202a-\u202e\u2066-\u2069]", drawn)
