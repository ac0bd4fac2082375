"""What users of the query service feel: translation, the first row, point queries of many clients, its memory.

A translation is that of the service's worker, without asking the loader where the tables are; the other figures are
those of the running service over the Redshift stand-in, at the client.
"""

import asyncio
import itertools
import re
from collections.abc import AsyncIterator
from pathlib import Path
from statistics import median, quantiles

from dwsim.common.v1.warehouse_pb2 import Warehouse
from dwsim.query.v1.query_service_pb2 import ExecuteQueryRequest, RunQueryRequest
from dwsim.query.v1.query_service_pb2_grpc import QueryServiceStub
from dwsim.query.v1.result_pb2 import ResultSummary

from bench.measure import Effort, Figure, Target, timed
from bench.standard_mesh import StandardMesh, standard_mesh
from bench.standard_table import TABLE
from dwsim_wire.client import call, open_channel, stream
from query_svc.core.catalog import Place
from query_svc.warehouses.reader import Stop
from query_svc.worker.translating import Translator

NEW_MS, AGAIN_MS, FIRST_ROW_MS = (Target(most=ms, of_ratio=False) for ms in (20.0, 1.0, 150.0))
SPREAD = Target(most=5.0)
MEMORY_MB = Target(most=300.0, of_ratio=False)
CLIENTS = 32
SCAN_FACTOR = 10
"""Rows of the table over those of other benchmarks: a scan of ten million."""
COPIES = 5
REPORT = Path(__file__).with_name("report.sql").read_text()
SECONDS = 600.0
_PEAK = re.compile(r"VmHWM:\s*(\d+) kB")


async def run(effort: Effort, folder: Path) -> AsyncIterator[Figure]:
    """Each figure is a median, the last two are of one run."""
    rows = effort.rows * SCAN_FACTOR
    async with standard_mesh(folder / "mesh", rows) as standard:
        await standard.load(Warehouse.REDSHIFT)
        async with open_channel(standard.stack.addresses["query"]) as channel:
            service = _Service(standard, QueryServiceStub(channel))
            firsts = [await service.first_row() for _ in range(effort.rounds)]
            name = f"first row of {rows:,} rows"
            yield Figure(name, "ms", median(firsts), target=FIRST_ROW_MS, samples={"ours": firsts})
            taken = await service.points(max(effort.calls // 4, CLIENTS), rows)
            cuts = quantiles(taken, n=100)
            name = f"point queries of {CLIENTS} clients, p99"
            yield Figure(name, "ms", cuts[98], cuts[49], "p50", SPREAD)
            streamed = await service.stream_all()
            yield Figure(f"memory of the service, {streamed:,} rows streamed", "MB", service.peak(), target=MEMORY_MB)
        # last: after so large a load PostgreSQL has work of its own for a while
        async for figure in _translation(await standard.located(), effort):
            yield figure


class Located:
    """A loader that answers at once: what is measured is translation alone."""

    def __init__(self, place: Place) -> None:
        self._place = place

    async def locate(self, _: str) -> Place:
        """Answer the one place."""
        return self._place


async def _translation(place: Place, effort: Effort) -> AsyncIterator[Figure]:
    """Milliseconds of a translation as the worker makes it; another number makes another statement."""
    translator = Translator(Located(place), place.warehouse)

    async def translated(number: int) -> float:
        sql = REPORT.replace("LIMIT 10", f"LIMIT {number}")
        with timed() as watch:
            await translator.translate(sql, "", place, Stop(SECONDS))
        return watch.seconds * 1e3

    await translated(0)
    new = [await translated(turn) for turn in range(1, effort.rounds * 4 + 1)]
    again = [await translated(1) for _ in new]
    lines = REPORT.count("\n")
    yield Figure(f"translation of {lines} lines", "ms", median(new), target=NEW_MS, samples={"ours": new})
    yield Figure("the same statement again", "ms", median(again), target=AGAIN_MS, samples={"ours": again})


class _Service:
    """Queries of one running service."""

    def __init__(self, standard: StandardMesh, stub: QueryServiceStub) -> None:
        self._standard, self._stub = standard, stub

    async def first_row(self) -> float:
        """Milliseconds until the first row of a scan was at the client, which then leaves."""
        request = ExecuteQueryRequest(
            experiment=self._standard.experiment, sql=f"SELECT * FROM {TABLE}", format=ExecuteQueryRequest.ARROW
        )
        with timed() as watch:
            messages = stream(self._stub.ExecuteQuery, request)
            async for message in messages:
                if message.HasField("arrow"):
                    break
        await messages.aclose()
        return watch.seconds * 1e3

    async def points(self, calls: int, rows: int) -> list[float]:
        """Milliseconds of every call of many clients, each with connections of its own."""
        numbers = itertools.count(1)

        async def client() -> list[float]:
            taken = []
            async with open_channel(self._standard.stack.addresses["query"]) as channel:
                rpc = QueryServiceStub(channel).RunQuery
                for _ in range(calls // CLIENTS):
                    sql = f"SELECT * FROM {TABLE} WHERE order_id = {next(numbers) * 7919 % rows + 1}"
                    with timed() as watch:
                        await call(rpc, RunQueryRequest(experiment=self._standard.experiment, sql=sql))
                    taken.append(watch.seconds * 1e3)
            return taken

        return [ms for one in await asyncio.gather(*(client() for _ in range(CLIENTS))) for ms in one]

    async def stream_all(self) -> int:
        """Stream the table several times over in one result; answer its rows."""
        copies = " UNION ALL ".join(f"SELECT {number} AS copy" for number in range(COPIES))
        request = ExecuteQueryRequest(
            experiment=self._standard.experiment,
            sql=f"SELECT t.*, c.copy FROM {TABLE} t CROSS JOIN ({copies}) c",
            format=ExecuteQueryRequest.ARROW,
        )
        summary = ResultSummary()
        async for message in stream(self._stub.ExecuteQuery, request, timeout=900):
            if message.HasField("summary"):
                summary = message.summary
        assert not summary.failure.reason, summary.failure
        return summary.rows

    def peak(self) -> float:
        """Most memory that the service has held, in MB."""
        found = _PEAK.search(Path(f"/proc/{self._standard.stack.pids['query']}/status").read_text())
        assert found, "Linux tells a process's peak"
        return int(found[1]) * 1024 / 1e6
