"""The backend for one keyboard on a CPU: matrix-vector products and a dozen array passes.

A step takes 1.1 to 2.1 times as long as its matrix-vector products alone, the less the larger they
are; they read each weight once and are bound by memory. Fewer bytes would be the only way to go
below, but NumPy has no fast product for them; on a matrix of 1536×512 (37 µs in float32) a float16
product took 2600 µs, the conversion of float16 weights 1000 µs, and that of int8 weights 65 µs more
than the product itself. So the weights are float32 in memory, whatever they are on disk.
"""

import threading
import time
import warnings
from typing import Final

import numpy as np

from charterm.engine.backend import Logits, Rows, State, Tokens
from charterm.engine.blas_threads import blas_threads
from charterm.engine.products import Floats, Product
from charterm.engine.weights import LayerWeights, Weights
from charterm.model.config import ModelConfig

CHUNK: Final = 128
"""Tokens of a sequence that go through a layer before the next layer is run on them."""

_ONE: Final = np.array(1.0, np.float32)
_TWO: Final = np.array(2.0, np.float32)
_MINUS_TWO: Final = np.array(-2.0, np.float32)

_MANY: Final = 2048
"""Of so many values tanh takes longer than the exponential and four short passes (measured: 704
values 7.1 and 9.6 µs, 1408 12.3 and 13.1, 2816 22.5 and 19.8, 5632 42.7 and 32.6)."""

_Shared = tuple[list[int], Rows]
"""Of N sequences, D of which are different: one of each, and (N,) which each is like."""

# an infinite exponential is a gate that is shut; to ask for silence at each step takes 3 µs of it
warnings.filterwarnings("ignore", "overflow encountered in exp", RuntimeWarning, __name__)


class _Work:
    """Arrays that are overwritten at each step, for N sequences (or one, without that axis)."""

    __slots__ = (
        "carried", "difference", "first", "gates", "inputs", "last", "logistic", "second", "third",
    )  # fmt: skip

    def __init__(self, config: ModelConfig, lead: tuple[int, ...], memory: Floats) -> None:
        hidden, width = config.hidden, config.gates * config.hidden
        count = lead[0] if lead else 1
        logistic = width - hidden
        ends = np.cumsum((count * width, count * width, count * hidden, count * hidden)).tolist()
        self.inputs = memory[: ends[0]].reshape(*lead, width)
        self.gates = memory[ends[0] : ends[1]].reshape(*lead, width)
        self.carried = memory[ends[1] : ends[2]].reshape(*lead, hidden)
        self.difference = memory[ends[2] : ends[3]].reshape(*lead, hidden)
        self.logistic = self.gates[..., :logistic]
        self.last = self.gates[..., logistic:]
        self.first = self.gates[..., :hidden]
        self.second = self.gates[..., hidden : 2 * hidden]
        self.third = self.gates[..., 2 * hidden : 3 * hidden]

    @staticmethod
    def size(config: ModelConfig, count: int) -> int:
        """Floats needed for ``count`` sequences."""
        return count * config.hidden * (2 * config.gates + 2)


class _ThreadWork(threading.local):
    """The work arrays of a thread: those for one sequence and those of its last batch."""

    def __init__(self, config: ModelConfig) -> None:
        self.config = config
        self.single = _Work(config, (), np.empty(_Work.size(config, 1), np.float32))
        self.memory = np.empty(0, np.float32)
        self.batch = self.single
        self.count = 0

    def for_batch(self, count: int) -> _Work:
        """Arrays for ``count`` sequences, in memory that only grows."""
        if count != self.count:
            size = _Work.size(self.config, count)
            if size > len(self.memory):
                self.memory = np.empty(size, np.float32)
            self.batch, self.count = _Work(self.config, (count,), self.memory), count
        return self.batch


class _Layer:
    """A layer's weights, ready to be multiplied with."""

    __slots__ = ("input", "input_bias", "projection", "recurrent", "recurrent_bias", "size")

    def __init__(self, weights: LayerWeights) -> None:
        self.recurrent = Product(weights.recurrent)
        self.recurrent_bias = weights.recurrent_bias
        self.projection = None if weights.projection is None else Product(weights.projection)
        self.input = None if weights.input is None else Product(weights.input)
        self.input_bias = weights.input_bias
        matrices = (weights.recurrent, weights.projection, weights.input)
        self.size = sum(matrix.size for matrix in matrices if matrix is not None)


def _shared(rows: Rows) -> _Shared | None:
    """Which of ``rows`` (N,) are different, by the first of each; ``None`` where all are."""
    numbers: dict[int, int] = {}
    first: list[int] = []
    of: list[int] = []
    for place, row in enumerate(rows.tolist()):
        if row not in numbers:
            numbers[row] = len(first)
            first.append(place)
        of.append(numbers[row])
    return None if len(first) == len(of) else (first, np.array(of, np.intp))


