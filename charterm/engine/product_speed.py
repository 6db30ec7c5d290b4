"""How fast this computer multiplies matrices, told in a few milliseconds and without PyTorch."""

from pathlib import Path
from typing import Final

import numpy as np

from charterm.engine.blas_threads import blas_threads

_SIZE: Final = 512
"""Rows of the square product that is timed: 3 to 6 ms on one thread."""

_BFLOAT16: Final = ("avx512_bf16", "amx_bf16")
"""Linux's names of what multiplies in bfloat16, twice as fast as in float32 or faster."""


def product_speed(threads: int) -> float:
    """Floating-point operations a second of large matrix products on so many threads.

    From float32 products of NumPy on one thread, and what the processor says of bfloat16; other
    work on the machine is not seen.
    """
    square = np.ones((_SIZE, _SIZE), np.float32)
    product = np.empty_like(square)
    seconds = blas_threads().alone(lambda: np.dot(square, square, product))
    faster = 2.0 if _has_bfloat16() else 1.0
    return faster * threads * 2.0 * _SIZE**3 / seconds


def _has_bfloat16() -> bool:
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace")
    except OSError:  # another system, or not allowed to know
        return False
    return any(name in flags for name in _BFLOAT16)
