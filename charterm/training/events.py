"""What a training tells while it runs: frozen events, alike for screens, logs and the terminal."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar


@dataclass(frozen=True)
class Event:
    """Something that happened in a training.

    Attributes:
        kind: the event's name in JSON.
    """

    kind: ClassVar[str] = "event"

    def to_json(self) -> dict[str, Any]:
        """The event as plain JSON values, its kind first."""
        return {"kind": self.kind, **asdict(self)}


@dataclass(frozen=True)
class Reading(Event):
    """The text is being turned into tokens, which happens once; ``done`` of ``total`` bytes."""

    kind: ClassVar[str] = "reading"
    done: int
    total: int


@dataclass(frozen=True)
class Comparing(Event):
    """At the end: what the model writes is looked for in its text; ``done`` of ``total`` tokens."""

    kind: ClassVar[str] = "comparing"
    done: int
    total: int


@dataclass(frozen=True)
class Started(Event):
    """Training begins, or goes on after a resume.

    Attributes:
        recipe: every choice made for this run, as JSON values.
        parameters: number of trained values of the saved model.
        train_characters: characters of one pass over the training text.
        validation_characters: characters kept for validation.
        threads: threads of the matrix products.
        peak_flops: matrix-product peak measured at the start, in floating-point operations a
            second, for the precision in use.
        step: optimizer steps already done (above 0 after a resume).
        alphabet: number of characters with a token of their own.
        sources: the files, each with ``name``, ``characters``, ``encoding`` and ``guessed``.
    """

    kind: ClassVar[str] = "started"
    recipe: dict[str, Any]
    parameters: int
    train_characters: int
    validation_characters: int
    threads: int
    peak_flops: float
    step: int = 0
    alphabet: int = 0
    sources: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class Step(Event):
    """Some optimizer steps were done; sent a few times a second.

    Attributes:
        step: optimizer steps done.
        progress: part of the budget used, 0 to 1.
        epoch: passes over the training text done, a fraction.
        characters: characters trained on.
        train_nats: smoothed training loss, nats per character, with dropout.
        learning_rate: of the last step.
        gradient_norm: before clipping, of the last step.
        characters_per_second: over the last steps.
        peak_share: share of the measured matrix-product peak that the recurrent network's
            products reach (6 operations for each weight and character).
        seconds: training time so far, pauses left out.
        seconds_left: estimate.
    """

    kind: ClassVar[str] = "step"
    step: int
    progress: float
    epoch: float
    characters: int
    train_nats: float
    learning_rate: float
    gradient_norm: float
    characters_per_second: float
    peak_share: float
    seconds: float
    seconds_left: float


@dataclass(frozen=True)
class Validation(Event):
    """The averaged weights were tried on text kept out of training.

    Attributes:
        step: optimizer steps done.
        characters: characters trained on.
        train_nats: training loss since the last validation, nats per character, with dropout;
            None before the first step.
        validation_nats: nats per character on the validation text.
        validation_bits: the same in bits.
        best: whether it is the lowest so far.
        seconds: training time so far.
    """

    kind: ClassVar[str] = "validation"
    step: int
    characters: int
    train_nats: float | None
    validation_nats: float
    validation_bits: float
    best: bool
    seconds: float


@dataclass(frozen=True)
class Sample(Event):
    """Text that the model writes at this stage."""

    kind: ClassVar[str] = "sample"
    step: int
    text: str


@dataclass(frozen=True)
class Checkpoint(Event):
    """Everything needed to go on was written to disk, and the model as it is now."""

    kind: ClassVar[str] = "checkpoint"
    step: int
    folder: str


@dataclass(frozen=True)
class Paused(Event):
    """Training stopped at someone's wish after a checkpoint; it can be resumed.

    Attributes:
        step: optimizer steps done.
        progress: part of the budget used, 0 to 1.
        signal: name of the signal that asked for it, such as ``"SIGTERM"``; empty if none did.
    """

    kind: ClassVar[str] = "paused"
    step: int
    progress: float
    signal: str = ""


@dataclass(frozen=True)
class Finished(Event):
    """The budget is used up, or the validation loss stopped falling. The model is saved.

    Attributes:
        reason: ``"budget"``, ``"early stopping"`` or ``"stopped"``.
        folder: the model's folder.
        facts: what stands in ``model.json`` under ``training``: ``validation_nats``,
            ``validation_bits``, ``characters_seen``, ``seconds``, ``characters_per_second`` and
            more.
    """

    kind: ClassVar[str] = "finished"
    reason: str
    folder: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Failed(Event):
    """Training ended with an error; ``message`` is one line for people."""

    kind: ClassVar[str] = "failed"
    message: str


_KINDS: dict[str, type[Event]] = {
    event.kind: event
    for event in (
        Reading, Started, Step, Validation, Sample, Checkpoint, Comparing, Paused, Finished, Failed
    )
}  # fmt: skip


def event_from_json(values: Mapping[str, Any]) -> Event:
    """The inverse of :meth:`Event.to_json`.

    Raises:
        ValueError: the values are no event's.
    """
    kind = _KINDS.get(values.get("kind", ""))
    if kind is None:
        raise ValueError(f"unknown event {values.get('kind')!r}")
    try:
        return kind(**{name: value for name, value in values.items() if name != "kind"})
    except TypeError as error:
        raise ValueError(str(error)) from error
