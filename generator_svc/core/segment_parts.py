"""From the columns and keys of a table to the parts of one segment."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from dwsim_wire.fault import NotYetAvailable
from generator_svc.core.columns import column_kernel
from generator_svc.core.defaults import default_rule
from generator_svc.core.faults import ImpossibleRule
from generator_svc.core.kernels.arrow_types import arrow_type
from generator_svc.core.kernels.kernel import Kernel
from generator_svc.core.keys import TableKeys
from generator_svc.core.origin import Origin
from generator_svc.core.parents import AnyParent, DistinctParents, Parents, PopularParents, TreeParents
from generator_svc.core.parts import KernelPart, NullPart, ParentKeys, Part, ReferencePart, TreePart
from generator_svc.core.primitives import Rows
from generator_svc.core.spec import ColumnSpec, ForeignKeySpec, Segment, Tree, ZipfParents
from generator_svc.core.task import ColumnTask


class SegmentMaker:
    """Makes the parts of a table's segments."""

    def __init__(self, keys: TableKeys, segments: Sequence[Segment], origin: Origin) -> None:
        self._keys, self._segments, self._origin = keys, segments, origin
        self._name = keys.table.name

    def parts(self, number: int) -> list[Part]:
        """Parts of one segment, covering every column once."""
        if self._keys.groups and not all(
            any(set(g) <= set(key.columns) for key in self._keys.references) for g in self._keys.groups
        ):
            raise NotYetAvailable(f"{self._name}: composite keys")
        parts: list[Part] = [self._reference(key, number) for key in self._keys.references]
        covered = {column for part in parts for column in part.columns}
        free = [column for column in self._keys.table.columns if column.name not in covered]
        return [*parts, *(KernelPart(column.name, self._kernel(column, number)) for column in free)]

    def _kernel(self, column: ColumnSpec, number: int) -> Kernel:
        segment = self._segments[number]
        distinct = column.name in self._keys.distinct
        task = ColumnTask(
            table=self._name,
            column=column,
            key=self._origin.key("cell", self._name, column.name),
            as_of=self._origin.as_of,
            distinct=distinct,
            first_row=segment.first_row,
            rows=segment.rows,
            initial_rows=next(each.rows for each in self._segments if each.rows),
        )
        primary = self._keys.table.primary_key == (column.name,)
        return column_kernel(task, column.rule or default_rule(self._name, column, primary=primary, distinct=distinct))

    def _reference(self, key: ForeignKeySpec, number: int) -> Part:
        """Part of a foreign key: a self-reference is a tree, a distinct one a permutation, another as it chooses."""
        types = [arrow_type(self._keys.column(column).type) for column in key.columns]
        parent_keys = self._parent_keys(key)
        seed = self._origin.key("parent", self._name, *key.columns)
        if key.parent_table == self._name and not self._keys.is_distinct(key):
            levels = key.choice.levels if isinstance(key.choice, Tree) else Tree().levels
            tree = TreeParents(seed, self._segments[0].rows, max(levels, 2))
            return TreePart(key.columns, types, tree, parent_keys, nullable=key.nullable)
        if self._parent_rows(key, number) == 0:
            return self._orphans(key, types)
        return ReferencePart(key.columns, types, self._parents(key, number, seed), parent_keys)

    def _parents(self, key: ForeignKeySpec, number: int, seed: np.uint64) -> Parents:
        rows = self._parent_rows(key, number)
        if self._keys.is_distinct(key):
            so_far = self._segments[: number + 1]
            first_rows = [segment.first_row for segment in so_far]
            parent_rows = [self._parent_rows(key, earlier) for earlier in range(number + 1)]
            return DistinctParents(seed, first_rows, parent_rows, self._segments[number].rows)
        if isinstance(key.choice, ZipfParents):
            return PopularParents(seed, rows, key.choice.exponent or ZipfParents().exponent)
        return AnyParent(seed, rows)

    def _orphans(self, key: ForeignKeySpec, types: Sequence[pa.DataType]) -> Part:
        if not key.nullable:
            raise ImpossibleRule(
                f"{self._name}.{', '.join(key.columns)}: parent table {key.parent_table} has no rows",
                hint=f"generate at least one row of {key.parent_table}",
                metadata={"table": self._name, "column": key.columns[0]},
            )
        return NullPart(key.columns, types)

    def _parent_rows(self, key: ForeignKeySpec, number: int) -> int:
        segment = self._segments[number]
        if key.parent_table == self._name:
            return segment.first_row + segment.rows
        return segment.parent_rows[key.parent_table]

    def _parent_keys(self, key: ForeignKeySpec) -> ParentKeys:
        def parent_keys(parent_rows: Rows) -> Sequence[pa.Array]:
            return self._origin.key_cells(key.parent_table, key.parent_columns, parent_rows)

        return parent_keys
