"""Gumbel noise that depends on the seed, the sequence, the step and the token, and nothing else."""

import secrets
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from charterm.decoding.controls import Controls

_BLOCK: Final = 16  # steps drawn at once: one call of the generator instead of sixteen
_BELOW_ONE: Final = np.float32(1.0 - 2.0**-24)


def fresh_seed() -> int:
    """A seed that can be shown, typed and given again: 0 to 2**32 - 1."""
    return secrets.randbelow(2**32)


def seeded(controls: Controls) -> Controls:
    """``controls`` with a fresh seed where it asks for one, so that the seed can be shown."""
    return controls if controls.seed >= 0 else replace(controls, seed=fresh_seed())


def gumbel(generator: np.random.Generator, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Independent draws of the standard Gumbel distribution: -ln(-ln(uniform))."""
    uniform = generator.random(shape)
    # 1 - uniform is in (0, 1]; its logarithm may be 0 once in 2**53 draws, which would be infinite
    exponential = np.maximum(-np.log1p(-uniform), np.finfo(np.float64).tiny)
    return np.asarray(-np.log(exponential), np.float64)


def generator_for(seed: int, stream: int) -> np.random.Generator:
    """The random numbers of one stream: SFC64, the fastest generator of NumPy.

    Doty-Humphrey 2010, "PractRand"; its streams differ by the hash of seed and number.
    """
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence((seed, stream))))


class GumbelNoise:
    """One stream of noise a sequence; row k is the same whatever other rows there are.

    Taking the largest of scores plus noise draws a token from the softmax of the scores (the
    Gumbel-max trick, Gumbel 1954; Maddison et al. 2014). It needs no sort and no running sum, and
    a change of 1e-6 in the scores, as between two backends, changes a choice about once in a
    million.
    """

    def __init__(self, seed: int, streams: range, size: int) -> None:
        """Streams numbered ``streams`` for a vocabulary of ``size`` = V tokens."""
        self._generators = [generator_for(seed, stream) for stream in streams]
        self._size = size
        self._used = _BLOCK
        self._block: NDArray[np.float32] = np.empty((len(streams), 0, size), np.float32)

    def next(self) -> NDArray[np.float32]:
        """The noise of the next step, shape (N, V), N the streams still kept."""
        if self._used == _BLOCK:
            self._block = self._draw()
            self._used = 0
        self._used += 1
        return self._block[:, self._used - 1]

    def _draw(self) -> NDArray[np.float32]:
        """A block of steps, shape (N, _BLOCK, V).

        From 32 random bits each and in float32, several times faster than :func:`gumbel`: most
        of what a row of a batch costs beside its products. Bits and rounding end the distribution
        at 23 above and at -3 below, each of which a draw would pass once in 2**24 or more.
        """
        half = _BLOCK * self._size // 2  # _BLOCK is even
        raw = np.stack([g.bit_generator.random_raw(half) for g in self._generators])
        uniform = raw.view(np.uint32).astype(np.float32)
        uniform += np.float32(0.5)
        uniform *= np.float32(2.0**-32)
        np.minimum(uniform, _BELOW_ONE, out=uniform)
        np.negative(uniform, uniform)
        np.log1p(uniform, uniform)
        np.negative(uniform, uniform)
        np.log(uniform, uniform)
        np.negative(uniform, uniform)
        return uniform.reshape(-1, _BLOCK, self._size)

    def keep(self, rows: list[int]) -> None:
        """Go on with these rows only."""
        self._generators = [self._generators[row] for row in rows]
        self._block = self._block[rows]
