"""The deletion of an experiment: steps at two peers, each idempotent and recorded, taken again until they succeed.

An experiment that is busy is refused. Else DELETING is recorded; then the generator refuses new runs and stops the
active ones, the loader drops its tables, the generator deletes its files, and at last the experiment's rows go. A peer
or a database that is down only delays: its step is tried again with growing pauses, after a restart too. A client that
leaves changes nothing, and no deletion waits for another one.
"""

import asyncio
import logging
from dataclasses import dataclass, replace

from dwsim_wire.failpoint import reach
from dwsim_wire.fault import Fault
from dwsim_wire.unbroken import unbroken
from schema_svc.core.faults import ExperimentBusy
from schema_svc.core.record import Deleted, Deletion, DeletionStep, refuse_stale
from schema_svc.core.vocabulary import State
from schema_svc.peers import GeneratorPeer, LoaderPeer
from schema_svc.store import Store

log = logging.getLogger("dwsim.schema.deletion")
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 30.0
TEND_SECONDS = 30.0


@dataclass(frozen=True)
class Progress:
    """How far a deletion came while its caller waited."""

    done: bool
    reason: str
    deleted: Deleted


class Deletions:
    """Runs one task per deletion under way."""

    def __init__(self, store: Store, generator: GeneratorPeer, loader: LoaderPeer) -> None:
        self._progress = store.deletions
        self._listing = store.listing
        self._generator = generator
        self._loader = loader
        self._tasks: dict[str, asyncio.Task[Deleted]] = {}
        self._nudges: dict[str, asyncio.Event] = {}
        self._tending: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Take up the deletions that an earlier process left, and from then on whatever is left lying."""
        await self._take_up()
        self._tending = asyncio.create_task(self._tend(), name="deletions")

    async def stop(self) -> None:
        """Leave the deletions where they are."""
        tasks = [*self._tasks.values(), *([self._tending] if self._tending else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def delete(self, name: str, *, force: bool, wait_seconds: float, etag: str = "") -> Progress:
        """Begin or hasten a deletion and wait a while for its end."""
        found = await asyncio.to_thread(self._listing.summary, name)
        if found.state is State.ACTIVE:
            refuse_stale(found.name, found.revision, found.etag, etag)
        if found.state is State.ACTIVE and not force:
            await self._refuse_busy(found.name)
        task = await unbroken(self._begin(found.id, force=force, etag=etag))
        await asyncio.wait({task}, timeout=wait_seconds)
        if task.done() and not task.cancelled():
            return Progress(True, "", task.result())
        now = await asyncio.to_thread(self._progress.find, found.id)
        return Progress(False, now.reason, now.deleted) if now else Progress(True, "", Deleted())

    async def _begin(self, experiment_id: str, *, force: bool, etag: str) -> asyncio.Task[Deleted]:
        """Record a deletion and set about it, both or neither."""
        begun = await asyncio.to_thread(self._progress.begin, experiment_id, force=force, etag=etag)
        reach("schema.deletion_began")
        return self._run(begun)

    async def _refuse_busy(self, name: str) -> None:
        """Refuse where a run or load is active; a peer that cannot say is asked again in step 1."""
        try:
            busy = await self._activity(name)
        except Fault:
            return
        if busy:
            raise ExperimentBusy(
                f"experiment {name!r} is busy: {busy}",
                hint="wait until it has ended, or delete with force",
                metadata={"experiment": name},
            )

    async def _activity(self, name: str) -> str:
        """What is active, in words; empty if nothing is."""
        if runs := await self._generator.active_runs(name):
            return f"run {runs[0]} is active"
        if loads := await self._loader.active_loads(name):
            return f"load {loads[0]} is active"
        return ""

    async def _tend(self) -> None:
        """Look for deletions that nobody carries out now and then: a hand-over may be lost to an error."""
        while True:
            await asyncio.sleep(TEND_SECONDS)
            try:
                await self._take_up()
            except Exception:
                log.exception("the deletions cannot be read; trying again")

    async def _take_up(self) -> None:
        for deletion in await asyncio.to_thread(self._progress.all):
            if deletion.experiment_id not in self._tasks:
                self._run(deletion)

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
        """Take one step after the other; whatever goes wrong, try again."""
        pause, now = FIRST_PAUSE, deletion
        while True:
            try:
                found = await asyncio.to_thread(self._progress.find, deletion.experiment_id)
                if found is None:
                    break
                now = found
                now = replace(now, deleted=await self._take(now))
                pause = FIRST_PAUSE
            except Exception as error:
                await self._wait(now, self._reason(now, error), pause)
                pause = min(pause * 2, LONGEST_PAUSE)
        log.info("deleted", extra={"facts": {"experiment_id": deletion.experiment_id, "name": deletion.name}})
        return now.deleted

    def _reason(self, deletion: Deletion, error: Exception) -> str:
        if isinstance(error, Fault):
            warehouse = error.metadata.get("warehouse", "").lower()
            return f"{error.message} ({warehouse})" if warehouse and warehouse not in error.message else error.message
        facts = {"experiment_id": deletion.experiment_id, "step": deletion.step}
        log.error("defect", exc_info=error, extra={"facts": facts})
        return "the schema service has a defect; its log has the details"

    async def _take(self, deletion: Deletion) -> Deleted:
        """Take one step and record it."""
        key, deleted = deletion.experiment_id, deletion.deleted
        match deletion.step:
            case DeletionStep.STOP_RUNS:
                if not deletion.force and (busy := await self._activity(deletion.name)):
                    raise ExperimentBusy(busy)
                await self._generator.stop_runs(key)
                reach("schema.runs_stopped")
                following = DeletionStep.DROP_TABLES
            case DeletionStep.DROP_TABLES:
                tables = await self._loader.drop_tables(key, force=deletion.force)
                reach("schema.tables_dropped")
                deleted = replace(deleted, tables=deleted.tables + tables)
                following = DeletionStep.PURGE_RUNS
            case _:
                runs, files = await self._generator.purge_runs(key)
                reach("schema.runs_purged")
                deleted = replace(deleted, runs=deleted.runs + runs, files=deleted.files + files)
                following = DeletionStep.FORGET
        await asyncio.to_thread(self._progress.advance, key, following, deleted)
        reach("schema.step_recorded")
        return deleted

    async def _wait(self, deletion: Deletion, reason: str, pause: float) -> None:
        """Record what the deletion waits for; go on after the pause, or when somebody asks again."""
        await self._note(deletion, reason)
        nudge = self._nudges[deletion.experiment_id]
        try:
            async with asyncio.timeout(pause):
                await nudge.wait()
        except TimeoutError:
            return
        nudge.clear()

    async def _note(self, deletion: Deletion, reason: str) -> None:
        if reason == deletion.reason:
            return
        log.warning("waiting", extra={"facts": {"experiment_id": deletion.experiment_id, "reason": reason}})
        try:
            await asyncio.to_thread(self._progress.note, deletion.experiment_id, reason)
        except Exception:
            log.exception("what a deletion waits for cannot be recorded")
