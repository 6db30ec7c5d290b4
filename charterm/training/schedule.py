"""The learning rate over a run, as a function of the part of the budget that is used."""

import math
from typing import Literal

Schedule = Literal["cosine", "linear", "wsd", "constant"]
SCHEDULES: tuple[Schedule, ...] = ("cosine", "linear", "wsd", "constant")


def learning_rate_factor(
    schedule: Schedule, progress: float, *, warmup: float, final: float, decay: float = 0.4
) -> float:
    """The factor for the peak learning rate.

    Args:
        schedule: ``cosine`` (Loshchilov and Hutter 2017), ``linear``, ``wsd`` (warm up, stay,
            decay linearly; Hu et al. 2024, "MiniCPM") or ``constant``; all but the last end at
            ``final``.
        progress: part of the budget used, 0 to 1. As it may be a part of the minutes, the
            schedule fits the minutes whatever the speed.
        warmup: part of the budget in which the factor rises from 0 to 1.
        final: factor at the end.
        decay: part of the budget in which ``wsd`` decays.
    """
    if progress < warmup:
        return max(progress, 1e-3 * warmup) / warmup
    if schedule == "constant":
        return 1.0
    if schedule == "wsd":
        fall = max(0.0, (progress - (1.0 - decay)) / decay)
    else:
        fall = (progress - warmup) / (1.0 - warmup)
    fall = min(1.0, fall)
    if schedule == "cosine":
        fall = 0.5 * (1.0 - math.cos(math.pi * fall))
    return final + (1.0 - final) * (1.0 - fall)
