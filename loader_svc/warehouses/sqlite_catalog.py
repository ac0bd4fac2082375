"""The loader's own tables in a SQLite file: loads with their epochs, the ledger of batches, the catalog of tables."""

import json
from collections.abc import Sequence
from typing import Any

from loader_svc.core.document import read_table, table_facts
from loader_svc.core.lineage import UNKNOWN
from loader_svc.core.loads import Applied, LoadedTable, LoadOrder, OrderTable
from loader_svc.warehouses.sqlite_session import Session
from loader_svc.warehouses.writer import FOREIGN_SECONDS

SYSTEM_TABLES = (
    """CREATE TABLE IF NOT EXISTS _dwsim_load (
        uid TEXT PRIMARY KEY, loader_id TEXT NOT NULL, load_id INTEGER NOT NULL, run_id INTEGER NOT NULL,
        state TEXT NOT NULL, epoch INTEGER NOT NULL, result TEXT NOT NULL DEFAULT '{}',
        touched INTEGER NOT NULL DEFAULT 0)""",
    """CREATE TABLE IF NOT EXISTS _dwsim_ledger (
        uid TEXT NOT NULL, table_name TEXT NOT NULL, batch_index INTEGER NOT NULL, rows INTEGER NOT NULL,
        rejected INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (uid, table_name, batch_index)) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS _dwsim_catalog (
        name TEXT PRIMARY KEY, target TEXT NOT NULL, rows INTEGER NOT NULL, loader_id TEXT NOT NULL,
        load_id INTEGER NOT NULL, facts TEXT NOT NULL)""",
)
TAKE_OVER = """
    INSERT INTO _dwsim_load (uid, loader_id, load_id, run_id, state, epoch, touched)
    VALUES (?, ?, ?, ?, 'STAGING', 1, unixepoch())
    ON CONFLICT (uid) DO UPDATE
    SET epoch = epoch + 1, touched = unixepoch(), state = CASE state WHEN 'APPLIED' THEN 'APPLIED' ELSE 'STAGING' END
    RETURNING epoch, state, result"""
FENCE = """
    UPDATE _dwsim_load SET state = ?, touched = unixepoch()
    WHERE uid = ? AND epoch = ? AND state = 'STAGING' RETURNING 1"""
DEAD = """
    SELECT uid FROM _dwsim_load
    WHERE state = 'STAGING' AND (loader_id = ? OR touched < unixepoch() - ?)"""


def create_system_tables(session: Session) -> None:
    """Make the loader's tables where they are missing; costs no write where they are there."""
    for sql in SYSTEM_TABLES:
        session.run(sql)
    if not session.run("SELECT 1 FROM pragma_table_info('_dwsim_load') WHERE name = 'touched'"):  # an older file
        session.run("ALTER TABLE _dwsim_load ADD COLUMN touched INTEGER NOT NULL DEFAULT 0")
    if not session.run("SELECT 1 FROM pragma_table_info('_dwsim_ledger') WHERE name = 'rejected'"):
        session.run("ALTER TABLE _dwsim_ledger ADD COLUMN rejected INTEGER NOT NULL DEFAULT 0")


def take_over(session: Session, order: LoadOrder) -> tuple[int, Applied | None]:
    """Raise the load's epoch; answer it, and what the load did where it is applied."""
    [(epoch, state, result)] = session.run(TAKE_OVER, (order.uid, order.loader_id, order.load_id, order.run_id))
    if state != "APPLIED":
        return int(epoch), None
    counts = json.loads(result)
    return int(epoch), Applied(order.namespace, counts["inserted"], counts["deleted"], read_catalog(session))


def sweepable(session: Session, loader_id: str) -> list[str]:
    """Loads that this loader began to stage, and those of others that nobody touched for long."""
    return [uid for (uid,) in session.run(DEAD, (loader_id, FOREIGN_SECONDS))]


def is_ended(session: Session, uid: str) -> bool:
    """Whether somebody ended a load that was not applied."""
    return session.run("SELECT state FROM _dwsim_load WHERE uid = ?", (uid,)) == [("ENDED",)]


def give_up(session: Session, uid: str) -> None:
    """End a load whoever has it: its epoch rises, so that a late writer is refused."""
    session.run("UPDATE _dwsim_load SET state = 'ENDED', epoch = epoch + 1 WHERE uid = ?", (uid,))


def keep_result(session: Session, uid: str, inserted: dict[str, int], deleted: dict[str, int]) -> None:
    """Keep what an apply did, for a loader that dies before it has written it down."""
    result = json.dumps({"inserted": inserted, "deleted": deleted})
    session.run("UPDATE _dwsim_load SET result = ? WHERE uid = ?", (result, uid))


def staged_rows(session: Session, uid: str) -> dict[str, int]:
    """Rows that the ledger has, by table."""
    sql = "SELECT table_name, sum(rows) FROM _dwsim_ledger WHERE uid = ? GROUP BY table_name"
    return {name: int(rows) for name, rows in session.run(sql, (uid,))}


def rejected_rows(session: Session, uid: str) -> dict[str, int]:
    """Rows that were rejected, by table."""
    sql = "SELECT table_name, sum(rejected) FROM _dwsim_ledger WHERE uid = ? GROUP BY table_name"
    return {name: int(rows) for name, rows in session.run(sql, (uid,))}


def read_catalog(session: Session) -> tuple[LoadedTable, ...]:
    """Tables of the file, in the order of their names."""
    rows = session.run("SELECT target, rows, load_id, facts FROM _dwsim_catalog ORDER BY name")
    return tuple(_loaded(target, n, load_id, json.loads(facts)) for target, n, load_id, facts in rows)


def _loaded(target: str, rows: int, load_id: int, facts: dict[str, Any]) -> LoadedTable:
    runs = facts.get("runs", [UNKNOWN] if rows else [])
    return LoadedTable(target, rows, load_id, read_table(facts), tuple(runs))


def write_catalog(session: Session, order: LoadOrder, item: OrderTable, rows: int, runs: Sequence[str]) -> None:
    """Describe a table that `order` just wrote, and the runs that it consists of now."""
    facts = json.dumps(table_facts(item.table) | {"runs": list(runs)}, ensure_ascii=False)
    session.run(
        "INSERT OR REPLACE INTO _dwsim_catalog (name, target, rows, loader_id, load_id, facts)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (item.table.name, item.target, rows, order.loader_id, order.load_id, facts),
    )


def newer_loads(session: Session, order: LoadOrder) -> dict[str, int]:
    """Tables of `order` that a newer load of the same loader wrote, with that load."""
    rows = session.run(
        "SELECT name, load_id FROM _dwsim_catalog WHERE loader_id = ? AND load_id > ?",
        (order.loader_id, order.load_id),
    )
    mine = {item.table.name for item in order.tables}
    return {name: int(load_id) for name, load_id in rows if name in mine}
