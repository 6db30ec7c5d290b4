import unicodedata

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from charterm.engine.completion import Completer, Completion
from charterm.engine.language_model import LanguageModel
from charterm.engine.prediction import predict
from charterm.engine.session import Interrupted, Session
from tests.engine.models import random_model

MODEL = random_model("\n abc'.", scale=1.0)
PHRASES = random_model("\n abc'.", scale=1.0, seed=3)
PHRASES.backend.weights.output_bias[257] += 3.0  # type: ignore[attr-defined]  # the space
# no letter has a token, so that every word is spelt in bytes
BYTES_MODEL = random_model("\n .", scale=0.6)
BYTES_MODEL.backend.weights.output_bias[:] = -12.0  # type: ignore[attr-defined]
for spelling in ("é", "ñ", "안", "“", "z"):
    for byte in spelling.encode():
        BYTES_MODEL.backend.weights.output_bias[byte] = 0.0  # type: ignore[attr-defined]
BYTES_MODEL.backend.weights.output_bias[[256, 257, 258]] = 1.5  # type: ignore[attr-defined]


def is_letter(character: str) -> bool:
    return unicodedata.category(character)[0] in "LMN"


def enumerate_words(model: LanguageModel, before: str, least: float) -> dict[str, float]:
    """Every completion likelier than ``least``, one character at a time, from the definition."""
    found: dict[str, float] = {}

    def character_probabilities(text: str, reached: float) -> dict[str, float]:
        state = model.advance(model.start, before + text)
        result: dict[str, float] = {}

        def spell(state: np.ndarray, pending: bytes, mass: float) -> None:
            row = model.probabilities(state, pending)[0]
            for token in np.flatnonzero(row):
                p = mass * float(row[token])
                if token >= 256:
                    result[model.alphabet.characters[token - 256]] = p
                    continue
                spelling = pending + bytes([token])
                try:
                    result[spelling.decode()] = p
                except UnicodeDecodeError:
                    if p * reached < least:
                        continue
                    tokens = np.array([token], np.int32)
                    spell(model.backend.advance(state, tokens), spelling, p)

        spell(state, b"", 1.0)
        return result

    def go(text: str, mass: float) -> None:
        whole = before + text
        inside = bool(whole) and is_letter(whole[-1])
        joined = len(whole) > 1 and whole[-1] in "'’-" and is_letter(whole[-2])
        ended = 0.0
        for character, p in character_probabilities(text, mass).items():
            if is_letter(character) or (character in "'’-" and inside):
                if mass * p > least:
                    go(text + character, mass * p)
            elif character == " ":
                after_word = bool(whole) and not whole[-1].isspace()
                if text == "" and after_word and mass * p > least:
                    go(text + " ", mass * p)
                elif text and inside:
                    ended += mass * p
            elif text and inside:
                ended += mass * p
        if ended > 0 and not joined:
            found[text] = ended

    go("", 1.0)
    return found


@pytest.mark.parametrize("before", ["", "a", "ab ", "ca'", "c.", "b\n", ".'"])
def test_the_list_is_that_of_exhaustive_enumeration(before: str) -> None:
    least = 2e-4
    expected = sorted(enumerate_words(MODEL, before, least / 4).items(), key=lambda i: -i[1])
    completer = Completer(MODEL, budget=20_000)
    found = completer.complete(Session(MODEL, before), 12, least=least)
    assert len(found) == 12
    assert [c.text for c in found] == [text for text, _ in expected[:12]]
    assert [c.probability for c in found] == pytest.approx([p for _, p in expected[:12]], rel=3e-3)


def text_probability(model: LanguageModel, before: str, text: str) -> float:
    state, mass = model.advance(model.start, before), 1.0
    for token in model.alphabet.encode(text):
        mass *= float(model.probabilities(state)[0, token])
        state = model.backend.advance(state, np.array([token], np.int32))
    return mass


