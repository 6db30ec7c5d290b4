"""Stories to plain text and Markdown, and from plain text."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final

import numpy as np

from charterm.i18n import _
from charterm.story.store import StoryStore
from charterm.story.story import Story, title_of, well_formed
from charterm.story.tree import MODEL, WRITER, Turn
from charterm.text.display import visible

IMPORTED: Final = 2000
"""Characters of a turn that a long text is imported as, about: up to the next paragraph's end."""

_INLINE: Final = re.compile(r"([\\`*_\[\]<>~|$])")
_ENTITY: Final = re.compile(r"&(?=#?\w)")
_BLOCK: Final = re.compile(r"^(\s*)(#{1,6}(?=\s|$)|[-+=]|\d{1,9}(?=[.)](?:\s|$)))")
_PARAGRAPH_END: Final = re.compile(r"\n(?:[^\S\n]*\n)+")


def to_text(turns: Iterable[Turn], *, names: tuple[str, str] | None = None) -> str:
    """The story as it is read: the texts of ``turns``, joined.

    With ``names``, those of the writer and the model, every change of author begins a paragraph
    with the name.
    """
    if names is None:
        return "".join(turn.text for turn in turns)
    return "\n\n".join(f"{name}: {text}" for name, text in _by_author(turns, names))


def author_names() -> tuple[str, str]:
    """How the writer and the model are called, in the language in use."""
    return _("Writer"), _("Model")


def _by_author(turns: Iterable[Turn], names: tuple[str, str]) -> Iterator[tuple[str, str]]:
    """What each author wrote at a stretch, without the white space around it."""
    called = {WRITER: names[0], MODEL: names[1]}
    for author, group in groupby(turns, key=lambda turn: turn.author):
        text = to_text(group).strip()
        if text:
            yield called[author], text


def to_markdown(title: str, turns: Iterable[Turn], *, names: tuple[str, str] | None = None) -> str:
    """The story as Markdown (CommonMark) that shows its text exactly, whatever is in it.

    Characters that Markdown would act on are escaped, line breaks within a paragraph are kept, and
    control characters are shown by visible signs.

    Args:
        title: becomes the heading, if there is one.
        turns: a path.
        names: how to call the writer and the model. With them every change of author begins a
            paragraph with the name in bold; without them the text runs on as prose.
    """
    heading = _escaped_line(" ".join(visible(title).split())).replace("#", r"\#")
    blocks = [f"# {heading}"] if heading else []
    if names is None:
        blocks += _paragraphs(to_text(turns))
    else:
        for name, text in _by_author(turns, names):
            paragraphs = _paragraphs(text)
            blocks.append(f"**{_escaped_line(name)}:** {paragraphs[0]}")
            blocks += paragraphs[1:]
    return "\n\n".join(blocks) + "\n" if blocks else ""


def _paragraphs(text: str) -> list[str]:
    shown = visible(text, lines=True).replace("\t", "    ")
    paragraphs = (paragraph.strip("\n") for paragraph in _PARAGRAPH_END.split(shown))
    return [_escaped(paragraph) for paragraph in paragraphs if paragraph.strip()]


def _escaped(paragraph: str) -> str:
    # a backslash at the end of a line is CommonMark's line break that can be seen
    return "\\\n".join(_escaped_line(line) for line in paragraph.split("\n"))


def _escaped_line(line: str) -> str:
    indent = len(line) - len(line.lstrip(" "))
    body = _ENTITY.sub("&amp;", _INLINE.sub(r"\\\1", line.strip(" ")))
    block = _BLOCK.match(body)
    if block:
        mark = block.end(2) if body[block.start(2)].isdigit() else block.start(2)
        body = f"{body[:mark]}\\{body[mark:]}"
    return "&nbsp;" * indent + body


def export(
    store: StoryStore, story: int, *, markdown: bool, names: tuple[str, str] | None = None
) -> str:
    """A story as it is read now, as the content of a file.

    Args:
        store: where it is kept.
        story: its number.
        markdown: as Markdown, with its title; else as plain text, in which control characters
            are shown by visible signs.
        names: how to call the writer and the model, where it is to say who wrote what.

    Raises:
        ChartermError: there is no such story.
    """
    info, turns = store.info(story), store.load(story).path
    if markdown:
        return to_markdown(info.title, turns, names=names)
    text = visible(to_text(turns, names=names), lines=True)
    return text if text.endswith("\n") or not text else f"{text}\n"


def file_name(title: str) -> str:
    """A name for the file of a story, without ending, that every system takes."""
    words = re.sub(r"[^\w\- ]+", "", title).split()
    return "-".join(words)[:60].strip("-") or "story"


def import_text(store: StoryStore, text: str, title: str = "") -> Story:
    """A new story of ``text``, all of it the writer's.

    A long text becomes several turns, which end with a paragraph where there is one.

    Args:
        store: where to keep it.
        text: what is imported, as :func:`charterm.text.reading.read_text_file` gives it.
        title: its name; by default its first line.
    """
    text = well_formed(text)
    story = Story.create(store, title or title_of(text))
    with store.changing():
        for piece in pieces(text):
            story.add(story.tree.head, WRITER, piece)
    return story


def import_generated(
    store: StoryStore, prompt: str, texts: Sequence[tuple[str, Sequence[float]]], model: str
) -> Story:
    """A new story of a prompt, the writer's turn, and what a model made of it.

    Args:
        store: where to keep it.
        prompt: what was gone on from; it may be empty.
        texts: each with its characters' log-probabilities in nats, or none. They become turns
            beside each other; the first is read on.
        model: who wrote them.
    """
    prompt = well_formed(prompt)
    story = Story.create(store, title_of(prompt))
    with store.changing():
        after = story.add(None, WRITER, prompt).id if prompt else None
        for number, (text, logprobs) in enumerate(texts):
            known = np.array(logprobs, np.float32) if len(logprobs) == len(text) else None
            story.add(after, MODEL, text, known, model=model, go=number == 0)
    return story


def pieces(text: str, size: int = IMPORTED) -> list[str]:
    """``text`` cut into pieces of about ``size`` characters; joined they are the text."""
    cut, start = [], 0
    while start < len(text):
        end = min(start + size, len(text))
        if end < len(text):
            paragraph = _PARAGRAPH_END.search(text, end, end + size)
            if paragraph:
                end = paragraph.end()
            else:
                line = text.find("\n", end, end + size) + 1
                word = text.find(" ", end, end + size) + 1
                end = line or word or min(end + size, len(text))
        cut.append(text[start:end])
        start = end
    return cut
