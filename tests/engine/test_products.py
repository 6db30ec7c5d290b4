"""A few vectors by a matrix, in panels or not, are the plain product."""

from typing import Literal

import numpy as np
import pytest

from charterm.engine import products
from charterm.engine.products import Product, laid_out


@pytest.mark.parametrize(("panels", "order"), [(False, "C"), (False, "F"), (True, "C")])
@pytest.mark.parametrize("rows", [20, 32, 75, 128])
@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 8, 11, 24, 33])
def test_every_way_gives_the_plain_product(
    rows: int, count: int, panels: bool, order: Literal["C", "F"]
) -> None:
    generator = np.random.default_rng(rows + count)
    matrix = generator.standard_normal((rows, 40), np.float32)
    vectors = generator.standard_normal((count, 40), np.float32)
    product = Product(np.asarray(matrix, order=order), panels=panels)
    into = np.full((count + 1, rows), 7.0, np.float32)
    product(vectors, into[:count])
    assert np.allclose(into[:count], vectors @ matrix.T, atol=1e-4)
    assert (into[count] == 7.0).all()
    single = np.empty(rows, np.float32)
    product(vectors[0], single)
    assert np.allclose(single, into[0], atol=1e-4)


def test_more_vectors_than_a_small_product_takes_are_done_in_portions() -> None:
    generator = np.random.default_rng(0)
    matrix = generator.standard_normal((64, 4000), np.float32)
    vectors = generator.standard_normal((10, 4000), np.float32)
    out = np.empty((10, 64), np.float32)
    Product(matrix, panels=True)(vectors, out)
    assert np.allclose(out, vectors @ matrix.T, atol=1e-2)


def test_passes_grow_slower_in_panels() -> None:
    matrix = np.zeros((4, 4), np.float32)
    assert Product(matrix, panels=True).passes(8) < Product(matrix, panels=False).passes(8)


def test_only_matrices_that_stay_in_the_cache_are_kept_by_columns(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for small, by_columns in ((False, True), (True, False)):
        monkeypatch.setattr(products, "has_small_products", lambda small=small: small)
        assert laid_out(np.ones((6, 4), np.float32)).flags.f_contiguous == by_columns
        assert laid_out(np.ones((3072, 1024), np.float32)).flags.c_contiguous
