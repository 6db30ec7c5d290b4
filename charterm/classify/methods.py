"""The methods by which texts are judged, and which of them does best. Without NumPy."""

from collections.abc import Mapping
from typing import Any, Final

LIKELIHOOD: Final = "likelihood"
STATE: Final = "state"
NBSVM: Final = "nbsvm"
NGRAMS: Final = "ngrams"
COMBINED: Final = "combined"
METHODS: Final = (LIKELIHOOD, STATE, NBSVM, NGRAMS)
"""Each class as a language model; a regression on recurrent states; the yardstick as published, on
words; the same on n-grams of words and characters, which suits Korean. Combined is all of them."""


def best_method(validation: Mapping[str, Mapping[str, Any]]) -> str:
    """The method that did best, by cross-entropy; of equals the combination, else the first.

    Args:
        validation: the figures of each method on texts kept aside, as
            :meth:`charterm.classify.evaluation.MethodFigures.to_json` has them.
    """
    return min(validation, key=lambda method: (validation[method]["nats"], method != COMBINED))
