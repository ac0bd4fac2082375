"""The loader's own tables in a Redshift schema; what is the same SQL there is PostgreSQL's.

Redshift enforces no key and has neither ON CONFLICT nor RETURNING: whoever changes `_dwsim_load` or `_dwsim_catalog`
holds its lock, and looks before it writes. Its longest text has 65,535 bytes: longer documents are compressed.
"""

import base64
import json
import zlib
from collections.abc import Sequence
from typing import Any

from loader_svc.core.document import read_table, table_facts
from loader_svc.core.loads import Applied, Batch, LoadedTable, LoadOrder
from loader_svc.warehouses.postgres_catalog import Entry
from loader_svc.warehouses.redshift_session import Session
from loader_svc.warehouses.writer import FOREIGN_SECONDS

LONGEST_TEXT = 65_535
LOADS, LEDGER, CATALOG = "_dwsim_load", "_dwsim_ledger", "_dwsim_catalog"
SYSTEM_TABLES = (
    """CREATE TABLE _dwsim_load (
        uid varchar(64) NOT NULL, loader_id varchar(256) NOT NULL, load_id bigint NOT NULL, run_id bigint NOT NULL,
        state varchar(16) NOT NULL, epoch bigint NOT NULL, result varchar(65535) NOT NULL, touched timestamp NOT NULL,
        PRIMARY KEY (uid))""",
    """CREATE TABLE _dwsim_ledger (
        uid varchar(64) NOT NULL, table_name varchar(1024) NOT NULL, batch_index bigint NOT NULL, rows bigint NOT NULL,
        PRIMARY KEY (uid, table_name, batch_index))""",
    """CREATE TABLE _dwsim_catalog (
        name varchar(1024) NOT NULL, target varchar(128) NOT NULL, rows bigint NOT NULL,
        loader_id varchar(256) NOT NULL, load_id bigint NOT NULL, facts varchar(65535) NOT NULL, PRIMARY KEY (name))""",
)
KNOWN = "SELECT epoch, state, result FROM _dwsim_load WHERE uid = %s"
BEGIN = """
    INSERT INTO _dwsim_load (uid, loader_id, load_id, run_id, state, epoch, result, touched)
    VALUES (%s, %s, %s, %s, 'STAGING', 1, '{}', GETDATE())"""
TAKE_OVER = "UPDATE _dwsim_load SET epoch = %s, state = %s, touched = GETDATE() WHERE uid = %s"
FENCE = """
    UPDATE _dwsim_load SET state = %s, touched = GETDATE() WHERE uid = %s AND epoch = %s AND state = 'STAGING'"""
HOLDS = "SELECT 1 FROM _dwsim_load WHERE uid = %s AND epoch = %s AND state = 'STAGING'"
APPLIED = "SELECT result FROM _dwsim_load WHERE uid = %s AND epoch = %s AND state = 'APPLIED'"
DEAD = f"""
    SELECT uid FROM _dwsim_load
    WHERE state = 'STAGING' AND (loader_id = %s OR touched < GETDATE() - INTERVAL '{FOREIGN_SECONDS} seconds')"""  # noqa: S608


def create_system_tables(session: Session) -> None:
    """Make the loader's tables in a new schema."""
    for sql in SYSTEM_TABLES:
        session.run(sql)


def take_over(session: Session, order: LoadOrder) -> tuple[int, Applied | None]:
    """Raise the load's epoch, under the lock of `LOADS`; answer it, and what the load did where it is applied."""
    known = session.run(KNOWN, (order.uid,))
    if not known:
        session.run(BEGIN, (order.uid, order.loader_id, order.load_id, order.run_id))
        return 1, None
    [(epoch, state, result)] = known
    session.run(TAKE_OVER, (epoch + 1, "APPLIED" if state == "APPLIED" else "STAGING", order.uid))
    return int(epoch) + 1, _applied(session, result) if state == "APPLIED" else None


def applied(session: Session, uid: str, epoch: int) -> Applied | None:
    """What the load did, if an apply of this claim was committed."""
    found = session.run(APPLIED, (uid, epoch))
    return _applied(session, found[0][0]) if found else None


def _applied(session: Session, result: str) -> Applied:
    facts = unpacked(result)
    return Applied(session.schema, facts["inserted"], facts["deleted"], read_catalog(session))


def sweepable(session: Session, loader_id: str) -> list[str]:
    """Loads that this loader began to stage, and those of others that nobody touched for long."""
    return [uid for (uid,) in session.run(DEAD, (loader_id,))]


def keep_result(session: Session, uid: str, inserted: dict[str, int], deleted: dict[str, int]) -> None:
    """Keep what an apply did, for a loader that dies before it has written it down."""
    result = packed({"inserted": inserted, "deleted": deleted})
    session.run("UPDATE _dwsim_load SET result = %s WHERE uid = %s", (result, uid))


def enter(session: Session, uid: str, batches: Sequence[Batch]) -> None:
    """Write the ledger rows of a group of batches, which the ledger does not have."""
    places = ", ".join(["(%s, %s, %s, %s)"] * len(batches))
    values = [value for b in batches for value in (uid, b.table, b.index, b.rows)]
    session.run(f"INSERT INTO _dwsim_ledger (uid, table_name, batch_index, rows) VALUES {places}", values)  # noqa: S608


def read_catalog(session: Session) -> tuple[LoadedTable, ...]:
    """Tables of the schema, in the order of their names."""
    rows = session.run("SELECT target, rows, load_id, facts FROM _dwsim_catalog ORDER BY name")
    read = ((target, int(n), int(load_id), unpacked(facts)) for target, n, load_id, facts in rows)
    return tuple(LoadedTable(t, n, load_id, read_table(facts), tuple(facts["runs"])) for t, n, load_id, facts in read)


def write_catalog(session: Session, order: LoadOrder, entry: Entry) -> None:
    """Describe a table that `order` just wrote, under the lock of `CATALOG`."""
    session.run("DELETE FROM _dwsim_catalog WHERE name = %s", (entry.table.name,))
    session.run(
        "INSERT INTO _dwsim_catalog (name, target, rows, loader_id, load_id, facts) VALUES (%s, %s, %s, %s, %s, %s)",
        (
            entry.table.name,
            entry.target,
            entry.rows,
            order.loader_id,
            order.load_id,
            packed(table_facts(entry.table) | {"runs": entry.runs}),
        ),
    )


def packed(facts: dict[str, Any]) -> str:
    """A document as text, compressed where it is too long for a column."""
    text = json.dumps(facts, ensure_ascii=False)
    return text if len(text.encode()) <= LONGEST_TEXT else base64.b64encode(zlib.compress(text.encode(), 9)).decode()


def unpacked(text: str) -> dict[str, Any]:
    """Read what `packed` wrote."""
    plain = text if text.startswith("{") else zlib.decompress(base64.b64decode(text)).decode()
    facts: dict[str, Any] = json.loads(plain)
    return facts
