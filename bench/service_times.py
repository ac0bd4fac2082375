"""What users wait for, through the services: the first batch, previews far away, many small tables."""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from statistics import median

from dwsim.generator.v1.generator_service_pb2 import (
    PreviewTableRequest,
    StartRunRequest,
    WatchBatchesRequest,
    WatchRunRequest,
)
from dwsim.generator.v1.run_pb2 import Run
from dwsim.schema.v1.schema_service_pb2 import ImportSpecRequest, ImportSqlRequest

from bench import standard_table
from bench.ddl_text import ddl_text
from bench.measure import Effort, Figure, Target, timed
from dwsim_cli.mesh import Mesh
from dwsim_wire.settings import DEFAULT_PORTS
from generator_svc.kernel_cache import VARIABLE
from local_stack import LocalStack

SECONDS = 600.0
WARM_SECONDS, COLD_SECONDS = Target(most=0.3, of_ratio=False), Target(most=10.0, of_ratio=False)
PREVIEW_MS, MANY_SECONDS = Target(most=50.0, of_ratio=False), Target(most=15.0, of_ratio=False)
FAR, PREVIEWED = 1_000_000_000, 100
TABLES, ROWS = 500, 1_000
SMOKE_TABLES, SMOKE_ROWS = 10, 10
FAR_TABLES = Path(__file__).with_name("far_tables.yaml").read_text()


async def run(effort: Effort, folder: Path) -> AsyncIterator[Figure]:
    """Each figure is the median of its rounds; the first batch of a new data directory can be had once."""
    known = os.environ.get(VARIABLE)
    if not effort.smoke:
        os.environ.pop(VARIABLE, None)
    try:
        ports = dict.fromkeys((*DEFAULT_PORTS, "gateway"), 0)
        async with LocalStack(folder, ports=ports) as stack, Mesh(stack.addresses, folder) as mesh:
            made = await mesh.call(mesh.schema.ImportSpec, ImportSpecRequest(spec=standard_table.TEXT))
            bench = _Service(mesh, made.experiment.name, effort)
            yield Figure("first batch, nothing compiled", "s", await bench.first_batch(), target=COLD_SECONDS)
            warm = [await bench.first_batch() for _ in range(effort.rounds)]
            yield Figure("first batch, warm", "s", median(warm), target=WARM_SECONDS, samples={"ours": warm})
            previews = await bench.previews()
            name = f"preview of {PREVIEWED} rows at {FAR:,}"
            yield Figure(name, "ms", median(previews), target=PREVIEW_MS, samples={"ours": previews})
            tables, rows = (SMOKE_TABLES, SMOKE_ROWS) if effort.smoke else (TABLES, ROWS)
            many = await bench.many_tables(tables, rows)
            yield Figure(f"{tables} tables of {rows:,} rows", "s", many, target=MANY_SECONDS)
    finally:
        if known is not None:
            os.environ[VARIABLE] = known


class _Service:
    """Calls of one running stack."""

    def __init__(self, mesh: Mesh, experiment: str, effort: Effort) -> None:
        self._mesh, self._experiment, self._effort = mesh, experiment, effort

    async def first_batch(self) -> float:
        """Seconds from the request to the first event of a file of the standard table."""
        with timed() as watch:
            request = StartRunRequest(
                experiment=self._experiment,
                rows={standard_table.TABLE: self._effort.rows},
                tables=[standard_table.TABLE],
                batch_rows=standard_table.BATCH_ROWS,
                auto_load=False,
            )
            started = await self._mesh.call(self._mesh.generator.StartRun, request, timeout=SECONDS)
            events = self._mesh.stream(
                self._mesh.generator.WatchBatches, WatchBatchesRequest(run_id=started.run_id, follow=True)
            )
            async for answer in events:
                if answer.event.HasField("batch_finished"):
                    break
        await self._ended(started.run_id)
        return watch.seconds

    async def previews(self) -> list[float]:
        """Milliseconds of previews at one place after another."""
        made = await self._mesh.call(self._mesh.schema.ImportSpec, ImportSpecRequest(spec=FAR_TABLES))
        taken = []
        for turn in range(4 * self._effort.rounds):
            request = PreviewTableRequest(
                experiment=made.experiment.name, table="items", offset=FAR + turn * PREVIEWED, limit=PREVIEWED
            )
            with timed() as watch:
                answer = await self._mesh.call(self._mesh.generator.PreviewTable, request)
            assert len(answer.rows) == PREVIEWED
            taken.append(watch.seconds * 1000)
        return taken

    async def many_tables(self, tables: int, rows: int) -> float:
        """Seconds of a run of many small tables, from the request to its end."""
        order = ImportSqlRequest(name="many", sql=ddl_text(tables), target_rows=rows)
        await self._mesh.call(self._mesh.schema.ImportSql, order, timeout=SECONDS)
        with timed() as watch:
            request = StartRunRequest(experiment="many", auto_load=False, wait=True)
            answer = await self._mesh.call(self._mesh.generator.StartRun, request, timeout=SECONDS)
        assert answer.run.state == Run.COMPLETED, answer.run.failure
        return watch.seconds

    async def _ended(self, run_id: int) -> None:
        async for _ in self._mesh.stream(self._mesh.generator.WatchRun, WatchRunRequest(run_id=run_id)):
            pass
