"""Tables of a load in a SQLite file: made, filled, indexed, checked, and brought into the target."""

from collections.abc import Collection, Iterator
from dataclasses import replace

import pyarrow as pa

from loader_svc.core import naming
from loader_svc.core.document import Column, ForeignKey, Table
from loader_svc.core.drift import Meeting
from loader_svc.core.duplicates import Key, KeyDuplicates, doubtful_keys, duplicates_sql, read_duplicates
from loader_svc.core.faults import AbortedByUser, ConstraintViolated, SchemaMismatch
from loader_svc.core.loads import LoadOrder, OrderTable
from loader_svc.core.naming import quoted
from loader_svc.warehouses.sqlite_session import Session, columns_sql
from loader_svc.warehouses.sqlite_types import declared_type, is_wide, narrowing
from loader_svc.warehouses.writer import Stop

APPEND_ROWS = 200_000
ANALYSIS_LIMIT = 1_000
WIDEST_DECIMAL = 38
SHOWN_ORPHANS, LONGEST_ORPHAN = 3, 100


def create_staging(session: Session, order: LoadOrder, place: int, item: OrderTable) -> None:
    """Make the private table that the load's rows go to; it becomes the target as it is."""
    _refuse_twins(item.table)
    columns = ", ".join(_column_sql(column, order.enforced) for column in item.table.columns)
    session.run(f"CREATE TABLE IF NOT EXISTS {quoted(naming.staging_table(order.uid, place))} ({columns})")


def _refuse_twins(table: Table) -> None:
    seen: dict[str, str] = {}
    for column in table.columns:
        twin = seen.setdefault(column.name.lower(), column.name)
        if twin != column.name:
            raise SchemaMismatch(
                f"table {table.name!r} has columns {twin!r} and {column.name!r}, which SQLite does not tell apart",
                hint="rename one of them",
                metadata={"table": table.name},
            )


def _rowid(table: Table) -> str:
    """Name of SQLite's own row number that no column of the table hides."""
    names = {column.name.lower() for column in table.columns}
    return next((name for name in ("rowid", "_rowid_", "oid") if name not in names), "rowid")


def _column_sql(column: Column, enforced: bool) -> str:
    required = "NOT NULL" if enforced and column.required else ""
    return f"{quoted(column.name)} {declared_type(column.logical_type)} {required}".strip()


def fill_staging(session: Session, staging: str, table: Table, rows: pa.Table) -> None:
    """Append rows; wide decimals that came as text become numbers again where that is exact."""
    wide = [c for c in table.columns if is_wide(c.logical_type) and pa.types.is_string(rows.schema.field(c.name).type)]
    rowid = _rowid(table)
    first = session.run(f"SELECT coalesce(max({rowid}), 0) FROM {quoted(staging)}")[0][0] if wide else 0  # noqa: S608
    session.ingest(staging, rows)
    for column in wide:
        value, condition = narrowing(quoted(column.name), column.logical_type)
        session.run(
            f"UPDATE {quoted(staging)} SET {quoted(column.name)} = {value} WHERE {rowid} > ? AND {condition}",  # noqa: S608
            (first,),
        )


def key_indexes(order: LoadOrder, place: int, table: Table) -> Iterator[str]:
    """SQL of the indexes over primary, unique and foreign keys; unique ones where keys are enforced.

    A key that begins a longer one has that one's index.
    """
    unique = {key for key in (table.primary_key, *table.unique_keys) if key}
    every = dict.fromkeys((*sorted(unique), *(key.columns for key in table.foreign_keys)))
    begun = {key[:length] for key in every for length in range(1, len(key))}
    keys = [key for key in every if key not in begun or (order.enforced and key in unique)]
    known = {column.name for column in table.columns}
    staging = quoted(naming.staging_table(order.uid, place))
    for number, key in enumerate(keys):
        if known.issuperset(key):
            kind = "UNIQUE INDEX" if order.enforced and key in unique else "INDEX"
            name = quoted(naming.key_index(order.uid, place, number))
            yield f"CREATE {kind} IF NOT EXISTS {name} ON {staging} ({columns_sql(key)})"


def swap(session: Session, staging: str, target: str) -> None:
    """Put a staging table in the target's place."""
    session.run(f"DROP TABLE IF EXISTS {quoted(target)}")
    session.run(f"ALTER TABLE {quoted(staging)} RENAME TO {quoted(target)}")


