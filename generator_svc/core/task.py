"""One column of one segment, as the kernels' makers are told of it."""

import datetime as dt
from dataclasses import dataclass

import numpy as np

from generator_svc.core.faults import ImpossibleRule
from generator_svc.core.spec import ColumnSpec


@dataclass(frozen=True, slots=True)
class ColumnTask:
    """What a kernel may depend on: key, segment, `as_of`. A distinct range without bounds has `wanted` values."""

    table: str
    column: ColumnSpec
    key: np.uint64
    as_of: dt.date
    distinct: bool
    first_row: int
    rows: int
    wanted: int
    opening_rows: int = 0
    """Rows of the first segment that has any: the pace of what goes on in later ones."""

    @property
    def last_row(self) -> int:
        """Rows up to the end of the segment: what distinct values must suffice for."""
        return self.first_row + self.rows

    def require(self, size: int, values: str) -> None:
        """Refuse a distinct column whose domain has fewer values than rows."""
        if self.distinct and size < self.last_row:
            raise ImpossibleRule(
                f"{self.last_row} rows need distinct values, {values} has {size}",
                hint=f"generate at most {size} rows, widen the range, or drop the uniqueness",
                metadata={"domain_size": str(size), "rows": str(self.last_row)},
            )

    def refuse_distinct(self, law: str) -> None:
        """Refuse a distinct column under a law that repeats values."""
        if self.distinct:
            raise ImpossibleRule(
                f"{law} repeats values, the column is unique",
                hint="use the sequence, permuted or uniform rule, or drop the uniqueness",
            )
