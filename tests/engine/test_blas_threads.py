import itertools

import pytest

from charterm.engine import blas_threads as module
from charterm.engine.blas_threads import KNOWN, PAUSES, BlasThreads


class Machine:
    """A clock and a machine on which a call takes one second, or ``parallel`` on two threads."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        self.threads = 0
        self.parallel = 0.6
        monkeypatch.setattr(module.time, "perf_counter", lambda: self.now)

    def set_threads(self, count: int) -> None:
        self.threads = count

    def call(self) -> None:
        self.now += 1.0 if self.threads == 1 else self.parallel

    def work(self, threads: BlasThreads, times: int = 1) -> None:
        for _ in range(times):
            begin = self.now
            self.call()
            threads.judge(self.now - begin, 1.0, self.call)


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
    machine.work(threads, 50)
    assert machine.threads == 2


def test_a_machine_that_becomes_busy_loses_it_and_gets_it_back(machine: Machine) -> None:
    threads = BlasThreads([machine.set_threads], 2)
    machine.work(threads, 20)
    machine.parallel = 100.0
    machine.work(threads)
    assert machine.threads == 1
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


def test_calls_are_compared_with_those_of_their_kind(machine: Machine) -> None:
    threads = BlasThreads([machine.set_threads], 2)
    threads.alone(machine.call)
    for kind, taken in ((1, 1.0), (8, 9.0)):
        for _ in range(KNOWN - 1):
            threads.judge(taken, 1.0, machine.call, kind)
    threads.judge(9.0, 1.0, machine.call, 8)
    assert threads.parallel
    for _ in range(100):
        threads.judge(5.0, 1.0, machine.call, 8)
    assert threads.parallel
    for _ in range(100):
        threads.judge(1.4, 1.0, machine.call, 5)  # of a kind that was not seen before
    assert threads.parallel
    calls = 0
    while threads.parallel:
        threads.judge(5.0, 1.0, machine.call, 1)
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
