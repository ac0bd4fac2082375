"""Tables of a load in a schema: made, filled, keyed, and brought into the target."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import pyarrow as pa

from loader_svc.core import naming
from loader_svc.core.document import Column, Table
from loader_svc.core.drift import Meeting
from loader_svc.core.faults import AbortedByUser, SchemaMismatch
from loader_svc.core.loads import LoadOrder, OrderTable
from loader_svc.core.naming import quoted
from loader_svc.warehouses.postgres_copy import CopySource
from loader_svc.warehouses.postgres_names import columns_sql, identifier
from loader_svc.warehouses.postgres_session import Session
from loader_svc.warehouses.postgres_types import declared_type, sent_later
from loader_svc.warehouses.writer import Stop

APPEND_PAGES = 16_384
OWN_TABLES = "SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'"
RELATIONS = """
    SELECT relname, relkind FROM pg_class
    WHERE relnamespace = current_schema()::regnamespace AND relname = ANY(%s) ORDER BY relname"""
GRANTS = """
    SELECT DISTINCT a.privilege_type, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(r.rolname) END,
        a.is_grantable
    FROM pg_class c CROSS JOIN aclexplode(c.relacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee
    WHERE c.oid = %s::regclass AND a.grantee <> c.relowner AND (a.grantee = 0 OR r.rolname IS NOT NULL)"""
COLUMN_GRANTS = """
    SELECT DISTINCT format('%%s (%%I)', a.privilege_type, o.attname),
        CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(r.rolname) END, a.is_grantable
    FROM pg_class c JOIN pg_attribute o ON o.attrelid = c.oid CROSS JOIN aclexplode(o.attacl) a
    JOIN pg_attribute n ON n.attrelid = %s::regclass AND n.attname = o.attname
    LEFT JOIN pg_roles r ON r.oid = a.grantee
    WHERE c.oid = %s::regclass AND a.grantee <> c.relowner AND (a.grantee = 0 OR r.rolname IS NOT NULL)"""


def create_staging(session: Session, order: LoadOrder, place: int, item: OrderTable) -> None:
    """Make the private table that the load's rows go to; it becomes the target as it is."""
    columns = ", ".join(_column_sql(item.table.name, column) for column in item.table.columns)
    session.run(f"CREATE TABLE IF NOT EXISTS {quoted(naming.staging_table(order.uid, place))} ({columns})")


def _column_sql(table: str, column: Column) -> str:
    """Declare a column; NOT NULL is enforced always, as Redshift does."""
    declared = declared_type(table, column)
    required = " NOT NULL" if column.required else ""
    return f"{quoted(column.target)} {'text' if sent_later(column) else declared}{required}"


def fill_staging(session: Session, staging: str, rows: pa.Table) -> None:
    """Append rows by binary COPY."""
    names = ", ".join(map(quoted, rows.column_names))
    session.copy(f"COPY {quoted(staging)} ({names}) FROM STDIN (FORMAT binary)", CopySource(rows))


def late_types(order: LoadOrder, place: int, table: Table) -> Iterator[str]:
    """SQL that reads what was staged as text because PostgreSQL alone can read it."""
    staging = quoted(naming.staging_table(order.uid, place))
    for column in table.columns:
        if sent_later(column):
            name, declared = quoted(column.target), declared_type(table.name, column)
            yield f"ALTER TABLE {staging} ALTER {name} TYPE {declared} USING {name}::{declared}"


def replace_targets(session: Session, order: LoadOrder, items: Mapping[int, OrderTable], stop: Stop) -> Iterator[int]:
    """Put staging tables in their targets' place, yielding the place of each; what they replace gets another name."""
    targets = {place: identifier(item.target) for place, item in items.items()}
    there = _existing(session, targets.values())
    for place, target in targets.items():
        if stop():
            raise AbortedByUser("the load was asked to stop")
        staging = naming.staging_table(order.uid, place)
        if target in there:
            _copy_grants(session, target, staging)
            session.run(f"ALTER TABLE {quoted(target)} RENAME TO {quoted(naming.replaced_table(order.uid, place))}")
        session.run(f"ALTER TABLE {quoted(staging)} RENAME TO {quoted(target)}")
        yield place


def drop_replaced(session: Session, order: LoadOrder, places: Iterable[int]) -> None:
    """Drop what was replaced, all at once: old tables may refer to each other."""
    if names := ", ".join(quoted(naming.replaced_table(order.uid, place)) for place in places):
        session.run(f"DROP TABLE IF EXISTS {names}")


def lock_targets(session: Session, items: Sequence[OrderTable]) -> list[str]:
    """Lock the targets that are there, in the order of their names; answer these names."""
    there = _existing(session, [identifier(item.target) for item in items])
    if there:
        session.run(f"LOCK TABLE {', '.join(map(quoted, there))} IN ACCESS EXCLUSIVE MODE")
    return there


def _existing(session: Session, targets: Iterable[str]) -> list[str]:
    found = session.run(RELATIONS, (list(targets),))
    for name, kind in found:
        if kind not in {"r", "p"}:
            raise SchemaMismatch(
                f"the name {name!r} is taken by something that is no table",
                hint="drop or rename the view or index, then retry the load",
                metadata={"table": name},
            )
    return [name for name, _ in found]


def _copy_grants(session: Session, source: str, sink: str) -> None:
    """Let whoever may use a table, or columns of it, use the one that replaces it."""
    for sql in grants(session, quoted(source), quoted(sink)):
        session.run(sql)
    for privilege, grantee, grantable in session.run(COLUMN_GRANTS, (quoted(sink), quoted(source))):
        session.run(_grant(privilege, quoted(sink), grantee, grantable=grantable))


def grants(session: Session, source: str, sink: str) -> list[str]:
    """SQL that grants on `sink` what is granted on `source`; both are quoted names."""
    return [
        _grant(privilege, sink, grantee, grantable=grantable)
        for privilege, grantee, grantable in session.run(GRANTS, (source,))
    ]


def _grant(privilege: str, sink: str, grantee: str, *, grantable: bool) -> str:
    return f"GRANT {privilege} ON {sink} TO {grantee}{' WITH GRANT OPTION' if grantable else ''}"


def append(session: Session, staging: str, target: str, meeting: Meeting, stop: Stop) -> None:
    """Add the staged rows to the target, piece by piece so that an abort is heard."""
    for column in meeting.added:
        declared = declared_type(meeting.table.name, column)
        session.run(f"ALTER TABLE {quoted(target)} ADD COLUMN {quoted(column.target)} {declared}")
    names = columns_sql([column.name for column in meeting.columns])
    [(pages,)] = session.run(
        "SELECT pg_relation_size(%s::regclass) / current_setting('block_size')::int", (quoted(staging),)
    )
    for first in range(0, int(pages), APPEND_PAGES):
        if stop():
            raise AbortedByUser("the load was asked to stop")
        session.run(
            f"INSERT INTO {quoted(target)} ({names}) SELECT {names} FROM {quoted(staging)}"  # noqa: S608
            f" WHERE ctid >= '({first},0)' AND ctid < '({first + APPEND_PAGES},0)'"
        )
    session.run(f"DROP TABLE {quoted(staging)}")


def drop_staging(session: Session, uid: str) -> None:
    """Drop everything that was staged for a load."""
    prefix = naming.staging_table(uid, 0)[:-1]
    for (name,) in session.run(f"{OWN_TABLES} AND starts_with(relname, %s)", (prefix,)):
        session.run(f"DROP TABLE {quoted(name)}")


def drop_all(session: Session, loaded: Sequence[str]) -> None:
    """Drop the tables that were loaded, those of loads under way, and the loader's own."""
    system = [name for (name,) in session.run(f"{OWN_TABLES} AND starts_with(relname, '_dwsim_')")]
    names = ", ".join(quoted(name) for name in (*loaded, *system))
    session.run(f"DROP TABLE IF EXISTS {names} CASCADE")
