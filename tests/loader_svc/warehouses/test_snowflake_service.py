"""The loader over Snowflake's emulator, through its real door: killed loaders, killed servers, exact counts."""

import asyncio
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from dwsim.common.v1 import warehouse_pb2
from dwsim.loader.v1 import load_pb2
from dwsim.loader.v1 import loader_service_pb2 as pb

from dwsim_wire import failpoint
from dwsim_wire.client import call
from tests.loader_svc.conftest import running
from tests.loader_svc.generator_stand_in import GeneratorStandIn
from tests.loader_svc.staged_runs import StagedRun
from tests.processes import ServiceProcess, wait_for
from tests.snowflake import Database, emulator

Load = load_pb2.Load
Kind = warehouse_pb2.Warehouse
OLD, NEW = {"customers": 20, "orders": 60}, {"customers": 70, "orders": 250}
WHOLE = [(70, 2485, 250, 250, 31375)]
COUNTS = "SELECT (SELECT COUNT(*) FROM CUSTOMERS), (SELECT COUNT(*) FROM ORDERS)"
CHECKSUM = """SELECT * FROM (SELECT COUNT(*) a, SUM(CUSTOMER_ID)::INT b FROM CUSTOMERS) p
    CROSS JOIN (SELECT COUNT(*) c, COUNT(DISTINCT ORDER_ID) d, SUM(ORDER_ID)::INT e FROM ORDERS) q"""
KILLED = [
    pytest.param("loader.mid_apply", 2),
    pytest.param("loader.mid_stage", 2, marks=pytest.mark.slow),
    pytest.param("loader.after_stage", 2, marks=pytest.mark.slow),
    pytest.param("loader.before_apply", 1, marks=pytest.mark.slow),
    pytest.param("loader.after_apply", 1, marks=pytest.mark.slow),
]


def on(database: Database, **settings: Any) -> dict[str, Any]:
    """Settings of a loader that has this database."""
    return {"snowflake_url": database.url, **settings}


async def test_snowflake_comes_before_sqlite_and_says_where_it_is(
    generator: GeneratorStandIn, tmp_path: Path, account: Database
) -> None:
    """An experiment that names no warehouse goes to the first of the server's; clients see which that is."""
    async with running(tmp_path / "data", generator, **on(account)) as loader:
        await generator.extend(StagedRun(tmp_path, 1, sizes=OLD).events())
        load = await loader.ended(1)
        assert (load.state, load.warehouse) == (Load.COMPLETED, Kind.SNOWFLAKE), load.failure
        listed = await call(loader.stub.ListWarehouses, pb.ListWarehousesRequest())
        assert [(w.kind, w.default_warehouse, w.reachable, w.stand_in) for w in listed.warehouses] == [
            (Kind.SNOWFLAKE, True, True, True),
            (Kind.SQLITE, False, True, True),
        ]
        assert listed.warehouses[0].version.startswith("Snowflake ")
        place = await call(loader.stub.LocateTables, pb.LocateTablesRequest(experiment="shop"))
        assert (place.warehouse, place.namespace) == (Kind.SNOWFLAKE, "SHOP")
        assert [column.target for column in place.tables[1].columns] == ["ORDER_ID", "CUSTOMER_ID", "AMOUNT"]
        again = await loader.start(experiment="shop", target_warehouse=Kind.SNOWFLAKE)
        assert (again.state, again.statistics.deleted) == (Load.COMPLETED, 80), again.failure
        await call(loader.stub.DropExperiment, pb.DropExperimentRequest(experiment_id=place.experiment_id))
    assert account.rows("SELECT COUNT(*) FROM INFORMATION_SCHEMA.SCHEMATA WHERE SCHEMA_NAME = 'SHOP'") == [(0,)]


@pytest.mark.parametrize(("name", "count"), KILLED)
async def test_a_killed_loader_ends_its_load_exactly_once(
    generator: GeneratorStandIn, tmp_path: Path, account: Database, name: str, count: int
) -> None:
    """Kill it between any two steps: the target has the old rows or the new ones, after the restart the new ones."""
    data = tmp_path / "data"
    await generator.extend(StagedRun(tmp_path, 1, sizes=OLD).events())
    async with running(data, generator, **on(account)) as loader:
        await loader.ended(1)
    await _run_until_death(data, generator, account, f"{name}=kill@{count}", StagedRun(tmp_path, 2, sizes=NEW))
    expected = NEW if name == "loader.after_apply" else OLD
    assert account.rows(COUNTS, "SHOP") == [tuple(expected.values())]
    async with running(data, generator, **on(account)) as loader:
        load = await loader.ended(2)
        assert load.state == Load.COMPLETED, load.failure
        assert load.statistics.inserted == sum(NEW.values())
    assert account.rows(CHECKSUM, "SHOP") == WHOLE
    assert account.table_names("SHOP") == {"customers", "orders"}


async def _run_until_death(
    data: Path, generator: GeneratorStandIn, account: Database, point: str, run: StagedRun
) -> None:
    environment = {
        "DW_SIMULATOR_FAILPOINTS": point,
        "DW_SIMULATOR_GENERATOR_ADDRESS": generator.address,
        "DW_SIMULATOR_SNOWFLAKE_URL": account.url.get_secret_value(),
    }
    process = ServiceProcess("loader", data, environment=environment)
    try:
        await generator.extend(run.events())
        await asyncio.to_thread(wait_for, lambda: process.process.poll() is not None, f"the loader to die at {point}")
        assert process.killed(), process.log.read_text()[-3000:]
    finally:
        process.stop()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "count"),
    [("loader.mid_stage", 1), ("loader.mid_stage", 2), ("loader.before_apply", 1), ("loader.mid_apply", 1)],
)
async def test_a_server_that_is_killed_in_the_middle_of_a_load_loses_and_doubles_nothing(
    generator: GeneratorStandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, count: int
) -> None:
    """SIGKILL of the emulator: the load goes on by itself once the server is back."""
    # the emulator ends with the thread that started it
    with emulator(tmp_path / "state") as server, ThreadPoolExecutor(1) as starter:
        database = Database(server, "KILLED")
        async with running(tmp_path / "data", generator, **on(database)) as loader:
            await generator.extend(StagedRun(tmp_path, 1, sizes=OLD).events())
            await loader.ended(1)
            reached: list[str] = []

            def crash(point: str) -> None:
                reached.append(point)
                if point == name and reached.count(name) == count:
                    server.end(signal.SIGKILL)
                    starter.submit(server.start).result()

            monkeypatch.setattr(failpoint, "reach", crash)
            await generator.extend(StagedRun(tmp_path, 2, sizes=NEW).events())
            load = await loader.ended(2)
            assert load.state == Load.COMPLETED, load.failure
            assert reached.count(name) >= count
        assert database.rows(CHECKSUM, "SHOP") == WHOLE
        assert database.table_names("SHOP") == {"customers", "orders"}
