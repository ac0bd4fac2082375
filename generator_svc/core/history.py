"""Any row as of any version, and what a version did to it. Pure: from the versions' counts and row numbers alone."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from generator_svc.core.kernels.kernel import Integers, row_range
from generator_svc.core.lives import Flags
from generator_svc.core.plan import Plan
from generator_svc.core.primitives import Rows
from generator_svc.core.redraw import Redraw, changing_columns, changing_paths
from generator_svc.core.segments import total_rows
from generator_svc.core.table_cells import TableCells
from generator_svc.core.versions import Versions

_SEVERAL: Final = 2
_DENSE: Final = 4


@dataclass(frozen=True, slots=True)
class Span:
    """Neighbouring rows of a table, the version that inserts each, and the one that deletes it."""

    table: str
    rows: Rows
    births: Integers
    deaths: Integers


class History:
    """Rows of a plan's tables over its versions."""

    def __init__(self, plan: Plan, versions: Versions) -> None:
        assert plan.lives is not None, "a plan with versions has lives"
        self.plan, self.lives, self._versions = plan, plan.lives, versions
        self._changing = changing_columns(plan.keys)
        self._paths = changing_paths(plan.keys)
        self._redrawn: dict[tuple[str, int], TableCells] = {}
        self._turn = threading.Lock()

    def span(self, table: str, first_row: int, rows: int) -> Span:
        """Lives of rows first_row … first_row + rows - 1."""
        first = np.uint64(first_row)
        births, deaths = self.lives.births(table, first, rows), self.lives.deaths(table, first, rows)
        return Span(table, row_range(first_row, rows), births, deaths)

    def snapshot(self, table: str, first_row: int, rows: int, version: int) -> pa.RecordBatch:
        """Those of rows first_row … first_row + rows - 1 that live at a version, as they are then."""
        return self.images(table, self.living(self.span(table, first_row, rows), version), version)

    def living(self, span: Span, version: int) -> Rows:
        """Rows that live at a version."""
        living: Rows = span.rows[(span.births <= version) & (span.deaths > version)]
        return living

    def inserted(self, span: Span, version: int) -> Rows:
        """Rows that a version inserts; one whose parent had died before never comes to be."""
        inserted: Rows = span.rows[(span.births == version) & (span.deaths > version)]
        return inserted

    def deleted(self, span: Span, version: int) -> Rows:
        """Rows that a version deletes."""
        deleted: Rows = span.rows[(span.births < version) & (span.deaths == version)]
        return deleted

    def updated(self, span: Span, version: int) -> Rows:
        """Rows that a version updates: its own share, and those that lose a parent."""
        rows: Rows = span.rows[(span.births < version) & (span.deaths > version)]
        changed = self.lives.updated(span.table, rows, len(rows), version)
        for key in self.lives.loose_keys(span.table):
            changed |= self._loses(span.table, key.columns[0], rows, version)
        updated: Rows = rows[changed]
        return updated

    def images(self, table: str, rows: Rows, version: int) -> pa.RecordBatch:
        """Rows in order as they are at a version, which they are born by."""
        drawn = self._draws(table, rows, version)
        present: Sequence[int] = np.unique(drawn).tolist()
        if len(present) < _SEVERAL:
            return self._drawn(table, rows, present[0] if present else 0, version)
        pieces = [self._drawn(table, rows[drawn == each], each, version) for each in present]
        back = np.argsort(np.argsort(drawn, kind="stable"), kind="stable")
        whole: pa.RecordBatch = pa.concat_batches(pieces).take(pa.array(back))
        return whole

    def rows_of(self, table: str) -> int:
        """Rows of a table that any version has or had."""
        return total_rows(self.plan.segments[table])

    def changes(self, table: str) -> bool:
        """Whether updates have anything to draw."""
        return bool(self._changing[table])

    def _loses(self, table: str, column: str, rows: Rows, version: int) -> Flags:
        """Rows whose foreign key is there before a version and NULL from it on."""
        cells = self.plan.cells(table)
        before, after = (
            cells.cells((column,), rows, len(rows), at)[0].array.is_valid() for at in (version - 1, version)
        )
        lost: Flags = before.to_numpy(zero_copy_only=False) & ~after.to_numpy(zero_copy_only=False)
        return lost

    def _drawn(self, table: str, rows: Rows, drawn: int, version: int) -> pa.RecordBatch:
        """Rows that one version drew last; dense ones are taken out of their whole range, which is made faster."""
        cells, count = self._cells(table, drawn), len(rows)
        width = int(rows[-1] - rows[0]) + 1 if count else 0
        if width > _DENSE * count:
            return cells.batch(rows, count, version)
        whole = cells.batch(rows[0] if count else np.uint64(0), width, version)
        taken: pa.RecordBatch = whole if width == count else whole.take(pa.array(rows - rows[0]))
        return taken

    def _draws(self, table: str, rows: Rows, version: int) -> Integers:
        """Version that drew each row's changing cells last; 0 for those of its birth."""
        drawn = np.zeros(len(rows), np.int64)
        left = np.arange(len(rows))
        for each in range(version, 0, -1):
            mine = self.lives.updated(table, rows[left], len(left), each)
            drawn[left[mine]] = each
            left = left[~mine]
            if not len(left):
                break
        return drawn

    def _cells(self, table: str, version: int) -> TableCells:
        if not version:
            return self.plan.cells(table)
        with self._turn:
            if (table, version) not in self._redrawn:
                redraw = Redraw(version, self._changing, self._paths)
                self._redrawn[table, version] = self.plan.redrawn(table, redraw)
            return self._redrawn[table, version]
