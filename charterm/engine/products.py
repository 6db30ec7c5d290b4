"""A constant matrix times one vector or a few, each in the way that is fastest.

For one vector that is the matrix-vector product, bound by memory. For a few it depends on the code
that OpenBLAS has for the processor. Its ordinary matrix product copies the matrix into another
order first, which for a handful of vectors takes longer than to multiply. Its code for AVX-512
has a second way for small matrices, which are read as they are: there the matrix is kept a second
time, cut into panels of 32 rows, each of them small enough. Eight vectors then take 1.5 times as
long as one, and five times as long without (measured on Zen 5, H = 512 and 768).

Without, that is near what the processor can do. A matrix of 2816×704 times eight vectors is 32
million operations, 240 µs at the 132 GFLOPS that a core reaches with AVX2 (in products of large
matrices), beside 76 µs for one vector; measured are 375 to 390 µs, with two threads 228 beside 39.
Blocks of rows that fit a cache, the matrix kept the other way round, products of one vector on
blocks in the cache, and a second thread of Python's for half of the rows were each no faster.
"""

from functools import cache
from typing import Final

import numpy as np
from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

from charterm.engine.weights import Floats

_VECTORS: Final = 4
"""Without panels, up to so many matrix-vector products beat one matrix product."""

_COLUMNS: Final = 8
"""Without panels: OpenBLAS multiplies by columns in blocks; 5 columns cost as much as 8."""

_FEW: Final = 24
"""Without panels, up to so many vectors the matrix goes first in the product and the result is
turned round: 10 to 50 % faster than vectors times the matrix's transpose; above, turning costs
more."""

_ROWS: Final = 32
"""Rows of a panel: two AVX-512 registers."""

_SMALL: Final = 100**3
"""OpenBLAS's limit of a small product: rows times columns times vectors."""

_FOURS: Final = 4
"""The small products take vectors by fours: two or four cost as much as one, three cost more."""

_ARCHITECTURES: Final = frozenset({"SkylakeX", "Cooperlake", "SapphireRapids"})


@cache
def has_small_products() -> bool:
    """Whether this process's OpenBLAS has the code for small matrices."""
    libraries = ThreadpoolController().select(internal_api="openblas").info()
    return any(library.get("architecture") in _ARCHITECTURES for library in libraries)


class Product:
    """A matrix (R, K), never changed, to be multiplied with vectors. Safe from several threads.

    Attributes:
        matrix: it.
        panels: whether batches are multiplied in panels.
    """

    def __init__(self, matrix: Floats, *, panels: bool | None = None) -> None:
        """Multiply with ``matrix``; ``panels`` is for tests, ``None`` chooses."""
        self.matrix = matrix
        self.panels = has_small_products() if panels is None else panels
        self._panels: tuple[Floats, Floats] | None = None

    def passes(self, count: int) -> float:
        """About how many times as long as one vector ``count`` vectors take, on one thread."""
        if self.panels:
            return max(1.0, count / 5.0)
        return count if count <= _VECTORS else 3.0 + count / 3.0

    def __call__(self, vectors: Floats, out: Floats) -> None:
        """``out`` (R,) or (N, R) = ``vectors`` (K,) or (N, K) times the matrix's transpose."""
        if vectors.ndim == 1:
            np.dot(self.matrix, vectors, out)
        elif len(vectors) == 1:
            np.dot(self.matrix, vectors[0], out[0])
        elif self.panels:
            self._by_panels(vectors, out)
        else:
            self._whole(vectors, out)

    def _whole(self, vectors: Floats, out: Floats) -> None:
        count = len(vectors)
        if count <= _VECTORS:
            for vector, row in zip(vectors, out, strict=True):
                np.dot(self.matrix, vector, row)
        elif count <= _FEW:
            columns = _columns(vectors, -(-count // _COLUMNS) * _COLUMNS)
            np.copyto(out, np.dot(self.matrix, columns).T[:count])
        elif out.flags.c_contiguous:
            np.dot(vectors, self.matrix.T, out)
        else:
            np.copyto(out, np.dot(vectors, self.matrix.T))

    def _by_panels(self, vectors: Floats, out: Floats) -> None:
        if self._panels is None:
            self._panels = _cut(self.matrix)
        panels, rest = self._panels
        most = max(_FOURS, _SMALL // (_ROWS * vectors.shape[1]) // _FOURS * _FOURS)
        for begin in range(0, len(vectors), most):
            some, there = vectors[begin : begin + most], out[begin : begin + most]
            count = len(some)
            padded = count if count <= 2 else -(-count // _FOURS) * _FOURS
            into = there if padded == count else np.empty((padded, len(self.matrix)), np.float32)
            columns = _columns(some, padded)
            whole = len(panels) * _ROWS
            if whole:
                blocks = into[:, :whole].reshape(padded, -1, _ROWS)
                np.matmul(columns.T, panels, blocks.transpose(1, 0, 2))
            if rest.shape[1]:
                np.matmul(columns.T, rest, into[:, whole:])
            if into is not there:
                np.copyto(there, into[:count])


def _cut(matrix: Floats) -> tuple[Floats, Floats]:
    """The panels of ``matrix`` (R, K), shape (P, K, 32), and what is left, (K, fewer than 32)."""
    whole = len(matrix) - len(matrix) % _ROWS
    panels = matrix[:whole].reshape(-1, _ROWS, matrix.shape[1]).transpose(0, 2, 1)
    return np.ascontiguousarray(panels), np.ascontiguousarray(matrix[whole:].T)


def _columns(vectors: Floats, count: int) -> Floats:
    """``vectors`` (N, K) as the first columns of a contiguous array (K, ``count``)."""
    if count == len(vectors):
        return np.ascontiguousarray(vectors.T)
    columns = np.zeros((vectors.shape[1], count), np.float32)
    columns[:, : len(vectors)] = vectors.T
    return columns
