import queue

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from charterm.tui.predictor import (
    LettersUnknown,
    Measured,
    ModelFailed,
    ModelReady,
    Predicted,
    Predictor,
    Report,
    Request,
    typed_length,
)
from tests.tui.models import WORDS, save_word_model


class Answers:
    """A predictor and what it reports."""

    def __init__(self) -> None:
        self.queue: queue.Queue[Report] = queue.Queue()
        self.predictor = Predictor(self.queue.put)

    def next(self, kind: type[Report]) -> Report:
        while True:
            report = self.queue.get(timeout=60)
            if isinstance(report, kind):
                return report

    def prediction(self) -> Predicted:
        while True:
            report = self.next(Predicted)
            assert isinstance(report, Predicted)
            if report.suggestions is not None:
                return report


@pytest.fixture
def answers(own_folders: object) -> object:
    made = Answers()
    yield made
    made.predictor.close(timeout=30)
    assert not made.predictor._thread.is_alive()


def test_a_request_made_before_the_model_is_loaded_is_answered(answers: Answers) -> None:
    save_word_model()
    answers.predictor.request(Request(7, "", 0))
    answers.predictor.use("english")
    ready = answers.next(ModelReady)
    assert isinstance(ready, ModelReady)
    assert (ready.name, ready.shape) == ("english", "GRU 1×" + ready.shape.split("×")[1])
    predicted = answers.prediction()
    assert predicted.version == 7
    assert [character for character, _ in predicted.characters[:3]] == ["b", "c", "안"]
    found = {found.text: found.probability for found in predicted.suggestions or ()}
    assert found.keys() == WORDS.keys()
    assert found["cloud"] == pytest.approx(WORDS["cloud"], rel=0.1)


def test_only_the_latest_request_counts(answers: Answers) -> None:
    save_word_model()
    answers.predictor.use("english")
    text = ""
    for version in range(200):
        text += "bright "[version % 7]
        answers.predictor.request(Request(version, text, len(text)))
    seen: list[int] = []
    while not seen or seen[-1] != 199:
        seen.append(answers.prediction().version)
    assert seen == sorted(seen)


def test_typed_characters_are_measured_and_pasted_ones_are_not(answers: Answers) -> None:
    save_word_model()
    answers.predictor.use("english")
    predictor = answers.predictor
    predictor.request(Request(1, "", 0))
    answers.prediction()
    predictor.request(Request(2, "c", 1))
    measured = answers.next(Measured)
    assert isinstance(measured, Measured)
    assert measured.characters == 1
    assert measured.bits == pytest.approx(-np.log2(WORDS["cloud"]), rel=0.1)
    answers.prediction()
    predictor.request(Request(3, "cloud ", 6, measure=False))
    answers.prediction()
    predictor.request(Request(4, "cloud b", 7))
    measured = answers.next(Measured)
    assert isinstance(measured, Measured)
    assert measured.characters == 1


def test_a_paste_that_was_overtaken_is_still_not_measured() -> None:
    predictor = Predictor(lambda report: None)
    predictor.request(Request(1, "pasted", 6, measure=False))
    predictor.request(Request(2, "pasted!", 7))
    assert predictor._request is not None
    assert not predictor._request.measure


def test_a_missing_model_is_told_in_one_line(answers: Answers) -> None:
    answers.predictor.use("nonsense")
    failed = answers.next(ModelFailed)
    assert isinstance(failed, ModelFailed)
    assert "nonsense" in failed.reason
    assert "\n" not in failed.reason


def test_the_other_model_predicts_after_a_change(answers: Answers) -> None:
    save_word_model()
    save_word_model(name="second")
    answers.predictor.use("english")
    answers.predictor.request(Request(1, "bri", 3))
    answers.prediction()
    answers.predictor.use("second")
    ready = answers.next(ModelReady)
    assert isinstance(ready, ModelReady)
    assert ready.name == "second"
    again = answers.prediction()  # of the same text, without a new request
    assert [suggestion.text for suggestion in again.suggestions or ()] == ["ght"]


@given(st.text(max_size=8), st.text(max_size=8), st.text(max_size=8))
def test_typed_length_finds_an_insertion(before: str, typed: str, after: str) -> None:
    old, new = before + after, before + typed + after
    assert typed_length(old, new, len(before + typed)) == len(typed)


@given(st.text(max_size=8), st.text(max_size=8), st.integers(0, 8))
def test_typed_length_finds_nothing_else(old: str, new: str, cursor: int) -> None:
    cursor = min(cursor, len(new))
    count = typed_length(old, new, cursor)
    if count:
        assert new[: cursor - count] + new[cursor:] == old


def test_characters_do_not_wait_for_a_search_that_takes_long(answers: Answers) -> None:
    save_word_model()
    answers.predictor._search_milliseconds = 1000.0  # the last one did
    answers.predictor.use("english")
    answers.predictor.request(Request(1, "bri", 3))
    first, second = answers.next(Predicted), answers.next(Predicted)
    assert isinstance(first, Predicted)
    assert isinstance(second, Predicted)
    assert first.suggestions is None
    assert first.characters == second.characters
    assert second.suggestions


def test_unknown_letters_are_told_once_with_a_model_that_knows_them(answers: Answers) -> None:
    save_word_model()
    text = "오늘은 날씨가 좋다"
    answers.predictor.request(Request(1, text, len(text)))
    answers.predictor.use("english")
    assert answers.next(LettersUnknown) == LettersUnknown("english", "korean")
    answers.predictor.request(Request(2, text + " 좋다", len(text) + 3))
    assert answers.prediction().version == 2
    answers.predictor.request(Request(3, "bright", 6))
    assert answers.prediction().version == 3
    assert not any(isinstance(told, LettersUnknown) for told in answers.queue.queue)
