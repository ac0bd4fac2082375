"""A plan: every cell of every table of a run, at any row, in any order."""

import datetime as dt
import difflib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dwsim_wire.fault import InvalidArgument
from generator_svc.core.dependencies import refuse_circles
from generator_svc.core.kernels.kernel import RowSource
from generator_svc.core.keys import generation_order, resolve_keys
from generator_svc.core.lives import Lives
from generator_svc.core.origin import Origin
from generator_svc.core.primitives import Rows
from generator_svc.core.redraw import Redraw
from generator_svc.core.run import Batch
from generator_svc.core.segments import first_segments, next_segments
from generator_svc.core.sheet import Cells, parent_link
from generator_svc.core.spec import ForeignKeySpec, Segment, TableSpec
from generator_svc.core.table_cells import TableCells
from generator_svc.core.versions import Versions

__all__ = ["Plan", "first_segments", "next_segments"]


class Made(NamedTuple):
    """Rows of a file, and a number for each, or for the first of a span, that no cut into batches changes."""

    numbers: RowSource
    cells: pa.RecordBatch


class Plan:
    """Cells as a pure function of engine version, seed, `as_of`, the tables' rules, segments and row numbers.

    Making a plan raises the faults of all its columns: what it accepts, it can generate.
    """

    def __init__(
        self,
        tables: Sequence[TableSpec],
        segments: Mapping[str, Sequence[Segment]],
        seed: int,
        as_of: dt.date,
        versions: Versions | None = None,
    ) -> None:
        self.seed, self.as_of, self.segments = seed, as_of, segments
        self.keys = keys = resolve_keys(tables)
        refuse_circles(keys)
        self.order = generation_order(keys)
        self.lives = Lives(keys, segments, versions, seed, self._links) if versions else None
        origin = Origin(seed, as_of, {table.name: table for table in tables}, self._other_cells, self.lives)
        self._origin = origin
        self._cells: dict[str, TableCells] = {}
        for name in keys:
            self._cells[name] = TableCells(keys[name], segments[name], origin)
        for cells in self._cells.values():
            cells.prepare()

    def schema(self, table: str) -> pa.Schema:
        """Arrow schema of a table's batches."""
        return self._table(table).schema

    def documents(self, table: str) -> frozenset[str]:
        """Columns of a table whose text is JSON."""
        return self._table(table).documents

    def batch(self, table: str, first_row: int, rows: int) -> pa.RecordBatch:
        """Rows first_row … first_row + rows - 1."""
        return self._table(table).batch(np.uint64(first_row), rows)

    def rows(self, table: str, rows: npt.NDArray[np.uint64]) -> pa.RecordBatch:
        """Any rows, in that order."""
        return self._table(table).batch(np.asarray(rows, np.uint64), len(rows))

    def made(self, batch: Batch) -> Made:
        """Rows of a batch, by their numbers."""
        first_row = np.uint64(batch.first_row)
        return Made(first_row, self._table(batch.table).compact_batch(first_row, batch.rows))

    def redrawn(self, table: str, redraw: Redraw) -> TableCells:
        """Cells of a table as the updates of a version draw them; keys are the same."""
        cells = TableCells(self.keys[table], self.segments[table], replace(self._origin, redraw=redraw))
        cells.prepare()
        return cells

    def cells(self, table: str) -> TableCells:
        """Cells of a table as they were inserted."""
        return self._table(table)

    def _links(self, table: str, key: ForeignKeySpec, rows: RowSource, count: int) -> Rows:
        (link,) = self._cells[table].cells((parent_link(key.columns),), rows, count)
        parents: Rows = link.values.to_numpy()
        return parents

    def _other_cells(self, table: str, columns: Sequence[str], rows: Rows) -> Sequence[Cells]:
        return self._cells[table].cells(columns, rows, len(rows))

    def _table(self, name: str) -> TableCells:
        try:
            return self._cells[name]
        except KeyError:
            near = difflib.get_close_matches(name, self._cells, 1)
            raise InvalidArgument(
                f"the plan has no table {name!r}; it has {', '.join(self._cells)}",
                hint=f"did you mean {near[0]!r}?" if near else "",
                metadata={"table": name},
            ) from None
