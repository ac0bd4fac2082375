"""The loader's own tables in a schema: loads with their epochs, the ledger of batches, the catalog of tables.

Snowflake enforces no key, so what must be one row is locked before it is written. Times are the server's, in UTC.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from loader_svc.core.document import read_table, table_facts
from loader_svc.core.loads import Applied, Batch, LoadedTable, LoadOrder, OrderTable
from loader_svc.warehouses.snowflake_faults import UNKNOWN, UnexpectedError
from loader_svc.warehouses.snowflake_names import identifier
from loader_svc.warehouses.snowflake_session import Session
from loader_svc.warehouses.writer import FOREIGN_SECONDS

SYSTEM_TABLES = (
    """CREATE TABLE IF NOT EXISTS _DWSIM_LOAD (
        UID VARCHAR NOT NULL, LOADER_ID VARCHAR, LOAD_ID NUMBER(18,0), RUN_ID NUMBER(18,0), STATE VARCHAR NOT NULL,
        EPOCH NUMBER(18,0) NOT NULL, RESULT VARCHAR, SESSION_ID VARCHAR, TOUCHED TIMESTAMP_NTZ)""",
    """CREATE TABLE IF NOT EXISTS _DWSIM_LEDGER (
        UID VARCHAR NOT NULL, TABLE_NAME VARCHAR NOT NULL, BATCH_INDEX NUMBER(18,0) NOT NULL,
        ROW_COUNT NUMBER(18,0) NOT NULL)""",
    "ALTER TABLE _DWSIM_LEDGER ADD COLUMN IF NOT EXISTS REJECTED NUMBER(18,0)",
    """CREATE TABLE IF NOT EXISTS _DWSIM_CATALOG (
        NAME VARCHAR NOT NULL, TARGET VARCHAR NOT NULL, ROW_COUNT NUMBER(18,0) NOT NULL, LOADER_ID VARCHAR NOT NULL,
        LOAD_ID NUMBER(18,0) NOT NULL, FACTS VARCHAR NOT NULL)""",
)
TAKE_OVER = """
    UPDATE _DWSIM_LOAD SET EPOCH = EPOCH + 1, SESSION_ID = ?, TOUCHED = CURRENT_TIMESTAMP()::TIMESTAMP_NTZ,
        STATE = CASE STATE WHEN 'APPLIED' THEN 'APPLIED' ELSE 'STAGING' END
    WHERE UID = ?"""
BEGIN = """
    INSERT INTO _DWSIM_LOAD (UID, LOADER_ID, LOAD_ID, RUN_ID, STATE, EPOCH, RESULT, SESSION_ID, TOUCHED)
    SELECT ?, ?, ?, ?, 'STAGING', 1, '{}', ?, CURRENT_TIMESTAMP()::TIMESTAMP_NTZ"""
FENCE = """
    UPDATE _DWSIM_LOAD SET STATE = ?, SESSION_ID = ?, TOUCHED = CURRENT_TIMESTAMP()::TIMESTAMP_NTZ
    WHERE UID = ? AND EPOCH = ? AND STATE = 'STAGING'"""
DEAD = """
    SELECT UID FROM _DWSIM_LOAD
    WHERE STATE = 'STAGING' AND (LOADER_ID = ? OR TOUCHED < DATEADD(second, ?, CURRENT_TIMESTAMP()::TIMESTAMP_NTZ))"""
LOCK = "UPDATE _DWSIM_LOAD SET TOUCHED = CURRENT_TIMESTAMP()::TIMESTAMP_NTZ WHERE UID = ''"
"""One claim or apply at a time in a schema: whoever comes second waits, or is told to try again."""


@dataclass(frozen=True)
class Arrival:
    """A table that is complete under a name of ours, and becomes the target once the load is applied.

    `replaces`: another table has the target's name until then.
    """

    made: str
    target: str
    replaces: bool = False


def has_system_tables(session: Session) -> bool:
    """Whether the loader's tables are there, with the row that is locked."""
    try:
        session.run("SELECT REJECTED FROM _DWSIM_LEDGER, _DWSIM_CATALOG WHERE 1 = 0")
        return bool(session.run("SELECT 1 FROM _DWSIM_LOAD WHERE UID = ''"))
    except UnexpectedError as error:
        if error.number not in UNKNOWN:
            raise
        return False


