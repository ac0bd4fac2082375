"""The generator's log as the loader knows it: the cursor and what each event gave, committed together.

Delivery is at least once: an event at or before the cursor changes nothing, and a log that begins anew gives each of
its batches once, because a batch is keyed by run, table and index.
"""

import json
import logging
import uuid
from collections.abc import Callable, Iterable
from typing import Any

import sqlalchemy as sa

from loader_svc.core.events import BatchFinished, Cursor, Event, RunDeleted, RunEnded, RunStarted, TableFinished
from loader_svc.core.ingests import INGEST
from loader_svc.core.loads import (
    ACTIVE,
    CHANGE_SET,
    LOADABLE_FORMAT,
    Batch,
    Failure,
    LoadedRun,
    LoadState,
    Route,
    Run,
    default_mode,
)
from loader_svc.store import lineage
from loader_svc.store import tables as t
from loader_svc.store.accept import insert_load, read_run
from loader_svc.store.records import write_failure

log = logging.getLogger("dwsim.loader")
Router = Callable[[Run], Route]


class LogStore:
    """Cursor, runs and batches."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        with engine.begin() as connection:
            if connection.scalar(sa.select(t.cursor.c.only)) is None:
                start = {"only": 1, "loader_id": uuid.uuid4().hex, "log_id": "", "sequence": 0}
                connection.execute(sa.insert(t.cursor).values(start))

    def loader_id(self) -> str:
        """Id of this loader's database: load ids are comparable within it."""
        with self._engine.begin() as connection:
            return str(connection.scalar(sa.select(t.cursor.c.loader_id)))

    def cursor(self) -> Cursor:
        """The last event that was recorded."""
        with self._engine.begin() as connection:
            return _cursor(connection)

    def rewind(self) -> None:
        """Begin at the oldest event again; no run or load is forgotten."""
        with self._engine.begin() as connection:
            connection.execute(sa.update(t.cursor).values(log_id="", sequence=0))

    def record(self, events: Iterable[Event], route: Router) -> frozenset[str]:
        """Record events beyond the cursor; answer the namespaces that have something to do."""
        touched: set[str] = set()
        with self._engine.begin() as connection:
            at = _cursor(connection)
            for event in events:
                if event.log_id == at.log_id and event.sequence <= at.sequence:
                    continue
                touched |= _record(connection, event, route)
                at = Cursor(event.log_id, event.sequence)
            connection.execute(sa.update(t.cursor).values(log_id=at.log_id, sequence=at.sequence))
        return frozenset(touched)

    def run(self, run_id: int) -> Run | None:
        """The run that has this id now."""
        with self._engine.begin() as connection:
            return _run(connection, run_id)

    def newest_run(self, experiment: str) -> Run | None:
        """Newest completed or running run of an experiment, by its name; change sets aside, which are not loaded."""
        wanted = (
            sa.select(t.runs)
            .where(
                sa.func.lower(t.runs.c.experiment) == experiment.lower(),
                t.runs.c.state.in_(["RUNNING", "COMPLETED"]),
                t.runs.c.kind.not_in([CHANGE_SET, INGEST]),
                ~t.runs.c.deleted,
                ~t.runs.c.replaced,
            )
            .order_by(t.runs.c.run_key.desc())
        )
        with self._engine.begin() as connection:
            row = connection.execute(wanted.limit(1)).first()
            return read_run(connection, row) if row else None

    def loaded_runs(self) -> list[LoadedRun]:
        """Runs whose files may go, and of which the generator was not told: all tables are loaded, no load is active.

        Those of a log that was replaced are not the generator's any more.
        """
        completed = (t.loads.c.run_key == t.runs.c.run_key) & (t.loads.c.state == LoadState.COMPLETED)
        loaded = sa.select(sa.func.count()).where(t.load_tables.c.load_id == t.loads.c.load_id).correlate(t.loads)
        made = sa.select(sa.func.count()).where(t.run_tables.c.run_key == t.runs.c.run_key).correlate(t.runs)
        whole = sa.exists().where(completed, loaded.scalar_subquery() == made.scalar_subquery())
        active = sa.exists().where(t.loads.c.run_key == t.runs.c.run_key, t.loads.c.state.in_(ACTIVE))
        kept = t.runs.c.delete_after_load & ~t.runs.c.reported & ~t.runs.c.deleted & ~t.runs.c.replaced
        with self._engine.begin() as connection:
            log_id = _cursor(connection).log_id
            rows = connection.execute(sa.select(t.runs).where(kept, whole, ~active)).all()
            return [LoadedRun(row.run_key, row.run_id, row.experiment_id, log_id) for row in rows]

    def reported(self, run_key: int) -> None:
        """Record that the generator knows of a loaded run."""
        with self._engine.begin() as connection:
            connection.execute(sa.update(t.runs).where(t.runs.c.run_key == run_key).values(reported=True))

    def experiments(self) -> list[str]:
        """Names of all experiments that have runs."""
        with self._engine.begin() as connection:
            return list(connection.scalars(sa.select(t.runs.c.experiment).distinct()))


