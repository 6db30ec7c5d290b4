"""What was typed, deleted and moved in between leaves no trace: incremental equals cold."""

from contextlib import suppress
from itertools import count

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from charterm.adaptation.adapter import Adapter, Own
from charterm.adaptation.memory import Memory
from charterm.adaptation.private import NeverLearn
from charterm.engine.completion import Completer, Completion
from charterm.engine.language_model import LanguageModel
from charterm.engine.session import Interrupted, Session
from charterm.model.word_finding import END
from tests.engine.models import random_model

MODEL = random_model("\n abcde'-.", hidden=8)
OTHER = "a cab\nbad cab, abba\n"


def adapted_session(
    text: str = "", cursor: int | None = None, *, model: LanguageModel = MODEL, block: int = 12
) -> Session:
    memory = Memory(model.alphabet)
    memory.change(model.alphabet.encode(OTHER).tolist(), 1)
    session = Session(model, text, cursor=cursor, block=block, interval=3)
    session.adaptation = Adapter(memory, NeverLearn(["dad"]))
    return session


def distribution(session: Session) -> np.ndarray:
    adapted = session.adaptation.follow(session, lambda: False)
    row = session.model.probabilities(session.state())
    adapted.adapt(row, [adapted.context])
    return row[0]


edits = st.lists(
    st.one_of(
        st.tuples(st.just("type"), st.text("abcd \n'.é", min_size=1, max_size=6)),
        st.tuples(st.just("backspace"), st.integers(1, 7)),
        st.tuples(st.just("move"), st.integers(0, 60)),
        st.tuples(st.just("delete"), st.integers(1, 5)),
        st.tuples(st.just("predict"), st.none()),
    ),
    max_size=24,
)


@settings(max_examples=150, deadline=None)
@given(edits)
@example([("type", "\na"), ("move", 0), ("type", " a")])
def test_any_edits_predict_what_a_cold_run_predicts(changes: list[tuple[str, object]]) -> None:
    session = adapted_session()
    for kind, value in changes:
        if kind == "type":
            for character in value:
                session.insert(character)
                distribution(session)
        elif kind == "backspace":
            session.backspace(value)
        elif kind == "delete":
            session.delete(value)
        elif kind == "move":
            session.move(min(value, len(session.text)))
        else:
            distribution(session)
    cold = adapted_session(session.text, session.cursor)
    np.testing.assert_allclose(distribution(session), distribution(cold), rtol=2e-4, atol=1e-7)


def test_a_text_that_did_not_change_is_followed_once() -> None:
    session = adapted_session("a bad cab")
    first = session.adaptation.follow(session)
    assert session.adaptation.follow(session) is first
    session.move(4)
    moved = session.adaptation.follow(session)
    assert moved is not first
    session.adaptation.memory.change(MODEL.alphabet.encode("dab\n").tolist(), 1)
    assert session.adaptation.follow(session) is not moved


def test_what_a_search_tells_of_the_typed_characters_is_what_reading_them_tells() -> None:
    session, completer = adapted_session("a "), Completer(MODEL)
    completer.complete(session)
    for character in "bad":
        session.insert(character)
        completer.complete(session)
    known = session._chains[0].expected
    assert set(known) >= {2, 3, 4}
    cold = Session(MODEL, session.text, block=12).expected(0, 0, 5)
    for place, probability in known.items():
        assert probability == pytest.approx(cold[place], rel=1e-4)


def test_a_name_is_offered_after_it_was_typed_and_gone_when_it_is_deleted() -> None:
    model = random_model("\n abcdefghijklmnopqrstuvwxyzZ", hidden=8)
    session = adapted_session(model=model, block=64)
    completer = Completer(model)

    def offered() -> list[str]:
        return [c.text for c in completer.complete(session, 3, least=1e-9)]

    session.insert("the old Zorblax and Zorblax or Zorblax so the Zor")
    before = session.text
    assert "blax" in offered()
    session.set_text("the Zor")
    assert "blax" not in offered()
    session.set_text(before)
    assert "blax" in offered()


def test_a_name_written_three_times_is_offered_first_at_its_first_letter() -> None:
    model = random_model("\n abcdefghijklmnopqrstuvwxyzZ", hidden=8)
    session = adapted_session(model=model, block=64)
    session.insert("a Zorblax so Zorblax or Zorblax to Z")
    found = Completer(model).complete(session, 3, words=2)
    assert found[0].text == "orblax"
    assert 0.1 < found[0].probability <= 1.0
    session.set_text("a Z")
    assert "orblax" not in [each.text for each in Completer(model).complete(session, 3)]


def test_adapted_completions_are_those_of_a_new_search() -> None:
    session = adapted_session("abba cab abba cab abba c")
    completer = Completer(MODEL)
    kept = []
    for character in "ab abba ca":
        completer.complete(session, 4, least=1e-6)
        session.insert(character)
        kept = completer.complete(session, 4, least=1e-6)
    fresh = Completer(MODEL).complete(adapted_session(session.text), 4, least=1e-6)
    assert [c.text for c in kept] == [c.text for c in fresh]
    np.testing.assert_allclose(
        [c.probability for c in kept], [c.probability for c in fresh], rtol=1e-4
    )


