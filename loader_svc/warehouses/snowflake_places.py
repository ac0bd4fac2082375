"""Which schema an experiment has: the one of its own name where that is free.

A namespace is distinct for ever; a schema's name should be guessed. The first load decides, and writes it down in a
table of the database: a transaction that locks it keeps two loads from deciding for the same name.
"""

from collections.abc import Iterator
from itertools import count

from loader_svc.core import naming
from loader_svc.core.loads import LoadOrder
from loader_svc.core.naming import quoted
from loader_svc.warehouses import snowflake_catalog as catalog
from loader_svc.warehouses.snowflake_faults import UNKNOWN, UnexpectedError
from loader_svc.warehouses.snowflake_names import identifier
from loader_svc.warehouses.snowflake_session import Session

HOME = "_DWSIM"
PLACES = f"{HOME}.PLACES"
RESERVED = frozenset({"PUBLIC", "INFORMATION_SCHEMA", "MAIN", HOME})
MAKE = (
    f"CREATE SCHEMA IF NOT EXISTS {HOME}",
    f"CREATE TABLE IF NOT EXISTS {PLACES} (NAMESPACE VARCHAR NOT NULL, SCHEMA_NAME VARCHAR NOT NULL)",
)
LOCK = f"UPDATE {PLACES} SET SCHEMA_NAME = '' WHERE NAMESPACE = ''"  # noqa: S608
SCHEMATA = "SELECT SCHEMA_NAME FROM INFORMATION_SCHEMA.SCHEMATA"


def places(session: Session) -> dict[str, str]:
    """Schema of every namespace that a loader made."""
    try:
        found = session.run(f"SELECT NAMESPACE, SCHEMA_NAME FROM {PLACES} ORDER BY NAMESPACE")  # noqa: S608
    except UnexpectedError as error:
        if error.number not in UNKNOWN:
            raise
        return {}  # nobody has loaded yet
    return {str(namespace): str(schema) for namespace, schema in found if namespace}


def settle(session: Session, order: LoadOrder) -> None:
    """Enter the schema of the order's namespace, which is made where it is missing."""
    schema = places(session).get(order.namespace) or _decide(session, order)
    session.run(f"CREATE SCHEMA IF NOT EXISTS {quoted(schema)}")
    session.enter(schema)
    if not catalog.has_system_tables(session):
        catalog.create_system_tables(session)


def forget(session: Session, namespace: str) -> None:
    """Let a namespace have no schema any more."""
    session.run(f"DELETE FROM {PLACES} WHERE NAMESPACE = ?", (namespace,))  # noqa: S608


def _decide(session: Session, order: LoadOrder) -> str:
    for sql in MAKE:
        session.run(sql)
    if not session.run(f"SELECT 1 FROM {PLACES} WHERE NAMESPACE = ''"):  # noqa: S608
        session.run(f"INSERT INTO {PLACES} VALUES ('', '')")  # noqa: S608
    taken = {str(name).upper() for (name,) in session.run(SCHEMATA)}
    with session.transaction():
        session.run(LOCK)
        known = places(session)
        schema = known.get(order.namespace) or next(
            name for name in _names(order) if name not in taken and name not in known.values()
        )
        if order.namespace not in known:
            session.run(f"INSERT INTO {PLACES} VALUES (?, ?)", (order.namespace, schema))  # noqa: S608
    return schema


def _names(order: LoadOrder) -> Iterator[str]:
    """Names that come to mind, the best first."""
    plain = identifier(naming.plain(order.experiment))
    if plain not in RESERVED:
        yield plain
    distinct = identifier(order.namespace)
    yield distinct
    yield from (f"{distinct}_{number}" for number in count(2))
