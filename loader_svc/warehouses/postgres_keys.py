"""Keys of a load's tables: real constraints where they are enforced, else one plain index over the primary key.

Redshift enforces neither primary, unique nor foreign keys, and has no indexes. Where keys are informational an index
over the primary key makes looking up a row fast; joins of whole tables need none, and every further index would cost a
load a fifth of its time.
"""

from collections.abc import Collection, Iterator

from loader_svc.core import naming
from loader_svc.core.document import ForeignKey, Table
from loader_svc.core.duplicates import Key, KeyDuplicates, doubtful_keys, duplicates_sql, read_duplicates
from loader_svc.core.faults import AbortedByUser
from loader_svc.core.loads import LoadOrder, OrderTable
from loader_svc.core.naming import quoted
from loader_svc.warehouses.postgres_catalog import read_catalog
from loader_svc.warehouses.postgres_names import column_identifier, columns_sql, identifier
from loader_svc.warehouses.postgres_session import Session
from loader_svc.warehouses.writer import Stop

DUPLICATES_MEMORY = "128MB"
VACUUM_ROWS = 200_000
REFERENCES = """
    SELECT conrelid::regclass::text, conname FROM pg_constraint
    WHERE contype = 'f' AND confrelid = ANY(%s::regclass[]) AND conrelid <> ALL(%s::regclass[])"""
CONSTRAINT = "SELECT 1 FROM pg_constraint WHERE conrelid = %s::regclass AND conname = %s"


def plain_index(order: LoadOrder, place: int, table: Table) -> Iterator[str]:
    """SQL of the index over the primary key, where the key is not enforced."""
    if order.enforced or not _has(table, table.primary_key):
        return
    name, staging = quoted(naming.key_index(order.uid, place, 0)), quoted(naming.staging_table(order.uid, place))
    yield f"CREATE INDEX IF NOT EXISTS {name} ON {staging} ({columns_sql(table.primary_key)})"


def key_constraints(order: LoadOrder, place: int, table: Table) -> Iterator[tuple[str, str]]:
    """Name and SQL of primary and unique keys, where they are enforced."""
    if not order.enforced:
        return
    staging = quoted(naming.staging_table(order.uid, place))
    for number, key in enumerate(dict.fromkeys((table.primary_key, *table.unique_keys))):
        if _has(table, key):
            name = naming.key_index(order.uid, place, number)
            kind = "PRIMARY KEY" if key == table.primary_key else "UNIQUE"
            yield name, f"ALTER TABLE {staging} ADD CONSTRAINT {quoted(name)} {kind} ({columns_sql(key)})"


def has_constraint(session: Session, table: str, name: str) -> bool:
    """Whether a table has a constraint of this name."""
    return bool(session.run(CONSTRAINT, (quoted(table), name)))


def release_references(session: Session, replaced: list[str]) -> None:
    """Drop foreign keys of other tables to tables that are replaced; `enforce_references` makes them again."""
    names = [quoted(name) for name in replaced]
    for table, constraint in session.run(REFERENCES, (names, names)):
        session.run(f"ALTER TABLE {table} DROP CONSTRAINT {quoted(constraint)}")


def enforce_references(session: Session, order: LoadOrder) -> None:
    """Give the schema's tables the foreign keys that they lack, where both sides are there."""
    loaded = {found.table.name: found for found in read_catalog(session)}
    mine = {item.table.name for item in order.tables}
    for found in loaded.values():
        for number, key in enumerate(found.table.foreign_keys):
            parent = loaded.get(key.references_table)
            name = identifier(f"_dwsim_fk_{found.target}_{number}")
            touched = found.table.name in mine or key.references_table in mine
            if parent and key.references_columns and touched and not has_constraint(session, found.target, name):
                session.run(_reference_sql(found.target, name, key, parent.target))
    session.run("SET CONSTRAINTS ALL IMMEDIATE")


def _reference_sql(child: str, name: str, key: ForeignKey, parent: str) -> str:
    """Checked at the end of a transaction: an append may bring children before their parents."""
    return (
        f"ALTER TABLE {quoted(child)} ADD CONSTRAINT {quoted(name)} FOREIGN KEY ({columns_sql(key.columns)})"
        f" REFERENCES {quoted(parent)} ({columns_sql(key.references_columns)}) DEFERRABLE INITIALLY DEFERRED"
    )


def duplicates(
    session: Session, staging: str, item: OrderTable, distinct: Collection[Key], stop: Stop
) -> tuple[KeyDuplicates, ...]:
    """Repeated keys among the staged rows."""
    doubtful = doubtful_keys(item.table, distinct)
    if doubtful and item.rows >= VACUUM_ROWS:  # once all rows are marked as visible, the index alone is read
        session.run(f"VACUUM {quoted(staging)}")
    found = []
    for key in doubtful:
        if stop():
            raise AbortedByUser("the load was asked to stop")
        with session.transaction():
            session.run(f"SET LOCAL work_mem TO '{DUPLICATES_MEMORY}'")
            rows = session.run(duplicates_sql(quoted(staging), [quoted(column_identifier(name)) for name in key]))
        found.append(read_duplicates(key, rows))
    return tuple(filter(None, found))


def _has(table: Table, key: tuple[str, ...]) -> bool:
    return bool(key) and {column.name for column in table.columns}.issuperset(key)
