"""The loader's own tables in a schema: loads with their epochs, the ledger of batches, the catalog of tables.

All are logged: after a crash of the server an unlogged staging table would be empty while its ledger row stood.
"""

import json
from dataclasses import dataclass

from loader_svc.core.document import Table, read_table, table_facts
from loader_svc.core.loads import Applied, Batch, LoadedTable, LoadOrder
from loader_svc.warehouses.postgres_session import Session
from loader_svc.warehouses.writer import FOREIGN_SECONDS

SYSTEM_TABLES = (
    """CREATE TABLE _dwsim_load (
        uid text PRIMARY KEY, loader_id text NOT NULL, load_id bigint NOT NULL, run_id bigint NOT NULL,
        state text NOT NULL, epoch bigint NOT NULL, result jsonb NOT NULL DEFAULT '{}',
        touched timestamptz NOT NULL DEFAULT now())""",
    """CREATE TABLE _dwsim_ledger (
        uid text NOT NULL, table_name text NOT NULL, batch_index bigint NOT NULL, rows bigint NOT NULL,
        staged timestamptz NOT NULL DEFAULT now(), rejected bigint NOT NULL DEFAULT 0,
        PRIMARY KEY (uid, table_name, batch_index))""",
    """CREATE TABLE _dwsim_catalog (
        name text PRIMARY KEY, target text NOT NULL, rows bigint NOT NULL, loader_id text NOT NULL,
        load_id bigint NOT NULL, facts jsonb NOT NULL)""",
)
TAKE_OVER = """
    INSERT INTO _dwsim_load AS l (uid, loader_id, load_id, run_id, state, epoch)
    VALUES (%s, %s, %s, %s, 'STAGING', 1)
    ON CONFLICT (uid) DO UPDATE
    SET epoch = l.epoch + 1, touched = now(), state = CASE l.state WHEN 'APPLIED' THEN 'APPLIED' ELSE 'STAGING' END
    RETURNING epoch, state, result"""
FENCE = """
    UPDATE _dwsim_load SET state = %s, touched = now()
    WHERE uid = %s AND epoch = %s AND state = 'STAGING' RETURNING 1"""
SHARED_FENCE = """
    SELECT 1 FROM _dwsim_load WHERE uid = %s AND epoch = %s AND state = 'STAGING' FOR SHARE"""
"""Keeps the next claim waiting until this transaction has ended, and other batches of this claim not."""
DEAD = """
    SELECT uid FROM _dwsim_load AS l
    WHERE state = 'STAGING' AND (loader_id = %(mine)s OR touched < now() - make_interval(secs => %(seconds)s)
        AND NOT EXISTS (SELECT FROM _dwsim_ledger AS b
            WHERE b.uid = l.uid AND b.staged >= now() - make_interval(secs => %(seconds)s)))"""
LOCK = "LOCK TABLE _dwsim_catalog IN SHARE ROW EXCLUSIVE MODE"
"""One apply at a time in a schema, whichever loader it is of; readers go on."""


EVICT = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE application_name = %s AND pid <> pg_backend_pid() AND usename = current_user"""
CANCEL = """
    SELECT pg_cancel_backend(pid) FROM pg_stat_activity
    WHERE application_name = %s AND state = 'active' AND usename = current_user"""


def session_name(uid: str) -> str:
    """Name of the sessions that work at a load."""
    return f"dw-simulator load {uid}"


def cancel(session: Session, uid: str) -> None:
    """Cancel the statements that are executed for a load."""
    session.run(CANCEL, (session_name(uid),))


def create_system_tables(session: Session) -> None:
    """Make the loader's tables in a new schema."""
    for sql in SYSTEM_TABLES:
        session.run(sql)


def evict(session: Session) -> None:
    """End other sessions that work at the same load: one whose process stands still would keep its locks for ever."""
    session.run(EVICT, (session.name,))


def take_over(session: Session, order: LoadOrder) -> tuple[int, Applied | None]:
    """Raise the load's epoch; answer it, and what the load did where it is applied."""
    [(epoch, state, result)] = session.run(TAKE_OVER, (order.uid, order.loader_id, order.load_id, order.run_id))
    return int(epoch), _applied(session, result) if state == "APPLIED" else None


def applied(session: Session, uid: str, epoch: int) -> Applied | None:
    """What the load did, if an apply of this claim was committed."""
    sql = "SELECT result FROM _dwsim_load WHERE uid = %s AND epoch = %s AND state = 'APPLIED'"
    found = session.run(sql, (uid, epoch))
    return _applied(session, found[0][0]) if found else None


