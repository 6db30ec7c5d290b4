import numpy as np
import pytest

from charterm.classify.evaluation import evaluate, figures_of, wilson_interval
from charterm.classify.labelled import label_texts

from .samples import trained, weather


def test_wilson_interval_of_known_cases() -> None:
    # Newcombe 1998, table I
    assert wilson_interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert wilson_interval(15, 148) == pytest.approx((0.0624, 0.1605), abs=1e-4)
    assert wilson_interval(0, 20) == pytest.approx((0.0, 0.1611), abs=1e-4)
    assert wilson_interval(29, 29) == pytest.approx((0.8830, 1.0), abs=1e-4)
    assert wilson_interval(0, 0) == (0.0, 1.0)


def test_figures_of_known_probabilities() -> None:
    data = label_texts([("a", "1"), ("a", "2"), ("b", "3"), ("c", "4")])
    chances = np.array([[0.7, 0.2, 0.1], [0.2, 0.5, 0.3], [0.1, 0.8, 0.1], [0.1, 0.2, 0.7]])
    figures = figures_of("x", chances, data)
    assert figures.confusion == [[1, 1, 0], [0, 1, 0], [0, 0, 1]]
    assert (figures.right, figures.accuracy) == (3, 0.75)
    assert figures.nats == pytest.approx(-np.log([0.7, 0.2, 0.8, 0.7]).mean())
    assert figures.macro_f1 == pytest.approx((2 / 3 + 2 / 3 + 1) / 3)


def test_every_method_is_measured() -> None:
    classifier, unseen = trained(), weather(each=8, seed=7)
    result = evaluate(classifier, unseen)
    assert set(result.figures) == {"likelihood", "state", "nbsvm", "ngrams", "combined"}
    for method, figures in result.figures.items():
        assert sum(map(sum, figures.confusion)) == len(unseen)
        assert figures.low <= figures.accuracy <= figures.high, method
        assert figures.accuracy > 0.45, method
    assert result.figures["combined"].accuracy > 0.9
    assert result.milliseconds_a_text > 0
