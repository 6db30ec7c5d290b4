"""Padding, reading in bulk and one by one: all the same as reading each text alone."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from charterm.classify.bulk import read_in_bulk
from charterm.classify.fine_tuning import FineTuning, build_network, fine_tune, tensors_of
from charterm.classify.methods import LIKELIHOOD, STATE
from charterm.classify.padding import group_by_length, pad
from charterm.classify.streaming import Stream
from charterm.engine.language_model import load_language_model
from charterm.model.folder import load_tensors

from .samples import random_entry, trained


@given(st.lists(st.integers(0, 40), max_size=60), st.integers(1, 100), st.booleans())
def test_groups_hold_every_text_once_and_stay_small(
    lengths: list[int], tokens: int, shuffled: bool
) -> None:
    rng = np.random.default_rng(0) if shuffled else None
    groups = group_by_length(lengths, tokens, rng=rng)
    assert sorted(int(place) for group in groups for place in group) == list(range(len(lengths)))
    for group in groups:
        assert len(group) == 1 or len(group) * (max(lengths[p] for p in group) + 1) <= tokens


def test_a_batch_is_the_texts_between_start_and_end() -> None:
    texts = [np.array(t, np.int32) for t in ([5, 6, 7], [8], [])]
    (batch,) = pad(texts, [np.array([0, 1, 2])], np.array([1]), np.array([2]))
    read = [
        column[:length].tolist()
        for column, length in zip(batch.inputs.T, batch.lengths, strict=True)
    ]
    assert read == [[1, 5, 6, 7], [1, 8], [1]]
    assert batch.targets.T.tolist() == [[5, 6, 7, 2], [8, 2, 0, 0], [2, 0, 0, 0]]
    assert batch.counted.sum(0).tolist() == [4, 2, 1]


@pytest.mark.parametrize("cell", ["gru", "lstm"])
@pytest.mark.parametrize("projection", [None, 5])
def test_bulk_is_each_text_read_alone(cell: str, projection: int | None) -> None:
    entry = random_entry(cell=cell, layers=2, projection=projection)
    model = load_language_model(entry.folder)
    texts = ["the cat", "a", "한글 in bytes", "the longest text of all of them here"]
    tokens = [model.alphabet.encode(text) for text in texts]
    network = build_network(model.config, load_tensors(entry.folder, model.config)).eval()
    readings = read_in_bulk(network, tokens, model.alphabet.encode("\n"), states=True)
    for number, text in enumerate(tokens):
        logits, _ = model.backend.read(model.start, text)
        before = np.concatenate((model.backend.logits(model.start), logits[:-1]))
        chances = torch.log_softmax(torch.from_numpy(before), 1).numpy()
        nats = -chances[np.arange(len(text)), text].sum()
        assert readings.nats[number] == pytest.approx(nats, rel=1e-4)
        state, outputs = model.start, []
        for token in text:
            state = model.backend.advance(state, np.array([token], np.int32))
            outputs.append(state[model.config.layers - 1, 0, : model.config.output_size])
        pooled = np.concatenate((outputs[-1], np.mean(outputs, 0), np.max(outputs, 0)))
        np.testing.assert_allclose(readings.states[number], pooled, atol=1e-4)


def test_fine_tuning_learns_texts_and_repeats() -> None:
    entry = random_entry()
    info = entry.info()
    newline = info.alphabet.encode("\n")
    texts = [info.alphabet.encode(text) for text in ("aba abab baba", "ab ab", "baab ba") * 8]
    results = []
    for _ in range(2):
        network = build_network(info.config, load_tensors(entry.folder, info.config))
        before = read_in_bulk(network.eval(), texts, newline).nats.sum()
        how = FineTuning(epochs=8, batch_tokens=64, dropout=0.1, learning_rate=3e-2, averaging=0.5)
        fine_tune(network, texts, newline, how)
        assert read_in_bulk(network, texts, newline).nats.sum() < 0.8 * before
        assert network.config.dropout == info.config.dropout
        results.append(tensors_of(network)["output.weight"])
    np.testing.assert_array_equal(*results)


@pytest.mark.parametrize("shape", [{}, {"cell": "lstm", "projection": 5}])
def test_one_by_one_is_the_same_as_in_bulk(
    shape: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    classifier = trained(**shape)
    texts = ["the warm day of rain", "한글", "the", " boat  and tide "]
    alone = classifier.scores(texts)
    monkeypatch.setattr("charterm.classify.classifier._BULK_CHARACTERS", 0)
    together = classifier.scores(texts)
    assert set(alone) == {"likelihood", "state", "nbsvm", "ngrams"}
    for method, scores in alone.items():
        np.testing.assert_allclose(scores, together[method], rtol=1e-3, atol=2e-3)


def test_a_stream_can_be_branched() -> None:
    classifier = trained()
    stream = Stream(classifier, (LIKELIHOOD, STATE))
    place = stream.begin()
    for character in "warm ":
        place = stream.read(place, character)
    before = {method: scores.copy() for method, scores in stream.scores(place).items()}
    stream.scores(stream.read(place, "x"))
    for method, scores in stream.scores(place).items():
        np.testing.assert_array_equal(scores, before[method])
