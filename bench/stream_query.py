"""Rows a second of ExecuteQuery in Arrow chunks, against Arrow Flight with the same batches; all servers are processes.

The batches are those that the query service streams for `SELECT *` over the loaded standard table. The first figure
feeds them ten times over from memory to the query service, as Flight has them: it is the cost of our way to the client.
The second is the running service with the Redshift stand-in, against PostgreSQL's own client that copies the same rows
in PostgreSQL's own format and throws them away.
"""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.flight as flight
from dwsim.common.v1.warehouse_pb2 import Warehouse
from dwsim.query.v1.query_service_pb2 import ExecuteQueryRequest
from dwsim.query.v1.query_service_pb2_grpc import QueryServiceStub

from bench.measure import Effort, Figure, Target, compare, interleaved, timed
from bench.replay import TIMES
from bench.standard_mesh import standard_mesh
from bench.standard_table import TABLE
from dwsim_wire.arrow import batch_from_bytes, schema_from_bytes
from dwsim_wire.client import open_channel, stream
from local_stack import cluster

IN_MEMORY, FROM_POSTGRES = Target(least=0.75), Target(least=0.65)
START_SECONDS = 120.0
OURS = {"ARROW_DEFAULT_MEMORY_POOL": "system"}
"""Where Arrow allocates in the query service; a replay imports pyarrow before it could choose."""
FLIGHT, WAREHOUSE, PSQL = "Arrow Flight", "redshift", "psql \\copy"


async def run(effort: Effort, folder: Path) -> AsyncIterator[Figure]:
    """Rows a second."""
    file = folder / "batches.arrow"
    async with standard_mesh(folder / "mesh", effort.rows) as standard:
        await standard.load(Warehouse.Kind.Value(WAREHOUSE.upper()))
        request = ExecuteQueryRequest(
            experiment=standard.experiment, sql=f"SELECT * FROM {TABLE}", format=ExecuteQueryRequest.ARROW
        )
        service = standard.stack.addresses["query"]
        _keep([batch async for batch in executed(service, request)], file)
        loader = f"--loader-address={standard.stack.addresses['loader']}"
        data_dir = f"--data-dir={folder / 'replay'}"
        async with (
            _server("flight", file) as reference,
            _server("query", file, "--port=0", loader, data_dir) as replaying,
        ):

            async def by_flight() -> float:
                return await asyncio.to_thread(_rate_of_flight, reference, effort.rows * TIMES)

            async def by_query() -> float:
                return await _rate_of_query(replaying, request, effort.rows * TIMES)

            async def by_warehouse() -> float:
                return await _rate_of_query(service, request, effort.rows)

            located = await standard.located()
            place = f'"{located.namespace}"."{located.tables[0].target}"'

            async def by_psql() -> float:
                return await asyncio.to_thread(_rate_of_psql, standard.stack.warehouses[WAREHOUSE], place, effort.rows)

            await by_query()
            await by_flight()
            sides = {"ours": by_query, FLIGHT: by_flight, WAREHOUSE: by_warehouse, PSQL: by_psql}
            samples = await interleaved(effort.rounds, sides)
    yield compare("streamed query, batches in memory", "rows/s", samples, against=FLIGHT, target=IN_MEMORY)
    whole = {"ours": samples[WAREHOUSE], PSQL: samples[PSQL]}
    yield compare("streamed query, read from PostgreSQL", "rows/s", whole, against=PSQL, target=FROM_POSTGRES)


async def executed(address: str, request: ExecuteQueryRequest) -> AsyncIterator[pa.RecordBatch]:
    """Batches of a query, decoded."""
    schema: pa.Schema | None = None
    async with open_channel(address) as channel:
        async for answer in stream(QueryServiceStub(channel).ExecuteQuery, request, timeout=600):
            if answer.HasField("schema"):
                schema = schema_from_bytes(answer.schema.arrow_schema)
            elif answer.HasField("arrow"):
                assert schema is not None
                yield batch_from_bytes(answer.arrow.arrow_record_batch, schema)


async def _rate_of_query(address: str, request: ExecuteQueryRequest, rows: int) -> float:
    with timed() as watch:
        found = sum([batch.num_rows async for batch in executed(address, request)])
    return _rate(found, rows, watch.seconds)


def _rate_of_flight(address: str, rows: int) -> float:
    with timed() as watch, flight.connect(f"grpc://{address}") as client:
        found = sum(chunk.data.num_rows for chunk in client.do_get(flight.Ticket(b"")))
    return _rate(found, rows, watch.seconds)


def _rate_of_psql(url: str, place: str, rows: int) -> float:
    command = f"\\copy {place} TO '/dev/null' (FORMAT binary)"
    with timed() as watch:
        done = subprocess.run(
            [cluster.binaries() / "psql", url, "-c", command], check=True, capture_output=True, text=True
        )
    assert done.stdout.strip() == f"COPY {rows}"
    return rows / watch.seconds


def _rate(found: int, rows: int, seconds: float) -> float:
    assert found == rows
    return rows / seconds


def _keep(batches: list[pa.RecordBatch], file: Path) -> None:
    with pa.ipc.new_stream(str(file), batches[0].schema) as writer:
        for batch in batches:
            writer.write_batch(batch)


@asynccontextmanager
async def _server(kind: str, file: Path, *flags: str) -> AsyncIterator[str]:
    """Run a replaying server for the length of the block; yields its address, which is the first that it logs."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.replay", kind, str(file), *flags),
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | (OURS if kind == "query" else {}),
    )
    assert process.stdout
    try:
        async with asyncio.timeout(START_SECONDS):
            facts = json.loads(await process.stdout.readline())
        yield facts["address"]
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()
