"""How many threads NumPy's linear algebra uses: two while the machine has time, else one.

On an idle machine a second thread nearly halves a step (measured: GRU 1×512 from 67 to 37 µs). But
the threads meet at the end of each product, so that on a machine that is busy with a training run
one waits for the other to get its turn: a step then takes a hundred times longer. So calls with the
second thread are compared with those of the same kind without, and it is turned off for a while
when they are not quicker on average. A single slow call does not say much: the second thread
sleeps after a pause, and has to be woken. Nor do calls of another minute: what else runs on the
machine may take a third of its speed. So every few calls one goes without the second thread.
"""

import os
import threading
import time
from collections.abc import Callable, Hashable
from functools import cache
from typing import Any, Final

from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

MOST: Final = 2
"""More threads gain little on matrices of a few megabytes, and cost the rest of the machine."""

KNOWN: Final = 4
"""Calls of a kind on one thread from which on it is known how long they take."""

USUAL: Final = 1.0 / 32.0
"""Weight of a call in the mean time of its kind, and in what the second thread is worth."""

EVERY: Final = 32
"""While the second thread is in use, one call after so many goes without it, to compare with."""

NOW: Final = 1.0 / 8.0
"""Weight of such a call in how fast the machine is now."""

OUTLIER: Final = 6.0
"""A call counts as at most so many times as long as it is expected to take: one that had to wait is
not enough to turn the second thread off, the second one soon after it is."""

SLOW: Final = 1.5
"""About how many times as long as its products a call takes at most whose kind is not known, and
GRACE more."""

GRACE: Final = 100e-6
"""Seconds: an interrupt, a cache that was cold."""

HOPED: Final = 0.8
"""What is taken for the time with the second thread, relative to without, when it is turned on."""

PAUSES: Final = (0.25, 4.0)
"""Seconds for which it stays off: the first time, doubled each time, and at most. TRUSTED good
calls bring back the first."""

STALLED: Final = 10.0
"""A probe that takes so many times as long is the last one."""

TRUSTED: Final = 500

PROBES: Final = 5
"""Calls with the second thread that must not take longer by their median than one without, or
MARGIN times as long at most, before it is used (again)."""

MARGIN: Final = 2.0
"""The one without is the best of two, those with it the first after the thread slept; what comes
then shows whether it is worth it."""


class BlasThreads:
    """Switches linear algebra between one thread and a few, by how long calls take.

    Attributes:
        parallel: whether more than one thread is in use.
    """

    def __init__(self, set_threads: list[Callable[[int], Any]], most: int) -> None:
        """Control libraries through their ``set_threads``; ``most`` is the larger number."""
        self._set_threads = set_threads
        self._most = most
        self._lock = threading.Lock()
        self._usual: dict[Hashable, tuple[int, float]] = {}  # by kind: calls, mean seconds
        self._pace = 1.0  # mean time of the last calls without it, relative to usual
        self._worth = HOPED  # mean time with the second thread, relative to without
        self._left = EVERY  # calls up to the next one without it
        self._good = 0
        self._pause = PAUSES[0]
        self._again = 0.0
        self.parallel = False
        self._use(1)

    def _use(self, threads: int) -> None:
        self._set(threads)
        self.parallel = threads > 1

    def _set(self, threads: int) -> None:
        for set_threads in self._set_threads:
            set_threads(threads)

    @property
    def possible(self) -> bool:
        """Whether there can be more than one."""
        return bool(self._set_threads) and self._most > 1

    def alone(self, call: Callable[[], object]) -> float:
        """Seconds that ``call`` takes on one thread: the best of a few."""
        with self._lock:
            parallel = self.parallel
            self._use(1)
            best = min(_timed(call) for _ in range(PROBES))
            if parallel:
                self._use(self._most)
        return best

    def judge(
        self, taken: float, alone: float, probe: Callable[[], object], kind: Hashable = None
    ) -> None:
        """Learn how long a call took.

        Args:
            taken: seconds.
            alone: seconds that its products need on one thread, about.
            probe: a short call to try the second thread with when a pause is over.
            kind: calls of one kind do the same work.
        """
        calls, usual = self._usual.get(kind, (0, 0.0))
        if not self.parallel:
            self._learn(kind, taken)
            over = self._most > 1 and calls >= KNOWN - 1 and time.perf_counter() >= self._again
            if over and self._lock.acquire(blocking=False):
                try:
                    self._try_again(probe)
                finally:
                    self._lock.release()
            return
        self._left -= 1
        if self._left < 0:  # this one was without
            self._learn(kind, taken)
            self._use(self._most)
            self._left = EVERY
            return
        expected = self._pace * usual if calls >= KNOWN else SLOW * alone + GRACE
        self._worth += USUAL * (min(taken / expected, OUTLIER) - self._worth)
        if self._worth > 1.0:
            with self._lock:
                self._turn_off()
            return
        self._good += 1
        if self._good == TRUSTED:
            self._pause = PAUSES[0]
        if self._left == 0:
            self._set(1)

    def _learn(self, kind: Hashable, taken: float) -> None:
        """Let a call on one thread count."""
        calls, usual = self._usual.get(kind, (0, 0.0))
        calls += 1
        if calls > KNOWN:
            taken = min(taken, OUTLIER * usual)
            self._pace += NOW * (taken / usual - self._pace)
        self._usual[kind] = calls, usual + max(USUAL, 1.0 / calls) * (taken - usual)

    def _try_again(self, probe: Callable[[], object]) -> None:
        alone = min(_timed(probe) for _ in range(2))
        self._worth, self._good, self._left = HOPED, 0, EVERY
        self._use(self._most)
        probe()  # wakes the second thread
        taken: list[float] = []
        while len(taken) < PROBES and (not taken or taken[-1] < STALLED * alone + GRACE):
            taken.append(_timed(probe))
        if len(taken) < PROBES or sorted(taken)[PROBES // 2] > MARGIN * alone:
            self._turn_off()

    def _turn_off(self) -> None:
        self._use(1)
        self._again = time.perf_counter() + self._pause
        self._pause = min(2.0 * self._pause, PAUSES[1])


def _timed(call: Callable[[], object]) -> float:
    begin = time.perf_counter()
    call()
    return time.perf_counter() - begin


@cache
def blas_threads() -> BlasThreads:
    """The one that controls this process's OpenBLAS. PyTorch's threads are not touched."""
    libraries = ThreadpoolController().select(internal_api="openblas").lib_controllers
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return BlasThreads([library.set_num_threads for library in libraries], min(MOST, cores or 1))
