"""The mesh as `dw-sim up` starts it, with its warehouses and one finished run of the standard table."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from dwsim.common.v1.warehouse_pb2 import Warehouse
from dwsim.generator.v1.generator_service_pb2 import StartRunRequest
from dwsim.generator.v1.run_pb2 import Run
from dwsim.loader.v1.load_pb2 import Load
from dwsim.loader.v1.loader_service_pb2 import LocateTablesRequest, StartLoadRequest
from dwsim.schema.v1.schema_service_pb2 import ImportSpecRequest

from bench.measure import timed
from bench.standard_table import AS_OF, BATCH_ROWS, SEED, TABLE, TEXT
from dwsim_cli.mesh import Mesh
from dwsim_wire.settings import DEFAULT_PORTS
from local_stack import LocalStack
from query_svc.core.catalog import Place
from query_svc.peers import read_place

SECONDS = 600.0


@dataclass(frozen=True)
class StandardMesh:
    """Running services, their clients, and the run."""

    stack: LocalStack
    mesh: Mesh
    experiment: str
    run_id: int

    async def load(self, warehouse: Warehouse.Kind.ValueType) -> float:
        """Load the table and wait for it; seconds that it took."""
        request = StartLoadRequest(run_id=self.run_id, tables=[TABLE], target_warehouse=warehouse, wait=True)
        with timed() as watch:
            answer = await self.mesh.call(self.mesh.loader.StartLoad, request, timeout=SECONDS)
        assert answer.load.state == Load.COMPLETED, answer.load.failure
        return watch.seconds

    async def located(self) -> Place:
        """Find the loaded tables as the query service does."""
        request = LocateTablesRequest(experiment=self.experiment)
        return read_place(await self.mesh.call(self.mesh.loader.LocateTables, request))


@asynccontextmanager
async def standard_mesh(data_dir: Path, rows: int) -> AsyncIterator[StandardMesh]:
    """Start everything and generate `rows` rows; all ends with the block."""
    ports = dict.fromkeys((*DEFAULT_PORTS, "gateway"), 0)
    async with (
        LocalStack(data_dir, ports=ports, warehouse="redshift") as stack,
        Mesh(stack.addresses, data_dir) as mesh,
    ):
        made = await mesh.call(mesh.schema.ImportSpec, ImportSpecRequest(spec=TEXT))
        request = StartRunRequest(
            experiment=made.experiment.name,
            rows={TABLE: rows},
            seed=SEED,
            as_of=AS_OF.isoformat(),
            batch_rows=BATCH_ROWS,
            auto_load=False,
            wait=True,
        )
        answer = await mesh.call(mesh.generator.StartRun, request, timeout=SECONDS)
        assert answer.run.state == Run.COMPLETED, answer.run.failure
        yield StandardMesh(stack, mesh, made.experiment.name, answer.run_id)
