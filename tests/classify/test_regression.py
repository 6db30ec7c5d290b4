import numpy as np
import pytest
import torch
import torch.nn.functional as F

from charterm.classify.regression import SparseRows, fit_linear, fit_sparse_linear, scores_of


def _problem(seed: int = 0) -> tuple[torch.Tensor, np.ndarray]:
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(200, 10)).astype(np.float32)
    labels = (features[:, :3] + 0.5 * rng.normal(size=(200, 3))).argmax(1)
    return torch.from_numpy(features), labels


def _gradient(
    features: torch.Tensor, labels: np.ndarray, weight: torch.Tensor, bias: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    weight, bias = weight.clone().requires_grad_(), bias.clone().requires_grad_()
    F.cross_entropy(features @ weight + bias, torch.from_numpy(labels)).backward()
    assert weight.grad is not None
    assert bias.grad is not None
    return weight.grad, bias.grad


def test_l2_ends_where_the_gradient_is_zero() -> None:
    features, labels = _problem()
    weight, bias = fit_linear(features, labels, 3, 0.05, iterations=200)
    by_weight, by_bias = _gradient(features, labels, weight, bias)
    assert float((by_weight + 0.05 * weight).abs().max()) < 1e-4
    assert float(by_bias.abs().max()) < 1e-4


def test_l1_fulfils_its_conditions_and_leaves_features_out() -> None:
    features, labels = _problem()
    weight, bias = fit_sparse_linear(features, labels, 3, 0.04, iterations=2000)
    by_weight, by_bias = _gradient(features, labels, weight, bias)
    used = weight != 0
    assert 0 < int(used.sum()) < weight.numel()
    assert float((by_weight[used] + 0.04 * weight[used].sign()).abs().max()) < 1e-3
    assert float(by_weight[~used].abs().max()) < 0.04 + 1e-3
    assert float(by_bias.abs().max()) < 1e-3
    assert not weight[3:].abs().sum(1).bool().all()


@pytest.mark.parametrize("loss", ["logistic", "squared_hinge"])
def test_sparse_rows_are_the_same_as_dense_ones(loss: str) -> None:
    rng = np.random.default_rng(1)
    dense = (rng.random((60, 8)) < 0.3).astype(np.float32)
    dense[5] = 0  # a text without any known n-gram
    labels = rng.integers(0, 2, 60)
    rows, columns = np.nonzero(dense)
    sparse = SparseRows.from_arrays(columns, rows, 60, 8)
    scale = torch.from_numpy(rng.normal(size=(8, 2)).astype(np.float32))
    some = torch.from_numpy(rng.normal(size=(8, 2)).astype(np.float32))
    torch.testing.assert_close(scores_of(sparse, some), torch.from_numpy(dense) @ some)
    one = fit_linear(sparse, labels, 2, 0.01, scale=scale, loss=loss)  # type: ignore[arg-type]
    other = fit_linear(torch.from_numpy(dense), labels, 2, 0.01, scale=scale, loss=loss)  # type: ignore[arg-type]
    torch.testing.assert_close(one[0], other[0], atol=2e-2, rtol=2e-2)
