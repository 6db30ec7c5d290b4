from pathlib import Path

import pytest

from charterm.engine.keystrokes import RULES, rule_named, simulate, word_spans
from charterm.errors import ChartermError, UsageError

PHRASES = Path("/work/shared/data/bench/mackenzie_phrases.txt")


class Script:
    """Suggests what a table says for each text; keeps what it was asked."""

    def __init__(self, **suggestions):
        self.suggestions = suggestions
        self.asked = []

    def suggest(self, text, count, exclude):
        self.asked.append((text, count, set(exclude)))
        return self.suggestions.get(text.replace(" ", "_").replace("\n", "__"), [])[:count]


class Nothing:
    def suggest(self, text, count, exclude):
        return []


class Everything:
    """Knows the text."""

    def __init__(self, text):
        self.words = [text[start:end] for start, end in word_spans(text)]

    def suggest(self, text, count, exclude):
        return [self.words[len(list(word_spans(text)))]]


def _counts(text, predictor, rule, **options):
    result = simulate(text, predictor, RULES[rule], **options)
    return result.tally.characters, result.tally.keystrokes, result.tally.hits


def test_presage_rule_by_hand():
    # "the cat sat": the, shown at once: 1 key with its space; c-a, then cat: 3 keys with its space;
    # sat typed: 3 keys and the space after the last word: 4.   1 + 3 + 4 = 8 of 12 characters
    script = Script(**{"": ["a", "the"], "the_ca": ["cat"]})
    assert _counts("the cat sat", script, "presage") == (12, 8, 2)
    # the last word from the list brings its space: 4 + 4 + 1 = 9
    assert _counts("the cat sat", Script(the_cat_=["sat"]), "presage") == (12, 9, 1)
    # after the last letter a suggestion saves nothing, its key is the space's
    assert _counts("the", Script(the=["the"]), "presage") == (4, 4, 0)


def test_textslinger_rule_by_hand():
    # the: 1 key, space free; cat: c, a, 1 key, space free; sat: 3 keys, no space.  1 + 3 + 3 = 7
    script = Script(**{"": ["a", "the"], "the_ca": ["cat"]})
    assert _counts("the cat sat", script, "textslinger") == (11, 7, 2)
    # typed words pay their space: 4 + 4, the last from the list: 1
    assert _counts("the cat sat", Script(the_cat_=["sat"]), "textslinger") == (11, 9, 1)


def test_trnka_rule_by_hand():
    # as textslinger, and one key that ends the utterance: 7 + 1 of 11 + 1
    script = Script(**{"": ["a", "the"], "the_ca": ["cat"]})
    assert _counts("the cat sat", script, "trnka") == (12, 8, 2)
    assert _counts("the cat\nsat", Nothing(), "trnka") == (7 + 1 + 3 + 1, 12, 0)


def test_a_refused_suggestion_is_excluded_within_the_word_by_presage_only():
    script = Script(**{"": ["that", "this"], "t": ["them"]})
    simulate("the the", script, RULES["presage"])
    assert [exclude for _, _, exclude in script.asked] == [
        *(set(), {"that", "this"}, {"that", "this", "them"}),
        *(set(), set(), set()),
    ]
    script.asked.clear()
    simulate("the the", script, RULES["trnka"])
    assert not any(exclude for _, _, exclude in script.asked)


def test_slots_are_the_rules_or_chosen():
    words = [f"w{i}" for i in range(9)]
    script = Script(**{"": words})
    assert _counts("w5", script, "presage") == (3, 1, 1)
    assert _counts("w5", script, "textslinger") == (2, 2, 0)
    assert _counts("w5", script, "textslinger", slots=6) == (2, 1, 1)
    assert {count for _, count, _ in script.asked} == {5, 6}
    with pytest.raises(UsageError, match="slots"):
        simulate("w5", script, RULES["presage"], slots=0)


