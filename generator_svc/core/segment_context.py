"""What the makers of a table's parts ask: columns' tasks and rules, parents' rows and keys."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from dwsim_wire.fault import InvalidArgument
from generator_svc.core.arrangement import arrange
from generator_svc.core.columns import column_kernel, naming_column
from generator_svc.core.correlations import correlated_kernel, memberships
from generator_svc.core.defaults import default_rule
from generator_svc.core.dependencies import Need, row_needs
from generator_svc.core.faults import ImpossibleRule
from generator_svc.core.hierarchy_columns import group_trees, with_tree
from generator_svc.core.kernels.arrow_types import arrow_type
from generator_svc.core.kernels.kernel import Kernel
from generator_svc.core.keys import TableKeys
from generator_svc.core.living_parents import DeadRows
from generator_svc.core.origin import Origin
from generator_svc.core.parts import ParentKeys
from generator_svc.core.primitives import Rows
from generator_svc.core.rules import HierarchyRule, Rule
from generator_svc.core.sheet import Cells
from generator_svc.core.spec import ColumnSpec, ForeignKeySpec, Segment
from generator_svc.core.task import ColumnTask

# Distinct values are drawn from a range this many times larger than the first segment, where the range may grow.
_SPARSE = 4


class SegmentContext:
    """One table of a plan, seen from its segments."""

    def __init__(self, keys: TableKeys, segments: Sequence[Segment], origin: Origin) -> None:
        self.keys, self.segments, self._origin = keys, tuple(segments), origin
        self.name = keys.table.name
        self.needs = row_needs(keys)
        self._trees = group_trees(keys.table)
        self._correlated = memberships(keys)
        self._initial = next((segment for segment in self.segments if segment.rows), Segment(0, 0))
        self.arrangement = arrange(keys, self._initial.parent_rows or {key.parent_table: 0 for key in keys.references})
        self.distinct = keys.distinct | self.arrangement.distinct

    def task(self, column: str, number: int) -> ColumnTask:
        """Task of a column in one segment."""
        segment = self.segments[number]
        return ColumnTask(
            table=self.name,
            column=self.keys.column(column),
            key=self._key_of(column),
            as_of=self._origin.as_of,
            distinct=column in self.distinct,
            first_row=segment.first_row,
            rows=segment.rows,
            wanted=_SPARSE * self._initial.rows,
            opening_rows=self._initial.rows,
        )

    def _key_of(self, column: str) -> np.uint64:
        """Key of a column's cells; the columns of one hierarchy's path share theirs."""
        rule = self.keys.column(column).rule
        if isinstance(rule, HierarchyRule) and rule.group:
            return self._origin.key("path", self.name, rule.group)
        return self._origin.key("cell", self.name, column)

    def rule(self, column: str, *, member: bool = False) -> Rule:
        """Rule of a column: its own, or the default of its type and name, and of a member of a key."""
        spec, primary = self.keys.column(column), self.keys.table.primary_key == (column,)
        if isinstance(spec.rule, HierarchyRule):
            return with_tree(spec.rule, self._trees)
        return spec.rule or default_rule(self.name, spec, primary=primary, distinct=member or column in self.distinct)

    def kernel(self, column: str, number: int) -> Kernel:
        """Kernel of a column that stands alone."""
        task, rule, member = self.task(column, number), self.rule(column), self._correlated.get(column)
        kernel = column_kernel(task, rule)
        if member is None:
            return kernel
        latents = [self.key(f"correlation {place}", *member.group) for place in range(len(member.weights))]
        with naming_column(task):
            return correlated_kernel(kernel, rule, task.key, np.array(latents, np.uint64), member)

    def refuse_correlated(self, column: str) -> None:
        """Refuse a column of a correlation that is made from others."""
        if column in self._correlated:
            raise ImpossibleRule(
                f"{self.name}.{column}: the column is correlated, and its rule makes it from other columns",
                hint="use uniform, normal or another law, or take the column out of the correlation",
                metadata={"table": self.name, "column": column},
            )

    def needed_column(self, need: Need) -> ColumnSpec:
        """Column of this table or of a parent that another is made from."""
        if need.key is None:
            return self.keys.column(need.column)
        parent = self._origin.tables[need.key.parent_table]
        for column in parent.columns:
            if column.name == need.column:
                return column
        raise InvalidArgument(
            f"table {parent.name!r} has no column {need.column!r}",
            hint=f"it has {', '.join(column.name for column in parent.columns)}",
        )

    def parent_cells(self, need: Need, parents: Rows) -> Cells:
        """Cells of a parent's column at parent rows."""
        assert need.key is not None
        return self._origin.cells(need.key.parent_table, (need.column,), parents)[0]

    def key(self, purpose: str, *columns: str) -> np.uint64:
        """Key of one purpose of some columns."""
        return self._origin.key(purpose, self.name, *columns)

    def types(self, key: ForeignKeySpec) -> list[pa.DataType]:
        """Arrow types of a foreign key's columns."""
        return [arrow_type(self.keys.column(column).type) for column in key.columns]

    def parent_keys(self, key: ForeignKeySpec) -> ParentKeys:
        """Look up the parent's key columns at its rows."""

        def parent_keys(parent_rows: Rows) -> Sequence[pa.Array]:
            return self._origin.key_cells(key.parent_table, key.parent_columns, parent_rows)

        return parent_keys

    def parent_rows(self, key: ForeignKeySpec, number: int) -> int:
        """Rows that a parent and those like it have when a segment is made; none before the first."""
        if number < 0:
            return 0
        segment = self.segments[number]
        if key.parent_table == self.name:
            return segment.first_row + segment.rows
        return min(segment.parent_rows[parent] for parent in key.parents)

    def dead_parents(self, key: ForeignKeySpec, number: int) -> DeadRows | None:
        """Tell which parent rows are dead when a change set inserts the segment; None if none can be."""
        version, lives = self.segments[number].version, self._origin.lives
        if not version or lives is None or not lives.loses_parents(key):
            return None
        return lambda rows: lives.parents_deaths(key, rows) <= version

    def no_parents(self, key: ForeignKeySpec) -> ImpossibleRule:
        """Say that a required foreign key has no parent to take."""
        return ImpossibleRule(
            f"{self.name}.{', '.join(key.columns)}: parent table {key.parent_table} has no rows",
            hint=f"generate at least one row of {key.parent_table}",
            metadata={"table": self.name, "column": key.columns[0]},
        )

    def located(self, columns: Sequence[str], fault: ImpossibleRule) -> ImpossibleRule:
        """Name table and columns in a fault that knows only numbers."""
        return ImpossibleRule(
            f"{self.name}.{', '.join(columns)}: {fault.message}",
            hint=fault.hint,
            metadata={"table": self.name, "column": columns[0], **fault.metadata},
        )
