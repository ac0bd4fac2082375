"""The cells of one table: its segments' parts, put together in the columns' order, with nulls laid over."""

from collections.abc import Mapping, Sequence
from typing import cast

import numpy as np
import pyarrow as pa

from dwsim_wire.fault import InvalidArgument
from generator_svc.core.kernels.arrow_types import arrow_type
from generator_svc.core.kernels.bits import Bitmap, drawn_bits, with_validity
from generator_svc.core.kernels.kernel import RowSource
from generator_svc.core.keys import TableKeys
from generator_svc.core.origin import Origin
from generator_svc.core.parts import DependentPart, Part
from generator_svc.core.primitives import Rows
from generator_svc.core.row_sources import upstream
from generator_svc.core.segment_context import SegmentContext
from generator_svc.core.segment_parts import segment_parts
from generator_svc.core.segments import total_rows
from generator_svc.core.spec import Segment


class TableCells:
    """Cells of a table at any of its rows."""

    def __init__(self, keys: TableKeys, segments: Sequence[Segment], origin: Origin) -> None:
        self._keys, self._segments = keys, tuple(segments)
        columns = keys.table.columns
        self.schema = pa.schema(
            [pa.field(each.name, arrow_type(each.type), self._nullable(each.name)) for each in columns]
        )
        self._ends = np.array([segment.first_row + segment.rows for segment in self._segments], np.uint64)
        self._nulls = self._null_draws(origin)
        self._context = SegmentContext(keys, self._segments, origin)
        self._parts: dict[int, dict[str, Part | DependentPart]] = {}

    def prepare(self) -> None:
        """Make the parts of every segment, so that what cannot be made is refused now."""
        for number, segment in enumerate(self._segments):
            if segment.rows:
                self._parts[number] = {
                    column: part for part in segment_parts(self._context, number) for column in part.columns
                }

    def batch(self, rows: RowSource, count: int) -> pa.RecordBatch:
        """All columns, with nulls."""
        names = self.schema.names
        arrays = self.values(names, rows, count)
        drawn: dict[np.uint64, Bitmap] = {}
        valid: dict[str, Bitmap | None] = {}
        for at, name in enumerate(names):
            for each in upstream(self._context.sources, name, valid):
                valid[each] = self._validity(each, rows, count, valid, drawn)
            if (bits := valid[name]) is not None:
                arrays[at] = with_validity(arrays[at], bits)
        return pa.RecordBatch.from_arrays(arrays, schema=self.schema)

    def values(self, columns: Sequence[str], rows: RowSource, count: int) -> list[pa.Array]:
        """Some columns, before nulls are laid over."""
        if not count:
            return [pa.array([], self.schema.field(column).type) for column in columns]
        if isinstance(rows, np.ndarray):
            return self._scattered(columns, rows)
        return self._contiguous(columns, int(rows), count)

    def _contiguous(self, columns: Sequence[str], first: int, count: int) -> list[pa.Array]:
        end = first + count
        self._check(end)
        pieces = []
        for number, segment in enumerate(self._segments):
            start, stop = max(first, segment.first_row), min(end, segment.first_row + segment.rows)
            if start < stop:
                pieces.append(self._segment_values(number, columns, np.uint64(start), stop - start))
        return pieces[0] if len(pieces) == 1 else [pa.concat_arrays(list(each)) for each in zip(*pieces, strict=True)]

    def _scattered(self, columns: Sequence[str], rows: Rows) -> list[pa.Array]:
        self._check(int(rows.max()) + 1)
        if len(self._parts) == 1:
            return self._segment_values(next(iter(self._parts)), columns, rows, len(rows))
        numbers = np.searchsorted(self._ends, rows, side="right")
        present = np.flatnonzero(np.bincount(numbers))
        if len(present) == 1:
            return self._segment_values(int(present[0]), columns, rows, len(rows))
        order = np.argsort(numbers, kind="stable")
        pieces = [self._segment_values(int(n), columns, rows[numbers == n], int((numbers == n).sum())) for n in present]
        back = pa.array(np.argsort(order, kind="stable"))
        return [pa.concat_arrays(list(each)).take(back) for each in zip(*pieces, strict=True)]

    def _segment_values(self, number: int, columns: Sequence[str], rows: RowSource, count: int) -> list[pa.Array]:
        parts = self._parts[number]
        made: dict[str, pa.Array] = {}
        for column in columns:
            for name in upstream(self._context.sources, column, made):
                part = parts[name]
                if name in self._context.sources:
                    arrays = cast(DependentPart, part).after(made, rows, count)
                else:
                    arrays = cast(Part, part).arrays(rows, count)
                made.update(zip(part.columns, arrays, strict=True))
        return [made[column] for column in columns]

    def _validity(
        self,
        column: str,
        rows: RowSource,
        count: int,
        valid: Mapping[str, Bitmap | None],
        drawn: dict[np.uint64, Bitmap],
    ) -> Bitmap | None:
        """Bits of the rows that are not NULL: a column made from others is NULL with any of them, where it may be."""
        if not self._nullable(column):
            return None
        bits: Bitmap | None = None
        for source in self._context.sources.get(column, ()):
            bits = _both(bits, valid[source])
        if column not in self._nulls:
            return bits
        key, fraction = self._nulls[column]
        if key not in drawn:
            drawn[key] = ~drawn_bits(rows, count, key, fraction)
        return _both(drawn[key], bits)

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


def _both(bits: Bitmap | None, others: Bitmap | None) -> Bitmap | None:
    """Bits that are set in both; None is all."""
    if bits is None or others is None:
        return others if bits is None else bits
    return bits & others