def test_case_matters_only_where_asked():
    script = Script(**{"": ["paris"]})
    assert _counts("Paris", script, "textslinger") == (5, 1, 1)
    assert _counts("Paris", script, "textslinger", match_case=True) == (5, 5, 0)
    result = simulate("Paris", script, RULES["textslinger"], match_case=True)
    assert result.to_json()["match_case"] is True


def test_punctuation_is_typed_and_a_brought_space_moves_behind_it():
    script = Script(**{"(": ["well"]})
    # ( 1, well 1, comma 1 and its space was brought, then y, e, s, ) 4
    assert _counts("(well, yes)", script, "textslinger") == (11, 7, 1)
    # nothing suggested: every character is a key, and presage's closing space too
    assert _counts("(well, yes)", Nothing(), "presage") == (12, 12, 0)


def test_words_are_those_of_completions():
    text = "don't well-known -x- a--b 안녕, 3.5"
    words = [text[start:end] for start, end in word_spans(text)]
    assert words == ["don't", "well-known", "x", "a", "b", "안녕", "3", "5"]


def test_what_stands_before_a_phrase():
    script = Script()
    simulate("one  two \n\nthree\n", script, RULES["presage"])
    assert script.asked[0][0] == ""
    assert script.asked[3][0] == "one "
    assert script.asked[-1][0] == "one two\nthre"
    script.asked.clear()
    simulate("one\ntwo", script, RULES["textslinger"])
    assert script.asked[3][0] == ""
    script.asked.clear()
    simulate("one\ntwo", script, RULES["textslinger"], context="text")
    assert script.asked[3][0] == "one\n"


def test_the_result_says_all_that_a_figure_needs():
    watched = []
    result = simulate(
        "the cat\nsat here",
        Script(**{"": ["the"]}),
        RULES["presage"],
        adaptation="memory",
        watch=lambda done, total: watched.append((done, total)),
    )
    values = result.to_json()
    assert values["keystroke_savings"] == pytest.approx(100 * (17 - 14) / 17)
    assert values["hit_rate"] == 25.0
    assert values["ceiling"] == pytest.approx(100 * (15 - 4) / 15)
    assert values["ceiling_after_first_letter"] == pytest.approx(100 * (15 - 8) / 15)
    assert (values["characters"], values["keystrokes"], values["words"]) == (17, 14, 4)
    assert (values["rule"], values["slots"], values["adaptation"]) == ("presage", 6, "memory")
    assert 0 <= values["latency_ms"]["p50"] <= values["latency_ms"]["p95"]
    assert values["curve"] == [
        {"characters": 8, "keystroke_savings": 37.5},
        {"characters": 17, "keystroke_savings": 0.0},
    ]
    assert watched == [(1, 2), (2, 2)]


@pytest.mark.parametrize(("rule", "best"), [("presage", 10 / 12), ("textslinger", 9 / 11)])
def test_knowing_the_text_takes_one_key_a_word(rule, best):
    text = "quick brown"
    result = simulate(text, Everything(text), RULES[rule])
    assert result.tally.savings == pytest.approx(100 * best)
    assert result.hit_rate == 100.0


@pytest.mark.skipif(
    not PHRASES.exists(), reason="the benchmark's phrases are not part of the project"
)
def test_the_known_ceilings_of_the_benchmark_phrases():
    result = simulate(PHRASES.read_text(), Nothing(), RULES["presage"])
    assert round(result.ceiling, 1) == 81.1
    assert round(result.ceiling_after_first_letter, 1) == 62.1
    # presage_simulator 0.9.1 prints this as its kn, the keys without prediction
    assert result.tally.characters == result.tally.keystrokes == 14_809


def test_wrong_use_is_one_line():
    with pytest.raises(UsageError, match="presage, textslinger, trnka"):
        rule_named("other")
    with pytest.raises(ChartermError, match="no word"):
        simulate("\n ... \n", Nothing(), RULES["presage"])