def append(session: Session, staging: str, target: str, meeting: Meeting, stop: Stop) -> None:
    """Add the staged rows to the target, piece by piece so that an abort is heard."""
    for column in meeting.added:
        session.run(f"ALTER TABLE {quoted(target)} ADD COLUMN {_column_sql(column, enforced=False)}")
    names = columns_sql([column.name for column in meeting.columns])
    rowid = _rowid(meeting.table)
    last = session.run(f"SELECT coalesce(max({rowid}), 0) FROM {quoted(staging)}")[0][0]  # noqa: S608
    for first in range(0, last, APPEND_ROWS):
        if stop():
            raise AbortedByUser("the load was asked to stop")
        session.run(
            f"INSERT INTO {quoted(target)} ({names})"  # noqa: S608
            f" SELECT {names} FROM {quoted(staging)} WHERE {rowid} > ? AND {rowid} <= ?",
            (first, first + APPEND_ROWS),
        )
    session.run(f"DROP TABLE {quoted(staging)}")


def duplicates(
    session: Session, staging: str, table: Table, distinct: Collection[Key], stop: Stop
) -> tuple[KeyDuplicates, ...]:
    """Repeated keys among the staged rows."""
    found = []
    for key in doubtful_keys(table, distinct):
        if stop():
            raise AbortedByUser("the load was asked to stop")
        rows = session.run(duplicates_sql(quoted(staging), [quoted(name) for name in key]))
        found.append(read_duplicates(key, rows))
    return tuple(filter(None, found))


def widened(session: Session, order: LoadOrder) -> LoadOrder:
    """Let a decimal have all digits where its column in the target has lost its type, as a wide one's has."""
    return replace(order, tables=tuple(_as_in_target(session, item) for item in order.tables))


def _as_in_target(session: Session, item: OrderTable) -> OrderTable:
    found = session.run("SELECT name, type FROM pragma_table_info(?)", (item.target,))
    untyped = {name for name, declared in found if not declared}
    columns = (
        replace(c, logical_type=replace(c.logical_type, precision=WIDEST_DECIMAL))
        if c.logical_type.kind == "DECIMAL" and c.name in untyped
        else c
        for c in item.table.columns
    )
    return replace(item, table=replace(item.table, columns=tuple(columns)))


def check_foreign_keys(session: Session, order: LoadOrder) -> None:
    """Refuse rows of `order` whose parents are not in the target."""
    found = session.run("SELECT name, target FROM _dwsim_catalog")
    targets = dict(found)
    for item in order.tables:
        for key in item.table.foreign_keys:
            if key.references_table in targets and key.references_columns:
                _refuse_orphans(session, item, key, targets[key.references_table])


def _refuse_orphans(session: Session, item: OrderTable, key: ForeignKey, parent: str) -> None:
    pairs = list(zip(key.columns, key.references_columns, strict=True))
    match = " AND ".join(f"p.{quoted(theirs)} = c.{quoted(mine)}" for mine, theirs in pairs)
    given = " AND ".join(f"c.{quoted(mine)} IS NOT NULL" for mine, _ in pairs)
    keys = ", ".join(f"c.{quoted(mine)}" for mine, _ in pairs)
    found = session.run(
        f"SELECT {keys}, count(*) OVER () FROM {quoted(item.target)} c"  # noqa: S608
        f" WHERE {given} AND NOT EXISTS (SELECT 1 FROM {quoted(parent)} p WHERE {match}) LIMIT {SHOWN_ORPHANS}"
    )
    if found:
        shown = ", ".join(str(row[0] if len(pairs) == 1 else row[:-1])[:LONGEST_ORPHAN] for row in found)
        constraint = f"{item.table.name}({', '.join(key.columns)}) -> {key.references_table}"
        raise ConstraintViolated(
            f"{found[0][-1]} rows of {item.table.name!r} have no parent: {constraint}: {shown}",
            hint="load the parent table too, or use constraints: informational",
            metadata={"table": item.table.name, "constraint": constraint},
        )


def analyze(session: Session) -> None:
    """Give the query planner its statistics, from a sample."""
    with session.transaction():
        session.run(f"PRAGMA analysis_limit = {ANALYSIS_LIMIT}")
        session.run("ANALYZE")


def drop_staging(session: Session, uid: str) -> None:
    """Drop everything that was staged for a load."""
    prefix = naming.staging_table(uid, 0)[:-1]
    found = "SELECT name FROM sqlite_master WHERE type = 'table' AND substr(name, 1, ?) = ?"
    names = session.run(found, (len(prefix), prefix))
    for (name,) in names:
        session.run(f"DROP TABLE {quoted(name)}")
    session.run("DELETE FROM _dwsim_ledger WHERE uid = ?", (uid,))
