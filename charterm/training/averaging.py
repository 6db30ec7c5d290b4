"""A running average of the weights, which validates better than the weights themselves."""

import contextlib
from collections.abc import Iterator

import torch
from torch import Tensor, nn


class AveragedWeights:
    """Exponential moving average of the parameters (Polyak and Juditsky 1992).

    In the first steps the average forgets faster, so that the initial weights leave no trace.

    Attributes:
        tensors: the averaged values, in the order of ``network.parameters()``.
    """

    def __init__(self, network: nn.Module, decay: float) -> None:
        self.decay = decay
        self.tensors: list[Tensor] = []
        if decay:
            self.tensors = [p.detach().clone() for p in network.parameters()]

    @torch.no_grad()
    def update(self, network: nn.Module, step: int) -> None:
        """Take in the parameters after optimizer step number ``step`` (from 0)."""
        if self.decay:
            decay = min(self.decay, (1 + step) / (10 + step))
            torch._foreach_lerp_(self.tensors, list(network.parameters()), 1.0 - decay)

    @contextlib.contextmanager
    def applied(self, network: nn.Module) -> Iterator[None]:
        """Give the network the averaged weights within the block."""
        if not self.decay:
            yield
            return
        parameters = list(network.parameters())
        own = [p.data for p in parameters]
        try:
            for parameter, averaged in zip(parameters, self.tensors, strict=True):
                parameter.data = averaged
            yield
        finally:
            for parameter, data in zip(parameters, own, strict=True):
                parameter.data = data
