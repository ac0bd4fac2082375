"""What Prometheus reads of a loader."""

import asyncio
import urllib.request
from pathlib import Path

from dwsim.loader.v1 import load_pb2, loader_service_pb2_grpc

from dwsim_wire.client import open_channel
from tests.loader_svc.conftest import RunningLoader
from tests.loader_svc.generator_stand_in import GeneratorStandIn
from tests.loader_svc.staged_runs import StagedRun
from tests.processes import free_ports, service_process


def scraped(port: int) -> dict[str, str]:
    """Values by name and labels."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        lines = answer.read().decode().splitlines()
    return dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))


async def test_prometheus_reads_what_was_loaded_and_how_loads_ended(
    generator: GeneratorStandIn, tmp_path: Path
) -> None:
    """Whoever runs a loader for others sees that loads fail without asking for each."""
    [port] = free_ports(1)
    environment = {"DW_SIMULATOR_GENERATOR_ADDRESS": generator.address, "DW_SIMULATOR_METRICS_PORT": str(port)}
    broken = StagedRun(tmp_path, 2)
    await generator.extend(StagedRun(tmp_path, 1, sizes={"customers": 70, "orders": 250}).events())
    await generator.extend(broken.events())
    broken.path("orders", 0).unlink()
    with service_process("loader", tmp_path / "data", environment=environment) as process:
        async with open_channel(process.address()) as channel:
            loader = RunningLoader(loader_service_pb2_grpc.LoaderServiceStub(channel), tmp_path / "data")
            ended = [(await loader.ended(load_id)).state for load_id in (1, 2)]
        told = await asyncio.to_thread(scraped, port)
    assert ended == [load_pb2.Load.COMPLETED, load_pb2.Load.FAILED]
    loads = "dwsim_loader_loads_total"
    assert told[f'{loads}{{reason="",state="COMPLETED",warehouse="SQLITE"}}'] == "1.0"
    assert told[f'{loads}{{reason="STAGED_FILE_CHANGED",state="FAILED",warehouse="SQLITE"}}'] == "1.0"
    assert float(told['dwsim_loader_rows_total{warehouse="SQLITE"}']) >= 320
    assert float(told['dwsim_loader_bytes_total{warehouse="SQLITE"}']) > 0
    assert float(told['dwsim_loader_batch_seconds_count{warehouse="SQLITE"}']) > 1
