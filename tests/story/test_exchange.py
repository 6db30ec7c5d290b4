"""Export and import: nothing lost, nothing acted on by Markdown."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from charterm.story.exchange import (
    IMPORTED,
    import_generated,
    import_text,
    pieces,
    to_markdown,
    to_text,
)
from charterm.story.store import StoryStore
from charterm.story.story import Story
from charterm.story.tree import MODEL, WRITER, Turn
from charterm.text.display import visible


def turns(*texts: tuple[str, str]) -> list[Turn]:
    return [Turn(n, n - 1 or None, a, t, 0, 0.0) for n, (a, t) in enumerate(texts, start=1)]  # type: ignore[arg-type]


class Read(HTMLParser):
    """What a reader sees of rendered Markdown: text, and the tags there are."""

    def __init__(self, markdown: str) -> None:
        super().__init__()
        self.text = ""
        self.tags: list[str] = []
        self.feed(MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(markdown))
        self.close()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


TRICKY = (
    "# no heading\n## no\n- no list\n+ no\n* no\n1. no\n2) no\n> no quote\n```\nno code\n```\n"
    "~~~\n    no code either\n===\n---\n***\n_no_ **no** __no__ `no` ~~no~~ [no](http://a.b) "
    "![no](x) <b>no</b> <http://a.b> &amp; &#65; \\* | a | b |\n|---|---|\n$x$ \x1b[31mred #"
)


def test_markdown_shows_what_is_in_the_story_and_acts_on_nothing() -> None:
    read = Read(to_markdown("A *title* #", turns((WRITER, TRICKY))))
    assert read.tags == ["h1", "p", *["br"] * TRICKY.count("\n")]
    assert read.text.startswith("A *title* #\n")
    seen = re.sub(r"\s", "", read.text.removeprefix("A *title* #"))
    assert seen == re.sub(r"\s", "", visible(TRICKY, lines=True))


def test_markdown_reads_well() -> None:
    story = turns(
        (WRITER, "It was late.\nVery late."),
        (MODEL, " Nobody came."),
        (MODEL, "\n\nThen a knock."),
        (WRITER, "\n\nI opened: 3 > 2!"),
    )
    assert to_markdown("Night", story) == (
        "# Night\n\nIt was late.\\\nVery late. Nobody came.\n\nThen a knock.\n\n"
        "I opened: 3 \\> 2!\n"
    )
    assert to_markdown("Night", story, names=("You", "Model")) == (
        "# Night\n\n**You:** It was late.\\\nVery late.\n\n**Model:** Nobody came.\n\n"
        "Then a knock.\n\n**You:** I opened: 3 \\> 2!\n"
    )
    assert to_text(story, names=("You", "Model")) == (
        "You: It was late.\nVery late.\n\nModel: Nobody came.\n\nThen a knock.\n\n"
        "You: I opened: 3 > 2!"
    )
    assert to_markdown("", []) == ""


@given(st.text(alphabet=st.sampled_from("ab1 \n\t.)#>-+*_=`~[]<>&;!|\\$\x1b\u202eé")))
@example("1.")
@example("    a")
@example("a\n=")
@example("&nbsp;")
@example("-\n-")
def test_markdown_of_any_text_shows_that_text(text: str) -> None:
    for names in (None, ("Me", "It")):
        read = Read(to_markdown("", turns((WRITER, text)), names=names))
        seen = re.sub(r"\s", "", read.text)
        expected = re.sub(r"\s", "", visible(text, lines=True))
        if names and expected:
            expected = "Me:" + expected
        assert seen == expected
        assert set(read.tags) <= {"p", "br", "strong"}
        # paragraphs are where the blank lines are
        blocks = [b for b in re.split(r"\n(?:[^\S\n]*\n)+", text) if b.strip()]
        assert read.tags.count("p") == len(blocks)


@given(st.text(st.sampled_from("ab. \n"), max_size=400), st.integers(1, 50))
def test_pieces_joined_are_the_text(text: str, size: int) -> None:
    cut = pieces(text, size)
    assert "".join(cut) == text
    assert all(0 < len(piece) <= 2 * size + text.count("\n") for piece in cut)


@pytest.mark.parametrize("title", ["", "My text"])
def test_import_and_export_of_plain_text_are_inverse(tmp_path: Path, title: str) -> None:
    store = StoryStore(tmp_path / "s.sqlite3")
    text = "\n".join(f"Line {n}: " + "word " * 20 + "\n" * (n % 3) for n in range(300))
    story = import_text(store, text, title)
    again = Story(StoryStore(store.path), story.id)
    assert to_text(again.path) == text
    assert again.info.title == (title or "Line 0: word word word word word word word word…")
    assert len(again.path) > 10
    assert all(len(turn.text) < 2 * IMPORTED for turn in again.path)
    assert all(turn.text.endswith("\n\n") for turn in again.path[:-1])
    assert import_text(store, "").path == []


def test_a_generation_becomes_a_story_with_its_alternatives(tmp_path: Path) -> None:
    store = StoryStore(tmp_path / "s.sqlite3")
    texts = [(" came.", [-0.5] * 6), (" went.", [])]
    story = import_generated(store, "Nobody", texts, "small")
    assert [(turn.author, turn.text) for turn in story.path] == [
        (WRITER, "Nobody"),
        (MODEL, " came."),
    ]
    assert [turn.text for turn in story.tree.children(1)] == [" came.", " went."]
    known = story.logprobs(2, "small")
    assert known is not None
    assert known.tolist() == [-0.5] * 6
    assert story.logprobs(3, "small") is None
    assert [t.text for t in import_generated(store, "", texts, "small").path] == [" came."]
