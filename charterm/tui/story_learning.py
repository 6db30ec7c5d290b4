"""What of a story the personal memory learns: see :mod:`charterm.tui.learner` for the rule."""

from collections.abc import Iterable

from charterm.story.story import Story
from charterm.story.tree import WRITER, Turn
from charterm.tui.learner import STORIES, Learnt


def learnt_of(story: Story | None, start: int, *, editing: int | None, unsent: str) -> Learnt:
    """What to learn while the line under the story is being written.

    Args:
        story: as it is read; None for one that has not begun.
        start: characters that the session reads before the line.
        editing: the turn that the line is to replace.
        unsent: the writer's own turn, put aside meanwhile.
    """
    if story is None:
        return Learnt(STORIES, start)
    tree = story.tree
    earlier = own_lines(turn for turn in tree.path if turn.id != editing)
    learns = editing is None or editing not in tree or tree[editing].author == WRITER
    return Learnt(f"{STORIES}{story.id}", start, earlier + _lines(unsent), learns)


def own_lines(turns: Iterable[Turn]) -> str:
    """The writer's turns among ``turns``, each on lines of its own, without what sets it off."""
    return "".join(_lines(turn.text.removeprefix(" ")) for turn in turns if turn.author == WRITER)


def _lines(text: str) -> str:
    return text if not text or text.endswith("\n") else text + "\n"


def story_number(document: str) -> int | None:
    """The number of the story that a document of the memory is of; None where it is of none.

    0, which no story has, for one that had not begun.
    """
    number = document.removeprefix(STORIES)
    return None if number == document else int(number or 0)
