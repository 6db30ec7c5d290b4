"""A text judged while it is typed: class probabilities after every key, and what each key said."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

import numpy as np

from charterm.classify.classifier import Classifier
from charterm.classify.pooling import Doubles, softmax
from charterm.classify.streaming import Place, Stream

_KEPT_EVERY: Final = 64  # characters between places that are kept for going back far
_RECENT: Final = 32  # places kept besides, for going back a little


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

    Attributes:
        classifier: what judges.
        text: the text.
    """

    def __init__(self, classifier: Classifier, text: str = "") -> None:
        self.classifier = classifier
        self.text = ""
        self._pool = classifier.pool()
        self._stream = Stream(classifier, list(self._pool.weights))
        begin = self._stream.begin()
        self._kept: dict[int, Place] = {0: begin}
        self._recent: OrderedDict[int, Place] = OrderedDict()
        self._scores = [self._stream.scores(begin)]  # after each number of characters
        self.set_text(text)

    def insert(self, position: int, typed: str) -> None:
        """Put ``typed`` before the character at ``position`` (code points)."""
        self.set_text(self.text[:position] + typed + self.text[position:])

    def delete(self, start: int, end: int) -> None:
        """Take the characters from ``start`` to ``end`` away."""
        self.set_text(self.text[:start] + self.text[end:])

    def set_text(self, text: str) -> None:
        """Read another text; only what follows the common beginning costs time."""
        common = _common(self.text, text)
        self.text = text
        for places in (self._kept, self._recent):
            for position in [p for p in places if p > common]:
                del places[position]
        begin = max((*self._kept, *self._recent))
        place = self._recent.get(begin) or self._kept[begin]
        del self._scores[begin + 1 :]
        if not self._stream.methods:
            return
        for position in range(begin, len(text)):
            place = self._stream.read(place, text[position])
            self._scores.append(self._stream.scores(place))
            self._keep(position + 1, place)

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
        scores = dict(self._scores[-1])
        for method in self._stream.methods:
            steps = np.array([each[method] for each in self._scores], np.float64)
            heat += weights[method] * np.diff(steps, axis=0)
            before += weights[method] * steps[0]
        for method, machine in self.classifier.machines.items():
            if method in weights:
                shares = machine.attribution(self.text)
                scores[method] = shares.sum(0).astype(np.float32) + machine.bias
                heat += weights[method] * shares
                before += weights[method] * machine.bias
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


def _common(one: str, other: str) -> int:
    """Length of the longest common beginning."""
    if other.startswith(one):
        return len(one)
    for place, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return place
    return min(len(one), len(other))
