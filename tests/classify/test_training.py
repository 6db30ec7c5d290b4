from pathlib import Path

import numpy as np
import pytest
import torch

from charterm.classify import training
from charterm.classify.evaluation import figures_of
from charterm.classify.labelled import label_texts
from charterm.classify.methods import METHODS
from charterm.classify.pooling import cross_fitted
from charterm.classify.settings import ClassifierSettings
from charterm.classify.training import choose_start, train_classifier
from charterm.errors import UsageError
from charterm.model import library
from charterm.training.precision import ProductSpeed
from tests.model.random_model import save_random_model

from .samples import random_entry, trained, weather


def test_every_method_learns_and_they_are_calibrated_together() -> None:
    classifier = trained()
    assert classifier.methods == METHODS
    validation = classifier.facts["validation"]
    assert set(validation) == {*METHODS, "combined"}
    for method in ("nbsvm", "ngrams", "state", "combined"):
        assert validation[method]["accuracy"] > 0.7, method
    assert validation["likelihood"]["accuracy"] > 0.45  # random weights, two epochs
    assert (
        validation["combined"]["nats"] <= min(each["nats"] for each in validation.values()) + 0.02
    )
    assert classifier.state is not None
    assert classifier.state.telling[0].pool in ("last", "mean", "highest")
    assert classifier.facts["seconds"] > 0


def test_two_classes_and_many() -> None:
    assert len(trained(classes=2).classes) == 2
    many = label_texts([(f"c{n}", f"word{n} and {i % 3}") for n in range(7) for i in range(8)])
    classifier = train_classifier(many, None, ClassifierSettings(methods=("nbsvm",)))
    assert (classifier.probabilities(many.texts).argmax(1) == many.labels).all()


def test_the_same_seed_gives_the_same_classifier() -> None:
    settings = ClassifierSettings(reader_epochs=1, class_epochs=1)
    first, second = (
        train_classifier(weather(2, 12), random_entry(), settings).probabilities(["sun of rain"])
        for _ in range(2)
    )
    assert first == pytest.approx(second, abs=1e-6)


def test_an_even_prior() -> None:
    data = label_texts([("a", f"x {i}") for i in range(12)] + [("b", f"y {i}") for i in range(4)])
    for prior, expected in (("even", 0.5), ("trained", 0.75)):
        settings = ClassifierSettings(methods=("nbsvm",), prior=prior)
        classifier = train_classifier(data, None, settings)
        assert classifier.probabilities([" "])[0, 0] == expected


def test_the_model_that_reads_the_texts_best_is_chosen(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("charterm.paths.assets_dir", lambda: tmp_path / "no starter models")
    with pytest.raises(UsageError, match="no model to start from"):
        choose_start(weather())
    for name, scale in (("wild", 3.0), ("calm", 0.1)):
        save_random_model(library.new_model_folder(name), scale=scale)
    assert choose_start(weather()).name == "calm"


def test_what_cannot_be_trained_is_refused() -> None:
    with pytest.raises(UsageError, match="need a model"):
        train_classifier(weather(), None, ClassifierSettings())
    with pytest.raises(UsageError, match="two classes"):
        train_classifier(weather(1), random_entry(), ClassifierSettings())
    with pytest.raises(UsageError, match="at least 4"):
        train_classifier(weather(2, 3), random_entry(), ClassifierSettings())
    for wrong in (
        {"methods": ("magic",)},
        {"methods": ()},
        {"held_out": 0.9},
        {"class_epochs": -1},
        {"learning_rate": 0},
        {"dropout": 1},
        {"prior": "mine"},
    ):
        with pytest.raises(UsageError):
            ClassifierSettings(**wrong)  # type: ignore[arg-type]


def test_progress_is_told_and_can_end_the_work() -> None:
    told: list[tuple[str, float]] = []
    train_classifier(
        weather(2, 12),
        random_entry(),
        ClassifierSettings(),
        lambda task, share: told.append((task, share)),
    )
    assert {task for task, _ in told} == {"nbsvm", "ngrams", "reader", "state", "likelihood"}
    assert all(0.0 <= share <= 1.0 for _, share in told)

    class StoppedError(Exception):
        pass

    def stop(task: str, share: float) -> None:
        if task == "reader" and share > 0.3:
            raise StoppedError

    with pytest.raises(StoppedError):
        train_classifier(weather(2, 12), random_entry(), ClassifierSettings(), stop)


def test_what_is_judged_is_read_as_in_training(monkeypatch: pytest.MonkeyPatch) -> None:
    """Though training drops outputs, and multiplies with fewer digits where that is faster."""
    speed = ProductSpeed(torch.bfloat16, 1e9)
    monkeypatch.setattr(training, "probe", lambda *_, **__: speed)
    settings = ClassifierSettings(methods=("state",), held_out=0.4, reader_epochs=0.2)
    data = weather(each=150)
    classifier = train_classifier(data, random_entry(dropout=0.3), settings)
    held = data.split(settings.held_out, settings.seed)[1]
    told = classifier.facts["validation"]["state"]["nats"]
    for texts in (held, held.take(range(20))):  # many are read with torch, few without
        chances = classifier.probabilities(texts.texts)
        bulk = classifier.probabilities(held.texts)[: len(texts)]
        np.testing.assert_allclose(chances, bulk, atol=1e-4)
    chances = cross_fitted(classifier.scores(held.texts), held.labels, classifier.prior)
    assert figures_of("", chances, held).nats == pytest.approx(told, rel=1e-4)
