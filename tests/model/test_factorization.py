import numpy as np
import pytest

from charterm.engine.numpy_backend import NumpyBackend
from charterm.engine.weights import build_weights
from charterm.errors import UsageError
from charterm.model.config import ModelConfig
from charterm.model.factorization import project_model
from charterm.model.folder import Tensors, tensor_shapes
from tests.engine.models import random_tensors


def low_rank(config: ModelConfig, rank: int) -> Tensors:
    """Random weights of which each layer's readers span ``rank`` dimensions only."""
    tensors = random_tensors(config, scale=0.3)
    rng = np.random.default_rng(5)
    for layer in range(config.layers):
        basis = rng.normal(0, 0.3, (rank, config.hidden)).astype(np.float32)
        above = "output.weight" if layer + 1 == config.layers else f"layers.{layer + 1}.weight_ih"
        for name in (f"layers.{layer}.weight_hh", above):
            tensors[name] = rng.normal(0, 1, (len(tensors[name]), rank)).astype(np.float32) @ basis
    return tensors


def logits(config: ModelConfig, tensors: Tensors) -> np.ndarray:
    backend = NumpyBackend(build_weights(config, tensors))
    tokens = np.arange(60, dtype=np.int32) * 7 % config.vocabulary
    return backend.read(backend.initial_state(), tokens)[0]


@pytest.mark.parametrize("cell", ["gru", "lstm"])
@pytest.mark.parametrize("layers", [1, 2])
def test_a_model_of_that_rank_stays_as_it_is(cell: str, layers: int) -> None:
    config = ModelConfig(20, cell, layers, 16, 5)  # type: ignore[arg-type]
    tensors = low_rank(config, 6)
    narrow, projected = project_model(config, tensors, 6)
    assert narrow.projection == 6
    assert {name: values.shape for name, values in projected.items()} == tensor_shapes(narrow)
    assert np.abs(logits(narrow, projected) - logits(config, tensors)).max() < 1e-3


def test_more_values_come_nearer() -> None:
    config = ModelConfig(20, "lstm", 1, 16, 5)
    tensors = random_tensors(config, scale=0.3)
    exact = logits(config, tensors)
    off = [
        np.abs(logits(*project_model(config, tensors, size)) - exact).mean() for size in (2, 8, 15)
    ]
    assert off[0] > off[1] > off[2] > 0


def test_sizes_that_do_not_fit_are_refused() -> None:
    config = ModelConfig(20, "gru", 1, 16, 5)
    tensors = random_tensors(config)
    with pytest.raises(UsageError, match="below hidden"):
        project_model(config, tensors, 16)
    with pytest.raises(UsageError, match="already"):
        project_model(*project_model(config, tensors, 4), 3)
