"""The thread under the predictor and the judge, with work that the tests hold up and let go."""

import queue
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charterm.errors import ChartermError
from charterm.tui.answerer import Answerer

PATIENCE = 30


class Held(Answerer[str]):
    """Answers "NAME: REQUEST"; a request that begins with "hold" waits to be let go."""

    def __init__(self, rest: float | None = None) -> None:
        super().__init__("held", subject="thing")
        self.told: queue.Queue[str] = queue.Queue()
        self.held = threading.Event()
        self.let_go = threading.Event()
        self.rest = rest
        self.name = "nothing"

    def _load(self, name: str) -> None:
        if name == "absent":
            raise ChartermError("there is no such thing: see what there is")
        if name == "broken":
            raise ValueError("bad bytes")
        self.name = name
        self.told.put(f"loaded {name}")

    def _answer(self, asked: str) -> None:
        if asked.startswith("hold"):
            self.held.set()
            assert self.let_go.wait(PATIENCE)
        if asked.endswith("until overtaken"):
            while not self._overtaken():
                threading.Event().wait(0.001)
            return
        if asked.startswith("fail"):
            raise ZeroDivisionError("of a defect")
        if asked.startswith("refuse"):
            raise ChartermError("shorten the text")
        self.told.put(f"{self.name}: {asked}")

    def _tell_unusable(self, name: str, reason: str) -> None:
        self.told.put(f"{name} is unusable: {reason}")

    def _tell_failed(self, reason: str) -> None:
        self.told.put(f"failed: {reason}")

    def _merged(self, waiting: str, asked: str) -> str:
        return asked + ("!" if waiting.endswith("!") else "")

    def _seconds_to_rest(self) -> float | None:
        return self.rest

    def _use_rest(self) -> None:
        self.rest = None
        self.told.put("rested")

    def _end(self) -> None:
        self.told.put("end")

    def hear(self) -> str:
        return self.told.get(timeout=PATIENCE)

    def rest_of_it(self) -> list[str]:
        """All that is told from now to the end of the thread."""
        self.close(PATIENCE)
        assert not self._thread.is_alive()
        heard = []
        while not self.told.empty():
            heard.append(self.told.get())
        return heard


@pytest.fixture
def thread() -> Iterator[Held]:
    made = Held()
    yield made
    made.let_go.set()
    made.close(PATIENCE)
    assert not made._thread.is_alive()


def loaded(thread: Held) -> Held:
    thread.use("one")
    assert thread.hear() == "loaded one"
    return thread


def test_a_request_before_the_loading_is_answered_after_it(thread: Held) -> None:
    thread.request("early")
    assert thread.told.empty()
    thread.use("one")
    assert [thread.hear(), thread.hear()] == ["loaded one", "one: early"]


def test_of_the_requests_that_wait_only_the_newest_is_answered(thread: Held) -> None:
    loaded(thread).request("hold")
    assert thread.held.wait(PATIENCE)
    for number in range(100):
        thread.request(str(number))
    thread.let_go.set()
    assert [thread.hear(), thread.hear()] == ["one: hold", "one: 99"]
    assert thread.rest_of_it() == ["end"]


def test_a_newer_request_stops_the_answer_that_is_being_made(thread: Held) -> None:
    thread.let_go.set()
    loaded(thread).request("hold until overtaken")
    assert thread.held.wait(PATIENCE)
    thread.request("newer")
    assert thread.hear() == "one: newer"


@pytest.mark.parametrize("other", ["use", "errand", "close"])
def test_so_does_everything_else_that_is_wanted(thread: Held, other: str) -> None:
    thread.let_go.set()
    loaded(thread).request("hold until overtaken")
    assert thread.held.wait(PATIENCE)
    match other:
        case "use":
            thread.use("two")
            assert thread.hear() == "loaded two"
        case "errand":
            thread.run_between(lambda: thread.told.put("errand"))
            assert thread.hear() == "errand"
    assert thread.rest_of_it() == ["end"]


def test_a_subclass_says_what_becomes_of_a_request_that_waits(thread: Held) -> None:
    loaded(thread).request("hold")
    assert thread.held.wait(PATIENCE)
    for asked in ("a!", "b", "c"):
        thread.request(asked)
    thread.let_go.set()
    assert [thread.hear(), thread.hear()] == ["one: hold", "one: c!"]


