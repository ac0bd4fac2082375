"""Runs in the background: a queue, a few runs at a time, all batches on one pool of threads.

Memory is bounded by threads x batch. A run that the process leaves RUNNING (it drains, or is killed) is taken up again
at the next start. Batches of one run go out parents first; runs at work share the threads in turn.
"""

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable

from dwsim_wire.bell import Bell
from dwsim_wire.fault import Fault, Unavailable
from dwsim_wire.unbroken import unbroken
from generator_svc.core.change_plan import ChangePlan
from generator_svc.core.plan import Plan
from generator_svc.core.references import ReadFile
from generator_svc.core.run import Failure, Run, RunState
from generator_svc.store import Store, aborted
from generator_svc.worker.batch_maker import BatchMaker, drop
from generator_svc.worker.job import Job
from generator_svc.worker.plans import plan_of_run
from generator_svc.worker.quota import OUT_OF_ROOM

log = logging.getLogger("dwsim.generator.worker")
LOOK_AGAIN_SECONDS = 1.0
RECORD_AGAIN_SECONDS = 0.5
TEND_SECONDS = 30.0


class Worker:
    """Carries runs out."""

    def __init__(self, store: Store, bell: Bell, maker: BatchMaker, read: ReadFile, *, parallel_runs: int) -> None:
        self._store = store
        self._read = read
        self._bell = bell
        self._maker = maker
        self._turns = asyncio.Semaphore(parallel_runs)
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._jobs: dict[int, Job] = {}
        self._at_work: dict[int, asyncio.Event] = {}
        self._aborted: set[int] = set()
        self._draining = False
        self._tending: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Take up the runs that the last process left, and from then on whatever is left lying."""
        await self._take_up()
        self._tending = asyncio.create_task(self._tend())

    async def stop(self) -> None:
        """Finish the batches under way; leave the runs to the next start."""
        self._draining = True
        if self._tending:
            self._tending.cancel()
        for run_id in list(self._at_work):
            self._halt(run_id)
        tasks = dict(self._tasks)
        for run_id, task in tasks.items():
            if run_id not in self._at_work:
                task.cancel()
        await asyncio.gather(*tasks.values(), return_exceptions=True)
        await self._maker.close()

    def submit(self, run_id: int, plan: Plan | ChangePlan | None = None) -> None:
        """Carry a run out when its turn comes; without `plan`, by the plan that the run pinned. Once is enough.

        A service that drains leaves it to the next start.
        """
        if self._draining or run_id in self._tasks:
            return
        task = asyncio.create_task(self._carry_out(run_id, plan), name=f"run {run_id}")
        self._tasks[run_id] = task
        task.add_done_callback(lambda _: self._tasks.pop(run_id, None))

    async def abort(self, run_id: int) -> Run:
        """Ask a run to stop; one that waits for its turn has stopped at once."""
        return await unbroken(self._abort(run_id))

    def waits_for(self, run: Run) -> str:
        """What an active run waits for, in words; "" where it goes on."""
        queue = [run_id for run_id in self._tasks if run_id not in self._at_work and run_id not in self._aborted]
        if run.state is RunState.PENDING and run.run_id in queue:
            return f"its turn: place {queue.index(run.run_id) + 1} of {len(queue)} in the queue"
        if run.state is RunState.RUNNING and run.run_id in self._maker.out_of_room:
            return OUT_OF_ROOM
        return ""

    def refuse_draining(self) -> None:
        """Send callers away once runs are not carried on any more."""
        if self._draining:
            raise Unavailable("the generator is draining", hint="connect again and go on where you were")

    async def ended(self, run_id: int) -> Run:
        """Wait until a run has ended."""
        while True:
            ticket = self._bell.ticket()
            if await asyncio.to_thread(self._store.runs.has_ended, run_id):
                return await asyncio.to_thread(self._store.runs.get, run_id)
            self.refuse_draining()
            await self._bell.wait(ticket, LOOK_AGAIN_SECONDS)

    async def _abort(self, run_id: int) -> Run:
        await asyncio.to_thread(self._store.runs.request_abort, run_id)
        self._aborted.add(run_id)
        self._halt(run_id)
        if run_id not in self._at_work:
            await self._end_aborted(run_id)
        return await asyncio.to_thread(self._store.runs.get, run_id)

    async def _tend(self) -> None:
        """Look for runs that nobody carries out now and then: a hand-over may be lost to an error."""
        while True:
            await asyncio.sleep(TEND_SECONDS)
            try:
                await self._take_up()
            except Exception:
                log.exception("the active runs cannot be read; trying again")

    async def _take_up(self) -> None:
        for run in await asyncio.to_thread(self._store.runs.active):
            if run.state is RunState.ABORTING and run.run_id in self._at_work:
                self._aborted.add(run.run_id)
                self._halt(run.run_id)
            self.submit(run.run_id)

    def _halt(self, run_id: int) -> None:
        if halted := self._at_work.get(run_id):
            halted.set()
        if job := self._jobs.get(run_id):
            job.stop()

    async def _carry_out(self, run_id: int, plan: Plan | ChangePlan | None) -> None:
        """Bring a run to its end, whatever that is."""
        async with self._turns:
            self._at_work[run_id] = asyncio.Event()
            try:
                await self._make(run_id, plan)
            except Exception as error:
                log.exception("run failed", extra={"facts": {"run_id": run_id}})
                await self._end_failed(run_id, error)
            finally:
                self._jobs.pop(run_id, None)
                del self._at_work[run_id]
                self._aborted.discard(run_id)

    async def _make(self, run_id: int, plan: Plan | ChangePlan | None) -> None:
        if not await asyncio.to_thread(self._store.runs.begin, run_id):
            await self._end_aborted(run_id)
            return
        run = await asyncio.to_thread(self._store.runs.get, run_id)
        plan = plan or await self._plan(run)
        if plan and await self._is_made(run, plan):
            await self._record(lambda: asyncio.to_thread(self._store.runs.end, run_id, RunState.COMPLETED))
        elif not self._draining:
            await self._end_aborted(run_id)

    async def _plan(self, run: Run) -> Plan | ChangePlan | None:
        """Plan a run by what it pinned; None where it is to stop first, for a plan with pools takes seconds."""
        halted = asyncio.ensure_future(self._at_work[run.run_id].wait())
        planned = asyncio.ensure_future(asyncio.to_thread(plan_of_run, self._store, run, self._read))
        await asyncio.wait({halted, planned}, return_when=asyncio.FIRST_COMPLETED)
        halted.cancel()
        if planned.done():
            return planned.result()
        planned.add_done_callback(drop)
        return None

    async def _is_made(self, run: Run, plan: Plan | ChangePlan) -> bool:
        """Make what is left of a run; False if it is to stop first."""
        job = self._jobs[run.run_id] = await asyncio.to_thread(Job, self._store, run, plan)
        if self._at_work[run.run_id].is_set():
            job.stop()
        await self._maker.make(job)
        if not job.stopped:
            await asyncio.to_thread(job.finish)
        return not job.stopped

    async def _end_aborted(self, run_id: int) -> None:
        end = self._store.runs.end
        await self._record(lambda: asyncio.to_thread(end, run_id, RunState.ABORTED, aborted(run_id)))

    async def _end_failed(self, run_id: int, error: Exception) -> None:
        failure, trace = failure_of(error), "".join(traceback.format_exception(error))
        await self._record(lambda: asyncio.to_thread(self._store.runs.end, run_id, RunState.FAILED, failure, trace))

    async def _record(self, write: Callable[[], Awaitable[None]]) -> None:
        """Record how a run ended, again and again while the database cannot take it (a full disk, say)."""
        while True:
            try:
                await write()
            except Exception:
                log.exception("the end of a run cannot be recorded; trying again")
                if self._draining:
                    return
                await asyncio.sleep(RECORD_AGAIN_SECONDS)
            else:
                return


def failure_of(error: Exception) -> Failure:
    """What a client may know of an error: a fault's own words, or the name of a defect."""
    if isinstance(error, Fault):
        return Failure(error.reason, error.message, error.hint)
    return Failure("INTERNAL", f"the generator has a defect: {type(error).__name__}", "its log has the details")
