"""The loader as a whole: what the door asks for, done with store, lanes and follower."""

import asyncio
import logging
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from typing import Protocol

from dwsim_wire.bell import Bell
from dwsim_wire.fault import InvalidArgument, Unavailable
from loader_svc.core.faults import (
    FormatNotLoadable,
    LoadActive,
    LoadEnded,
    RunNotCompleted,
    UnknownExperiment,
    UnknownRun,
    UnknownTable,
)
from loader_svc.core.loads import (
    LOADABLE_FORMAT,
    Failure,
    Load,
    LoadBatch,
    LoadState,
    Location,
    Mode,
    Run,
    WarehouseStatus,
    default_mode,
    refuse_changes,
)
from loader_svc.core.naming import shown
from loader_svc.core.rejects import Reject
from loader_svc.core.tolerance import STRICT, Tolerance
from loader_svc.store import StoreUnavailable
from loader_svc.store.loads import LoadStore, files_deleted
from loader_svc.store.log import LogStore, ended_badly
from loader_svc.store.places import PlaceStore
from loader_svc.store.rejects import RejectStore
from loader_svc.worker.follower import Follower
from loader_svc.worker.lanes import Lanes
from loader_svc.worker.reject_files import delete
from loader_svc.worker.reject_pages import page
from loader_svc.worker.skipping import refuse_skipping_with_keys
from loader_svc.worker.warehouses import Warehouses

log = logging.getLogger("dwsim.loader")
CATCH_UP_SECONDS = 3.0
ABORT_SECONDS, TELL_TIMES, TELL_SECONDS = 1.0, 5, 0.12
DROP_SECONDS = 20.0
POLL_SECONDS = 1.0
TEND_SECONDS = 30.0
SWEEP_SECONDS = 2.0
DELETED = Failure("EXPERIMENT_DELETED", "the experiment is being deleted")


@dataclass(frozen=True)
class LoadRequest:
    """What StartLoad is asked for; empty fields leave the choice to the loader."""

    run_id: int
    experiment: str
    tables: tuple[str, ...]
    warehouse: str
    mode: Mode | None
    request_id: str
    payload: str
    tolerance: Tolerance = STRICT


@dataclass(frozen=True)
class Stores:
    """The loader's memory."""

    log: LogStore
    loads: LoadStore
    places: PlaceStore
    rejects: RejectStore


class Background(Protocol):
    """Work that goes on as long as the loader runs."""

    async def run(self) -> None:
        """Work until cancelled."""


