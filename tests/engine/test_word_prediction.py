import pytest

from charterm.engine.completion import Completer
from charterm.engine.keystrokes import RULES, simulate
from charterm.engine.session import Session
from charterm.engine.word_prediction import LEAST, CompletionPredictor
from charterm.engine.words import word_start
from tests.engine.models import random_model

# capitals are as likely as small letters here, so that spellings share a word's probability
MODEL = random_model("\n abAB'", scale=0.7)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", ""),
        ("one two", "two"),
        ("one ", ""),
        ("say 'don", "don"),
        ("I don't", "don't"),
        ("I don'", "don'"),
        ("a--b", "b"),
        ("-x", "x"),
        ("안녕 하세", "하세"),
        ("(well", "well"),
        ("well)", ""),
    ],
)
def test_the_word_that_is_being_typed(text, word):
    assert text[word_start(text) :] == word


@pytest.mark.parametrize("text", ["", "ab b", "ab ", "a'", "ab\nA"])
def test_a_completion_without_a_space_goes_on_with_the_word(text):
    session, completer = Session(MODEL, text), Completer(MODEL, budget=4000)
    least = 1e-3
    every = {c.text: c.probability for c in completer.complete(session, 10_000, least=least)}
    joined = completer.complete(session, 10_000, least=least, spaced=False)
    assert {c.text: c.probability for c in joined} == pytest.approx(
        {text: p for text, p in every.items() if not text.startswith(" ")}
    )


def _reference(text, typed, count, exclude, fold):
    """From the definition: add up the spellings of all completions."""
    completions = Completer(MODEL, budget=4000).complete(
        Session(MODEL, text), 10_000, least=1e-6, spaced=False
    )
    words = {}
    for completion in completions:
        word = typed + completion.text
        key = word.casefold() if fold else word
        words[key] = words.get(key, 0.0) + completion.probability
    ranked = sorted(words, key=lambda key: -words[key])
    return [word for word in ranked if word not in exclude][:count]


@pytest.mark.parametrize(("text", "typed"), [("ab ", ""), ("b A", "A"), ("", ""), ("a b'", "b'")])
def test_spellings_share_a_slot_where_case_does_not_matter(text, typed):
    predictor = CompletionPredictor(Session(MODEL))
    suggested = predictor.suggest(text, 4, set())
    assert len({word.casefold() for word in suggested}) == len(suggested) == 4
    # the first words stand out; those behind may gain from spellings too rare to be looked for
    assert [w.casefold() for w in suggested[:2]] == _reference(text, typed, 2, (), fold=True)
    assert all(word.startswith(typed) for word in suggested)


def test_case_is_kept_apart_where_it_matters():
    predictor = CompletionPredictor(Session(MODEL), fold_case=False)
    assert predictor.suggest("ab ", 6, set()) == _reference("ab ", "", 6, (), fold=False)


def test_refused_words_make_room_for_the_next():
    predictor = CompletionPredictor(Session(MODEL))
    first = predictor.suggest("ab ", 3, set())
    longer = predictor.suggest("ab ", 6, set())
    assert longer[:3] == first
    rest = predictor.suggest("ab ", 3, [word.swapcase() for word in first])
    assert [word.casefold() for word in rest] == [word.casefold() for word in longer[3:]]


def test_nothing_unlikely_is_suggested():
    assert len(CompletionPredictor(Session(MODEL)).suggest("ab ", 100_000, ())) < 1 / LEAST


def test_a_simulation_runs_on_a_model():
    predictor = CompletionPredictor(Session(MODEL))
    result = simulate("aba ba' aa\nbb ab", predictor, RULES["presage"])
    assert result.tally.keystrokes < result.tally.characters
    assert len(result.seconds) >= result.tally.words
    again = simulate("aba ba' aa\nbb ab", CompletionPredictor(Session(MODEL)), RULES["presage"])
    assert again.tally == result.tally
