"""Labelled texts and a trained classifier, small enough for every test."""

from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import numpy as np

from charterm.classify.classifier import Classifier
from charterm.classify.labelled import LabelledTexts, label_texts
from charterm.classify.settings import ClassifierSettings
from charterm.classify.training import train_classifier
from charterm.model.library import Entry
from tests.model.random_model import save_random_model

WORDS = {
    "fair": ("sun", "warm", "good", "day"),
    "foul": ("rain", "cold", "bad", "night"),
    "sea": ("fish", "wave", "boat", "tide"),
}


def weather(classes: int = 3, each: int = 30, seed: int = 0) -> LabelledTexts:
    rng = np.random.default_rng(seed)
    pairs = []
    for label in list(WORDS)[:classes]:
        for _ in range(each):
            words = rng.choice((*WORDS[label], "the", "of", "and"), 6)
            pairs.append((label, " ".join(words)))
    return label_texts([pairs[place] for place in rng.permutation(len(pairs))])


@cache
def random_entry(**shape: object) -> Entry:
    folder = Path(mkdtemp()) / "random"
    save_random_model(folder, **{"hidden": 12, "embedding": 6, **shape})  # type: ignore[arg-type]
    return Entry("random", folder, starter=False)


@cache
def trained(
    classes: int = 3, methods: str = "likelihood,state,nbsvm,ngrams", **shape: object
) -> Classifier:
    settings = ClassifierSettings(
        methods=tuple(methods.split(",")), held_out=0.3, reader_epochs=1, class_epochs=2
    )
    return train_classifier(weather(classes), random_entry(**shape), settings)
