"""How many threads NumPy's linear algebra uses: two while the machine has time, else one.

On an idle machine a second thread nearly halves a step (measured: GRU 1×512 from 67 to 37 µs). But
the threads meet at the end of each product, so that on a machine that is busy with a training run
one waits for the other to get its turn: a step then takes a hundred times longer. So the time of
each call is compared with what a single thread needs, and slow calls turn the second thread off
for a while.
"""

import os
import threading
import time
from collections.abc import Callable
from functools import cache
from typing import Any, Final

from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

MOST: Final = 2
"""More threads gain little on matrices of a few megabytes, and cost the rest of the machine."""

SLOW: Final = 1.5
"""A call is slow that takes so many times what a single thread needs, and GRACE more."""

GRACE: Final = 100e-6
"""Seconds: an interrupt, a cache that was cold."""

STALLED: Final = 10.0
"""A call that takes so many times as long turns the second thread off by itself."""

STRIKES: Final = 2
"""So many slow calls turn it off, if not each is followed by FORGIVEN good ones."""

FORGIVEN: Final = 8

PAUSES: Final = (2.0, 32.0)
"""Seconds for which it stays off: the first time, doubled each time, and at most. TRUSTED good
calls bring back the first."""

TRUSTED: Final = 500

PROBES: Final = 5
"""Calls with the second thread that must be quicker by their median before it is used (again)."""


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
        self._strikes = 0.0
        self._good = 0
        self._pause = PAUSES[0]
        self._again = 0.0
        self.parallel = False
        self._use(1)

    def _use(self, threads: int) -> None:
        for set_threads in self._set_threads:
            set_threads(threads)
        self.parallel = threads > 1

    def alone(self, call: Callable[[], object]) -> float:
        """Seconds that ``call`` takes on one thread: the best of a few."""
        with self._lock:
            parallel = self.parallel
            self._use(1)
            best = min(_timed(call) for _ in range(PROBES))
            if parallel:
                self._use(self._most)
        return best

    def judge(self, taken: float, alone: float, probe: Callable[[], object]) -> None:
        """Learn that a call took ``taken`` seconds where one thread needs about ``alone``.

        Args:
            taken: seconds.
            alone: seconds.
            probe: a short call to try the second thread with when a pause is over.
        """
        if not self.parallel:
            if self._most > 1 and time.perf_counter() >= self._again and self._lock.acquire(False):
                try:
                    self._try_again(probe)
                finally:
                    self._lock.release()
        elif taken <= SLOW * alone + GRACE:
            if self._strikes:
                self._strikes = max(0.0, self._strikes - 1.0 / FORGIVEN)
            self._good += 1
            if self._good == TRUSTED:
                self._pause = PAUSES[0]
        else:
            with self._lock:
                self._strikes += STRIKES if taken > STALLED * alone + GRACE else 1
                if self._strikes > STRIKES - 1:
                    self._turn_off()

    def _try_again(self, probe: Callable[[], object]) -> None:
        alone = min(_timed(probe) for _ in range(2))
        self._strikes, self._good = 0.0, 0
        self._use(self._most)
        probe()  # wakes the second thread
        taken: list[float] = []
        while len(taken) < PROBES and (not taken or taken[-1] < STALLED * alone + GRACE):
            taken.append(_timed(probe))
        if len(taken) < PROBES or sorted(taken)[PROBES // 2] > alone:
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
