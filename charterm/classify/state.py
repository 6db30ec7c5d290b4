"""Classes from the recurrent state after reading a text.

Radford, Jozefowicz and Sutskever 2017, "Learning to Generate Reviews and Discovering Sentiment": a
linear classifier on what a character model remembers. Here the text's last state, the mean over
its characters and the highest value of every unit (Howard and Ruder 2018, "concat pooling").
"""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor

    from charterm.classify.regression import Penalty

Floats = NDArray[np.float32]

POOLS: Final = ("last", "mean", "highest")
_TELLING: Final = 12
_LEAST_DEVIATION: Final = np.float32(1e-2)
"""Added to each deviation: a unit that hardly moves must not weigh rounding errors like news."""
_ROWS_TO_CHOOSE: Final = 8_000  # texts on which penalties are compared, at most
_ROUNDS: Final = (25, 80)  # of each fit on a path, by L-BFGS and by FISTA
_L2: Final = (3e-1, 1e-1, 3e-2, 1e-2, 3e-3, 1e-3)
_L1: Final = (1e-2, 5e-3, 2.5e-3, 1.2e-3, 6e-4, 3e-4)


@dataclass(frozen=True, slots=True)
class TellingUnit:
    """A unit of the last layer, and what it says.

    Attributes:
        unit: its number, from 0.
        pool: ``last``, ``mean`` or ``highest``.
        weights: its weight for each class, for a change of one standard deviation.
    """

    unit: int
    pool: str
    weights: tuple[float, ...]

    def to_json(self) -> dict[str, Any]:
        """The object as plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        """The inverse of :meth:`to_json`."""
        return cls(values["unit"], values["pool"], tuple(values["weights"]))


@dataclass(frozen=True)
class StateMachine:
    """A fitted classifier of pooled states. Needs no torch.

    Attributes:
        weight: (3 * R, K).
        bias: (K,).
        penalty: ``l1`` or ``l2``, as validation chose.
        strength: of the penalty.
        telling: the units that say most.
        used: features with a weight other than zero.
    """

    weight: Floats
    bias: Floats
    penalty: str
    strength: float
    telling: tuple[TellingUnit, ...]
    used: int

    def scores(self, states: Floats) -> Floats:
        """Logits of the classes, shape (N, K), from pooled states (N, 3 * R)."""
        found: Floats = states @ self.weight + self.bias
        return found


@dataclass(frozen=True)
class Standardized:
    """Features with mean 0 and deviation 1, and what brings others to the same scale."""

    features: "Tensor"
    mean: Floats
    deviation: Floats

    @classmethod
    def of(cls, states: Floats) -> "Standardized":
        """Standardize pooled states (N, D)."""
        import torch

        mean, deviation = states.mean(0), states.std(0) + _LEAST_DEVIATION
        return cls(torch.from_numpy((states - mean) / deviation), mean, deviation)

    def other(self, states: Floats) -> "Tensor":
        """Other pooled states in this scale."""
        import torch

        return torch.from_numpy((states - self.mean) / self.deviation)


@dataclass(frozen=True, slots=True)
class PenaltyChoice:
    """A penalty and how well it did on texts kept aside."""

    penalty: "Penalty"
    strength: float
    nats: float
    accuracy: float


def choose_penalty(
    states: Floats,
    labels: NDArray[np.int64],
    held_states: Floats,
    held_labels: NDArray[np.int64],
    classes: int,
) -> PenaltyChoice:
    """The penalty that predicts the texts kept aside best, by cross-entropy."""
    from charterm.classify.regression import cross_entropy, fit_linear, fit_sparse_linear

    scaled = Standardized.of(states[:_ROWS_TO_CHOOSE])
    few = labels[:_ROWS_TO_CHOOSE]
    held = scaled.other(held_states)
    choices = []
    grid: tuple[tuple[Penalty, tuple[float, ...]], ...] = (("l2", _L2), ("l1", _L1))
    for penalty, strengths in grid:
        best, start = float("inf"), None
        for strength in strengths:  # from strong to weak, each beginning where the last ended
            if penalty == "l2":
                start = fit_linear(
                    scaled.features, few, classes, strength, start=start, iterations=_ROUNDS[0]
                )
            else:
                start = fit_sparse_linear(
                    scaled.features, few, classes, strength, start=start, iterations=_ROUNDS[1]
                )
            scores = (held @ start[0] + start[1]).numpy()
            nats = cross_entropy(scores, held_labels)
            accuracy = float((scores.argmax(1) == held_labels).mean())
            choices.append(PenaltyChoice(penalty, strength, nats, accuracy))
            if nats > 1.02 * best:
                break
            best = min(best, nats)
    return min(choices, key=lambda choice: choice.nats)


def fit_state_machine(
    states: Floats, labels: NDArray[np.int64], classes: int, choice: PenaltyChoice
) -> StateMachine:
    """Fit on pooled states (N, 3 * R) with labels (N,)."""
    from charterm.classify.regression import fit_linear, fit_sparse_linear

    scaled = Standardized.of(states)
    fit = fit_linear if choice.penalty == "l2" else fit_sparse_linear
    weight, bias = (part.numpy() for part in fit(scaled.features, labels, classes, choice.strength))
    lead = weight - weight.mean(1, keepdims=True)
    hidden = len(weight) // len(POOLS)
    order = np.argsort(-np.abs(lead).max(1), kind="stable")[:_TELLING]
    folded = weight / scaled.deviation[:, None]
    return StateMachine(
        weight=folded.astype(np.float32),
        bias=(bias - scaled.mean @ folded).astype(np.float32),
        penalty=choice.penalty,
        strength=choice.strength,
        telling=tuple(
            TellingUnit(int(place % hidden), POOLS[place // hidden], tuple(map(float, lead[place])))
            for place in order
        ),
        used=int(np.count_nonzero(np.abs(lead).max(1) > 1e-7)),
    )
