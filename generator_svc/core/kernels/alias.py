"""Weighted draws from a list, by Walker's alias method with 64-bit thresholds (Vose's form).

Built with integers only, so the tables are the same everywhere; weights count to one part in 2^62 of their sum.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from generator_svc.core.primitives import compiled, multiply_high

_WHOLE = 1 << 62


class AliasTable(NamedTuple):
    """Entry i is kept where the draw's fraction is at most `threshold[i]`; elsewhere it yields `other[i]`."""

    threshold: npt.NDArray[np.uint64]
    other: npt.NDArray[np.uint32]


def alias_table(weights: Sequence[float]) -> AliasTable:
    """Build the table of weights, each at least 0 and one above it."""
    size = len(weights)
    if len(set(weights)) == 1:
        return even_table(size)
    share = _shares(weights)
    kept, other = [_WHOLE] * size, list(range(size))
    small = [i for i in range(size) if share[i] < _WHOLE]
    large = [i for i in range(size) if share[i] >= _WHOLE]
    while small and large:
        low, high = small.pop(), large[-1]
        kept[low], other[low] = share[low], high
        share[high] -= _WHOLE - share[low]
        if share[high] < _WHOLE:
            small.append(large.pop())
    # A column of share s is kept where the fraction is below s: threshold is the last fraction that keeps it.
    thresholds = [(1 << 64) - 1 if part >= _WHOLE else max((part << 2) - 1, 0) for part in kept]
    return AliasTable(np.array(thresholds, np.uint64), np.array(other, np.uint32))


def even_table(size: int) -> AliasTable:
    """Build the table of equal weights: every entry is kept."""
    return AliasTable(np.full(size, (1 << 64) - 1, np.uint64), np.arange(size, dtype=np.uint32))


def _shares(weights: Sequence[float]) -> list[int]:
    """Scale the weights to integers whose sum is exactly `len(weights)` wholes."""
    ratios = [weight.as_integer_ratio() for weight in weights]
    denominator = math.lcm(*(below for _, below in ratios))
    exact = [above * (denominator // below) for above, below in ratios]
    total, whole = sum(exact), len(exact) * _WHOLE
    share = [weight * whole // total for weight in exact]
    heaviest = max(range(len(share)), key=share.__getitem__)
    share[heaviest] += whole - sum(share)
    return share


@compiled
def draw_alias(
    hash64: np.uint64, size: np.uint64, threshold: npt.NDArray[np.uint64], other: npt.NDArray[np.uint32]
) -> np.uint64:
    """Draw an entry: the product's high half is the entry, its low half the fraction."""
    entry = multiply_high(hash64, size)
    if hash64 * size <= threshold[entry]:
        return entry
    return np.uint64(other[entry])
