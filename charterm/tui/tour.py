"""The tour of three steps that is shown at the first start: what to do, and what was done.

A step is done by doing it. It remembers nothing itself but that it was shown once.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from charterm import paths, storage
from charterm.i18n import N_

ACCEPTED: Final = "accepted"
"""A suggestion was taken."""
TEXT: Final = "text"
"""A text to train on was chosen."""
STARTED: Final = "started"
"""A training was begun."""
SENT: Final = "sent"
"""A turn of a story was sent."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a step.

    Attributes:
        step: number of the step, from 1.
        mode: the screen on which it is done.
        title: what it is about (English, as are the next two; pass them through ``_``).
        away: what to say on the other screens; may name keys as ``{BINDING_ID}`` with ``_`` for
            the dot.
        there: what to do on the screen; as ``away``.
        done: what ends the part.
    """

    step: int
    mode: str
    title: str
    away: str
    there: str
    done: str


_TRAIN_TITLE: Final = N_("Teach it your own texts")
_TRAIN_AWAY: Final = N_("A model learns from any text in a few minutes. {mode_train} goes there.")

PARTS: Final[tuple[Part, ...]] = (
    Part(
        1,
        "write",
        N_("Take a suggestion"),
        N_("{mode_write} goes to the screen on which you write."),
        N_(
            "Begin to write, for instance: {example}\n"
            "The faint words are what the model expects. {suggestion_accept} takes them, "
            "{suggestion_accept_word} only the next one."
        ),
        ACCEPTED,
    ),
    Part(
        2,
        "train",
        _TRAIN_TITLE,
        _TRAIN_AWAY,
        N_("Type the path of a text file of yours and press enter, or look for it: {train_file}."),
        TEXT,
    ),
    Part(
        2,
        "train",
        _TRAIN_TITLE,
        _TRAIN_AWAY,
        N_(
            "What the form leaves open is chosen for you. {train_start} begins the training; "
            "it goes on while you write."
        ),
        STARTED,
    ),
    Part(
        3,
        "story",
        N_("Write a story by turns"),
        N_("A model can write on by itself, too. {mode_story} goes there."),
        N_(
            "Write how a story begins and press {entry_send}: the model goes on. "
            "{story_retry} lets it try again; nothing is lost."
        ),
        SENT,
    ),
)
"""All parts in their order."""

STEPS: Final = PARTS[-1].step

EXAMPLES: Final = {"korean": "이 영화는 정말 "}
"""How to begin with a model of this name."""
EXAMPLE: Final = "I would like to "
"""How to begin with any other."""


class Tour:
    """Where somebody is in the tour."""

    def __init__(self) -> None:
        self._place = 0

    @property
    def part(self) -> Part | None:
        """What is to be done now; None when all is done."""
        return PARTS[self._place] if self._place < len(PARTS) else None

    def did(self, what: str) -> bool:
        """Somebody did something; whether the tour goes on by that.

        A part of the same step that comes before it counts as done, too.
        """
        step = self.part.step if self.part is not None else 0
        for place, part in enumerate(PARTS):
            if place >= self._place and part.step == step and part.done == what:
                self._place = place + 1
                return True
        return False

    def skip(self) -> None:
        """Go on to the next step without doing this one."""
        if self.part is not None:
            step = self.part.step
            self._place = sum(part.step <= step for part in PARTS)


def _mark() -> Path:
    return paths.data_dir() / "tour-shown"


def is_first_start() -> bool:
    """Whether nobody has used the program on this data folder yet."""
    return not _mark().exists() and not (paths.data_dir() / "texts").exists()


def keep_shown() -> None:
    """Remember that the tour was shown. Raises ChartermError where the disk refuses."""
    storage.write_text(_mark(), "")
