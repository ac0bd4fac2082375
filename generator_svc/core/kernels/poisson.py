"""Poisson's law by its cumulated probabilities: exact to 2^-64 in both tails.

P(k) = P(k - 1) mean / k, starting from the most likely count, so that no factorial is needed; sums run inwards from
each tail. A count is found by bisection within the slice of the table that the hash's first 12 bits name.
"""

from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np

from generator_svc.core.kernels.continuous import HASHES, outlier_hashes
from generator_svc.core.kernels.floats import Floats
from generator_svc.core.kernels.kernel import Integers, RowSource, row_at
from generator_svc.core.primitives import Rows, compiled, mix, multiply_high

LARGEST_MEAN: Final = 1e8
_SPREAD: Final = 12.0
_LEAST_ROOM: Final = 40
_GUIDE_BITS: Final = np.uint64(12)
_OUTLIER: Final = 10


class Counts(NamedTuple):
    """Count first + i has the hashes up to last[i]; guide[j] is the first entry for hashes that start with j."""

    first: int
    last: Rows
    guide: Integers


@lru_cache(maxsize=16)
def counts(mean: float) -> Counts:
    """Table of all counts that a hash of 64 bits can tell from nothing."""
    reach = int(_SPREAD * float(np.sqrt(mean))) + _LEAST_ROOM
    first = max(0, int(mean) - reach)
    weights = np.empty(int(mean) + reach + 1 - first)
    _weigh(mean, first, weights)
    last = _cumulated(weights)
    skipped = int(np.count_nonzero(last == np.uint64(0)))
    last = last[skipped:] - np.uint64(1)
    last[-1] = np.uint64(HASHES - 1)
    slices = np.arange(1 << int(_GUIDE_BITS), dtype=np.uint64) << (np.uint64(64) - _GUIDE_BITS)
    guide = np.searchsorted(last, slices).astype(np.int64)
    return Counts(first + skipped, last, np.append(guide, np.int64(len(last) - 1)))


def _cumulated(weights: Floats) -> Rows:
    """Hashes up to each count: summed from the left below the middle, from the right above."""
    below, above = np.cumsum(weights), np.cumsum(weights[::-1])[::-1]
    total, middle = float(below[-1]), int(np.searchsorted(below, below[-1] / 2))
    left = [int(part / total * 2.0**64) for part in below[:middle].tolist()]
    right = [HASHES - int(part / total * 2.0**64) for part in above[middle + 1 :].tolist()]
    ends = [min(end, HASHES - 1) for end in (*left, *right)]
    return np.array([*ends, HASHES - 1], np.uint64)


class Poisson:
    """Counts of a mean, from `low` to `high`: truncated to them, or clipped."""

    def __init__(self, key: np.uint64, mean: float, low: int, high: int, *, clip: bool, outliers: float) -> None:
        self._key, self._counts, self._low, self._high = key, counts(mean), low, high
        self._first, self.hashes = (0, HASHES) if clip else self._within(low, high)
        self._outliers, self._middle = outlier_hashes(outliers), int(mean)

    def _within(self, low: int, high: int) -> tuple[int, int]:
        """First hash and number of hashes of the counts within bounds."""
        ends = [self._end(low - 1), self._end(high)]
        return ends[0], ends[1] - ends[0]

    def _end(self, count: int) -> int:
        """Hashes of the counts up to one."""
        place = count - self._counts.first
        if place < 0:
            return 0
        return HASHES if place >= len(self._counts.last) - 1 else int(self._counts.last[place]) + 1

    def draw(self, rows: RowSource, count: int) -> Integers:
        """Counts of `count` rows."""
        out, table = np.empty(count, np.int64), self._counts
        first, width = np.uint64(self._first), np.uint64(self.hashes % HASHES)
        _draw(rows, self._key, table.last, table.guide, table.first, first, width, self._outliers, self._middle, out)
        return np.clip(out, self._low, self._high)


@compiled
def _weigh(mean: float, first: int, weights: Floats) -> None:
    """Weights relative to that of the most likely count."""
    mode = np.int64(mean) - first
    weights[mode] = 1.0
    for i in range(mode + 1, len(weights)):
        weights[i] = weights[i - 1] * (mean / np.float64(first + i))
    for i in range(mode - 1, -1, -1):
        weights[i] = weights[i + 1] * (np.float64(first + i + 1) / mean)


@compiled
def _draw(
    rows: RowSource,
    key: np.uint64,
    last: Rows,
    guide: Integers,
    least: int,
    first: np.uint64,
    width: np.uint64,
    outliers: np.uint64,
    middle: int,
    out: Integers,
) -> None:
    for i in range(len(out)):
        h = mix(row_at(rows, i) + key)
        probability = first + multiply_high(h, width) if width != np.uint64(0) else h
        part = np.int64(probability >> (np.uint64(64) - _GUIDE_BITS))
        low, high = guide[part], guide[part + 1]
        while low < high:
            place = (low + high) >> 1
            if last[place] < probability:
                low = place + 1
            else:
                high = place
        value = np.int64(least) + low
        if outliers > np.uint64(0) and mix(h) < outliers:
            value = middle + _OUTLIER * abs(value - middle)
        out[i] = value
