"""Tiny backends whose distributions are known, for tests of decoding."""

import numpy as np
from numpy.typing import NDArray

from charterm.decoding.generated import Context
from charterm.engine.backend import Backend, Logits, Rows, State, Tokens
from charterm.engine.numpy_backend import NumpyBackend
from charterm.engine.weights import build_weights
from charterm.model.config import ModelConfig
from charterm.text.alphabet import Alphabet
from tests.model.random_model import random_tensors


class Markov:
    """A table of next-token logits as a model: the state is the last token alone."""

    def __init__(self, table: NDArray[np.floating]) -> None:
        self.table = table.astype(np.float32)  # (V, V)
        self.config = ModelConfig(vocabulary=len(table), hidden=1)
        self.steps = 0

    def initial_state(self, batch: int = 1) -> State:
        return np.zeros((1, batch, 1), np.float32)

    def step(self, state: State, tokens: Tokens, rows: Rows | None = None) -> tuple[Logits, State]:
        self.steps += 1
        new = tokens.astype(np.float32).reshape(1, -1, 1)
        return self.logits(new), new

    def advance(self, state: State, tokens: Tokens) -> State:
        return tokens[-1:].astype(np.float32).reshape(1, 1, 1) if len(tokens) else state

    def read(self, state: State, tokens: Tokens) -> tuple[Logits, State]:
        return self.table[tokens], self.advance(state, tokens)

    def logits(self, state: State) -> Logits:
        return self.table[state[0, :, 0].astype(np.int64)]


def markov(
    characters: str, probabilities: NDArray[np.floating], *, bytes_too: bool = False
) -> tuple[Markov, Alphabet]:
    """A model of ``characters`` whose row of ``probabilities`` (C, C) follows each of them.

    Bytes have no probability, or (``bytes_too``) all the same small one.
    """
    alphabet = Alphabet(tuple(characters))
    table = np.full((alphabet.size, alphabet.size), -np.inf)
    with np.errstate(divide="ignore"):
        table[256:, 256:] = np.log(probabilities)
    table[:256, 256:] = table[256, 256:]  # after a byte as after the first character
    if bytes_too:
        table[:, :256] = -4.0
    return Markov(table), alphabet


def gru(
    characters: str = "\n abcdefgh.,", *, seed: int = 0, scale: float = 0.7, hidden: int = 12
) -> tuple[NumpyBackend, Alphabet]:
    """A random GRU; ``scale`` makes it decided, and its bytes are as likely as its characters."""
    alphabet = Alphabet.from_text(characters)
    config = ModelConfig(vocabulary=alphabet.size, hidden=hidden, embedding=6)
    return NumpyBackend(build_weights(config, random_tensors(config, seed, scale))), alphabet


def after(backend: Backend, alphabet: Alphabet, text: str = "\n") -> Context:
    tokens = alphabet.encode(text)
    return Context(backend.advance(backend.initial_state(), tokens), tokens)