def _multiply(product: Product, vectors: Floats, out: Floats, shared: _Shared | None) -> None:
    """``out`` is written; vectors that are the same are multiplied with once."""
    if shared is None:
        product(vectors, out)
        return
    first, of = shared
    products = np.empty((len(first), out.shape[1]), np.float32)
    product(vectors.take(first, axis=0), products)
    np.take(products, of, axis=0, out=out, mode="clip")


def _logistic(negated: Floats) -> None:
    """In place: the logistic function of what was negated; where exp overflows it is 0."""
    np.exp(negated, negated)
    np.add(negated, _ONE, negated)
    np.reciprocal(negated, negated)


def _tanh(values: Floats, out: Floats) -> None:
    """The hyperbolic tangent: of many values by the exponential, half as long, in more calls."""
    if values.size < _MANY:
        np.tanh(values, out)
        return
    np.multiply(values, _MINUS_TWO, out)
    np.exp(out, out)
    np.add(out, _ONE, out)
    np.divide(_TWO, out, out)
    np.subtract(out, _ONE, out)


def _step_gru(
    layer: _Layer, inputs: Floats, hidden: Floats, new_hidden: Floats, work: _Work
) -> None:
    """One GRU step (Cho 2014, cuDNN's variant), all shapes (..., H), inputs (..., 3H).

    The work's gates have the recurrent product. See :class:`LayerWeights` for what the gates are
    computed from.
    """
    width = work.logistic.shape[-1]
    candidate, difference = work.carried, work.difference
    np.add(work.logistic, inputs[..., :width], work.logistic)
    _logistic(work.logistic)
    np.add(work.last, layer.recurrent_bias, work.last)
    np.multiply(work.first, work.last, candidate)
    np.add(candidate, inputs[..., width:], candidate)
    _tanh(candidate, candidate)
    np.subtract(hidden, candidate, difference)
    np.multiply(difference, work.second, difference)
    np.add(difference, candidate, new_hidden)


def _step_lstm(
    inputs: Floats, cell: Floats, new_hidden: Floats, new_cell: Floats, work: _Work
) -> None:
    """One LSTM step, all shapes (..., H), inputs (..., 4H); gate blocks i, f, o, g.

    The work's gates have the recurrent product. See :class:`LayerWeights` for what the gates are
    computed from.
    """
    np.add(work.gates, inputs, work.gates)
    _logistic(work.gates)
    np.add(work.last, work.last, work.carried)
    np.subtract(work.carried, _ONE, work.carried)
    np.multiply(work.carried, work.first, work.carried)
    np.multiply(work.second, cell, new_cell)
    np.add(new_cell, work.carried, new_cell)
    _tanh(new_cell, work.carried)
    np.multiply(work.carried, work.third, new_hidden)


