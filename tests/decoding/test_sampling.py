"""Sampling: frequencies, repeatability, stop conditions, cancellation, whole characters."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from charterm.decoding import stopping
from charterm.decoding.controls import PRESETS, Controls
from charterm.decoding.distributions import log_softmax
from charterm.decoding.filters import build_chain
from charterm.decoding.generated import Character, Context, Ended
from charterm.decoding.noise import UniformStreams, gumbel
from charterm.decoding.sampling import sample
from charterm.decoding.spelling import Spelling
from charterm.decoding.stopping import SPARE
from charterm.engine.backend import Backend
from charterm.text.alphabet import Alphabet, StreamDecoder, allowed_mask
from tests.decoding.models import after, gru, markov

PLAIN = Controls(top_k=0, seed=0, length=30)


def texts(
    backend: Backend, alphabet: Alphabet, controls: Controls, context: Context, **options: object
) -> tuple[list[str], list[Ended]]:
    got: dict[int, str] = {}
    ends = []
    for event in sample(backend, alphabet, context, controls, **options):  # type: ignore[arg-type]
        if isinstance(event, Ended):
            ends.append(event)
            got.setdefault(event.sequence, "")
        else:
            got[event.sequence] = got.get(event.sequence, "") + event.text
    return [got[number] for number in sorted(got)], ends


def test_frequencies_and_log_probabilities_are_those_of_the_model() -> None:
    p = np.array([[0.6, 0.3, 0.1]] * 3)
    backend, alphabet = markov("abc", p)
    events = list(
        sample(
            backend,
            alphabet,
            after(backend, alphabet, "a"),
            PLAIN.changed({"length": 3000}),
            with_filtered=True,
        )
    )
    characters = [event for event in events if isinstance(event, Character)]
    counts = Counter(c.text for c in characters)
    for character, expected in zip("abc", p[0], strict=True):
        error = math.sqrt(expected * (1 - expected) * 3000)
        assert abs(counts[character] - 3000 * expected) < 4 * error
    for c in characters[:50]:
        assert c.logprob == pytest.approx(math.log(p[0]["abc".index(c.text)]), abs=1e-6)
        assert c.filtered_logprob == pytest.approx(c.logprob, abs=1e-6)


def test_filtered_log_probability_is_that_of_the_filtered_distribution() -> None:
    backend, alphabet = markov("abc", np.array([[0.6, 0.3, 0.1]] * 3))
    controls = PLAIN.changed({"top_k": 2, "length": 200})
    begin = after(backend, alphabet, "a")
    for event in sample(backend, alphabet, begin, controls, with_filtered=True):
        if isinstance(event, Character):
            raw, kept = {"a": (0.6, 2 / 3), "b": (0.3, 1 / 3)}[event.text]
            assert math.exp(event.logprob) == pytest.approx(raw, abs=1e-6)
            assert event.filtered_logprob is not None
            assert math.exp(event.filtered_logprob) == pytest.approx(kept, abs=1e-6)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"top_k": 2}, [0.0, 0.6, 0.0, 0.4]),
        ({"min_p": 0.6}, [0.0, 0.6, 0.0, 0.4]),
        ({"top_k": 3, "top_p": 0.7}, [0.0, 0.6, 0.0, 0.4]),  # 0.7 of the three's 0.875
        ({"top_k": 2, "temperature": 0.5}, [0.0, 9 / 13, 0.0, 4 / 13]),
        ({"typical_p": 0.2, "temperature": 0.25}, [0.0, 0.0, 0.0, 1.0]),
    ],
)
def test_frequencies_are_those_of_what_is_kept(
    filters: dict[str, float], expected: list[float]
) -> None:
    backend, alphabet = markov("abcd", np.array([[0.15, 0.45, 0.1, 0.3]] * 4))
    controls = PLAIN.changed({"length": 2000, "n": 2, **filters})
    got, _ = texts(backend, alphabet, controls, after(backend, alphabet, "a"))
    counts = Counter("".join(got))
    for character, share in zip("abcd", expected, strict=True):
        error = math.sqrt(share * (1 - share) * 4000)
        assert abs(counts[character] - 4000 * share) <= 4 * error


@pytest.mark.parametrize(
    "filters",
    [
        {"top_k": 3},
        {"top_k": 3, "temperature": 0.5},
        {"top_k": 4, "top_p": 0.7, "temperature": 1.5},
        {"typical_p": 0.3},
        {"typical_p": 0.3, "temperature": 0.0},
        {"top_k": 0, "min_p": 0.3, "repetition_penalty": 1.4, "temperature": 0.8},
        {"top_k": 0, "eta_cutoff": 0.2, "no_repeat_ngram_size": 2},
    ],
)
def test_what_is_drawn_is_of_the_distribution_of_the_whole_chain(filters: dict[str, float]) -> None:
    backend, alphabet = markov("abcdef", np.random.default_rng(5).dirichlet(np.ones(6), 6))
    begin = after(backend, alphabet, "abc")
    controls = PLAIN.changed({"seed": 3, **filters})
    chain, spelling = build_chain(controls, alphabet), Spelling(alphabet)
    history, drawn = begin.tokens, set()
    for event in sample(backend, alphabet, begin, controls, with_filtered=True):
        if isinstance(event, Character):
            token = alphabet.encode(event.text)
            scores = backend.table[history[-1:]] + spelling.exclusions([b""])
            expected = log_softmax(chain(scores, history[None]))[0]
            assert event.logprob == pytest.approx(log_softmax(scores)[0, token].item(), abs=1e-5)
            assert event.filtered_logprob == pytest.approx(expected[token].item(), abs=1e-5)
            history = np.concatenate([history, token])
            drawn.add(event.text)
    assert len(drawn) > 1


@pytest.mark.parametrize("preset", ["careful", "balanced", "wild"])
def test_presets_write_lines_only_after_lines(preset: str) -> None:
    backend, alphabet = markov("a \n", np.array([[0.2, 0.0, 0.8], [1, 0, 0], [1, 0, 0]]))
    controls = PRESETS[preset].changed({"length": 60, "until": "length", "n": 3, "seed": 4})
    joined, _ = texts(backend, alphabet, controls, after(backend, alphabet, "aa"))
    assert all(" " in text and "\n" not in text for text in joined)
    lines, _ = texts(backend, alphabet, controls, after(backend, alphabet, "a\na"))
    assert all("\n" in text and " " not in text for text in lines)


def test_greedy_takes_the_most_probable() -> None:
    backend, alphabet = markov("abc", np.array([[0.1, 0.8, 0.1], [0.2, 0.2, 0.6], [0.9, 0.1, 0]]))
    got, _ = texts(
        backend,
        alphabet,
        PLAIN.changed({"temperature": 0, "length": 7}),
        after(backend, alphabet, "a"),
    )
    assert got == ["bcabcab"]


@pytest.mark.parametrize("filters", [{}, {"top_p": 0.9, "dry_multiplier": 1.0, "min_p": 0.01}])
def test_a_seed_gives_the_same_text_in_a_batch_and_alone(filters: dict[str, float]) -> None:
    backend, alphabet = gru()
    context = after(backend, alphabet)
    controls = PLAIN.changed({"n": 6, "seed": 11, "length": 60, **filters})
    together, _ = texts(backend, alphabet, controls, context)
    assert len(set(together)) == 6
    again, _ = texts(backend, alphabet, controls, context)
    assert again == together
    alone = [
        texts(backend, alphabet, controls.changed({"n": 1}), context, first=k)[0][0]
        for k in range(6)
    ]
    assert alone == together
    other, _ = texts(backend, alphabet, controls.changed({"seed": 12}), context)
    assert other != together


def test_rows_that_end_early_do_not_change_the_others() -> None:
    backend, alphabet = gru()
    context = after(backend, alphabet)
    controls = PLAIN.changed({"n": 5, "seed": 3, "until": "word", "length": 40})
    together, ends = texts(backend, alphabet, controls, context)
    assert len({len(text) for text in together}) > 1
    assert sorted(end.sequence for end in ends) == list(range(5))
    alone = [
        texts(backend, alphabet, controls.changed({"n": 1}), context, first=k)[0][0]
        for k in range(5)
    ]
    assert alone == together


def test_a_fresh_seed_differs_from_call_to_call() -> None:
    backend, alphabet = gru()
    controls = PLAIN.changed({"seed": -1})
    context = after(backend, alphabet)
    assert texts(backend, alphabet, controls, context) != texts(
        backend, alphabet, controls, context
    )


def test_numbers_of_a_stream_do_not_depend_on_the_others() -> None:
    one, many = UniformStreams(7, range(2, 3)), UniformStreams(7, range(4))
    for step in range(150):
        alone, all_rows = one.next()[0], many.next()
        assert len(set(all_rows)) == len(all_rows)
        row = 2 if step < 70 else 0
        assert alone == all_rows[row]
        if step == 69:
            many.keep([2, 3])


def test_noise_is_gumbel() -> None:
    draws = gumbel(np.random.default_rng(0), (64, 1000)).ravel()
    assert abs(draws.mean() - np.euler_gamma) < 5 * draws.std() / math.sqrt(draws.size)
    assert draws.var() == pytest.approx(math.pi**2 / 6, rel=0.05)


@pytest.mark.parametrize("number", [0.0, 1.0 - 2.0**-53])
def test_the_ends_of_the_unit_interval_draw_what_has_a_probability(
    number: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend, alphabet = markov("abcd", np.array([[0.0, 0.7, 0.3, 0.0]] * 4))
    monkeypatch.setattr(UniformStreams, "next", lambda _self: [number])
    got, _ = texts(backend, alphabet, PLAIN.changed({"length": 5}), after(backend, alphabet, "a"))
    assert got == ["bbbbb" if number == 0.0 else "ccccc"]


def test_a_filter_may_leave_only_what_is_very_improbable() -> None:
    # entropy 3.2 nats: of surprises of 1.2 and 4.0 the typical one is the second; at this
    # temperature its exponential beside the most probable character's is no float any more
    rest = "".join(map(chr, range(0x4E00, 0x4E00 + 40)))
    backend, alphabet = markov("a" + rest, np.array([[0.3] + [0.7 / 40] * 40] * 41))
    controls = PLAIN.changed({"typical_p": 0.05, "temperature": 0.001, "length": 100, "n": 2})
    events = sample(backend, alphabet, after(backend, alphabet, "a"), controls, with_filtered=True)
    characters = [event for event in events if isinstance(event, Character)]
    assert len(characters) == 200
    assert len({c.text for c in characters} & set(rest)) > 30
    for c in characters:
        assert c.logprob == pytest.approx(math.log(0.7 / 40), abs=1e-5)
        assert c.filtered_logprob == pytest.approx(-math.log(40), abs=1e-3)


def test_length_counts_characters_and_the_end_has_a_context_to_go_on_from() -> None:
    backend, alphabet = gru()
    context = after(backend, alphabet, "\nab")
    got, ends = texts(backend, alphabet, PLAIN, context)
    assert len(got[0]) == 30
    assert (ends[0].reason, ends[0].logprob) == ("length", 0.0)
    expected = after(backend, alphabet, "\nab" + got[0])
    assert np.allclose(ends[0].context.state, expected.state, atol=1e-5)
    assert ends[0].context.tokens.tolist() == expected.tokens.tolist()


def test_stop_string_is_part_of_the_text() -> None:
    backend, alphabet = markov("ab.", np.full((3, 3), 1 / 3))
    controls = PLAIN.changed({"stop": ("b.", "aa."), "length": 1000, "n": 5})
    got, ends = texts(backend, alphabet, controls, after(backend, alphabet, "a"))
    for text, end in zip(got, sorted(ends), strict=True):
        assert end.reason == "stop"
        assert text.endswith(("b.", "aa."))
        assert "b." not in text[:-1]


def rigged(text: str) -> tuple[Backend, Alphabet, Context, Controls]:
    """A model that writes ``text`` and then ``~`` for ever; no character of it may repeat."""
    characters = "^" + text + "~"
    table = np.zeros((len(characters), len(characters)))
    table[np.arange(len(characters) - 1), np.arange(1, len(characters))] = 1.0
    table[-1, -1] = 1.0
    backend, alphabet = markov(characters, table)
    return backend, alphabet, after(backend, alphabet, "^"), PLAIN


@pytest.mark.parametrize(
    ("until", "written", "expected"),
    [
        ("word", "dog's-l, x", "dog's-l"),
        ("word", " —dog(", " —dog"),
        ("word", "dogs' x", "dogs'"),
        ("word", "'-.!", None),
        ("word", "é\u0301x ", "é\u0301x"),
        ("sentence", 'I3.14Pl"!) x', 'I3.14Pl"!)'),
        ("sentence", "Dr. Who\u2026\nx", "Dr. Who\u2026"),
        ("sentence", "すごい。」次", "すごい。」"),
        ("sentence", "ab?", None),
        ("paragraph", "a b.\tc\n", None),
    ],
)
def test_until_ends_where_a_reader_would_say(
    until: str, written: str, expected: str | None
) -> None:
    backend, alphabet, context, controls = rigged(written)
    got, ends = texts(backend, alphabet, controls.changed({"until": until}), context)
    if expected is None:
        assert (len(got[0]), ends[0].reason) == (30, "length")
    else:
        assert (got[0], ends[0].reason) == (expected, until)
        assert ends[0].logprob == pytest.approx(0.0, abs=1e-6)
        going_on = backend.logits(ends[0].context.state)
        assert going_on.argmax() == alphabet.encode(written)[len(expected)]


def test_finish_ends_with_the_sentence_in_which_the_length_is_reached(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    backend, alphabet, context, controls = rigged("Ab. C?\tde!\nF")
    for length, expected in ((1, "Ab."), (3, "Ab."), (4, "Ab. C?"), (7, "Ab. C?\tde!")):
        some = controls.changed({"until": "finish", "length": length})
        got, ends = texts(backend, alphabet, some, context)
        assert (got[0], ends[0].reason) == (expected, "sentence")
    backend, alphabet, context, controls = rigged("nm ark\nx")
    some = controls.changed({"until": "finish", "length": 3})
    assert texts(backend, alphabet, some, context)[0] == ["nm ark"]
    backend, alphabet, context, controls = rigged("Ab. C?\tde!\nF")
    endless, ends = texts(
        backend, alphabet, controls.changed({"until": "finish", "length": 12}), context
    )
    assert (len(endless[0]), ends[0].reason) == (12 + SPARE + 40, "length")
    backend, alphabet, context, controls = rigged("abcd efgh\u3000ijkl\u2003mn")
    monkeypatch.setattr(stopping, "SPARE", 8)
    some = controls.changed({"until": "finish", "length": 2})
    whole, ends = texts(backend, alphabet, some, context)  # no sentence ends: a word does
    assert (whole[0], ends[0].reason) == ("abcd efgh\u3000ijkl", "length")


def test_paragraph_ends_before_the_second_newline() -> None:
    # a b \n ... after \n another \n or an a
    p = np.array([[0.2, 0.5, 0.3], [0.5, 0.2, 0.3], [0.5, 0.0, 0.5]])
    backend, alphabet = markov("ab\n", p)
    controls = PLAIN.changed({"until": "paragraph", "length": 5000, "n": 4})
    got, ends = texts(backend, alphabet, controls, after(backend, alphabet, "a"))
    for text, end in zip(got, sorted(ends), strict=True):
        assert "\n\n" not in text.lstrip("\n")
        assert text.endswith("\n")
        assert end.logprob == pytest.approx(math.log(0.5), abs=1e-6)


def test_cancelled_between_characters_with_a_context_to_go_on_from() -> None:
    backend, alphabet = gru(scale=1.0)
    context = after(backend, alphabet)
    asked = iter([False] * 9 + [True] * 9)
    got, ends = texts(
        backend,
        alphabet,
        PLAIN.changed({"n": 4}),
        context,
        should_stop=lambda: next(asked),
    )
    assert [end.reason for end in ends] == ["cancelled"] * 4
    assert any(len(text) < 9 for text in got)  # some were inside a character of several bytes
    for text, end in zip(got, ends, strict=True):
        expected = after(backend, alphabet, "\n" + text)
        assert end.context.tokens.tolist() == expected.tokens.tolist()
        assert np.allclose(end.context.state, expected.state, atol=1e-5)


def test_closing_the_generator_computes_nothing_more() -> None:
    backend, alphabet = markov("ab", np.full((2, 2), 0.5))
    running = sample(backend, alphabet, after(backend, alphabet, "a"), PLAIN)
    for _ in range(5):
        next(running)
    steps = backend.steps
    running.close()  # type: ignore[attr-defined]
    assert backend.steps == steps == 4


def test_alternatives_are_the_most_probable_characters_of_the_model() -> None:
    backend, alphabet = markov("abc", np.array([[0.6, 0.3, 0.1]] * 3))
    controls = PLAIN.changed({"temperature": 0.1, "length": 3})
    for event in sample(backend, alphabet, after(backend, alphabet, "a"), controls, alternatives=2):
        if isinstance(event, Character):
            assert [c for c, _ in event.alternatives] == ["a", "b"]
            assert [p for _, p in event.alternatives] == pytest.approx([0.6, 0.3], abs=1e-6)


@settings(deadline=None, max_examples=25)
@given(
    characters=st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=8).map(
        lambda text: "".join(dict.fromkeys("a" + text))
    ),
    seed=st.integers(0, 2**32 - 1),
    temperature=st.sampled_from([0.5, 1.0, 3.0]),
    n=st.integers(1, 3),
)
def test_only_whole_valid_characters_come_out(
    characters: str, seed: int, temperature: float, n: int
) -> None:
    size = len(characters)
    backend, alphabet = markov(characters, np.full((size, size), 1 / size), bytes_too=True)
    controls = PLAIN.changed({"seed": seed, "temperature": temperature, "n": n, "length": 12})
    context = after(backend, alphabet, "a")
    got: list[str] = []
    for event in sample(backend, alphabet, context, controls):
        if isinstance(event, Character):
            assert len(event.text) == 1
            assert event.logprob < 0
            got.append(event.text)
        else:
            # the tokens are the text's only spelling
            text = alphabet.decode(event.context.tokens[1:])
            assert event.context.tokens[1:].tolist() == alphabet.encode(text).tolist()
    assert "\ufffd" not in "".join(got) or "\ufffd" in characters
    "".join(got).encode()


@given(st.text(max_size=6))
def test_spelling_says_what_the_stream_decoder_says(text: str) -> None:
    alphabet = Alphabet(("a", "é"))
    spelling, decoder, pending = Spelling(alphabet), StreamDecoder(alphabet), b""
    for token in alphabet.encode(text).tolist():
        piece, pending = spelling.extend(pending, token)
        assert piece == decoder.feed(token)
        assert pending == decoder.pending


def test_exclusions_are_the_allowed_mask_of_each_row() -> None:
    alphabet = Alphabet(("a", "é"))
    spelling = Spelling(alphabet)
    rows = spelling.exclusions([b"", b"\xe2\x82", b"\xf0"])
    for row, pending in zip(rows, (b"", b"\xe2\x82", b"\xf0"), strict=True):
        assert np.array_equal(row == 0, allowed_mask(alphabet, pending))
        assert np.isneginf(row[~allowed_mask(alphabet, pending)]).all()
    assert spelling.exclusions([b"", b""]).shape == (1, alphabet.size)


def test_following_tokens_are_those_of_the_allowed_mask() -> None:
    alphabet = Alphabet(("a", "é"))
    spelling = Spelling(alphabet)
    between = spelling.following(b"")
    for pending in (b"", b"\xe2\x82", b"\xf0", b"\xc3"):
        allowed = np.flatnonzero(allowed_mask(alphabet, pending))
        assert spelling.following(pending).tolist() == allowed.tolist()
        assert 0 < len(allowed) <= len(between)
    assert spelling.following(b"") is between
