"""Load the standard table into PostgreSQL, against `psql \\copy` of the same rows in its own format.

Ours is what the loader's worker does: files read and checked while others are staged, every batch a commit with its
ledger row, then the apply. The reference copies one binary file into a logged table of the same columns in one
transaction. Keys and statistics, which the loader makes too, are a figure of their own.
"""

import contextlib
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from pathlib import Path

import psycopg2
from pydantic import SecretStr

from bench.loading import Loads, staged_batches
from bench.measure import Effort, Figure, Side, Target, compare, interleaved, timed
from bench.standard_table import TABLE
from loader_svc.warehouses.postgres import PostgresWriter
from loader_svc.worker.staged_file import read_batch
from local_stack import cluster
from local_stack.health import wait_listening
from local_stack.leash import leashed
from local_stack.ports import ANY, HeldPorts

HOST = "127.0.0.1"
PSQL = "psql"
TARGETS = {
    "Arrow in memory, one connection": Target(least=0.85),
    "from Parquet, one connection": Target(least=0.70),
    "from Parquet, all cores": Target(least=1.0),
    "from Parquet, all cores, with key and statistics": None,
}


async def run(effort: Effort, folder: Path) -> AsyncIterator[Figure]:
    """Rows a second."""
    batches = list(staged_batches(effort.rows, folder / "staged"))
    memory = {batch.index: read_batch(batch) for batch in batches}
    with _server(folder / "redshift") as (door, url):
        await wait_listening(door)  # it opens once the server is ready
        loads, cores = Loads(batches), max(len(os.sched_getaffinity(0)), 2)
        one, all_cores = (PostgresWriter(SecretStr(url), connections) for connections in (1, cores))
        loads.load(one)
        _psql(url, f"\\copy {loads.place}.{TABLE} TO '{folder}/rows.bin' (FORMAT binary)")
        floor = Floor(url, loads.place, folder / "rows.bin")
        ways = [
            partial(loads.load, one, lambda batch: memory[batch.index]),
            partial(loads.load, one),
            partial(loads.load, all_cores),
            partial(loads.load, all_cores, keys=True),
        ]
        sides = {name: _speed(effort.rows, way) for name, way in zip(TARGETS, ways, strict=True)}
        samples = await interleaved(effort.rounds, {**sides, PSQL: _speed(effort.rows, floor.copy)})
    for name, target in TARGETS.items():
        both = {"ours": samples[name], PSQL: samples[PSQL]}
        yield compare(f"load into PostgreSQL, {name}", "rows/s", both, against=PSQL, target=target)


class Floor:
    """The rows in PostgreSQL's own format, copied by its own client."""

    def __init__(self, url: str, schema: str, file: Path) -> None:
        self._url, self._schema, self._file = url, schema, file

    def copy(self) -> float:
        """Copy into a new table; answer the seconds."""
        with contextlib.closing(psycopg2.connect(self._url)) as connection, connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS floor; CREATE TABLE floor (LIKE {self._schema}.{TABLE})")
            connection.commit()
        with timed() as watch:
            _psql(self._url, f"\\copy floor FROM '{self._file}' (FORMAT binary)")
        return watch.seconds


def _speed(rows: int, load: Callable[[], float]) -> Side:
    async def speed() -> float:
        return rows / load()

    return speed


def _psql(url: str, command: str) -> None:
    subprocess.run([cluster.binaries() / "psql", url, "-qc", command], check=True)


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
