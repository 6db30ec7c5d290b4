"""Distributions from logits."""

import numpy as np
import pytest

from charterm.engine.language_model import masked_softmax


@pytest.mark.filterwarnings("ignore:overflow encountered in exp")
@pytest.mark.parametrize("height", [0.0, 1000.0, -1000.0, 85.0, -85.0])
def test_logits_of_any_height_make_a_distribution(height: float) -> None:
    logits = np.array([[0.0, 1.0, 2.0, 50.0], [0.0, 0.0, -200.0, 7.0]], np.float32)
    barriers = np.array([0.0, 0.0, 0.0, -np.inf], np.float32)
    expected = np.exp(logits[:, :3].astype(np.float64))
    expected /= expected.sum(axis=1, keepdims=True)
    found = masked_softmax(logits + np.float32(height), barriers)
    np.testing.assert_allclose(found[:, :3], expected, rtol=1e-5, atol=1e-30)
    assert (found[:, 3] == 0.0).all()
    mixed = masked_softmax(np.stack([logits[0], logits[0] - np.float32(300.0)]), barriers)
    np.testing.assert_allclose(mixed[0], mixed[1], rtol=1e-6)
    assert masked_softmax(np.empty((0, 4), np.float32), barriers).shape == (0, 4)
