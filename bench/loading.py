"""The standard table staged as the generator does it, and loaded as the loader's worker does it."""

import contextlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa

from bench import standard_table
from bench.measure import timed
from bench.standard_table import TABLE
from dwsim_wire.staging import StagingRoot
from generator_svc.staging.files import Cells, prepare, write_batch
from loader_svc.core.document import Table, parse_experiment
from loader_svc.core.loads import Batch, LoadOrder, Mode, OrderTable
from loader_svc.warehouses.writer import FileStaging, Staging, Writer
from loader_svc.worker.batch_line import BatchLine
from loader_svc.worker.staged_file import read_batch
from schema_svc.core.document import import_spec

Read = Callable[[Batch], pa.Table]


class Loads:
    """The same batches loaded again and again, each time by a load of its own."""

    def __init__(self, batches: list[Batch]) -> None:
        self._batches = batches
        self._table = _table()
        self._count = 0
        self.place = ""
        """Schema or file of the newest load."""

    def load(self, writer: Writer, read: Read = read_batch, *, keys: bool = False) -> float:
        """Stage with as many threads as the writer has hands, and apply; answer the seconds."""
        staging = writer.claim(self._order(writer))
        with contextlib.closing(staging), ThreadPoolExecutor(2 * staging.hands) as pool, timed() as watch:
            if isinstance(staging, FileStaging):
                for group in self._groups(staging.files_most):
                    staging.stage_files(group, lambda: False)
            else:
                line = BatchLine(self._batches, read, pool, staging.hands)
                for hand in [pool.submit(_stage_from, line, staging) for _ in range(staging.hands)]:
                    hand.result()
            if keys:
                staging.prepare(lambda: False)
            self.place = staging.apply(lambda: False).place
        return watch.seconds

    def _groups(self, files: int) -> Iterator[list[Batch]]:
        for first in range(0, len(self._batches), files):
            yield self._batches[first : first + files]

    def _order(self, writer: Writer) -> LoadOrder:
        self._count += 1
        return LoadOrder(
            load_id=self._count,
            uid=f"{self._count:032x}"[::-1],
            loader_id="bench",
            run_id=1,
            experiment="bench",
            experiment_id="bench",
            namespace=writer.namespace("bench", "bench"),
            mode=Mode.OVERWRITE,
            tables=(OrderTable(self._table, TABLE, sum(batch.rows for batch in self._batches)),),
        )


def staged_batches(rows: int, folder: Path) -> Iterator[Batch]:
    """Stage the table's batches as the generator does."""
    root, plan = StagingRoot(folder), standard_table.plan(rows)
    prepare(root, [TABLE])
    for cut in standard_table.batches(rows):
        staged = write_batch(root, TABLE, cut.index, Cells(plan.made(cut).cells))
        yield Batch(TABLE, cut.index, cut.first_row, cut.rows, staged.uri, staged.bytes, staged.checksum)


def _stage_from(line: BatchLine, staging: Staging) -> None:
    while waiting := line.take():
        staging.stage(waiting.batch, waiting.rows.result())


def _table() -> Table:
    document = import_spec(standard_table.TEXT).model_dump(mode="json", exclude_none=True)
    return next(table for table in parse_experiment(document).tables if table.name == TABLE)
