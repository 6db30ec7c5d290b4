import numpy as np
import pytest

from charterm.classify.methods import best_method
from charterm.classify.pooling import Pool, cross_fitted, fit_pool, softmax


def _scores(spread: float, count: int = 4000, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Scores whose right temperature is ``spread``."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(count, 3))
    labels = np.array([rng.choice(3, p=row) for row in softmax(logits)])
    return spread * logits, labels


def test_a_temperature_is_found_again() -> None:
    even = np.full(3, 1 / 3)
    for spread in (0.2, 1.0, 30.0):
        scores, labels = _scores(spread)
        pool = fit_pool({"one": scores}, labels, even)
        assert 1 / pool.weights["one"] == pytest.approx(spread, rel=0.1)
        assert pool.offsets == pytest.approx(np.log(even), abs=0.1)


def test_the_prior_counts_where_the_scores_say_nothing() -> None:
    rng = np.random.default_rng(0)
    labels = rng.choice(2, 500, p=[0.8, 0.2])
    pool = fit_pool({"noise": rng.normal(size=(500, 2))}, labels, np.array([0.8, 0.2]))
    chances = pool.probabilities({"noise": np.zeros((1, 2))})
    assert chances[0] == pytest.approx([0.8, 0.2], abs=0.05)


def test_the_better_method_weighs_more_and_noise_nothing() -> None:
    scores, labels = _scores(1.0)
    noise = np.random.default_rng(5).normal(size=scores.shape)
    pool = fit_pool({"good": scores, "noise": noise}, labels, np.full(3, 1 / 3))
    assert pool.weights["good"] > 0.8
    assert 0 <= pool.weights["noise"] < 0.1


def _nats(chances: np.ndarray, labels: np.ndarray) -> float:
    return float(-np.log(chances[np.arange(len(labels)), labels]).mean())


def test_methods_are_compared_on_texts_that_the_pool_was_not_fitted_on() -> None:
    scores, labels = _scores(1.0, count=60)
    rng = np.random.default_rng(1)
    many = {f"noise {n}": rng.normal(size=scores.shape) for n in range(25)}
    even = np.full(3, 1 / 3)
    fitted = fit_pool(many, labels, even).probabilities(many)
    crossed = cross_fitted(many, labels, even)
    assert crossed.sum(1) == pytest.approx(np.ones(60))
    assert _nats(fitted, labels) < np.log(3) - 0.02  # as if noise told something
    assert _nats(crossed, labels) > np.log(3)
    assert _nats(cross_fitted({"good": scores}, labels, even), labels) < np.log(3)


def test_the_best_method_is_the_one_with_the_fewest_nats_or_the_combination() -> None:
    figures = {"nbsvm": {"nats": 0.4}, "ngrams": {"nats": 0.3}, "combined": {"nats": 0.31}}
    assert best_method(figures) == "ngrams"
    assert best_method(figures | {"combined": {"nats": 0.3}}) == "combined"


def test_json_gives_the_pool_back() -> None:
    pool = Pool({"a": 0.5, "b": 2.0}, np.array([0.1, -0.1]))
    again = Pool.from_json(pool.to_json())
    scores = {"a": np.array([[1.0, 2.0]]), "b": np.array([[0.3, 0.1]])}
    assert again.probabilities(scores).tolist() == pool.probabilities(scores).tolist()
