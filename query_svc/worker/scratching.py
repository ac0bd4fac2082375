"""Scratches of clients: opened when something is written, one writing statement at a time in each, swept when idle."""

import asyncio
import contextlib
import logging
import re
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace

from dwsim_wire.fault import Fault, InvalidArgument
from query_svc.core.catalog import Place
from query_svc.core.faults import (
    CancelledByUser,
    NotTranslatable,
    UnknownExperiment,
    UnknownScratch,
    WarehouseUnavailable,
    did_you_mean,
)
from query_svc.core.redshift_catalog.declared import schemas_of
from query_svc.core.scratches import Scratch
from query_svc.store.scratches import ScratchBook
from query_svc.warehouses.reader import Stop
from query_svc.warehouses.scratch import Scratches
from query_svc.worker.locating import Locator

log = logging.getLogger("dwsim.query.scratches")

DEFAULT_NAME = "scratch"
LOOK_SECONDS = 0.1
MOST_SWEEP_SECONDS = 60.0
DROP_SECONDS = 20.0
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,47}")
_RESERVED = frozenset({"public", "main", "dbo", "pg_temp", "pg_catalog", "information_schema"})


class ScratchDesk:
    """All scratches of the service."""

    def __init__(
        self, book: ScratchBook, warehouses: Mapping[str, Scratches], locator: Locator, idle_seconds: float
    ) -> None:
        self._book, self._warehouses, self._locator = book, warehouses, locator
        self.idle_seconds = idle_seconds
        self._busy: dict[str, asyncio.Lock] = {}
        self._writers: dict[str, set[Stop]] = {}

    async def beside(self, home: Place, owner: str, name: str) -> Place:
        """The experiment with a scratch that is there."""
        found = await asyncio.to_thread(self._book.find, owner, home.experiment_id, _checked(name, home))
        if found is None:
            known = [s.name for s in await asyncio.to_thread(self._book.of_owner, owner, home.experiment)]
            raise UnknownScratch(
                f"there is no scratch {name!r} of experiment {home.experiment!r}",
                hint=did_you_mean(name, known, otherwise="a statement that writes makes one, with allow_writes"),
                metadata={"scratch": name},
            )
        await asyncio.to_thread(self._book.touch, found.scratch_id)
        return replace(home, scratch=found.place)

    def empty(self, home: Place, name: str) -> Place:
        """A scratch as it would be made; nothing is made."""
        namespace = self.warehouse(home.warehouse).namespace("0")
        return Place("", _checked(name, home).lower(), home.warehouse, namespace, "", ())

    @contextlib.asynccontextmanager
    async def writing(self, home: Place, owner: str, name: str, stop: Stop) -> AsyncIterator[Place]:
        """The experiment with a scratch for one statement that writes; others wait for their turn."""
        warehouse = self.warehouse(home.warehouse)
        open_one = (owner, home, _checked(name, home), warehouse.namespace)
        while True:
            found: Scratch = await asyncio.to_thread(self._book.open, *open_one)
            async with self._turn(found.scratch_id, stop):
                newest = await asyncio.to_thread(self._book.open, *open_one)
                if newest.scratch_id == found.scratch_id:
                    yield replace(home, scratch=newest.place)
                    return

    @contextlib.asynccontextmanager
    async def _turn(self, scratch_id: str, stop: Stop) -> AsyncIterator[None]:
        """Wait for a scratch, no longer than the statement may; whoever drops it ends who has it and who waits."""
        lock = self._busy.setdefault(scratch_id, asyncio.Lock())
        writers = self._writers.setdefault(scratch_id, set())
        writers.add(stop)
        try:
            await _acquired(lock, stop)
            try:
                yield
            finally:
                lock.release()
        finally:
            writers.discard(stop)

    def warehouse(self, kind: str) -> Scratches:
        """Scratches of a kind of warehouse."""
        if (found := self._warehouses.get(kind)) is not None:
            return found
        raise NotTranslatable(
            "a writing statement",
            f"{kind} has no way to keep it from the experiment's own tables",
            hint="load the experiment into SQLite or Redshift's stand-in",
        )

    def keep(self, place: Place) -> None:
        """Keep what is in a scratch after a statement."""
        self._book.keep(place)

    async def listed(self, owner: str, experiment: str) -> list[Scratch]:
        """Scratches of a client."""
        return await asyncio.to_thread(self._book.of_owner, owner, experiment)

    async def drop(self, owner: str, experiment: str, name: str) -> Scratch:
        """Drop a scratch with all that is in it; statements that write there are ended."""
        mine = await asyncio.to_thread(self._book.of_owner, owner, "")
        fits = [s for s in mine if experiment.lower() in (s.experiment.lower(), s.experiment_id.lower())]
        found = next((scratch for scratch in fits if scratch.name == name.lower()), None)
        if found is None:
            raise UnknownScratch(
                f"there is no scratch {name!r} of experiment {experiment!r}",
                hint=did_you_mean(name, [scratch.name for scratch in fits], otherwise="the experiment has none"),
                metadata={"scratch": name},
            )
        for writer in list(self._writers.get(found.scratch_id, ())):
            writer.end(CancelledByUser(f"scratch {found.name!r} was dropped"))
        await self._remove(found)
        return found

    async def _remove(self, scratch: Scratch) -> None:
        await _acquired(lock := self._busy.setdefault(scratch.scratch_id, asyncio.Lock()), _patience(scratch))
        try:
            await asyncio.to_thread(self._gone, scratch)
        finally:
            lock.release()
        self._busy.pop(scratch.scratch_id, None)
        self._writers.pop(scratch.scratch_id, None)

    def _gone(self, scratch: Scratch) -> None:
        """Drop, then forget: one that is forgotten first would stay in the warehouse for ever."""
        self.warehouse(scratch.warehouse).remove(scratch.namespace)
        self._book.forget(scratch.scratch_id)

    async def sweep(self) -> None:
        """Drop what has been idle too long or lost its experiment, for ever."""
        while True:
            await self.sweep_once()
            await asyncio.sleep(min(self.idle_seconds / 4, MOST_SWEEP_SECONDS))

    async def sweep_once(self) -> None:
        """Drop what has been idle too long or lost its experiment; what cannot be dropped now is tried again."""
        idle = await asyncio.to_thread(self._book.idle, time.time() - self.idle_seconds)
        for scratch in [*idle, *await self._lost()]:
            facts = {"experiment": scratch.experiment, "scratch": scratch.name}
            try:
                await self._remove(scratch)
                log.info("scratch dropped", extra={"facts": facts})
            except Fault as fault:
                log.warning("scratch not dropped", extra={"facts": facts | {"reason": fault.reason}})

    async def _lost(self) -> list[Scratch]:
        """Scratches whose experiment was deleted; where nobody can tell, none."""
        scratches = await asyncio.to_thread(self._book.every)
        gone = {identity: await self._is_gone(identity) for identity in {one.experiment_id for one in scratches}}
        return [scratch for scratch in scratches if gone[scratch.experiment_id]]

    async def _is_gone(self, experiment_id: str) -> bool:
        try:
            await self._locator.locate(experiment_id)
        except UnknownExperiment:
            return True
        except Fault:
            return False
        return False


async def _acquired(lock: asyncio.Lock, stop: Stop) -> None:
    while True:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LOOK_SECONDS):
                await lock.acquire()
                return
        stop.check()


def _patience(scratch: Scratch) -> Stop:
    """How long a writer that was told to end is waited for."""
    fault = WarehouseUnavailable(
        f"a statement that writes in scratch {scratch.name!r} does not end",
        hint="try again in a moment",
        metadata={"warehouse": scratch.warehouse},
    )
    return Stop(DROP_SECONDS, late=fault)


def _checked(name: str, home: Place) -> str:
    taken = _RESERVED | {home.experiment.lower(), home.namespace.lower(), *schemas_of(home)}
    if not _NAME.fullmatch(name) or name.lower() in taken:
        raise InvalidArgument(
            f"{name[:60]!r} cannot be the name of a scratch",
            hint="use a letter, then letters, digits and _, at most 48, and no name of a schema or the experiment",
            metadata={"field": "scratch"},
        )
    return name
