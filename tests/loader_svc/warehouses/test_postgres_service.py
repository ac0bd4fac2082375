"""The loader over a real PostgreSQL, through its real door: killed loaders, killed servers, exact counts."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from dwsim.common.v1 import warehouse_pb2
from dwsim.loader.v1 import load_pb2
from dwsim.loader.v1 import loader_service_pb2 as pb
from pydantic import SecretStr

from dwsim_wire import failpoint
from dwsim_wire.client import call
from tests.loader_svc.conftest import running
from tests.loader_svc.generator_stand_in import GeneratorStandIn
from tests.loader_svc.staged_runs import SHOP, StagedRun
from tests.postgres import Database
from tests.processes import ServiceProcess, wait_for

Load = load_pb2.Load
OLD, NEW = {"customers": 20, "orders": 60}, {"customers": 70, "orders": 250}
WHOLE = [(70, 2485, 250, 250, 31375)]
SCHEMA = "shop"
COUNTS = f"SELECT (SELECT count(*) FROM {SCHEMA}.customers), (SELECT count(*) FROM {SCHEMA}.orders)"
POINTS = [
    ("loader.mid_stage", 1),
    ("loader.mid_stage", 5),
    ("loader.after_stage", 4),
    ("loader.before_apply", 1),
    ("loader.mid_apply", 1),
    ("loader.mid_apply", 2),
    ("loader.after_apply", 1),
]
PAUSE_SECONDS = 0.002
"""Between two looks: a reader that never rests takes the processor from those it watches."""
SERVER_DIES = {("loader.mid_stage", 5), ("loader.mid_apply", 2)}
LOADER_DIES = {("loader.before_apply", 1), ("loader.after_apply", 1)}
"""What is tried every day; the rest with `make test-slow`."""


def points(daily: set[tuple[str, int]]) -> list[Any]:
    """All points, those that are not tried every day marked as slow."""
    return [pytest.param(*point, marks=[] if point in daily else [pytest.mark.slow]) for point in POINTS]


def on(database: Database, **settings: Any) -> dict[str, Any]:
    """Settings of a loader that has this database."""
    return {"redshift_url": SecretStr(database.url), **settings}


def checksum(database: Database) -> list[tuple[Any, ...]]:
    """Counts and sums that change with any lost or doubled row of SHOP."""
    parents = f"SELECT count(*), sum(customer_id) FROM {SCHEMA}.customers"
    children = f"SELECT count(*), count(DISTINCT order_id), sum(order_id) FROM {SCHEMA}.orders"
    return database.rows(f"SELECT * FROM ({parents}) p CROSS JOIN ({children}) c")


def tables(database: Database) -> set[str]:
    """Tables of the experiment's schema, without the loader's own three."""
    found = database.rows("SELECT tablename FROM pg_tables WHERE schemaname = %s", SCHEMA)
    return {name for (name,) in found} - {"_dwsim_load", "_dwsim_ledger", "_dwsim_catalog"}


@contextmanager
def polling(database: Database) -> Iterator[set[tuple[int, int]]]:
    """Count both tables in one snapshot all the while, over every crash; the set has what was ever seen."""
    seen: set[tuple[int, int]] = set()
    done = threading.Event()

    def look() -> None:
        with closing(database.connect()) as connection, connection.cursor() as cursor:
            connection.autocommit = True
            while not done.wait(PAUSE_SECONDS):
                cursor.execute(COUNTS)
                seen.add(cursor.fetchone() or (0, 0))

    def poll() -> None:
        while not done.is_set():
            try:
                look()
            except psycopg2.OperationalError:
                done.wait(0.02)

    with ThreadPoolExecutor(1) as pool:
        looking = pool.submit(poll)
        try:
            wait_for(lambda: seen or looking.done(), "the first look")
            yield seen
        finally:
            done.set()
        looking.result()


async def test_redshift_comes_first_and_says_where_it_is(
    generator: GeneratorStandIn, tmp_path: Path, database: Database
) -> None:
    """An experiment that names no warehouse goes to the first of the server's; clients see which that is."""
    async with running(tmp_path / "data", generator, **on(database)) as loader:
        await generator.extend(StagedRun(tmp_path, 1, sizes=NEW).events())
        load = await loader.ended(1)
        assert (load.state, load.warehouse) == (Load.COMPLETED, warehouse_pb2.Warehouse.REDSHIFT), load.failure
        listed = await call(loader.stub.ListWarehouses, pb.ListWarehousesRequest())
        assert [(w.kind, w.default_warehouse, w.reachable) for w in listed.warehouses] == [
            (warehouse_pb2.Warehouse.REDSHIFT, True, True),
            (warehouse_pb2.Warehouse.SQLITE, False, True),
        ]
        place = await call(loader.stub.LocateTables, pb.LocateTablesRequest(experiment="shop"))
        assert (place.warehouse, place.namespace) == (warehouse_pb2.Warehouse.REDSHIFT, SCHEMA)
        assert [column.target for column in place.tables[1].columns] == ["order_id", "customer_id", "amount"]
    assert checksum(database) == WHOLE
    assert database.rows(f"SELECT sum(amount)::text FROM {SCHEMA}.orders") == [("2196.25",)]


