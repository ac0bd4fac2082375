"""What every kernel is: values of any rows of one column."""

from typing import Protocol

import numpy as np
import pyarrow as pa

from generator_svc.core.primitives import Rows


class Kernel(Protocol):
    """Values of one column as a pure function of the row. Rows count from 0 over the whole table, appends included.

    A kernel never yields nulls: the plan lays them over. A kernel whose values depend on a table's size is made for one
    segment: it is told `first_row` and `rows` and is asked only for rows in [first_row, first_row + rows). Its values
    must be distinct from those that kernels of the same column and key yield for other, disjoint segments: let a
    segment permute inside its own number range [first_row, first_row + rows) and make the value from that number.
    """

    arrow_type: pa.DataType

    def cells(self, rows: Rows) -> pa.Array:
        """Values of any rows, in that order."""
        ...

    def span(self, first: int, count: int) -> pa.Array:
        """Values of rows first … first + count - 1; equal to `cells` of them."""
        ...


def row_range(first: int, count: int) -> Rows:
    """Row numbers first … first + count - 1."""
    return np.arange(first, first + count, dtype=np.uint64)
