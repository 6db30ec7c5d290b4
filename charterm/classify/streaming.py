"""Reading a text character by character with all models of a classifier, without torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from charterm.engine.backend import Logits, State

if TYPE_CHECKING:
    from charterm.classify.classifier import Classifier
    from charterm.engine.language_model import LanguageModel

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Place:
    """How far a text is read: a value, so that any place can be gone back to.

    Attributes:
        states: of the class models, shape (S, 1, H) each.
        logits: (1, V) each, of what follows.
        nats: (K,) negative log-likelihood of the text so far.
        reader: state of the reader, shape (S, 1, H), or None.
        total: (R,) sum of the reader's outputs so far.
        highest: (R,) the highest of them.
        tokens: read so far.
    """

    states: tuple[State, ...]
    logits: tuple[Logits, ...]
    nats: NDArray[np.float64]
    reader: State | None
    total: Floats
    highest: Floats
    tokens: int


class Stream:
    """Steps from one :class:`Place` to the next: one step of each class model, and of the reader.

    Attributes:
        methods: those that are followed, of ``likelihood`` and ``state``.
    """

    def __init__(self, classifier: Classifier, methods: Sequence[str]) -> None:
        self._models = classifier.class_models if "likelihood" in methods else ()
        self._reader = classifier.reader if "state" in methods else None
        self._machine = classifier.state
        self.methods = tuple(
            method
            for method, followed in (
                ("likelihood", bool(self._models)),
                ("state", self._reader is not None),
            )
            if followed
        )
        self._classes = len(classifier.classes)

    def begin(self) -> Place:
        """The place before the first character."""
        states = tuple(model.start for model in self._models)
        size = self._reader.config.output_size if self._reader else 0
        return Place(
            states=states,
            logits=tuple(
                model.backend.logits(state)
                for model, state in zip(self._models, states, strict=True)
            ),
            nats=np.zeros(self._classes),
            reader=self._reader.start if self._reader else None,
            total=np.zeros(size, np.float32),
            highest=np.full(size, -np.inf, np.float32),
            tokens=0,
        )

    def read(self, place: Place, character: str) -> Place:
        """The place after one more character."""
        model = self._models[0] if self._models else self._reader
        assert model is not None
        for token in model.alphabet.encode_character(character):
            place = self._read_token(place, token)
        return place

    def _read_token(self, place: Place, token: int) -> Place:
        tokens = np.array([token], np.int32)
        nats = place.nats.copy()
        states, logits = [], []
        for label, (model, state, before) in enumerate(
            zip(self._models, place.states, place.logits, strict=True)
        ):
            row = before[0].astype(np.float64)
            highest = row.max()
            nats[label] += highest + np.log(np.exp(row - highest).sum()) - row[token]
            after, new = model.backend.step(state, tokens)
            states.append(new)
            logits.append(after)
        reader, total, peak = place.reader, place.total, place.highest
        if self._reader is not None and reader is not None:
            reader = self._reader.backend.advance(reader, tokens)
            output = _output(self._reader, reader)
            total, peak = total + output, np.maximum(peak, output)
        return Place(tuple(states), tuple(logits), nats, reader, total, peak, place.tokens + 1)

    def scores(self, place: Place) -> dict[str, Floats]:
        """What speaks for each class so far, shape (K,), by each method followed.

        Before the first token the states say nothing but the bias.
        """
        found: dict[str, Floats] = {}
        if self._models:
            found["likelihood"] = (-place.nats).astype(np.float32)
        if self._reader is not None and self._machine is not None and place.reader is not None:
            found["state"] = self._machine.bias
            if place.tokens:
                output = _output(self._reader, place.reader)
                pooled: Floats = np.concatenate((output, place.total / place.tokens, place.highest))
                found["state"] = self._machine.scores(pooled[None])[0]
        return found


def _output(reader: LanguageModel, state: State) -> Floats:
    """What the highest layer gives on, shape (R,), in a state (S, 1, H)."""
    return state[reader.config.layers - 1, 0, : reader.config.output_size]