def _cursor(connection: sa.Connection) -> Cursor:
    row = connection.execute(sa.select(t.cursor.c.log_id, t.cursor.c.sequence)).one()
    return Cursor(row.log_id, row.sequence)


def _run(connection: sa.Connection, run_id: int) -> Run | None:
    row = connection.execute(_newest(run_id, t.runs)).first()
    return read_run(connection, row) if row else None


def _newest(run_id: int, *columns: Any) -> sa.Select[Any]:
    wanted = sa.select(*columns).where(t.runs.c.run_id == run_id, ~t.runs.c.replaced)
    return wanted.order_by(t.runs.c.run_key.desc()).limit(1)


def _record(connection: sa.Connection, event: Event, route: Router) -> set[str]:
    what = event.what
    if isinstance(what, RunStarted):
        return _run_started(connection, event, what, route)
    if what is None or isinstance(what, TableFinished):
        return set()  # rows and batches of a table were pinned when the run started
    row = connection.execute(_newest(event.run_id, t.runs.c.run_key, t.runs.c.deleted)).first()
    if row is None:
        log.warning("event of an unknown run", extra={"facts": {"run_id": event.run_id, "sequence": event.sequence}})
        return set()
    match what:
        case BatchFinished():
            return set() if row.deleted else _batch_finished(connection, row.run_key, what.batch)
        case RunEnded():
            return _run_ended(connection, row.run_key, event.run_id, what)
        case RunDeleted():
            return _run_deleted(connection, row.run_key, event.run_id)


def _run_started(connection: sa.Connection, event: Event, what: RunStarted, route: Router) -> set[str]:
    wanted = sa.select(t.runs.c.run_key, t.runs.c.fingerprint)
    known = connection.execute(wanted.where(t.runs.c.run_id == event.run_id, ~t.runs.c.replaced)).first()
    touched: set[str] = set()
    if known and known.fingerprint == what.fingerprint:
        return touched
    if known:
        touched = _stop_loads(connection, known.run_key, _gone(event.run_id, "the generator's log began anew"))
        connection.execute(sa.update(t.runs).where(t.runs.c.run_key == known.run_key).values(replaced=True))
    run = _insert_run(connection, event, what)
    buried = sa.select(t.tombstones).where(t.tombstones.c.experiment_id == event.experiment_id)
    loadable = run.kind != CHANGE_SET and run.format == LOADABLE_FORMAT
    if what.auto_load and loadable and connection.execute(buried).first() is None:
        chosen = route(run)
        insert_load(connection, run, chosen, default_mode(run.kind), automatic=True, tolerance=what.tolerance)
        touched.add(chosen.namespace)
    return touched


