"""Laws that draw whole numbers, and the kernel that stores them as values of a type."""

from typing import Protocol

import numpy as np
import pyarrow as pa

from generator_svc.core.kernels.kernel import Integers, RowSource, row_at
from generator_svc.core.kernels.storage import Storage
from generator_svc.core.permutation import Permutation
from generator_svc.core.primitives import Rows, compiled, mix, multiply_high


class Law(Protocol):
    """Draws a whole number for each row."""

    def draw(self, rows: RowSource, count: int) -> Integers:
        """Numbers of `count` rows."""
        ...


class NumberKernel:
    """Numbers of a law as values of a type."""

    def __init__(self, law: Law, storage: Storage) -> None:
        self.arrow_type = storage.arrow_type
        self._law, self._storage = law, storage

    def cells(self, rows: Rows) -> pa.Array:
        """Values of any rows, in that order."""
        return self._storage.array(self._law.draw(rows, len(rows)))

    def span(self, first: int, count: int) -> pa.Array:
        """Values of rows first … first + count - 1."""
        return self._storage.array(self._law.draw(np.uint64(first), count))


class Counting:
    """0, 1, 2, …: the row itself."""

    def draw(self, rows: RowSource, count: int) -> Integers:
        """Row numbers."""
        if isinstance(rows, np.ndarray):
            return rows.view(np.int64)
        return np.arange(int(rows), int(rows) + count, dtype=np.int64)


class Uniform:
    """0 … size - 1, each as likely: the high half of hash * size, so no value is favoured up to 2^64."""

    def __init__(self, key: np.uint64, size: int) -> None:
        self._key, self._size = key, np.uint64(size % (1 << 64))

    def draw(self, rows: RowSource, count: int) -> Integers:
        """Even draws; a size of 2^64 wraps to 0 and takes the hash itself."""
        out = np.empty(count, np.uint64)
        _uniform(rows, self._key, self._size, out)
        return out.view(np.int64)


class Permuted:
    """Distinct numbers of [first_row, first_row + size) in a seeded order, for those rows of one segment."""

    def __init__(self, key: np.uint64, size: int, first_row: int = 0) -> None:
        self._permutation, self._first_row = Permutation(size, key), first_row

    def draw(self, rows: RowSource, count: int) -> Integers:
        """Images of the rows within their segment."""
        first_row = np.uint64(self._first_row)
        if isinstance(rows, np.ndarray):
            images = self._permutation.cells(rows - first_row if self._first_row else rows)
        else:
            images = self._permutation.span(int(rows) - self._first_row, count)
        if self._first_row:
            images += first_row
        return images.view(np.int64)


@compiled
def _uniform(rows: RowSource, key: np.uint64, size: np.uint64, out: Rows) -> None:
    for i in range(len(out)):
        h = mix(row_at(rows, i) + key)
        out[i] = multiply_high(h, size) if size != np.uint64(0) else h
