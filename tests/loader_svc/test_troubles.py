"""A loader whose own database fails, or whose warehouse another loader uses: every load ends, and ends right."""

import asyncio
import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from dwsim.loader.v1 import load_pb2

from tests.loader_svc.conftest import PATIENCE, RunningLoader
from tests.loader_svc.generator_stand_in import GeneratorStandIn
from tests.loader_svc.staged_runs import CUSTOMERS, ORDERS, StagedRun
from tests.loader_svc.warehouse_files import checksum, rows

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
        while not any(words in record.message for record in caplog.records):
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
