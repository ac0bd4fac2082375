"""Load the standard table into Snowflake's stand-in, against its own COPY INTO of one ready file.

Ours reads, checks and uploads the staged files, copies them with their ledger rows, and applies the load: into a table
that is new, and over the rows of a table that is there. The reference copies one Parquet file of all rows, which is in
its stage already, into a table of the same columns.
"""

import contextlib
import io
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import SecretStr

from bench.loading import Loads, staged_batches
from bench.measure import Effort, Figure, Side, Target, compare, interleaved, timed
from bench.standard_table import BATCH_ROWS, TABLE
from loader_svc.warehouses.snowflake import SnowflakeWriter
from loader_svc.warehouses.snowflake_session import Session
from loader_svc.warehouses.snowflake_tables import FORMAT, OPTIONS
from loader_svc.warehouses.snowflake_url import Account
from loader_svc.worker.staged_file import read_batch
from local_stack import snowflake as stand_in
from local_stack.health import wait_listening
from local_stack.leash import leashed
from local_stack.ports import ANY, HeldPorts

COPY = "its COPY INTO"
TIMES = 4
"""The statements that a load has beside COPY take as long for a row as for millions."""
DESCRIBED = """SELECT COLUMN_NAME, DATA_TYPE, NUMERIC_PRECISION, NUMERIC_SCALE, CHARACTER_MAXIMUM_LENGTH
    FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? ORDER BY ORDINAL_POSITION"""
TARGETS = {"a new table": Target(least=0.7), "in place of rows": None}


async def run(effort: Effort, folder: Path) -> AsyncIterator[Figure]:
    """Rows a second."""
    rows = effort.rows * TIMES
    batches = list(staged_batches(rows, folder / "staged"))
    with _server(folder / "snowflake") as url:
        await wait_listening(url)
        loads, writer = Loads(batches), SnowflakeWriter(SecretStr(url))

        def anew() -> float:
            for namespace in writer.namespaces():
                writer.drop(namespace)
            return loads.load(writer)

        anew()
        floor = Floor(url, loads.place, pa.concat_tables([read_batch(batch) for batch in batches]))
        ways = {"a new table": anew, "in place of rows": lambda: loads.load(writer), COPY: floor.copy}
        samples = await interleaved(effort.rounds, {name: _speed(rows, way) for name, way in ways.items()})
    for name, target in TARGETS.items():
        both = {"ours": samples[name], COPY: samples[COPY]}
        yield compare(f"load into Snowflake's stand-in, {name}", "rows/s", both, against=COPY, target=target)


class Floor:
    """All rows in one file of as many row groups as there are batches, uploaded before."""

    def __init__(self, url: str, schema: str, rows: pa.Table) -> None:
        self._account, self._rows = Account.parse(url), rows
        with contextlib.closing(Session(self._account)) as session:
            found = session.run(DESCRIBED, (schema, TABLE.upper()))
        self._columns = ", ".join(f'"{name}" {_declared(*facts)}' for name, *facts in found)

    def copy(self) -> float:
        """Copy into a new table; answer the seconds."""
        with contextlib.closing(Session(self._account)) as session:
            session.enter("PUBLIC")
            session.run(f"CREATE OR REPLACE TABLE FLOOR ({self._columns})")
            session.run("CREATE STAGE IF NOT EXISTS READY")
            session.put([_Ready(self._rows)], "READY/", lambda: False)
            with timed() as watch:
                [(_, status, *_others)] = session.run(f"COPY INTO FLOOR FROM @READY/ {FORMAT} {OPTIONS} FORCE = TRUE")
            assert status == "LOADED"
        return watch.seconds


@dataclass(frozen=True)
class _Ready:
    rows: pa.Table
    name: str = "ready.parquet"

    def open(self) -> BinaryIO:
        content = io.BytesIO()
        pq.write_table(self.rows, content, compression="zstd", compression_level=1, row_group_size=BATCH_ROWS)
        content.seek(0)
        return content


def _declared(kind: str, precision: int | None, scale: int | None, length: int | None) -> str:
    if kind == "NUMBER":
        return f"NUMBER({precision},{scale})"
    return f"VARCHAR({length})" if kind == "TEXT" and length else kind


def _speed(rows: int, load: Callable[[], float]) -> Side:
    async def speed() -> float:
        return rows / load()

    return speed


@contextlib.contextmanager
def _server(directory: Path) -> Iterator[str]:
    """Run the stand-in; answer its URL."""
    held = HeldPorts()
    port = held.choose({"snowflake": stand_in.HOST}, {"snowflake": ANY}, {})["snowflake"]
    directory.mkdir()
    flags = ["--directory", str(directory), "--port", str(port)]
    command = leashed([sys.executable, "-P", "-m", "local_stack.snowflake", *flags])
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        try:
            yield stand_in.url(port)
        finally:
            server.terminate()
            held.release()