@pytest.mark.parametrize(("name", "count"), points(SERVER_DIES))
async def test_a_server_that_is_killed_in_the_middle_of_a_load_loses_and_doubles_nothing(
    generator: GeneratorStandIn,
    tmp_path: Path,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    count: int,
) -> None:
    """SIGKILL of the postmaster: the load goes on by itself once the server is back, and readers see old or new."""
    async with running(tmp_path / "data", generator, **on(database)) as loader:
        await generator.extend(StagedRun(tmp_path, 1, sizes=OLD).events())
        await loader.ended(1)
        reached: list[str] = []

        def crash(point: str) -> None:
            reached.append(point)
            if point == name and reached.count(name) == count:
                before = database.postmaster()
                database.crash()
                database.recovered(before)

        monkeypatch.setattr(failpoint, "reach", crash)
        with polling(database) as seen:
            await generator.extend(StagedRun(tmp_path, 2, sizes=NEW).events())
            load = await loader.ended(2)
        assert load.state == Load.COMPLETED, load.failure
        assert load.statistics.inserted == sum(NEW.values())
        assert reached.count(name) >= count
    assert checksum(database) == WHOLE
    assert tables(database) == {"customers", "orders"}
    assert seen <= {tuple(OLD.values()), tuple(NEW.values())}


@pytest.mark.parametrize(("name", "count"), points(LOADER_DIES))
async def test_a_killed_loader_ends_its_load_exactly_once(
    generator: GeneratorStandIn, tmp_path: Path, database: Database, name: str, count: int
) -> None:
    """Kill it between any two steps: the target has the old rows or the new ones, after the restart the new ones."""
    data = tmp_path / "data"
    await generator.extend(StagedRun(tmp_path, 1, sizes=OLD).events())
    async with running(data, generator, **on(database)) as loader:
        await loader.ended(1)
    with polling(database) as seen:
        await _run_until_death(data, generator, database, f"{name}=kill@{count}", StagedRun(tmp_path, 2, sizes=NEW))
        expected = NEW if name == "loader.after_apply" else OLD
        assert database.rows(COUNTS) == [tuple(expected.values())]
        async with running(data, generator, **on(database)) as loader:
            load = await loader.ended(2)
            assert load.state == Load.COMPLETED, load.failure
            assert load.statistics.inserted == sum(NEW.values())
    assert checksum(database) == WHOLE
    assert tables(database) == {"customers", "orders"}
    assert seen <= {tuple(OLD.values()), tuple(NEW.values())}


