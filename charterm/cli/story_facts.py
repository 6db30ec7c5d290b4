"""What the commands about stories have in common: how they open one, and what they tell of it."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from charterm.errors import UsageError

if TYPE_CHECKING:
    from charterm.story.store import StoryInfo, StoryStore
    from charterm.story.story import Story
    from charterm.story.tree import Turn

IdArgument = Annotated[int, typer.Argument(metavar="ID", help="The story's number in the list.")]
TurnArgument = Annotated[
    int, typer.Argument(metavar="TURN", help="The turn's number in charterm stories tree.")
]


def open_store() -> "StoryStore":
    """The user's stories."""
    from charterm.story.store import StoryStore  # needs NumPy, which most commands do not

    return StoryStore()


def open_story(store: "StoryStore", id: int) -> "Story":
    """Open story number ``id``; :class:`ChartermError` where there is none."""
    from charterm.story.story import Story

    return Story(store, id)


def facts(info: "StoryInfo") -> dict[str, Any]:
    """A story's line in the list, for JSON."""
    return {
        "id": info.id,
        "title": info.title,
        "created": info.created,
        "updated": info.updated,
        "turns": info.turns,
    }


def turn_facts(turn: "Turn") -> dict[str, Any]:
    """A turn, for JSON."""
    return {
        "id": turn.id,
        "parent": turn.parent,
        "author": turn.author,
        "text": turn.text,
        "created": turn.created,
    }


def check_turn(story: "Story", turn: int) -> None:
    """Raise a UsageError where the story has no such turn."""
    if turn not in story.tree:
        raise UsageError(
            f"story {story.id} has no turn {turn}; charterm stories tree {story.id} lists them"
        )