@pytest.mark.parametrize("before", ["", "ab", "c."])
def test_phrases_are_words_with_their_likeliest_next_words_while_that_saves_keys(
    before: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sure = 0.01  # an untrained model is sure of nothing
    monkeypatch.setattr("charterm.engine.completion.SURE", sure)
    completer = Completer(PHRASES, budget=20_000)
    single = completer.complete(Session(PHRASES, before), 6, least=1e-3)
    found = completer.complete(Session(PHRASES, before), 6, words=3, least=1e-3)
    assert len(found) == len(single) == 6
    assert any(phrase.text != word.text for phrase, word in zip(found, single, strict=True))
    for phrase, word in zip(found, single, strict=True):
        expected = word
        for _ in range(2):
            reach = text_probability(PHRASES, before, expected.text)
            following = enumerate_words(PHRASES, before + expected.text, 1e-3)
            following = {text: p for text, p in following.items() if text.startswith(" ")}
            text = max(following, key=following.__getitem__)
            longer = Completion(expected.text + text, reach * following[text])
            unsure = longer.probability <= sure * expected.probability
            if unsure or longer.saving <= expected.saving:
                break
            expected = longer
        assert phrase.text == expected.text
        assert phrase.probability == pytest.approx(expected.probability, rel=3e-3)
        assert phrase.saving >= word.saving


@pytest.mark.parametrize("before", ["", "z ", "안", "é."])
def test_words_spelt_in_bytes_are_whole_characters(before: str) -> None:
    least = 2e-3
    expected = enumerate_words(BYTES_MODEL, before, 1e-4)
    completer = Completer(BYTES_MODEL, budget=5_000)
    found = completer.complete(Session(BYTES_MODEL, before), 8, least=least)
    assert found
    assert any(ord(character) > 127 for completion in found for character in completion.text)
    for completion in found:
        assert "\ufffd" not in completion.text
        # what ends a word may itself be spelt in bytes; its least likely spellings are not counted
        assert completion.probability == pytest.approx(expected[completion.text], rel=0.3)
        assert completion.probability <= expected[completion.text] * 1.001


def test_probabilities_are_those_of_disjoint_events() -> None:
    completer = Completer(MODEL, budget=30_000)
    found = completer.complete(Session(MODEL, "ab "), 100_000, least=1e-6)
    total = sum(completion.probability for completion in found)
    assert len({completion.text for completion in found}) == len(found)
    # the missing events: no word begins, and words that are less likely or end in a joiner
    row = MODEL.probabilities(MODEL.advance(MODEL.start, "ab "))[0]
    begins = row[[256 + MODEL.alphabet.characters.index(c) for c in "abc"]].sum()
    assert 0.5 * begins < total <= 1.0


@pytest.mark.parametrize("batch", [1, 3, 16])
@pytest.mark.parametrize("ratio", [0.0, 1.0])
def test_the_batch_changes_nothing(batch: int, ratio: float) -> None:
    expected = Completer(MODEL).complete(Session(MODEL, "a b"), 5, least=1e-4)
    completer = Completer(MODEL, batch=batch, ratio=ratio, budget=5_000)
    found = completer.complete(Session(MODEL, "a b"), 5, least=1e-4)
    assert [c.text for c in found] == [c.text for c in expected]
    expected_mass = [c.probability for c in expected]
    assert [c.probability for c in found] == pytest.approx(expected_mass, rel=1e-4)


@settings(deadline=None, max_examples=40)
@given(st.data())
def test_reusing_the_last_search_changes_nothing(data: st.DataObject) -> None:
    """Typing, deleting, jumping: a completer with a history lists what a fresh one lists."""
    session = Session(MODEL, "ab a", block=8)
    completer = Completer(MODEL, budget=60)
    for _ in range(data.draw(st.integers(1, 8))):
        match data.draw(st.sampled_from(["type", "backspace", "move", "other"])):
            case "type":
                session.insert(data.draw(st.text("abc .'é", min_size=1, max_size=3)))
            case "backspace":
                session.backspace()
            case "move":
                session.move(data.draw(st.integers(0, len(session.text))))
            case "other":
                session.set_text(data.draw(st.text(max_size=5)))
        found = completer.complete(session, 4, least=1e-2)
        expected = Completer(MODEL, budget=60).complete(session.fork(), 4, least=1e-2)
        # a search that reuses nodes has more of its budget left, so it may only be better
        if len(expected) == len(found):
            assert [c.probability for c in found] == pytest.approx(
                [c.probability for c in expected], rel=1e-4
            )
        else:
            assert len(found) > len(expected)


class CountingBackend:
    def __init__(self, model: LanguageModel) -> None:
        self.backend = model.backend
        self.steps = 0
        object.__setattr__(model, "backend", self)

    def __getattr__(self, name: str) -> object:
        return getattr(self.backend, name)

    def step(self, state: np.ndarray, tokens: np.ndarray, rows: np.ndarray) -> object:
        self.steps += len(tokens)
        return self.backend.step(state, tokens, rows)


def test_a_typed_key_on_the_tree_is_not_computed_again() -> None:
    model = random_model("\n abc'.", scale=1.0)
    counter = CountingBackend(model)
    completer = Completer(model)
    session = Session(model, "ab ")
    first = completer.complete(session, 5)
    cold = counter.steps
    session.insert(first[0].text[0])
    completer.complete(session, 5)
    warm = counter.steps - cold
    counter.steps = 0
    Completer(model).complete(session, 5)
    assert warm < counter.steps
    counter.steps = 0
    session.backspace()
    assert completer.complete(session, 5) == first
    assert counter.steps == 0


def test_words_below_the_least_probability_are_not_listed() -> None:
    found = Completer(MODEL).complete(Session(MODEL, "ab "), 50, least=1e-3)
    assert 5 < len(found) < 50
    assert all(completion.probability > 1e-3 for completion in found)


def test_the_budget_bounds_the_search() -> None:
    model = random_model("\n abc'.", scale=0.1)
    counter = CountingBackend(model)
    assert Completer(model, budget=20).complete(Session(model, "ab "), 5, least=1e-9)
    assert 0 < counter.steps <= 20


def test_a_search_that_is_overtaken_says_so_and_keeps_its_work() -> None:
    completer = Completer(MODEL, batch=2)
    session = Session(MODEL, "ab ")
    session.state()
    rounds = 0
    while True:
        answers = iter([False, False, True])
        try:
            found = completer.complete(session, 5, should_stop=lambda a=answers: next(a))  # type: ignore[misc]
        except Interrupted:
            rounds += 1
            assert rounds < 2000
            if completer._tree.count > 40:
                break
            continue
        assert found
        break
    assert rounds >= 1


@settings(deadline=None, max_examples=30)
@given(st.text(max_size=12))
def test_any_text_before_gives_printable_words(before: str) -> None:
    for model in (MODEL, BYTES_MODEL):
        for completion in Completer(model, budget=80).complete(Session(model, before), 5):
            word = completion.text.removeprefix(" ")
            assert word
            completion.text.encode()
            assert all(is_letter(c) or c in "'’-" for c in word)
            assert is_letter(word[-1])
            assert 0.0 < completion.probability <= 1.0


def test_a_prediction_is_true_to_the_model() -> None:
    session = Session(MODEL, "ab a")
    prediction = predict(session, Completer(MODEL), characters=3, completions=2)
    row = MODEL.probabilities(session.state())[0]
    assert [p for _, p in prediction.characters] == pytest.approx(sorted(row)[:-4:-1])
    assert sum(p for _, p in prediction.characters) + prediction.others == pytest.approx(1.0)
    assert len(prediction.completions) == 2
    assert predict(session, Completer(MODEL), completions=0).completions == ()


def test_saving_is_a_key_less_than_the_characters_as_often_as_it_is_right() -> None:
    assert Completion("ternoon", 0.6).saving == pytest.approx(3.6)
    assert Completion("a", 0.9).saving == 0.0


@pytest.mark.parametrize("before", ["안", "ab 안", "aж"])
def test_a_word_in_a_script_without_a_letter_in_the_model_is_not_gone_on_with(
    before: str,
) -> None:
    session = Session(MODEL, before)
    completer = Completer(MODEL)
    assert completer.complete(session, 5, words=3) == []
    assert sum(share for _, share in completer.next_characters(session, 300)[0]) > 0.5
    session.insert(" ")
    assert completer.complete(session, 5)


@pytest.mark.parametrize("before", ["é", "ab é", "4", "안4", "안 a"])
def test_other_letters_of_a_known_script_are_gone_on_with(before: str) -> None:
    assert Completer(MODEL).complete(Session(MODEL, before), 5, least=1e-9)
