"""Permutations are bijections of any range, invertible, and look like nothing in particular."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from generator_svc.core.permutation import Permutation
from generator_svc.core.primitives import derive_key

KEY = derive_key("tests of permutations")
AWKWARD = (1, 2, 3, 5, 31, 4_095, 4_096, 4_097, 65_537, 10**6, 2**20 + 1)


@pytest.mark.parametrize("size", AWKWARD)
def test_every_position_has_an_image_of_its_own(size: int) -> None:
    """Unique keys stand on this."""
    images = Permutation(size, KEY).span(0, size)
    assert np.array_equal(np.sort(images), np.arange(size, dtype=np.uint64))


@pytest.mark.parametrize("size", [*AWKWARD, 10**12, 2**63, 2**64 - 1, 2**64])
def test_the_inverse_leads_back(size: int) -> None:
    """A stored key leads to the row that made it."""
    permutation = Permutation(size, KEY)
    positions = np.array([part * (size - 1) // 299 for part in range(300)], np.uint64)
    assert np.array_equal(permutation.inverse(permutation.cells(positions)), positions)


@given(st.integers(1, 2**40), st.floats(0, 1), st.integers(1, 1500))
@settings(deadline=None, max_examples=60)
def test_a_span_is_its_cells(size: int, where: float, count: int) -> None:
    """The tiled form and the single form are one function."""
    first = int(where * (size - 1))
    count = min(count, size - first)
    permutation = Permutation(size, KEY)
    positions = np.arange(first, first + count, dtype=np.uint64)
    assert np.array_equal(permutation.span(first, count), permutation.cells(positions))


@pytest.mark.parametrize("size", [64, 1_000, 4_096, 65_537])
def test_images_of_neighbours_are_unrelated(size: int) -> None:
    """Few rounds leave structure that compresses and correlates; chi-square over pairs of neighbouring images."""
    counts = np.zeros((8, 8))
    for number in range(max(1, 60_000 // size)):
        images = Permutation(size, derive_key("pairs", number)).span(0, size)
        eighths = (images * np.uint64(8) // np.uint64(size)).astype(np.int64)
        np.add.at(counts, (eighths[:-1], eighths[1:]), 1)
    rows, columns = counts.sum(1, keepdims=True), counts.sum(0, keepdims=True)
    expected = rows * columns / counts.sum()
    statistic = ((counts - expected) ** 2 / expected).sum()
    # Drawn without replacement, neighbours avoid each other's eighth a little in small ranges.
    assert statistic < stats.chi2.ppf(0.999, 49) + 60_000 / size


def test_other_keys_are_other_orders() -> None:
    """Two columns of one table must not be the same permutation."""
    one, other = Permutation(1000, KEY).span(0, 1000), Permutation(1000, derive_key("another")).span(0, 1000)
    assert abs(stats.spearmanr(one, other).statistic) < 0.1
