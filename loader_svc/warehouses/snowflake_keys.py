"""Foreign keys in Snowflake: never enforced, they inform who reads. Where a table arrives they are declared anew.

A key that refers to columns which are no key of the parent is left out: Snowflake refuses it. A table that is replaced
takes with it the keys that refer to it. The rows are there by then: a key that cannot be declared is noted in the log.
"""

import contextlib
import logging
from collections.abc import Collection, Iterator

from dwsim_wire.fault import Fault
from loader_svc.core.document import ForeignKey, Table
from loader_svc.core.faults import WarehouseBusy
from loader_svc.core.naming import quoted
from loader_svc.warehouses import snowflake_catalog as catalog
from loader_svc.warehouses.snowflake_faults import UnexpectedError
from loader_svc.warehouses.snowflake_names import columns_sql
from loader_svc.warehouses.snowflake_session import Session

log = logging.getLogger("dwsim.loader")


def declare_references(session: Session, arrived: Collection[str]) -> None:
    """Declare the foreign keys from and to targets that arrived, where both sides are there; it may be said again."""
    for child, key, parent in _touched(session, arrived):
        columns = f"FOREIGN KEY ({columns_sql(key.columns)})"
        with _not_fatal():  # another key of these columns may be there, or none
            session.run(f"ALTER TABLE {quoted(child)} DROP {columns}")
        with _not_fatal(child):
            session.run(
                f"ALTER TABLE {quoted(child)} ADD {columns}"
                f" REFERENCES {quoted(parent)} ({columns_sql(key.references_columns)})"
            )


def _touched(session: Session, arrived: Collection[str]) -> Iterator[tuple[str, ForeignKey, str]]:
    """Child, key and parent, by the names of the targets."""
    loaded = {found.table.name: found for found in catalog.read_catalog(session)}
    for found in loaded.values():
        for key in found.table.foreign_keys:
            parent = loaded.get(key.references_table)
            if parent and _is_key(key, parent.table) and not {found.target, parent.target}.isdisjoint(arrived):
                yield found.target, key, parent.target


def _is_key(key: ForeignKey, parent: Table) -> bool:
    return bool(key.references_columns) and key.references_columns in (parent.primary_key, *parent.unique_keys)


@contextlib.contextmanager
def _not_fatal(child: str = "") -> Iterator[None]:
    """Go on where a statement is refused; a lost session is told, for another try."""
    try:
        yield
    except WarehouseBusy:
        raise
    except (Fault, UnexpectedError) as error:
        if child:
            log.warning("a foreign key is not declared", extra={"facts": {"table": child, "error": str(error)}})