class Loader:
    """What LoaderService does, without messages."""

    def __init__(
        self,
        stores: Stores,
        warehouses: Warehouses,
        lanes: Lanes,
        follower: Follower,
        changes: Bell,
        background: Sequence[Background] = (),
        *,
        sweep_seconds: float = 3600.0,
    ) -> None:
        self._background, self._sweep_seconds = background, sweep_seconds
        self._log, self._loads, self._places, self._rejects = stores.log, stores.loads, stores.places, stores.rejects
        self._warehouses, self._lanes, self._follower, self._changes = warehouses, lanes, follower, changes
        self._draining = False
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Sweep what dead loaders left, go on with active loads, follow the generator."""
        self._tasks.append(asyncio.create_task(self._tend()))
        self._tasks += [asyncio.create_task(each.run()) for each in (self._follower, *self._background)]

    async def stop(self) -> None:
        """End streams, stop following, let lanes finish their batch."""
        self._draining = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.to_thread(self._lanes.stop)
        self._changes.ring()

    async def start_load(self, request: LoadRequest) -> Load:
        """Accept a load of a run; the same request again answers the same load."""
        known = await asyncio.to_thread(self._loads.requested, request.request_id, request.payload)
        if known:
            return known
        await self._follower.catch_up(CATCH_UP_SECONDS)
        run = await asyncio.to_thread(self._find_run, request)
        refuse_changes(run)
        _check_tables(run, request.tables)
        route = self._warehouses.route(run, request.warehouse)
        mode = request.mode or default_mode(run.kind)
        self._refuse_skipping(run, request.tolerance)
        asked = (request.tables, request.tolerance, request.request_id, request.payload)
        load = await asyncio.to_thread(self._loads.accept, run, route, mode, *asked)
        self._lanes.poke(load.namespace)
        return load

    async def load(self, load_id: int) -> Load:
        """A load as it stands."""
        return await asyncio.to_thread(self._loads.get, load_id)

    async def loads(self, experiment: str, run_id: int, before: int | None, limit: int) -> list[Load]:
        """Loads below an id, newest first."""
        return await asyncio.to_thread(self._loads.page, experiment, run_id, before, limit)

    async def changed_load(self, known: Load) -> Load:
        """The load once it differs from `known`, or after a second."""
        ticket = self._changes.ticket()
        load = await self.load(known.load_id)
        if load == known:
            self._refuse_when_draining()
            await self._changes.wait(ticket, POLL_SECONDS)
            load = await self.load(known.load_id)
        return load

    async def ended_load(self, load: Load) -> Load:
        """The load once it has ended."""
        while not load.ended:
            load = await self.changed_load(load)
        return load

    async def abort(self, load_id: int) -> Load:
        """Ask a load to stop, and give it a moment."""
        load = await asyncio.to_thread(self._loads.abort, load_id)
        load = await self._stopped(load)
        if load.state is LoadState.COMPLETED:
            raise LoadEnded(f"load {load_id} was applied already", metadata={"load_id": str(load_id)})
        return load

    async def retry(self, load_id: int) -> Load:
        """Begin a failed load again."""
        load = await asyncio.to_thread(self._loads.retry, load_id)
        self._lanes.poke(load.namespace)
        return load

    async def batches(self, load_id: int, table: str, after: tuple[int, int], limit: int) -> list[LoadBatch]:
        """Batches of a load behind a table's position and a place in it, those of one table if one is named."""
        return await asyncio.to_thread(self._loads.batches, load_id, table, after, limit)

    async def rejects(self, load_id: int, table: str, after: int, limit: int) -> list[Reject]:
        """Rejects of a load behind the first `after`, those of one table if one is named."""

        def read() -> list[Reject]:
            return page(load_id, self._rejects.files(load_id, table), after, limit)

        return await asyncio.to_thread(read)

    async def replay(self, load_id: int, table: str) -> Load:
        """Try rejects of a load again, in a load that is there or is started."""
        load = await asyncio.to_thread(self._rejects.replay, load_id, table)
        self._lanes.poke(load.namespace)
        return load

    async def drop(self, experiment_id: str, *, force: bool) -> tuple[int, int]:
        """Bury an experiment: stop its loads, drop its tables; answer how many tables and loads that were."""
        active = await asyncio.to_thread(lambda: self._loads.active(experiment_id=experiment_id))
        if active and not force:
            raise LoadActive(
                f"load {active[0].load_id} of the experiment is {active[0].state}",
                hint="abort it, wait for it, or drop with force",
                metadata={"load_id": str(active[0].load_id)},
            )
        await asyncio.to_thread(self._places.bury, experiment_id)
        active = await asyncio.to_thread(lambda: self._loads.active(experiment_id=experiment_id))
        await asyncio.gather(*(self._stop_for_drop(load) for load in active))
        dropped = await asyncio.to_thread(self._drop_places, experiment_id)
        return dropped, len(active)

    async def locate(self, experiment: str) -> Location:
        """Where an experiment's tables are, by its name or id."""
        found = await asyncio.to_thread(self._places.find, experiment)
        if found is None:
            known = await asyncio.to_thread(self._places.names)
            raise _unknown_experiment(experiment, known, "has no loaded tables", "load a run of it first")
        return found

    def kinds(self) -> list[str]:
        """Kinds of the configured warehouses."""
        return [writer.kind for writer in self._warehouses.all()]

    async def warehouses(self) -> list[WarehouseStatus]:
        """The configured warehouses as they answer now, the default first."""
        writers = self._warehouses.all()
        return list(await asyncio.gather(*(asyncio.to_thread(writer.status) for writer in writers)))

    async def _tend(self) -> None:
        """Sweep orphans at the start and every hour or so, and remind the lanes of active loads: a poke may be lost.

        A warehouse that cannot be reached then is swept once it can.
        """
        unswept, due = self._warehouses.all(), time.monotonic() + self._sweep_seconds
        while True:
            if time.monotonic() >= due:
                unswept, due = self._warehouses.all(), time.monotonic() + self._sweep_seconds
            try:
                active = await asyncio.to_thread(self._loads.active)
                self._lanes.poke(*(load.namespace for load in active), *self._lanes.unswept())
                unswept = [writer for writer in unswept if not await asyncio.to_thread(self._lanes.sweep, writer)]
            except StoreUnavailable:
                log.exception("the loader's database cannot be read")
            await asyncio.sleep(SWEEP_SECONDS if unswept else min(TEND_SECONDS, self._sweep_seconds))

    def _find_run(self, request: LoadRequest) -> Run:
        name = request.experiment
        run = self._log.run(request.run_id) if request.run_id else self._log.newest_run(name)
        if run is None and request.run_id:
            raise _unknown_run(request.run_id, "there is no run", "`ListRuns` of the generator lists them")
        if run is None:
            raise _unknown_experiment(name, self._log.experiments(), "has no run", "generate one first")
        if name and name.lower() != run.experiment.lower():
            raise InvalidArgument(
                f"run {run.run_id} is of experiment {run.experiment!r}, not {shown(name)!r}",
                metadata={"field": "run_id"},
            )
        if run.deleted:
            raise files_deleted(run.run_id)
        if run.state in {"FAILED", "ABORTED"}:
            bad = ended_badly(run.run_id, run.state, run.failure)
            raise RunNotCompleted(bad.message, hint=bad.hint, metadata={"run_id": str(run.run_id)})
        if run.format != LOADABLE_FORMAT:
            raise FormatNotLoadable(
                f"run {run.run_id} wrote {run.format} files, which the loader does not read",
                hint=f"generate the experiment with format {LOADABLE_FORMAT}",
                metadata={"run_id": str(run.run_id), "format": run.format},
            )
        return run

    async def _settled(self, load: Load, seconds: float) -> Load:
        try:
            async with asyncio.timeout(seconds):
                return await self.ended_load(load)
        except TimeoutError:
            return await self.load(load.load_id)

    async def _stopped(self, load: Load) -> Load:
        """The load once it has ended as it was asked to, or as it is after a second.

        It is told again and again, since a cancel may come between two statements. Where it does not hear, and never
        began to apply, it is ended all the same.
        """
        for _ in range(TELL_TIMES):
            self._lanes.abort(load)
            load = await self._settled(load, TELL_SECONDS)
            if load.ended:
                return load
        await asyncio.to_thread(self._lanes.end, load)
        return await self._settled(load, ABORT_SECONDS - TELL_TIMES * TELL_SECONDS)

    async def _stop_for_drop(self, load: Load) -> None:
        try:
            stopped = await asyncio.to_thread(self._loads.abort, load.load_id, DELETED)
        except LoadEnded:
            return  # by itself, since somebody saw that it was active
        stopped = await self._stopped(stopped)
        if not (await self._settled(stopped, DROP_SECONDS)).ended:
            raise LoadActive(f"load {load.load_id} does not stop in time", hint="it is tried again")

    def _drop_places(self, experiment_id: str) -> int:
        """Drop an experiment's tables; those in a warehouse that is not configured go with a sweep once it is."""
        dropped = 0
        for kind, namespace in self._places.places_of(experiment_id):
            if self._warehouses.has(kind):
                dropped += self._lanes.alone(namespace, partial(self._warehouses.writer(kind).drop, namespace))
            else:
                log.warning("left for a sweep", extra={"facts": {"warehouse": kind, "namespace": namespace}})
        self._places.forget(experiment_id)
        delete(self._rejects.of_experiment(experiment_id), DROP_SECONDS)
        self._rejects.forget(experiment_id)
        return dropped

    def _refuse_skipping(self, run: Run, tolerance: Tolerance) -> None:
        """Refuse to skip rows where keys are enforced: they are broken by tables, after all rows are staged."""
        if tolerance.skips and self._loads.enforces(run):
            refuse_skipping_with_keys(run.experiment)

    def _refuse_when_draining(self) -> None:
        if self._draining:
            raise Unavailable("the loader is stopping", hint="call again in a moment: loads go on when it is back")


def _check_tables(run: Run, tables: Collection[str]) -> None:
    names = [item.name for item in run.tables]
    for table in tables:
        if table not in names:
            close = get_close_matches(table, names, 1)
            raise UnknownTable(
                f"run {run.run_id} has no table {shown(table)!r}; it has {', '.join(names)}",
                hint=f"did you mean {close[0]!r}?" if close else "",
                metadata={"table": shown(table)},
            )


def _unknown_run(run_id: int, what: str, hint: str) -> UnknownRun:
    return UnknownRun(f"{what} {run_id}", hint=hint, metadata={"run_id": str(run_id)})


def _unknown_experiment(name: str, known: Collection[str], what: str, hint: str) -> UnknownExperiment:
    name = shown(name)
    close = get_close_matches(name, known, 1)
    return UnknownExperiment(
        f"experiment {name!r} {what}",
        hint=f"did you mean {close[0]!r}?" if close else hint,
        metadata={"experiment": name},
    )
