"""Foreign keys in Redshift: never enforced, they inform its planner. A swap drops and makes them anew.

A key that refers to columns which are no key of the parent is left out: Redshift refuses it.
"""

from loader_svc.core.document import ForeignKey, Table
from loader_svc.core.loads import LoadOrder
from loader_svc.core.naming import quoted
from loader_svc.warehouses import redshift_catalog as catalog
from loader_svc.warehouses.postgres_names import columns_sql, identifier
from loader_svc.warehouses.redshift_session import Session

REFERENCES = """
    SELECT c.relname, k.conname, p.relname
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class p ON p.oid = k.confrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE k.contype = 'f' AND n.nspname = %s ORDER BY 1, 2"""


def release_references(session: Session, replaced: set[str]) -> None:
    """Drop the foreign keys of tables that stay to tables that are replaced."""
    for child, name, parent in session.run(REFERENCES, (session.schema,)):
        if parent in replaced:
            session.run(f"ALTER TABLE {quoted(child)} DROP CONSTRAINT {quoted(name)}")


def declare_references(session: Session, order: LoadOrder) -> None:
    """Give the schema's tables the foreign keys that they lack, where both sides are there."""
    loaded = {found.table.name: found for found in catalog.read_catalog(session)}
    mine = {item.table.name for item in order.tables}
    there = {(child, name) for child, name, _ in session.run(REFERENCES, (session.schema,))}
    for found in loaded.values():
        for number, key in enumerate(found.table.foreign_keys):
            parent = loaded.get(key.references_table)
            name = identifier(f"_dwsim_fk_{found.target}_{number}")
            touched = found.table.name in mine or key.references_table in mine
            if parent and touched and (found.target, name) not in there and _is_key(key, parent.table):
                session.run(_reference_sql(found.target, name, key, parent.target))


def _is_key(key: ForeignKey, parent: Table) -> bool:
    return bool(key.references_columns) and key.references_columns in (parent.primary_key, *parent.unique_keys)


def _reference_sql(child: str, name: str, key: ForeignKey, parent: str) -> str:
    return (
        f"ALTER TABLE {quoted(child)} ADD CONSTRAINT {quoted(name)} FOREIGN KEY ({columns_sql(key.columns)})"
        f" REFERENCES {quoted(parent)} ({columns_sql(key.references_columns)})"
    )
