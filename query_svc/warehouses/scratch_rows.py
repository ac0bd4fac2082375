"""Rows on their way into a scratch: ids that are none, ids that come twice, numbers of IDENTITY columns."""

from collections.abc import Iterable, Iterator

import pyarrow as pa
import pyarrow.compute as pc

from query_svc.core.faults import ExecutionFailed

_LEAST, _MOST = -(2**63), 2**63 - 1


def without_nulls(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Leave out rows without an id, which an outer join makes."""
    for batch in batches:
        yield batch.filter(pc.is_valid(batch.column(0)))


def refuse_twins(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Refuse two new values for one row: which of them stays would be chance."""
    seen: set[int] = set()
    for batch in batches:
        ids = batch.column(0).to_pylist()
        before = len(seen)
        seen.update(ids)
        if len(seen) - before != len(ids):
            raise ExecutionFailed(
                "a row would be changed twice: several rows match it",
                hint="make the join find at most one row for each, as by GROUP BY",
            )
        yield batch


def numbered(batches: Iterable[pa.RecordBatch], name: str, first: int, step: int) -> Iterator[pa.RecordBatch]:
    """Put a column of numbers behind the others."""
    for batch in batches:
        if batch.num_rows and not _LEAST <= first + (batch.num_rows - 1) * step <= _MOST:
            raise ExecutionFailed(
                f"column {name!r} has no numbers left: IDENTITY has reached the end of its type",
                hint="make the table anew, with a smaller first value",
                metadata={"column": name},
            )
        numbers = pa.array([first + place * step for place in range(batch.num_rows)], pa.int64())
        first += batch.num_rows * step
        yield pa.RecordBatch.from_arrays([*batch.columns, numbers], [*batch.schema.names, name])