async def _run_until_death(
    data: Path, generator: GeneratorStandIn, database: Database, point: str, run: StagedRun
) -> None:
    environment = {
        "DW_SIMULATOR_FAILPOINTS": point,
        "DW_SIMULATOR_GENERATOR_ADDRESS": generator.address,
        "DW_SIMULATOR_REDSHIFT_URL": database.url,
    }
    process = ServiceProcess("loader", data, environment=environment)
    try:
        await generator.extend(run.events())
        await asyncio.to_thread(wait_for, lambda: process.process.poll() is not None, f"the loader to die at {point}")
        assert process.killed(), process.log.read_text()[-3000:]
    finally:
        process.stop()


async def test_a_run_that_ends_badly_leaves_the_target_as_it_was(
    generator: GeneratorStandIn, tmp_path: Path, database: Database
) -> None:
    """Half of a run is nothing that anybody asked for."""
    async with running(tmp_path / "data", generator, **on(database)) as loader:
        await generator.extend(StagedRun(tmp_path, 1, sizes=OLD).events())
        await loader.ended(1)
        run = StagedRun(tmp_path, 2, sizes=NEW)
        await generator.add(run.started(), *run.batches(["customers"]))
        await loader.staged(2, 70)
        await generator.add(run.ended("FAILED"))
        load = await loader.ended(2)
        assert (load.state, load.failure.reason) == (Load.ABORTED, "RUN_NOT_COMPLETED")
    assert database.rows(COUNTS) == [tuple(OLD.values())]
    assert tables(database) == {"customers", "orders"}


async def test_a_server_that_comes_back_too_late_fails_the_load_and_a_retry_ends_it(
    generator: GeneratorStandIn, tmp_path: Path, database: Database
) -> None:
    """The failure says what is wrong in words of ours; what was staged is swept or taken up again."""
    settings = on(database, retry_seconds=0.3)
    async with running(tmp_path / "data", generator, **settings) as loader:
        run = StagedRun(tmp_path, 1, sizes=NEW)
        await generator.add(run.started(), *run.batches(["customers"]))
        await loader.staged(1, 70)
        with locked_out(database):
            await generator.add(*run.batches(["orders"]), run.ended())
            load = await loader.ended(1)
            assert (load.state, load.failure.reason) == (Load.FAILED, "WAREHOUSE_UNAVAILABLE")
            assert database.url not in str(load)
        await call(loader.stub.RetryLoad, pb.RetryLoadRequest(load_id=1))
        assert (await loader.reach(1, Load.COMPLETED)).statistics.inserted == 320
    assert checksum(database) == WHOLE


@contextmanager
def locked_out(database: Database) -> Iterator[None]:
    """Let nobody into the database for a while."""
    server = Database(database.directory, database.door_port, database.server_port)
    server.rows(f"ALTER DATABASE {database.name} ALLOW_CONNECTIONS false")
    server.rows(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database.name}'")
    try:
        yield
    finally:
        server.rows(f"ALTER DATABASE {database.name} ALLOW_CONNECTIONS true")


async def test_a_deleted_experiment_leaves_no_schema(
    generator: GeneratorStandIn, tmp_path: Path, database: Database
) -> None:
    """The delete saga calls this until it is answered."""
    async with running(tmp_path / "data", generator, **on(database)) as loader:
        await generator.extend(StagedRun(tmp_path, 1, sizes=OLD).events())
        await loader.ended(1)
        drop = pb.DropExperimentRequest(experiment_id=SHOP["id"], force=True)
        assert (await call(loader.stub.DropExperiment, drop)).dropped_tables == 2
        assert (await call(loader.stub.DropExperiment, drop)).dropped_tables == 0
    assert database.rows("SELECT to_regnamespace(%s)", SCHEMA) == [(None,)]


