"""A loader that dies at the worst moments: counts stay exact, nobody reads half a load."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from dwsim.loader.v1 import load_pb2
from dwsim.loader.v1 import loader_service_pb2 as pb

from dwsim_wire import failpoint
from dwsim_wire.client import call
from tests.loader_svc.conftest import RunningLoader, running
from tests.loader_svc.generator_stand_in import GeneratorStandIn
from tests.loader_svc.polling_reader import polling
from tests.loader_svc.staged_runs import StagedRun
from tests.loader_svc.warehouse_files import checksum, rows, table_names
from tests.processes import ServiceProcess, wait_for

Load = load_pb2.Load
OLD, NEW = {"customers": 20, "orders": 60}, {"customers": 70, "orders": 250}
SLOW = [
    pytest.param(point, marks=pytest.mark.slow)
    for point in (
        "loader.mid_stage=kill@1",
        "loader.after_stage=kill@4",
        "loader.mid_apply=kill@1",
        "loader.before_apply=kill",
    )
]
QUICK = ["loader.mid_stage=kill@5", "loader.mid_apply=kill@2", "loader.after_apply=kill"]


@pytest.mark.parametrize("point", [*QUICK, *SLOW])
async def test_a_killed_loader_ends_its_load_exactly_once(
    generator: GeneratorStandIn, tmp_path: Path, point: str
) -> None:
    """Kill it between any two steps: the target has the old rows or the new ones, after the restart the new ones."""
    data = tmp_path / "data"
    await generator.extend(StagedRun(tmp_path, 1, sizes=OLD).events())
    async with running(data, generator) as loader:
        await loader.ended(1)
        file = loader.file()
    with polling(file) as seen:
        await _add_and_wait_for_death(data, generator, point, StagedRun(tmp_path, 2, sizes=NEW))
        assert rows(file, "PRAGMA integrity_check") == [("ok",)]
        expected = NEW if point.startswith("loader.after_apply") else OLD
        assert checksum(file, "orders")[0][0] == expected["orders"]
        async with running(data, generator) as loader:
            load = await loader.ended(2)
            assert load.state == Load.COMPLETED, load.failure
            assert load.statistics.inserted == sum(NEW.values())
    assert checksum(file, "orders") == [(250, 250, 31375, 250)]
    assert checksum(file, "customers") == [(70, 70, 2485, 70)]
    assert table_names(file) == {"customers", "orders"}
    assert seen == {tuple(OLD.values()), tuple(NEW.values())}


async def _add_and_wait_for_death(data: Path, generator: GeneratorStandIn, point: str, run: StagedRun) -> None:
    environment = {"DW_SIMULATOR_FAILPOINTS": point, "DW_SIMULATOR_GENERATOR_ADDRESS": generator.address}
    process = ServiceProcess("loader", data, environment=environment)
    try:
        await generator.extend(run.events())
        await asyncio.to_thread(wait_for, lambda: process.process.poll() is not None, f"the loader to die at {point}")
        assert process.killed(), process.log.read_text()[-3000:]
    finally:
        process.stop()


async def test_a_full_disk_fails_the_load_and_a_retry_ends_it(
    loader: RunningLoader, generator: GeneratorStandIn, tmp_path: Path
) -> None:
    """Space runs out in the middle of a batch; once there is room, the same load goes on."""
    failpoint.arm("loader.mid_stage=enospc@3")
    try:
        await generator.extend(StagedRun(tmp_path).events())
        load = await loader.ended()
    finally:
        failpoint.arm("")
    assert (load.state, load.failure.reason) == (Load.FAILED, "DISK_FULL")
    assert table_names(loader.file()) == set()
    await call(loader.stub.RetryLoad, pb.RetryLoadRequest(load_id=1))
    assert (await loader.reach(1, Load.COMPLETED)).statistics.inserted == 320


async def test_a_database_that_fails_for_a_while_only_delays_a_load(
    generator: GeneratorStandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The loader's own database is full or locked: no load fails for it, no event is lost."""
    monkeypatch.setattr("loader_svc.worker.loader.TEND_SECONDS", 0.2)
    run = StagedRun(tmp_path)
    async with running(tmp_path / "data", generator) as loader:
        await generator.add(run.started(), *run.batches(["customers"]))
        await loader.staged(1, 70)
        with closing(sqlite3.connect(tmp_path / "data/metadata/loader.db", isolation_level=None)) as saboteur:
            saboteur.execute("ALTER TABLE work RENAME TO hidden")
            seen = len(generator.cursors)
            await generator.add(*run.batches(["orders"]), run.ended())
            await generator.asked(seen + 2)
            assert (await loader.load(1)).state == Load.STAGING
            saboteur.execute("ALTER TABLE hidden RENAME TO work")
        load = await loader.ended()
        assert (load.state, load.statistics.inserted) == (Load.COMPLETED, 320)


async def test_what_a_dead_loader_staged_for_nobody_is_swept(generator: GeneratorStandIn, tmp_path: Path) -> None:
    """A load that ended while its target could not be reached leaves staging tables; the next start drops them."""
    run = StagedRun(tmp_path)
    await generator.add(run.started(), *run.batches())
    async with running(tmp_path / "data", generator) as loader:
        await loader.staged(1, 320)
        file = loader.file()
    assert len(table_names(file)) == 2
    _forget_loads(tmp_path / "data")
    async with running(tmp_path / "data", generator):
        await asyncio.to_thread(wait_for, lambda: not table_names(file), "the sweep")


async def test_what_is_left_while_the_loader_runs_is_swept_now_and_then(
    generator: GeneratorStandIn, tmp_path: Path
) -> None:
    """A loader runs for months: staging tables must not wait for its next start."""
    run = StagedRun(tmp_path)
    async with running(tmp_path / "data", generator, sweep_seconds=0.2) as loader:
        await generator.add(run.started(), *run.batches())
        await loader.staged(1, 320)
        assert len(table_names(loader.file())) == 2
        _forget_loads(tmp_path / "data")
        await asyncio.to_thread(wait_for, lambda: not table_names(loader.file()), "the sweep")


def _forget_loads(data: Path) -> None:
    with closing(sqlite3.connect(data / "metadata/loader.db", timeout=30)) as database, database:
        database.execute("UPDATE loads SET state = 'FAILED'")
