"""What every kernel is: values of any rows of one column.

A text kernel is made by `text.text_kernel(rule, column, key, rows, first_row=0)`.
"""

from collections.abc import Callable
from typing import Any, Protocol, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from numba.core import types
from numba.extending import overload

from generator_svc.core.primitives import Rows

Integers = npt.NDArray[np.int64]
# Row numbers one by one, or the first of a contiguous span: compiled code reads both through `row_at`.
RowSource = Rows | np.uint64


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


def _row_at(rows: RowSource, index: int) -> np.uint64:
    """Row number at a position, in compiled code only: each form of `rows` gets its own specialisation."""
    raise NotImplementedError


@overload(_row_at)
def _row_at_compiled(rows: Any, index: Any) -> Callable[..., Any]:  # noqa: ARG001 numba matches the names
    def listed(rows: Any, index: Any) -> Any:
        return rows[index]

    def contiguous(rows: Any, index: Any) -> Any:
        return rows + np.uint64(index)

    return listed if isinstance(rows, types.Array) else contiguous


row_at = cast("Callable[[RowSource, int], np.uint64]", _row_at)


def row_range(first: int, count: int) -> Rows:
    """Row numbers first … first + count - 1."""
    return np.arange(first, first + count, dtype=np.uint64)
