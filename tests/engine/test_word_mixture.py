"""Words of the training text among the network's completions."""

from dataclasses import replace
from math import exp

import numpy as np
import pytest

from charterm.engine.completion import Completer
from charterm.engine.session import Session
from charterm.engine.word_mixture import (
    FAVOURED,
    PLAIN,
    SHARE,
    UNFOUND,
    UNKNOWN,
    _best_places,
    exponents,
    mix_words,
)
from charterm.model.word_counting import count_words
from charterm.model.word_counts import WordCounts
from charterm.model.word_finding import words_before
from tests.engine.models import random_model

COUNTS = count_words([("We met Zorblax here. We met Zorblax there. They met you.\n" * 4, 1)])
REGISTERS = count_words(
    [("the stately homes the kind homes the stately hearts\n" * 9, 1), ("the bus the cars\n", 30)]
)
EVERYDAY_TEXT = "the bus the cars the bus the "
NETWORK = random_model("\n abcdefghijklmnopqrstuvwxyzZTW")
MODEL = replace(NETWORK, words=COUNTS)


def shares_after(counts: WordCounts, before: tuple[str, str]) -> np.ndarray:
    return counts.after(before).part(0, len(counts.words))


def worth(counts: WordCounts, text: str, key: str, network: float) -> float:
    """What is said to rank a word of the table: network, table and register, by exponents."""
    of_network, of_table, of_register = exponents(counts, text)
    number = counts.number(key)
    shares = shares_after(counts, words_before(text))
    table = float(shares[number] / shares.sum())
    register = float(counts.registers_of(np.array([number]))[0])
    return max(network, UNFOUND) ** of_network * table**of_table * exp(of_register * register)


def test_the_best_of_many_words_are_found_by_blocks() -> None:
    rng = np.random.default_rng(0)
    for size in (3, 70, 5000, 5001):
        part = rng.choice(rng.random(size // 2 + 1).astype(np.float32), size)  # some are as good
        best = _best_places(part, 20)
        assert len(set(best)) == min(20, size)
        expected = np.sort(part)[::-1][:20]
        assert sorted((part[place] for place in best), reverse=True) == expected.tolist()


def test_a_word_of_the_table_is_offered_as_it_is_spelt() -> None:
    assert "Zorblax" in mix_words({"x": 0.5}, "we met ", COUNTS)
    assert "blax" in mix_words({}, "we met Zor", COUNTS)
    assert "BLAX" in mix_words({}, "we met ZOR", COUNTS)


def test_words_are_ranked_by_the_geometric_mean() -> None:
    found = {"Zorblax": 0.02, "you": 0.6}
    mixed = mix_words(found, "we met ", COUNTS)
    first = worth(COUNTS, "we met ", "zorblax", 0.02)
    for word, network in (("you", 0.6), ("here", 0.0)):
        expected = worth(COUNTS, "we met ", word, network) / first
        assert mixed[word] / mixed["Zorblax"] == pytest.approx(expected, rel=1e-3)


def test_together_they_have_the_probability_of_the_linear_mixture() -> None:
    found = {"Zorblax": 0.02, "you": 0.6, "qxq": 0.1}
    shares = shares_after(COUNTS, ("we", "met"))
    linear = (1 - SHARE) * 0.72 + SHARE * float(shares[1:].sum() / shares.sum())
    assert sum(mix_words(found, "we met ", COUNTS).values()) == pytest.approx(linear, rel=1e-3)


def test_a_word_that_the_table_lacks_falls_behind_unless_the_user_wrote_it() -> None:
    found = {"qxq": 0.3, "you": 0.2}
    strange = mix_words(found, "we met ", COUNTS)
    own = mix_words(found, "we met ", COUNTS, wrote=lambda key: key == "qxq")
    assert strange["qxq"] < strange["you"]
    _, of_table, _ = exponents(COUNTS, "we met ")
    gained = (own["qxq"] / own["you"]) / (strange["qxq"] / strange["you"])
    assert gained == pytest.approx(UNKNOWN**-of_table, rel=1e-3)


def test_words_of_the_register_of_the_text_come_first() -> None:
    literary_text = "the stately homes the kind hearts the "
    assert exponents(REGISTERS, EVERYDAY_TEXT) == pytest.approx(FAVOURED)
    assert exponents(REGISTERS, literary_text) == pytest.approx(PLAIN)
    assert PLAIN[2] < exponents(REGISTERS, "")[2] < FAVOURED[2]
    found = {"bus": 0.1, "stately": 0.1}
    mixed = mix_words(found, EVERYDAY_TEXT, REGISTERS)
    expected = worth(REGISTERS, EVERYDAY_TEXT, "bus", 0.1) / worth(
        REGISTERS, EVERYDAY_TEXT, "stately", 0.1
    )
    assert mixed["bus"] / mixed["stately"] == pytest.approx(expected, rel=1e-3)
    flat = replace(REGISTERS, register=0 * REGISTERS.register)
    assert exponents(flat, EVERYDAY_TEXT) == PLAIN
    plain = mix_words(found, EVERYDAY_TEXT, flat)
    assert mixed["bus"] / mixed["stately"] > 1.5 * plain["bus"] / plain["stately"]


def test_spellings_of_the_network_are_kept_and_share_what_the_table_gives() -> None:
    mixed = mix_words({"zorblax": 0.3, "Zorblax": 0.1}, "we met ", COUNTS)
    assert set(mixed) >= {"zorblax", "Zorblax"}
    assert mixed["zorblax"] == pytest.approx(3 * mixed["Zorblax"])


def test_a_beginning_that_no_word_has_leaves_the_network_alone() -> None:
    assert mix_words({"q": 0.4}, "we qxq", COUNTS) == {"q": 0.4}


def test_a_sentence_begins_with_a_capital_where_the_network_expects_one() -> None:
    assert "They" in mix_words({"Abba": 0.4, "a": 0.1}, "here. ", COUNTS)
    assert "they" not in mix_words({"Abba": 0.4, "a": 0.1}, "here. ", COUNTS)


def test_after_a_word_completions_begin_with_a_space() -> None:
    mixed = mix_words({" x": 0.2}, "we met", COUNTS, space=0.6)
    assert mixed[" Zorblax"] > 0.0
    assert sum(mixed.values()) <= 0.2 * (1 - SHARE) + 0.6 * SHARE + 1e-6
    assert " Zorblax" not in mix_words({" x": 0.2}, "we met", COUNTS)


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
    plain = [c.text for c in Completer(NETWORK).complete(Session(NETWORK, "We met "), 3)]
    assert "Zorblax" not in plain


def test_phrases_begin_with_the_same_words() -> None:
    session = Session(MODEL, "We met ")
    words = Completer(MODEL).complete(session, 4)
    phrases = Completer(MODEL).complete(session, 4, words=3)
    for word, phrase in zip(words, phrases, strict=True):
        assert phrase.text.startswith(word.text)
        assert phrase.probability <= word.probability
