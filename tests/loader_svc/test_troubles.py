"""A loader whose own database fails, or whose warehouse another loader uses: every load ends, and ends right."""

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from dwsim.loader.v1 import load_pb2
from dwsim.loader.v1 import loader_service_pb2 as pb

from dwsim_wire.client import call
from loader_svc.warehouses.sqlite_session import Session
from tests.loader_svc.conftest import PATIENCE, RunningLoader, running
from tests.loader_svc.generator_stand_in import GeneratorStandIn
from tests.loader_svc.staged_runs import CUSTOMERS, ORDERS, StagedRun
from tests.loader_svc.warehouse_files import checksum, rows, table_names

Load = load_pb2.Load
WHOLE_ORDERS = [(ORDERS, ORDERS, ORDERS * (ORDERS + 1) // 2, ORDERS)]


@contextlib.contextmanager
def unwritable(loader: RunningLoader, state: str) -> Iterator[None]:
    """Let every write of this state to the loader's own database fail."""
    file = loader.data_dir / "metadata/loader.db"
    with contextlib.closing(sqlite3.connect(file, timeout=10, isolation_level=None)) as database:
        failing = "SELECT json('no JSON')"
        database.execute(
            f"CREATE TRIGGER fails BEFORE UPDATE OF state ON loads WHEN NEW.state = '{state}' BEGIN {failing}; END"
        )
        try:
            yield
        finally:
            database.execute("DROP TRIGGER fails")


async def said(caplog: pytest.LogCaptureFixture, words: str) -> None:
    """Wait until the loader's log has these words."""
    async with asyncio.timeout(PATIENCE):
        while True:
            if any(words in record.message for record in caplog.records):
                return
            await asyncio.sleep(0.01)


async def test_a_load_whose_end_could_not_be_written_ends_once_it_can(
    loader: RunningLoader, generator: GeneratorStandIn, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The rows are in the target; one full disk under the loader's database must not leave the load APPLYING."""
    run = StagedRun(tmp_path)
    await generator.add(run.started(), *run.batches())
    await loader.staged(1, CUSTOMERS + ORDERS)
    with unwritable(loader, "COMPLETED"):
        await generator.add(run.ended())
        await said(caplog, "database cannot be written")
        assert (await loader.load(1)).state == Load.APPLYING
    load = await loader.ended()
    assert (load.state, load.statistics.inserted) == (Load.COMPLETED, CUSTOMERS + ORDERS)
    assert checksum(loader.file(), "orders") == WHOLE_ORDERS
    assert sum("database cannot be written" in record.message for record in caplog.records) < 5


async def test_a_load_whose_failure_could_not_be_written_fails_once_it_can(
    loader: RunningLoader, generator: GeneratorStandIn, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The staged rows are dropped by then: the next try begins anew and comes to the same end."""
    run = StagedRun(tmp_path)
    events = run.events()
    run.path("orders", 3).unlink()
    await generator.add(*events[:2])
    await loader.reach(1, Load.STAGING)
    with unwritable(loader, "FAILED"):
        await generator.add(*events[2:])
        await said(caplog, "database cannot be written")
    load = await loader.ended()
    assert (load.state, load.failure.reason) == (Load.FAILED, "STAGED_FILE_CHANGED")
    assert rows(loader.file(), "SELECT count(*) FROM _dwsim_ledger") == [(0,)]


@pytest.fixture
async def idle() -> AsyncIterator[GeneratorStandIn]:
    """The generator of another mesh, which has nothing to load."""
    stand_in = GeneratorStandIn()  # type: ignore[abstract]  # the loader calls no other rpc
    await stand_in.start()
    yield stand_in
    await stand_in.stop()


@contextlib.asynccontextmanager
async def neighbour(
    loader: RunningLoader, idle: GeneratorStandIn, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> AsyncIterator[None]:
    """A second loader that was given the same warehouse directory, once it has swept."""
    caplog.set_level("INFO", "dwsim.loader")
    async with running(tmp_path / "neighbour", idle, warehouse_dir=loader.data_dir / "warehouses"):
        await said(caplog, "swept")
        yield


def change(file: Path, sql: str) -> None:
    """Write to the loader's own table in the target, as another loader does."""
    with contextlib.closing(Session(file)) as session:
        session.run(f"UPDATE _dwsim_load SET {sql}")


async def test_a_second_loader_at_one_directory_leaves_the_first_ones_loads_alone(
    loader: RunningLoader,
    generator: GeneratorStandIn,
    idle: GeneratorStandIn,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Two meshes on one data directory are a mistake that must not cost a load."""
    run = StagedRun(tmp_path)
    await generator.add(run.started(), *run.batches(["customers"]))
    await loader.staged(1, CUSTOMERS)
    async with neighbour(loader, idle, tmp_path, caplog):
        await generator.add(*run.batches(["orders"]), run.ended())
        load = await loader.ended()
    assert (load.state, load.retries) == (Load.COMPLETED, 0)
    assert checksum(loader.file(), "orders") == WHOLE_ORDERS


async def test_a_load_that_another_loader_swept_fails_and_can_be_retried(
    loader: RunningLoader,
    generator: GeneratorStandIn,
    idle: GeneratorStandIn,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Nobody touched it for a day, so it looked dead; its loader must say so instead of waiting for ever."""
    run = StagedRun(tmp_path)
    await generator.add(run.started(), *run.batches(["customers"]))
    await loader.staged(1, CUSTOMERS)
    change(loader.file(), "touched = touched - 90000")
    async with neighbour(loader, idle, tmp_path, caplog):
        assert table_names(loader.file()) == set()
    await generator.add(*run.batches(["orders"]), run.ended())
    load = await loader.ended()
    assert (load.state, load.failure.reason) == (Load.FAILED, "LEASE_LOST")
    await call(loader.stub.RetryLoad, pb.RetryLoadRequest(load_id=1))
    assert (await loader.reach(1, Load.COMPLETED)).statistics.inserted == CUSTOMERS + ORDERS
    assert checksum(loader.file(), "orders") == WHOLE_ORDERS


async def test_a_load_that_another_loader_claimed_is_claimed_back(
    loader: RunningLoader, generator: GeneratorStandIn, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The other one may have died since: whoever has the load on its list goes on with what is staged."""
    run = StagedRun(tmp_path)
    await generator.add(run.started(), *run.batches(["customers"]))
    await loader.staged(1, CUSTOMERS)
    change(loader.file(), "epoch = epoch + 1")
    await generator.add(*run.batches(["orders"]), run.ended())
    await said(caplog, "another loader took a load over")
    assert (await loader.ended()).state == Load.COMPLETED
    assert checksum(loader.file(), "orders") == WHOLE_ORDERS


async def test_a_load_that_another_loader_claimed_can_be_aborted(
    loader: RunningLoader, generator: GeneratorStandIn, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Abort must reach a load that is in trouble, during its pause too."""
    run = StagedRun(tmp_path)
    await generator.add(run.started(), *run.batches(["customers"]))
    await loader.staged(1, CUSTOMERS)
    change(loader.file(), "epoch = epoch + 1")
    await generator.add(*run.batches(["orders"]))
    await said(caplog, "another loader took a load over")
    answer = await call(loader.stub.AbortLoad, pb.AbortLoadRequest(load_id=1))
    assert answer.load.state == Load.ABORTED
    assert table_names(loader.file()) == set()