def test_the_last_request_is_answered_again_by_what_is_loaded_next(thread: Held) -> None:
    loaded(thread).request("text")
    assert thread.hear() == "one: text"
    thread.use("two")
    assert [thread.hear(), thread.hear()] == ["loaded two", "two: text"]


def test_of_several_choices_that_wait_only_the_last_is_loaded(thread: Held) -> None:
    loaded(thread).request("hold")
    assert thread.held.wait(PATIENCE)
    thread.use("two")
    thread.use("three")
    thread.let_go.set()
    assert [thread.hear() for _ in range(3)] == ["one: hold", "loaded three", "three: hold"]


def test_errands_are_all_done_in_their_order_before_one_answer(thread: Held) -> None:
    loaded(thread).request("hold")
    assert thread.held.wait(PATIENCE)
    for number in range(5):
        thread.run_between(lambda number=number: thread.told.put(f"errand {number}"))
    thread.let_go.set()
    assert thread.hear() == "one: hold"
    assert [thread.hear() for _ in range(5)] == [f"errand {number}" for number in range(5)]
    assert thread.hear() == "one: hold"
    assert thread.rest_of_it() == ["end"]


def test_what_is_not_there_and_what_is_broken_are_told_and_the_former_stays(thread: Held) -> None:
    loaded(thread).request("text")
    assert thread.hear() == "one: text"
    thread.use("absent")
    assert thread.hear() == "absent is unusable: there is no such thing: see what there is"
    assert thread.hear() == "one: text"
    thread.use("broken")
    said = "broken is unusable: the thing broken does not load: ValueError('bad bytes')"
    assert thread.hear() == said


def test_an_error_of_an_answer_or_an_errand_is_told_and_the_thread_goes_on(thread: Held) -> None:
    loaded(thread).request("fail")
    assert thread.hear() == "failed: ZeroDivisionError('of a defect')"
    thread.request("refuse")
    assert thread.hear() == "failed: shorten the text"
    thread.run_between(lambda: [].pop())
    assert thread.hear() == "failed: IndexError('pop from empty list')"
    assert thread.hear() == "failed: shorten the text"  # answered anew
    thread.request("fine")
    assert thread.hear() == "one: fine"


def test_a_rest_is_used_once_it_was_long_enough() -> None:
    thread = loaded(Held(rest=0.01))
    assert thread.hear() == "rested"
    assert thread.rest_of_it() == ["end"]  # and not again: nothing more can wait


def test_a_rest_is_not_used_while_something_is_asked() -> None:
    thread = loaded(Held(rest=PATIENCE))
    thread.request("text")
    assert thread.hear() == "one: text"
    assert thread.rest_of_it() == ["end"]


def test_waiting_ends_at_a_request_and_is_a_rest_without_one() -> None:
    thread = Held()
    assert thread._rests(0.001)
    thread.request("waits")
    assert not thread._rests(PATIENCE)


def test_closing_ends_the_thread_while_it_is_asked(thread: Held) -> None:
    loaded(thread)
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            thread.request("again")

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        thread.close(PATIENCE)
        assert not thread._thread.is_alive()
    finally:
        stop.set()
        asking.join()


def test_one_that_never_began_is_closed_and_does_not_begin_then() -> None:
    thread = Held()
    thread.close(PATIENCE)
    thread.use("one")
    assert not thread._thread.is_alive()
    assert thread.told.empty()


@given(st.lists(st.sampled_from(["ask", "use", "errand"]), min_size=1, max_size=30))
def test_whatever_is_asked_the_last_answer_is_of_the_last_request_and_choice(
    wishes: list[str],
) -> None:
    thread = loaded(Held())
    thread.request("0")
    request, name = "0", "one"
    for number, wish in enumerate(wishes, 1):
        match wish:
            case "ask":
                request = str(number)
                thread.request(request)
            case "use":
                name = f"of {number}"
                thread.use(name)
            case "errand":
                thread.run_between(lambda number=number: thread.told.put(f"errand {number}"))
    done = threading.Event()
    thread.run_between(done.set)
    assert done.wait(PATIENCE)
    heard = []
    while not heard or heard[-1] != f"{name}: {request}":
        heard.append(thread.hear())
    heard += thread.rest_of_it()
    errands = [f"errand {number}" for number, wish in enumerate(wishes, 1) if wish == "errand"]
    assert [said for said in heard if said.startswith("errand")] == errands
    answered = [int(said.split(": ")[1]) for said in heard if ": " in said]
    assert answered == sorted(answered)
    assert answered[-1] == int(request)
