"""Load the standard table from Parquet into PostgreSQL, against `psql \\copy` of the same rows in its own format.

Ours is what the loader's worker does: each file read and checked while the one before is staged, every batch a commit
with its ledger row, then the apply. The reference copies one binary file into a logged table of the same columns in one
transaction. Keys and statistics, which the loader makes too, are a figure of their own.
"""

import contextlib
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import psycopg2
import pyarrow as pa
from pydantic import SecretStr

from bench import standard_table
from bench.measure import Effort, Figure, Target, compare, interleaved, timed
from bench.standard_table import TABLE
from dwsim_wire.staging import StagingRoot
from generator_svc.staging.files import Cells, prepare, write_batch
from loader_svc.core.document import Table, parse_experiment
from loader_svc.core.loads import Batch, LoadOrder, Mode, OrderTable
from loader_svc.warehouses.postgres import PostgresWriter
from loader_svc.worker.staged_file import read_batch
from local_stack import cluster
from local_stack.health import wait_listening
from local_stack.leash import leashed
from local_stack.ports import ANY, HeldPorts
from schema_svc.core.document import import_spec

HOST = "127.0.0.1"
TARGET = Target(least=0.55)


async def run(effort: Effort, folder: Path) -> AsyncIterator[Figure]:
    """Rows a second."""
    batches = list(_files(effort.rows, folder / "staged"))
    with _server(folder / "redshift") as (door, url):
        await wait_listening(door)  # it opens once the server is ready
        loads = Loads(url, batches)
        loads.load(prepare=False)
        loads.keep(folder / "rows.bin")

        async def ours() -> float:
            return effort.rows / loads.load(prepare=False)

        async def complete() -> float:
            return effort.rows / loads.load(prepare=True)

        async def psql() -> float:
            return effort.rows / loads.psql(folder / "rows.bin")

        sides = {"ours": ours, "with key and statistics": complete, "psql": psql}
        samples = await interleaved(effort.rounds, sides)
    yield compare("load into PostgreSQL", "rows/s", samples, against="psql", target=TARGET)
    samples["ours"] = samples.pop("with key and statistics")
    yield compare("the same with key and statistics", "rows/s", samples, against="psql")


class Loads:
    """The same batches loaded again and again."""

    def __init__(self, url: str, batches: list[Batch]) -> None:
        self._url, self._batches = url, batches
        self._writer = PostgresWriter(SecretStr(url))
        self._table = _table()
        self._count = 0
        self._schema = ""

    def load(self, *, prepare: bool) -> float:
        """Stage and apply; answer the seconds."""
        staging = self._writer.claim(self._order())
        with contextlib.closing(staging), ThreadPoolExecutor(1) as reader, timed() as watch:
            ahead: Future[pa.Table] = reader.submit(read_batch, self._batches[0])
            for place, batch in enumerate(self._batches):
                rows = ahead.result()
                if place + 1 < len(self._batches):
                    ahead = reader.submit(read_batch, self._batches[place + 1])
                staging.stage(batch, rows)
            if prepare:
                staging.prepare(lambda: False)
            self._schema = staging.apply(lambda: False).place
        return watch.seconds

    def keep(self, path: Path) -> None:
        """Keep the loaded rows in PostgreSQL's own format."""
        self._psql(f"\\copy {self._schema}.{TABLE} TO '{path}' (FORMAT binary)")

    def psql(self, path: Path) -> float:
        """Copy the kept rows into a new table; answer the seconds."""
        with contextlib.closing(psycopg2.connect(self._url)) as connection, connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS floor; CREATE TABLE floor (LIKE {self._schema}.{TABLE})")
            connection.commit()
        with timed() as watch:
            self._psql(f"\\copy floor FROM '{path}' (FORMAT binary)")
        return watch.seconds

    def _psql(self, command: str) -> None:
        subprocess.run([cluster.binaries() / "psql", self._url, "-qc", command], check=True)

    def _order(self) -> LoadOrder:
        self._count += 1
        return LoadOrder(
            load_id=self._count,
            uid=f"{self._count:032x}"[::-1],
            loader_id="bench",
            run_id=1,
            experiment="bench",
            experiment_id="bench",
            namespace=self._writer.namespace("bench", "bench"),
            mode=Mode.OVERWRITE,
            tables=(OrderTable(self._table, TABLE, sum(batch.rows for batch in self._batches)),),
        )


def _table() -> Table:
    document = import_spec(standard_table.TEXT).model_dump(mode="json", exclude_none=True)
    return next(table for table in parse_experiment(document).tables if table.name == TABLE)


def _files(rows: int, folder: Path) -> Iterator[Batch]:
    """Stage the table's batches as the generator does."""
    root, plan = StagingRoot(folder), standard_table.plan(rows)
    prepare(root, [TABLE])
    for cut in standard_table.batches(rows):
        staged = write_batch(root, TABLE, cut.index, Cells(plan.batch(TABLE, cut.first_row, cut.rows)))
        yield Batch(TABLE, cut.index, cut.first_row, cut.rows, staged.uri, staged.bytes, staged.checksum)


@contextlib.contextmanager
def _server(directory: Path) -> Iterator[tuple[str, str]]:
    """Run the stand-in; answer its door, and its own port without the start-up filter."""
    names = ("door", "server")
    held = HeldPorts()
    ports = held.choose(dict.fromkeys(names, HOST), dict.fromkeys(names, ANY), {})
    flags = ["--directory", str(directory), "--port", str(ports["door"]), "--server-port", str(ports["server"])]
    command = leashed([sys.executable, "-P", "-m", "local_stack.redshift", *flags])
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, env=dict(os.environ)) as keeper:
        try:
            yield cluster.url(HOST, ports["door"]), cluster.url(HOST, ports["server"])
        finally:
            keeper.terminate()
            held.release()
