"""Beam searches against exhaustive enumeration of every text of tiny models."""

import itertools
import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from charterm.decoding.controls import Controls
from charterm.decoding.distributions import log_softmax
from charterm.decoding.generated import Context, Progress, Results
from charterm.decoding.generation import generate
from charterm.decoding.spelling import Spelling
from charterm.decoding.stochastic_beam import condition_on_maximum
from charterm.decoding.stopping import Stopping
from charterm.engine.backend import Backend
from charterm.text.alphabet import Alphabet
from tests.decoding.models import after, gru, markov


def results(
    backend: Backend, alphabet: Alphabet, context: Context, controls: Controls, **options: object
) -> Results:
    *steps, last = generate(backend, alphabet, context, controls, **options)  # type: ignore[arg-type]
    assert all(isinstance(step, Progress) for step in steps)
    assert isinstance(last, Results)
    return last


def characters_only(seed: int, characters: str = "ab. ") -> tuple[Backend, Alphabet]:
    """A random GRU that gives bytes no probability, small enough to enumerate."""
    backend, alphabet = gru(characters, seed=seed, scale=1.0)
    backend.weights.output_bias[:256] = -np.inf  # type: ignore[attr-defined]
    return backend, alphabet


def enumerate_texts(
    backend: Backend, alphabet: Alphabet, context: Context, controls: Controls
) -> dict[str, float]:
    """Log-probability of every complete text, one by one, by the stop conditions' definition."""
    stopping = Stopping(controls, Spelling(alphabet))
    complete: dict[str, float] = {}
    waiting = [("", 0.0, context)]
    while waiting:
        text, logprob, at = waiting.pop()
        row = log_softmax(backend.logits(at.state).astype(np.float64))[0]
        ends = stopping.before(text)
        for token in range(256, alphabet.size):
            if ends is not None and ends[token]:
                complete[text] = np.logaddexp(complete.get(text, -np.inf), logprob + row[token])
                continue
            grown, total = text + alphabet.characters[token - 256], logprob + row[token]
            if stopping.after(grown):
                complete[grown] = total
            else:
                step = np.array([token], np.int32)
                waiting.append((grown, total, at.after(backend, step)))
    return complete


@pytest.mark.parametrize("power", [0.0, 1.0, 2.0, -1.0])
@pytest.mark.parametrize(
    "stops", [{"until": "word"}, {"until": "sentence"}, {"stop": (".", "ba")}, {}]
)
def test_a_beam_of_full_width_is_exhaustive_search(power: float, stops: dict[str, object]) -> None:
    backend, alphabet = characters_only(seed=1)
    context = after(backend, alphabet, "a")
    controls = Controls(
        method="beam", num_beams=400, n=12, length=4, length_penalty=power, early_stopping="never"
    ).changed(stops)
    every = enumerate_texts(backend, alphabet, context, controls)
    assert len(every) <= 400
    assert math.fsum(map(math.exp, every.values())) == pytest.approx(1.0)
    best = sorted(every, key=lambda text: -every[text] / max(1, len(text)) ** power)[:12]
    got = results(backend, alphabet, context, controls).texts
    assert [text.text for text in got] == best
    for text in got:
        assert text.logprob == pytest.approx(every[text.text], abs=1e-4)
        assert text.score == pytest.approx(text.logprob / max(1, len(text.text)) ** power)
        assert "".join(character.text for character in text.characters) == text.text
        over = text.logprob - sum(character.logprob for character in text.characters)
        assert over <= 1e-9
        assert over == pytest.approx(0.0) or text.reason in ("word", "sentence")


def test_a_beam_of_one_is_greedy_and_a_wider_one_finds_better() -> None:
    # a leads to an even spread, b to one sure thing
    p = np.array([[0.0, 0.6, 0.4, 0.0], [0.25] * 4, [0.0, 0.0, 0.0, 1.0], [0.0, 0.0, 0.0, 1.0]])
    backend, alphabet = markov("^abc", p)
    context = after(backend, alphabet, "^")
    greedy = Controls(method="beam", length=2)
    assert results(backend, alphabet, context, greedy).texts[0].text[0] == "a"
    wide = results(backend, alphabet, context, greedy.changed({"num_beams": 2})).texts[0]
    assert (wide.text, wide.reason) == ("bc", "length")
    assert wide.logprob == pytest.approx(math.log(0.4), abs=1e-6)


def test_n_widens_the_beam_and_texts_differ() -> None:
    backend, alphabet = gru()
    controls = Controls(method="beam", n=6, length=10)
    got = results(backend, alphabet, after(backend, alphabet), controls).texts
    assert len({text.text for text in got}) == 6
    assert [text.score for text in got] == sorted((text.score for text in got), reverse=True)


