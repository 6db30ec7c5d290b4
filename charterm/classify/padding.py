"""Texts of different lengths as batches: alike lengths together, the rest filled up."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Tokens = NDArray[np.int32]


@dataclass(frozen=True)
class PaddedBatch:
    """Some of the texts, time first, as the network reads them.

    Attributes:
        places: (B,) which texts these are.
        inputs: (T, B) int64, the start token and then each text; anything after its end.
        targets: (T, B) int64, the texts and what closes them; zeros after.
        lengths: (B,) targets that count.
    """

    places: NDArray[np.intp]
    inputs: NDArray[np.int64]
    targets: NDArray[np.int64]
    lengths: NDArray[np.int64]

    @property
    def counted(self) -> NDArray[np.bool_]:
        """(T, B) which targets belong to a text."""
        counted: NDArray[np.bool_] = np.arange(len(self.targets))[:, None] < self.lengths
        return counted


def group_by_length(
    lengths: Sequence[int] | NDArray[np.int64],
    tokens: int,
    *,
    rng: np.random.Generator | None = None,
) -> list[NDArray[np.intp]]:
    """Cut the texts into groups that take at most ``tokens`` places each, padding included.

    Args:
        lengths: of the texts, shape (N,).
        tokens: places of a group; a longer text is a group of its own.
        rng: where given, groups and their order differ from call to call, for training; alike
            lengths still stand together, up to a tenth.

    Returns:
        Places of the texts, one array a group; without ``rng`` the longest first.
    """
    sizes = np.asarray(lengths, np.float64) + 1.0
    keys = sizes if rng is None else sizes * rng.uniform(0.9, 1.1, len(sizes))
    order = np.argsort(-keys, kind="stable")
    groups = []
    first = 0
    while first < len(order):
        width, last = 0.0, first
        while last < len(order):
            width = max(width, sizes[order[last]])
            if last > first and width * (last + 1 - first) > tokens:
                break
            last += 1
        groups.append(order[first:last])
        first = last
    if rng is not None:
        rng.shuffle(groups)
    return groups


def pad(
    texts: Sequence[Tokens], groups: Sequence[NDArray[np.intp]], start: Tokens, end: Tokens
) -> Iterator[PaddedBatch]:
    """The batches of ``groups``.

    Args:
        texts: tokens of each text, shapes (tokens,).
        groups: as :func:`group_by_length` gives them.
        start: what stands before every text, shape (1,) or more.
        end: what is to be predicted after every text, shape (0,) or more.
    """
    for places in groups:
        lines = [np.concatenate((start, texts[place], end)) for place in places]
        lengths = np.array([len(line) - 1 for line in lines], np.int64)
        block = np.zeros((int(lengths.max()) + 1, len(lines)), np.int64)
        for column, line in enumerate(lines):
            block[: len(line), column] = line
        yield PaddedBatch(places, block[:-1], block[1:], lengths)
