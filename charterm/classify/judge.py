"""A text judged while it is typed: class probabilities after every key, and what each key said."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from charterm.classify.classifier import Classifier
from charterm.classify.ngram_reading import NgramReading
from charterm.classify.pooling import Doubles, softmax
from charterm.classify.progress import Watch, silent
from charterm.classify.streaming import Place, Stream
from charterm.text.difference import common_beginning

_KEPT_EVERY: Final = 64  # characters between places that are kept for going back far
_RECENT: Final = 32  # places kept besides, for going back a little
_TOLD_EVERY: Final = 16  # characters


@dataclass(frozen=True)
class Judgement:
    """What a classifier makes of a text.

    Attributes:
        classes: names of the classes, K of them.
        probabilities: (K,).
        by_method: (K,) probabilities by each method alone.
        heat: (characters, K) nats that each character adds to each class, against the mean of the
            classes; the sum over the characters and :attr:`before` are the logits.
        before: (K,) what speaks for each class before the first character.
    """

    classes: tuple[str, ...]
    probabilities: Doubles
    by_method: dict[str, Doubles]
    heat: Doubles
    before: Doubles

    @property
    def winner(self) -> str:
        """The likeliest class."""
        return self.classes[int(self.probabilities.argmax())]


class JudgeSession:
    """Follows a text through its edits.

    A key at the end of the text costs one step of each model. An edit elsewhere reads again from
    there, beginning at a kept place. Texts are read as they are: clean them first
    (:func:`charterm.text.reading.clean`) where they come from outside.

    Of a long text the n-grams are known at once and the models read on: until they are through,
    the judgement has of theirs what they have read so far.

    Attributes:
        classifier: what judges.
        text: the text.
        read: how many of its characters the models have read.
    """

    def __init__(self, classifier: Classifier, text: str = "") -> None:
        self.classifier = classifier
        self.text = ""
        self.read = 0
        self._ngrams = {
            method: NgramReading(machine)
            for method, machine in classifier.machines.items()
            if method in classifier.pool().weights
        }
        self._pool = classifier.pool()
        self._stream = Stream(classifier, list(self._pool.weights))
        begin = self._stream.begin()
        self._kept: dict[int, Place] = {0: begin}
        self._recent: OrderedDict[int, Place] = OrderedDict()
        # after each number of characters; rows beyond those of the text are room to grow
        self._scores = {
            method: np.array(row, np.float32)[None]
            for method, row in self._stream.scores(begin).items()
        }
        self.set_text(text)

    def insert(self, position: int, typed: str) -> None:
        """Put ``typed`` before the character at ``position`` (code points)."""
        self.set_text(self.text[:position] + typed + self.text[position:])

    def delete(self, start: int, end: int) -> None:
        """Take the characters from ``start`` to ``end`` away."""
        self.set_text(self.text[:start] + self.text[end:])

    def set_text(self, text: str, watch: Watch = silent) -> None:
        """Read another text; only what follows the common beginning costs time.

        Args:
            text: the text.
            watch: is told every few characters which share of the text is read. Where it raises,
                the models are left with what was read so far, and go on from there.
        """
        common = common_beginning(self.text, text)
        self.text = text
        for reading in self._ngrams.values():
            reading.set_text(text)
        for places in (self._kept, self._recent):
            for position in [p for p in places if p > common]:
                del places[position]
        self.read = max((*self._kept, *self._recent))
        if not self._stream.methods:
            self.read = len(text)
            return
        begin = self.read
        place = self._recent.get(begin) or self._kept[begin]
        self._make_room(len(text) + 1)
        for position in range(begin, len(text)):
            if (position - begin) % _TOLD_EVERY == _TOLD_EVERY - 1:
                watch(position / len(text))
            place = self._stream.read(place, text[position])
            for method, row in self._stream.scores(place).items():
                self._scores[method][position + 1] = row
            self._keep(position + 1, place)
            self.read = position + 1

    def _make_room(self, rows: int) -> None:
        for method, scores in self._scores.items():
            if len(scores) < rows:
                grown = np.empty((2 * rows, scores.shape[1]), np.float32)
                grown[: len(scores)] = scores
                self._scores[method] = grown

    def _keep(self, position: int, place: Place) -> None:
        if position % _KEPT_EVERY == 0:
            self._kept[position] = place
        self._recent[position] = place
        if len(self._recent) > _RECENT:
            self._recent.popitem(last=False)

    @property
    def judgement(self) -> Judgement:
        """What the text so far says."""
        weights = self._pool.weights
        heat = np.zeros((len(self.text), len(self.classifier.classes)))
        before = self._pool.offsets.copy()
        scores: dict[str, NDArray[np.float32]] = {}
        for method, every in self._scores.items():
            steps = every[: self.read + 1].astype(np.float64)
            scores[method] = every[self.read]
            heat[: self.read] += weights[method] * np.diff(steps, axis=0)
            before += weights[method] * steps[0]
        for method, reading in self._ngrams.items():
            shares, bias = reading.attribution(), self.classifier.machines[method].bias
            scores[method] = shares.sum(0).astype(np.float32) + bias
            heat += weights[method] * shares
            before += weights[method] * bias
        heat -= heat.mean(1, keepdims=True)
        before -= before.mean()
        blank = not self.text.strip()
        prior = self.classifier.prior
        return Judgement(
            classes=self.classifier.classes,
            probabilities=prior.copy() if blank else softmax(before + heat.sum(0)),
            by_method={
                method: prior.copy()
                if blank
                else self.classifier.pool(method).probabilities({method: scores[method]})
                for method in weights
            },
            heat=heat,
            before=before,
        )
