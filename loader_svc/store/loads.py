"""Loads and their work. A state changes only from the states that the change names, so that no end is overwritten."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from dwsim_wire.clock import now
from loader_svc.core.document import Table
from loader_svc.core.duplicates import KeyDuplicates
from loader_svc.core.faults import ExperimentDeleted, FilesDeleted, LoadEnded, LoadNotFailed, RequestIdReused
from loader_svc.core.ingests import INGEST
from loader_svc.core.lineage import replay_token
from loader_svc.core.loads import (
    ACTIVE,
    Applied,
    Batch,
    Failure,
    Load,
    LoadBatch,
    LoadOrder,
    LoadState,
    Mode,
    OrderTable,
    Route,
    Run,
    Staged,
    ended_state,
)
from loader_svc.core.naming import shown
from loader_svc.core.tolerance import STRICT, Tolerance
from loader_svc.store import lineage, places
from loader_svc.store import tables as t
from loader_svc.store.accept import insert_load, insert_work, read_run
from loader_svc.store.records import read_batch, read_load, read_loads, write_duplicates, write_failure
from loader_svc.store.rejects import forget_batch, refuse_unknown_table
from loader_svc.store.work import batches_of, count_attempts, forget_times, mark, page_of_batches

ONCE = Staged()
ABORTED_BY_USER = Failure("ABORTED_BY_USER", "the load was aborted on request", "start a new load to load the run")


class LoadStore:
    """Loads, from acceptance to their end."""

    def __init__(self, engine: sa.Engine, loader_id: str, *, enforced: bool = False) -> None:
        self._engine = engine
        self.loader_id = loader_id
        self._enforced = enforced

    def enforces(self, run: Run) -> bool:
        """Whether the keys of a run's tables are enforced."""
        return self._enforced if run.document.enforced is None else run.document.enforced

    def accept(
        self,
        run: Run,
        route: Route,
        mode: Mode,
        tables: Collection[str],
        tolerance: Tolerance = STRICT,
        request_id: str = "",
        payload: str = "",
    ) -> Load:
        """Accept a load, or answer the one that this request made before."""
        with self._engine.begin() as connection:
            if places.is_buried(connection, run.experiment_id):
                raise ExperimentDeleted(
                    f"experiment {run.experiment!r} is deleted", metadata={"experiment": run.experiment}
                )
            if request_id and (known := _request(connection, request_id, payload)):
                return read_load(connection, known)
            if mode is Mode.APPEND:
                lineage.refuse_without_base(connection, run, route, tables)
            load_id = insert_load(connection, run, route, mode, tables=tables, tolerance=tolerance)
            if request_id:
                row = {"request_id": request_id, "payload": payload, "load_id": load_id}
                connection.execute(sa.insert(t.requests).values(row))
            return read_load(connection, load_id)

    def requested(self, request_id: str, payload: str) -> Load | None:
        """The load that this request made before."""
        with self._engine.begin() as connection:
            known = _request(connection, request_id, payload) if request_id else None
            return read_load(connection, known) if known else None

    def get(self, load_id: int) -> Load:
        """One load."""
        with self._engine.begin() as connection:
            return read_load(connection, load_id)

    def page(self, experiment: str, run_id: int, before: int | None, limit: int) -> list[Load]:
        """Loads with ids below `before`, newest first."""
        query = sa.select(t.loads).order_by(t.loads.c.load_id.desc()).limit(limit)
        if experiment:
            query = query.where(sa.func.lower(t.loads.c.experiment) == experiment.lower())
        if run_id:
            query = query.where(t.loads.c.run_id == run_id)
        if before is not None:
            query = query.where(t.loads.c.load_id < before)
        with self._engine.begin() as connection:
            return read_loads(connection, query)

    def active(self, *, namespace: str = "", experiment_id: str = "") -> list[Load]:
        """Active loads of a place or experiment (all if neither is given), oldest first."""
        query = sa.select(t.loads).where(t.loads.c.state.in_(ACTIVE)).order_by(t.loads.c.load_id)
        if namespace:
            query = query.where(t.loads.c.namespace == namespace)
        if experiment_id:
            query = query.where(t.loads.c.experiment_id == experiment_id)
        with self._engine.begin() as connection:
            return read_loads(connection, query)

    def is_buried(self, namespace: str) -> bool:
        """Whether a place is of an experiment that is deleted or being deleted."""
        owner = sa.select(t.loads.c.experiment_id).where(t.loads.c.namespace == namespace).limit(1)
        with self._engine.begin() as connection:
            experiment_id = connection.scalar(owner)
            return experiment_id is not None and places.is_buried(connection, experiment_id)

    def order(self, load_id: int) -> LoadOrder:
        """What the warehouse is told about a load."""
        with self._engine.begin() as connection:
            load = read_load(connection, load_id)
            of_load = sa.select(t.loads.c.run_key).where(t.loads.c.load_id == load_id).scalar_subquery()
            run = read_run(connection, connection.execute(sa.select(t.runs).where(t.runs.c.run_key == of_load)).one())
            bases = {item.name: lineage.base_runs(connection, run.key, item.name) for item in load.tables}
            token = lineage.token(connection, run.key)
            if load.replay_of:
                token = replay_token(token, read_load(connection, load.replay_of).uid)
        pinned = {table.name: table for table in run.document.tables}
        tables = [OrderTable(pinned[item.name], item.target, item.rows, bases[item.name]) for item in load.tables]
        return LoadOrder(
            load_id=load.load_id,
            uid=load.uid,
            loader_id=self.loader_id,
            run_id=load.run_id,
            experiment=load.experiment,
            experiment_id=load.experiment_id,
            namespace=load.namespace,
            mode=load.mode,
            tables=tuple(tables),
            enforced=self.enforces(run),
            run=token,
            dialect=run.document.dialect,
            drift=load.tolerance.drift,
            replays=bool(load.replay_of),
        )

    def pending(self, load_id: int, limit: int) -> list[Batch]:
        """Batches that are to be staged, parents' tables first."""
        query = batches_of(load_id, t.batches).where(~t.work.c.staged)
        with self._engine.begin() as connection:
            batches = [read_batch(row) for row in connection.execute(query.limit(limit))]
            table = _table_of_ingest(connection, load_id) if batches else None
            return [replace(batch, conform_to=table) for batch in batches] if table else batches

    def all_announced(self, load_id: int) -> bool:
        """Whether the run of a load has ended: no further batch will come."""
        query = sa.select(t.runs.c.state).join(t.loads, t.loads.c.run_key == t.runs.c.run_key)
        with self._engine.begin() as connection:
            return connection.scalar(query.where(t.loads.c.load_id == load_id)) in {"COMPLETED", "FAILED", "ABORTED"}

    def begin(self, load_id: int, staged: Collection[tuple[str, int]]) -> bool:
        """Begin to stage, with what the target's ledger has: the target is the truth. False if asked to stop."""
        with self._engine.begin() as connection:
            if not _change(connection, load_id, {LoadState.PENDING, LoadState.STAGING, LoadState.APPLYING}, "STAGING"):
                return False
            connection.execute(sa.update(t.work).where(t.work.c.load_id == load_id).values(staged=False))
            _clear_counts(connection, load_id)
            for table, index in staged:
                mark(connection, load_id, table, index)
            forget_times(connection, load_id)
            return True

    def mark_staged(self, load_id: int, batch: Batch, staged: Staged = ONCE) -> None:
        """Count a batch that the target has, but for the rows that it rejected."""
        with self._engine.begin() as connection:
            if not staged.rejected:
                forget_batch(connection, load_id, batch.table, batch.index)
            mark(connection, load_id, batch.table, batch.index, staged)
            first = sa.update(t.loads).where(t.loads.c.load_id == load_id, t.loads.c.start_time == 0)
            connection.execute(first.values(start_time=now()))

    def not_staged(self, load_id: int, batch: Batch, attempts: int) -> None:
        """Count attempts at a batch that came to nothing."""
        with self._engine.begin() as connection:
            count_attempts(connection, load_id, batch, attempts)

    def batches(self, load_id: int, table: str, after: tuple[int, int], limit: int) -> list[LoadBatch]:
        """Batches of a load behind a table's position and a place in it, those of one table if one is named."""
        with self._engine.begin() as connection:
            load = read_load(connection, load_id)
            if table:
                refuse_unknown_table(load, table)
            return page_of_batches(connection, load_id, table, after, limit)

    def preparing(self, load_id: int) -> None:
        """Note that all rows are staged."""
        with self._engine.begin() as connection:
            connection.execute(sa.update(t.loads).where(t.loads.c.load_id == load_id).values(prepare_time=now()))

    def ready(self, load: Load) -> bool:
        """Whether all batches are staged, the run completed, and no older load of the same tables is under way."""
        wanted = sa.select(t.runs.c.state).join(t.loads, t.loads.c.run_key == t.runs.c.run_key)
        mine = {item.name for item in load.tables}
        with self._engine.begin() as connection:
            state = connection.scalar(wanted.where(t.loads.c.load_id == load.load_id))
            counts = read_load(connection, load.load_id).tables
            if state != "COMPLETED" or any(item.batches_staged < item.batches for item in counts):
                return False
            older = sa.select(t.load_tables.c.name).join(t.loads, t.loads.c.load_id == t.load_tables.c.load_id)
            older = older.where(
                t.loads.c.namespace == load.namespace,
                t.loads.c.state.in_(ACTIVE),
                t.loads.c.load_id < load.load_id,
            )
            return mine.isdisjoint(connection.scalars(older))

    def applying(self, load_id: int) -> bool:
        """Begin to apply; False if the load was asked to stop."""
        with self._engine.begin() as connection:
            return _change(
                connection, load_id, {LoadState.STAGING}, LoadState.APPLYING, apply_begun=True, apply_time=now()
            )

    def not_applied(self, load_id: int) -> None:
        """Note that the target does not have a load, and cannot get it before it begins to apply again."""
        with self._engine.begin() as connection:
            begun = sa.update(t.loads).where(t.loads.c.load_id == load_id, t.loads.c.apply_begun)
            connection.execute(begun.values(apply_begun=False))

    def may_be_applied(self, load_id: int) -> bool:
        """Whether the target alone knows if it has an active load: it began to apply, and no answer came."""
        begun = sa.select(t.loads.c.load_id).where(t.loads.c.load_id == load_id, t.loads.c.apply_begun)
        with self._engine.begin() as connection:
            return connection.scalar(begun.where(t.loads.c.state.in_(ACTIVE))) is not None

    def abort(self, load_id: int, failure: Failure = ABORTED_BY_USER) -> Load:
        """Ask a load to stop."""
        with self._engine.begin() as connection:
            load = read_load(connection, load_id)
            if load.ended:
                raise LoadEnded(f"load {load_id} has ended: it is {load.state}", metadata={"load_id": str(load_id)})
            if _change(connection, load_id, ACTIVE - {LoadState.ABORTING}, LoadState.ABORTING):
                values = {"failure": write_failure(failure)}
                connection.execute(sa.update(t.loads).where(t.loads.c.load_id == load_id).values(values))
            return read_load(connection, load_id)

    def end_unapplied(self, load_id: int) -> Load | None:
        """End a load that was asked to stop and did not begin to apply: the target cannot have it; None if it did."""
        with self._engine.begin() as connection:
            load = read_load(connection, load_id)
            never = sa.select(t.loads.c.load_id).where(t.loads.c.load_id == load_id, ~t.loads.c.apply_begun)
            if load.state is not LoadState.ABORTING or load.failure is None or connection.scalar(never) is None:
                return None
            return _end(connection, load_id, load.failure)

    def retry(self, load_id: int) -> Load:
        """Begin a failed load again."""
        with self._engine.begin() as connection:
            load = read_load(connection, load_id)
            _refuse_retry(connection, load)
            if not load.namespace or not _change(connection, load_id, {LoadState.FAILED}, LoadState.PENDING):
                raise LoadNotFailed(
                    f"load {load_id} is {load.state}; only a FAILED load of a configured warehouse is tried again",
                    hint="start a new load of the run",
                    metadata={"load_id": str(load_id)},
                )
            fresh = {"failure": "", "end_time": 0, "start_time": 0, "prepare_time": 0, "apply_time": 0}
            connection.execute(sa.update(t.loads).where(t.loads.c.load_id == load_id).values(fresh))
            _clear_counts(connection, load_id, first_time=0, last_time=0)
            connection.execute(sa.delete(t.rejects).where(t.rejects.c.load_id == load_id))
            connection.execute(sa.update(t.work).where(t.work.c.load_id == load_id).values(staged=False))
            forget_times(connection, load_id)
            insert_work(connection, load_id)
            return read_load(connection, load_id)

    def keep_duplicates(self, load_id: int, found: Mapping[str, Sequence[KeyDuplicates]]) -> None:
        """Keep what the target says of repeated keys."""
        with self._engine.begin() as connection:
            for table, duplicates in ((table, some) for table, some in found.items() if some):
                of_table = (t.load_tables.c.load_id == load_id) & (t.load_tables.c.name == table)
                values = {"duplicates": write_duplicates(duplicates)}
                connection.execute(sa.update(t.load_tables).where(of_table).values(values))

    def count_retry(self, load_id: int) -> None:
        """Count a transient failure that is tried again."""
        with self._engine.begin() as connection:
            counted = {"retries": t.loads.c.retries + 1}
            connection.execute(sa.update(t.loads).where(t.loads.c.load_id == load_id).values(counted))

    def end(self, load_id: int, failure: Failure) -> Load | None:
        """End a load that was not applied; one that was asked to stop ends for that reason. None if it has ended."""
        with self._engine.begin() as connection:
            load = read_load(connection, load_id)
            asked = load.failure if load.state is LoadState.ABORTING else None
            return None if load.ended else _end(connection, load_id, asked or failure)

    def complete(self, load_id: int, applied: Applied) -> Load | None:
        """End a load that the target has, whatever it was asked meanwhile, and say where its tables are.

        None if it has ended.
        """
        with self._engine.begin() as connection:
            if not _change(connection, load_id, ACTIVE, LoadState.COMPLETED):
                return None
            ended = {"failure": "", "end_time": now()}
            connection.execute(sa.update(t.loads).where(t.loads.c.load_id == load_id).values(ended))
            for name, inserted in applied.inserted.items():
                counts = {"inserted": inserted, "deleted": applied.deleted.get(name, 0)}
                of_table = (t.load_tables.c.load_id == load_id) & (t.load_tables.c.name == name)
                connection.execute(sa.update(t.load_tables).where(of_table).values(counts))
            load = read_load(connection, load_id)
            places.place(connection, load, applied)
            return load


