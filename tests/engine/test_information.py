import numpy as np
import pytest

from charterm.engine.information import information
from tests.engine.models import random_model


def test_information_is_minus_the_logarithm_of_the_probability() -> None:
    model = random_model()
    state, bits = model.start, 0.0
    for token in model.alphabet.encode("abc가"):
        logits = model.backend.logits(state)[0].astype(np.float64)
        bits -= np.log2(np.exp(logits[token]) / np.exp(logits).sum())
        state = model.backend.advance(state, np.array([token], np.int32))
    assert information(model, model.start, "abc가") == pytest.approx(bits, rel=1e-5)
    assert information(model, model.start, "") == 0.0
