"""The backend for one keyboard on a CPU: matrix-vector products and a dozen array passes.

A step takes 1.1 to 2.1 times as long as its matrix-vector products alone, the less the larger they
are; they read each weight once and are bound by memory. Fewer bytes would be the only way to go
below, but NumPy has no fast product for them; on a matrix of 1536×512 (37 µs in float32) a float16
product took 2600 µs, the conversion of float16 weights 1000 µs, and that of int8 weights 65 µs more
than the product itself. So the weights are float32 in memory, whatever they are on disk.
"""

import time
from typing import Final

import numpy as np

from charterm.engine.backend import Logits, Rows, State, Tokens
from charterm.engine.blas_threads import blas_threads
from charterm.engine.numpy_step import Network, ThreadWork, output_of, shared_rows
from charterm.engine.products import Floats
from charterm.engine.weights import Weights

CHUNK: Final = 128
"""Tokens of a sequence that go through a layer before the next layer is run on them."""


class NumpyBackend:
    """Runs :class:`Weights` with NumPy alone. See :class:`charterm.engine.backend.Backend`."""

    def __init__(self, weights: Weights) -> None:
        self.weights = weights
        self.config = weights.config
        self._read = weights.config.output_size
        self._rows = weights.config.state_rows
        self._vocabulary = weights.config.vocabulary
        self._hidden = weights.config.hidden
        self._network = Network(weights)
        self._work = ThreadWork(self._network)
        self._threads = blas_threads()
        self._alone = self._threads.alone(self._products)  # seconds
        self._size = weights.output.size + sum(layer.size for layer in self._network.layers)

    def initial_state(self, batch: int = 1) -> State:
        """Zeros, shape (S, batch, H)."""
        return np.zeros((self._rows, batch, self._hidden), np.float32)

    def step(self, state: State, tokens: Tokens, rows: Rows | None = None) -> tuple[Logits, State]:
        """Feed one token to each of N sequences; see :class:`Backend`.

        Sequences that go on from the same one have the recurrent products in common.
        """
        begin = time.perf_counter()
        count, shared = len(tokens), None
        if rows is not None:
            state, shared = state.take(rows, axis=1), shared_rows(rows)
        # where a projection fills no row it stays zero
        new = np.zeros((self._rows, count, self._hidden), np.float32)
        logits = np.empty((count, self._vocabulary), np.float32)
        if count == 1:  # in one dimension less NumPy takes less time to begin
            work, out = self._work.single, logits[0]
            inputs = self.weights.table[tokens.item()]
        else:
            work, out = self._work.for_batch(count), logits
            inputs = work.inputs
            self.weights.table.take(tokens, 0, inputs, "clip")  # as of the output's
        below = inputs  # of the lowest layer, which does not read it
        for feed, step, output, memory in work.layers:
            if feed is not None:
                feed(below)
                inputs = work.inputs
            below = new[output]
            step(inputs, state[output], state[memory], below, new[memory], shared)
        work.output(below, out)
        alone = self._alone if count == 1 else self._network.output.passes(count) * self._alone
        taken = time.perf_counter() - begin
        kind = self._size, count, count if shared is None else len(shared[0])
        self._threads.judge(taken, alone, self._products, kind)
        return logits, new

    def advance(self, state: State, tokens: Tokens) -> State:
        """Feed ``tokens`` to one sequence without logits; see :class:`Backend`."""
        new = state.copy()
        for start in range(0, len(tokens), CHUNK):
            self._run(new, tokens[start : start + CHUNK])
        return new

    def read(self, state: State, tokens: Tokens) -> tuple[Logits, State]:
        """Feed ``tokens`` to one sequence with logits after each; see :class:`Backend`."""
        new = state.copy()
        logits = np.empty((len(tokens), self.config.vocabulary), np.float32)
        for start in range(0, len(tokens), CHUNK):
            hidden = self._run(new, tokens[start : start + CHUNK])
            chunk = logits[start : start + CHUNK]
            products = np.empty((len(chunk), len(self.weights.output)), np.float32)
            output_of(self._network, products)(hidden, chunk)
        return logits, new

    def logits(self, state: State) -> Logits:
        """The logits of what follows, shape (N, V)."""
        count = state.shape[1]
        logits = np.empty((count, self._vocabulary), np.float32)
        if count == 1:
            self._work.single.output(state[self._work.single.highest], logits[0])
        else:
            work = self._work.for_batch(count)
            work.output(state[work.highest], logits)
        return logits

    def _products(self) -> None:
        """The matrix-vector products of one step, to measure with."""
        hidden = np.ones(self.config.hidden, np.float32)
        read = hidden[: self._read]
        np.dot(self._network.output.matrix, read)
        for layer in self._network.layers:
            np.dot(layer.recurrent.matrix, read)
            if layer.projection is not None:
                np.dot(layer.projection.matrix, hidden)
            if layer.input is not None:
                np.dot(layer.input.matrix, read)

    def _run(self, state: State, tokens: Tokens) -> Floats:
        """Feed at most CHUNK tokens and leave the new state in ``state``.

        Each layer reads all tokens before the next begins, so that the products between layers
        are one matrix product.

        Returns:
            What the highest layer gave on, shape (T, R).
        """
        inputs = self.weights.table[tokens]  # (T, G*H)
        outputs: Floats = np.empty(0, np.float32)
        for index, layer in enumerate(self._network.layers):
            if layer.input is not None:
                inputs = outputs @ layer.input.matrix.T
                inputs += layer.input_bias
            outputs = np.empty((len(tokens), self._read), np.float32)
            self._run_layer(index, inputs, outputs, state[index :: self.config.layers, 0])
        return outputs

    def _run_layer(self, index: int, inputs: Floats, outputs: Floats, state: Floats) -> None:
        """One layer over a sequence; ``state`` (1 or 2, H) is overwritten with the new one."""
        step, judge = self._work.single.layers[index][1], self._threads.judge
        size = self._network.layers[index].size
        alone = self._alone * size / self._size
        read, before = state[0, : self._read], time.perf_counter()
        memory = state[1] if len(state) > 1 else None  # a plain GRU's memory is what it reads
        for row, out in zip(inputs, outputs, strict=True):
            if memory is None:
                step(row, read, read, out, out)
            else:
                step(row, read, memory, out, memory)
            read = out
            now = time.perf_counter()
            judge(now - before, alone, self._products, size)
            before = now
        state[0, : self._read] = read
