"""Many texts read at once with PyTorch: their likelihoods, and what the network remembers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from charterm.classify.fine_tuning import losses
from charterm.classify.padding import PaddedBatch, Tokens, group_by_length, pad
from charterm.classify.progress import Watch, silent
from charterm.model.network import CharRNN

Floats = NDArray[np.float32]

_PLACES = 8192  # of a batch


@dataclass(frozen=True)
class Readings:
    """What a network made of N texts.

    Attributes:
        nats: (N,) negative log-likelihood of each text, without its end.
        states: (N, 3 * R) what the last layer gives on after the last token, its mean over the
            tokens and its highest values; (N, 0) where they were not asked for.
    """

    nats: NDArray[np.float64]
    states: Floats


@torch.no_grad()
def read_in_bulk(
    network: CharRNN,
    texts: Sequence[Tokens],
    newline: Tokens,
    *,
    states: bool = False,
    likelihood: bool = True,
    watch: Watch = silent,
) -> Readings:
    """Read texts, each from the state after ``newline``.

    Args:
        network: in evaluation mode.
        texts: tokens of each, at least one token.
        newline: what stands before each text.
        states: whether the states are wanted.
        likelihood: whether the likelihoods are wanted.
        watch: is told the share that is done.
    """
    nats = np.zeros(len(texts))
    found = np.zeros((len(texts), 3 * network.config.output_size if states else 0), np.float32)
    lengths = np.array([len(text) + len(newline) for text in texts], np.int64)
    done = 0
    for batch in pad(texts, group_by_length(lengths, _PLACES), newline, newline):
        # the last target is the newline that closes the text; its likelihood is not asked for, but
        # the state after the text's last token is its input's
        features, _ = network.features(
            torch.from_numpy(batch.inputs), network.initial_state(len(batch.places))
        )
        if likelihood:
            every = losses(network, features, batch)
            last = torch.from_numpy(batch.lengths - 1)
            every[last, torch.arange(len(last))] = 0.0
            nats[batch.places] = every.double().sum(0).numpy()
        if states:
            found[batch.places] = _pooled(features, batch).numpy()
        done += len(batch.places)
        watch(done / len(texts))
    return Readings(nats, found)


def _pooled(features: Tensor, batch: PaddedBatch) -> Tensor:
    """Last, mean and highest outputs (B, 3 * R) of features (R, T, B), the start left out."""
    features = features.float()
    inside = torch.from_numpy(batch.counted)
    inside[0] = False  # the newline before the text
    last = features[:, torch.from_numpy(batch.lengths - 1), torch.arange(features.shape[2])]
    counts = inside.sum(0)
    mean = (features * inside).sum(1) / counts
    highest = features.masked_fill(~inside, -torch.inf).amax(1)
    return torch.cat((last, mean, highest)).t()
