"""Which schema an experiment has: the one of its own name where that is free, so that every tool finds `shop.orders`.

A namespace is distinct for ever; a schema's name should be guessed. The first load decides, inside of its transaction,
and marks the schema with its namespace: a comment on the loader's own table, which lives and dies with the schema.
Schemas of other logins are none of ours, whatever they are marked with.
"""

from collections.abc import Iterator
from itertools import count

from loader_svc.core import naming
from loader_svc.core.loads import LoadOrder
from loader_svc.core.naming import quoted
from loader_svc.warehouses import postgres_catalog as catalog
from loader_svc.warehouses.postgres_names import identifier
from loader_svc.warehouses.postgres_session import Session

RESERVED = frozenset({"public", "information_schema"})
RESERVED_PREFIXES = ("pg_", "dw_")
"""PostgreSQL's schemas, and those of our compatibility layers."""
PLACES = """
    SELECT d.description, n.nspname
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_description d ON d.objoid = c.oid AND d.classoid = 'pg_class'::regclass AND d.objsubid = 0
    WHERE c.relname = '_dwsim_load' AND c.relkind = 'r'
        AND pg_has_role(n.nspowner, 'USAGE') AND pg_has_role(c.relowner, 'USAGE')
    ORDER BY 1"""
ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended('schemas of DW Simulator', 0))"


def one_at_a_time(session: Session) -> None:
    """Let nobody else make or drop a schema until the transaction ends."""
    session.run(ONE_AT_A_TIME)


def places(session: Session) -> dict[str, str]:
    """Schema of every namespace that a loader made."""
    return {str(namespace): str(schema) for namespace, schema in session.run(PLACES)}


def settle(session: Session, order: LoadOrder) -> None:
    """Enter the schema of the order's namespace, which is made where it is missing; inside of a transaction."""
    one_at_a_time(session)
    schema = places(session).get(order.namespace)
    if schema is None:
        schema = _free_name(session, order)
        session.run(f"CREATE SCHEMA {quoted(schema)}")
        session.enter(schema)
        catalog.create_system_tables(session)
        session.run("COMMENT ON TABLE _dwsim_load IS %s", (order.namespace,))
    session.enter(schema)


def leave(session: Session) -> None:
    """Drop the schema that was entered, unless something is in it; inside of a transaction."""
    inside = "SELECT 1 FROM pg_depend WHERE refclassid = 'pg_namespace'::regclass AND refobjid = to_regnamespace(%s)"
    if not session.run(f"{inside} LIMIT 1", (quoted(session.schema),)):
        session.run(f"DROP SCHEMA {quoted(session.schema)}")


def _free_name(session: Session, order: LoadOrder) -> str:
    taken = {name for (name,) in session.run("SELECT nspname FROM pg_namespace")}
    return next(name for name in candidates(order) if name not in taken)


def candidates(order: LoadOrder) -> Iterator[str]:
    """Names that come to mind, the best first."""
    plain = identifier(naming.plain(order.experiment))
    if plain not in RESERVED and not plain.startswith(RESERVED_PREFIXES):
        yield plain
    distinct = f"_{order.namespace}" if order.namespace.startswith("pg_") else order.namespace
    yield distinct
    yield from (f"{distinct}_{number}" for number in count(2))
