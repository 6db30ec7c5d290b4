"""Every filter against a distribution worked out by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from charterm.decoding import filters
from charterm.decoding.controls import Controls
from charterm.decoding.distributions import entropies, log_normaliser, log_softmax, softmax
from charterm.decoding.filters import FILTERS, Chain, breaker_tokens, build_chain
from charterm.text.alphabet import Alphabet

NONE = np.zeros((1, 0), np.int32)
HALVES = np.log([[0.5, 0.25, 0.125, 0.125]])  # entropy: 1.75 bits


def probabilities(scores: np.ndarray) -> list[float]:
    return pytest.approx(softmax(scores)[0].tolist())


def history(*tokens: int) -> np.ndarray:
    return np.array([tokens], np.int32)


def test_log_softmax_by_hand() -> None:
    scores = np.array([[0.0, math.log(3), -np.inf]])
    assert log_normaliser(scores)[0, 0] == pytest.approx(math.log(4))
    assert log_softmax(scores)[0].tolist() == pytest.approx(
        [math.log(0.25), math.log(0.75), -np.inf]
    )
    assert entropies(softmax(HALVES))[0, 0] == pytest.approx(1.75 * math.log(2))


def test_a_line_break_gives_its_probability_to_the_space() -> None:
    # 0 is the line break, 1 the space
    got = filters.line_breaks(HALVES, NONE, line_breaks="space", newline=0, space=1)
    assert softmax(got)[0].tolist() == probabilities(np.log([[1e-300, 0.75, 0.125, 0.125]]))
    assert softmax(HALVES)[0, 0] == pytest.approx(0.5)  # pure
    two = np.repeat(HALVES, 2, axis=0)
    seen = np.array([[2, 3, 3], [2, 0, 3]], np.int32)  # in the second there was one
    got = filters.line_breaks(two, seen, line_breaks="auto", newline=0, space=1)
    assert softmax(got).tolist() == [
        pytest.approx([0.0, 0.75, 0.125, 0.125]),
        pytest.approx([0.5, 0.25, 0.125, 0.125]),
    ]


@pytest.mark.parametrize(
    ("controls", "joins"),
    [
        (Controls(line_breaks="space"), True),
        (Controls(line_breaks="auto"), True),
        (Controls(line_breaks="auto", until="sentence", stop=("END",)), True),
        (Controls(line_breaks="auto", until="paragraph"), False),  # ends with a line break
        (Controls(line_breaks="auto", stop=("END", "\n\n")), False),
        (Controls(), False),
    ],
)
def test_line_breaks_stay_where_a_text_ends_with_one(controls: Controls, joins: bool) -> None:
    alphabet = Alphabet(("\n", " ", "a"))
    scores, seen = np.zeros((1, alphabet.size)), alphabet.encode("a a")[None]
    got = build_chain(controls, alphabet, penalties_only=True)(scores, seen)
    newline, space = alphabet.encode("\n ").tolist()
    assert got[0, newline] == (-np.inf if joins else 0.0)
    assert got[0, space] == pytest.approx(math.log(2) if joins else 0.0)


def test_repetition_penalty_divides_positive_and_multiplies_negative_logits() -> None:
    scores = np.array([[2.0, -2.0, 1.0, 0.0]])
    got = filters.repetition_penalty(
        scores, history(0, 1, 0), repetition_penalty=2.0, repeat_last_n=64
    )
    assert got[0].tolist() == [1.0, -4.0, 1.0, 0.0]
    assert scores[0, 0] == 2.0  # pure


def test_repetition_penalty_looks_back_over_its_window_only() -> None:
    scores = np.array([[2.0, 2.0, 2.0]])
    narrow = filters.repetition_penalty(
        scores, history(0, 1, 2), repetition_penalty=2.0, repeat_last_n=2
    )
    assert narrow[0].tolist() == [2.0, 1.0, 1.0]
    everything = filters.repetition_penalty(
        scores, history(0, 1, 2), repetition_penalty=2.0, repeat_last_n=-1
    )
    assert everything[0].tolist() == [1.0, 1.0, 1.0]
    nothing = filters.repetition_penalty(
        scores, history(0, 1, 2), repetition_penalty=2.0, repeat_last_n=0
    )
    assert nothing[0].tolist() == [2.0, 2.0, 2.0]


def test_no_repeat_ngram_excludes_what_would_complete_a_known_trigram() -> None:
    # 0 1 was followed by 2 and by 3; the history ends in 0 1 again
    got = filters.no_repeat_ngram(HALVES, history(0, 1, 2, 0, 1, 3, 0, 1), no_repeat_ngram_size=3)
    assert softmax(got)[0].tolist() == probabilities(np.log([[2 / 3, 1 / 3, 1e-300, 1e-300]]))


def test_no_repeat_unigram_excludes_every_token_seen_and_leaves_a_full_row_alone() -> None:
    some = filters.no_repeat_ngram(HALVES, history(1, 1), no_repeat_ngram_size=1)
    assert np.isneginf(some[0]).tolist() == [False, True, False, False]
    every = filters.no_repeat_ngram(HALVES, history(0, 1, 2, 3), no_repeat_ngram_size=1)
    assert every.tolist() == HALVES.tolist()


def test_no_repeat_ngram_needs_a_complete_ngram() -> None:
    assert filters.no_repeat_ngram(HALVES, history(0, 1), no_repeat_ngram_size=4) is HALVES


DRY = {"dry_multiplier": 0.5, "dry_base": 2.0, "dry_allowed_length": 2, "dry_penalty_last_n": -1}


def test_dry_grows_with_the_length_of_the_repeated_run() -> None:
    # the end, 1 2 3, was followed by 0 (three tokens match); 9 2 3 by 4 (two); 8 3 by 5 (one)
    seen = history(1, 2, 3, 0, 9, 2, 3, 4, 8, 3, 5, 1, 2, 3)
    got = filters.dry(np.zeros((1, 10)), seen, **DRY)[0]
    assert got[0] == pytest.approx(-0.5 * 2.0**1)
    assert got[4] == pytest.approx(-0.5 * 2.0**0)
    assert got[5] == 0.0
    assert np.count_nonzero(got) == 2


def test_dry_takes_the_longest_match_of_a_token() -> None:
    # 7 followed 9 2 3 (two tokens match the end 5 1 2 3) and 0 1 2 3 (three match)
    seen = history(9, 2, 3, 7, 0, 1, 2, 3, 7, 5, 1, 2, 3)
    assert filters.dry(np.zeros((1, 10)), seen, **DRY)[0, 7] == pytest.approx(-0.5 * 2.0**1)


def test_dry_stops_at_breakers_and_at_its_window() -> None:
    seen = history(1, 2, 3, 0, 1, 2, 3)
    broken = filters.dry(np.zeros((1, 4)), seen, dry_breakers=frozenset({2}), **DRY)
    assert not broken.any()  # only the 3 after the breaker matches, and one is allowed
    narrow = filters.dry(np.zeros((1, 4)), seen, **{**DRY, "dry_penalty_last_n": 4})
    assert not narrow.any()
    off = filters.dry(np.zeros((1, 4)), seen, **{**DRY, "dry_penalty_last_n": 0})
    assert not off.any()


def test_dry_of_an_endless_repetition_is_finite_and_only_that_token_is_lowered() -> None:
    got = filters.dry(np.zeros((1, 3)), np.ones((1, 3000), np.int32), **DRY)
    assert np.isfinite(got).all()
    assert got[0, 1] < -1e30
    assert got[0, [0, 2]].tolist() == [0.0, 0.0]


def test_breakers_are_tokens() -> None:
    alphabet = Alphabet((":", "é"))
    assert breaker_tokens(':é"', alphabet) == {256, 257, ord('"')}


def kept(mask: np.ndarray) -> list[bool]:
    return mask[0].tolist()


def test_top_k_keeps_k_and_those_equal_to_the_last() -> None:
    assert kept(filters.top_k(HALVES, top_k=2)) == [True, True, False, False]
    assert filters.top_k(HALVES, top_k=3).all()
    assert filters.top_k(HALVES, top_k=9).all()


@given(
    scores=arrays(np.float32, (2, 6), elements=st.sampled_from([-np.inf, -2.5, 0.0, 1.0, 3.0])),
    k=st.integers(1, 8),
)
def test_whether_a_token_is_in_the_top_k_is_what_top_k_says(scores: np.ndarray, k: int) -> None:
    scores[:, 5] = 0.0  # every row has a finite value
    for column in range(6):
        wanted = filters.top_k(scores, top_k=k)[:, column].tolist()
        columns, chances = [column, column], softmax(scores)[:, column].tolist()
        assert filters.is_in_top_k(scores, columns, chances, top_k=k) == wanted
        assert filters.is_in_top_k(scores, columns, [0.0, 0.0], top_k=k) == wanted


def test_typical_keeps_what_is_nearest_to_the_entropy() -> None:
    # entropy 1.75 bits; surprises 1, 2, 3, 3 bits: distances 0.75, 0.25, 1.25, 1.25
    assert kept(filters.typical(HALVES, typical_p=0.2)) == [False, True, False, False]
    assert kept(filters.typical(HALVES, typical_p=0.6)) == [True, True, False, False]
    assert filters.typical(HALVES, typical_p=0.99).all()


def test_top_p_keeps_the_fewest_that_reach_the_mass() -> None:
    for mass, count in ((0.0, 1), (0.4, 1), (0.6, 2), (0.75, 2), (0.76, 3), (0.99, 4)):
        assert filters.top_p(HALVES, top_p=mass).sum() == count, mass
    assert kept(filters.top_p(HALVES[:, ::-1], top_p=0.6)) == [False, False, True, True]


def test_min_p_scales_with_the_most_probable() -> None:
    assert kept(filters.min_p(HALVES, min_p=0.4)) == [True, True, False, False]
    assert filters.min_p(HALVES, min_p=0.24).all()
    assert filters.min_p(HALVES, min_p=1.0).sum() == 1


def test_epsilon_cutoff_is_absolute_and_keeps_the_best() -> None:
    assert kept(filters.epsilon_cutoff(HALVES, epsilon_cutoff=0.2)) == [True, True, False, False]
    assert filters.epsilon_cutoff(HALVES, epsilon_cutoff=0.9).sum() == 1


def test_eta_cutoff_depends_on_the_entropy() -> None:
    # exp(-entropy) = 2 ** -1.75 = 0.2973; epsilon 0.25: min(0.25, 0.5 * 0.2973 = 0.1487)
    assert kept(filters.eta_cutoff(HALVES, eta_cutoff=0.25)) == [True, True, False, False]
    # epsilon 0.16: min(0.16, 0.4 * 0.2973 = 0.1189): all four stay, though 0.125 < 0.16
    assert filters.eta_cutoff(HALVES, eta_cutoff=0.16).all()


@pytest.mark.parametrize(
    ("controls", "wanted"),
    [
        (Controls(top_k=2), [2 / 3, 1 / 3, 0, 0]),
        (Controls(top_k=0, typical_p=0.2), [0, 1, 0, 0]),
        (Controls(top_k=0, top_p=0.76), [0.5 / 0.875, 0.25 / 0.875, 0.125 / 0.875, 0]),
        (Controls(top_k=0, min_p=0.4), [2 / 3, 1 / 3, 0, 0]),
        (Controls(top_k=0, epsilon_cutoff=0.9), [1, 0, 0, 0]),
        (Controls(top_k=0, eta_cutoff=0.25), [2 / 3, 1 / 3, 0, 0]),
        # what is typical of what top_k leaves: entropy 0.918 bits, surprises 0.585 and 1.585
        (Controls(top_k=2, typical_p=0.5), [1, 0, 0, 0]),
    ],
)
def test_what_truncations_keep_is_renormalised(controls: Controls, wanted: list[float]) -> None:
    chain = build_chain(controls, Alphabet(("a",)))
    assert softmax(chain(HALVES, NONE))[0].tolist() == pytest.approx(wanted)


def test_temperature_by_hand_and_zero_is_greedy() -> None:
    # p ** (1 / 0.5): 16, 4, 1, 1 of 22
    assert softmax(filters.temperature(HALVES, temperature=0.5))[0].tolist() == pytest.approx(
        [16 / 22, 4 / 22, 1 / 22, 1 / 22]
    )
    ties = np.array([[1.0, 3.0, 3.0]])
    assert np.isfinite(filters.temperature(ties, temperature=0.0)[0]).tolist() == [
        False,
        True,
        False,
    ]


def test_chain_order_is_that_of_the_issue_and_off_filters_are_left_out() -> None:
    assert list(FILTERS) == [
        "line_breaks",
        "repetition_penalty",
        "no_repeat_ngram",
        "dry",
        "top_k",
        "typical",
        "top_p",
        "min_p",
        "epsilon_cutoff",
        "eta_cutoff",
        "temperature",
    ]
    alphabet = Alphabet(("a",))
    assert build_chain(Controls(top_k=0), alphabet) == Chain()
    assert build_chain(Controls(top_k=5), alphabet).sooner is not None
    assert build_chain(Controls(top_k=5, top_p=0.9), alphabet).sooner is None
    plain = build_chain(Controls(), alphabet)  # transformers has top_k = 50
    assert (len(plain.penalties), len(plain.truncations), plain.temperature) == (0, 1, None)
    many = build_chain(Controls(dry_multiplier=1, min_p=0.1, temperature=0.5), alphabet)
    assert (len(many.penalties), len(many.truncations)) == (1, 2)
    assert many.temperature is not None
    few = build_chain(Controls(dry_multiplier=1), alphabet, penalties_only=True)
    assert (len(few.penalties), len(few.truncations)) == (1, 0)


def test_chain_applies_top_k_before_temperature() -> None:
    chain = build_chain(Controls(top_k=2, temperature=0.5), Alphabet(("a",)))
    assert softmax(chain(HALVES, NONE))[0].tolist() == pytest.approx([0.8, 0.2, 0, 0])


def test_dry_of_the_chain_breaks_at_the_tokens_of_the_alphabet() -> None:
    alphabet = Alphabet(("a", "b", ":"))
    a, b, colon = 256, 257, 258
    seen = history(a, b, colon, b, a, b, colon)
    scores = np.zeros((1, alphabet.size))
    controls = Controls(top_k=0, dry_multiplier=1.0, dry_allowed_length=1)
    assert not build_chain(controls, alphabet)(scores, seen).any()
    unbroken = controls.changed({"dry_sequence_breakers": ""})
    assert build_chain(unbroken, alphabet)(scores, seen)[0, b] < 0


@given(
    arrays(np.float64, (3, 7), elements=st.floats(-30, 30)),
    arrays(np.int32, (3, 9), elements=st.integers(0, 6)),
    st.data(),
)
def test_any_chain_leaves_every_row_a_choice_and_its_input_untouched(
    scores: np.ndarray, seen: np.ndarray, data: st.DataObject
) -> None:
    scores[:, 6] = -np.inf  # excluded by the spelling
    controls = Controls(
        repetition_penalty=data.draw(st.sampled_from([1.0, 1.5])),
        no_repeat_ngram_size=data.draw(st.integers(0, 3)),
        dry_multiplier=data.draw(st.sampled_from([0.0, 2.0])),
        dry_allowed_length=data.draw(st.integers(0, 3)),
        top_k=data.draw(st.integers(0, 8)),
        typical_p=data.draw(st.floats(0.01, 1.0)),
        top_p=data.draw(st.floats(0.0, 1.0)),
        min_p=data.draw(st.floats(0.0, 1.0)),
        epsilon_cutoff=data.draw(st.floats(0.0, 1.0)),
        eta_cutoff=data.draw(st.floats(0.0, 1.0)),
        temperature=data.draw(st.sampled_from([0.0, 0.5, 1.0, 2.0])),
    )
    before = scores.copy()
    got = build_chain(controls, Alphabet(()))(scores, seen)
    assert np.array_equal(scores, before)
    assert np.isfinite(got).any(axis=1).all()
    assert np.isneginf(got[:, 6]).all()
    assert not np.isnan(got).any()
    for row in range(3):  # a row does not depend on the others
        alone = build_chain(controls, Alphabet(()))(scores[row : row + 1], seen[row : row + 1])
        assert np.allclose(alone[0], got[row], equal_nan=True)
