"""Batches of all runs at work, on one pool of threads: no run has more under way than keep every thread busy."""

import asyncio
import logging
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from dwsim_wire.bell import Bell
from generator_svc.worker.job import Job
from generator_svc.worker.quota import Quota

log = logging.getLogger("dwsim.generator.worker")
LOOK_AGAIN_SECONDS = 1.0


class BatchMaker:
    """Makes the batches of jobs; `out_of_room` are the runs that wait for others' files to go."""

    def __init__(self, bell: Bell, quota: Quota, threads: int) -> None:
        self._bell = bell
        self._quota = quota
        self._most_under_way = threads + 1
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="batch")
        self.out_of_room: set[int] = set()

    async def make(self, job: Job) -> None:
        """Keep every thread busy until all batches are made, the job is stopped, or one fails."""
        loop = asyncio.get_running_loop()
        batches, under_way = job.remaining(), set[asyncio.Future[Any]]()
        batch = next(batches, None)
        try:
            while not job.stopped and (batch or under_way):
                ticket = self._bell.ticket()
                while batch and len(under_way) < self._most_under_way and await self._has_room(job):
                    under_way.add(loop.run_in_executor(self._pool, job.make, batch))
                    batch = next(batches, None)
                done = await self._wait(job, under_way, ticket)
                under_way -= done
                for future in done:
                    future.result()
        finally:
            self.out_of_room.discard(job.run.run_id)
            await _settle(job, under_way)

    async def close(self) -> None:
        """Wait for the batches under way; those that have not begun never will."""
        await asyncio.to_thread(self._pool.shutdown, cancel_futures=True)

    async def _has_room(self, job: Job) -> bool:
        if not self._quota.covers(job.run.staging_uri):
            return True
        room = await asyncio.to_thread(self._quota.has_room, job.run)
        (self.out_of_room.discard if room else self.out_of_room.add)(job.run.run_id)
        return room

    async def _wait(
        self, job: Job, under_way: set[asyncio.Future[Any]], ticket: asyncio.Event
    ) -> set[asyncio.Future[Any]]:
        """Wait for the end of a batch or of the job, or where there is no room, for a change."""
        signs: set[asyncio.Future[Any]] = {asyncio.ensure_future(job.halted.wait())}
        if job.run.run_id in self.out_of_room:
            signs.add(asyncio.ensure_future(self._bell.wait(ticket, LOOK_AGAIN_SECONDS)))
        try:
            done, _ = await asyncio.wait({*under_way, *signs}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for sign in signs:
                sign.cancel()
        return done - signs


async def _settle(job: Job, under_way: Iterable[asyncio.Future[Any]]) -> None:
    """Leave a job that has ended early: nothing is written after this, what is still being made is dropped."""
    left = list(under_way)
    if left:
        job.stop()
        await asyncio.to_thread(job.settle)
    for future in left:
        future.add_done_callback(drop)


def drop(future: asyncio.Future[Any]) -> None:
    """Take note of the end of work that nobody waits for any more."""
    if not future.cancelled() and (error := future.exception()):
        log.warning("work for a stopped run failed", exc_info=error)