def _table_of_ingest(connection: sa.Connection, load_id: int) -> Table | None:
    """The one table of a load of ingested files, which others wrote; None for the load of a run."""
    wanted = sa.select(t.runs).join(t.loads, t.loads.c.run_key == t.runs.c.run_key)
    row = connection.execute(wanted.where(t.loads.c.load_id == load_id, t.runs.c.kind == INGEST)).first()
    if row is None:
        return None
    run = read_run(connection, row)
    return next(table for table in run.document.tables if table.name == run.tables[0].name)


def _refuse_retry(connection: sa.Connection, load: Load) -> None:
    """Refuse to try a load again whose experiment is deleted, or whose files are another load's by now, or gone."""
    if places.is_buried(connection, load.experiment_id):
        raise ExperimentDeleted(f"experiment {load.experiment!r} is deleted", metadata={"experiment": load.experiment})
    if load.ingest:
        raise LoadNotFailed(
            f"load {load.load_id} is of ingest {load.ingest!r}, which tries its files again by itself",
            hint=f"ResumeIngest takes the refused files of ingest {load.ingest!r} once more",
            metadata={"load_id": str(load.load_id), "ingest": load.ingest},
        )
    gone = sa.select(t.runs.c.deleted).join(t.loads, t.loads.c.run_key == t.runs.c.run_key)
    if connection.scalar(gone.where(t.loads.c.load_id == load.load_id)):
        raise files_deleted(load.run_id)


