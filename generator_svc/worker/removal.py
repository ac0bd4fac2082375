"""Removal of runs and staged files. Every step can be repeated: files go first, then the record of them."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from dwsim_wire.clock import now
from dwsim_wire.staging import StagingRoot
from generator_svc.core.run import DAY_MICROSECONDS, Retention, Run, StagedFile
from generator_svc.core.run_faults import LogReplaced, RunActive, RunHasEnded, UnknownRun
from generator_svc.staging.files import batch_files, delete_file, delete_run, unknown_files
from generator_svc.store import Store
from generator_svc.worker.scheduler import Worker


@dataclass(frozen=True, slots=True)
class Removed:
    """What went, or would go."""

    runs: int = 0
    files: int = 0
    bytes: int = 0
    aborted: int = 0


class Removal:
    """Deletes runs, experiments and files."""

    def __init__(self, store: Store, worker: Worker, generated: StagingRoot) -> None:
        self._store = store
        self._worker = worker
        self._generated = generated

    async def delete_runs(self, run_ids: Sequence[int], *, force: bool) -> Removed:
        """Delete runs with their files; with `force` stop active ones first."""
        runs = await asyncio.to_thread(self._store.runs.named, run_ids)
        active = [run for run in runs if run.state.active]
        if active and not force:
            raise RunActive(
                f"run {active[0].run_id} is active",
                hint="abort it first, or delete with force",
                metadata={"experiment": active[0].experiment, "run_id": str(active[0].run_id)},
            )
        aborted = await self._stop(active)
        files = [await asyncio.to_thread(self.remove, run, forget=True) for run in runs]
        return Removed(runs=len(runs), files=sum(files), aborted=aborted)

    async def stop_experiment(self, experiment_id: str) -> Removed:
        """Refuse new runs of an experiment for ever; stop its active ones and wait for them."""
        await asyncio.to_thread(self._store.runs.bury, experiment_id)
        active = await asyncio.to_thread(self._store.runs.active, experiment_id)
        return Removed(aborted=await self._stop(active))

    async def purge_experiment(self, experiment_id: str) -> Removed:
        """Delete all runs and files of an experiment."""
        stopped = await self.stop_experiment(experiment_id)
        runs = await asyncio.to_thread(self._store.runs.of_experiment, experiment_id)
        files = [await asyncio.to_thread(self.remove, run, forget=True) for run in runs]
        return Removed(runs=len(runs), files=sum(files), aborted=stopped.aborted)

    async def clean(self, run_ids: Sequence[int], older_than_days: int, *, dry_run: bool) -> Removed:
        """Delete the files of ended runs; if none is named, of all in staging areas, and those that no run knows."""
        return await asyncio.to_thread(self._clean, run_ids, older_than_days, dry_run)

    def remove(self, run: Run, *, forget: bool) -> int:
        """Delete the files of an ended run, and with `forget` the run; answers the files deleted."""
        files = self._store.batches.of_run(run.run_id)
        root = StagingRoot.parse(run.staging_uri)
        deleted = delete_run(root, [table.name for table in run.tables], [file.uri for file in files])
        self._store.runs.delete(run.run_id, len(files), forget=forget)
        return deleted

    async def loaded(self, run_id: int, experiment_id: str, log_id: str) -> Removed:
        """Delete the files of a run that is loaded, where it asked for that; those that have gone are no error."""
        return await asyncio.to_thread(self._loaded, run_id, experiment_id, log_id)

    def clean_strays(self, newest: int, dry_run: bool) -> Removed:
        """Delete files that no run knows; those of active runs may be about to be recorded.

        What a run writes is seen before it is asked for: it is active then, or has recorded what it wrote.
        """
        found = [file for file in batch_files(self._generated) if file.time <= newest]
        at_work = [StagingRoot.parse(run.staging_uri) for run in self._store.runs.active()]
        files = size = 0
        for stray in unknown_files(found, self._store.batches.uris()):
            if any(stray.place.is_inside(root) for root in at_work):
                continue
            files, size = files + 1, size + stray.bytes
            if not dry_run:
                delete_file(stray.place.uri)
        return Removed(files=files, bytes=size)

    async def _stop(self, runs: Sequence[Run]) -> int:
        for run in runs:
            with suppress(RunHasEnded):
                await self._worker.abort(run.run_id)
        for run in runs:
            await self._worker.ended(run.run_id)
        return len(runs)

    def _loaded(self, run_id: int, experiment_id: str, log_id: str) -> Removed:
        run = self._store.runs.get(run_id)
        if log_id != self._store.log.log_id:
            raise LogReplaced(
                f"run {run_id} was told of by another log",
                hint="read the log from its beginning",
                metadata={"log_id": self._store.log.log_id},
            )
        if run.experiment_id != experiment_id:
            raise UnknownRun(f"run {run_id} is of another experiment", metadata={"run_id": str(run_id)})
        files = self._store.batches.of_run(run_id)
        if run.order.retention is not Retention.DELETE_AFTER_LOAD or run.state.active or not files:
            return Removed()
        return Removed(files=self.remove(run, forget=False), bytes=sum(file.bytes for file in files))

    def _clean(self, run_ids: Sequence[int], older_than_days: int, dry_run: bool) -> Removed:
        newest = now() - older_than_days * DAY_MICROSECONDS
        runs = self._store.runs
        chosen = runs.named(run_ids) if run_ids else [run for run in runs.ended() if run.in_staging]
        removed = [self._clean_run(run, newest, dry_run) for run in chosen if not run.state.active]
        if not run_ids:
            removed.append(self.clean_strays(newest, dry_run))
        return Removed(files=sum(r.files for r in removed), bytes=sum(r.bytes for r in removed))

    def _clean_run(self, run: Run, newest: int, dry_run: bool) -> Removed:
        """Delete a run's files, all or none: whoever reads a run finds it whole or gone."""
        files: list[StagedFile] = self._store.batches.of_run(run.run_id)
        if not files or max(file.create_time for file in files) > newest:
            return Removed()
        if not dry_run:
            self.remove(run, forget=False)
        return Removed(files=len(files), bytes=sum(file.bytes for file in files))
