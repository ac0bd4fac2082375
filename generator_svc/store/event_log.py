"""The event log: append-only, numbered from 1 without gaps; the oldest runs leave it whole.

An event is appended inside the transaction that makes its fact durable; the update of the log's head orders the
appenders, so that a sequence is never committed before a smaller one.
"""

import uuid
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from dwsim_wire.clock import now
from generator_svc.core.event import Event, Fact, RunEnded, RunStarted
from generator_svc.core.run_faults import LogReplaced, SequenceAhead, SequenceExpired
from generator_svc.store.database import Database
from generator_svc.store.records import as_accepted, fact_of, fact_text, read_runs
from generator_svc.store.tables import events, log_head, runs


def append(connection: sa.Connection, run_id: int, fact: Fact) -> int:
    """Append `fact` within the caller's transaction; answers its sequence."""
    newest = log_head.c.newest_sequence
    head = sa.update(log_head).values(newest_sequence=newest + 1).returning(newest)
    sequence = int(connection.execute(head).scalar_one())
    row = {
        "sequence": sequence,
        "time": now(),
        "run_id": run_id,
        "kind": type(fact).__name__,
        "facts": fact_text(fact),
    }
    connection.execute(sa.insert(events).values(row))
    return sequence


class EventLog:
    """Reads the log by cursor."""

    def __init__(self, database: Database) -> None:
        self._database = database
        with database.write() as connection:
            self.log_id = _claim(connection)

    def newest(self) -> int:
        """Sequence of the newest event; 0 where there is none."""
        with self._database.read() as connection:
            return _newest(connection)

    def check(self, log_id: str, after: int) -> None:
        """Refuse a cursor that this log did not give."""
        if log_id and log_id != self.log_id:
            raise LogReplaced(
                "the cursor is of another event log",
                hint="begin again from sequence 0 without a log id",
                metadata={"log_id": self.log_id},
            )
        newest = self.newest()
        if after > newest:
            raise SequenceAhead(
                f"sequence {after} is beyond the newest event, {newest}", metadata={"newest_sequence": str(newest)}
            )
        with self._database.read() as connection:
            _refuse_expired(connection, after)

    def page(self, after: int, limit: int, run_id: int = 0) -> list[Event]:
        """At most `limit` events after sequence `after`, 0 for the oldest; of one run only where `run_id` is given."""
        query = sa.select(events).where(events.c.sequence > after).order_by(events.c.sequence).limit(limit)
        if run_id:
            query = query.where(events.c.run_id == run_id)
        with self._database.read() as connection:
            _refuse_expired(connection, after)
            found = connection.execute(query).all()
            return _events(connection, found)

    def expired(self, before: int, most: int) -> int:
        """Last event that need not be kept: older than `before`, or not among the `most` newest (0: all are kept).

        The events of a run go together, and not before its end; of its deletion nobody needs to hear who has not heard
        of the run.
        """
        with self._database.read() as connection:
            aged = sa.select(events.c.sequence).where(events.c.time >= before).order_by(events.c.sequence).limit(1)
            newest = _newest(connection)
            first_young = connection.execute(aged).scalar() or newest + 1
            last = max(first_young - 1, newest - most if most else 0)
            while (begun := connection.execute(_first_unended(last)).scalar()) is not None:
                last = begun - 1
            return last

    def expire(self, last: int, most: int) -> int:
        """Forget at most `most` events up to `last`, the oldest first; answers how many."""
        with self._database.write() as connection:
            end = min(last, _oldest(connection) + most - 1)
            return connection.execute(sa.delete(events).where(events.c.sequence <= end)).rowcount


def _claim(connection: sa.Connection) -> str:
    """Identity of the log; a new log gets one."""
    log_id: str | None = connection.execute(sa.select(log_head.c.log_id)).scalar()
    if log_id is None:
        log_id = uuid.uuid4().hex
        connection.execute(sa.insert(log_head).values(id=1, log_id=log_id, newest_sequence=0))
    return log_id


def _newest(connection: sa.Connection) -> int:
    return int(connection.execute(sa.select(log_head.c.newest_sequence)).scalar_one())


def _oldest(connection: sa.Connection) -> int:
    """Sequence of the oldest event that is kept, or of the next one."""
    oldest = connection.execute(sa.select(sa.func.min(events.c.sequence))).scalar()
    return _newest(connection) + 1 if oldest is None else int(oldest)


def _refuse_expired(connection: sa.Connection, after: int) -> None:
    oldest = _oldest(connection)
    if 0 < after < oldest - 1:
        raise SequenceExpired(
            f"the events after sequence {after} are no longer kept; the oldest is {oldest}",
            hint="begin again from sequence 0, which is the oldest event",
            metadata={"oldest_sequence": str(oldest)},
        )


def _first_unended(last: int) -> "sa.Select[Any]":
    """Start of the first run that began up to `last` and did not end up to `last`."""
    end = events.alias()
    ended = sa.exists().where(end.c.run_id == events.c.run_id, end.c.kind == RunEnded.__name__, end.c.sequence <= last)
    begun = sa.select(events.c.sequence).where(events.c.sequence <= last, events.c.kind == RunStarted.__name__, ~ended)
    return begun.order_by(events.c.sequence).limit(1)


def _events(connection: sa.Connection, found: "Sequence[sa.Row[Any]]") -> list[Event]:
    """Join events with the pinned facts of their runs."""
    ids = {row.run_id for row in found}
    named = connection.execute(
        sa.select(runs.c.run_id, runs.c.experiment, runs.c.experiment_id).where(runs.c.run_id.in_(ids))
    )
    experiments = {row.run_id: (row.experiment, row.experiment_id) for row in named}
    return [
        Event(row.sequence, row.time, row.run_id, *experiments[row.run_id], _fact(connection, row)) for row in found
    ]


def _fact(connection: sa.Connection, row: "sa.Row[Any]") -> Fact:
    if row.kind != RunStarted.__name__:
        return fact_of(row.kind, row.facts)
    pinned = connection.execute(sa.select(runs).where(runs.c.run_id == row.run_id)).all()
    (run,) = read_runs(connection, pinned)
    return RunStarted(as_accepted(run), pinned[0].document)
