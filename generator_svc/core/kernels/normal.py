"""The normal law, by a committed table of quantiles: true tails, no math library.

The 64-bit hash is read as a probability; its tail's leading zeros choose an octave, the next four bits a cell, the rest
the position in the cell's cubic. The quantile never falls as the hash rises, so that bounds become bounds of the hash.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

import numpy as np
import numpy.typing as npt

from generator_svc.core.kernels.floats import Floats
from generator_svc.core.kernels.kernel import Integers, RowSource, row_at
from generator_svc.core.primitives import compiled, float_of_bits, leading_zeros, mix, multiply_high

_OCTAVES: Final = 64
_CELL_BITS: Final = np.uint64(4)
_CELLS: Final = np.uint64(16)
_ONE: Final = np.uint64(1)
_ONE_BITS: Final = np.uint64(0x3FF0000000000000)
_OUTLIER: Final = 10.0
_ROUNDABLE: Final = 2.0**62
_HASHES: Final = 1 << 64


@dataclass(frozen=True, slots=True)
class Shape:
    """A normal law in units: middle, spread, hard limits; the hashes that fall inside the bounds; outliers."""

    mean: float
    stddev: float
    low: float
    high: float
    first_hash: int = 0
    hashes: int = _HASHES
    outlier_fraction: float = 0.0


class Normal:
    """Whole numbers nearest to a normal draw."""

    def __init__(self, key: np.uint64, shape: Shape) -> None:
        self._law = NormalFloat(key, shape)

    def draw(self, rows: RowSource, count: int) -> Integers:
        """Numbers of `count` rows, halves to even."""
        out = np.empty(count, np.int64)
        _round_all(self._law.draw(rows, count), out)
        return out


class NormalFloat:
    """Normal draws; with `grain` > 0 rounded to multiples of 1 / grain."""

    def __init__(self, key: np.uint64, shape: Shape, grain: float = 0.0) -> None:
        self._key, self._shape, self._grain = key, shape, grain
        self._outliers = np.uint64(min(int(shape.outlier_fraction * 2.0**64), _HASHES - 1))

    def draw(self, rows: RowSource, count: int) -> Floats:
        """Numbers of `count` rows."""
        shape, out = self._shape, np.empty(count, np.float64)
        first, width = np.uint64(shape.first_hash), np.uint64(shape.hashes % _HASHES)
        _normal(rows, self._key, quantiles(), first, width, shape.mean, shape.stddev, self._outliers, out)
        limit(out, shape.low, shape.high, self._grain)
        return out


def hashes_within(inside: Callable[[float], bool], above: Callable[[float], bool]) -> tuple[int, int]:
    """First hash and number of hashes whose quantile z is inside; `above(z)` says that z lies beyond the upper bound.

    Both follow the order of z: below the interval neither holds.
    """
    first = _first_hash(lambda z: inside(z) or above(z))
    end = _first_hash(above)
    return first, end - first


def _first_hash(holds: Callable[[float], bool]) -> int:
    """Smallest hash whose quantile satisfies a condition that never ceases to hold; 2^64 if none does."""
    low, high = 0, _HASHES
    while low < high:
        middle = (low + high) // 2
        if holds(float(quantile_at(np.uint64(middle), quantiles()))):
            high = middle
        else:
            low = middle + 1
    return low


@cache
def quantiles() -> Floats:
    """The committed table: 64 octaves of 16 cells of four coefficients, flat."""
    text = (files("generator_svc.core.kernels.tables") / "normal.txt").read_text("ascii")
    return np.frombuffer(bytes.fromhex(text.replace("\n", "")), ">f8").astype(np.float64)


@compiled
def quantile_at(hash64: np.uint64, table: Floats) -> np.float64:
    """Quantile of the standard normal law at (hash + 1/2) / 2^64."""
    upper = hash64 >> np.uint64(63)
    tail = hash64 ^ (np.uint64(0) - upper)
    tail = (tail << _ONE) | _ONE
    octave = leading_zeros(tail)
    tail = (tail << octave) << _ONE
    cell = (octave * _CELLS + (tail >> (np.uint64(64) - _CELL_BITS))) * np.uint64(4)
    f = float_of_bits(((tail << _CELL_BITS) >> np.uint64(12)) | _ONE_BITS) - 1.0
    z: np.float64 = table[cell] + f * (
        table[cell + np.uint64(1)] + f * (table[cell + np.uint64(2)] + f * table[cell + np.uint64(3)])
    )
    return -z if upper else z


@compiled
def _normal(
    rows: RowSource,
    key: np.uint64,
    table: Floats,
    first: np.uint64,
    width: np.uint64,
    mean: float,
    stddev: float,
    outliers: np.uint64,
    out: Floats,
) -> None:
    for i in range(len(out)):
        h = mix(row_at(rows, i) + key)
        z = quantile_at(first + multiply_high(h, width) if width != np.uint64(0) else h, table)
        if outliers > np.uint64(0) and mix(h) < outliers:
            z *= _OUTLIER
        out[i] = mean + stddev * z


@compiled
def limit(out: Floats, low: float, high: float, grain: float) -> None:
    """Round to multiples of 1 / grain where it is above 0, then move values outside the limits to them."""
    for i in range(len(out)):
        value = out[i]
        if grain > 0.0:
            value = np.rint(value * grain) / grain
        out[i] = min(max(value, low), high)


@compiled
def _round_all(values: Floats, out: npt.NDArray[np.int64]) -> None:
    for i in range(len(out)):
        out[i] = np.int64(np.rint(min(max(values[i], -_ROUNDABLE), _ROUNDABLE)))