def create_system_tables(session: Session) -> None:
    """Make the loader's tables where they are missing."""
    for sql in SYSTEM_TABLES:
        session.run(sql)
    if not session.run("SELECT 1 FROM _DWSIM_LOAD WHERE UID = ''"):
        session.run("INSERT INTO _DWSIM_LOAD (UID, STATE, EPOCH) VALUES ('', 'LOCK', 0)")


def take_over(session: Session, order: LoadOrder) -> tuple[int, bool]:
    """Raise the load's epoch and end the session that had the load; answer the epoch, and whether it is applied."""
    end_session(session, order.uid)
    with session.transaction():
        session.run(LOCK)
        session.run(TAKE_OVER, (session.number, order.uid))
        if not session.changed:
            facts = (order.uid, order.loader_id, order.load_id, order.run_id)
            session.run(BEGIN, (*facts, session.number))
        [(epoch, state)] = session.run("SELECT EPOCH, STATE FROM _DWSIM_LOAD WHERE UID = ?", (order.uid,))
    return int(epoch), state == "APPLIED"


def end_session(session: Session, uid: str) -> None:
    """End the session that has a load, with its locks: a process that was killed cannot do that itself.

    Where this is not allowed or not known the epoch alone keeps a late writer out.
    """
    found = session.run("SELECT SESSION_ID FROM _DWSIM_LOAD WHERE UID = ?", (uid,))
    number = str(found[0][0] or "") if found else ""
    if number != session.number:
        session.end_other(number)


def fence(session: Session, uid: str, epoch: int, state: str) -> bool:
    """Set the state of a load while its epoch is this one; whether it is."""
    session.run(FENCE, (state, session.number, uid, epoch))
    return session.changed == 1


def applied(session: Session, uid: str, epoch: int, place: str) -> Applied | None:
    """What the load did, if an apply of this claim or one before was committed."""
    sql = "SELECT RESULT FROM _DWSIM_LOAD WHERE UID = ? AND EPOCH = ? AND STATE = 'APPLIED'"
    found = session.run(sql, (uid, epoch))
    if not found:
        return None
    result = json.loads(found[0][0])
    return Applied(place, result["inserted"], result["deleted"], read_catalog(session))


def sweepable(session: Session, loader_id: str) -> list[str]:
    """Loads that this loader began to stage, and those of others that nobody touched for long."""
    return [uid for (uid,) in session.run(DEAD, (loader_id, -FOREIGN_SECONDS))]


def staging_uids(session: Session) -> list[str]:
    """Loads that are being staged."""
    return [uid for (uid,) in session.run("SELECT UID FROM _DWSIM_LOAD WHERE STATE = 'STAGING'")]


def is_ended(session: Session, uid: str) -> bool:
    """Whether somebody ended a load that was not applied."""
    return session.run("SELECT STATE FROM _DWSIM_LOAD WHERE UID = ?", (uid,)) == [("ENDED",)]


def give_up(session: Session, uid: str) -> None:
    """End a load whoever has it: its epoch rises, so that a late writer is refused."""
    session.run("UPDATE _DWSIM_LOAD SET STATE = 'ENDED', EPOCH = EPOCH + 1 WHERE UID = ?", (uid,))


def keep_result(session: Session, uid: str, result: Applied, arrivals: Sequence[Arrival]) -> None:
    """Keep what an apply did and what is left to do, for a loader that dies before it has done it."""
    pending = [[a.made, a.target, a.replaces] for a in arrivals]
    text = json.dumps({"inserted": result.inserted, "deleted": result.deleted, "pending": pending})
    session.run("UPDATE _DWSIM_LOAD SET RESULT = ? WHERE UID = ?", (text, uid))


def pending(session: Session) -> dict[str, list[Arrival]]:
    """What applied loads have left to do, by load."""
    found = session.run("SELECT UID, RESULT FROM _DWSIM_LOAD WHERE STATE = 'APPLIED'")
    left: dict[str, list[Arrival]] = {uid: [Arrival(*a) for a in json.loads(text)["pending"]] for uid, text in found}
    return {uid: arrivals for uid, arrivals in left.items() if arrivals}


