"""Training a classifier: each method on most of the texts, calibrated on the rest."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

import numpy as np

from charterm.classify.bulk import read_in_bulk
from charterm.classify.classifier import Classifier, Networks
from charterm.classify.evaluation import figures_of
from charterm.classify.fine_tuning import FineTuning, build_network, fine_tune, tensors_of
from charterm.classify.labelled import LabelledTexts
from charterm.classify.methods import COMBINED, LIKELIHOOD, NBSVM, NGRAMS, STATE
from charterm.classify.nbsvm import NgramMachine, NgramRows
from charterm.classify.ngrams import NgramKinds
from charterm.classify.pooling import Doubles, Floats, cross_fitted, fit_pool
from charterm.classify.progress import Narrate, Watch, unheard
from charterm.classify.settings import ClassifierSettings
from charterm.classify.state import StateMachine, choose_penalty, fit_state_machine
from charterm.engine.language_model import START
from charterm.errors import ChartermError, UsageError
from charterm.model.folder import Tensors, load_info, load_tensors
from charterm.model.library import Entry, list_models
from charterm.training.learner import keep_freed_memory
from charterm.training.precision import probe

_PUBLISHED: Final = NgramKinds(words=2)
_PUBLISHED_STRENGTH: Final = 1.0  # 1 / C of the paper
_KINDS: Final = (
    NgramKinds(words=2, characters=4, fewest=2),
    NgramKinds(words=2, characters=6, fewest=2),
)
_STRENGTHS: Final = (10.0, 3.0, 1.0)  # from strong to weak, the order of a path
_SAMPLE: Final = 200  # texts by which a model to start from is chosen
_FEWEST: Final = 4  # texts that each class needs
_CLASS_EPOCHS: Final = 2.0
_MANY: Final = 1_000_000  # characters that the class models read so often; of more, down to once


@dataclass
class _Run:
    """What a training has found so far."""

    narrate: Narrate
    machines: dict[str, NgramMachine] = field(default_factory=dict)
    state: StateMachine | None = None
    held_scores: dict[str, Floats] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    chosen: dict[str, Any] = field(default_factory=dict)

    @contextmanager
    def timed(self, name: str) -> Iterator[Watch]:
        """Adds the seconds of the block to ``name``; gives a watch that narrates as ``name``."""
        begin = time.perf_counter()
        self.narrate(name, 0.0)
        yield partial(self.narrate, name)
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - begin


def choose_start(data: LabelledTexts, narrate: Narrate = unheard) -> Entry:
    """The model of the library that reads these texts best.

    Raises:
        UsageError: there is no model.
    """
    entries = list_models()
    if not entries:
        raise UsageError(
            "there is no model to start from: train one with charterm train, or use "
            "--methods nbsvm,ngrams"
        )
    if len(entries) == 1:
        return entries[0]
    places = np.random.default_rng(0).permutation(len(data))[:_SAMPLE]
    texts = [data.texts[place] for place in places]
    nats = []
    for number, entry in enumerate(entries):
        narrate("choosing the model to start from", number / len(entries))
        info = load_info(entry.folder)
        network = build_network(info.config, load_tensors(entry.folder, info.config)).eval()
        tokens = [info.alphabet.encode(text) for text in texts]
        nats.append(read_in_bulk(network, tokens, info.alphabet.encode(START)).nats.sum())
    return entries[int(np.argmin(nats))]


def train_classifier(
    data: LabelledTexts,
    start: Entry | None,
    settings: ClassifierSettings,
    narrate: Narrate = unheard,
) -> Classifier:
    """Train a classifier.

    Args:
        data: labelled texts, two classes or more, four texts or more of each.
        start: the model that fine-tuning begins with; None needs methods that have no model.
        settings: how.
        narrate: is told what is being done; may raise to end it.

    Raises:
        UsageError: there are too few texts, or no model where one is needed.
    """
    _require(data, start, settings)
    begin = time.perf_counter()
    fit, held = data.split(settings.held_out, settings.seed)
    run = _Run(narrate)
    networks = None
    if NBSVM in settings.methods:
        _fit_published(run, data, fit, held)
    if NGRAMS in settings.methods:
        _fit_ngrams(run, data, fit, held)
    if LIKELIHOOD in settings.methods or STATE in settings.methods:
        assert start is not None
        networks = _fit_networks(run, data, fit, held, start, settings)
    counts = data.counts if settings.prior == "trained" else np.ones(len(data.classes))
    prior: Doubles = counts / counts.sum()
    pooled = {method: {method: scores} for method, scores in run.held_scores.items()}
    if len(run.held_scores) > 1:
        pooled[COMBINED] = run.held_scores
    pools = {method: fit_pool(scores, held.labels, prior) for method, scores in pooled.items()}
    validation = {
        method: figures_of(method, cross_fitted(scores, held.labels, prior), held).to_json()
        for method, scores in pooled.items()
    }
    return Classifier(
        classes=data.classes,
        prior=prior,
        pools=pools,
        machines=run.machines,
        state=run.state,
        networks=networks,
        facts={
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "started_from": start.name if networks is not None and start is not None else None,
            "texts": len(data),
            "texts_by_class": dict(zip(data.classes, data.counts.tolist(), strict=True)),
            "held_out": len(held),
            "seconds": time.perf_counter() - begin,
            "seconds_by_step": run.seconds,
            "chosen": run.chosen,
            "settings": settings.to_json(),
            "validation": validation,
        },
    )


def _require(data: LabelledTexts, start: Entry | None, settings: ClassifierSettings) -> None:
    if len(data.classes) < 2:
        raise UsageError("a classifier needs two classes or more")
    rarest = int(data.counts.argmin())
    if data.counts[rarest] < _FEWEST:
        raise UsageError(
            "too few texts of the class {label!r}: {count}, and at least {fewest} are needed",
            label=data.classes[rarest],
            count=data.counts[rarest],
            fewest=_FEWEST,
        )
    if start is None and {LIKELIHOOD, STATE} & set(settings.methods):
        raise UsageError("the methods likelihood and state need a model to start from")


def _held_nats(scores: Floats, held: LabelledTexts) -> float:
    """Cross-entropy of calibrated scores, to compare choices by."""
    prior = held.counts / held.counts.sum()
    chances = fit_pool({"": scores}, held.labels, prior).probabilities({"": scores})
    return float(-np.log(np.maximum(chances[np.arange(len(held)), held.labels], 1e-12)).mean())


def _fit_published(run: _Run, data: LabelledTexts, fit: LabelledTexts, held: LabelledTexts) -> None:
    with run.timed(NBSVM) as watch:
        machine = NgramRows.count(fit, _PUBLISHED).fit(_PUBLISHED_STRENGTH)
        run.held_scores[NBSVM] = machine.scores(held.texts)
        watch(0.5)
        run.machines[NBSVM] = NgramRows.count(data, _PUBLISHED).fit(_PUBLISHED_STRENGTH)


def _fit_ngrams(run: _Run, data: LabelledTexts, fit: LabelledTexts, held: LabelledTexts) -> None:
    with run.timed(NGRAMS) as watch:
        tried: list[tuple[float, NgramKinds, float, Floats]] = []
        steps = len(_KINDS) * len(_STRENGTHS) + 1
        for kinds in _KINDS:
            rows = NgramRows.count(fit, kinds)
            if not len(rows.hashes):
                continue
            path = rows.fit_path(_STRENGTHS, "logistic")
            for strength, machine in zip(_STRENGTHS, path, strict=True):
                scores = machine.scores(held.texts)
                tried.append((_held_nats(scores, held), kinds, strength, scores))
                watch(len(tried) / steps)
        if not tried:
            raise UsageError("the texts have no n-gram in common: give more or longer ones")
        _, kinds, strength, run.held_scores[NGRAMS] = min(tried, key=lambda each: each[0])
        run.chosen[NGRAMS] = {**kinds.to_json(), "strength": strength}
        run.machines[NGRAMS] = NgramRows.count(data, kinds).fit(strength, "logistic")


def _fit_networks(
    run: _Run,
    data: LabelledTexts,
    fit: LabelledTexts,
    held: LabelledTexts,
    start: Entry,
    settings: ClassifierSettings,
) -> Networks:
    info = load_info(start.folder)
    newline = info.alphabet.encode(START)
    encode: Callable[[str], Any] = info.alphabet.encode
    fit_tokens, held_tokens = ([encode(text) for text in part.texts] for part in (fit, held))
    keep_freed_memory()
    network = build_network(info.config, load_tensors(start.folder, info.config))
    product = probe("auto", hidden=info.config.hidden, batch=32).product_type
    network.product_type = product
    tuning = partial(
        FineTuning,
        learning_rate=settings.learning_rate,
        dropout=settings.dropout,
        seed=settings.seed,
    )
    with run.timed("reader") as watch:
        fine_tune(network, fit_tokens, newline, tuning(epochs=settings.reader_epochs), watch)
        reader = tensors_of(network)
    _require_finite(reader, settings)
    network.product_type = None  # judging reads in float32, and what is fitted must see the same
    if STATE in settings.methods:
        with run.timed(STATE) as watch:
            read = partial(read_in_bulk, newline=newline, states=True, likelihood=False)
            states = read(network, fit_tokens, watch=watch).states
            held_states = read(network, held_tokens).states
            classes = len(data.classes)
            choice = choose_penalty(states, fit.labels, held_states, held.labels, classes)
            machine = fit_state_machine(states, fit.labels, classes, choice)
            run.held_scores[STATE] = machine.scores(held_states)
            run.chosen[STATE] = {"penalty": choice.penalty, "strength": choice.strength}
            run.state = machine
    by_class: list[Tensors] = []
    if LIKELIHOOD in settings.methods:
        scores = np.zeros((len(held), len(data.classes)), np.float32)
        with run.timed(LIKELIHOOD) as watch:
            for label in range(len(data.classes)):
                own = [t for t, y in zip(fit_tokens, fit.labels, strict=True) if y == label]
                network = build_network(info.config, reader)
                network.product_type = product
                fine_tune(
                    network,
                    own,
                    newline,
                    tuning(epochs=_class_epochs(settings.class_epochs, fit)),
                    lambda share, label=label: watch((label + share) / len(data.classes)),  # type: ignore[misc]
                )
                by_class.append(tensors_of(network))
                _require_finite(by_class[-1], settings)
                network.product_type = None
                scores[:, label] = -read_in_bulk(network, held_tokens, newline).nats
        run.held_scores[LIKELIHOOD] = scores
    return Networks(
        info.config, info.alphabet, tuple(by_class), reader if STATE in settings.methods else None
    )


def _class_epochs(wanted: float | None, texts: LabelledTexts) -> float:
    """Passes where none are asked for: fewer over many texts, so that minutes stay minutes."""
    if wanted is not None:
        return wanted
    return min(_CLASS_EPOCHS, max(1.0, _CLASS_EPOCHS * _MANY / sum(map(len, texts.texts))))


def _require_finite(tensors: Tensors, settings: ClassifierSettings) -> None:
    if not all(np.isfinite(array).all() for array in tensors.values()):
        raise ChartermError(
            "fine-tuning ran away from the numbers: train again with a learning rate "
            "below {learning_rate}",
            learning_rate=settings.learning_rate,
        )
