"""The constant half of a model in the form in which the NumPy backend multiplies fastest."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from charterm.engine.products import Floats, laid_out
from charterm.model.config import ModelConfig
from charterm.model.folder import Tensors


@dataclass(frozen=True, slots=True)
class LayerWeights:
    """One recurrent layer. G = 3 gate blocks (r, z, n) for GRU, 4 (i, f, o, g) for LSTM.

    The logistic function is computed as ``1 / (1 + exp(-x))``, and an LSTM's g, a hyperbolic
    tangent, as ``2 / (1 + exp(-2 x)) - 1``, because NumPy's exponential takes half as long as its
    tanh and all gates then are one pass. The signs and the two are folded in here: into the rows
    of ``recurrent`` and ``input`` and the biases that feed such a gate. An LSTM's g block is moved
    to the end, where what is particular to it is one slice.

    Attributes:
        recurrent: (G*H, R), as all matrices here in the order of :func:`laid_out`.
        recurrent_bias: (H,) added to the recurrent part of the GRU's n, whose rows are as they
            were; empty for LSTM.
        projection: (P, H) from the hidden vector to what is read of it; ``None`` where it is read
            as it is.
        input: (G*H, R) applied to the layer below; ``None`` for the first layer.
        input_bias: (G*H,) every other bias; empty for the first layer, whose table has it.
    """

    recurrent: Floats
    recurrent_bias: Floats
    projection: Floats | None
    input: Floats | None
    input_bias: Floats


@dataclass(frozen=True, slots=True)
class Weights:
    """All constants of a model, float32.

    Attributes:
        config: the shapes.
        table: (V, G*H), what each token adds to the first layer's gates: embedding (or one-hot
            row) times input matrix plus biases, with signs like the rest.
        layers: one for each layer, the lowest first.
        output: (U, R) and
        output_bias: (U,), from what the highest layer gives on to the logits. Tokens that were
            never learnt, most bytes, share a row (:class:`charterm.training.token_rows.TokenRows`);
            each is multiplied with once.
        output_rows: (V,), the row of each token; ``None`` where each has its own, in their order.
    """

    config: ModelConfig
    table: Floats
    layers: tuple[LayerWeights, ...]
    output: Floats
    output_bias: Floats
    output_rows: NDArray[np.intp] | None


def build_weights(config: ModelConfig, tensors: Tensors) -> Weights:
    """Fold the tensors of a :class:`~charterm.model.network.CharRNN` for inference.

    Args:
        config: the shapes.
        tensors: as of :func:`charterm.model.folder.tensor_shapes`, float32 or float16.
    """
    layers = tuple(_fold_layer(config, tensors, layer) for layer in range(config.layers))
    output, output_bias, output_rows = _fold_output(tensors)
    return Weights(
        config=config,
        table=_fold_input(config, tensors),
        layers=layers,
        output=output,
        output_bias=output_bias,
        output_rows=output_rows,
    )


def _float32(values: NDArray[Any]) -> Floats:
    return np.ascontiguousarray(values, dtype=np.float32)


def _arrange(config: ModelConfig, values: NDArray[Any]) -> Floats:
    """Give the blocks of ``values``, shape (G*H, ...), their factors, and put LSTM's g last."""
    blocks = np.array(values, dtype=np.float32).reshape(config.gates, config.hidden, -1)
    if config.cell == "lstm":
        blocks = blocks[[0, 1, 3, 2]]  # i, f, g, o as in PyTorch -> i, f, o, g
        blocks[:3] *= -1.0
        blocks[3] *= -2.0
    else:
        blocks[:2] *= -1.0
    return np.ascontiguousarray(blocks.reshape(values.shape))


def _input_bias(config: ModelConfig, tensors: Tensors, layer: int) -> Floats:
    """Every bias outside of the reset gate's reach, shape (G*H,), as they were."""
    bias = tensors[f"layers.{layer}.bias_ih"].astype(np.float32)
    recurrent = tensors[f"layers.{layer}.bias_hh"].astype(np.float32)
    outside = config.gates * config.hidden if config.cell == "lstm" else 2 * config.hidden
    bias[:outside] += recurrent[:outside]
    return bias


def _fold_input(config: ModelConfig, tensors: Tensors) -> Floats:
    weight = _arrange(config, tensors["layers.0.weight_ih"])  # (G*H, E)
    if config.embedding is None:
        gates = np.ascontiguousarray(weight.T)
    else:
        gates = tensors["embedding.weight"].astype(np.float32) @ weight.T
    gates += _arrange(config, _input_bias(config, tensors, 0))
    return gates  # (V, G*H)


def _fold_output(tensors: Tensors) -> tuple[Floats, Floats, NDArray[np.intp] | None]:
    """Output matrix and bias, their different rows only, and the row of each token."""
    weight, bias = _float32(tensors["output.weight"]), _float32(tensors["output.bias"])
    numbers: dict[bytes, int] = {}
    whole = np.column_stack((weight, bias))
    rows = np.array([numbers.setdefault(row.tobytes(), len(numbers)) for row in whole], np.intp)
    if len(numbers) == len(rows):
        return laid_out(weight), bias, None
    first = np.unique(rows, return_index=True)[1]
    return laid_out(weight[first]), bias[first], rows


def _fold_layer(config: ModelConfig, tensors: Tensors, layer: int) -> LayerWeights:
    name = f"layers.{layer}"
    recurrent_bias = np.empty(0, np.float32)
    if config.cell == "gru":
        recurrent_bias = _float32(tensors[f"{name}.bias_hh"])[2 * config.hidden :]
    if layer == 0:
        input_weight, input_bias = None, np.empty(0, np.float32)
    else:
        input_weight = laid_out(_arrange(config, tensors[f"{name}.weight_ih"]))
        input_bias = _arrange(config, _input_bias(config, tensors, layer))
    projection = None
    if config.projection is not None:
        projection = laid_out(_float32(tensors[f"{name}.weight_hr"]))
    return LayerWeights(
        recurrent=laid_out(_arrange(config, tensors[f"{name}.weight_hh"])),
        recurrent_bias=recurrent_bias,
        projection=projection,
        input=input_weight,
        input_bias=input_bias,
    )
