"""A keyed permutation of [0, size) for any size up to 2^64, and its inverse, at any position.

A generalised Feistel network on two digits of radix A = ceil(sqrt(size)) and B = ceil(size / A): rounds of modular
addition, then cycle walking, which is rare because A * B - size < A. 8 rounds; 16 below 4,096, where fewer leave
visible structure. The batch form keeps the rounds outside of a loop over a tile of rows, so that they vectorise.
"""

import math
from typing import Final

import numpy as np
import numpy.typing as npt

from generator_svc.core.kernels.kernel import RowSource, row_at
from generator_svc.core.primitives import MIX_1, MIX_2, Rows, compiled, derive_key, multiply_high

_TILE: Final = 512
_SMALL: Final = 4096
_ROUNDS: Final = 8
_HALF: Final = np.uint64(32)
_ZERO: Final = np.uint64(0)
_ONE: Final = np.uint64(1)


class Permutation:
    """The permutation of [0, size) that a key names."""

    def __init__(self, size: int, key: np.uint64) -> None:
        self.size = size
        radix_a = math.isqrt(size - 1) + 1
        radix_b = -(-size // radix_a)
        self._radix_a = np.uint64(radix_a)
        self._radix_b = np.uint64(radix_b)
        self._reciprocal = np.uint64(min((1 << 64) // radix_b, (1 << 64) - 1))
        self._last = np.uint64(size - 1)
        self._keys = np.array([derive_key("round", int(key), size, n) for n in range(round_count(size))], np.uint64)

    def span(self, first: int, count: int) -> Rows:
        """Images of positions first … first + count - 1."""
        return self._permuted(np.uint64(first), count)

    def cells(self, positions: Rows) -> Rows:
        """Images of any positions."""
        return self._permuted(positions, len(positions))

    def inverse(self, images: Rows) -> Rows:
        """Positions that have these images."""
        out = np.empty(len(images), np.uint64)
        _unpermute(images, self._radix_a, self._radix_b, self._last, self._keys, out)
        return out

    def _permuted(self, positions: RowSource, count: int) -> Rows:
        out = np.empty(count, np.uint64)
        permute(positions, self._radix_a, self._radix_b, self._reciprocal, self._last, self._keys, out)
        return out


def round_count(size: int) -> int:
    """Rounds that a range of this size takes."""
    return _ROUNDS if size >= _SMALL else 2 * _ROUNDS


@compiled
def round_value(digit: np.uint64, key: np.uint64, radix: np.uint64) -> np.uint64:
    """Hash one digit (below 2^32) and a round key to [0, radix)."""
    h = (digit + key) * MIX_1
    h = (h ^ (h >> _HALF)) * MIX_2
    return ((h >> _HALF) * radix) >> _HALF


@compiled
def permute_one(
    position: np.uint64, radix_a: np.uint64, radix_b: np.uint64, last: np.uint64, keys: npt.NDArray[np.uint64]
) -> np.uint64:
    """Permute one position, walking until the image lies in the range."""
    x = position
    while True:
        a = x // radix_b if x >= radix_b else _ZERO
        b = x - a * radix_b
        for i in range(0, len(keys), 2):
            a += round_value(b, keys[i], radix_a)
            a = min(a, a - radix_a)
            b += round_value(a, keys[i + 1], radix_b)
            b = min(b, b - radix_b)
        x = a * radix_b + b
        if x <= last:
            return x


@compiled
def permute(
    positions: RowSource,
    radix_a: np.uint64,
    radix_b: np.uint64,
    reciprocal: np.uint64,
    last: np.uint64,
    keys: npt.NDArray[np.uint64],
    out: Rows,
) -> None:
    """Permute positions tile by tile; `a - radix` wraps to a huge number where a < radix, hence min()."""
    tile_a = np.zeros(_TILE, np.uint64)
    tile_b = np.zeros(_TILE, np.uint64)
    for start in range(0, len(out), _TILE):
        size = min(_TILE, len(out) - start)
        for i in range(size):
            x = row_at(positions, start + i)
            a = multiply_high(x, reciprocal)
            b = x - a * radix_b
            if b >= radix_b:
                a += _ONE
                b -= radix_b
            tile_a[i] = a
            tile_b[i] = b
        for r in range(0, len(keys), 2):
            key_a, key_b = keys[r], keys[r + 1]
            for i in range(_TILE):
                a = tile_a[i] + round_value(tile_b[i], key_a, radix_a)
                a = min(a, a - radix_a)
                b = tile_b[i] + round_value(a, key_b, radix_b)
                tile_a[i] = a
                tile_b[i] = min(b, b - radix_b)
        for i in range(size):
            out[start + i] = tile_a[i] * radix_b + tile_b[i]
        for i in range(size):
            if out[start + i] > last:
                out[start + i] = permute_one(out[start + i], radix_a, radix_b, last, keys)


@compiled
def _unpermute(
    images: Rows, radix_a: np.uint64, radix_b: np.uint64, last: np.uint64, keys: npt.NDArray[np.uint64], out: Rows
) -> None:
    for i in range(len(out)):
        x = images[i]
        while True:
            a = x // radix_b
            b = x - a * radix_b
            for r in range(len(keys) - 2, -1, -2):
                step = round_value(a, keys[r + 1], radix_b)
                b += radix_b - step if b < step else _ZERO - step
                step = round_value(b, keys[r], radix_a)
                a += radix_a - step if a < step else _ZERO - step
            x = a * radix_b + b
            if x <= last:
                break
        out[i] = x
