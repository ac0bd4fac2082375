"""The history of queries. Written by one thread, so that no query waits for a disk; what waits is written together."""

import logging
import queue
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from query_svc.core.records import Failure, QueryRecord, State

log = logging.getLogger("dwsim.query.store")

KEPT_QUERIES = 10_000
LONGEST_SQL = 65_536
_META = sa.MetaData()
_QUERIES = sa.Table(
    "queries",
    _META,
    sa.Column("sequence", sa.Integer, primary_key=True),
    *(sa.Column(n, sa.String) for n in ("query_id", "experiment", "sql", "client", "dialect", "warehouse")),
    *(sa.Column(n, sa.String) for n in ("verdict", "state", "failure_reason", "failure_message", "failure_hint")),
    *(sa.Column(n, sa.BigInteger) for n in ("rows", "bytes")),
    *(sa.Column(n, sa.Float) for n in ("started", "total_ms")),
)
_Task = tuple[QueryRecord | None, "Future[None]"]


class History:
    """Records of queries, newest first."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._tasks: queue.SimpleQueue[_Task | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._write, name="query-history", daemon=True)

    def start(self) -> None:
        """Close what an earlier process left running, then begin to write."""
        lost = {
            "state": State.FAILED.value,
            "failure_reason": "UNAVAILABLE",
            "failure_message": "the query service ended while the query ran",
            "failure_hint": "send it again",
        }
        with self._engine.begin() as connection:
            running = _QUERIES.c.state == State.RUNNING.value
            connection.execute(sa.update(_QUERIES).where(running).values(lost))
        self._thread.start()

    def record(self, record: QueryRecord) -> None:
        """Keep the newest state of a query; returns before it is on disk."""
        self._tasks.put((record, Future()))

    def flush(self) -> None:
        """Wait until all that was recorded is on disk."""
        done: Future[None] = Future()
        self._tasks.put((None, done))
        done.result(timeout=30)

    def close(self) -> None:
        """Write what is left and end."""
        if self._thread.is_alive():
            self._tasks.put(None)
            self._thread.join(timeout=30)
        self._engine.dispose()

    def get(self, query_id: str) -> QueryRecord | None:
        """Record of a query."""
        self.flush()
        with self._engine.begin() as connection:
            row = connection.execute(sa.select(_QUERIES).where(_QUERIES.c.query_id == query_id)).mappings().first()
        return _read(row) if row else None

    def page(self, experiment: str, before: int | None, size: int) -> tuple[list[QueryRecord], int | None]:
        """Records before a place, newest first, and the place of the next page."""
        self.flush()
        wanted = sa.select(_QUERIES).order_by(_QUERIES.c.sequence.desc()).limit(size + 1)
        if experiment:
            wanted = wanted.where(_QUERIES.c.experiment == experiment)
        if before is not None:
            wanted = wanted.where(_QUERIES.c.sequence < before)
        with self._engine.begin() as connection:
            rows = connection.execute(wanted).mappings().all()
        following = int(rows[size - 1]["sequence"]) if len(rows) > size else None
        return [_read(row) for row in rows[:size]], following

    def _write(self) -> None:
        while (task := self._tasks.get()) is not None:
            tasks = [task]
            while not self._tasks.empty() and len(tasks) < 500:
                following = self._tasks.get()
                if following is None:
                    self._tasks.put(None)
                    break
                tasks.append(following)
            self._write_together(tasks)

    def _write_together(self, tasks: Sequence[_Task]) -> None:
        newest = {record.query_id: record for record, _ in tasks if record}
        try:
            if newest:
                with self._engine.begin() as connection:
                    _upsert(connection, list(newest.values()))
        except sa.exc.SQLAlchemyError:
            log.exception("history not written")
        for _, done in tasks:
            done.set_result(None)


def _upsert(connection: sa.Connection, records: Sequence[QueryRecord]) -> None:
    for record in records:
        facts = _facts(record)
        changed = connection.execute(sa.update(_QUERIES).where(_QUERIES.c.query_id == record.query_id).values(facts))
        if not changed.rowcount:
            connection.execute(sa.insert(_QUERIES).values(facts))
    newest = sa.select(sa.func.max(_QUERIES.c.sequence)).scalar_subquery()
    connection.execute(sa.delete(_QUERIES).where(_QUERIES.c.sequence <= newest - KEPT_QUERIES))


def _facts(record: QueryRecord) -> dict[str, Any]:
    facts = asdict(record)
    failure = facts.pop("failure") or {}
    facts |= {f"failure_{name}": failure.get(name) for name in ("reason", "message", "hint")}
    return facts | {"state": record.state.value, "sql": record.sql[:LONGEST_SQL]}


def _read(row: sa.RowMapping) -> QueryRecord:
    facts = {name: row[name] for name in row if name != "sequence" and not name.startswith("failure_")}
    failure = None
    if row["failure_reason"]:
        failure = Failure(row["failure_reason"], row["failure_message"] or "", row["failure_hint"] or "")
    return QueryRecord(**(facts | {"state": State(row["state"]), "failure": failure}))
