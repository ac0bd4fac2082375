"""A document as everybody downstream may rely on it.

Types are parsed, row counts are there, key columns are marked, single-column foreign keys sit on their column with the
referenced column filled in, composite ones on the table. Shorthand stays as the user wrote it. Nothing is invented that
the document does not imply, so normalising twice changes nothing.
"""

from collections.abc import Mapping

from schema_svc.core.faults import RuleMisfit
from schema_svc.core.model import DEFAULT_ROWS, Column, ColumnForeignKey, Experiment, ForeignKey, KeyColumns, Table
from schema_svc.core.problems import Problem
from schema_svc.core.types import UnreadableType, read_type
from schema_svc.core.vocabulary import Dialect, State


def normalise(experiment: Experiment) -> list[Problem]:
    """Normalise a document in place; answers the types that cannot be read."""
    experiment.id = experiment.deleting_reason = ""
    experiment.revision, experiment.state = 0, State.STATE_UNSPECIFIED
    experiment.create_time = experiment.update_time = None
    problems: list[Problem] = []
    for t, table in enumerate(experiment.tables):
        table.target_rows = DEFAULT_ROWS if table.target_rows is None else table.target_rows
        for c, column in enumerate(table.columns):
            problems += _type(column, experiment.dialect, f"tables[{t}].columns[{c}]")
        _mark_keys(table)
        _place_foreign_keys(table)
    tables = experiment.tables_by_name()
    for table in experiment.tables:
        _fill_in_references(table, tables)
    return problems


def _type(column: Column, dialect: Dialect, path: str) -> list[Problem]:
    length = column.varchar_length
    if length is not None and length <= 0:
        return [Problem(f"{path}.varchar_length", f"{length} is not a length", "a length is at least 1", RuleMisfit)]
    try:
        read = read_type(column.data_type, dialect, length)
    except UnreadableType as problem:
        return [Problem(f"{path}.data_type", problem.message, problem.hint)]
    column.data_type, column.logical_type = read
    return []


def _mark_keys(table: Table) -> None:
    """Mark columns that a key makes unique or required; a key of one column needs no entry of its own beside them."""
    for name in table.primary_key:
        if column := table.column(name):
            column.required = True
            column.is_unique = column.is_unique or len(table.primary_key) == 1
    for key in table.unique_keys:
        if len(key.columns) == 1 and (column := table.column(key.columns[0])):
            column.is_unique = True
    table.unique_keys = [key for key in table.unique_keys if key.name or not _is_single(key, table)]


def _is_single(key: KeyColumns, table: Table) -> bool:
    return len(key.columns) == 1 and table.column(key.columns[0]) is not None


def _place_foreign_keys(table: Table) -> None:
    kept = []
    for key in table.foreign_keys:
        column = table.column(key.columns[0]) if len(key.columns) == 1 else None
        if column is None or column.foreign_key is not None or len(key.references_columns) > 1:
            kept.append(key)
        else:
            column.foreign_key = _single(key)
    table.foreign_keys = kept


def _single(key: ForeignKey) -> ColumnForeignKey:
    named = {"name": key.name} if key.name else {}
    return ColumnForeignKey(
        references_table=key.references_table,
        references_column=key.references_columns[0] if key.references_columns else "",
        nullable=key.nullable,
        parent_choice=key.parent_choice,
        inferred=key.inferred,
        confidence=key.confidence,
        properties={**key.properties, **named},
    )


def _fill_in_references(table: Table, tables: Mapping[str, Table]) -> None:
    """Let a foreign key that names no columns reference its parent's primary key."""
    for column in table.columns:
        key = column.foreign_key
        if key and not key.references_column and (implied := _implied(tables.get(key.references_table), 1)):
            key.references_column = implied[0]
    for group in table.foreign_keys:
        if not group.references_columns:
            group.references_columns = _implied(tables.get(group.references_table), len(group.columns))


def _implied(table: Table | None, width: int) -> list[str]:
    if table is None:
        return []
    groups = [key.columns for key in table.composite_keys]
    return list(next((key for key in (table.primary_key, *groups) if len(key) == width), []))
