"""What Prometheus reads of a loader."""

import asyncio
import urllib.request
from pathlib import Path

import prometheus_client
import pytest
from dwsim.loader.v1 import load_pb2, loader_service_pb2_grpc
from dwsim.loader.v1 import loader_service_pb2 as pb

from dwsim_wire.client import call, open_channel
from tests.loader_svc.conftest import RunningLoader
from tests.loader_svc.generator_stand_in import GeneratorStandIn
from tests.loader_svc.staged_runs import SHOP, StagedRun
from tests.loader_svc.warehouse_files import table_names
from tests.loader_svc.warehouses.test_aborts import stuck
from tests.processes import free_ports, service_process, wait_for


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


def counted(warehouse: str, state: str, reason: str) -> float:
    """Loads that ended so, as this process counts them."""
    labels = {"warehouse": warehouse, "state": state, "reason": reason}
    return prometheus_client.REGISTRY.get_sample_value("dwsim_loader_loads_total", labels) or 0.0


async def test_a_load_that_is_ended_while_it_does_not_hear_is_counted_once(
    loader: RunningLoader, generator: GeneratorStandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the abort nor the job that wakes up later may leave it out, or count it again."""
    end = ("SQLITE", "ABORTED", "ABORTED_BY_USER")
    before = counted(*end)
    with stuck(monkeypatch, "loader.mid_stage") as there:
        await generator.extend(StagedRun(tmp_path).events())
        await asyncio.to_thread(there.wait, 60)
        await call(loader.stub.AbortLoad, pb.AbortLoadRequest(load_id=1))
        assert counted(*end) == before + 1
    await asyncio.to_thread(wait_for, lambda: not table_names(loader.file()), "its rows to go")
    assert counted(*end) == before + 1


async def test_a_load_that_goes_nowhere_is_counted(
    loader: RunningLoader, generator: GeneratorStandIn, tmp_path: Path
) -> None:
    """It ends when it is accepted: nobody waits for it, so that the metric is what tells of it."""
    end = ("SNOWFLAKE", "FAILED", "UNKNOWN_WAREHOUSE")
    before = counted(*end)
    document = SHOP | {"target_warehouse": "SNOWFLAKE"}
    await generator.extend(StagedRun(tmp_path, document=document).events())
    assert (await loader.ended()).failure.reason == "UNKNOWN_WAREHOUSE"
    await asyncio.to_thread(wait_for, lambda: counted(*end) == before + 1, "the count")
