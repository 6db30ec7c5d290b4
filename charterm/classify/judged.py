"""The texts of a file and what a classifier makes of each: to order, search and export."""

import csv
import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from charterm.classify.orders import Order
from charterm.classify.pooling import Doubles


@dataclass(frozen=True)
class JudgedTexts:
    """Texts and the probabilities of their classes.

    Attributes:
        texts: N texts.
        classes: names of the classes, K of them.
        probabilities: (N, K).
        given: (N,) the class that the file says each has, where it says one.
    """

    texts: tuple[str, ...]
    classes: tuple[str, ...]
    probabilities: Doubles
    given: NDArray[np.int64] | None = None

    def __len__(self) -> int:
        return len(self.texts)

    @property
    def judged(self) -> NDArray[np.int64]:
        """(N,) the likeliest class of each."""
        judged: NDArray[np.int64] = self.probabilities.argmax(1).astype(np.int64)
        return judged

    @property
    def shares(self) -> Doubles:
        """(K,) share of the texts that each class is the likeliest of."""
        counts = np.bincount(self.judged, minlength=len(self.classes)).astype(np.float64)
        return counts / max(1, len(self))

    @property
    def right(self) -> int | None:
        """How many are judged as the file says; None where it does not say."""
        return None if self.given is None else int((self.judged == self.given).sum())

    def chosen(self, wanted: str) -> list[int]:
        """Places of the texts in whose text or class each word of ``wanted`` occurs.

        A word ``=CLASS`` keeps the texts judged as that class, ``!`` those judged wrongly.
        """
        judged = self.judged
        kept = list(range(len(self)))
        for word in wanted.casefold().split():
            if word == "!" and self.given is not None:
                given = self.given
                kept = [place for place in kept if judged[place] != given[place]]
            elif word.startswith("=") and len(word) > 1:
                kept = [p for p in kept if self.classes[judged[p]].casefold().startswith(word[1:])]
            else:
                kept = [place for place in kept if word in self.texts[place].casefold()]
        return kept

    def ordered(self, places: list[int], order: Order, *, descending: bool = False) -> list[int]:
        """``places`` by number, class, class given, text, or probability of the class judged."""
        judged, given = self.judged, self.given
        highest = self.probabilities.max(1)
        keys = {
            "number": lambda place: place,
            "class": lambda place: (judged[place], -highest[place]),
            "probability": lambda place: highest[place],
            "given": lambda place: (-1 if given is None else given[place], judged[place]),
            "text": lambda place: self.texts[place].casefold(),
        }
        return sorted(places, key=keys[order], reverse=descending)

    def to_csv(self, places: list[int] | None = None) -> str:
        """A table (RFC 4180, lines end with LF) of some of the texts, or of all.

        Columns: text, class, probability, the probability of each class, and the class given.
        """
        written = io.StringIO()
        rows = csv.writer(written, lineterminator="\n")
        known = ["given"] if self.given is not None else []
        rows.writerow(["text", "class", "probability", *self.classes, *known])
        judged = self.judged
        for place in range(len(self)) if places is None else places:
            chances = self.probabilities[place]
            given = [] if self.given is None else [self.classes[self.given[place]]]
            rows.writerow(
                [
                    self.texts[place],
                    self.classes[judged[place]],
                    f"{chances.max():.6f}",
                    *(f"{chance:.6f}" for chance in chances),
                    *given,
                ]
            )
        return written.getvalue()

    def joined(self, other: "JudgedTexts") -> "JudgedTexts":
        """These texts and then those of ``other``, of the same classes."""
        given = None
        if self.given is not None and other.given is not None:
            given = np.concatenate((self.given, other.given))
        return JudgedTexts(
            self.texts + other.texts,
            self.classes,
            np.concatenate((self.probabilities, other.probabilities)),
            given,
        )
