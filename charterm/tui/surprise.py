"""How surprising each character of a text was to a model, in steps that can be drawn."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from charterm.story.store import Logprobs

SURPRISES: Final = (1.0, 3.3, 5.6, 9.0)
"""Bits from which a character is drawn in the next stronger colour: probabilities of a half, a
tenth, a fiftieth and a five-hundredth."""


def levels_of(logprobs: Logprobs) -> list[int]:
    """For each character 0 to 4: how surprising it was; log-probabilities in nats, shape (C,)."""
    bits = np.nan_to_num(-np.asarray(logprobs, np.float64) / math.log(2), nan=0.0)
    return [int(level) for level in np.searchsorted(SURPRISES, bits, side="right")]
