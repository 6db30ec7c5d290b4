"""One token for each of a few sequences: products and array passes, bound to their arrays once."""

import threading
import warnings
from collections.abc import Callable
from typing import Final, NamedTuple, Protocol

import numpy as np

from charterm.engine.backend import Rows
from charterm.engine.products import Floats, Product
from charterm.engine.weights import LayerWeights, Weights

_ONE: Final = np.array(1.0, np.float32)
_TWO: Final = np.array(2.0, np.float32)
_MINUS_TWO: Final = np.array(-2.0, np.float32)

_MANY: Final = 2048
"""Of so many values tanh takes longer than the exponential and four short passes (measured: 704
values 7.1 and 9.6 µs, 1408 12.3 and 13.1, 2816 22.5 and 19.8, 5632 42.7 and 32.6)."""

_KEPT: Final = 16
"""Numbers of sequences whose functions a thread keeps."""

Multiply = Callable[[Floats, Floats], object]
"""Writes a matrix times the first into the second."""

_Shared = tuple[list[int], Rows]
"""Of N sequences, D of which are different: one of each, and (N,) which each is like."""

# an infinite exponential is a gate that is shut; to ask for silence at each step takes 3 µs of it
warnings.filterwarnings("ignore", "overflow encountered in exp", RuntimeWarning, __name__)


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


class Network:
    """What all threads share: the layers and the output."""

    def __init__(self, weights: Weights) -> None:
        self.config = weights.config
        self.layers = [_Layer(layer) for layer in weights.layers]
        self.output = Product(weights.output)
        self.output_bias = weights.output_bias
        self.output_rows = weights.output_rows


class _Work:
    """What steps N sequences (or one, without that axis): arrays, and the functions bound to them.

    To look up arrays and weights once, not at each step, takes a tenth off a step of one sequence.

    Attributes:
        inputs: (..., G*H), to what feeds a layer's gates from below.
        layers: of each layer what computes its inputs, its step, and where in a state (S, N, H)
            its output and its memory are. The lowest has no input to compute.
        highest: where the output reads.
        output: gives the logits (..., V) of what the highest layer gives on.
    """

    __slots__ = ("highest", "inputs", "layers", "output")

    def __init__(self, network: Network, lead: tuple[int, ...], memory: Floats) -> None:
        config = network.config
        parts = np.split(
            memory[: self.size(network, *lead)], np.cumsum(self._sizes(network, *lead))
        )
        inputs, gates, carried, difference, products = (
            part.reshape(*lead, -1) for part in parts[:-1]
        )
        arrays = _Arrays(gates, carried, difference)
        bind = _lstm_step if config.cell == "lstm" else _gru_step
        own = () if lead else (0,)
        whole, read = own, own
        if config.projection is not None:
            read = (*(own or (slice(None),)), slice(config.projection))
        # rows between what a layer gives on and its memory: none, where they are the same
        between = config.layers if config.state_rows > config.layers else 0
        self.inputs = inputs
        self.layers = [
            (
                _feed(layer, inputs),
                bind(layer, arrays),
                (index, *read),
                (index + between, *whole),
            )
            for index, layer in enumerate(network.layers)
        ]
        self.highest = self.layers[-1][2]
        self.output = output_of(network, products)

    @staticmethod
    def _sizes(network: Network, count: int = 1) -> list[int]:
        hidden, gates = network.config.hidden, network.config.gates
        rows = 0 if network.output_rows is None else len(network.output_bias)
        return [count * size for size in (gates * hidden, gates * hidden, hidden, hidden, rows)]

    @classmethod
    def size(cls, network: Network, count: int = 1) -> int:
        """Floats needed for ``count`` sequences."""
        return sum(cls._sizes(network, count))


class _Arrays(NamedTuple):
    """Of a step, all (..., H) but the gates, (..., G*H)."""

    gates: Floats
    carried: Floats
    difference: Floats


