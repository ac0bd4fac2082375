"""The server of a Snowflake load dies in the middle of a transaction: a short form of all kills."""

import asyncio
import signal
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import psutil
import pytest
from dwsim.loader.v1 import load_pb2, loader_service_pb2_grpc

from dwsim_wire.client import open_channel
from dwsim_wire.fault import Fault
from tests.loader_svc.conftest import RunningLoader, running
from tests.loader_svc.generator_stand_in import GeneratorStandIn
from tests.loader_svc.staged_runs import StagedRun
from tests.processes import ServiceProcess, wait_for
from tests.snowflake import Database

OLD, NEW = {"customers": 20, "orders": 60}, {"customers": 70, "orders": 250}
COUNTS = "SELECT (SELECT COUNT(*) FROM CUSTOMERS), (SELECT COUNT(*) FROM ORDERS)"
SUMS = "SELECT COUNT(*), COUNT(DISTINCT ORDER_ID), SUM(ORDER_ID)::INT FROM ORDERS"


@contextmanager
def polling(account: Database) -> Iterator[set[tuple[int, ...]]]:
    """Read both tables in one statement for the length of the block; answers every pair of counts that was seen."""
    seen: set[tuple[int, ...]] = set()
    done = threading.Event()

    def poll() -> None:
        while not done.wait(0.05):
            try:
                seen.update(tuple(map(int, row)) for row in account.rows(COUNTS, "SHOP"))
            except Fault:
                continue  # the server is away

    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(poll)
        try:
            yield seen
        finally:
            done.set()
        reading.result()


@asynccontextmanager
async def dying(
    data: Path, generator: GeneratorStandIn, account: Database, point: str
) -> AsyncIterator[tuple[ServiceProcess, RunningLoader]]:
    """A loader in a process of its own, with a failpoint."""
    environment = {
        "DW_SIMULATOR_FAILPOINTS": point,
        "DW_SIMULATOR_GENERATOR_ADDRESS": generator.address,
        "DW_SIMULATOR_SNOWFLAKE_URL": account.url.get_secret_value(),
    }
    process = ServiceProcess("loader", data, environment=environment)
    try:
        channel = open_channel(await asyncio.to_thread(process.address))
        yield process, RunningLoader(loader_service_pb2_grpc.LoaderServiceStub(channel), data)
        await channel.close()
    finally:
        process.kill()


def stands(process: ServiceProcess) -> bool:
    """Whether it stopped itself."""
    return psutil.Process(process.process.pid).status() == psutil.STATUS_STOPPED


@pytest.mark.slow
async def test_a_snowflake_load_survives_its_server(
    generator: GeneratorStandIn, tmp_path: Path, account: Database
) -> None:
    """It dies in the middle of the apply, the loader stands still: readers see the old rows, then the new."""
    data = tmp_path / "data"
    await generator.extend(StagedRun(tmp_path, 1, sizes=OLD).events())
    async with running(data, generator, snowflake_url=account.url) as loader:
        assert (await loader.ended(1)).state == load_pb2.Load.COMPLETED
    with polling(account) as seen:
        async with dying(data, generator, account, "loader.mid_apply=stop") as (process, loader):
            await generator.extend(StagedRun(tmp_path, 2, sizes=NEW).events())
            await asyncio.to_thread(wait_for, lambda: stands(process), "the loader to stand still while it applies")
            account.server.end(signal.SIGKILL)
            await asyncio.to_thread(account.server.start)
            process.process.send_signal(signal.SIGCONT)
            load = await loader.ended(2)
    assert load.state == load_pb2.Load.COMPLETED, load.failure
    assert account.rows(SUMS, "SHOP") == [(250, 250, 31375)]
    assert account.table_names("SHOP") == {"customers", "orders"}
    assert seen == {tuple(OLD.values()), tuple(NEW.values())}