def _insert_run(connection: sa.Connection, event: Event, what: RunStarted) -> Run:
    values = {
        "run_id": event.run_id,
        "fingerprint": what.fingerprint,
        "experiment": event.experiment,
        "experiment_id": event.experiment_id,
        "kind": what.kind,
        "state": "RUNNING",
        "failure": "",
        "document": json.dumps(what.document, ensure_ascii=False),
        "deleted": False,
        "replaced": False,
        "base_key": lineage.base_key(connection, what.base_run_id),
        "format": what.format,
        "delete_after_load": what.delete_after_load,
        "reported": False,
    }
    row = connection.execute(sa.insert(t.runs).values(values).returning(t.runs)).one()
    for position, item in enumerate(what.tables):
        pinned = {"name": item.name, "rows": item.rows, "batches": item.batches}
        connection.execute(sa.insert(t.run_tables).values(run_key=row.run_key, position=position, **pinned))
    return read_run(connection, row)


def _batch_finished(connection: sa.Connection, run_key: int, batch: Batch) -> set[str]:
    key = {"run_key": run_key, "table_name": batch.table, "batch_index": batch.index}
    known = sa.select(t.batches.c.rows).where(*(t.batches.c[name] == value for name, value in key.items()))
    if connection.execute(known).first():
        return set()
    facts = {"first_row": batch.first_row, "rows": batch.rows, "uri": batch.uri}
    facts |= {"bytes": batch.bytes, "checksum": batch.checksum}
    connection.execute(sa.insert(t.batches).values(**key, **facts))
    takers = (
        sa.select(t.loads.c.load_id, t.loads.c.namespace)
        .join(t.load_tables, t.load_tables.c.load_id == t.loads.c.load_id)
        .where(t.loads.c.run_key == run_key, t.loads.c.state.in_(ACTIVE), t.load_tables.c.name == batch.table)
    )
    loads = connection.execute(takers).all()
    for load in loads:
        item = {"load_id": load.load_id, "table_name": batch.table, "batch_index": batch.index, "staged": False}
        connection.execute(sa.insert(t.work).values(item))
    return {load.namespace for load in loads}


def _run_ended(connection: sa.Connection, run_key: int, run_id: int, what: RunEnded) -> set[str]:
    values = {"state": what.state, "failure": write_failure(what.failure)}
    connection.execute(sa.update(t.runs).where(t.runs.c.run_key == run_key).values(values))
    if what.state == "COMPLETED":
        return _namespaces(connection, run_key)
    return _stop_loads(connection, run_key, ended_badly(run_id, what.state, what.failure))


def ended_badly(run_id: int, state: str, failure: Failure | None) -> Failure:
    """Why nothing can be loaded from a run that ended FAILED or ABORTED."""
    because = f": {failure.message}" if failure and failure.message else ""
    return Failure("RUN_NOT_COMPLETED", f"run {run_id} ended {state}{because}", "start a new run, which is loaded too")


def _run_deleted(connection: sa.Connection, run_key: int, run_id: int) -> set[str]:
    connection.execute(sa.update(t.runs).where(t.runs.c.run_key == run_key).values(deleted=True))
    return _stop_loads(connection, run_key, _gone(run_id, f"run {run_id} was deleted"))


def _gone(run_id: int, why: str) -> Failure:
    return Failure("STAGED_FILE_CHANGED", f"the staged files of run {run_id} are gone: {why}", "start a new run")


def _namespaces(connection: sa.Connection, run_key: int) -> set[str]:
    active = (t.loads.c.run_key == run_key) & t.loads.c.state.in_(ACTIVE)
    return set(connection.scalars(sa.select(t.loads.c.namespace).where(active)))


def _stop_loads(connection: sa.Connection, run_key: int, failure: Failure) -> set[str]:
    """Ask all active loads of a run to stop, for this reason; one that is asked already keeps its own."""
    touched = _namespaces(connection, run_key)
    open_loads = t.loads.c.state.in_(ACTIVE - {LoadState.ABORTING})
    stop = sa.update(t.loads).where(t.loads.c.run_key == run_key, open_loads)
    connection.execute(stop.values(state=LoadState.ABORTING, failure=write_failure(failure)))
    return touched
