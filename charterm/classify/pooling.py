"""Scores of one or several methods as calibrated probabilities: a logarithmic opinion pool.

One method alone: its scores divided by a temperature (Guo et al. 2017) and an offset for each
class. Several: the weighted sum of their scores (Genest and Zidek 1986), the weights learnt on
texts that none of the methods was fitted on (Wolpert 1992, "Stacked generalization").
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]


def softmax(logits: Doubles) -> Doubles:
    """Probabilities along the last axis."""
    raised = np.exp(logits - logits.max(-1, keepdims=True))
    chances: Doubles = raised / raised.sum(-1, keepdims=True)
    return chances


@dataclass(frozen=True)
class Pool:
    """Turns scores into log-probabilities of the classes, up to a constant.

    Attributes:
        weights: of each method's scores, none negative; for one method 1 / temperature.
        offsets: (K,) added to each class.
    """

    weights: Mapping[str, float]
    offsets: Doubles

    def logits(self, scores: Mapping[str, NDArray[Any]]) -> Doubles:
        """Weighted scores, shape (..., K), from those of each method."""
        total: Doubles = self.offsets.copy()
        for method, weight in self.weights.items():
            total = total + weight * scores[method].astype(np.float64)
        return total

    def probabilities(self, scores: Mapping[str, NDArray[Any]]) -> Doubles:
        """Probabilities of the classes, shape (..., K)."""
        return softmax(self.logits(scores))

    def to_json(self) -> dict[str, Any]:
        """The object as plain JSON values."""
        return {"weights": dict(self.weights), "offsets": self.offsets.tolist()}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        """The inverse of :meth:`to_json`."""
        return cls(dict(values["weights"]), np.array(values["offsets"], np.float64))


_FOLDS: Final = 5


def cross_fitted(
    scores: Mapping[str, NDArray[Any]], labels: NDArray[np.int64], prior: Doubles
) -> Doubles:
    """Probabilities, shape (N, K), each from a pool that was fitted on the other texts.

    By them pools can be compared: one of many methods fits the texts it was fitted on better
    without being better. Arguments as :func:`fit_pool`; fewer than ten texts are not divided.
    """
    count = len(labels)
    if count < 2 * _FOLDS:
        return fit_pool(scores, labels, prior).probabilities(scores)
    chances = np.empty((count, len(prior)))
    fold = np.random.default_rng(0).permutation(count) % _FOLDS
    for number in range(_FOLDS):
        inside, outside = fold != number, fold == number
        pool = fit_pool({m: each[inside] for m, each in scores.items()}, labels[inside], prior)
        chances[outside] = pool.probabilities({m: each[outside] for m, each in scores.items()})
    return chances


def fit_pool(scores: Mapping[str, NDArray[Any]], labels: NDArray[np.int64], prior: Doubles) -> Pool:
    """Learn the weights and offsets that predict the labels best.

    Args:
        scores: (N, K) of each method, for texts that it was not fitted on.
        labels: (N,) their classes.
        prior: (K,) probabilities of the classes; where the offsets end is drawn to their
            logarithms.
    """
    import torch
    import torch.nn.functional as F

    methods = list(scores)
    centred = [scores[m] - scores[m].mean(1, keepdims=True) for m in methods]
    spreads = [max(float(each.std()), 1e-6) for each in centred]
    stacked = torch.from_numpy(
        np.stack([each / spread for each, spread in zip(centred, spreads, strict=True)])
    ).double()
    targets = torch.from_numpy(labels)
    log_prior = torch.from_numpy(np.log(prior))
    raw = torch.zeros(len(methods), dtype=torch.float64, requires_grad=True)
    shift = torch.zeros(len(prior), dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS(
        [raw, shift], max_iter=200, tolerance_change=1e-10, line_search_fn="strong_wolfe"
    )

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        weights = F.softplus(raw)
        logits = torch.einsum("m,mnk->nk", weights, stacked) + log_prior + shift
        # as if one more text of each kind had been seen: keeps few texts from certainty
        penalty = (weights.square().sum() * 0.1 + shift.square().sum()) / len(targets)
        cost = F.cross_entropy(logits, targets) + penalty
        cost.backward()  # type: ignore[no-untyped-call]
        return cost

    optimizer.step(closure)  # type: ignore[no-untyped-call]
    weights = F.softplus(raw.detach()).numpy()
    return Pool(
        {m: float(w / s) for m, w, s in zip(methods, weights, spreads, strict=True)},
        np.log(prior) + shift.detach().numpy(),
    )
