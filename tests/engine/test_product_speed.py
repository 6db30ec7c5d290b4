"""The guess of how fast this computer multiplies."""

import time

import numpy as np
import pytest

from charterm.engine import product_speed as module
from charterm.engine.product_speed import product_speed


def test_it_is_about_what_a_product_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_has_bfloat16", lambda: False)
    square = np.ones((768, 768), np.float32)
    taken = []
    for _ in range(5):
        begin = time.perf_counter()
        np.dot(square, square)
        taken.append(time.perf_counter() - begin)
    measured = 2.0 * 768**3 / min(taken)  # on one thread or a few
    assert 0.2 * measured < product_speed(1) < 5.0 * measured


def test_threads_and_bfloat16_multiply_it(monkeypatch: pytest.MonkeyPatch) -> None:
    class Threads:
        def alone(self, call: object) -> float:
            return 0.5

    monkeypatch.setattr(module, "blas_threads", Threads)
    for has, faster in ((False, 1.0), (True, 2.0)):
        monkeypatch.setattr(module, "_has_bfloat16", lambda has=has: has)
        assert product_speed(3) == faster * 3 * 2.0 * 512**3 / 0.5
