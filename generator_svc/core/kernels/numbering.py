"""Numbers that rows have to themselves, in a seeded order, whatever the table's size.

Rows are taken in blocks of a fixed size, each block permuted within itself. So a number depends on the row alone: an
appended segment goes on where the last one ended, and never meets a number of an earlier row.
"""

import numpy as np

from generator_svc.core.kernels.kernel import row_range
from generator_svc.core.permutation import Permutation
from generator_svc.core.primitives import Rows


class Numbering:
    """A bijection from rows to numbers of the same block of `block` rows."""

    def __init__(self, block: int, key: np.uint64) -> None:
        self.block = block
        self._permutation = Permutation(block, key)

    def cells(self, rows: Rows) -> Rows:
        """Numbers of any rows."""
        start = rows - rows % np.uint64(self.block)
        return self._permutation.cells(rows - start) + start

    def span(self, first: int, count: int) -> Rows:
        """Numbers of rows first … first + count - 1."""
        start = first - first % self.block
        if first + count > start + self.block:
            return self.cells(row_range(first, count))
        return self._permutation.span(first - start, count) + np.uint64(start)
