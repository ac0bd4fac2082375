"""Tables of a load in a Redshift schema: made, parsed, brought into the target.

A swap is two renames: Redshift allows DDL in a transaction. An append copies rows by INSERT … SELECT: ALTER TABLE
APPEND would move blocks instead, and cannot run inside of a transaction, so that rows and ledger could part.
"""

import logging
from collections.abc import Iterable, Mapping

from loader_svc.core import naming
from loader_svc.core.applying import refuse_other_columns
from loader_svc.core.document import Table
from loader_svc.core.faults import SchemaMismatch
from loader_svc.core.loads import LoadedTable, LoadOrder, OrderTable
from loader_svc.core.naming import quoted
from loader_svc.warehouses import redshift_ddl as ddl
from loader_svc.warehouses.postgres_names import columns_sql, identifier
from loader_svc.warehouses.redshift_session import Session
from loader_svc.warehouses.redshift_types import parsed_later
from loader_svc.warehouses.writer import Stop

log = logging.getLogger("dwsim.loader")
RELATIONS = """
    SELECT c.relname, c.relkind FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = %s AND c.relkind IN ('r', 'v') ORDER BY c.relname"""
GRANTS = """
    SELECT privilege_type, identity_type, identity_name, admin_option FROM svv_relation_privileges
    WHERE namespace_name = %s AND relation_name = %s ORDER BY identity_type, identity_name, privilege_type"""
PRIVILEGES = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE", "DROP", "REFERENCES", "TRUNCATE", "ALTER"})
GRANTEES = {"user": "", "group": "GROUP ", "role": "ROLE "}


def copied_table(uid: str, place: int) -> str:
    """Table that COPY writes where a column is parsed afterwards; it is swept as staging tables are."""
    return f"{naming.staging_table(uid, place)}_copied"


def copied_into(uid: str, place: int, table: Table) -> str:
    """Table that COPY writes."""
    return copied_table(uid, place) if has_parsed(table) else naming.staging_table(uid, place)


def has_parsed(table: Table) -> bool:
    """Whether some columns are parsed after COPY."""
    return any(parsed_later(column) for column in table.columns)


def create_staging(session: Session, order: LoadOrder, place: int, item: OrderTable) -> None:
    """Make the private table that becomes the target as it is, and the one that is copied into."""
    staging, copied = naming.staging_table(order.uid, place), copied_into(order.uid, place, item.table)
    session.run(ddl.create_table(staging, item.table, order.dialect))
    if copied != staging:
        session.run(ddl.create_copied(copied, item.table, order.dialect))


def parse_copied(session: Session, order: LoadOrder, place: int, table: Table, stop: Stop) -> None:
    """Bring what was copied as text into the staging table; it is there once, whatever is interrupted."""
    staging, copied = naming.staging_table(order.uid, place), copied_into(order.uid, place, table)
    if copied == staging or copied not in relations(session):
        return
    values = ", ".join(
        f"JSON_PARSE({quoted(c.target)})" if parsed_later(c) else quoted(c.target) for c in table.columns
    )
    names = ", ".join(quoted(column.target) for column in table.columns)
    session.run_until(f"INSERT INTO {quoted(staging)} ({names}) SELECT {values} FROM {quoted(copied)}", stop)  # noqa: S608
    session.run(f"DROP TABLE {quoted(copied)}")


def swap(session: Session, order: LoadOrder, items: Mapping[int, OrderTable]) -> None:
    """Put staging tables in their targets' place; what they replace is dropped."""
    there = relations(session)
    for place, item in items.items():
        target, staging = identifier(item.target), naming.staging_table(order.uid, place)
        replaced = naming.replaced_table(order.uid, place)
        if there.get(target, "r") != "r":
            raise SchemaMismatch(
                f"the name {target!r} is taken by a view",
                hint="drop or rename the view, then retry the load",
                metadata={"table": target},
            )
        if target in there:
            _copy_grants(session, target, staging)
            session.run(f"ALTER TABLE {quoted(target)} RENAME TO {quoted(replaced)}")
        session.run(f"ALTER TABLE {quoted(staging)} RENAME TO {quoted(target)}")
        if target in there:
            session.run(f"DROP TABLE {quoted(replaced)}")


def append(session: Session, staging: str, item: OrderTable, known: LoadedTable, stop: Stop) -> None:
    """Add the staged rows to the target."""
    refuse_other_columns(item.table, known.table)
    names = columns_sql([column.name for column in item.table.columns])
    session.run_until(
        f"INSERT INTO {quoted(known.target)} ({names}) SELECT {names} FROM {quoted(staging)}",  # noqa: S608
        stop,
    )
    session.run(f"DROP TABLE {quoted(staging)}")


def drop_staging(session: Session, uid: str) -> None:
    """Drop everything that was staged for a load."""
    prefix = naming.staging_table(uid, 0)[:-1]
    _drop(session, (name for name in relations(session) if name.startswith(prefix)))


def drop_all(session: Session, loaded: Iterable[str]) -> None:
    """Drop the tables that were loaded, those of loads under way, and the loader's own, with the views of them."""
    system = [name for name in relations(session) if name.startswith("_dwsim_")]
    _drop(session, (*loaded, *system), " CASCADE")


def relations(session: Session) -> dict[str, str]:
    """Tables and views of the schema with their kinds."""
    return {str(name): str(kind) for name, kind in session.run(RELATIONS, (session.schema,))}


def _drop(session: Session, names: Iterable[str], cascade: str = "") -> None:
    if listed := ", ".join(map(quoted, names)):
        session.run(f"DROP TABLE IF EXISTS {listed}{cascade}")


def _copy_grants(session: Session, source: str, sink: str) -> None:
    """Let whoever may use a table use the one that replaces it."""
    found = session.run(GRANTS, (session.schema, source))
    owner = session.run("SELECT CURRENT_USER")[0][0] if found else ""
    for privilege, kind, name, admin in found:
        if kind == "user" and name == owner:
            continue
        if privilege not in PRIVILEGES or kind not in {*GRANTEES, "public"}:
            log.warning("a grant is not kept", extra={"facts": {"table": source, "privilege": str(privilege)}})
            continue
        grantee = "PUBLIC" if kind == "public" else f"{GRANTEES[kind]}{quoted(name)}"
        option = " WITH GRANT OPTION" if admin and kind == "user" else ""
        session.run(f"GRANT {privilege} ON {quoted(sink)} TO {grantee}{option}")
