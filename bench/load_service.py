"""The loader through its services: loading while generating, many small tables, its peak memory.

Generating alone has no load; loading alone loads the run that generating left. PostgreSQL is the warehouse.
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from statistics import median

from dwsim.generator.v1.generator_service_pb2 import DeleteRunsRequest, StartRunRequest
from dwsim.generator.v1.run_pb2 import Run
from dwsim.loader.v1.load_pb2 import Load
from dwsim.loader.v1.loader_service_pb2 import ListLoadsRequest, StartLoadRequest, WatchLoadRequest
from dwsim.schema.v1.schema_service_pb2 import ImportSpecRequest, ImportSqlRequest

from bench.ddl_text import ddl_text
from bench.measure import Effort, Figure, Side, Target, compare, interleaved, timed
from bench.standard_table import BATCH_ROWS, SEED, TABLE, TEXT
from dwsim_cli.mesh import Mesh
from dwsim_wire.settings import DEFAULT_PORTS
from local_stack import LocalStack

SECONDS = 1200.0
TOGETHER = Target(most=1.2)
MANY = Target(most=20.0, of_ratio=False)
MEMORY, SAME = Target(most=500.0, of_ratio=False), Target(most=1.1)
TABLES, ROWS = 500, 1_000
SMOKE_TABLES, SMOKE_ROWS = 10, 10
STREAM_TIMES, LARGE_TIMES = 4, 50
"""A stream has a beginning and an end, where one of the two waits for the other, however long it is."""
_PEAK = re.compile(r"VmHWM:\s*(\d+) kB")


async def run(effort: Effort, folder: Path) -> AsyncIterator[Figure]:
    """Seconds, then MB."""
    async with _service(folder / "speed") as service:
        rows = effort.rows * STREAM_TIMES
        await service.generated(rows)
        samples = await interleaved(effort.rounds, service.sides(rows))
        slower = max(("generate", "load"), key=lambda name: median(samples[name]))
        samples["ours"] = samples["together"]
        yield compare(f"generate and load {rows:,} rows together", "s", samples, against=slower, target=TOGETHER)
        tables, rows = (SMOKE_TABLES, SMOKE_ROWS) if effort.smoke else (TABLES, ROWS)
        seconds = await service.many_tables(tables, rows)
        yield Figure(f"{tables} tables of {rows:,} rows into PostgreSQL", "s", seconds, target=MANY)
        if effort.smoke:
            yield Figure("peak memory of the loader", "MB", service.peak(), target=MEMORY)
            return
    small, large = effort.rows, effort.rows * LARGE_TIMES
    peaks = {rows: await _peak(folder / f"memory-{rows}", rows) for rows in (small, large)}
    name = f"peak memory of the loader, {large:,} rows"
    yield Figure(name, "MB", peaks[large], target=MEMORY)
    yield Figure(name, "MB", peaks[large], peaks[small], f"{small:,} rows", target=SAME)


class _Service:
    """Calls of one running stack."""

    def __init__(self, stack: LocalStack, mesh: Mesh) -> None:
        self._stack, self._mesh = stack, mesh
        self._newest = 0

    def sides(self, rows: int) -> dict[str, Side]:
        """What is timed in turn."""
        ways = {"together": self.together, "generate": self.generated, "load": self.loaded}
        return {name: partial(way, rows) for name, way in ways.items()}

    async def generated(self, rows: int) -> float:
        """Seconds of a run without a load; the run before it goes."""
        if self._newest:
            await self._delete(self._newest)
        with timed() as watch:
            self._newest = await self._run("standard", {TABLE: rows})
        return watch.seconds

    async def loaded(self, _rows: int) -> float:
        """Seconds of a load of the newest run."""
        request = StartLoadRequest(run_id=self._newest, tables=[TABLE], wait=True)
        with timed() as watch:
            answer = await self._mesh.call(self._mesh.loader.StartLoad, request, timeout=SECONDS)
        assert answer.load.state == Load.COMPLETED, answer.load.failure
        return watch.seconds

    async def together(self, rows: int) -> float:
        """Seconds of a run that is loaded while it is made."""
        with timed() as watch:
            run_id = await self._run("standard", {TABLE: rows}, auto_load=True)
            await self._load_ended(run_id)
        await self._delete(run_id)
        return watch.seconds

    async def many_tables(self, tables: int, rows: int) -> float:
        """Seconds of a load of many small tables."""
        order = ImportSqlRequest(name="many", sql=ddl_text(tables), target_rows=rows)
        await self._mesh.call(self._mesh.schema.ImportSql, order, timeout=SECONDS)
        run_id = await self._run("many", {})
        with timed() as watch:
            request = StartLoadRequest(run_id=run_id, wait=True)
            answer = await self._mesh.call(self._mesh.loader.StartLoad, request, timeout=SECONDS)
        assert answer.load.state == Load.COMPLETED, answer.load.failure
        return watch.seconds

    def peak(self) -> float:
        """Most memory that the loader's process ever had, in MB."""
        found = _PEAK.search(Path(f"/proc/{self._stack.pids['loader']}/status").read_text())
        assert found, "Linux tells a process's peak"
        return int(found[1]) / 1000

    async def _run(self, experiment: str, rows: dict[str, int], *, auto_load: bool = False) -> int:
        request = StartRunRequest(
            experiment=experiment,
            rows=rows,
            tables=list(rows),
            seed=SEED,
            batch_rows=BATCH_ROWS,
            auto_load=auto_load,
            wait=True,
        )
        answer = await self._mesh.call(self._mesh.generator.StartRun, request, timeout=SECONDS)
        assert answer.run.state == Run.COMPLETED, answer.run.failure
        return answer.run_id

    async def _load_ended(self, run_id: int) -> None:
        [load] = (await self._mesh.call(self._mesh.loader.ListLoads, ListLoadsRequest(run_id=run_id))).loads
        async for answer in self._mesh.stream(self._mesh.loader.WatchLoad, WatchLoadRequest(load_id=load.load_id)):
            load = answer.load
        assert load.state == Load.COMPLETED, load.failure

    async def _delete(self, run_id: int) -> None:
        await self._mesh.call(self._mesh.generator.DeleteRuns, DeleteRunsRequest(run_ids=[run_id]), timeout=SECONDS)


@asynccontextmanager
async def _service(data_dir: Path) -> AsyncIterator[_Service]:
    """A stack with PostgreSQL that knows the standard table; it ends with the block."""
    ports = dict.fromkeys((*DEFAULT_PORTS, "gateway"), 0)
    async with (
        LocalStack(data_dir, ports=ports, warehouse="redshift") as stack,
        Mesh(stack.addresses, data_dir) as mesh,
    ):
        await mesh.call(mesh.schema.ImportSpec, ImportSpecRequest(spec=TEXT))
        yield _Service(stack, mesh)


async def _peak(data_dir: Path, rows: int) -> float:
    """Peak of a loader that loads so many rows, and nothing else."""
    async with _service(data_dir) as service:
        await service.generated(rows)
        await service.loaded(rows)
        return service.peak()
