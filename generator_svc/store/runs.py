"""Runs and their state machine: PENDING -> RUNNING -> COMPLETED | FAILED; PENDING | RUNNING -> ABORTING -> ABORTED.

Every change of state and every finished batch commits together with its event.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from dwsim_wire.clock import now
from dwsim_wire.staging import StagingRoot
from generator_svc.core.event import Fact, RunDeleted, RunEnded, RunStarted
from generator_svc.core.run import (
    ACTIVE_STATES,
    DAY_MICROSECONDS,
    Failure,
    PinnedExperiment,
    Retention,
    Run,
    RunOrder,
    RunState,
)
from generator_svc.core.run_faults import (
    AbortedByUser,
    ExperimentDeleted,
    NoBaseRun,
    OutputNotWritable,
    RequestIdReused,
    RunActive,
    RunHasEnded,
    UnknownRun,
)
from generator_svc.store.database import Database
from generator_svc.store.event_log import append
from generator_svc.store.records import read_runs, run_values, table_values
from generator_svc.store.tables import events, request_ids, run_tables, runs, staged_files, tombstones


@dataclass(frozen=True, slots=True)
class RequestKey:
    """A client's id of a request, and a hash of what it asked for."""

    request_id: str
    payload: str


class RunStore:
    """What the generator remembers of runs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find_request(self, key: RequestKey) -> Run | None:
        """Run that an earlier request with this id started."""
        with self._database.read() as connection:
            return _run_of_request(connection, key)

    def start(
        self,
        order: RunOrder,
        experiment: PinnedExperiment,
        staging_for: Callable[[int], str],
        key: RequestKey | None = None,
    ) -> tuple[Run, bool]:
        """Accept a run; False if `key` had started it before."""
        with self._database.write() as connection:
            if key and (before := _run_of_request(connection, key)):
                return before, False
            _refuse_deleted(connection, experiment)
            _refuse_second(connection, experiment)
            run_id = _insert(connection, order, experiment, staging_for)
            if key:
                values = {"request_id": key.request_id, "payload": key.payload, "run_id": run_id}
                connection.execute(sa.insert(request_ids).values(values))
            run = _get(connection, run_id)
            append(connection, run_id, RunStarted(run, experiment.document))
            return run, True

    def get(self, run_id: int, experiment: str = "") -> Run:
        """The run as it stands."""
        with self._database.read() as connection:
            return _get(connection, run_id, experiment)

    def known(self, run_id: int) -> None:
        """Refuse an id that no run has or had."""
        with self._database.read() as connection:
            if connection.execute(sa.select(runs.c.run_id).where(runs.c.run_id == run_id)).first() is None:
                raise _unknown(run_id)

    def has_ended(self, run_id: int) -> bool:
        """Whether a run has ended, or is not kept any more: one row is read, however many tables it has."""
        with self._database.read() as connection:
            state = connection.execute(sa.select(runs.c.state).where(runs.c.run_id == run_id)).scalar()
            return state is None or not RunState(state).active

    def pinned(self, run_id: int) -> PinnedExperiment:
        """Experiment of a run, as the run pinned it."""
        with self._database.read() as connection:
            row = connection.execute(sa.select(runs).where(runs.c.run_id == run_id)).one()
            return PinnedExperiment(row.experiment_id, row.experiment, row.experiment_revision, row.document)

    def refuse_unready(self, experiment: PinnedExperiment) -> None:
        """Refuse an experiment that is deleted or has an active run; `start` checks again."""
        with self._database.read() as connection:
            _refuse_deleted(connection, experiment)
            _refuse_second(connection, experiment)

    def page(self, experiment: str, before: int | None, limit: int) -> list[Run]:
        """At most `limit` runs older than run `before`, newest first."""
        query = _kept().order_by(runs.c.run_id.desc()).limit(limit)
        if experiment:
            query = query.where(sa.func.lower(runs.c.experiment) == experiment.lower())
        if before is not None:
            query = query.where(runs.c.run_id < before)
        return self._select(query)

    def newest_completed(self, experiment_id: str, experiment: str) -> Run:
        """Run that an append or change set continues."""
        query = _kept().where(runs.c.experiment_id == experiment_id, runs.c.state == RunState.COMPLETED)
        found = self._select(query.order_by(runs.c.run_id.desc()).limit(1))
        if not found:
            raise NoBaseRun(
                f"experiment {experiment!r} has no completed run to continue",
                hint="start a FULL run first",
                metadata={"experiment": experiment},
            )
        return found[0]

    def active(self, experiment_id: str = "") -> list[Run]:
        """Runs that have work before them, oldest first."""
        query = _kept().where(runs.c.state.in_(ACTIVE_STATES)).order_by(runs.c.run_id)
        return self._select(query.where(runs.c.experiment_id == experiment_id) if experiment_id else query)

    def ended(self) -> list[Run]:
        """Runs that have no work before them, oldest first."""
        return self._select(_kept().where(runs.c.state.not_in(ACTIVE_STATES)).order_by(runs.c.run_id))

    def expired(self, area: str, before: int, most: int, ended_before: int) -> list[Run]:
        """Runs that staged below `area` and need not be kept: ended before `before`, or not among the `most` newest.

        None that ended after `ended_before`, for it may be being loaded; 0 for `most` keeps all.
        """
        of_area = (
            _kept()
            .where(runs.c.staging_uri.startswith(area, autoescape=True), runs.c.end_time < ended_before)
            .order_by(runs.c.run_id)
        )
        newest = sa.select(runs.c.run_id).where(runs.c.delete_time.is_(None)).order_by(runs.c.run_id.desc())
        surplus = runs.c.run_id.not_in(newest.limit(most)) if most else sa.false()
        return self._select(of_area.where((runs.c.end_time < before) | surplus))

    def staged(self, area: str, before: int) -> list[Run]:
        """Runs that ended before `before` and have files below `area`."""
        files = sa.exists().where(staged_files.c.run_id == runs.c.run_id)
        of_area = runs.c.staging_uri.startswith(area, autoescape=True)
        return self._select(_kept().where(of_area, runs.c.end_time < before, files).order_by(runs.c.run_id))

    def outdated(self, at: int) -> list[Run]:
        """Ended runs that asked for their files to be kept for some days only, which are over."""
        files = sa.exists().where(staged_files.c.run_id == runs.c.run_id)
        end = runs.c.end_time + sa.cast(runs.c.expire_days, sa.BigInteger) * DAY_MICROSECONDS
        asked = runs.c.retention == Retention.EXPIRE_DAYS
        return self._select(_kept().where(asked, end < at, files).order_by(runs.c.run_id))

    def forget(self, most: int) -> int:
        """Drop at most `most` deleted runs that the log tells nothing of any more; answers how many."""
        told = sa.exists().where(events.c.run_id == runs.c.run_id)
        gone = sa.select(runs.c.run_id).where(runs.c.delete_time.is_not(None), ~told).limit(most)
        with self._database.read() as connection:
            ids = list(connection.execute(gone).scalars())
        if ids:
            with self._database.write() as connection:
                for table in (request_ids, run_tables, runs):
                    connection.execute(sa.delete(table).where(table.c.run_id.in_(ids)))
        return len(ids)

    def of_experiment(self, experiment_id: str) -> list[Run]:
        """All runs of an experiment, oldest first."""
        return self._select(_kept().where(runs.c.experiment_id == experiment_id).order_by(runs.c.run_id))

    def named(self, run_ids: Collection[int]) -> list[Run]:
        """Those of `run_ids` that are not deleted; unknown ids are refused."""
        with self._database.read() as connection:
            known = set(connection.execute(sa.select(runs.c.run_id).where(runs.c.run_id.in_(run_ids))).scalars())
            if missing := sorted(set(run_ids) - known):
                raise _unknown(missing[0])
            found = connection.execute(_kept().where(runs.c.run_id.in_(run_ids)).order_by(runs.c.run_id)).all()
            return read_runs(connection, found)

    def begin(self, run_id: int) -> bool:
        """Take up a run that is PENDING or was RUNNING; False if it is to stop or has ended."""
        with self._database.write() as connection:
            startable = runs.c.state.in_([RunState.PENDING, RunState.RUNNING])
            change = sa.update(runs).where(runs.c.run_id == run_id, startable).values(state=RunState.RUNNING)
            return connection.execute(change).rowcount == 1

    def request_abort(self, run_id: int) -> Run:
        """Ask an active run to stop; asking twice is no error."""
        with self._database.write() as connection:
            run = _get(connection, run_id)
            if not run.state.active:
                raise RunHasEnded(
                    f"run {run_id} has ended {run.state}: there is nothing to abort",
                    metadata={"run_id": str(run_id), "state": run.state},
                )
            _set(connection, run_id, {"state": RunState.ABORTING})
            return _get(connection, run_id)

    def end(self, run_id: int, state: RunState, failure: Failure | None = None, traceback: str | None = None) -> None:
        """Close an active run; one that has ended or is gone stays so. `traceback` never leaves the database.

        COMPLETED yields to an abort that was asked for before.
        """
        with self._database.write() as connection:
            state_before = sa.select(runs.c.state).where(runs.c.run_id == run_id, runs.c.state.in_(ACTIVE_STATES))
            before = connection.execute(state_before).scalar()
            if before is None:
                return
            if before == RunState.ABORTING and state is RunState.COMPLETED:
                state, failure = RunState.ABORTED, aborted(run_id)
            values: dict[str, Any] = {"state": state, "end_time": now(), "traceback": traceback}
            if failure:
                values |= {f"failure_{name}": getattr(failure, name) for name in ("reason", "message", "hint")}
            _set(connection, run_id, values)
            append(connection, run_id, RunEnded(state, failure))

    def bury(self, experiment_id: str) -> None:
        """Refuse new runs of an experiment for ever."""
        with self._database.write() as connection:
            if not _is_buried(connection, experiment_id):
                connection.execute(sa.insert(tombstones).values(experiment_id=experiment_id, create_time=now()))

    def delete(self, run_id: int, files: int, *, forget: bool) -> None:
        """Record that a run's files are gone; with `forget` the run itself is gone too."""
        with self._database.write() as connection:
            connection.execute(sa.delete(staged_files).where(staged_files.c.run_id == run_id))
            if forget:
                _set(connection, run_id, {"delete_time": now()})
            fact: Fact = RunDeleted(files)
            append(connection, run_id, fact)

    def _select(self, query: "sa.Select[Any]") -> list[Run]:
        with self._database.read() as connection:
            return read_runs(connection, connection.execute(query).all())