def _applied(session: Session, result: dict[str, dict[str, int]]) -> Applied:
    return Applied(session.schema, result["inserted"], result["deleted"], read_catalog(session))


def sweepable(session: Session, loader_id: str) -> list[str]:
    """Loads that this loader began to stage, and those of others that nobody touched for long."""
    return [uid for (uid,) in session.run(DEAD, {"mine": loader_id, "seconds": FOREIGN_SECONDS})]


def is_ended(session: Session, uid: str) -> bool:
    """Whether somebody ended a load that was not applied."""
    return session.run("SELECT state FROM _dwsim_load WHERE uid = %s", (uid,)) == [("ENDED",)]


def give_up(session: Session, uid: str) -> None:
    """End a load whoever has it: its epoch rises, so that a late writer is refused."""
    session.run("UPDATE _dwsim_load SET state = 'ENDED', epoch = epoch + 1 WHERE uid = %s", (uid,))


def keep_result(session: Session, uid: str, inserted: dict[str, int], deleted: dict[str, int]) -> None:
    """Keep what an apply did, for a loader that dies before it has written it down."""
    result = json.dumps({"inserted": inserted, "deleted": deleted})
    session.run("UPDATE _dwsim_load SET result = %s WHERE uid = %s", (result, uid))


def enter(session: Session, uid: str, batch: Batch, rejected: int = 0) -> bool:
    """Write the ledger row of a batch; False if it is there."""
    sql = """INSERT INTO _dwsim_ledger (uid, table_name, batch_index, rows, rejected) VALUES (%s, %s, %s, %s, %s)
        ON CONFLICT DO NOTHING RETURNING 1"""
    return bool(session.run(sql, (uid, batch.table, batch.index, batch.rows - rejected, rejected)))


def staged_batches(session: Session, uid: str) -> set[tuple[str, int]]:
    """Table and index of every batch that the ledger has."""
    rows = session.run("SELECT table_name, batch_index FROM _dwsim_ledger WHERE uid = %s", (uid,))
    return {(name, int(index)) for name, index in rows}


def staged_rows(session: Session, uid: str) -> dict[str, int]:
    """Rows that the ledger has, by table."""
    sql = "SELECT table_name, sum(rows) FROM _dwsim_ledger WHERE uid = %s GROUP BY table_name"
    return {name: int(rows) for name, rows in session.run(sql, (uid,))}


def rejected_rows(session: Session, uid: str) -> dict[str, int]:
    """Rows that were rejected, by table."""
    sql = "SELECT table_name, sum(rejected) FROM _dwsim_ledger WHERE uid = %s GROUP BY table_name"
    return {name: int(rows) for name, rows in session.run(sql, (uid,))}


def clear_ledger(session: Session, uid: str) -> None:
    """Forget the batches of a load that ends."""
    session.run("DELETE FROM _dwsim_ledger WHERE uid = %s", (uid,))


def read_catalog(session: Session) -> tuple[LoadedTable, ...]:
    """Tables of the schema, in the order of their names."""
    rows = session.run("SELECT target, rows, load_id, facts FROM _dwsim_catalog ORDER BY name")
    return tuple(
        LoadedTable(target, n, load_id, read_table(facts), tuple(facts["runs"])) for target, n, load_id, facts in rows
    )


@dataclass(frozen=True)
class Entry:
    """A table as an order leaves it; `runs` are those that its rows come from, in order."""

    table: Table
    target: str
    rows: int
    runs: tuple[str, ...]


def write_catalog(session: Session, order: LoadOrder, entry: Entry) -> None:
    """Describe a table that `order` just wrote."""
    facts = json.dumps(table_facts(entry.table) | {"runs": entry.runs}, ensure_ascii=False)
    session.run(
        """INSERT INTO _dwsim_catalog (name, target, rows, loader_id, load_id, facts) VALUES (%s, %s, %s, %s, %s, %s)
        ON CONFLICT (name) DO UPDATE SET target = excluded.target, rows = excluded.rows,
        loader_id = excluded.loader_id, load_id = excluded.load_id, facts = excluded.facts""",
        (entry.table.name, entry.target, entry.rows, order.loader_id, order.load_id, facts),
    )


def newer_loads(session: Session, order: LoadOrder) -> dict[str, int]:
    """Tables of `order` that a newer load of the same loader wrote, with that load."""
    rows = session.run(
        "SELECT name, load_id FROM _dwsim_catalog WHERE loader_id = %s AND load_id > %s",
        (order.loader_id, order.load_id),
    )
    mine = {item.table.name for item in order.tables}
    return {name: int(load_id) for name, load_id in rows if name in mine}