class NumpyBackend:
    """Runs :class:`Weights` with NumPy alone. See :class:`charterm.engine.backend.Backend`."""

    def __init__(self, weights: Weights) -> None:
        self.weights = weights
        self.config = weights.config
        self._lstm = weights.config.cell == "lstm"
        self._read = weights.config.output_size
        self._rows = weights.config.state_rows
        self._vocabulary = weights.config.vocabulary
        self._hidden = weights.config.hidden
        self._highest = weights.config.layers - 1, ..., slice(self._read)
        # rows between what a layer gives on and its memory: none, where they are the same
        self._memories = weights.config.layers if self._rows > weights.config.layers else 0
        self._layers = [_Layer(layer) for layer in weights.layers]
        self._output = Product(weights.output)
        self._work = _ThreadWork(self.config)
        self._threads = blas_threads()
        self._alone = self._threads.alone(self._products)  # seconds
        self._size = weights.output.size + sum(layer.size for layer in self._layers)

    def initial_state(self, batch: int = 1) -> State:
        """Zeros, shape (S, batch, H)."""
        return np.zeros((self._rows, batch, self._hidden), np.float32)

    def step(self, state: State, tokens: Tokens, rows: Rows | None = None) -> tuple[Logits, State]:
        """Feed one token to each of N sequences; see :class:`Backend`.

        Sequences that go on from the same one have the recurrent products in common.
        """
        begin = time.perf_counter()
        shared = None
        if rows is not None:
            state, shared = state.take(rows, axis=1), _shared(rows)
        count = len(tokens)
        new = self.initial_state(count)  # where a projection fills no row it stays zero
        logits = np.empty((count, self._vocabulary), np.float32)
        if count == 1:  # in one dimension less NumPy takes less time to begin
            row = new[:, 0]
            inputs = self.weights.table[tokens.item()]
            self._step_layers(state[:, 0], row, inputs, self._work.single)
            self._add_output(row, logits[0])
        else:
            work = self._work.for_batch(count)
            # "clip" writes straight to out; the tokens are the alphabet's, so nothing is clipped
            np.take(self.weights.table, tokens, axis=0, out=work.inputs, mode="clip")
            self._step_layers(state, new, work.inputs, work, shared)
            self._add_output(new, logits)
        alone = self._output.passes(count) * self._alone
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
            products = self._room(chunk)
            np.dot(hidden, self.weights.output.T, products)
            self._spread(products, chunk)
        return logits, new

    def logits(self, state: State) -> Logits:
        """The logits of what follows, shape (N, V)."""
        logits = np.empty((state.shape[1], self._vocabulary), np.float32)
        self._add_output(state, logits)
        return logits

    def _add_output(self, state: Floats, logits: Floats) -> None:
        """``logits`` (V,) or (N, V) are written, those of ``state``, (S, H) or (S, N, H)."""
        products = self._room(logits)
        self._output(state[self._highest], products)
        self._spread(products, logits)

    def _room(self, logits: Floats) -> Floats:
        """For the output's products, (U,) or (N, U): ``logits`` itself where each has its own."""
        if self.weights.output_rows is None:
            return logits
        return np.empty((*logits.shape[:-1], len(self.weights.output)), np.float32)

    def _spread(self, products: Floats, logits: Floats) -> None:
        """Add the bias to ``products``, of :meth:`_room`, and give each of ``logits`` its own."""
        np.add(products, self.weights.output_bias, products)
        if self.weights.output_rows is not None:  # "clip" as above
            np.take(products, self.weights.output_rows, axis=-1, out=logits, mode="clip")

    def _products(self) -> None:
        """The matrix-vector products of one step, to measure with."""
        hidden = np.ones(self.config.hidden, np.float32)
        read = hidden[: self._read]
        np.dot(self._output.matrix, read)
        for layer in self._layers:
            np.dot(layer.recurrent.matrix, read)
            if layer.projection is not None:
                np.dot(layer.projection.matrix, hidden)
            if layer.input is not None:
                np.dot(layer.input.matrix, read)

    def _step_layers(
        self,
        state: Floats,
        new: Floats,
        inputs: Floats,
        work: _Work,
        shared: _Shared | None = None,
    ) -> None:
        """All layers for one token; ``state`` and ``new`` are (S, H) or (S, N, H)."""
        for index, layer in enumerate(self._layers):
            if layer.input is not None:
                layer.input(new[index - 1][..., : self._read], work.inputs)
                np.add(work.inputs, layer.input_bias, work.inputs)
                inputs = work.inputs
            read, output = state[index], new[index]
            if layer.projection is not None:
                read, output = read[..., : self._read], output[..., : self._read]
            below = index + self._memories
            _multiply(layer.recurrent, read, work.gates, shared)
            self._step_layer(layer, inputs, state[below], output, new[below], work)

    def _step_layer(
        self,
        layer: _Layer,
        inputs: Floats,
        memory: Floats,
        output: Floats,
        new_memory: Floats,
        work: _Work,
    ) -> None:
        """One layer for one token; the work's gates have the recurrent product.

        Args:
            layer: its weights.
            inputs: (..., G*H).
            memory: (..., H) an LSTM's cell, a GRU's hidden vector.
            output: (..., R) is written: what it gives on.
            new_memory: (..., H) is written; may be ``memory``, and is a plain GRU's ``output``.
            work: arrays to work in.
        """
        if self._lstm:
            hidden = output if layer.projection is None else work.carried
            _step_lstm(inputs, memory, hidden, new_memory, work)
        else:
            hidden = new_memory
            _step_gru(layer, inputs, memory, hidden, work)
        if layer.projection is not None:
            layer.projection(hidden, output)

    def _run(self, state: State, tokens: Tokens) -> Floats:
        """Feed at most CHUNK tokens and leave the new state in ``state``.

        Each layer reads all tokens before the next begins, so that the products between layers
        are one matrix product.

        Returns:
            What the highest layer gave on, shape (T, R), valid until the thread's next call.
        """
        inputs = self.weights.table[tokens]  # (T, G*H)
        outputs: Floats = np.empty(0, np.float32)
        for index, layer in enumerate(self._layers):
            if layer.input is not None:
                inputs = outputs @ layer.input.matrix.T
                inputs += layer.input_bias
            outputs = np.empty((len(tokens), self._read), np.float32)
            self._run_layer(layer, inputs, outputs, state[index :: self.config.layers, 0])
        return outputs

    def _run_layer(self, layer: _Layer, inputs: Floats, outputs: Floats, state: Floats) -> None:
        """One layer over a sequence; ``state`` (1 or 2, H) is overwritten with the new one."""
        work, judge = self._work.single, self._threads.judge
        alone = self._alone * layer.size / self._size
        read, before = state[0, : self._read], time.perf_counter()
        memory = state[1] if len(state) > 1 else None  # a plain GRU's memory is what it reads
        for row, out in zip(inputs, outputs, strict=True):
            layer.recurrent(read, work.gates)
            if memory is None:
                self._step_layer(layer, row, read, out, out, work)
            else:
                self._step_layer(layer, row, memory, out, memory, work)
            read = out
            now = time.perf_counter()
            judge(now - before, alone, self._products, layer.size)
            before = now
        state[0, : self._read] = read
