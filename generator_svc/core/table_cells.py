"""The cells of one table: its segments' parts, put together in the columns' order, with nulls laid over."""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

from dwsim_wire.fault import InvalidArgument
from generator_svc.core.dependent_parts import DependentPart
from generator_svc.core.faults import ImpossibleRule
from generator_svc.core.kernels.arrow_types import DOCUMENT_KINDS, arrow_type
from generator_svc.core.kernels.bits import Bitmap, drawn_bits
from generator_svc.core.kernels.kernel import RowSource
from generator_svc.core.keys import TableKeys
from generator_svc.core.origin import Origin
from generator_svc.core.parts import Part
from generator_svc.core.primitives import Rows
from generator_svc.core.segment_context import SegmentContext
from generator_svc.core.segment_parts import segment_parts
from generator_svc.core.segments import total_rows
from generator_svc.core.sheet import Cells, Sheet, both, joined, own_validity, parent_link
from generator_svc.core.spec import Segment


class TableCells:
    """Cells of a table at any of its rows."""

    def __init__(self, keys: TableKeys, segments: Sequence[Segment], origin: Origin) -> None:
        self._keys, self._segments = keys, tuple(segments)
        columns = keys.table.columns
        self.schema = pa.schema(
            [pa.field(each.name, arrow_type(each.type), self._nullable(each.name)) for each in columns]
        )
        self.documents = frozenset(each.name for each in columns if each.type.kind in DOCUMENT_KINDS)
        self._ends = np.array([segment.first_row + segment.rows for segment in self._segments], np.uint64)
        self._nulls = self._null_draws(origin)
        self._context = SegmentContext(keys, self._segments, origin)
        self._parts: dict[int, dict[str, Part | DependentPart]] = {}
        self._orders: dict[tuple[str, ...], Sequence[str]] = {}
        self._lives = origin.lives

    def prepare(self) -> None:
        """Make the parts of every segment, so that what cannot be made is refused now."""
        for number, segment in enumerate(self._segments):
            if segment.rows:
                self._parts[number] = {
                    column: part for part in segment_parts(self._context, number) for column in part.columns
                }

    def batch(self, rows: RowSource, count: int, at: int = 0) -> pa.RecordBatch:
        """All columns, with nulls; foreign keys as of version `at`."""
        cells = self.cells(self.schema.names, rows, count, at)
        return pa.RecordBatch.from_arrays([each.array for each in cells], schema=self.schema)

    def compact_batch(self, rows: RowSource, count: int) -> pa.RecordBatch:
        """All columns, with nulls; text of few different values with a dictionary, for those who write it."""
        arrays = [each.compact for each in self.cells(self.schema.names, rows, count)]
        fields = [field.with_type(array.type) for field, array in zip(self.schema, arrays, strict=True)]
        return pa.RecordBatch.from_arrays(arrays, schema=pa.schema(fields))

    def cells(self, columns: Sequence[str], rows: RowSource, count: int, at: int = 0) -> list[Cells]:
        """Some columns, their nulls apart."""
        if not count:
            return [Cells(pa.array([], self.schema.field(column).type)) for column in columns]
        if isinstance(rows, np.ndarray):
            return self._scattered(columns, rows, at)
        return self._contiguous(columns, int(rows), count, at)

    def _contiguous(self, columns: Sequence[str], first: int, count: int, at: int) -> list[Cells]:
        end = first + count
        self._check(end)
        pieces = []
        for number, segment in enumerate(self._segments):
            start, stop = max(first, segment.first_row), min(end, segment.first_row + segment.rows)
            if start < stop:
                pieces.append(self._segment_cells(number, columns, np.uint64(start), stop - start, at))
        return pieces[0] if len(pieces) == 1 else [joined(each) for each in zip(*pieces, strict=True)]

    def _scattered(self, columns: Sequence[str], rows: Rows, at: int) -> list[Cells]:
        self._check(int(rows.max()) + 1)
        if len(self._parts) == 1:
            return self._segment_cells(next(iter(self._parts)), columns, rows, len(rows), at)
        numbers = np.searchsorted(self._ends, rows, side="right")
        present = np.flatnonzero(np.bincount(numbers))
        if len(present) == 1:
            return self._segment_cells(int(present[0]), columns, rows, len(rows), at)
        order = np.argsort(numbers, kind="stable")
        pieces = [
            self._segment_cells(int(n), columns, rows[numbers == n], int((numbers == n).sum()), at) for n in present
        ]
        back = pa.array(np.argsort(order, kind="stable"))
        return [joined(each, back) for each in zip(*pieces, strict=True)]

    def _segment_cells(self, number: int, columns: Sequence[str], rows: RowSource, count: int, at: int) -> list[Cells]:
        parts, sheet = self._parts[number], Sheet(rows, count, at=at)
        for name in self._order(tuple(columns)):
            if name in sheet.cells:
                continue
            part = parts[name]
            if isinstance(part, DependentPart):
                self._keep(sheet, name, self._made(part, name, sheet))
                continue
            made = dict(zip(part.columns, part.arrays(rows, count), strict=True))
            for column, array in made.items():
                self._keep(sheet, column, Cells(array, self._with_parent(sheet, made, column)))
        return [sheet.cells[column] for column in columns]

    def _with_parent(self, sheet: Sheet, made: Mapping[str, pa.Array], column: str) -> Bitmap | None:
        """Rows whose parent lives, where a foreign key is let go of when it dies."""
        key = self._keys.reference_of(column)
        if not (sheet.at and self._lives and key and self._lives.lets_go(self._keys.table.name, key)):
            return None
        links = made[parent_link(key.columns)]
        if links.null_count:
            return None
        alive: Bitmap = np.packbits(self._lives.parents_deaths(key, links.to_numpy()) > sheet.at, bitorder="little")
        return alive

    def _made(self, part: DependentPart, column: str, sheet: Sheet) -> Cells:
        try:
            return part.cells(sheet)
        except ImpossibleRule as fault:
            raise self._context.located((column,), fault) from fault

    def _order(self, columns: tuple[str, ...]) -> Sequence[str]:
        """List columns and all that they are made from, each behind what it is made from."""
        if columns not in self._orders:
            order: dict[str, None] = {}
            for column in columns:
                stack = [column]
                while stack:
                    name = stack[-1]
                    missing = [each for each in self._context.needs.get(name, ()) if each not in order]
                    stack += missing
                    if not missing:
                        order.setdefault(stack.pop())
            self._orders[columns] = tuple(order)
        return self._orders[columns]

    def _keep(self, sheet: Sheet, column: str, made: Cells) -> None:
        """Keep cells with all their nulls: those of what they are made from, and their own share."""
        missing = own_validity(made.made)
        if not self._nullable(column):
            if missing is not None:
                self._refuse_null(sheet, column, made.made)
            sheet.cells[column] = Cells(made.made)
            return
        valid = both(missing, made.valid)
        if column in self._nulls:
            key, fraction = self._nulls[column]
            if key not in sheet.drawn:
                sheet.drawn[key] = ~drawn_bits(sheet.rows, sheet.count, key, fraction)
            valid = both(valid, sheet.drawn[key])
        sheet.cells[column] = Cells(made.made, valid)

    def _refuse_null(self, sheet: Sheet, column: str, values: pa.Array) -> None:
        row = sheet.row(values.is_null().index(True).as_py())
        raise ImpossibleRule(
            f"{self._keys.table.name}.{column}: row {row} would be NULL, and the column is required",
            hint="let the column be NULL, or let its rule give every row a value",
            metadata={"table": self._keys.table.name, "column": column, "row": str(row)},
        )

    def _check(self, end: int) -> None:
        if end > total_rows(self._segments):
            raise InvalidArgument(
                f"table {self._keys.table.name!r} has rows 0 to {total_rows(self._segments) - 1}, not {end - 1}",
                metadata={"table": self._keys.table.name},
            )

    def _nullable(self, column: str) -> bool:
        return column not in self._keys.never_null

    def _null_draws(self, origin: Origin) -> dict[str, tuple[np.uint64, float]]:
        """Key and share of nulls of each column that has any; the columns of one foreign key are NULL together."""
        draws = {}
        for column in self._keys.table.columns:
            fraction = self._keys.null_fraction(column)
            if fraction > 0.0:
                reference = self._keys.reference_of(column.name)
                names = reference.columns if reference else (column.name,)
                draws[column.name] = (origin.key("null", self._keys.table.name, *names), fraction)
        return draws