def aborted(run_id: int) -> Failure:
    """Why a run that was asked to stop ended."""
    return Failure(AbortedByUser.reason, f"run {run_id} was stopped on request")


def _kept() -> "sa.Select[Any]":
    return sa.select(runs).where(runs.c.delete_time.is_(None))


def _unknown(run_id: int, experiment: str = "") -> UnknownRun:
    of = f" of experiment {experiment!r}" if experiment else ""
    return UnknownRun(f"no run{of} has id {run_id}", hint="ListRuns shows the runs", metadata={"run_id": str(run_id)})


def _get(connection: sa.Connection, run_id: int, experiment: str = "") -> Run:
    found = connection.execute(_kept().where(runs.c.run_id == run_id)).all()
    if not found or (experiment and found[0].experiment.lower() != experiment.lower()):
        raise _unknown(run_id, experiment)
    return read_runs(connection, found)[0]


def _set(connection: sa.Connection, run_id: int, values: dict[str, Any]) -> None:
    connection.execute(sa.update(runs).where(runs.c.run_id == run_id).values(values))


def _run_of_request(connection: sa.Connection, key: RequestKey) -> Run | None:
    row = connection.execute(sa.select(request_ids).where(request_ids.c.request_id == key.request_id)).first()
    if row is None:
        return None
    if row.payload != key.payload:
        raise RequestIdReused(
            f"request id {key.request_id!r} was used before with another payload",
            hint="send a new request_id with each new request",
            metadata={"request_id": key.request_id, "run_id": str(row.run_id)},
        )
    return _get(connection, row.run_id)