def settle(session: Session, uid: str) -> None:
    """Note that nothing is left to do for an applied load."""
    [(text,)] = session.run("SELECT RESULT FROM _DWSIM_LOAD WHERE UID = ?", (uid,))
    session.run(
        "UPDATE _DWSIM_LOAD SET RESULT = ? WHERE UID = ?", (json.dumps(json.loads(text) | {"pending": []}), uid)
    )


def enter(session: Session, uid: str, batches: Sequence[Batch], rejected: int = 0) -> None:
    """Write the ledger rows of batches, behind the fence; of a single one rows may have been rejected."""
    values = ", ".join("(?, ?, ?, ?, ?)" for _ in batches)
    facts = [fact for b in batches for fact in (uid, b.table, b.index, b.rows - rejected, rejected)]
    session.run(
        f"INSERT INTO _DWSIM_LEDGER (UID, TABLE_NAME, BATCH_INDEX, ROW_COUNT, REJECTED) VALUES {values}",  # noqa: S608
        facts,
    )


def staged_batches(session: Session, uid: str) -> set[tuple[str, int]]:
    """Table and index of every batch that the ledger has."""
    rows = session.run("SELECT TABLE_NAME, BATCH_INDEX FROM _DWSIM_LEDGER WHERE UID = ?", (uid,))
    return {(name, int(index)) for name, index in rows}


def staged_rows(session: Session, uid: str) -> dict[str, int]:
    """Rows that the ledger has, by table."""
    sql = "SELECT TABLE_NAME, ROW_COUNT FROM _DWSIM_LEDGER WHERE UID = ?"
    counts: dict[str, int] = {}
    for name, rows in session.run(sql, (uid,)):
        counts[name] = counts.get(name, 0) + int(rows)
    return counts


def rejected_rows(session: Session, uid: str) -> dict[str, int]:
    """Rows that were rejected, by table."""
    sql = "SELECT TABLE_NAME, SUM(REJECTED) FROM _DWSIM_LEDGER WHERE UID = ? GROUP BY TABLE_NAME"
    return {name: int(rows or 0) for name, rows in session.run(sql, (uid,))}


def clear_ledger(session: Session, uid: str) -> None:
    """Forget the batches of a load that ends."""
    session.run("DELETE FROM _DWSIM_LEDGER WHERE UID = ?", (uid,))


def read_catalog(session: Session) -> tuple[LoadedTable, ...]:
    """Tables of the schema, in the order of their names."""
    rows = session.run("SELECT TARGET, ROW_COUNT, LOAD_ID, FACTS FROM _DWSIM_CATALOG ORDER BY NAME")
    return tuple(_loaded(target, int(n), int(load_id), json.loads(text)) for target, n, load_id, text in rows)


def _loaded(target: str, rows: int, load_id: int, facts: Mapping[str, Any]) -> LoadedTable:
    return LoadedTable(target, rows, load_id, read_table(facts), tuple(facts["runs"]))


def write_catalog(session: Session, order: LoadOrder, item: OrderTable, rows: int, runs: Sequence[str]) -> None:
    """Describe a table that `order` just wrote, and the runs that it consists of now."""
    facts = json.dumps(table_facts(item.table) | {"runs": list(runs)}, ensure_ascii=False)
    session.run("DELETE FROM _DWSIM_CATALOG WHERE NAME = ?", (item.table.name,))
    session.run(
        "INSERT INTO _DWSIM_CATALOG (NAME, TARGET, ROW_COUNT, LOADER_ID, LOAD_ID, FACTS) VALUES (?, ?, ?, ?, ?, ?)",
        (item.table.name, identifier(item.target), rows, order.loader_id, order.load_id, facts),
    )


def newer_loads(session: Session, order: LoadOrder) -> dict[str, int]:
    """Tables of `order` that a newer load of the same loader wrote, with that load."""
    rows = session.run(
        "SELECT NAME, LOAD_ID FROM _DWSIM_CATALOG WHERE LOADER_ID = ? AND LOAD_ID > ?", (order.loader_id, order.load_id)
    )
    mine = {item.table.name for item in order.tables}
    return {name: int(load_id) for name, load_id in rows if name in mine}
