"""A loader that stands still while another goes on with its loads: once it wakes up it can write nothing."""

import asyncio
import shutil
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest
from dwsim.loader.v1 import load_pb2

from tests.loader_svc.conftest import running
from tests.loader_svc.generator_stand_in import GeneratorStandIn
from tests.loader_svc.staged_runs import StagedRun
from tests.loader_svc.warehouse_files import checksum as file_checksum
from tests.loader_svc.warehouse_files import table_names
from tests.loader_svc.warehouses.test_postgres_service import WHOLE, checksum, on, tables
from tests.postgres import Database
from tests.processes import ServiceProcess, wait_for

NEW = {"customers": 70, "orders": 250}
LOST = "another loader took a load over"


@asynccontextmanager
async def paused_loader(
    data: Path, generator: GeneratorStandIn, point: str, **more: str
) -> AsyncIterator[ServiceProcess]:
    """A loader process that stops itself at a failpoint."""
    environment = {"DW_SIMULATOR_FAILPOINTS": point, "DW_SIMULATOR_GENERATOR_ADDRESS": generator.address, **more}
    process = ServiceProcess("loader", data, environment=environment)
    try:
        await asyncio.to_thread(process.address)
        await generator.extend(StagedRun(data.parent, 1, sizes=NEW).events())
        await asyncio.to_thread(wait_for, lambda: _is_stopped(process), f"the loader to stop at {point}")
        yield process
    finally:
        process.kill()


def its_memory(tmp_path: Path) -> Path:
    """A data directory with the sleeper's database as it is now, which it may have locked."""
    shutil.copytree(tmp_path / "data/metadata", tmp_path / "other/metadata")
    return tmp_path / "other"


def _is_stopped(process: ServiceProcess) -> bool:
    return psutil.Process(process.process.pid).status() == psutil.STATUS_STOPPED


async def wake(process: ServiceProcess) -> None:
    """Let it go on, and wait until it has seen that it lost its load."""
    process.process.send_signal(signal.SIGCONT)
    await asyncio.to_thread(wait_for, lambda: LOST in process.log.read_text(), "the loader to see that it came late")


@pytest.mark.parametrize("point", ["loader.mid_stage=stop@3", "loader.after_stage=stop@3", "loader.before_apply=stop"])
async def test_a_loader_that_slept_cannot_write_into_postgres(
    generator: GeneratorStandIn, tmp_path: Path, database: Database, point: str
) -> None:
    """Asleep in the middle of a batch it would keep its locks for ever; awake it would write what is there already."""
    environment = {"DW_SIMULATOR_REDSHIFT_URL": database.url, "DW_SIMULATOR_LOAD_CONNECTIONS": "2"}
    async with paused_loader(tmp_path / "data", generator, point, **environment) as sleeper:
        async with running(its_memory(tmp_path), generator, **on(database)) as loader:
            load = await loader.ended(1)
            assert load.state == load_pb2.Load.COMPLETED, load.failure
        assert checksum(database) == WHOLE
        await wake(sleeper)
    assert checksum(database) == WHOLE
    assert tables(database) == {"customers", "orders"}


async def test_a_loader_that_slept_cannot_write_into_sqlite(generator: GeneratorStandIn, tmp_path: Path) -> None:
    """A file has no server that could end a session: the epoch alone keeps the late one out.

    Asleep within a transaction it keeps the file's lock until its process ends.
    """
    async with paused_loader(tmp_path / "data", generator, "loader.after_stage=stop@3") as sleeper:
        same = tmp_path / "data/warehouses"
        async with running(its_memory(tmp_path), generator, warehouse_dir=same) as loader:
            load = await loader.ended(1)
            assert load.state == load_pb2.Load.COMPLETED, load.failure
        [file] = (same / "sqlite").glob("*.db")
        await wake(sleeper)
    assert file_checksum(file, "orders") == [(250, 250, 31375, 250)]
    assert table_names(file) == {"customers", "orders"}
