"""Which schema an experiment has in Redshift: as in PostgreSQL, the one of its own name where that is free.

Redshift has no advisory locks: of two loaders that make the same schema at once, the later is refused and tries again.
"""

import contextlib

from loader_svc.core.faults import SchemaMismatch
from loader_svc.core.loads import LoadOrder
from loader_svc.core.naming import quoted
from loader_svc.warehouses import redshift_catalog as catalog
from loader_svc.warehouses.postgres_places import candidates
from loader_svc.warehouses.redshift_session import Session

PLACES = """
    SELECT d.description, n.nspname
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_description d ON d.objoid = c.oid AND d.objsubid = 0
    JOIN pg_user u ON u.usesysid = c.relowner
    WHERE c.relname = '_dwsim_load' AND c.relkind = 'r' AND u.usename = CURRENT_USER
    ORDER BY 1"""
INSIDE = "SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = %s LIMIT 1"


def places(session: Session) -> dict[str, str]:
    """Schema of every namespace that a loader of this login made."""
    return {str(namespace): str(schema) for namespace, schema in session.run(PLACES)}


def settle(session: Session, order: LoadOrder) -> None:
    """Enter the schema of the order's namespace, which is made where it is missing, in a transaction of its own."""
    schema = places(session).get(order.namespace)
    if schema is None:
        taken = {name for (name,) in session.run("SELECT nspname FROM pg_namespace")}
        schema = next(name for name in candidates(order) if name not in taken)
        with session.transaction():
            session.run(f"CREATE SCHEMA {quoted(schema)}")
            session.enter(schema)
            catalog.create_system_tables(session)
            session.run("COMMENT ON TABLE _dwsim_load IS %s", (order.namespace,))
    session.enter(schema)


def leave(session: Session) -> None:
    """Drop the schema that was entered, unless something is in it: a function is told by the refusal alone."""
    if not session.run(INSIDE, (session.schema,)):
        with contextlib.suppress(SchemaMismatch), session.transaction():
            session.run(f"DROP SCHEMA {quoted(session.schema)}")
