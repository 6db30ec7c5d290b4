import itertools
import subprocess
import sys

import numpy as np
import pytest

from charterm.engine.backend import Backend
from charterm.engine.numpy_backend import CHUNK, NumpyBackend
from charterm.engine.torch_backend import TorchBackend
from charterm.engine.weights import build_weights
from charterm.errors import UsageError
from charterm.model.config import ModelConfig
from tests.__main__ import ROOT
from tests.engine.models import random_tensors

SHAPES = list(itertools.product(("gru", "lstm"), (1, 2, 3), (None, 7), (None, 9)))


def backends(
    cell: str, layers: int, embedding: int | None = 7, projection: int | None = None
) -> tuple[NumpyBackend, TorchBackend]:
    config = ModelConfig(30, cell, layers, 24, embedding, projection=projection)  # type: ignore[arg-type]
    tensors = random_tensors(config)
    return NumpyBackend(build_weights(config, tensors)), TorchBackend(config, tensors)


def trace(length: int) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 30, length).astype(np.int32)


@pytest.mark.parametrize(("cell", "layers", "embedding", "projection"), SHAPES)
def test_numpy_equals_torch_on_a_trace(
    cell: str, layers: int, embedding: int | None, projection: int | None
) -> None:
    ours, reference = backends(cell, layers, embedding, projection)
    tokens = trace(200)
    logits, state = ours.read(ours.initial_state(), tokens)
    expected, expected_state = reference.read(reference.initial_state(), tokens)
    assert np.abs(logits - expected).max() < 1e-4
    assert np.abs(state - expected_state).max() < 1e-4


@pytest.mark.parametrize(
    "rows", [[0], [2], [2, 2, 2], [3, 0, 3], [1, 1, 0, 3, 2, 2, 2, 0, 1], [2, 0]]
)
@pytest.mark.parametrize(
    ("cell", "projection"), list(itertools.product(("gru", "lstm"), (None, 9)))
)
def test_tokens_go_on_from_the_rows_given(
    cell: str, projection: int | None, rows: list[int]
) -> None:
    tokens = trace(len(rows))
    for backend in backends(cell, 2, 7, projection):
        state = np.concatenate(
            [backend.advance(backend.initial_state(), trace(n)) for n in (3, 9, 1, 20)], 1
        )
        before = state.copy()
        logits, new = backend.step(state, tokens, np.array(rows, np.intp))
        expected, expected_state = backend.step(state[:, rows], tokens)
        assert np.abs(logits - expected).max() < 1e-5
        assert np.abs(new - expected_state).max() < 1e-5
        assert np.array_equal(state, before)


def test_any_number_of_sequences_after_any_other() -> None:
    """A thread keeps what steps each number of them, in one memory."""
    ours, reference = backends("lstm", 2, 7, 9)
    for count in (3, 40, *range(1, 30), 3, 2, 40):
        state = np.repeat(ours.advance(ours.initial_state(), trace(count)), count, 1)
        logits, new = ours.step(state, trace(count))
        expected, expected_state = reference.step(state, trace(count))
        assert np.abs(logits - expected).max() < 1e-4
        assert np.abs(new - expected_state).max() < 1e-4
        assert np.abs(ours.logits(new) - logits).max() < 1e-5


@pytest.mark.parametrize("projection", [None, 9])
def test_tokens_that_share_a_row_of_the_output_are_multiplied_with_once(
    projection: int | None,
) -> None:
    config = ModelConfig(30, "lstm", 2, 24, 7, projection=projection)
    tensors = random_tensors(config)
    shared = [0, 3, *range(7, 20), 29]
    tensors["output.weight"][shared] = tensors["output.weight"][3]
    tensors["output.bias"][shared] = tensors["output.bias"][3]
    tensors["output.weight"][5] = tensors["output.weight"][3]  # but not its bias
    weights = build_weights(config, tensors)
    assert len(weights.output) == len(weights.output_bias) == 30 - len(shared) + 1
    ours, reference = NumpyBackend(weights), TorchBackend(config, tensors)
    tokens = trace(CHUNK + 40)
    logits, state = ours.read(ours.initial_state(), tokens)
    expected, expected_state = reference.read(reference.initial_state(), tokens)
    assert np.abs(logits - expected).max() < 1e-4
    np.testing.assert_allclose(ours.logits(state)[0], logits[-1], atol=1e-5)
    for count in (1, 2, 8):
        states, reference_states = (np.repeat(each, count, 1) for each in (state, expected_state))
        logits, _ = ours.step(states, tokens[:count])
        expected, _ = reference.step(reference_states, tokens[:count])
        assert np.abs(logits - expected).max() < 1e-4


@pytest.mark.filterwarnings("ignore:overflow encountered in exp")
@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_gates_that_are_wholly_open_or_shut(cell: str) -> None:
    config = ModelConfig(30, cell, 2, 24, 7)  # type: ignore[arg-type]
    tensors = random_tensors(config, scale=100.0)  # exp of what feeds a gate is infinite, or 0
    ours, reference = NumpyBackend(build_weights(config, tensors)), TorchBackend(config, tensors)
    _, state = ours.read(ours.initial_state(), trace(20))
    _, expected = reference.read(reference.initial_state(), trace(20))
    assert np.abs(state - expected).max() < 1e-3


