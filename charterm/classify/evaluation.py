"""How well a classifier does: accuracy with its interval, confusions, calibration, speed."""

import math
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from charterm.classify.classifier import Classifier
from charterm.classify.labelled import LabelledTexts
from charterm.classify.methods import COMBINED
from charterm.classify.pooling import Doubles
from charterm.classify.progress import Watch, silent

_TIMED = 20  # texts judged one by one, for the time of one


def wilson_interval(right: int, total: int, z: float = 1.959964) -> tuple[float, float]:
    """The score interval of a share (Wilson 1927), for 95 % unless ``z`` says otherwise.

    Args:
        right: how many of them.
        total: of how many; (0, 1) where that is none.
        z: quantile of the normal distribution.
    """
    if total == 0:
        return 0.0, 1.0
    share = right / total
    width = z * math.sqrt(share * (1.0 - share) / total + z * z / (4.0 * total * total))
    middle = share + z * z / (2.0 * total)
    scale = 1.0 + z * z / total
    return max(0.0, (middle - width) / scale), min(1.0, (middle + width) / scale)


@dataclass(frozen=True)
class MethodFigures:
    """How well one method does on labelled texts.

    Attributes:
        method: its name, or ``combined``.
        texts: how many.
        right: of them.
        accuracy: their share.
        low, high: the 95 % interval of the accuracy (Wilson).
        nats: mean negative log-probability of the right class.
        macro_f1: mean over the classes of the harmonic mean of precision and recall.
        confusion: K rows, the true class, of K counts, the class judged.
    """

    method: str
    texts: int
    right: int
    accuracy: float
    low: float
    high: float
    nats: float
    macro_f1: float
    confusion: list[list[int]]

    def to_json(self) -> dict[str, Any]:
        """The object as plain JSON values."""
        return asdict(self)


def figures_of(method: str, chances: Doubles, data: LabelledTexts) -> MethodFigures:
    """Figures from probabilities (N, K)."""
    classes = len(data.classes)
    guesses = chances.argmax(1)
    confusion = np.zeros((classes, classes), np.int64)
    np.add.at(confusion, (data.labels, guesses), 1)
    right = int(np.trace(confusion))
    low, high = wilson_interval(right, len(data))
    own = chances[np.arange(len(data)), data.labels]
    hits = np.diag(confusion)
    # twice the hits over all that is or was called so; a class that is neither counts as right
    both = confusion.sum(0) + confusion.sum(1)
    f1 = np.where(both > 0, 2.0 * hits / np.maximum(both, 1), 1.0)
    return MethodFigures(
        method=method,
        texts=len(data),
        right=right,
        accuracy=right / max(1, len(data)),
        low=low,
        high=high,
        nats=float(-np.log(np.maximum(own, 1e-300)).mean()),
        macro_f1=float(f1.mean()),
        confusion=confusion.tolist(),
    )


@dataclass(frozen=True)
class Evaluation:
    """A classifier on a table of labelled texts.

    Attributes:
        classes: names of the classes.
        figures: of each method and of the combination.
        milliseconds_a_text: of one text, judged alone by all methods, without torch.
        milliseconds_in_bulk: of one text, all texts judged together.
        characters_a_text: mean length.
    """

    classes: tuple[str, ...]
    figures: Mapping[str, MethodFigures]
    milliseconds_a_text: float
    milliseconds_in_bulk: float
    characters_a_text: float

    def to_json(self) -> dict[str, Any]:
        """The object as plain JSON values."""
        values = asdict(self)
        values["figures"] = {method: each.to_json() for method, each in self.figures.items()}
        return values


def evaluate(classifier: Classifier, data: LabelledTexts, watch: Watch = silent) -> Evaluation:
    """Judge labelled texts by every method.

    Args:
        classifier: what judges.
        data: the texts, their classes counted as the classifier counts them
            (:meth:`~charterm.classify.labelled.LabelledTexts.with_classes`).
        watch: is told the share that is done.
    """
    begin = time.perf_counter()
    scores = classifier.scores(data.texts, watch=watch)
    bulk = time.perf_counter() - begin
    figures = {
        method: figures_of(method, classifier.pool(method).probabilities(scores), data)
        for method in (*classifier.methods, COMBINED)
        if method in classifier.pools
    }
    few = data.texts[:: max(1, len(data) // _TIMED)][:_TIMED]
    classifier.probabilities(few[:1])  # loads the models
    begin = time.perf_counter()
    for text in few:
        classifier.probabilities([text])
    alone = time.perf_counter() - begin
    return Evaluation(
        classes=data.classes,
        figures=figures,
        milliseconds_a_text=1000.0 * alone / max(1, len(few)),
        milliseconds_in_bulk=1000.0 * bulk / max(1, len(data)),
        characters_a_text=float(np.mean([len(text) for text in data.texts])),
    )
