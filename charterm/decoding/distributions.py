"""Softmax and its logarithm over rows in which excluded tokens are -inf."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.floating[Any]]
"""Unnormalised log-probabilities of the next token for N sequences, shape (N, V); -inf where a
token is excluded. Every row has at least one finite value. Sampling leaves them in float32 as the
model gives them, searches add them up in float64."""


def log_normaliser(scores: Scores) -> NDArray[np.float64]:
    """Logarithm of the sum of exp of each row, shape (N, 1), for scores of shape (N, V)."""
    highest = np.maximum.reduce(scores, axis=1, keepdims=True)
    total = np.add.reduce(np.exp(scores - highest), axis=1, keepdims=True, dtype=np.float64)
    return np.asarray(highest + np.log(total), np.float64)


def log_softmax(scores: Scores) -> Scores:
    """Log-probabilities, shape (N, V); -inf stays -inf."""
    return scores - log_normaliser(scores)


def softmax(scores: Scores) -> Scores:
    """Probabilities, shape (N, V)."""
    weights = np.exp(scores - np.maximum.reduce(scores, axis=1, keepdims=True))
    weights /= np.add.reduce(weights, axis=1, keepdims=True)
    return weights


def entropies(probabilities: Scores) -> Scores:
    """Shannon entropy of each row in nats, shape (N, 1), for probabilities of shape (N, V)."""
    logarithms = np.log(np.maximum(probabilities, np.finfo(np.float64).tiny))
    return -np.add.reduce(probabilities * logarithms, axis=1, keepdims=True)
