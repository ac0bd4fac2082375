"""The streams: a run until it ends, the event log from a cursor. Pages of the log, no queue per watcher."""

import asyncio
import time
from collections.abc import AsyncIterator

from dwsim.generator.v1 import event_pb2
from dwsim.generator.v1 import generator_service_pb2 as pb

from dwsim_wire.bell import Bell
from dwsim_wire.clock import now
from dwsim_wire.fault import FieldProblem, InvalidArgument
from generator_svc.service.messages import event_message, moment, run_message
from generator_svc.store import Store
from generator_svc.worker import Worker

PAGE_EVENTS = 500
PROGRESS_SECONDS = 1.0
SOONEST_SECONDS = 0.05
RESTS_PER_LOOK = 4
"""A look at a run of many tables takes long: the pause behind it is longer, up to a second."""
HEARTBEAT_SECONDS = 3.0


class Watching:
    """Follows the store; streams end with UNAVAILABLE when the service drains."""

    def __init__(self, store: Store, bell: Bell, worker: Worker) -> None:
        self._store = store
        self._bell = bell
        self._worker = worker

    async def run(self, run_id: int) -> AsyncIterator[pb.WatchRunResponse]:
        """The run when it changed, at least each second; the last message has the terminal state."""
        shown, due = None, 0.0
        while True:
            ticket, began = self._bell.ticket(), time.monotonic()
            run = await asyncio.to_thread(self._store.runs.get, run_id)
            now_shown = (run, self._worker.waits_for(run))
            if now_shown != shown or time.monotonic() >= due:
                yield pb.WatchRunResponse(run=run_message(*now_shown))
                shown, due = now_shown, time.monotonic() + PROGRESS_SECONDS
            if not run.state.active:
                return
            self._worker.refuse_draining()
            pause = max(SOONEST_SECONDS, RESTS_PER_LOOK * (time.monotonic() - began))
            await self._bell.wait(ticket, due - time.monotonic())
            await asyncio.sleep(min(pause, PROGRESS_SECONDS / 2))

    async def batches(self, cursor: pb.WatchBatchesRequest) -> AsyncIterator[pb.WatchBatchesResponse]:
        """Events after a cursor; a heartbeat whenever none of them came for a while."""
        await asyncio.to_thread(self._check, cursor)
        after, due = cursor.after_sequence, time.monotonic() + HEARTBEAT_SECONDS
        while True:
            ticket = self._bell.ticket()
            seen = await asyncio.to_thread(self._store.log.newest) if cursor.run_id else after
            events = await asyncio.to_thread(self._page, after, cursor.run_id)
            for event in events:
                yield pb.WatchBatchesResponse(event=event)
                after, due = event.sequence, time.monotonic() + HEARTBEAT_SECONDS
            if events:
                continue
            after = seen
            if not cursor.follow:
                yield await self._heartbeat(end=True)
                return
            self._worker.refuse_draining()
            if not await self._bell.wait(ticket, due - time.monotonic()):
                yield await self._heartbeat(end=False)
                due = time.monotonic() + HEARTBEAT_SECONDS

    def _page(self, after: int, run_id: int) -> list[event_pb2.Event]:
        """The next events as messages; a large pinned experiment takes its time, off the event loop."""
        log = self._store.log
        return [event_message(event, log.log_id) for event in log.page(after, PAGE_EVENTS, run_id)]

    def _check(self, cursor: pb.WatchBatchesRequest) -> None:
        if cursor.run_id:
            self._store.runs.known(cursor.run_id)
        if cursor.after_sequence < 0 or (cursor.after_sequence and not cursor.log_id):
            raise InvalidArgument(
                f"after_sequence {cursor.after_sequence} is not a cursor of a log",
                hint="send log_id and sequence of the last event that was handled, or neither",
                fields=[FieldProblem("after_sequence", "goes with a log_id, and is not negative")],
            )
        self._store.log.check(cursor.log_id, cursor.after_sequence)

    async def _heartbeat(self, *, end: bool) -> pb.WatchBatchesResponse:
        newest = await asyncio.to_thread(self._store.log.newest)
        beat = pb.Heartbeat(log_id=self._store.log.log_id, newest_sequence=newest, time=moment(now()), end=end)
        return pb.WatchBatchesResponse(heartbeat=beat)
