"""A classifier: up to four methods, and the pools that turn their scores into probabilities."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import numpy as np

from charterm.classify.methods import LIKELIHOOD, METHODS, STATE, best_method
from charterm.classify.nbsvm import NgramMachine
from charterm.classify.pooling import Doubles, Floats, Pool
from charterm.classify.progress import Watch, silent
from charterm.classify.state import StateMachine
from charterm.engine.language_model import START, LanguageModel
from charterm.engine.numpy_backend import NumpyBackend
from charterm.engine.weights import build_weights
from charterm.errors import UsageError
from charterm.model.config import ModelConfig
from charterm.model.folder import ModelInfo, Tensors
from charterm.text.alphabet import Alphabet
from charterm.text.reading import clean

_BULK_CHARACTERS: Final = 4000  # from here on, loading torch pays


_UNKNOWN: Final = {"nats": float("inf")}


@dataclass(frozen=True)
class Networks:
    """Language models of one shape and alphabet.

    Attributes:
        config: the shapes.
        alphabet: the characters.
        by_class: weights of the model of each class; empty without the method by likelihood.
        reader: weights of the model of all texts, whose states are judged; None without that.
    """

    config: ModelConfig
    alphabet: Alphabet
    by_class: tuple[Tensors, ...]
    reader: Tensors | None

    def language_model(self, tensors: Tensors, name: str) -> LanguageModel:
        """One of them, ready to read without torch."""
        info = ModelInfo(config=self.config, alphabet=self.alphabet)
        return LanguageModel(name, info, NumpyBackend(build_weights(self.config, tensors)))


@dataclass(frozen=True)
class Classifier:
    """Judges texts.

    Attributes:
        classes: names of the classes, K of them.
        prior: (K,) probabilities of the classes before anything is read.
        pools: for each method, and for ``combined``, how scores become probabilities.
        machines: those of the methods ``nbsvm`` and ``ngrams``.
        state: the method ``state``.
        networks: the language models of ``likelihood`` and ``state``.
        facts: how it was trained and how well it does, as plain JSON values.
        name: its name in the library.
    """

    classes: tuple[str, ...]
    prior: Doubles
    pools: Mapping[str, Pool]
    machines: Mapping[str, NgramMachine] = field(default_factory=dict)
    state: StateMachine | None = None
    networks: Networks | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    name: str = ""

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods it has."""
        return tuple(method for method in METHODS if method in self.pools)

    @property
    def default_method(self) -> str:
        """What judges: the method or combination that did best on the texts kept aside."""
        return best_method(self.facts.get("validation") or dict.fromkeys(self.pools, _UNKNOWN))

    def pool(self, method: str = "") -> Pool:
        """The pool of a method; of the default one if empty.

        Raises:
            UsageError: the classifier does not have this method.
        """
        pool = self.pools.get(method or self.default_method)
        if pool is None:
            raise UsageError(
                "this classifier has no method {method!r}; it has {known}",
                method=method,
                known=", ".join(self.pools),
            )
        return pool

    @cached_property
    def class_models(self) -> tuple[LanguageModel, ...]:
        """The language model of each class; empty without the method ``likelihood``."""
        if self.networks is None:
            return ()
        return tuple(
            self.networks.language_model(tensors, name)
            for tensors, name in zip(self.networks.by_class, self.classes, strict=False)
        )

    @cached_property
    def reader(self) -> LanguageModel | None:
        """The language model whose states are judged, for the method ``state``."""
        if self.networks is None or self.networks.reader is None:
            return None
        return self.networks.language_model(self.networks.reader, "reader")

    def scores(
        self,
        texts: Sequence[str],
        methods: Sequence[str] | None = None,
        watch: Watch = silent,
    ) -> dict[str, Floats]:
        """What speaks for each class by each method, shape (N, K) each.

        Few short texts are read without torch, many with it.

        Args:
            texts: N texts; cleaned here.
            methods: all that the classifier has, if None.
            watch: is told the share that is done.
        """
        wanted = [each for each in (methods or self.methods) if each in self.methods]
        texts = [clean(text).strip() for text in texts]
        found: dict[str, Floats] = {}
        if LIKELIHOOD in wanted or STATE in wanted:
            if sum(map(len, texts)) >= _BULK_CHARACTERS:
                found = self._read_in_bulk(texts, wanted, watch)
            else:
                found = self._read(texts, wanted, watch)
        for method, machine in self.machines.items():
            if method in wanted:
                found[method] = machine.scores(texts)
        return found

    def probabilities(
        self, texts: Sequence[str], method: str = "", watch: Watch = silent
    ) -> Doubles:
        """Probability of each class for each text, shape (N, K).

        A text of nothing but spaces has the prior.

        Raises:
            UsageError: the classifier does not have this method.
        """
        pool = self.pool(method)
        chances = pool.probabilities(self.scores(texts, list(pool.weights), watch))
        chances[[not text.strip() for text in texts]] = self.prior
        return chances

    def _read(self, texts: Sequence[str], wanted: Sequence[str], watch: Watch) -> dict[str, Floats]:
        from charterm.classify.streaming import Stream

        stream = Stream(self, wanted)
        found = {m: np.zeros((len(texts), len(self.classes)), np.float32) for m in stream.methods}
        for number, text in enumerate(texts):
            place = stream.begin()
            for character in text:
                place = stream.read(place, character)
            for method, scores in stream.scores(place).items():
                found[method][number] = scores
            watch((number + 1) / len(texts))
        return found

    def _read_in_bulk(
        self, texts: Sequence[str], wanted: Sequence[str], watch: Watch
    ) -> dict[str, Floats]:
        from charterm.classify.bulk import read_in_bulk
        from charterm.classify.fine_tuning import build_network

        assert self.networks is not None
        config, alphabet = self.networks.config, self.networks.alphabet
        tokens = [alphabet.encode(text) for text in texts]
        newline = alphabet.encode(START)
        parts = (len(self.networks.by_class) if LIKELIHOOD in wanted else 0) + (STATE in wanted)
        done = 0
        found: dict[str, Floats] = {}
        if LIKELIHOOD in wanted:
            found[LIKELIHOOD] = np.zeros((len(texts), len(self.classes)), np.float32)
            for label, tensors in enumerate(self.networks.by_class):
                readings = read_in_bulk(
                    build_network(config, tensors),
                    tokens,
                    newline,
                    watch=lambda share, done=done: watch((done + share) / parts),  # type: ignore[misc]
                )
                found[LIKELIHOOD][:, label] = -readings.nats
                done += 1
        if STATE in wanted and self.networks.reader is not None and self.state is not None:
            readings = read_in_bulk(
                build_network(config, self.networks.reader),
                tokens,
                newline,
                states=True,
                likelihood=False,
                watch=lambda share: watch((done + share) / parts),
            )
            found[STATE] = self.state.scores(readings.states)
        return found