def files_deleted(run_id: int) -> FilesDeleted:
    """Say that a run has nothing to load from any more."""
    return FilesDeleted(
        f"the staged files of run {run_id} are deleted",
        hint="generate a new run; with retention KEEP its files stay for further loads",
        metadata={"run_id": str(run_id)},
    )


def _request(connection: sa.Connection, request_id: str, payload: str) -> int | None:
    row = connection.execute(sa.select(t.requests).where(t.requests.c.request_id == request_id)).first()
    if row and row.payload != payload:
        raise RequestIdReused(
            f"request id {shown(request_id)!r} was used for another load", hint="take a new id for every new request"
        )
    return row.load_id if row else None


def _change(connection: sa.Connection, load_id: int, before: Collection[LoadState], after: str, **also: Any) -> bool:
    change = sa.update(t.loads).where(t.loads.c.load_id == load_id, t.loads.c.state.in_(before))
    return connection.execute(change.values(state=str(after), **also)).rowcount == 1


def _end(connection: sa.Connection, load_id: int, failure: Failure) -> Load:
    _change(connection, load_id, ACTIVE, ended_state(failure), failure=write_failure(failure), end_time=now())
    return read_load(connection, load_id)


def _clear_counts(connection: sa.Connection, load_id: int, **also: int) -> None:
    zero: dict[str, int | str] = {"rows_staged": 0, "batches_staged": 0, "bytes_staged": 0, "inserted": 0, "deleted": 0}
    zero |= {"rejected": 0, "duplicates": "[]", **also}
    connection.execute(sa.update(t.load_tables).where(t.load_tables.c.load_id == load_id).values(zero))