def _is_buried(connection: sa.Connection, experiment_id: str) -> bool:
    query = sa.select(tombstones.c.experiment_id).where(tombstones.c.experiment_id == experiment_id)
    return connection.execute(query).first() is not None


def _refuse_deleted(connection: sa.Connection, experiment: PinnedExperiment) -> None:
    if experiment.deleting or _is_buried(connection, experiment.experiment_id):
        raise ExperimentDeleted(
            f"experiment {experiment.name!r} is deleted or being deleted", metadata={"experiment": experiment.name}
        )


def _refuse_second(connection: sa.Connection, experiment: PinnedExperiment) -> None:
    query = sa.select(runs.c.run_id).where(
        runs.c.experiment_id == experiment.experiment_id, runs.c.state.in_(ACTIVE_STATES)
    )
    if (active := connection.execute(query).scalar()) is not None:
        raise RunActive(
            f"run {active} of experiment {experiment.name!r} is active",
            hint=f"wait for run {active} to end, or abort it",
            metadata={"experiment": experiment.name, "run_id": str(active)},
        )


def _insert(
    connection: sa.Connection, order: RunOrder, experiment: PinnedExperiment, staging_for: Callable[[int], str]
) -> int:
    values = run_values(order, experiment) | {"staging_uri": "", "create_time": now()}
    run_id = int(connection.execute(sa.insert(runs).values(values).returning(runs.c.run_id)).scalar_one())
    staging_uri = staging_for(run_id)
    _refuse_same_place(connection, run_id, staging_uri)
    _set(connection, run_id, {"staging_uri": staging_uri})
    for position, table in enumerate(order.tables):
        connection.execute(sa.insert(run_tables).values(table_values(run_id, position, table)))
    return run_id


def _refuse_same_place(connection: sa.Connection, run_id: int, staging_uri: str) -> None:
    place = StagingRoot.parse(staging_uri).resolved
    others = sa.select(runs.c.run_id, runs.c.staging_uri).where(
        runs.c.state.in_(ACTIVE_STATES), runs.c.run_id != run_id
    )
    for other in connection.execute(others):
        if StagingRoot.parse(other.staging_uri).resolved == place:
            raise OutputNotWritable(
                f"run {other.run_id} is writing to the same place",
                hint="name another directory",
                metadata={"uri": staging_uri},
            )
