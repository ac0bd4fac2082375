"""Writing statements as results: rows are read and written into the scratch, the answer is their number."""

from collections.abc import Callable, Iterable, Iterator

import pyarrow as pa

from query_svc.core.catalog import Column, Place, Table
from query_svc.core.translate import Translation
from query_svc.core.types import INT64, SqlType
from query_svc.core.writes.plan import Change, Kind, Plan
from query_svc.warehouses.reader import Reader, Statement, Stop
from query_svc.warehouses.scratch import Scratches, Writing
from query_svc.warehouses.scratch_rows import numbered
from query_svc.worker.execution import Limits, measured, within

COLUMN = "rows"
Keep = Callable[[Place], None]
ToStatement = Callable[[Translation], Statement]


class PlanReader:
    """A reader of one statement: that of a plan."""

    def __init__(
        self,
        plan: Plan,
        scratch: Place,
        reader: Reader,
        scratches: Scratches,
        keep: Keep,
        to_statement: ToStatement,
        limits: Limits,
    ) -> None:
        self._plan, self._scratch, self._keep, self._limits = plan, scratch, keep, limits
        self._reader, self._scratches, self._to_statement = reader, scratches, to_statement

    def run(self, _statement: Statement, stop: Stop) -> "Written":
        """Write, all or nothing; the scratch is known as it is once that is committed."""
        plan = self._plan
        tables: dict[str, Table] = {table.name: table for table in plan.made}
        rows = 0
        with self._scratches.write(self._scratch.namespace, stop) as writing:
            for name in plan.dropped:
                writing.drop(name)
            for table in plan.made:
                writing.make(table)
            for table in plan.cleared:
                rows += writing.clear(table)
                tables[table.name] = _counted(table, -table.rows)
            for change in plan.changes:
                table = tables.get(change.table.name, change.table)
                changed, tables[table.name] = self._change(writing, change, table, stop)
                rows += changed
        self._keep(_with(plan.applied(self._scratch), tables))
        return Written(rows)

    def _change(self, writing: Writing, change: Change, table: Table, stop: Stop) -> tuple[int, Table]:
        statement = self._to_statement(change.query)
        result = self._reader.run(statement, stop)
        rows = measured(result, statement.longest_text)
        batches = within(rows, self._limits, "filter more, or raise the limits: nothing was written")
        try:
            if change.kind is Kind.UPDATE:
                return writing.update(table, change.columns, batches), table
            if change.kind is Kind.DELETE:
                removed = writing.remove(table, batches)
                return removed, _counted(table, -removed)
            columns, numbered_batches = _with_identities(table, change.columns, batches)
            added = writing.append(table, columns, numbered_batches)
            return added, _counted(table, added)
        finally:
            result.close()

    def explain(self, _statement: Statement, _stop: Stop) -> str:
        """Nothing explains a plan."""
        return ""

    def close(self) -> None:
        """Nothing is kept."""


class Written:
    """One row: how many rows a statement wrote."""

    columns: tuple[tuple[str, SqlType], ...] = ((COLUMN, INT64),)
    schema = pa.schema([pa.field(COLUMN, pa.int64())])

    def __init__(self, rows: int) -> None:
        self._rows = rows

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the number."""
        yield pa.RecordBatch.from_arrays([pa.array([self._rows], pa.int64())], schema=self.schema)

    def close(self) -> None:
        """Nothing is held."""


def _counted(table: Table, more: int) -> Table:
    """The table with as many rows more, and its next numbers."""
    columns = tuple(_advanced(column, more) for column in table.columns)
    return Table(
        table.name, table.target, columns, max(table.rows + more, 0), table.primary_key, dict(table.properties)
    )


def _advanced(column: Column, rows: int) -> Column:
    if "identity" not in column.properties or rows <= 0:
        return column
    first, step = _identity(column)
    facts = {**column.properties, "identity": f"{first + rows * step},{step}"}
    return Column(column.name, column.declared, column.type, column.required, column.target, facts)


def _identity(column: Column) -> tuple[int, int]:
    first, _, step = column.properties["identity"].partition(",")
    return int(first), int(step)


def _with_identities(
    table: Table, columns: tuple[str, ...], batches: Iterable[pa.RecordBatch]
) -> tuple[tuple[str, ...], Iterable[pa.RecordBatch]]:
    """Number the rows in the columns that are IDENTITY and not given."""
    for column in table.columns:
        if "identity" in column.properties and column.name not in columns:
            first, step = _identity(column)
            batches = numbered(batches, column.name, first, step)
            columns = (*columns, column.name)
    return columns, batches


def _with(place: Place, tables: dict[str, Table]) -> Place:
    return Place(
        experiment_id=place.experiment_id,
        experiment=place.experiment,
        warehouse=place.warehouse,
        namespace=place.namespace,
        dialect=place.dialect,
        tables=tuple(tables.get(table.name, table) for table in place.tables),
        generation=place.generation,
        views=place.views,
    )