def test_early_stopping_true_is_no_later_than_false_and_that_no_later_than_never() -> None:
    # "a", then more of it or the end: scores ln 0.6, (ln 0.4 + ln 0.6) / 2 and so on downwards
    backend, alphabet = markov("^a ", np.array([[0.0, 1.0, 0.0], [0.0, 0.4, 0.6], [0.0, 0.0, 1.0]]))
    context = after(backend, alphabet, "^")
    steps, scores = [], []
    for early in ("true", "false", "never"):
        controls = Controls(
            method="beam", num_beams=2, length=30, until="word", early_stopping=early
        )
        *progress, last = generate(backend, alphabet, context, controls)
        assert isinstance(last, Results)
        steps.append(len(progress))
        scores.append(last.texts[0].score)
    # open texts score (k - 1) ln 0.4 / k: below the second of the ended ones, -0.71, from k = 5
    # on; divided by the longest length, 30, from k - 1 = 24 on
    assert steps == [3, 5, 25]
    assert scores == pytest.approx([math.log(0.6)] * 3, abs=1e-6)


def test_penalties_on_repetition_steer_a_beam_and_the_sampling_filters_do_not() -> None:
    backend, alphabet = markov("ab", np.array([[0.9, 0.1], [0.9, 0.1]]))
    context = after(backend, alphabet, "a")
    controls = Controls(method="beam", num_beams=4, length=6, temperature=0.1, top_k=1)
    loop = results(backend, alphabet, context, controls).texts[0]
    assert loop.text == "aaaaaa"
    assert loop.logprob == pytest.approx(6 * math.log(0.9), abs=1e-5)
    varied = results(
        backend, alphabet, context, controls.changed({"no_repeat_ngram_size": 4})
    ).texts[0]
    tokens = "a" + varied.text
    runs = [tokens[i : i + 4] for i in range(len(tokens) - 3)]
    assert len(set(runs)) == len(runs)
    # scores are those of the penalised distribution, the characters' those of the model
    assert varied.logprob == pytest.approx(
        sum(math.log({"a": 0.9, "b": 0.1}[c]) for c in varied.text), abs=1e-5
    )


def test_a_group_of_diverse_beams_avoids_what_earlier_groups_chose() -> None:
    p = np.array([[0.0, 0.5, 0.3, 0.2]] * 4)
    backend, alphabet = markov("^abc", p)
    context = after(backend, alphabet, "^")
    controls = Controls(
        method="diverse-beam", num_beams=3, num_beam_groups=3, length=1, n=3, length_penalty=0
    )
    # ln 0.5 - ln 0.3 = 0.51: two groups before must take off more than that
    same = results(backend, alphabet, context, controls.changed({"diversity_penalty": 0.2}))
    assert [text.text for text in same.texts] == ["a"]
    # second group: b; for the third a and b have lost 0.6 each, and a is the best again
    two = results(backend, alphabet, context, controls.changed({"diversity_penalty": 0.6}))
    assert [text.text for text in two.texts] == ["a", "b"]
    three = results(backend, alphabet, context, controls.changed({"diversity_penalty": 2.0}))
    assert [text.text for text in three.texts] == ["a", "b", "c"]
    # the penalty steers and is no part of the score
    assert [text.score for text in three.texts] == pytest.approx(
        [math.log(0.5), math.log(0.3), math.log(0.2)], abs=1e-6
    )


def test_one_group_is_a_plain_beam_search() -> None:
    backend, alphabet = gru(seed=4)
    context = after(backend, alphabet)
    plain = Controls(method="beam", num_beams=6, n=4, length=12)
    diverse = plain.changed({"method": "diverse-beam", "diversity_penalty": 5.0})
    assert results(backend, alphabet, context, plain) == results(
        backend, alphabet, context, diverse
    )


def test_groups_are_one_batch_of_the_backend() -> None:
    backend, alphabet = markov("ab", np.full((2, 2), 0.5))
    controls = Controls(method="diverse-beam", num_beams=6, num_beam_groups=3, length=7)
    results(backend, alphabet, after(backend, alphabet, "a"), controls)
    assert backend.steps == 6  # the last character is not read


def inclusion_of_two(probabilities: dict[str, float]) -> dict[str, float]:
    """Probability that a text is among two drawn without replacement."""
    return {
        text: p + sum(q * p / (1 - q) for other, q in probabilities.items() if other != text)
        for text, p in probabilities.items()
    }


