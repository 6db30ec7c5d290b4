"""What has happened in a run, gathered from its events: its curves, samples and figures."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from charterm.training.events import (
    Checkpoint,
    Comparing,
    Event,
    Failed,
    Finished,
    Paused,
    Reading,
    Sample,
    Started,
    Step,
    Validation,
)
from charterm.training.run_folder import RunFolder, parse_events

_NATS_PER_BIT = math.log(2)


@dataclass(frozen=True)
class Curve:
    """Points of a curve.

    Attributes:
        x: millions of characters trained on.
        y: bits per character.
    """

    x: tuple[float, ...] = ()
    y: tuple[float, ...] = ()


class History:
    """A run's events in order. Add them as they come.

    Attributes:
        started: the last beginning; None before the first.
        reading: how far the text is turned into tokens, while it is.
        comparing: how far what the model writes is compared with its text, while it is.
        steps: reports of the optimizer, about one a second.
        validations: all of them.
        samples: all of them.
        end: the event that ended the run or its process so far, while nothing came after it.
        saved: whether there is a model that can be loaded.
    """

    def __init__(self) -> None:
        self.started: Started | None = None
        self.reading: Reading | None = None
        self.comparing: Comparing | None = None
        self.steps: list[Step] = []
        self.validations: list[Validation] = []
        self.samples: list[Sample] = []
        self.end: Paused | Finished | Failed | None = None
        self.saved = False

    def add(self, event: Event) -> None:
        """Take in the next event. What a continued run does again takes the place of the first."""
        if isinstance(event, Paused | Finished | Failed):
            self.end = event
            self.saved = self.saved or isinstance(event, Finished)
            return
        self.end = None
        self.reading = event if isinstance(event, Reading) else None
        self.comparing = event if isinstance(event, Comparing) else None
        match event:
            case Started():
                self.started = event
                self._forget_after(event.step)
            case Step():
                self._forget_after(event.step - 1)
                self.steps.append(event)
            case Validation():
                self.validations.append(event)
            case Sample():
                self.samples.append(event)
            case Checkpoint():
                self.saved = True

    def _forget_after(self, step: int) -> None:
        events: list[Step] | list[Validation] | list[Sample]
        for events in (self.steps, self.validations, self.samples):
            while events and events[-1].step > step:
                events.pop()

    @classmethod
    def of(cls, events: Iterable[Event]) -> "History":
        """The history of these events."""
        history = cls()
        for event in events:
            history.add(event)
        return history

    @classmethod
    def read(cls, name: str) -> "History":
        """The history of a run as it stands on the disk.

        Raises:
            UsageError: there is no such run.
        """
        return read_history(RunFolder.existing(name).events_file)

    @property
    def last_step(self) -> Step | None:
        """The last report."""
        return self.steps[-1] if self.steps else None

    @property
    def best_nats(self) -> float | None:
        """The lowest validation loss, nats per character."""
        return min((each.validation_nats for each in self.validations), default=None)

    @property
    def flops(self) -> float | None:
        """Floating-point operations a second that the run has reached; see ``choose_recipe``."""
        if self.started is None or not self.steps:
            return None
        speeds = sorted(step.characters_per_second for step in self.steps)
        return 6.0 * self.started.parameters * speeds[len(speeds) // 2]

    def train_curve(self, smoothing: float = 0.0) -> Curve:
        """The training loss, with dropout.

        Args:
            smoothing: weight of what came before in an exponential mean, from 0 (none) to below
                1; corrected for its beginning (Kingma and Ba 2015, section 3).
        """
        mean = weight = 0.0
        smooth = []
        points = [
            (step.characters / 1e6, step.train_nats / _NATS_PER_BIT)
            for step in self.steps
            if math.isfinite(step.train_nats)
        ]
        for _x, y in points:
            mean = smoothing * mean + (1.0 - smoothing) * y
            weight = smoothing * weight + (1.0 - smoothing)
            smooth.append(mean / weight)
        return Curve(tuple(x for x, _y in points), tuple(smooth))

    def validation_curve(self) -> Curve:
        """The loss on the text kept out of training."""
        kept = [each for each in self.validations if math.isfinite(each.validation_nats)]
        return Curve(
            tuple(each.characters / 1e6 for each in kept),
            tuple(each.validation_nats / _NATS_PER_BIT for each in kept),
        )


def read_history(events_file: Path) -> History:
    """The history in a file of events; an empty one where there is none yet."""
    try:
        content = events_file.read_bytes()
    except FileNotFoundError:
        return History()
    return History.of(parse_events(content))
