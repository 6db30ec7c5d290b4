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
Blocks of rows that fit a cache, products of one vector on blocks in the cache, and a second thread
of Python's for half of the rows were each no faster.

The order of the matrix in memory matters for one vector: column by column, OpenBLAS adds up
multiples of columns; row by row, it multiplies each row with the vector. Measured on Zen 1, in
microseconds on one thread and on two: 2816×256 79 and 42 by rows, 57 and 33 by columns; 1536×512 88
and 43, 65 and 41; 2048×512, which fills half of the cache, 112 and 76, 91 and 86; 3072×1024, which
does not fit, 733 and 242, 650 and 483.
"""

from collections.abc import Callable
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

Floats = NDArray[np.float32]

_NEAR: Final = 4_000_000
"""Bytes of a matrix that surely stays in the cache."""

_SINGLE: Final = 7
"""Up to so many matrix-vector products by columns beat one matrix product."""

_VECTORS: Final = 4
"""The same by rows, without panels."""

_COLUMNS: Final = 8
"""By rows, without panels: OpenBLAS multiplies vectors in blocks; 5 cost as much as 8."""

_FEW: Final = 24
"""By rows, without panels, up to so many vectors the matrix goes first in the product and the
result is turned round: 10 to 50 % faster than vectors times the matrix's transpose; above, turning
costs more."""

_WIDE: Final = 8
"""So many vectors, the usual batch, are multiplied faster with a second copy by rows where the
matrix has more columns than rows: 256×512 in 70 to 74 µs instead of 88 to 97, amid the other work
of a step. With 2048×256 and 110×256 that gains nothing."""

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


def laid_out(matrix: Floats) -> Floats:
    """``matrix`` (R, K) in the order in memory in which it is multiplied fastest.

    Above AVX2 that is by rows: columns are no faster there (on a Xeon, two threads: 1536×512 in 33
    to 38 µs by rows and 37 to 40 by columns, 2048×512 in 51 to 57 and 54 to 67).
    """
    by_columns = matrix.nbytes <= _NEAR and not has_small_products()
    return np.asfortranarray(matrix) if by_columns else np.ascontiguousarray(matrix)


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
        self._by_columns = matrix.flags.f_contiguous and not matrix.flags.c_contiguous
        self._wide: Floats | None = None  # the same by rows, where that is faster for _WIDE
        self._panels: tuple[Floats, Floats] | None = None

    def passes(self, count: int) -> float:
        """About how many times as long as one vector ``count`` vectors take, on one thread."""
        if self.panels:
            return max(1.0, count / 5.0)
        if self._by_columns:
            return count if count <= _SINGLE else 4.0 + count / 2.0
        return count if count <= _VECTORS else 3.0 + count / 3.0

    def bound(self, *, single: bool) -> Callable[[Floats, Floats], object]:
        """What multiplies one vector, (K,) to (R,), in the least time to begin; or this object."""
        return self.matrix.dot if single else self

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
        if self._by_columns and self.matrix.shape[1] > len(self.matrix) and count == _WIDE:
            if self._wide is None:
                self._wide = np.ascontiguousarray(self.matrix)
            np.copyto(out, np.dot(self._wide, vectors.T).T)
        elif count <= (_SINGLE if self._by_columns else _VECTORS):
            for vector, row in zip(vectors, out, strict=True):
                np.dot(self.matrix, vector, row)
        elif count <= _FEW and not self._by_columns:
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
