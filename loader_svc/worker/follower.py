"""Following the generator's log for life: every event is recorded with the cursor, then the lanes get to work."""

import asyncio
import logging
import random
from collections.abc import AsyncGenerator, AsyncIterable, Collection, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from dwsim_wire.errors import RemoteFault
from dwsim_wire.fault import Fault, Unavailable
from loader_svc.core.events import Event
from loader_svc.core.loads import Route, Run
from loader_svc.peers import GeneratorPeer
from loader_svc.store.log import LogStore
from loader_svc.worker import metrics
from loader_svc.worker.lanes import Lanes
from loader_svc.worker.warehouses import Warehouses

log = logging.getLogger("dwsim.loader")
GROUP = 500
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0
CURSOR_LOST = frozenset({"LOG_REPLACED", "SEQUENCE_AHEAD", "SEQUENCE_EXPIRED"})


class Follower:
    """One follower for one log."""

    def __init__(self, peer: GeneratorPeer, store: LogStore, warehouses: Warehouses, lanes: Lanes) -> None:
        self._peer, self._store, self._warehouses, self._lanes = peer, store, warehouses, lanes

    async def run(self) -> None:
        """Follow until cancelled; a peer that is away is tried again with growing pauses."""
        pause = FIRST_PAUSE
        while True:
            try:
                if await self._read(follow=True):
                    pause = FIRST_PAUSE
            except Unavailable:
                log.debug("the generator cannot be reached")
            except Fault as fault:
                log.warning("the generator's log cannot be followed", extra={"facts": {"reason": fault.reason}})
            except Exception:
                log.exception("defect while following the generator's log")
            await asyncio.sleep(pause * random.uniform(0.5, 1))  # noqa: S311  # spreads reconnections
            pause = min(2 * pause, LONGEST_PAUSE)

    async def catch_up(self, timeout: float) -> bool:
        """Record what the log has by now; False if the generator cannot be reached in time."""
        try:
            await self._read(follow=False, timeout=timeout)
        except Fault as fault:
            log.debug("no catching up", extra={"facts": {"reason": fault.reason}})
            return False
        return True

    async def _read(self, *, follow: bool, timeout: float | None = None) -> bool:
        """Record events from the cursor to the end of the stream; whether there were any."""
        some = False
        cursor = await asyncio.to_thread(self._store.cursor)
        try:
            async with (
                self._peer.events(cursor, follow=follow, timeout=timeout) as events,
                aclosing(_groups(events)) as groups,
            ):
                async for group in groups:
                    self._lanes.poke(*await asyncio.to_thread(self._record, group))
                    some = True
        except RemoteFault as fault:
            if fault.reason not in CURSOR_LOST:
                raise
            log.warning("the cursor is lost: beginning anew", extra={"facts": {"reason": fault.reason}})
            await asyncio.to_thread(self._store.rewind)
        return some

    def _record(self, group: Sequence[Event]) -> Collection[str]:
        """Record events; answer the places that have something to do."""
        refused: list[Route] = []

        def route(run: Run) -> Route:
            chosen = self._warehouses.route_or_fail(run)
            refused.extend([chosen] if chosen.failure else [])
            return chosen

        touched = self._store.record(group, route)
        for each in refused:
            metrics.count_refused(each)
        return touched


@dataclass(frozen=True)
class _End:
    error: Exception | None


async def _groups(events: AsyncIterable[Event]) -> AsyncGenerator[list[Event], None]:
    """Group events that have arrived by the time the last group was handled: one transaction takes them all."""
    queue: asyncio.Queue[Event | _End] = asyncio.Queue(GROUP)
    filling = asyncio.create_task(_fill(queue, events))
    try:
        while True:
            group: list[Event] = []
            item = await queue.get()
            while isinstance(item, Event):
                group.append(item)
                if queue.empty():
                    break
                item = queue.get_nowait()
            if group:
                yield group
            if isinstance(item, _End):
                if item.error:
                    raise item.error
                return
    finally:
        filling.cancel()
        await asyncio.wait([filling])


async def _fill(queue: "asyncio.Queue[Event | _End]", events: AsyncIterable[Event]) -> None:
    error: Exception | None = None
    try:
        async for event in events:
            await queue.put(event)
    except Exception as raised:  # handed to the reader, who raises it
        error = raised
    await queue.put(_End(error))