def test_a_gate_that_is_shut_warns_of_nothing() -> None:
    steps = """
import numpy as np
from charterm.engine.numpy_backend import NumpyBackend
from charterm.engine.weights import build_weights
from charterm.model.config import ModelConfig
from tests.engine.models import random_tensors
config = ModelConfig(30, "lstm", 1, 24, 7)
backend = NumpyBackend(build_weights(config, random_tensors(config, scale=1000.0)))
logits, _ = backend.step(backend.initial_state(), np.array([1], np.int32))
assert np.isfinite(logits).all()
"""
    subprocess.run([sys.executable, "-W", "error", "-c", steps], cwd=ROOT, check=True)


@pytest.mark.parametrize(("cell", "projection"), [("gru", None), ("lstm", None), ("lstm", 9)])
def test_torch_backend_equals_the_layers_of_torch(cell: str, projection: int | None) -> None:
    import torch

    config = ModelConfig(30, cell, 2, 24, 7, projection=projection)  # type: ignore[arg-type]
    tensors = random_tensors(config)
    network = (
        torch.nn.GRU(7, 24, num_layers=2, batch_first=True)
        if cell == "gru"
        else torch.nn.LSTM(7, 24, num_layers=2, batch_first=True, proj_size=projection or 0)
    )
    with torch.no_grad():
        for name, values in tensors.items():
            if name.startswith("layers."):
                _, layer, kind_name = name.split(".")
                getattr(network, f"{kind_name}_l{layer}").copy_(torch.from_numpy(values))
        embedded = torch.from_numpy(tensors["embedding.weight"][trace(50)])
        hidden = network(embedded[None])[0][0].numpy()
    expected = hidden @ tensors["output.weight"].T + tensors["output.bias"]
    backend = TorchBackend(config, tensors)
    logits, _ = backend.read(backend.initial_state(), trace(50))
    assert np.abs(logits - expected).max() < 1e-4


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("cell", ["gru", "lstm"])
@pytest.mark.parametrize("layers", [1, 3])
@pytest.mark.parametrize("projection", [None, 9])
def test_step_read_and_advance_agree(
    cell: str, layers: int, projection: int | None, which: int
) -> None:
    backend: Backend = backends(cell, layers, projection=projection)[which]
    tokens = trace(CHUNK + 9)
    read, end = backend.read(backend.initial_state(), tokens)
    state = backend.initial_state()
    for expected, token in zip(read, tokens, strict=True):
        logits, state = backend.step(state, np.array([token], np.int32))
        assert np.abs(logits[0] - expected).max() < 1e-4
    assert np.abs(state - end).max() < 1e-5
    assert np.abs(backend.advance(backend.initial_state(), tokens) - end).max() < 1e-5
    assert np.abs(backend.logits(end)[0] - read[-1]).max() < 1e-4


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("cell", ["gru", "lstm"])
@pytest.mark.parametrize("count", [2, 5, 8, 9, 17, 26])
@pytest.mark.parametrize("projection", [None, 9])
def test_a_batch_equals_its_sequences(
    cell: str, projection: int | None, count: int, which: int
) -> None:
    backend: Backend = backends(cell, 2, projection=projection)[which]
    state = backend.initial_state(count)
    singles = [backend.initial_state() for _ in range(count)]
    for tokens in trace(5 * count).reshape(5, count):
        logits, state = backend.step(state, tokens)
        for row in range(count):
            expected, singles[row] = backend.step(singles[row], tokens[row : row + 1])
            assert np.abs(logits[row] - expected[0]).max() < 1e-4
            assert np.abs(state[:, row] - singles[row][:, 0]).max() < 1e-5


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("cell", ["gru", "lstm"])
@pytest.mark.parametrize("projection", [None, 9])
def test_a_state_is_a_value(cell: str, projection: int | None, which: int) -> None:
    backend: Backend = backends(cell, 2, projection=projection)[which]
    for count in (1, 6):
        _, state = backend.step(backend.initial_state(count), trace(count))
        kept = state.copy()
        _, other = backend.step(state, trace(count))
        assert np.array_equal(state, kept)
        assert not np.shares_memory(state, other)
        if count == 1:
            backend.advance(state, trace(40))
            backend.read(state, trace(40))
            assert np.array_equal(state, kept)
            assert np.array_equal(backend.advance(state, trace(0)), state)
            assert backend.read(state, trace(0))[0].shape == (0, 30)


def test_half_precision_weights_are_computed_in_single() -> None:
    config = ModelConfig(vocabulary=30, hidden=24, embedding=7)
    tensors = random_tensors(config)
    half = {name: values.astype(np.float16) for name, values in tensors.items()}
    weights = build_weights(config, half)
    assert weights.table.dtype == weights.layers[0].recurrent.dtype == np.float32
    backend, full = NumpyBackend(weights), NumpyBackend(build_weights(config, tensors))
    tokens = trace(40)
    logits = backend.read(backend.initial_state(), tokens)[0]
    assert 0 < np.abs(logits - full.read(full.initial_state(), tokens)[0]).max() < 0.1


def test_an_unknown_device_is_a_clear_error() -> None:
    config = ModelConfig(vocabulary=30, hidden=4, embedding=None)
    with pytest.raises(UsageError, match="use cpu"):
        TorchBackend(config, random_tensors(config), device="abacus")
