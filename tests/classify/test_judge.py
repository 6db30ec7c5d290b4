import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from charterm.classify.judge import JudgeSession
from charterm.classify.pooling import softmax

from .samples import trained

TEXT = st.text(st.sampled_from("warm cold\n한👍"), max_size=90)


def _close(one: JudgeSession, other: JudgeSession) -> None:
    first, second = one.judgement, other.judgement
    np.testing.assert_allclose(first.probabilities, second.probabilities, atol=1e-5)
    np.testing.assert_allclose(first.heat, second.heat, atol=1e-4)


@settings(max_examples=25)
@given(st.lists(st.tuples(st.integers(0, 100), st.integers(0, 30), TEXT), max_size=5))
def test_edits_leave_what_a_fresh_reading_finds(edits: list[tuple[int, int, str]]) -> None:
    session = JudgeSession(trained())
    for place, gone, typed in edits:
        start = min(place, len(session.text))
        session.delete(start, start + gone)
        session.insert(start, typed)
    _close(session, JudgeSession(trained(), session.text))


@pytest.mark.parametrize(
    "methods", ["likelihood,state,nbsvm,ngrams", "likelihood", "state", "nbsvm"]
)
def test_the_heat_adds_up_to_the_judgement(methods: str) -> None:
    classifier = trained(methods=methods)
    text = "the warm rain of 한 day"
    judgement = JudgeSession(classifier, text).judgement
    assert judgement.heat.shape == (len(text), 3)
    assert np.abs(judgement.heat.sum(1)).max() < 1e-5
    logits = judgement.before + judgement.heat.sum(0)
    np.testing.assert_allclose(softmax(logits), judgement.probabilities, atol=1e-6)
    alone = classifier.probabilities([text])[0]
    np.testing.assert_allclose(judgement.probabilities, alone, atol=1e-5)
    assert set(judgement.by_method) == set(methods.split(","))
    for chances in judgement.by_method.values():
        assert chances.sum() == pytest.approx(1.0)


def test_what_speaks_for_a_class_is_hot() -> None:
    text = "the warm of the sun"
    judgement = JudgeSession(trained(), text).judgement
    assert judgement.winner == "fair"
    heat = judgement.heat[:, 0]
    warm = heat[text.index("warm") : text.index("warm") + 4].sum()
    assert warm > heat[:3].sum()
    assert warm > 0


def test_an_empty_text_has_the_prior() -> None:
    classifier = trained()
    session = JudgeSession(classifier)
    assert session.judgement.probabilities.tolist() == classifier.prior.tolist()
    session.set_text("warm")
    assert session.judgement.probabilities.tolist() != classifier.prior.tolist()
    session.set_text("")
    assert session.judgement.probabilities.tolist() == classifier.prior.tolist()
    assert session.judgement.heat.shape == (0, 3)


def test_a_key_at_the_end_reads_one_character(monkeypatch: pytest.MonkeyPatch) -> None:
    session = JudgeSession(trained(), "x" * 200)
    read: list[str] = []
    original = type(session._stream).read

    def counted(self, place, character):  # type: ignore[no-untyped-def]
        read.append(character)
        return original(self, place, character)

    monkeypatch.setattr(type(session._stream), "read", counted)
    session.set_text(session.text + "y")
    assert read == ["y"]
    session.set_text(session.text[:-1])
    assert read == ["y"]
    session.insert(100, "z")  # from the place kept at 64
    assert len(read) - 1 == 201 - 64
