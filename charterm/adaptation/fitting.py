"""Fits the prior of the gates to what a model and an empty memory predicted on sample texts."""

from collections.abc import Sequence
from typing import Final

from charterm.adaptation.gates import Observation
from charterm.adaptation.memory import BUCKETS

_SURE: Final = 50.0  # observations from which a bucket needs no prior of its own
_WEAK: Final = 0.5


def fit_prior(
    texts: Sequence[tuple[float, Sequence[Observation]]],
    start: Sequence[float],
    *,
    rounds: int = 4,
) -> list[float]:
    """The gates under which the texts are likeliest, by EM, shape (BUCKETS,).

    Args:
        texts: a weight and the observations of each text, as of
            :func:`charterm.adaptation.evaluation.observe_text`.
        start: gates to begin with, shape (BUCKETS,); they stay where a bucket is hardly seen.
        rounds: steps of EM.
    """
    prior = list(start)
    for _ in range(rounds):
        favour, evidence = [0.0] * BUCKETS, [0.0] * BUCKETS
        for weight, observations in texts:
            for seen in observations:
                _count(seen, weight, prior, favour, evidence)
        prior = [
            (chosen + _WEAK * gate) / (total + _WEAK) if total < _SURE else chosen / total
            for chosen, total, gate in zip(favour, evidence, prior, strict=True)
        ]
    return prior


def _count(
    seen: Observation,
    weight: float,
    gates: Sequence[float],
    favour: list[float],
    evidence: list[float],
) -> None:
    """Add where the token may have come from, under ``gates``."""
    below = seen.network
    path = []
    for bucket, share, mass in seen.levels:
        here = gates[bucket] * share
        under = (1.0 - gates[bucket] * mass) * below
        path.append((bucket, here, under))
        below = here + under
    reach = weight
    for bucket, here, under in reversed(path):
        whole = here + under
        chosen = here / whole if whole > 0.0 else 0.0
        favour[bucket] += reach * chosen
        evidence[bucket] += reach
        reach *= 1.0 - chosen
