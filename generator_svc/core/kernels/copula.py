"""Columns that move together: a Gaussian copula over the laws that the columns have anyway.

Each member of a group has a latent normal y = sum of weights x independent normals of the row. A law reads the hash of
its row as a probability and rises with it. So the row is replaced by the one whose hash says what y says: the hash with
quantile y (the committed normal table, inverted), and then the inverse of the hash function. The law does the rest.
"""

from functools import cache
from typing import Final

import numpy as np
import pyarrow as pa

from generator_svc.core.kernels.floats import Floats
from generator_svc.core.kernels.kernel import Kernel, RowSource, row_at
from generator_svc.core.kernels.normal import quantile_at, quantiles
from generator_svc.core.primitives import GOLDEN, MIX_1, MIX_2, Rows, compiled, mix

_OCTAVES: Final = 64
_CELLS: Final = 16
_WORD: Final = 1 << 64
_BACK: Final = tuple(np.uint64(pow(int(factor), -1, _WORD)) for factor in (MIX_2, MIX_1, GOLDEN))
_BACK_2, _BACK_1, _BACK_GOLDEN = _BACK
_STEPS: Final = 6
_MANTISSA: Final = 2.0**52
_TOP: Final = np.uint64(1 << 63)


class Correlated:
    """A kernel whose law follows the latent normal of its member of a group."""

    def __init__(self, kernel: Kernel, key: np.uint64, latents: Rows, weights: Floats) -> None:
        """Take the kernel, the key that it draws by, and the keys and weights of the independent normals."""
        self.arrow_type = kernel.arrow_type
        self._kernel, self._key, self._latents, self._weights = kernel, key, latents, weights

    def cells(self, rows: Rows) -> pa.Array:
        """Values of any rows, in that order."""
        return self._array(rows, len(rows))

    def span(self, first: int, count: int) -> pa.Array:
        """Values of rows first … first + count - 1."""
        return self._array(np.uint64(first), count)

    def _array(self, rows: RowSource, count: int) -> pa.Array:
        out = np.empty(count, np.uint64)
        _stand_ins(rows, self._key, self._latents, self._weights, quantiles(), _knots(), out)
        return self._kernel.cells(out)


def rows_of_hashes(hashes: Rows, key: np.uint64) -> Rows:
    """Row numbers whose hashes by a key are these."""
    out = np.empty(len(hashes), np.uint64)
    _rows_of_hashes(hashes, key, out)
    return out


@compiled
def unmix(value: np.uint64) -> np.uint64:
    """Invert `mix`: every step of it is a bijection of 64 bits."""
    x = value ^ (value >> np.uint64(31)) ^ (value >> np.uint64(62))
    x = x * _BACK_2
    x = (x ^ (x >> np.uint64(27)) ^ (x >> np.uint64(54))) * _BACK_1
    return np.uint64((x ^ (x >> np.uint64(30)) ^ (x >> np.uint64(60))) * _BACK_GOLDEN)


@compiled
def hash_of_quantile(y: float, table: Floats, knots: Floats) -> np.uint64:
    """Hash whose normal quantile is y: the cell by halves, the place in its cubic by Newton's steps."""
    z = -abs(y)
    low, high = 0, len(knots)
    while high - low > 1:
        middle = (low + high) >> 1
        if knots[middle] <= z:
            low = middle
        else:
            high = middle
    octave, cell = _OCTAVES - 1 - low // _CELLS, low % _CELLS
    at = (octave * _CELLS + cell) * 4
    f = 0.0
    for _ in range(_STEPS):
        value = table[at] + f * (table[at + 1] + f * (table[at + 2] + f * table[at + 3])) - z
        slope = table[at + 1] + f * (2.0 * table[at + 2] + f * 3.0 * table[at + 3])
        f = min(max(f - value / slope if slope > 0.0 else 0.0, 0.0), 1.0)
    mantissa = np.uint64(min(np.int64(f * _MANTISSA), np.int64((1 << 52) - 1)))
    tail = _TOP | (np.uint64(cell) << np.uint64(59)) | (mantissa << np.uint64(7))
    below = (tail >> np.uint64(octave)) >> np.uint64(1)
    return ~below if y > 0.0 else below


@cache
def _knots() -> Floats:
    """Quantiles at which the table's cells begin, rising."""
    first = quantiles().reshape(_OCTAVES, _CELLS, 4)[::-1, :, 0]
    return np.ascontiguousarray(first).reshape(-1)


@compiled
def _stand_ins(
    rows: RowSource, key: np.uint64, latents: Rows, weights: Floats, table: Floats, knots: Floats, out: Rows
) -> None:
    for i in range(len(out)):
        row, y = row_at(rows, i), 0.0
        for j in range(len(latents)):
            y += weights[j] * quantile_at(mix(row + latents[j]), table)
        out[i] = unmix(hash_of_quantile(y, table, knots)) - key


@compiled
def _rows_of_hashes(hashes: Rows, key: np.uint64, out: Rows) -> None:
    for i in range(len(out)):
        out[i] = unmix(hashes[i]) - key
