"""A trained model with fewer products: its layers' outputs projected to fewer values."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from charterm.errors import UsageError
from charterm.model.config import ModelConfig
from charterm.model.folder import Tensors


def project_model(config: ModelConfig, tensors: Tensors, size: int) -> tuple[ModelConfig, Tensors]:
    """The model whose layers give on ``size`` values each, as near to ``tensors`` as can be.

    All that reads a layer's hidden vector is one matrix; of the matrices of rank P, the one whose
    difference to it has the smallest norm comes from its largest P singular values (Eckart and
    Young 1936; for recurrent models Prabhavalkar et al. 2016, "On the compression of recurrent
    neural networks"). The result has to be trained further.

    Args:
        config: shapes of a model without a projection.
        tensors: its weights, as of :func:`charterm.model.folder.tensor_shapes`.
        size: P.

    Returns:
        The new shapes and weights, float32.

    Raises:
        UsageError: the model has a projection already, or ``size`` is not below its units.
    """
    if config.projection is not None:
        raise UsageError(
            "the model has projection {value} already: train it further without another",
            value=config.projection,
        )
    narrow = replace(config, projection=size)
    found: Tensors = {name: np.asarray(values, np.float32) for name, values in tensors.items()}
    for layer in range(config.layers):
        names = readers_of(config, layer)
        readers, projection = _factors(np.concatenate([found[name] for name in names]), size)
        rows = len(found[names[0]])
        found[names[0]], found[names[1]] = readers[:rows].copy(), readers[rows:].copy()
        found[f"layers.{layer}.weight_hr"] = projection
    return narrow, found


def unprojected(config: ModelConfig, tensors: Tensors) -> tuple[ModelConfig, Tensors]:
    """The same model without a projection: what reads a layer has it multiplied in.

    Args:
        config: shapes of the model.
        tensors: its weights, as of :func:`charterm.model.folder.tensor_shapes`.

    Returns:
        The new shapes and weights, float32.
    """
    found: Tensors = {name: np.asarray(values, np.float32) for name, values in tensors.items()}
    if config.projection is None:
        return config, found
    for layer in range(config.layers):
        projection = found.pop(f"layers.{layer}.weight_hr")
        for name in readers_of(config, layer):
            found[name] = found[name] @ projection
    return replace(config, projection=None), found


def readers_of(config: ModelConfig, layer: int) -> tuple[str, str]:
    """What reads what a layer gives on: its own next step, and the layer above or the output."""
    last = layer + 1 == config.layers
    above = "output.weight" if last else f"layers.{layer + 1}.weight_ih"
    return f"layers.{layer}.weight_hh", above


def _factors(
    matrix: NDArray[np.float32], rank: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """(R, rank) and (rank, H), whose product is the nearest of that rank to ``matrix`` (R, H)."""
    left, values, right = np.linalg.svd(matrix, full_matrices=False)
    return left[:, :rank] * values[:rank], np.ascontiguousarray(right[:rank])