async def test_a_deletion_needs_no_warehouse_that_is_not_configured(
    generator: GeneratorStandIn, tmp_path: Path, database: Database
) -> None:
    """`dw-sim up --warehouse sqlite` deletes what the stand-in has too: its tables go when it is back."""
    async with running(tmp_path / "data", generator, **on(database)) as loader:
        await generator.extend(StagedRun(tmp_path, 1, sizes=OLD).events())
        await loader.ended(1)
    async with running(tmp_path / "data", generator) as loader:
        await loader.start(run_id=1, target_warehouse=warehouse_pb2.Warehouse.SQLITE)
        drop = pb.DropExperimentRequest(experiment_id=SHOP["id"], force=True)
        assert (await call(loader.stub.DropExperiment, drop)).dropped_tables == 2
    assert len(tables(database)) == 2
    async with running(tmp_path / "data", generator, **on(database)):
        gone = "SELECT to_regnamespace(%s) IS NULL"
        await asyncio.to_thread(wait_for, lambda: database.rows(gone, SCHEMA) == [(True,)], "the sweep")


async def test_orphans_are_swept_once_the_server_is_there(
    generator: GeneratorStandIn, tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A load that ended while its server was away leaves staging tables; they must not stay for that."""
    monkeypatch.setattr("loader_svc.worker.loader.SWEEP_SECONDS", 0.1)
    settings = on(database, retry_seconds=0.2)
    run = StagedRun(tmp_path, 1, sizes=NEW)
    with ExitStack() as away:
        async with running(tmp_path / "data", generator, **settings) as loader:
            await generator.add(run.started(), *run.batches())
            await loader.staged(1, 320)
            away.enter_context(locked_out(database))
            await call(loader.stub.AbortLoad, pb.AbortLoadRequest(load_id=1))
            await loader.ended(1)
    assert len(tables(database)) == 2
    with locked_out(database):
        async with running(tmp_path / "data", generator, **settings) as loader:
            listed = await call(loader.stub.ListWarehouses, pb.ListWarehousesRequest())
            assert not listed.warehouses[0].reachable
    async with running(tmp_path / "data", generator, **settings):
        await asyncio.to_thread(wait_for, lambda: not tables(database), "the sweep")


async def test_a_harmed_schema_does_not_keep_the_others_from_being_swept(
    generator: GeneratorStandIn, tmp_path: Path, database: Database
) -> None:
    """Whatever somebody did to the loader's tables in one place, the rest of the warehouse is looked after."""
    run = StagedRun(tmp_path, 1, sizes=NEW)
    with ExitStack() as away:
        async with running(tmp_path / "data", generator, **on(database, retry_seconds=0.2)) as loader:
            await generator.add(run.started(), *run.batches())
            await loader.staged(1, 320)
            away.enter_context(locked_out(database))
            await call(loader.stub.AbortLoad, pb.AbortLoadRequest(load_id=1))
            await loader.ended(1)
    assert len(tables(database)) == 2
    harmed = "CREATE SCHEMA harmed; CREATE TABLE harmed._dwsim_load (uid text)"
    database.rows(f"{harmed}; COMMENT ON TABLE harmed._dwsim_load IS 'harmed_00000000'")
    async with running(tmp_path / "data", generator, **on(database)):
        await asyncio.to_thread(wait_for, lambda: not tables(database), "the sweep")


async def test_the_servers_setting_decides_where_the_experiment_does_not(
    generator: GeneratorStandIn, tmp_path: Path, database: Database
) -> None:
    """`constraints: enforced` for a whole server; an experiment that says informational keeps that."""
    async with running(tmp_path / "data", generator, **on(database, constraints="enforced")) as loader:
        await generator.extend(StagedRun(tmp_path, 1, sizes=NEW).events())
        assert (await loader.ended(1)).state == Load.COMPLETED
        assert _constraints(database) == 3
        lenient = SHOP | {"constraints": "INFORMATIONAL"}
        await generator.extend(StagedRun(tmp_path, 2, sizes=NEW, document=lenient).events())
        assert (await loader.ended(2)).state == Load.COMPLETED
        assert _constraints(database) == 0


def _constraints(database: Database) -> int:
    sql = "SELECT count(*) FROM pg_constraint WHERE contype IN ('p', 'f') AND conrelid = ANY(%s::regclass[])"
    return int(database.rows(sql, [f"{SCHEMA}.orders", f"{SCHEMA}.customers"])[0][0])
