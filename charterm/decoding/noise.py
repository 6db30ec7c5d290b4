"""Random numbers that depend on the seed, the sequence and the step, and on nothing else."""

import secrets
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from charterm.decoding.controls import Controls

_BLOCK: Final = 64  # steps drawn at once: one call of the generator instead of sixty-four


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


class UniformStreams:
    """One stream of random numbers a sequence; row k is the same whatever other rows there are.

    A number that falls on a token's share of the running sum of the probabilities draws that
    token (inversion; Devroye 1986, "Non-Uniform Random Variate Generation", chapter II). The
    edges of the shares move as little as the probabilities do: between two backends that changes
    about one choice in a million (measured with the English starter).
    """

    def __init__(self, seed: int, streams: range) -> None:
        """Streams numbered ``streams``."""
        self._generators = [generator_for(seed, stream) for stream in streams]
        self._steps: Iterator[list[float]] = iter(())

    def next(self) -> list[float]:
        """A number from 0 to below 1 for each stream still kept."""
        numbers = next(self._steps, None)
        if numbers is None:
            block = np.stack([g.random(_BLOCK) for g in self._generators], axis=1)
            self._steps = iter(block.tolist())
            numbers = next(self._steps)
        return numbers

    def keep(self, rows: list[int]) -> None:
        """Go on with these rows only."""
        self._generators = [self._generators[row] for row in rows]
        left = [[numbers[row] for row in rows] for numbers in self._steps]
        self._steps = iter(left)
