"""Words of the training text among the network's completions."""

from dataclasses import replace

import pytest

from charterm.engine.completion import Completer
from charterm.engine.session import Session
from charterm.engine.word_mixture import SHARE, mix_words
from charterm.model.word_counts import count_words
from tests.engine.models import random_model

COUNTS = count_words([("We met Zorblax here. We met Zorblax there. They met you.\n" * 4, 1)])
PLAIN = random_model("\n abcdefghijklmnopqrstuvwxyzZTW")
MODEL = replace(PLAIN, words=COUNTS)


def test_a_word_of_the_table_is_offered_as_it_is_spelt() -> None:
    mixed = mix_words({"x": 0.5}, "we met ", COUNTS, 5)
    expected = COUNTS.probabilities(("we", "met"))
    assert mixed["Zorblax"] == pytest.approx(
        SHARE * expected[COUNTS.words.index("Zorblax")] / expected.sum(), rel=1e-3
    )
    assert mixed["x"] == pytest.approx(0.5 * (1 - SHARE))
    assert "blax" in mix_words({}, "we met Zor", COUNTS, 5)
    assert "BLAX" in mix_words({}, "we met ZOR", COUNTS, 5)


def test_spellings_of_the_network_are_kept_and_share_what_the_table_gives() -> None:
    mixed = mix_words({"zorblax": 0.3, "Zorblax": 0.1}, "we met ", COUNTS, 5)
    assert set(mixed) >= {"zorblax", "Zorblax"}
    assert mixed["zorblax"] == pytest.approx(3 * mixed["Zorblax"])


def test_a_beginning_that_no_word_has_leaves_the_network_alone() -> None:
    assert mix_words({"q": 0.4}, "we qxq", COUNTS, 5) == {"q": 0.4}


def test_a_sentence_begins_with_a_capital_where_the_network_expects_one() -> None:
    assert "They" in mix_words({"Abba": 0.4, "a": 0.1}, "here. ", COUNTS, 5)
    assert "they" not in mix_words({"Abba": 0.4, "a": 0.1}, "here. ", COUNTS, 5)


def test_after_a_word_completions_begin_with_a_space() -> None:
    mixed = mix_words({" x": 0.2}, "we met", COUNTS, 5, space=0.6)
    assert 0.0 < mixed[" Zorblax"] <= 0.6 * SHARE
    assert mixed[" x"] == pytest.approx(0.2 * (1 - SHARE))
    assert " Zorblax" not in mix_words({" x": 0.2}, "we met", COUNTS, 5)


@pytest.mark.parametrize("text", ["", "We met ", "We met", "We met Z", "here. ", "met,"])
def test_completions_are_disjoint_events(text: str) -> None:
    found = Completer(MODEL, budget=2000).complete(Session(MODEL, text), 300, least=1e-6)
    assert len({each.text for each in found}) == len(found)
    assert sum(each.probability for each in found) <= 1.0 + 1e-3
    assert [e.probability for e in found] == sorted((e.probability for e in found), reverse=True)
    assert all(each.text.strip() for each in found)


def test_the_table_helps_a_model_that_knows_nothing() -> None:
    offered = [c.text for c in Completer(MODEL).complete(Session(MODEL, "We met "), 3)]
    assert "Zorblax" in offered
    plain = [c.text for c in Completer(PLAIN).complete(Session(PLAIN, "We met "), 3)]
    assert "Zorblax" not in plain


def test_phrases_begin_with_the_same_words() -> None:
    session = Session(MODEL, "We met ")
    words = Completer(MODEL).complete(session, 4)
    phrases = Completer(MODEL).complete(session, 4, words=3)
    for word, phrase in zip(words, phrases, strict=True):
        assert phrase.text.startswith(word.text)
        assert phrase.probability <= word.probability
