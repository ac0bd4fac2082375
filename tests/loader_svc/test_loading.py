"""Loads through the real door, into real SQLite files."""

from pathlib import Path

import pytest
from dwsim.common.v1 import warehouse_pb2
from dwsim.loader.v1 import load_pb2
from dwsim.loader.v1 import loader_service_pb2 as pb

from dwsim_wire.client import call, stream
from dwsim_wire.errors import RemoteFault
from tests.loader_svc.conftest import RunningLoader, running
from tests.loader_svc.generator_stand_in import GeneratorStandIn
from tests.loader_svc.staged_runs import CUSTOMERS, ORDERS, SHOP, StagedRun, more_orders
from tests.loader_svc.warehouse_files import checksum, rows, table_names

Load = load_pb2.Load
WHOLE_ORDERS = [(ORDERS, ORDERS, ORDERS * (ORDERS + 1) // 2, ORDERS)]


async def test_a_run_is_loaded_as_its_batches_arrive(
    loader: RunningLoader, generator: GeneratorStandIn, tmp_path: Path
) -> None:
    """The main job: nobody calls the loader, the rows are there when the run has ended."""
    run = StagedRun(tmp_path)
    await generator.add(run.started(), *run.batches(["customers"]))
    staged = await loader.staged(1, CUSTOMERS)
    assert (staged.state, staged.automatic, staged.mode) == (Load.STAGING, True, Load.OVERWRITE)
    assert table_names(loader.file()).isdisjoint({"customers", "orders"})
    await generator.add(*run.batches(["orders"]), run.ended())
    load = await loader.ended()
    assert load.state == Load.COMPLETED, load.failure
    assert {t.name: t.statistics.inserted for t in load.tables} == {"customers": CUSTOMERS, "orders": ORDERS}
    assert load.statistics.files == 7
    assert load.statistics.rows_per_second > 0
    assert table_names(loader.file()) == {"customers", "orders"}
    assert checksum(loader.file(), "orders") == WHOLE_ORDERS
    assert rows(loader.file(), "SELECT sum(amount), typeof(amount) FROM orders") == [(2196.25, "real")]


async def test_the_location_says_what_the_ddl_said(
    loader: RunningLoader, generator: GeneratorStandIn, tmp_path: Path
) -> None:
    """The query service knows tables, types and dialect from here alone."""
    await generator.extend(StagedRun(tmp_path).events())
    await loader.ended()
    for name in ("shop", "SHOP", "5f0c"):
        place = await call(loader.stub.LocateTables, pb.LocateTablesRequest(experiment=name))
        assert (place.experiment, place.experiment_id, place.generation) == ("shop", "5f0c", 1)
    assert loader.data_dir / "warehouses" / place.namespace == loader.file()
    assert place.warehouse == warehouse_pb2.Warehouse.SQLITE
    orders = {table.name: table for table in place.tables}["orders"]
    assert (orders.target, orders.rows, orders.load_id, list(orders.primary_key)) == ("orders", 250, 1, ["order_id"])
    amount = orders.columns[2]
    assert (amount.data_type, amount.logical_type.precision, amount.logical_type.scale) == ("DECIMAL(10,2)", 10, 2)
    assert orders.columns[0].required


async def test_loading_again_replaces_and_appending_adds(
    loader: RunningLoader, generator: GeneratorStandIn, tmp_path: Path
) -> None:
    """A full run overwrites by default, an append run appends; both can be asked for the other."""
    await generator.extend(StagedRun(tmp_path).events())
    more = more_orders(tmp_path, 2, base=1, rows=100)
    await generator.extend(more.events())
    appended = await loader.ended(2)
    assert (appended.mode, appended.statistics.inserted, appended.statistics.deleted) == (Load.APPEND, 100, 0)
    assert checksum(loader.file(), "orders")[0][:2] == (350, 350)
    again = await loader.start(run_id=1, tables=["orders"])
    assert (again.state, again.automatic) == (Load.COMPLETED, False)
    assert (again.statistics.inserted, again.statistics.deleted) == (250, 350)
    assert checksum(loader.file(), "orders") == WHOLE_ORDERS
    twice = await loader.start(experiment="Shop", mode=Load.APPEND)
    assert twice.run_id == 2
    place = await call(loader.stub.LocateTables, pb.LocateTablesRequest(experiment="shop"))
    assert place.generation == 4
    assert {table.name: table.rows for table in place.tables} == {"customers": CUSTOMERS, "orders": 350}


async def test_events_that_come_twice_change_nothing(
    loader: RunningLoader, generator: GeneratorStandIn, tmp_path: Path
) -> None:
    """Delivery is at least once; a log that begins anew tells the same run again."""
    run = StagedRun(tmp_path)
    await generator.add(run.started(), *run.batches(["customers"]), *run.batches(["customers"]))
    await loader.staged(1, CUSTOMERS)
    await generator.replace("log-2")
    await generator.extend([run.started(), *run.batches(), *run.batches(), run.ended(), run.ended()])
    load = await loader.ended()
    assert load.state == Load.COMPLETED, load.failure
    assert len(await loader.loads()) == 1
    assert checksum(loader.file(), "orders") == WHOLE_ORDERS
    assert checksum(loader.file(), "customers")[0][:2] == (CUSTOMERS, CUSTOMERS)


async def test_another_run_under_an_old_id_is_another_run(
    loader: RunningLoader, generator: GeneratorStandIn, tmp_path: Path
) -> None:
    """A generator that was reset counts its runs from 1 again: its run 1 must not be taken for the old one."""
    old = StagedRun(tmp_path / "old")
    await generator.add(old.started(), *old.batches(["customers"]))
    await loader.staged(1, CUSTOMERS)
    await generator.replace("log-2")
    await generator.extend(StagedRun(tmp_path / "new", seed=7, sizes={"orders": 60}).events())
    failed, load = await loader.ended(1), await loader.ended(2)
    assert (failed.state, failed.failure.reason) == (Load.FAILED, "STAGED_FILE_CHANGED")
    assert (load.state, load.statistics.inserted) == (Load.COMPLETED, 60)
    assert table_names(loader.file()) == {"orders"}


@pytest.mark.parametrize("state", ["FAILED", "ABORTED"])
async def test_a_run_that_ends_badly_aborts_its_load(
    loader: RunningLoader, generator: GeneratorStandIn, tmp_path: Path, state: str
) -> None:
    """Half a run must never be visible."""
    await generator.extend(StagedRun(tmp_path, 1, sizes={"orders": 10}).events())
    await loader.ended(1)
    run = StagedRun(tmp_path, 2)
    await generator.add(run.started(), *run.batches(["customers"]))
    await loader.staged(2, CUSTOMERS)
    await generator.add(run.ended(state))
    load = await loader.ended(2)
    assert (load.state, load.failure.reason) == (Load.ABORTED, "RUN_NOT_COMPLETED")
    assert table_names(loader.file()) == {"orders"}
    assert checksum(loader.file(), "orders")[0][0] == 10
    with pytest.raises(RemoteFault, match=f"run 2 ended {state}") as refused:
        await loader.start(run_id=2)
    assert refused.value.reason == "RUN_NOT_COMPLETED"


async def test_an_empty_table_is_loaded_too(loader: RunningLoader, generator: GeneratorStandIn, tmp_path: Path) -> None:
    """Zero rows is a size: the table must be there to be queried."""
    await generator.extend(StagedRun(tmp_path, sizes={"customers": 0, "orders": 5}).events())
    assert (await loader.ended()).state == Load.COMPLETED
    assert rows(loader.file(), "SELECT count(*) FROM customers") == [(0,)]


async def test_a_stopped_loader_goes_on_where_it_was(generator: GeneratorStandIn, tmp_path: Path) -> None:
    """A restart loses no event and stages no batch twice; the cursor says where to go on."""
    run = StagedRun(tmp_path)
    await generator.add(run.started(), *run.batches(["customers"]))
    async with running(tmp_path / "data", generator) as loader:
        await loader.staged(1, CUSTOMERS)
    await generator.add(*run.batches(["orders"]), run.ended())
    async with running(tmp_path / "data", generator) as loader:
        load = await loader.ended()
        assert load.state == Load.COMPLETED, load.failure
        assert checksum(loader.file(), "orders") == WHOLE_ORDERS
    assert generator.cursors[-1] == ("log-1", 3)


async def test_watching_ends_with_the_end(loader: RunningLoader, generator: GeneratorStandIn, tmp_path: Path) -> None:
    """A client that loses trailers still learns how the load ended."""
    run = StagedRun(tmp_path)
    await generator.add(run.started())
    await loader.reach(1, Load.PENDING, Load.STAGING)
    states = []
    async for answer in stream(loader.stub.WatchLoad, pb.WatchLoadRequest(load_id=1), timeout=60):
        states.append(answer.load.state)
        if len(states) == 1:
            await generator.extend([*run.batches(), run.ended()])
    assert states[-1] == Load.COMPLETED
    assert Load.COMPLETED not in states[:-1]


async def test_a_document_that_names_another_warehouse_fails_its_load(
    loader: RunningLoader, generator: GeneratorStandIn, tmp_path: Path
) -> None:
    """The rows must not land silently somewhere else than the experiment says."""
    await generator.extend(StagedRun(tmp_path, document=SHOP | {"target_warehouse": "SNOWFLAKE"}).events())
    load = await loader.ended()
    assert (load.state, load.failure.reason, load.warehouse) == (
        Load.FAILED,
        "UNKNOWN_WAREHOUSE",
        warehouse_pb2.Warehouse.SNOWFLAKE,
    )
    assert "SQLITE" in load.failure.hint
    loaded = await loader.start(run_id=1, target_warehouse="SQLITE")
    assert loaded.state == Load.COMPLETED


async def test_warehouses_and_server_describe_themselves(loader: RunningLoader) -> None:
    """Clients choose a warehouse from this list."""
    answer = await call(loader.stub.ListWarehouses, pb.ListWarehousesRequest())
    [sqlite] = answer.warehouses
    assert (sqlite.kind, sqlite.reachable, sqlite.default_warehouse) == (warehouse_pb2.Warehouse.SQLITE, True, True)
    assert sqlite.version.startswith("3.")
    info = (await call(loader.stub.GetServerInfo, pb.GetServerInfoRequest())).server
    assert (info.service, list(info.features)) == ("loader", ["warehouse.sqlite"])
