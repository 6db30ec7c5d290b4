"""A trained model with fewer units: those that the others can stand in for are taken out."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from charterm.errors import UsageError
from charterm.model.config import ModelConfig
from charterm.model.factorization import readers_of
from charterm.model.folder import Tensors

Moments = NDArray[np.float64]

_RIDGE = 1e-4
"""Of the mean of h², added to the diagonal: a unit that follows from others is no trouble then."""


def prune_model(
    config: ModelConfig, tensors: Tensors, size: int, moments: Sequence[Moments]
) -> tuple[ModelConfig, Tensors]:
    """The model with ``size`` units a layer, as near to ``tensors`` as can be on a text.

    All that reads a layer's hidden vector h is one matrix: its projection, or without one the
    recurrent matrix and that above. A unit is taken out where the remaining ones, with new weights
    in that matrix, can make good for it best, one after the other (Hassibi and Stork 1993, "Second
    order derivatives for network pruning: optimal brain surgeon", applied to the squared error of
    what is read). The result has to be trained further.

    Args:
        config: shapes of the model.
        tensors: its weights, as of :func:`charterm.model.folder.tensor_shapes`.
        size: units that stay in each layer.
        moments: of each layer the mean of h hᵀ over a text, shape (H, H).

    Returns:
        The new shapes and weights, float32.

    Raises:
        UsageError: ``size`` is not below the model's units, or not above its projection.
    """
    if not 1 <= size < config.hidden:
        raise UsageError(
            "a model of {hidden} units can keep 1 to {most} of them, not {size}",
            hidden=config.hidden,
            most=config.hidden - 1,
            size=size,
        )
    narrow = replace(config, hidden=size)
    found: Tensors = {name: np.asarray(values, np.float32) for name, values in tensors.items()}
    for layer, moment in enumerate(moments):
        own = f"layers.{layer}"
        readers = readers_of(config, layer) if config.projection is None else (f"{own}.weight_hr",)
        matrix = np.concatenate([found[name] for name in readers])
        kept, matrix = _without(matrix.astype(np.float64), moment, size)
        for name in readers:
            rows = len(found[name])
            found[name], matrix = matrix[:rows].astype(np.float32), matrix[rows:]
        of_gates = (np.arange(config.gates)[:, None] * config.hidden + kept).ravel()
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
            found[f"{own}.{name}"] = found[f"{own}.{name}"][of_gates]
    return narrow, found


def _without(
    matrix: NDArray[np.float64], moment: Moments, size: int
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """The columns that stay, ascending, and ``matrix`` (R, H) as (R, size) with new weights."""
    units = len(moment)
    inverse = np.linalg.inv(moment + _RIDGE * np.trace(moment) / units * np.eye(units))
    matrix, kept = matrix.copy(), np.ones(units, np.bool_)
    for _ in range(units - size):
        spread = np.where(kept, inverse.diagonal(), 1.0)
        harm = np.where(kept, np.square(matrix).sum(0) / spread, np.inf)
        unit = int(harm.argmin())
        row = inverse[unit] / spread[unit]
        matrix -= np.outer(matrix[:, unit], row)
        inverse -= np.outer(inverse[:, unit], row)
        kept[unit] = False
        # what rounding leaves there would grow
        matrix[:, unit] = inverse[unit] = inverse[:, unit] = 0.0
    return np.flatnonzero(kept), matrix[:, kept]
