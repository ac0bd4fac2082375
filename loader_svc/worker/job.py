"""One load, step by step: claim, stage, prepare, apply, or stop. Every step may be the last before a crash.

The target is the truth: what its ledger has is staged, what it marks APPLIED is completed, whatever the store says.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple, TypeVar

import pyarrow as pa
import tenacity

from dwsim_wire import failpoint
from dwsim_wire.fault import Fault
from loader_svc.core.distinct import DistinctKeys
from loader_svc.core.duplicates import KeyDuplicates, with_duplicates
from loader_svc.core.faults import AbortedByUser, ConstraintViolated, WarehouseBusy
from loader_svc.core.loads import Applied, Batch, Failure, Load, LoadState, Staged
from loader_svc.core.rejects import DATA_FAULTS
from loader_svc.store.loads import ABORTED_BY_USER, LoadStore
from loader_svc.store.rejects import RejectStore
from loader_svc.warehouses.writer import FileStaging, FindsDuplicates, Interrupts, SkipsRows, Staging, Stop, Writer
from loader_svc.worker import metrics
from loader_svc.worker.batch_line import BatchLine
from loader_svc.worker.patience import GivenUp, Patience, pause
from loader_svc.worker.reject_files import RejectFiles
from loader_svc.worker.skipping import Tolerant, refuse_skipping, refuse_skipping_with_keys
from loader_svc.worker.staged_file import read_batch

log = logging.getLogger("dwsim.loader")
GROUP = 16
Result = TypeVar("Result")


class Threads(NamedTuple):
    """Threads that help the one that works at a job."""

    readers: Executor
    hands: Executor


@dataclass(frozen=True)
class Rejects:
    """Where rejects go."""

    store: RejectStore
    files: RejectFiles


@dataclass
class _Timed:
    """What some batches took."""

    seconds: float = 0.0
    attempts: int = 1


class Job:
    """A load that this process works at; one thread at a time calls it."""

    def __init__(
        self,
        load: Load,
        store: LoadStore,
        writer: Writer,
        threads: "Threads",
        rejects: Rejects,
        *,
        stopping: threading.Event,
        retry_seconds: float,
    ) -> None:
        self.load_id, self._uid = load.load_id, load.uid
        self.aborting = self.ended = self._heard = False
        self._interrupting = threading.Lock()
        self._at_work = threading.local()
        self._store, self._writer, self._threads = store, writer, threads
        self._stopping, self._retry_seconds = stopping, retry_seconds
        self._staging: Staging | None = None
        self._distinct = DistinctKeys(())
        self._skips = load.tolerance.skips
        self._tolerant = Tolerant(
            load, rejects.store, rejects.files, retrying=self._retrying, interrupted=self._interrupted
        )

    def step(self, load: Load) -> bool:
        """Do what can be done now; whether the load moved."""
        if load.state is LoadState.ABORTING:
            self.stop(load.failure or ABORTED_BY_USER)
            return True
        try:
            return self._go_on(load)
        except AbortedByUser:
            return True  # the store has the reason, or the loader stops and goes on when it is back

    def interrupt(self) -> None:
        """Cancel what the warehouse does for the load, unless the job has heard that it is to stop; from any thread."""
        if isinstance(self._writer, Interrupts) and self._interrupting.acquire(blocking=False):
            try:
                if not self._heard:
                    self._writer.interrupt(self._uid)
            except Fault as fault:
                log.info("not cancelled", extra={"facts": {"load_id": self.load_id, "reason": fault.reason}})
            finally:
                self._interrupting.release()

    def _go_on(self, load: Load) -> bool:
        staging = self._claim()
        if staging is None or staging.applied is not None:
            return staging is not None
        if isinstance(staging, FileStaging) and not isinstance(staging, SkipsRows):
            refuse_skipping(load)
        if isinstance(staging, FileStaging) and not (load.tolerance.skips or load.replay_of):
            if moved := self._stage_files(staging):
                return moved
        elif batches := self._store.pending(self.load_id, GROUP):
            self._stage(staging, batches)
            return True
        if not self._store.ready(load):
            return False
        self._apply(staging)
        return True

    def stop(self, failure: Failure) -> None:
        """Drop what was staged and end the load, unless the target has it already."""
        self._heard = True
        staging = self._staging = self._staging or self._insisting(self._claimed)
        if staging.applied is not None:
            self._complete(staging.applied)
        else:
            self._insisting(staging.discard)
            self._end(failure)
        self._finish()

    def give_up(self, failure: Failure) -> None:
        """End the load where the target cannot be reached, and cannot have it."""
        self._end(failure)
        self._finish()

    def close(self) -> None:
        """Leave the target."""
        if self._staging is not None:
            self._staging.close()
            self._staging = None

    def _end(self, failure: Failure) -> None:
        metrics.count_end(self._store.end(self.load_id, failure))

    def _complete(self, applied: Applied) -> None:
        metrics.count_end(self._store.complete(self.load_id, applied))

    def _finish(self) -> None:
        self.ended = True
        self.close()

    def _claim(self) -> Staging | None:
        """Claim the load once, and take over what its ledger has; None if the load was asked to stop."""
        staging, known = self._staging, self._staging is not None
        if staging is None:
            staging = self._staging = self._retrying(self._claimed)
        if staging.applied is not None:
            self._complete(staging.applied)
            self._finish()
        elif not known and not self._store.begin(self.load_id, self._retrying(staging.staged)):
            return None
        return staging

    def _claimed(self) -> Staging:
        order = self._store.order(self.load_id)
        if self._skips and order.enforced:
            refuse_skipping_with_keys(order.experiment)
        self._distinct = DistinctKeys(order.tables)
        staging = self._writer.claim(order)
        if staging.applied is None:
            self._store.not_applied(self.load_id)
        return staging

    def _stage(self, staging: Staging, batches: list[Batch]) -> None:
        """Stage batches with all hands; where one fails, the others finish theirs."""
        hands = min(staging.hands, len(batches))
        line = BatchLine(batches, lambda batch: read_batch(batch, self._interrupted), self._threads.readers, hands)
        helping = [self._threads.hands.submit(self._stage_from, line, staging) for _ in range(hands - 1)]
        try:
            self._stage_from(line, staging)
        finally:
            wait(helping)
        for hand in helping:
            hand.result()

    def _stage_from(self, line: BatchLine, staging: Staging) -> None:
        """Stage batches while there are any."""
        try:
            while not self._interrupted() and (waiting := line.take()):
                self._stage_one(staging, waiting.batch, waiting.rows.result())
        finally:
            line.close()

    def _stage_one(self, staging: Staging, batch: Batch, rows: pa.Table) -> None:
        if self._interrupted():
            return
        with self._timed([batch]) as timed, metrics.BATCHES.labels(self._writer.kind).time():
            rejected = self._tolerant.stage(staging, batch, rows)
        self._distinct.show(batch, rows)
        self._count(batch, Staged(timed.seconds, timed.attempts, rejected))

    @contextmanager
    def _timed(self, batches: Sequence[Batch]) -> Iterator["_Timed"]:
        """Take the time of this thread's work at batches; attempts that come to nothing are noted at once."""
        timed = self._at_work.timed = _Timed()
        began = time.monotonic()
        try:
            yield timed
        except (Fault, OSError):
            for batch in batches:
                self._store.not_staged(self.load_id, batch, timed.attempts)
            raise
        finally:
            timed.seconds = time.monotonic() - began
            self._at_work.timed = None

    def _count(self, batch: Batch, staged: Staged) -> None:
        """Note that the target has a batch, but for rejected rows."""
        metrics.ROWS.labels(self._writer.kind).inc(batch.rows - staged.rejected)
        metrics.BYTES.labels(self._writer.kind).inc(batch.bytes)
        self._store.mark_staged(self.load_id, batch, staged)

    def _stage_files(self, staging: FileStaging) -> bool:
        """Let the warehouse read the next files of one table, if they are enough or the last; whether it did."""
        pending = self._store.pending(self.load_id, staging.files_most)
        group = [batch for batch in pending if batch.table == pending[0].table]
        enough = len(group) < len(pending) or len(group) >= staging.files_least
        if not group or not (enough or self._store.all_announced(self.load_id)):
            return False
        try:
            with self._timed(group) as timed:
                self._retrying(lambda: staging.stage_files(group, self._interrupted))
        except DATA_FAULTS:
            if not isinstance(staging, SkipsRows):
                raise
            self._stage(staging, group)  # one by one, down to the row at fault
            return True
        for batch in group:
            self._count(batch, Staged(timed.seconds, timed.attempts))
        return True

    def _apply(self, staging: Staging) -> None:
        self._store.preparing(self.load_id)
        self._prepare(staging)
        if not self._store.applying(self.load_id):
            return
        try:
            applied = self._retrying(lambda: staging.apply(self._interrupted))
        except Exception:
            self.close()  # an answer may have been lost: the next claim finds out whether the target has the load
            raise
        self._complete(applied)
        self._finish()

    def _prepare(self, staging: Staging) -> None:
        """Make the keys, and keep what the target says of repeated ones; enforced, these fail the load."""
        try:
            self._retrying(lambda: staging.prepare(self._interrupted))
        except ConstraintViolated as fault:
            if isinstance(staging, FindsDuplicates):
                fault.message = with_duplicates(fault.message, self._duplicates(staging))
            raise
        if isinstance(staging, FindsDuplicates) and not self._store.order(self.load_id).enforced:
            self._store.keep_duplicates(self.load_id, self._duplicates(staging))

    def _duplicates(self, staging: FindsDuplicates) -> dict[str, tuple[KeyDuplicates, ...]]:
        distinct = self._distinct.proven()
        return self._retrying(lambda: staging.duplicates(distinct, self._interrupted))

    def _interrupted(self) -> bool:
        return self.aborting or self._stopping.is_set()

    def _count_retry(self) -> None:
        if timed := getattr(self._at_work, "timed", None):
            timed.attempts += 1
        metrics.RETRIES.labels(self._writer.kind).inc()
        self._store.count_retry(self.load_id)
        failpoint.reach("loader.during_retry")

    def _retrying(self, do: Callable[[], Result]) -> Result:
        """Insist, until the load is asked to stop: what was cancelled for that is not tried again."""
        try:
            return self._insisting(do, lambda: self.aborting)
        except WarehouseBusy:
            if self.aborting:
                raise AbortedByUser("the load was asked to stop") from None
            raise

    def _insisting(self, do: Callable[[], Result], give_up: Stop = lambda: False) -> Result:
        """Try again while the warehouse is busy, with growing pauses, within the budget."""
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(WarehouseBusy),
            wait=tenacity.wait_random_exponential(multiplier=0.05, max=2),
            stop=Patience(self._retry_seconds) | GivenUp(lambda: self._stopping.is_set() or give_up()),
            sleep=partial(pause, until=lambda: self._stopping.is_set() or give_up()),
            before_sleep=lambda _state: self._count_retry(),
            reraise=True,
        )
        return retrying(do)
