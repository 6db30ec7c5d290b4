import contextlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from charterm.engine.backend import State
from charterm.engine.language_model import LanguageModel, token_probabilities
from charterm.engine.session import BLOCK, BLOCKS, CHAINS, RECENT, Interrupted, Session, anchor_of
from tests.engine.models import random_model

MODEL = random_model()
LSTM = random_model(cell="lstm", layers=2)
ANY_TEXT = st.text(max_size=40) | st.text("\n abcde'-.", max_size=90)


def cold_state(model: LanguageModel, text: str, position: int, block: int = BLOCK) -> State:
    """The state that the context rule defines at ``position``, computed from nothing."""
    return model.advance(model.start, text[anchor_of(position, block) : position])


class EditedSession(RuleBasedStateMachine):
    """Any edits, with any block and interval: the state is that of the cold rule."""

    @initialize(
        text=ANY_TEXT,
        block=st.integers(1, 40),
        interval=st.integers(1, 50),
        lstm=st.booleans(),
    )
    def open(self, text: str, block: int, interval: int, lstm: bool) -> None:
        self.model = LSTM if lstm else MODEL
        self.session = Session(self.model, text, block=block, interval=interval)
        self.text, self.cursor = text, len(text)

    def _position(self, share: float) -> int:
        return round(share * len(self.text))

    @rule(text=ANY_TEXT)
    def insert(self, text: str) -> None:
        self.session.insert(text)
        self.text = self.text[: self.cursor] + text + self.text[self.cursor :]
        self.cursor += len(text)

    @rule(count=st.integers(1, 5))
    def backspace(self, count: int) -> None:
        self.session.backspace(count)
        start = max(0, self.cursor - count)
        self.text, self.cursor = self.text[:start] + self.text[self.cursor :], start

    @rule(count=st.integers(1, 5))
    def delete(self, count: int) -> None:
        self.session.delete(count)
        self.text = self.text[: self.cursor] + self.text[self.cursor + count :]

    @rule(one=st.floats(0, 1), other=st.floats(0, 1), text=ANY_TEXT)
    def replace(self, one: float, other: float, text: str) -> None:
        start, end = sorted((self._position(one), self._position(other)))
        self.session.replace(start, end, text)
        self.text = self.text[:start] + text + self.text[end:]
        self.cursor = start + len(text)

    @rule(share=st.floats(0, 1))
    def move(self, share: float) -> None:
        self.cursor = self._position(share)
        self.session.move(self.cursor)

    @rule(share=st.floats(0, 1), text=ANY_TEXT)
    def set_text(self, share: float, text: str) -> None:
        self.text = self.text[: self._position(share)] + text
        self.cursor = self._position(share)
        self.session.set_text(self.text, self.cursor)

    @rule(shares=st.tuples(st.floats(0, 1), st.floats(0, 1)))
    def expected(self, shares: tuple[float, float]) -> None:
        start, end = sorted(map(self._position, shares))
        anchor = self.session.anchor(start)
        tokens = self.model.alphabet.encode(self.text[start:end])
        state = self.model.advance(self.model.start, self.text[anchor:start])
        before = [self.model.backend.logits(state)]
        if len(tokens) > 1:
            before.append(self.model.backend.read(state, tokens[:-1])[0])
        cold = token_probabilities(self.model.alphabet, np.concatenate(before), tokens)
        found = self.session.expected(anchor, start, end)
        np.testing.assert_allclose(found, cold[: len(tokens)], rtol=1e-4)

    @rule()
    def prepare(self) -> None:
        self.session.prepare()

    @rule()
    def interrupt(self) -> None:
        answers = iter([False, True])
        with contextlib.suppress(Interrupted):
            self.session.state(lambda: next(answers, True))

    @rule()
    def go_on_in_a_fork(self) -> None:
        other = self.session
        self.session = other.fork()
        other.set_text("the other branch")
        other.state()

    @invariant()
    def equals_the_cold_rule(self) -> None:
        if not hasattr(self, "session"):
            return
        session = self.session
        assert session.text == self.text
        assert session.cursor == self.cursor
        expected = cold_state(self.model, self.text, self.cursor, session.block)
        assert np.abs(session.state() - expected).max() < 1e-5
        assert len(session._chains) <= CHAINS
        assert all(len(chain.recent) <= RECENT for chain in session._chains.values())