class ThreadWork(threading.local):
    """What steps one sequence, and each number of them that came up lately, in one thread."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.single = _Work(network, (), np.empty(_Work.size(network), np.float32))
        self.memory = np.empty(0, np.float32)
        self.batches: dict[int, _Work] = {}

    def for_batch(self, count: int) -> _Work:
        """What steps ``count`` sequences, in memory that all numbers share and that only grows."""
        work = self.batches.get(count)
        if work is None:
            size = _Work.size(self.network, count)
            if size > len(self.memory):
                self.memory = np.empty(size, np.float32)
                self.batches.clear()
            elif len(self.batches) == _KEPT:
                self.batches.clear()
            work = self.batches[count] = _Work(self.network, (count,), self.memory)
        return work


def shared_rows(rows: Rows) -> _Shared | None:
    """Which of ``rows`` (N,) are different, by the first of each; ``None`` where all are."""
    if len(rows) == 1:
        return None
    numbers: dict[int, int] = {}
    first: list[int] = []
    of: list[int] = []
    for place, row in enumerate(rows.tolist()):
        if row not in numbers:
            numbers[row] = len(first)
            first.append(place)
        of.append(numbers[row])
    return None if len(first) == len(of) else (first, np.array(of, np.intp))


def _multiply(product: Multiply, vectors: Floats, out: Floats, shared: _Shared | None) -> None:
    """``out`` is written; vectors that are the same are multiplied with once."""
    if shared is None:
        product(vectors, out)
        return
    first, of = shared
    products = np.empty((len(first), out.shape[1]), np.float32)
    product(vectors.take(first, axis=0), products)
    np.take(products, of, axis=0, out=out, mode="clip")


def _invert(negated: Floats) -> None:
    """In place: 1 / the logistic function of what was negated; where exp overflows, infinity.

    What a gate lets through is divided by it: a pass less than with the function itself.
    """
    np.exp(negated, negated)
    np.add(negated, _ONE, negated)


def _tanh(values: Floats, out: Floats) -> None:
    """The hyperbolic tangent by the exponential: of many values half as long, in more calls."""
    np.multiply(values, _MINUS_TWO, out)
    np.exp(out, out)
    np.add(out, _ONE, out)
    np.divide(_TWO, out, out)
    np.subtract(out, _ONE, out)


def _feed(layer: _Layer, inputs: Floats) -> Callable[[Floats], None] | None:
    """What computes a layer's ``inputs`` (..., G*H) from what the one below gives on, (..., R)."""
    if layer.input is None:
        return None
    product, bias = layer.input, layer.input_bias

    def feed(below: Floats) -> None:
        product(below, inputs)
        np.add(inputs, bias, inputs)

    return feed


def output_of(network: Network, products: Floats) -> Callable[[Floats, Floats], None]:
    """What writes the logits (..., V) of what the highest layer gives on, (..., R).

    ``products`` (..., U) is worked in where tokens share rows.
    """
    multiply = network.output.bound(single=products.ndim == 1)
    bias, rows = network.output_bias, network.output_rows

    def write(highest: Floats, logits: Floats) -> None:
        if rows is None:
            multiply(highest, logits)
            np.add(logits, bias, logits)
            return
        multiply(highest, products)
        np.add(products, bias, products)
        # "clip" writes straight to out; the rows are the alphabet's, so nothing is clipped
        products.take(rows, -1, logits, "clip")

    return write


class _Step(Protocol):
    """One layer for one token of each sequence."""

    def __call__(
        self,
        inputs: Floats,
        read: Floats,
        memory: Floats,
        output: Floats,
        new_memory: Floats,
        shared: _Shared | None = None,
    ) -> None:
        """Go on.

        Args:
            inputs: (..., G*H).
            read: (..., R) what the layer gave on the last time.
            memory: (..., H) an LSTM's cell, a GRU's hidden vector.
            output: (..., R) is written: what it gives on.
            new_memory: (..., H) is written; may be ``memory``, and is a plain GRU's ``output``.
            shared: which of ``read`` are the same.
        """


def _gru_step(layer: _Layer, arrays: _Arrays) -> _Step:
    """A GRU's (Cho 2014, cuDNN's variant). See :class:`LayerWeights` for what gates are made of."""
    gates, candidate, difference = arrays
    hidden = candidate.shape[-1]
    width = 2 * hidden
    first, second, last = np.split(gates, 3, axis=-1)
    logistic = gates[..., :width]
    recurrent = layer.recurrent.bound(single=gates.ndim == 1)
    tanh = np.tanh if candidate.size < _MANY else _tanh
    bias = layer.recurrent_bias
    projection = layer.projection and layer.projection.bound(single=gates.ndim == 1)

    def step(
        inputs: Floats,
        read: Floats,
        memory: Floats,
        output: Floats,
        new_memory: Floats,
        shared: _Shared | None = None,
    ) -> None:
        _multiply(recurrent, read, gates, shared)
        np.add(logistic, inputs[..., :width], logistic)
        _invert(logistic)
        np.add(last, bias, last)
        np.divide(last, first, candidate)
        np.add(candidate, inputs[..., width:], candidate)
        tanh(candidate, candidate)
        np.subtract(memory, candidate, difference)
        np.divide(difference, second, difference)
        np.add(difference, candidate, new_memory)
        if projection is not None:
            projection(new_memory, output)

    return step


def _lstm_step(layer: _Layer, arrays: _Arrays) -> _Step:
    """An LSTM's; gate blocks i, f, o, g. See :class:`LayerWeights` for what gates are made of."""
    gates, carried, _ = arrays
    first, second, third, last = np.split(gates, 4, axis=-1)
    recurrent = layer.recurrent.bound(single=gates.ndim == 1)
    tanh = np.tanh if carried.size < _MANY else _tanh
    projection = layer.projection and layer.projection.bound(single=gates.ndim == 1)

    def step(
        inputs: Floats,
        read: Floats,
        memory: Floats,
        output: Floats,
        new_memory: Floats,
        shared: _Shared | None = None,
    ) -> None:
        _multiply(recurrent, read, gates, shared)
        np.add(gates, inputs, gates)
        _invert(gates)
        np.divide(_TWO, last, carried)
        np.subtract(carried, _ONE, carried)
        np.divide(carried, first, carried)
        np.divide(memory, second, new_memory)
        np.add(new_memory, carried, new_memory)
        tanh(new_memory, carried)
        if projection is None:
            np.divide(carried, third, output)
        else:
            np.divide(carried, third, carried)
            projection(carried, output)

    return step
