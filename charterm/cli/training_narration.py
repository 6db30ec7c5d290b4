"""What a training tells, as lines on stderr."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from charterm.cli.output import narrate
from charterm.cli.progress import ProgressLine
from charterm.model.config import shape_of
from charterm.text.display import visible
from charterm.training.events import (
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

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

_BAR: Final = 24  # cells of the progress bar
_SHOWN_STRETCH: Final = 60  # characters of a copied stretch


def clock(seconds: float) -> str:
    """A duration as ``m:ss`` or ``h:mm:ss``."""
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


class TrainingNarration:
    """Tells each event as it comes, with a progress line where somebody watches.

    Use as a context manager, so that the progress line is gone at the end.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._progress = ProgressLine()

    def __enter__(self) -> TrainingNarration:
        self._progress.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.__exit__(kind, error, trace)

    def tell(self, event: Event) -> None:
        """Tell one event."""
        if isinstance(event, Reading):
            share = event.done / max(1, event.total)
            self._progress.show(f"reading {share:.0%} of {event.total / 1e6:,.0f} MB")
            return
        if isinstance(event, Comparing):
            share = event.done / max(1, event.total)
            self._progress.show(f"looking for what it copies in its text, {share:.0%}")
            return
        if isinstance(event, Step):
            self._progress.show(_step_line(event))
            return
        self._progress.clear()
        if isinstance(event, Started):
            self._started(event)
        elif isinstance(event, Validation):
            before = event.train_nats is None
            training = "" if before else f"  (training {event.train_nats:.4f} nats)"
            narrate(
                f"{clock(event.seconds):>8}  validation {event.validation_nats:.4f} nats, "
                f"{event.validation_bits:.4f} bits per character"
                f"{training}{'  best' if event.best and not before else ''}"
            )
        elif isinstance(event, Sample):
            narrate(f"          {visible(event.text)}")
        elif isinstance(event, Paused):
            narrate(
                f"paused at {event.progress:.0%}; the model can be used as it is. Go on with "
                f"charterm train --resume {self._name}, finish with charterm runs stop {self._name}"
            )
        elif isinstance(event, Failed):
            narrate(f"failed: {event.message}")
        elif isinstance(event, Finished):
            for line in _finished_lines(self._name, event.facts):
                narrate(line)

    def _started(self, event: Started) -> None:
        if event.step:
            narrate(f"going on after {event.step:,} steps")
            return
        for source in event.sources:
            if source["guessed"]:
                narrate(f"{source['name']}: read as {source['encoding']}, which was guessed")
        recipe = event.recipe
        narrate(
            f"{event.train_characters:,} characters to train on in {len(event.sources)} files, "
            f"{event.validation_characters:,} kept for validation, {event.alphabet} distinct"
        )
        narrate(
            f"{recipe['cell'].upper()} {shape_of(recipe)}, "
            f"{event.parameters:,} parameters, {recipe['precision']} products on "
            f"{event.threads} threads"
        )


def _step_line(step: Step) -> str:
    done = round(_BAR * min(1.0, step.progress))
    return (
        f"{'━' * done}{'╌' * (_BAR - done)} {step.progress:4.0%}  loss {step.train_nats:.3f}  "
        f"{step.characters_per_second / 1000:.1f}k char/s  {clock(step.seconds_left)} left"
    )


def _nats(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.4f} nats"


def _finished_lines(name: str, facts: Mapping[str, Any]) -> list[str]:
    """What there is to say about a finished training."""
    lines = []
    validation, train = facts.get("validation_nats"), facts.get("train_text_nats")
    if validation is not None and train is not None:
        lines.append(
            f"training text {_nats(train)}, validation text {_nats(validation)}: "
            f"{validation - train:+.4f} from learning by heart"
        )
    verbatim = facts.get("verbatim")
    if verbatim:
        stretch = visible(verbatim["stretch"][:_SHOWN_STRETCH])
        dots = "…" if len(verbatim["stretch"]) > _SHOWN_STRETCH else ""
        lines.append(
            f"of {verbatim['characters']:,} characters that it writes, the longest stretch that "
            f"stands in the training text has {verbatim['longest']}: “{stretch}{dots}” "
            f"({verbatim['validation_longest']} in as much validation text)"
        )
    if "before_nats" in facts:
        lines.append(
            f"new text: {_nats(facts['before_nats'])} before, {_nats(facts['after_nats'])} now"
        )
    if "recall_before_nats" in facts:
        lines.append(
            f"what it knew ({facts['recall']}): {_nats(facts['recall_before_nats'])} before, "
            f"{_nats(facts['recall_after_nats'])} now"
        )
    if facts.get("kept_step", facts["steps"]) != facts["steps"]:
        lines.append(
            f"the weights of step {facts['kept_step']:,} are kept, which validated better than "
            f"the last ({_nats(facts['last_validation_nats'])})"
        )
    bits = facts["validation_bits"]
    loss = "not validated" if bits is None else f"{bits:.4f} bits per character"
    lines.append(
        f"kept as {name}: {loss}"
        f" after {facts['characters_seen']:,} characters in {clock(facts['seconds'])}; "
        f"try charterm complete -m {name}"
    )
    return lines
