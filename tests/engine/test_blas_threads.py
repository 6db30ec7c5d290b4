import itertools

import pytest

from charterm.engine import blas_threads as module
from charterm.engine.blas_threads import EVERY, KNOWN, PAUSES, BlasThreads


class Machine:
    """A clock and a machine on which a call takes a second, or ``parallel`` on two threads.

    Attributes:
        pace: how many times as long everything takes, because of what else runs there.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        self.threads = 0
        self.parallel = 0.6
        self.pace = 1.0
        monkeypatch.setattr(module.time, "perf_counter", lambda: self.now)

    def set_threads(self, count: int) -> None:
        self.threads = count

    def call(self) -> None:
        self.now += self.pace * (1.0 if self.threads == 1 else self.parallel)

    def work(
        self, threads: BlasThreads, times: int = 1, kind: int = 1, alone: float = 1.0
    ) -> list[int]:
        """Calls of a kind that takes ``kind`` seconds; on how many threads each ran."""
        used = []
        for _ in range(times):
            begin = self.now
            used.append(self.threads)
            for _ in range(kind):
                self.call()
            threads.judge(self.now - begin, alone, self.call, kind)
        return used


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(monkeypatch)


def test_an_idle_machine_gets_the_second_thread(machine: Machine) -> None:
    threads = BlasThreads([machine.set_threads], 2)
    assert machine.threads == 1
    assert threads.alone(machine.call) == 1.0
    machine.work(threads, KNOWN - 1)
    assert machine.threads == 1
    machine.work(threads)
    assert machine.threads == 2
    used = machine.work(threads, 50 * (EVERY + 1))
    assert threads.parallel
    assert used.count(1) == 50  # to be compared with


def test_a_machine_that_becomes_busy_loses_it_and_gets_it_back(machine: Machine) -> None:
    threads = BlasThreads([machine.set_threads], 2)
    machine.work(threads, 20)
    machine.parallel = 100.0
    assert machine.work(threads, 5).count(2) <= 3
    assert machine.threads == 1
    assert not threads.parallel
    machine.parallel = 0.6
    machine.now += PAUSES[1]
    machine.work(threads)
    assert machine.threads == 2


def test_slow_calls_among_good_ones_are_forgiven_while_it_is_worth_it(machine: Machine) -> None:
    threads = BlasThreads([machine.set_threads], 2)
    machine.work(threads, KNOWN)
    for _ in range(20):
        machine.parallel = 2.0
        machine.work(threads)
        machine.parallel = 0.6
        machine.work(threads, 5)
    assert threads.parallel
    machine.parallel = 1.1  # not much slower, but slower
    calls = 0
    while threads.parallel:
        machine.work(threads)
        calls += 1
    assert 5 < calls < 100


def test_one_call_that_waits_does_not_turn_it_off(machine: Machine) -> None:
    threads = BlasThreads([machine.set_threads], 2)
    machine.work(threads, KNOWN)
    for _ in range(20):
        machine.parallel = 100.0
        machine.work(threads)
        machine.parallel = 0.6
        machine.work(threads, 80)
    assert threads.parallel


def test_a_machine_that_slows_down_as_a_whole_keeps_it(machine: Machine) -> None:
    threads = BlasThreads([machine.set_threads], 2)
    machine.work(threads, 2 * KNOWN)
    assert threads.parallel
    for pace in range(10, 40):  # to three times as long, on one thread as on two
        machine.pace = pace / 10
        machine.work(threads, EVERY)
    machine.work(threads, 500)
    assert threads.parallel


def test_calls_are_compared_with_those_of_their_kind(machine: Machine) -> None:
    threads = BlasThreads([machine.set_threads], 2)
    machine.parallel = 0.9
    machine.work(threads, KNOWN - 1, kind=1)
    machine.work(threads, KNOWN, kind=8)
    assert threads.parallel
    for kind in (8, 1):
        machine.work(threads, 100, kind=kind)
        assert threads.parallel
    machine.work(threads, 100, kind=5, alone=5.0)  # of a kind that was not seen before
    assert threads.parallel
    machine.parallel = 5.0
    calls = 0
    while threads.parallel:
        machine.work(threads, kind=1)
        calls += 1
    assert calls < 10


def test_a_busy_machine_is_probed_ever_more_seldom(machine: Machine) -> None:
    threads = BlasThreads([machine.set_threads], 2)
    machine.work(threads, KNOWN - 1)
    machine.parallel = 3.0
    probes = []
    for _ in range(300):
        machine.set_threads(1)
        before = machine.now
        machine.work(threads)
        if machine.now - before > 4.0:
            probes.append(before)
        assert machine.threads == 1
    gaps = [later - earlier for earlier, later in itertools.pairwise(probes)]
    assert gaps[0] < gaps[-1]
    assert gaps[-1] >= PAUSES[1]


def test_a_single_core_never_gets_a_second_thread(machine: Machine) -> None:
    threads = BlasThreads([machine.set_threads], 1)
    machine.now += 100.0
    machine.work(threads, 10)
    assert machine.threads == 1
