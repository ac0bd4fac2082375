"""What a change set stages: a feed of changes, a history in intervals, or the living rows, batch by batch."""

from collections.abc import Callable, Iterator
from typing import Final

import numpy as np
import pyarrow as pa

from generator_svc.core.change_clock import MOMENT, ChangeClock
from generator_svc.core.history import History, Span
from generator_svc.core.kernels.kernel import Integers
from generator_svc.core.plan import Made, Plan
from generator_svc.core.primitives import Rows
from generator_svc.core.run import Batch, Operation
from generator_svc.core.versions import ChangeOutput, ChangeSet

_TILE: Final = 131_072
_VERSION_BITS: Final = np.uint64(44)
FEED_FIELDS: Final = (
    pa.field("_op", pa.string(), nullable=False),
    pa.field("_ts", MOMENT, nullable=False),
    pa.field("_version", pa.int32(), nullable=False),
)
INTERVAL_FIELDS: Final = (
    pa.field("valid_from", MOMENT, nullable=False),
    pa.field("valid_to", MOMENT),
    pa.field("is_current", pa.bool_(), nullable=False),
)
ADDED_COLUMNS: Final = {
    ChangeOutput.CDC_FEED: tuple(field.name for field in FEED_FIELDS),
    ChangeOutput.SCD2: tuple(field.name for field in INTERVAL_FIELDS),
    ChangeOutput.SNAPSHOT: (),
}


class ChangePlan:
    """Batches of a change set as a pure function of the plan, the versions' counts and row numbers."""

    def __init__(self, plan: Plan, changes: ChangeSet) -> None:
        self.history = History(plan, changes.versions)
        self._version, self._plan = changes.version, plan
        self._clock = ChangeClock(plan.order, plan.segments, plan.as_of)
        self._chosen: dict[Operation, Callable[[Span, int], Rows]] = {
            Operation.INSERT: self.history.inserted,
            Operation.UPDATE: self.history.updated,
            Operation.DELETE: self.history.deleted,
            Operation.STATE: self.history.living,
        }

    def made(self, batch: Batch) -> Made:
        """What an operation did to the rows of a batch."""
        assert batch.operation is not None, "a change set's batches are of an operation"
        if batch.operation is Operation.HISTORY:
            return self._intervals(batch)
        choose = self._chosen[batch.operation]
        rows = np.concatenate([choose(span, self._version) for span in self._spans(batch)])
        if batch.operation is Operation.STATE:
            return Made(rows, self.history.images(batch.table, rows, self._version))
        return self._feed(batch.table, batch.operation, rows)

    def documents(self, table: str) -> frozenset[str]:
        """Columns of a table whose text is JSON."""
        return self._plan.documents(table)

    def _feed(self, table: str, operation: Operation, rows: Rows) -> Made:
        """Changes in time order; a deleted row is told as it was before."""
        before = operation is Operation.DELETE
        images = self.history.images(table, rows, self._version - before)
        moments = self._clock.moments(operation, table, rows, self._version)
        added = [
            pa.repeat(pa.scalar(operation.value), len(rows)),
            pa.array(moments, MOMENT),
            pa.repeat(pa.scalar(self._version, pa.int32()), len(rows)),
        ]
        schema = pa.schema([*FEED_FIELDS, *self._plan.schema(table)])
        return Made(rows, pa.RecordBatch.from_arrays([*added, *images.columns], schema=schema))

    def _intervals(self, batch: Batch) -> Made:
        """Every state that rows have had so far, row by row, oldest first."""
        pieces = [piece for span in self._spans(batch) for piece in self._span_intervals(span)]
        numbers = np.concatenate([np.atleast_1d(piece.numbers) for piece in pieces])
        rows = numbers & np.uint64((1 << int(_VERSION_BITS)) - 1)
        order = np.lexsort((numbers >> _VERSION_BITS, rows))
        whole = pa.concat_batches([piece.cells for piece in pieces]).take(pa.array(order))
        return Made(numbers[order], whole)

    def _span_intervals(self, span: Span) -> Iterator[Made]:
        """Intervals that begin at each version, newest first; each ends where the next of its row begins."""
        ends = np.full(len(span.rows), -1, np.int64)
        self._happen(ends, span, Operation.DELETE, self._version)
        for version in range(self._version, -1, -1):
            begun = np.full(len(span.rows), -1, np.int64)
            self._happen(begun, span, Operation.INSERT, version)
            self._happen(begun, span, Operation.UPDATE, version)
            mine = begun >= 0
            yield self._states(span.table, span.rows[mine], version, begun[mine], ends[mine])
            ends = np.where(mine, begun, ends)
            self._happen(ends, span, Operation.DELETE, version - 1)

    def _happen(self, moments: Integers, span: Span, operation: Operation, version: int) -> None:
        """Write the moments of a version's operation where it happens; version 0 only inserts."""
        if version > 0 or (operation is Operation.INSERT and version == 0):
            chosen = self._chosen[operation](span, version)
            places = np.searchsorted(span.rows, chosen)
            moments[places] = self._clock.moments(operation, span.table, chosen, version)

    def _states(self, table: str, rows: Rows, version: int, begun: Integers, ends: Integers) -> Made:
        images, open_ended = self.history.images(table, rows, version), ends < 0
        added = [
            pa.array(begun, MOMENT),
            pa.array(ends, MOMENT, mask=open_ended),
            pa.array(open_ended, pa.bool_()),
        ]
        schema = pa.schema([*self._plan.schema(table), *INTERVAL_FIELDS])
        cells = pa.RecordBatch.from_arrays([*images.columns, *added], schema=schema)
        return Made(rows | (np.uint64(version) << _VERSION_BITS), cells)

    def _spans(self, batch: Batch) -> Iterator[Span]:
        end = batch.first_row + batch.rows
        for first_row in range(batch.first_row, end, _TILE):
            yield self.history.span(batch.table, first_row, min(_TILE, end - first_row))
