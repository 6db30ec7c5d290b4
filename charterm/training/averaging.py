"""A running average of the weights, which validates better than the weights themselves."""

import contextlib
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn


@contextlib.contextmanager
def holding(network: nn.Module, weights: Sequence[Tensor]) -> Iterator[None]:
    """Give the network other weights within the block.

    Args:
        network: gets its own weights back at the end.
        weights: in the order of ``network.parameters()``.
    """
    parameters = list(network.parameters())
    own = [p.data for p in parameters]
    try:
        for parameter, data in zip(parameters, weights, strict=True):
            parameter.data = data
        yield
    finally:
        for parameter, data in zip(parameters, own, strict=True):
            parameter.data = data


class AveragedWeights:
    """Exponential moving average of the parameters (Polyak and Juditsky 1992).

    In the first steps the average forgets faster, so that the initial weights leave no trace.

    Attributes:
        tensors: the averaged values, in the order of ``network.parameters()``; the parameters
            themselves where nothing is averaged.
    """

    def __init__(self, network: nn.Module, decay: float) -> None:
        self.decay = decay
        self.tensors: list[Tensor] = [p.detach() for p in network.parameters()]
        if decay:
            self.tensors = [tensor.clone() for tensor in self.tensors]

    @torch.no_grad()
    def update(self, network: nn.Module, step: int) -> None:
        """Take in the parameters after optimizer step number ``step`` (from 0)."""
        if self.decay:
            decay = min(self.decay, (1 + step) / (10 + step))
            torch._foreach_lerp_(self.tensors, list(network.parameters()), 1.0 - decay)

    @torch.no_grad()
    def restore(self, tensors: Sequence[Tensor]) -> None:
        """Go on from the averages of an earlier run."""
        for own, saved in zip(self.tensors, tensors, strict=True):
            own.copy_(saved)
