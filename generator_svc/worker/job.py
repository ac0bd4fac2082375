"""One run being made: which batches are left, and how one batch becomes a durable, recorded file."""

import asyncio
import threading
from collections.abc import Iterator

import pyarrow as pa

from dwsim_wire.failpoint import reach
from dwsim_wire.object_store import StagingUnavailable
from dwsim_wire.staging import StagingRoot
from generator_svc.core.change_plan import ChangePlan
from generator_svc.core.content_hash import ContentHash
from generator_svc.core.plan import Plan
from generator_svc.core.run import Batch, Run, StagedFile
from generator_svc.core.run_faults import StagedFileChanged
from generator_svc.staging.files import Cells, delete_file, has_file, prepare, write_batch, write_manifest
from generator_svc.store import Store


class Job:
    """A run taken up, for the first time or again after a restart: recorded batches are not made again."""

    def __init__(self, store: Store, run: Run, plan: Plan | ChangePlan) -> None:
        self.run = run
        self._store = store
        self._root = StagingRoot.parse(run.staging_uri)
        self._plan = plan
        self.stopped = False
        self.halted = asyncio.Event()
        self._writing = 0
        self._gate = threading.Condition()
        self._recorded = {(file.table, file.batch_index) for file in self._check_files()}
        prepare(self._root, (table.name for table in run.tables))
        store.batches.finish_empty(run.run_id)

    def stop(self) -> None:
        """Write no further file; what is being written is finished. Called on the event loop."""
        with self._gate:
            self.stopped = True
        self.halted.set()

    def settle(self) -> None:
        """Wait until nothing is being written; batches that are still being made will come to nothing."""
        with self._gate:
            self._gate.wait_for(lambda: not self._writing)

    def remaining(self) -> Iterator[Batch]:
        """Batches that are not recorded yet, parents' tables first."""
        for table in self.run.tables:
            for batch in table.cut():
                if (table.name, batch.index) not in self._recorded:
                    yield batch

    def make(self, batch: Batch) -> None:
        """Make, write and record one batch, on a worker thread."""
        if self.stopped:
            return
        numbers, cells = self._plan.made(batch)
        content = ContentHash()
        content.add(numbers, cells)
        if self._may_write():
            try:
                self._write(batch, cells, content)
            except StagingUnavailable:
                if not self.stopped:
                    raise
            finally:
                self._has_written()

    def finish(self) -> None:
        """Write the manifest of the completed run."""
        run = self._store.runs.get(self.run.run_id)
        write_manifest(self._root, manifest(run, self._store.batches.of_run(run.run_id)))

    def _may_write(self) -> bool:
        with self._gate:
            self._writing += not self.stopped
            return not self.stopped

    def _has_written(self) -> None:
        with self._gate:
            self._writing -= 1
            self._gate.notify_all()

    def _write(self, batch: Batch, cells: pa.RecordBatch, content: ContentHash) -> None:
        how = Cells(cells, self.run.order.format, self._plan.documents(batch.table))
        written = write_batch(self._root, batch.table, batch.index, how, lambda: self.stopped)
        reach("generator.after_file")
        file = StagedFile(self.run.run_id, batch.table, batch.index, batch.first_row, cells.num_rows, *written)
        self._record(file, content)
        reach("generator.after_event")

    def _record(self, file: StagedFile, content: ContentHash) -> None:
        """Record a durable file; one that cannot be recorded does not stay behind."""
        recorded = False
        try:
            recorded = self._store.batches.finish(file, content)
        finally:
            if not recorded:
                delete_file(file.uri)

    def _check_files(self) -> list[StagedFile]:
        files = self._store.batches.of_run(self.run.run_id)
        for file in files:
            if not has_file(file.uri, file.bytes):
                raise StagedFileChanged(
                    f"a staged file of table {file.table!r} is missing or altered",
                    hint="start the run anew",
                    metadata={"uri": file.uri},
                )
        return files


def manifest(run: Run, files: list[StagedFile]) -> dict[str, object]:
    """What a completed run consists of, as JSON."""
    of_table: dict[str, list[dict[str, object]]] = {table.name: [] for table in run.tables}
    operations = {(batch.table, batch.index): batch.operation for table in run.tables for batch in table.cut()}
    for file in files:
        facts: dict[str, object] = {"uri": file.uri, "first_row": file.first_row, "rows": file.rows}
        if operation := operations[file.table, file.batch_index]:
            facts["operation"] = operation.name
        of_table[file.table].append(facts | {"bytes": file.bytes, "checksum": file.checksum})
    return {
        "run_id": run.run_id,
        "experiment": run.experiment,
        "experiment_id": run.experiment_id,
        "experiment_revision": run.experiment_revision,
        "kind": run.order.kind,
        "seed": run.order.seed,
        "as_of": run.order.as_of,
        "engine_version": run.order.engine_version,
        **({"version": run.version, "change_output": run.order.changes.output} if run.order.changes else {}),
        "format": run.order.format,
        "tables": [
            {
                "name": table.name,
                "first_row": table.first_row,
                "rows": table.rows,
                "content_hash": table.content_hash,
                "files": of_table[table.name],
            }
            for table in run.tables
        ],
    }
