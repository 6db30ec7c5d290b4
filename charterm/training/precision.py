"""What this processor's matrix products reach, and in which precision they are faster."""

import time
from dataclasses import dataclass

import torch

from charterm.training.settings import Precision

_TYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}


@dataclass(frozen=True)
class ProductSpeed:
    """Outcome of the probe.

    Attributes:
        product_type: type of the matrix products to train with.
        peak_flops: floating-point operations a second of a large product in that type.
    """

    product_type: torch.dtype
    peak_flops: float


def product_type(name: str) -> torch.dtype:
    """The type called ``"float32"`` or ``"bfloat16"``."""
    return _TYPES[name]


def type_name(kind: torch.dtype) -> str:
    """The inverse of :func:`product_type`."""
    return str(kind).removeprefix("torch.")


def _shortest(left: torch.Tensor, right: torch.Tensor, repeats: int) -> float:
    """Seconds of one product, the best of several."""
    torch.mm(left, right)
    times = []
    for _ in range(repeats):
        begin = time.perf_counter()
        torch.mm(left, right)
        times.append(time.perf_counter() - begin)
    return min(times)


def measure_peak(product_type: torch.dtype, *, size: int = 2048, repeats: int = 5) -> float:
    """Floating-point operations a second of a square product, the best of several."""
    square = torch.ones(size, size, dtype=product_type)
    return 2.0 * size**3 / _shortest(square, square, repeats)


def probe(precision: Precision, *, hidden: int = 512, batch: int = 32) -> ProductSpeed:
    """Choose the type of the matrix products.

    bfloat16 is twice as fast or more where the processor computes in it, and many times slower
    where it is emulated, so ``auto`` measures a recurrent step of the given size in both.
    """
    if precision == "auto":
        seconds = {}
        for name, kind in _TYPES.items():
            weight = torch.ones(3 * hidden, hidden, dtype=kind)
            state = torch.ones(hidden, batch, dtype=kind)
            seconds[name] = _shortest(weight, state, 15)
        precision = "bfloat16" if seconds["bfloat16"] < seconds["float32"] else "float32"
    kind = _TYPES[precision]
    return ProductSpeed(kind, measure_peak(kind, size=1024))
