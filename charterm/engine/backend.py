"""What the engine asks of a backend: one recurrent step, and a few ways to take many of them."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from charterm.model.config import ModelConfig

State = NDArray[np.float32]
"""Mutable memory of N sequences as a value, shape (S, N, H).

S is :attr:`~charterm.model.config.ModelConfig.state_rows`. The first L rows are what each layer
gives on: its hidden vector, or, with a projection, the P values of that and zeros. For LSTM the L
cell vectors follow, and for GRU with a projection the L hidden vectors. A backend never writes to
a state it has returned, so a state can be kept, shared and branched from."""

Tokens = NDArray[np.int32]
Rows = NDArray[np.intp]
Logits = NDArray[np.float32]


class Backend(Protocol):
    """Runs a model's weights. Calls from several threads at once are safe."""

    @property
    def config(self) -> ModelConfig:
        """The shapes."""

    def initial_state(self, batch: int = 1) -> State:
        """Zeros, shape (S, batch, H)."""

    def step(self, state: State, tokens: Tokens, rows: Rows | None = None) -> tuple[Logits, State]:
        """Feed one token to each of N sequences.

        Args:
            state: shape (S, M, H).
            tokens: shape (N,).
            rows: shape (N,), which of the M each token goes on from: some perhaps from the same,
                some from none. ``None``: token k from sequence k, M = N.

        Returns:
            The logits of what follows, shape (N, V), and the new state, shape (S, N, H).
        """

    def advance(self, state: State, tokens: Tokens) -> State:
        """Feed ``tokens``, shape (T,), to one sequence, shape (S, 1, H), without logits."""

    def read(self, state: State, tokens: Tokens) -> tuple[Logits, State]:
        """Feed ``tokens``, shape (T,), to one sequence; logits after each, shape (T, V)."""

    def logits(self, state: State) -> Logits:
        """The logits of what follows each of the N sequences, shape (N, V)."""
