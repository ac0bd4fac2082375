"""The deletion of an experiment: steps at two peers, each idempotent and recorded, taken again until they succeed.

DELETING is recorded first; then the generator refuses new runs and stops the active ones, the loader drops its tables,
the generator deletes its files, and at last the experiment's rows go. A peer that is down only delays: its step is
tried again with growing pauses, after a restart too. Nothing else waits for peers.
"""

import asyncio
import logging
from dataclasses import dataclass, replace

from dwsim_wire.fault import Fault
from schema_svc.core.faults import ExperimentBusy
from schema_svc.core.record import Deleted, Deletion, DeletionStep
from schema_svc.peers import GeneratorPeer, LoaderPeer
from schema_svc.store import Store

log = logging.getLogger("dwsim.schema.deletion")
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 30.0


@dataclass(frozen=True)
class Progress:
    """How far a deletion came while its caller waited."""

    done: bool
    reason: str
    deleted: Deleted


class Deletions:
    """Runs one task per deletion under way."""

    def __init__(self, store: Store, generator: GeneratorPeer, loader: LoaderPeer) -> None:
        self._store = store
        self._generator = generator
        self._loader = loader
        self._tasks: dict[str, asyncio.Task[Deleted]] = {}
        self._nudges: dict[str, asyncio.Event] = {}
        self._admission = asyncio.Lock()

    async def start(self) -> None:
        """Take up the deletions that an earlier process left."""
        for deletion in await asyncio.to_thread(self._store.deletions):
            self._run(deletion)

    async def stop(self) -> None:
        """Leave the deletions where they are."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def delete(self, name: str, *, force: bool, wait_seconds: float) -> Progress:
        """Begin or hasten a deletion and wait a while for its end."""
        async with self._admission:
            deletion, began = await asyncio.to_thread(self._store.begin_deletion, name, force=force)
            if began and not force:
                await self._refuse_busy(deletion)
            task = self._run(deletion)
        await asyncio.wait({task}, timeout=wait_seconds)
        if task.done() and not task.cancelled():
            return Progress(True, "", task.result())
        now = await asyncio.to_thread(self._store.deletion, deletion.experiment_id)
        return Progress(False, now.reason, now.deleted) if now else Progress(True, "", deletion.deleted)

    async def _refuse_busy(self, deletion: Deletion) -> None:
        """Take the deletion back where a run or load is active; a peer that cannot say is asked again in step 1."""
        try:
            busy = await self._activity(deletion)
        except Fault:
            return
        except BaseException:
            await asyncio.shield(asyncio.to_thread(self._store.cancel_deletion, deletion.experiment_id))
            raise
        if busy:
            await asyncio.to_thread(self._store.cancel_deletion, deletion.experiment_id)
            raise ExperimentBusy(
                f"experiment {deletion.name!r} is busy: {busy}",
                hint="wait until it has ended, or delete with force",
                metadata={"experiment": deletion.name},
            )

    async def _activity(self, deletion: Deletion) -> str:
        """What is active, in words; empty if nothing is."""
        if runs := await self._generator.active_runs(deletion.name):
            return f"run {runs[0]} is active"
        if loads := await self._loader.active_loads(deletion.name):
            return f"load {loads[0]} is active"
        return ""

    def _run(self, deletion: Deletion) -> asyncio.Task[Deleted]:
        """Start the deletion's task, or wake it."""
        key = deletion.experiment_id
        if (task := self._tasks.get(key)) and not task.done():
            self._nudges[key].set()
            return task
        self._nudges[key] = asyncio.Event()
        task = asyncio.create_task(self._carry_out(deletion), name=f"deletion of {key}")
        task.add_done_callback(lambda _: (self._tasks.pop(key, None), self._nudges.pop(key, None)))
        self._tasks[key] = task
        return task

    async def _carry_out(self, deletion: Deletion) -> Deleted:
        pause, deleted = FIRST_PAUSE, deletion.deleted
        while now := await asyncio.to_thread(self._store.deletion, deletion.experiment_id):
            try:
                deleted = await self._take(now)
                pause = FIRST_PAUSE
            except Fault as fault:
                await self._wait(now, fault.message, pause)
                pause = min(pause * 2, LONGEST_PAUSE)
            except Exception:
                log.exception("defect", extra={"facts": {"experiment_id": now.experiment_id, "step": now.step}})
                await self._wait(now, "the schema service has a defect; its log has the details", pause)
                pause = min(pause * 2, LONGEST_PAUSE)
        log.info("deleted", extra={"facts": {"experiment_id": deletion.experiment_id, "name": deletion.name}})
        return deleted

    async def _take(self, deletion: Deletion) -> Deleted:
        """Take one step and record it."""
        key, deleted = deletion.experiment_id, deletion.deleted
        match deletion.step:
            case DeletionStep.STOP_RUNS:
                if not deletion.force and (busy := await self._activity(deletion)):
                    raise ExperimentBusy(busy)
                await self._generator.stop_runs(key)
                following = DeletionStep.DROP_TABLES
            case DeletionStep.DROP_TABLES:
                tables = await self._loader.drop_tables(key, force=deletion.force)
                deleted = replace(deleted, tables=deleted.tables + tables)
                following = DeletionStep.PURGE_RUNS
            case _:
                runs, files = await self._generator.purge_runs(key)
                deleted = replace(deleted, runs=deleted.runs + runs, files=deleted.files + files)
                following = DeletionStep.FORGET
        await asyncio.to_thread(self._store.advance_deletion, key, following, deleted)
        return deleted

    async def _wait(self, deletion: Deletion, reason: str, pause: float) -> None:
        """Record what the deletion waits for; go on after the pause, or when somebody asks again."""
        if reason != deletion.reason:
            log.warning("waiting", extra={"facts": {"experiment_id": deletion.experiment_id, "reason": reason}})
            await asyncio.to_thread(self._store.note_deletion, deletion.experiment_id, reason)
        nudge = self._nudges[deletion.experiment_id]
        try:
            async with asyncio.timeout(pause):
                await nudge.wait()
        except TimeoutError:
            return
        nudge.clear()