@pytest.mark.parametrize("stops", [{"length": 2}, {"length": 3, "until": "word"}])
def test_stochastic_beam_includes_texts_as_often_as_theory_says(stops: dict[str, object]) -> None:
    backend, alphabet = characters_only(seed=2, characters="ab ")
    context = after(backend, alphabet, "a")
    controls = Controls(method="stochastic-beam", n=2, top_k=0, temperature=1.3).changed(stops)
    draws = 800
    seen: Counter[str] = Counter()
    first: Counter[str] = Counter()
    for seed in range(draws):
        got = results(backend, alphabet, context, controls.changed({"seed": seed})).texts
        assert len({text.text for text in got}) == 2
        seen.update(text.text for text in got)
        first[got[0].text] += 1
    warmed = _Warmed(backend, 1.3)
    every = {
        text: math.exp(logprob)
        for text, logprob in enumerate_texts(warmed, alphabet, context, controls).items()
    }
    assert math.fsum(every.values()) == pytest.approx(1.0)
    for counts, theory in ((seen, inclusion_of_two(every)), (first, every)):
        for text, expected in theory.items():
            error = math.sqrt(max(expected * (1 - expected), 1e-3) / draws)
            assert abs(counts[text] / draws - expected) < 4 * error, text


class _Warmed:
    """A backend whose logits are divided by a temperature."""

    def __init__(self, backend: Backend, temperature: float) -> None:
        self._backend = backend
        self._temperature = temperature

    def __getattr__(self, name: str) -> object:
        return getattr(self._backend, name)

    def logits(self, state: np.ndarray) -> np.ndarray:
        return self._backend.logits(state) / np.float32(self._temperature)


def test_stochastic_beam_of_all_texts_is_all_of_them_and_is_repeatable() -> None:
    backend, alphabet = characters_only(seed=5, characters="ab")
    context = after(backend, alphabet, "a")
    controls = Controls(method="stochastic-beam", n=20, top_k=0, length=3, seed=9)
    got = results(backend, alphabet, context, controls).texts
    assert {text.text for text in got} == {"".join(t) for t in itertools.product("ab", repeat=3)}
    assert [text.score for text in got] == sorted((text.score for text in got), reverse=True)
    assert results(backend, alphabet, context, controls).texts == got
    other = results(backend, alphabet, context, controls.changed({"seed": 10})).texts
    assert [text.text for text in other] != [text.text for text in got]


def test_conditioned_noise_has_the_given_maximum_and_keeps_the_order() -> None:
    noisy = np.array([[0.3, -np.inf, 2.0, 1.9999999], [-700.0, -1e9, -2.0, -3.0]])
    maximum = np.array([[-5.0], [40.0]])
    got = condition_on_maximum(noisy, maximum)
    assert not np.isnan(got).any()
    assert got.max(axis=1).tolist() == [-5.0, 40.0]
    assert np.array_equal(np.argsort(got), np.argsort(noisy))
    assert got[0, 1] == -np.inf


@settings(deadline=None, max_examples=30)
@given(
    seed=st.integers(0, 1000),
    method=st.sampled_from(["beam", "diverse-beam", "stochastic-beam"]),
    until=st.sampled_from(["length", "word", "sentence"]),
    after_steps=st.integers(0, 30),
)
def test_only_whole_valid_characters_come_out_also_when_cancelled(
    seed: int, method: str, until: str, after_steps: int
) -> None:
    backend, alphabet = gru(seed=seed)  # its bytes are as likely as its characters
    context = after(backend, alphabet)
    controls = Controls(
        method=method,
        num_beams=6,
        n=4,
        num_beam_groups=2,
        diversity_penalty=1.0,
        length=8,
        until=until,
        seed=seed,
        top_k=0,
    )
    asked = itertools.count()
    got = results(
        backend, alphabet, context, controls, should_stop=lambda: next(asked) >= after_steps
    ).texts
    for text in got:
        text.text.encode()
        assert "\ufffd" not in text.text
        assert len(text.characters) == len(text.text) <= 8
        state, total = context, 0.0
        for character in text.characters:  # the characters' log-probabilities, one by one
            logprob = 0.0
            pending = b""
            for token in alphabet.encode_character(character.text):
                row = backend.logits(state.state) + Spelling(alphabet).exclusions([pending])
                logprob += float(log_softmax(row.astype(np.float64))[0, token])
                state = state.after(backend, np.array([token], np.int32))
                pending += bytes((token,)) if token < 256 else b""
            assert character.logprob == pytest.approx(logprob, abs=1e-3)
            total += logprob
        assert text.logprob <= total + 1e-3
        assert text.reason in ("length", "word", "sentence", "cancelled")
    assert len({text.text for text in got}) == len(got)
