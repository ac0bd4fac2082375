"""A loader that was away for longer than the log remembers: it begins anew, and loads what there is."""

from pathlib import Path

from dwsim.generator.v1.generator_service_pb2 import WatchBatchesRequest
from dwsim.loader.v1.load_pb2 import Load

from dwsim_wire.client import stream
from tests.generator_svc.documents import shop
from tests.generator_svc.running import Generator, generator
from tests.generator_svc.schema_peer import schema_peer
from tests.loader_svc.conftest import running as loader


async def swept(running: Generator, oldest_run: int) -> None:
    """Wait until the log begins with a run."""
    while (await running.events())[0].run_id != oldest_run:
        async for _ in stream(running.stub.WatchBatches, WatchBatchesRequest(follow=True), timeout=60):
            break


async def test_a_loader_behind_the_log_begins_anew(tmp_path: Path) -> None:
    """Events that went while it was away are lost to it, but it must not stand still for ever."""
    made, loads = tmp_path / "generator", tmp_path / "loader"
    async with schema_peer(shop()) as schema:
        async with generator(made, schema.address) as running:
            first = await running.completed()
            async with loader(loads, running) as before:
                assert (await before.ended(1)).state == Load.COMPLETED
            _, last = [await running.completed() for _ in range(2)]
        async with generator(made, schema.address, keep_events=2) as running:
            await swept(running, last.run_id)
            async with loader(loads, running) as after:
                assert (await after.ended(2)).state == Load.COMPLETED
                assert [load.run_id for load in await after.loads()] == [first.run_id, last.run_id]
