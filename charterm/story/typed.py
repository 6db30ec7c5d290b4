"""What is typed of a story and is not part of it yet."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the line below a story.

    Attributes:
        text: of the writer's next turn.
        turn: the turn that is being edited; None where none is.
        edit: what is to stand in its place.
    """

    text: str = ""
    turn: int | None = None
    edit: str = ""
