"""How far a run is: the part of its state that is plain numbers."""

import math
from dataclasses import asdict, dataclass
from typing import Any, Self


@dataclass
class Progress:
    """The numbers that decide, with the tensors of a checkpoint, how a run goes on.

    Attributes:
        step: optimizer steps done.
        seconds: of training, pauses left out.
        validated: validations done.
        best_nats: lowest validation loss so far, nats per character.
        best_step: where that was.
        last_nats: validation loss at ``last_step``, the last validation.
        last_step: where that was.
        worse: validations since the best.
        stopped: whether someone asked to finish before the budget is used up.
        train_nats: smoothed training loss, nats per character, with dropout.
        validation_train_nats: sum of the training losses since the last validation.
        validation_train_steps: steps in that sum.
    """

    step: int = 0
    seconds: float = 0.0
    validated: int = 0
    best_nats: float = math.inf
    best_step: int = 0
    last_nats: float = math.nan
    last_step: int = -1
    worse: int = 0
    stopped: bool = False
    train_nats: float = math.nan
    validation_train_nats: float = 0.0
    validation_train_steps: int = 0

    def add_losses(self, nats: float, steps: int) -> None:
        """Take in the mean training loss of some steps."""
        self.validation_train_nats += nats * steps
        self.validation_train_steps += steps
        smoothed = self.train_nats
        self.train_nats = nats if math.isnan(smoothed) else 0.9 * smoothed + 0.1 * nats

    def add_validation(self, nats: float) -> bool:
        """Take in a validation loss; whether it is the best so far."""
        self.last_nats, self.last_step = nats, self.step
        self.validation_train_nats, self.validation_train_steps = 0.0, 0
        if nats < self.best_nats:
            self.best_nats, self.best_step, self.worse = nats, self.step, 0
            return True
        self.worse += 1
        return False

    @property
    def train_nats_since_validation(self) -> float:
        """Mean training loss since the last validation, nats per character."""
        if not self.validation_train_steps:
            return self.train_nats
        return self.validation_train_nats / self.validation_train_steps

    def to_json(self) -> dict[str, Any]:
        """The object as plain JSON values; what is not finite becomes None."""
        return {
            name: None if isinstance(value, float) and not math.isfinite(value) else value
            for name, value in asdict(self).items()
        }

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        """The inverse of :meth:`to_json`."""
        return cls(**{name: value for name, value in values.items() if value is not None})
