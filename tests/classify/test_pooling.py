import numpy as np
import pytest

from charterm.classify.pooling import Pool, fit_pool, softmax


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


def test_json_gives_the_pool_back() -> None:
    pool = Pool({"a": 0.5, "b": 2.0}, np.array([0.1, -0.1]))
    again = Pool.from_json(pool.to_json())
    scores = {"a": np.array([[1.0, 2.0]]), "b": np.array([[0.3, 0.1]])}
    assert again.probabilities(scores).tolist() == pool.probabilities(scores).tolist()