moments = st.tuples(
    st.sampled_from(["", "abba\n", "abba cab\nabba\n", "deed deed\n"]),  # written earlier
    st.sampled_from(["", "deed. ", "a dab. "]),  # by another hand
    st.text("abcde \n", max_size=12),
    st.one_of(st.none(), st.integers(0, 4)),  # when the search is overtaken
)


@settings(max_examples=150, deadline=None)
@given(st.lists(moments, min_size=1, max_size=8))
@example([("", "deed. ", "aaaa  ", None), ("abba\n", "deed. ", "", None)])
def test_a_story_that_changes_in_mid_search_leaves_no_trace(
    changes: list[tuple[str, str, str, int | None]],
) -> None:
    session, completer = adapted_session(), Completer(MODEL)

    def look(session: Session, completer: Completer, patience: int | None) -> list[Completion]:
        asked = count()
        with suppress(Interrupted):
            return completer.complete(
                session,
                3,
                least=1e-6,
                should_stop=lambda: patience is not None and next(asked) >= patience,
            )
        return []

    def tell(session: Session, earlier: str, foreign: str, text: str) -> None:
        session.set_text(foreign + text)
        session.adaptation.own = Own(len(foreign), earlier)

    for earlier, foreign, text, patience in changes:
        tell(session, earlier, foreign, text)
        look(session, completer, patience)
    cold = adapted_session()
    tell(cold, *changes[-1][:3])
    kept = look(session, completer, None)
    fresh = look(cold, Completer(MODEL), None)
    assert [c.text for c in kept] == [c.text for c in fresh]
    np.testing.assert_allclose(
        [c.probability for c in kept], [c.probability for c in fresh], rtol=1e-4
    )


def test_one_completer_goes_from_one_text_of_a_memory_to_another() -> None:
    memory = Memory(MODEL.alphabet)
    session, completer = Session(MODEL, "c"), Completer(MODEL)
    for earlier in ("cabba cabba cabba\n", "cede cede cede\n"):
        adapter = session.adaptation = Adapter(memory, NeverLearn())
        adapter.own = Own(0, earlier)
        kept = completer.complete(session, 3, least=1e-6)
        fresh = Completer(MODEL).complete(session, 3, least=1e-6)
        assert [c.text for c in kept] == [c.text for c in fresh]
        assert [c.probability for c in kept] == pytest.approx([c.probability for c in fresh])


def test_adaptation_can_be_switched_off_and_on_in_mid_search() -> None:
    session = adapted_session("abba cab abba c")
    completer = Completer(MODEL)
    with_memory = completer.complete(session, 3, least=1e-6)
    adaptation, session.adaptation = session.adaptation, None
    plain = completer.complete(session, 3, least=1e-6)
    assert plain == Completer(MODEL).complete(Session(MODEL, session.text, block=12), 3, least=1e-6)
    session.adaptation = adaptation
    assert completer.complete(session, 3, least=1e-6) == with_memory


@pytest.mark.parametrize("text", ["", "ab", "é", "ab é é é c", "aé\nbé"])
def test_distributions_sum_to_one_and_allow_only_valid_text(text: str) -> None:
    session = adapted_session(text + " é é é ")
    for character in "é":
        for token in MODEL.alphabet.encode(character).tolist():
            adapted = session.adaptation.follow(session, lambda: False)
            context = adapted.extend(adapted.context, token)
            row = MODEL.probabilities(session.state(), bytes([0xC3]))
            adapted.adapt(row, [context])
            assert row.sum() == pytest.approx(1.0, abs=1e-5)
            assert not row[0, 256:].any()
            break
    assert distribution(session).sum() == pytest.approx(1.0, abs=1e-5)


def test_the_gates_look_at_the_writers_own_part_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    session = adapted_session("what xyz wrote. a cab ", block=64)
    adapter = session.adaptation
    assert isinstance(adapter, Adapter)
    adapter.own = Own(16, "bad cab\nabba\n")
    looked: list[tuple[int, int, int]] = []
    expected = Session.expected

    def noted(session: Session, anchor: int, start: int, end: int, *rest: object) -> np.ndarray:
        looked.append((anchor, start, end))
        return expected(session, anchor, start, end, *rest)

    monkeypatch.setattr(Session, "expected", noted)
    distribution(session)
    assert looked == [(0, 16, 22)]
    assert adapter.document.text == "bad cab\nabba\na cab "
    assert adapter.document.pieces == ["\nbad cab\n", "\nabba\n", "\na cab "]


def test_a_word_in_another_script_is_completed_by_what_the_user_wrote() -> None:
    session = adapted_session("안")
    adapter = session.adaptation
    assert isinstance(adapter, Adapter)
    assert Completer(MODEL).complete(session, 5) == []
    adapter.memory.words.change([(END, "안녕")], 3)
    assert [found.text for found in Completer(MODEL).complete(session, 5)] == ["녕"]