EditedSession.TestCase.settings = settings(max_examples=60, stateful_step_count=20, deadline=None)
TestEditedSession = EditedSession.TestCase


class CountingBackend:
    """Counts the tokens that are read."""

    def __init__(self, backend: object) -> None:
        self.backend = backend
        self.tokens = 0

    def __getattr__(self, name: str) -> object:
        return getattr(self.backend, name)

    def advance(self, state: object, tokens: np.ndarray) -> object:
        self.tokens += len(tokens)
        return self.backend.advance(state, tokens)  # type: ignore[attr-defined]


def counting_session(length: int, block: int = 64) -> tuple[Session, CountingBackend]:
    model = random_model()
    counter = CountingBackend(model.backend)
    object.__setattr__(model, "backend", counter)
    text = ("a bad cab " * (length // 10 + 1))[:length]
    session = Session(model, text, block=block)
    assert model.start is not None
    session.state()
    counter.tokens = 0
    return session, counter


def test_a_typed_character_is_one_step_and_a_deleted_one_is_none() -> None:
    session, counter = counting_session(150)
    for _ in range(10):
        session.insert("a")
        session.state()
    assert counter.tokens == 10
    for _ in range(10):
        session.backspace()
        session.state()
    assert counter.tokens == 10


def test_work_after_an_edit_is_bounded_in_a_long_text() -> None:
    session, counter = counting_session(100_000)
    for place in (50_000, 99_999, 3, 64 * 500 + 63):
        session.move(place)
        session.insert("bad")
        session.state()
        assert counter.tokens <= (BLOCKS + 1) * session.block + 3
        counter.tokens = 0


def test_moving_inside_the_kept_part_reads_less_than_an_interval() -> None:
    session, counter = counting_session(1000, block=256)
    for place in (999, 900, 800):
        session.move(place)
        session.state()
        assert counter.tokens < session.interval
        counter.tokens = 0


def test_prepared_typing_crosses_a_block_in_one_step() -> None:
    session, counter = counting_session(64 * (BLOCKS + 1) - 1)
    session.prepare()
    counter.tokens = 0
    session.insert("a")
    assert session.anchor(session.cursor - 1) != session.anchor(session.cursor)
    session.state()
    assert counter.tokens == 1


def test_an_interrupted_reading_goes_on_where_it_stopped() -> None:
    session, counter = counting_session(10)
    session.set_text("cab " * 30)
    pieces = 0
    while True:
        questions = iter([False, True])
        pieces += 1
        try:
            session.state(lambda questions=questions: next(questions))  # type: ignore[misc]
            break
        except Interrupted:
            continue
    assert pieces > 3
    assert counter.tokens == 120


def test_a_fork_does_not_follow() -> None:
    session = Session(MODEL, "a bad")
    branch = session.fork()
    session.insert(" cab")
    assert (branch.text, branch.cursor) == ("a bad", 5)
    branch.insert("e")
    assert np.abs(session.state() - cold_state(MODEL, "a bad cab", 9)).max() < 1e-5
    assert np.abs(branch.state() - cold_state(MODEL, "a bade", 6)).max() < 1e-5


@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=30))
def test_setting_a_text_is_as_opening_it(same: str, one: str, other: str) -> None:
    session = Session(MODEL, same + one)
    session.state()
    session.set_text(same + other)
    expected = cold_state(MODEL, same + other, len(same + other))
    assert np.abs(session.state() - expected).max() < 1e-5


@pytest.mark.parametrize("bad", [(3, 2), (-1, 2), (0, 99)])
def test_a_range_outside_of_the_text_is_refused(bad: tuple[int, int]) -> None:
    session = Session(MODEL, "a bad")
    with pytest.raises(ValueError, match="replace"):
        session.replace(*bad, "x")
    with pytest.raises(ValueError, match="cursor"):
        session.move(6)
    with pytest.raises(ValueError, match="block"):
        Session(MODEL, block=0)
    assert session.text == "a bad"
