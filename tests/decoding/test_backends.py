"""The same controls and seed give the same text whatever computes the logits."""

from collections.abc import Iterator

import pytest
import torch

from charterm.decoding.controls import METHODS, Controls
from charterm.decoding.generated import Results
from charterm.decoding.generation import generate
from charterm.engine.numpy_backend import NumpyBackend
from charterm.engine.torch_backend import TorchBackend
from charterm.engine.weights import build_weights
from charterm.model.config import Cell, ModelConfig
from charterm.text.alphabet import Alphabet
from tests.decoding.models import after
from tests.model.random_model import random_tensors


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # threads that wait for each other on a busy machine take seconds
    yield
    torch.set_num_threads(threads)


@pytest.mark.parametrize("cell", ["gru", "lstm"])
@pytest.mark.parametrize("method", METHODS)
def test_a_seed_gives_the_same_text_on_both_backends(cell: Cell, method: str) -> None:
    alphabet = Alphabet.from_text("\n abcdefghijklmnop.")
    config = ModelConfig(vocabulary=alphabet.size, cell=cell, hidden=24, embedding=6, layers=2)
    tensors = random_tensors(config, scale=0.5)
    controls = Controls(
        method=method,
        seed=5,
        n=3,
        length=100 if method == "sample" else 20,
        num_beams=6,
        num_beam_groups=3,
        diversity_penalty=0.5,
        top_p=0.95,
        min_p=0.01,
        temperature=0.9,
    )
    found = []
    for backend in (NumpyBackend(build_weights(config, tensors)), TorchBackend(config, tensors)):
        *_, last = generate(backend, alphabet, after(backend, alphabet), controls)
        assert isinstance(last, Results)
        found.append([text.text for text in last.texts])
    assert found[0] == found[1]
    assert len(found[0]) == 3
