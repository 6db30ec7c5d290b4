"""What the storyteller tells the screen."""

from dataclasses import dataclass

from charterm.story.store import Logprobs, StoryInfo
from charterm.story.story import Story
from charterm.story.typed import Typed
from charterm.tui.predictor import ModelFailed, ModelReady


@dataclass(frozen=True)
class StoryOpened:
    """Another story is to be shown.

    Attributes:
        story: None for one that has not begun.
        draft: what was typed of it; None for the story that has just begun, with the line as it
            is.
    """

    story: Story | None
    draft: Typed | None


@dataclass(frozen=True)
class StoryChanged:
    """The story reads otherwise now: another head, a new turn."""


@dataclass(frozen=True)
class Began:
    """The model goes on; ``count`` texts will come."""

    count: int


@dataclass(frozen=True)
class Grew:
    """These turns, alternatives of each other, have more text."""

    turns: tuple[int, ...]


@dataclass(frozen=True)
class Searching:
    """The best text of a search so far."""

    text: str


@dataclass(frozen=True)
class Finished:
    """The model has stopped.

    Attributes:
        turns: what it wrote, the first one the head.
        reason: why it stopped, as in :class:`charterm.decoding.generated.Ended`.
        characters: how many it wrote.
        seconds: how long that took.
    """

    turns: tuple[int, ...]
    reason: str
    characters: int
    seconds: float


@dataclass(frozen=True)
class Weighed:
    """How probable each character of a turn was to the model, in nats, shape (C,)."""

    turn: int
    logprobs: Logprobs


@dataclass(frozen=True)
class PlaceRead:
    """What the model expects at a place of a turn: (character, probability), likeliest first."""

    turn: int
    offset: int
    characters: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Listed:
    """The stories, and how many deleted ones can be brought back."""

    stories: tuple[StoryInfo, ...]
    deleted: int
    search: str


@dataclass(frozen=True)
class Said:
    """Something was done that the writer should know of."""

    text: str


@dataclass(frozen=True)
class Refused:
    """Something could not be done; a line that says why."""

    reason: str


Report = (
    ModelReady
    | ModelFailed
    | StoryOpened
    | StoryChanged
    | Began
    | Grew
    | Searching
    | Finished
    | Weighed
    | PlaceRead
    | Listed
    | Said
    | Refused
)
