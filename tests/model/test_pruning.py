import numpy as np
import pytest

from charterm.errors import UsageError
from charterm.model.config import ModelConfig
from charterm.model.factorization import unprojected
from charterm.model.folder import Tensors, tensor_shapes
from charterm.model.pruning import Moments, prune_model
from tests.engine.models import random_tensors
from tests.model.test_factorization import logits

SHAPES = [
    (cell, layers, projection)
    for cell in ("gru", "lstm")
    for layers in (1, 2)
    for projection in (None, 4)
]


def doubled(config: ModelConfig, tensors: Tensors, twins: int) -> tuple[ModelConfig, Tensors]:
    """A model in which each of the last ``twins`` units is a second time, and shares its work."""
    units = np.r_[np.arange(config.hidden), np.arange(config.hidden - twins, config.hidden)]
    wide = ModelConfig(**{**config.to_json(), "hidden": len(units)})
    found = dict(tensors)
    share = np.where(units < config.hidden - twins, 1.0, 0.5).astype(np.float32)
    for layer in range(config.layers):
        own, last = f"layers.{layer}", layer + 1 == config.layers
        above = "output.weight" if last else f"layers.{layer + 1}.weight_ih"
        readers = [f"{own}.weight_hr"] if config.projection else [f"{own}.weight_hh", above]
        for name in readers:
            found[name] = found[name][:, units] * share
        rows = (np.arange(config.gates)[:, None] * config.hidden + units).ravel()
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
            found[f"{own}.{name}"] = found[f"{own}.{name}"][rows]
    return wide, found


def moments(config: ModelConfig, units: int, twins: int) -> list[Moments]:
    """Of hidden vectors of which the last ``twins`` values are those before them again."""
    rng = np.random.default_rng(3)
    found = []
    for _ in range(config.layers):
        hidden = rng.normal(size=(500, units))
        hidden = np.concatenate((hidden, hidden[:, units - twins :]), 1)
        found.append(hidden.T @ hidden / len(hidden))
    return found


@pytest.mark.parametrize(("cell", "layers", "projection"), SHAPES)
def test_units_that_others_stand_in_for_go_without_a_trace(
    cell: str, layers: int, projection: int | None
) -> None:
    config = ModelConfig(20, cell, layers, 12, 5, projection=projection)  # type: ignore[arg-type]
    tensors = random_tensors(config, scale=0.3)
    exact = logits(config, tensors)
    wide, twice = doubled(config, tensors, 4)
    assert np.abs(logits(wide, twice) - exact).max() < 1e-4
    narrow, pruned = prune_model(wide, twice, 12, moments(wide, 12, 4))
    assert narrow == config
    assert {name: values.shape for name, values in pruned.items()} == tensor_shapes(narrow)
    assert np.abs(logits(narrow, pruned) - exact).max() < 1e-2


def test_what_stays_makes_good_for_what_goes() -> None:
    """The new weights are those of least squares for the units that stay."""
    config = ModelConfig(20, "lstm", 1, 10, 5, projection=4)
    tensors = random_tensors(config, scale=0.3)
    rng = np.random.default_rng(1)
    hidden = rng.normal(size=(400, 10)) @ rng.normal(size=(10, 10))
    _, pruned = prune_model(config, tensors, 6, [hidden.T @ hidden / 400])
    gates = pruned["layers.0.bias_ih"].reshape(4, 6)[0]
    kept = [int(np.flatnonzero(tensors["layers.0.bias_ih"][:10] == value)[0]) for value in gates]
    read = hidden @ tensors["layers.0.weight_hr"].T
    best = np.linalg.lstsq(hidden[:, kept], read)[0].T
    assert kept == sorted(kept)
    np.testing.assert_allclose(pruned["layers.0.weight_hr"], best, atol=5e-3)


def test_more_units_come_nearer() -> None:
    config = ModelConfig(20, "gru", 1, 16, 5)
    tensors = random_tensors(config, scale=0.3)
    exact = logits(config, tensors)
    around = [np.eye(16)]
    off = [
        np.abs(logits(*prune_model(config, tensors, size, around)) - exact).mean()
        for size in (2, 9, 15)
    ]
    assert off[0] > off[1] > off[2] > 0


@pytest.mark.parametrize("size", [0, 16, 17])
def test_sizes_that_do_not_fit_are_refused(size: int) -> None:
    config = ModelConfig(20, "gru", 1, 16, 5)
    with pytest.raises(UsageError, match="keep 1 to 15"):
        prune_model(config, random_tensors(config), size, [np.eye(16)])


@pytest.mark.parametrize(("cell", "layers", "projection"), SHAPES)
def test_without_its_projection_a_model_says_the_same(
    cell: str, layers: int, projection: int | None
) -> None:
    config = ModelConfig(20, cell, layers, 12, 5, projection=projection)  # type: ignore[arg-type]
    tensors = random_tensors(config, scale=0.3)
    plain, found = unprojected(config, tensors)
    assert plain.projection is None
    assert np.abs(logits(plain, found) - logits(config, tensors)).max() < 1e-4
