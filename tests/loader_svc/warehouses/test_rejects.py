"""Rows that a target refuses, through the loader's door and into real warehouses: skipped, listed, tried again."""

import asyncio
import json
from pathlib import Path

import grpc
import pyarrow.parquet as pq
import pytest
from dwsim.common.v1.load_options_pb2 import LoadOptions
from dwsim.loader.v1 import load_pb2
from dwsim.loader.v1 import loader_service_pb2 as pb
from dwsim.loader.v1 import loader_service_pb2_grpc as services
from dwsim.loader.v1.reject_pb2 import Reject

from dwsim_wire.client import call, open_channel
from dwsim_wire.errors import RemoteFault
from dwsim_wire.staging import StagingRoot
from tests.loader_svc.conftest import RunningLoader, running
from tests.loader_svc.generator_stand_in import GeneratorStandIn
from tests.loader_svc.staged_runs import CUSTOMERS, ORDERS, SHOP, StagedRun, more_orders
from tests.loader_svc.warehouses.bad_files import BAD, TOO_LONG, bad_run
from tests.loader_svc.warehouses.houses import House
from tests.processes import ServiceProcess, wait_for

Load = load_pb2.Load
GOOD = ORDERS - len(BAD)
COUNTS = "SELECT count(*), count(DISTINCT order_id), sum(order_id) FROM orders"
ALL_IDS = ORDERS * (ORDERS + 1) // 2
GOOD_ROWS = [(GOOD, GOOD, ALL_IDS - sum(row + 1 for row in BAD))]
ALL_ROWS = [(ORDERS, ORDERS, ALL_IDS)]
OTHER_POINTS = ["loader.mid_halving=kill@4", "loader.after_stage=kill@3", "loader.mid_apply=kill@1"]
KILLED_AT = [
    "loader.after_rejects=kill@1",
    pytest.param("loader.mid_stage=kill@3", marks=pytest.mark.slow),
    *(pytest.param(point, marks=pytest.mark.slow) for point in OTHER_POINTS),
]


async def rejects(loader: RunningLoader, load_id: int, **filters: object) -> list[Reject]:
    """All rejects of a load, by pages of three."""
    found: list[Reject] = []
    request = pb.ListRejectsRequest(load_id=load_id, page_size=3, **filters)  # type: ignore[arg-type]  # its fields
    while True:
        page = await call(loader.stub.ListRejects, request)
        found += page.rejects
        request.page_token = page.next_page_token
        if not request.page_token:
            return found


async def replay(loader: RunningLoader, load_id: int) -> load_pb2.Load:
    answer = await call(loader.stub.ReplayRejects, pb.ReplayRejectsRequest(load_id=load_id, wait=True))
    return answer.load


async def test_good_rows_are_loaded_and_bad_ones_are_listed(
    generator: GeneratorStandIn, tmp_path: Path, house: House
) -> None:
    """One bad row in a million must not cost the million; nothing is lost in silence."""
    await generator.extend(bad_run(tmp_path).events())
    async with running(house.data, generator, **house.settings) as loader:
        load = await loader.start(run_id=1, on_error=Load.SKIP_ROW)
        counts = load.statistics
        assert load.state == Load.COMPLETED, load.failure
        assert (counts.inserted, counts.rejected, counts.skipped) == (CUSTOMERS + GOOD, len(BAD), 0)
        assert [table.statistics.rejected for table in load.tables] == [0, len(BAD)]
        assert house.rows(COUNTS) == GOOD_ROWS
        found = await rejects(loader, load.load_id)
        assert [(one.table, one.batch_index, one.row, one.reason) for one in found] == [
            ("orders", row // 50, row, "VALUE_OUT_OF_RANGE") for row in BAD
        ]
        assert json.loads(found[0].values)["amount"] == str(TOO_LONG)
        assert all("'amount'" in one.message for one in found)
        assert await rejects(loader, load.load_id, table="customers") == []
        with pytest.raises(RemoteFault, match="has no table 'nobody'"):
            await rejects(loader, load.load_id, table="nobody")
    file = StagingRoot.parse(found[0].uri).path
    assert file == house.data / "staging/rejected/shop" / f"load-{load.load_id}" / "orders/part-00000.parquet"
    kept = pq.read_table(file)
    assert kept.column_names == ["order_id", "customer_id", "amount", "_reason", "_message", "_row"]
    assert kept.column("_row").to_pylist() == [3, 49]


async def test_an_abort_names_the_row_and_what_to_do(generator: GeneratorStandIn, tmp_path: Path, house: House) -> None:
    """`A value does not fit` alone sends its reader through a million rows."""
    await generator.extend(bad_run(tmp_path, bad=(3, 49)).events())
    async with running(house.data, generator, **house.settings) as loader:
        load = await loader.start(run_id=1)
        assert (load.state, load.on_error, load.failure.reason) == (Load.FAILED, Load.ABORT, "VALUE_OUT_OF_RANGE")
        for words in ("'amount'", "row 3 in batch 0 of table 'orders'", str(TOO_LONG)):
            assert words in load.failure.message
        assert "SKIP_ROW" in load.failure.hint
        assert load.statistics.rejected == 0


async def test_a_batch_can_be_skipped_whole(generator: GeneratorStandIn, tmp_path: Path, house: House) -> None:
    """A file that is broken once may be broken all over."""
    await generator.extend(bad_run(tmp_path).events())
    async with running(house.data, generator, **house.settings) as loader:
        load = await loader.start(run_id=1, on_error=Load.SKIP_BATCH)
        assert (load.state, load.statistics.rejected) == (Load.COMPLETED, 100), load.failure
        assert house.rows(COUNTS)[0][0] == ORDERS - 100
        assert len(await rejects(loader, load.load_id)) == 100


@pytest.mark.parametrize(
    ("most", "state"), [(4, Load.COMPLETED), (3, Load.FAILED), pytest.param(1, Load.FAILED, marks=pytest.mark.slow)]
)
async def test_more_rejects_than_allowed_fail_the_load(
    generator: GeneratorStandIn, tmp_path: Path, house: House, most: int, state: int
) -> None:
    """A few bad rows are life, many are a mistake: the target stays as it was, and the first rows are shown."""
    await generator.extend(StagedRun(tmp_path / "old", 7, sizes={"customers": 20, "orders": 60}).events())
    await generator.extend(bad_run(tmp_path, 8).events())
    async with running(house.data, generator, **house.settings) as loader:
        await loader.ended(1)
        load = await loader.start(run_id=8, on_error=Load.SKIP_ROW, max_errors=most)
        assert (load.state, load.max_errors) == (state, most), load.failure
        if state == Load.FAILED:
            assert load.failure.reason == "TOO_MANY_REJECTS"
            assert f"more than {most} rows" in load.failure.message
            assert str(TOO_LONG) in load.failure.message
            assert house.rows(COUNTS)[0][0] == 60


async def test_rejects_are_taken_once_their_column_is_wide_enough(
    generator: GeneratorStandIn, tmp_path: Path, house: House
) -> None:
    """Each replay brings what is good now, once; asked again it brings nothing, and appends go on behind it."""
    await generator.extend(bad_run(tmp_path).events())
    async with running(house.data, generator, **house.settings) as loader:
        await loader.start(run_id=1, on_error=Load.SKIP_ROW)
        in_vain = await replay(loader, 1)
        counts = in_vain.statistics
        assert (in_vain.state, in_vain.replay_of) == (Load.COMPLETED, 1), in_vain.failure
        assert (counts.inserted, counts.rejected) == (0, len(BAD))
        assert [one.row for one in await rejects(loader, in_vain.load_id)] == list(BAD)
        house.widen()
        assert (await replay(loader, 1)).load_id == in_vain.load_id
        again = await replay(loader, in_vain.load_id)
        assert (again.statistics.inserted, again.statistics.rejected) == (len(BAD), 0), again.failure
        assert (await replay(loader, in_vain.load_id)).load_id == again.load_id
        assert house.rows(COUNTS) == ALL_ROWS
        kept = house.rows("SELECT CAST(amount AS TEXT) FROM orders WHERE order_id = 4")
        assert kept == [(str(TOO_LONG),)]
        with pytest.raises(RemoteFault) as refused:
            await replay(loader, again.load_id)
        assert refused.value.reason == "NO_REJECTS"
        await generator.extend(more_orders(tmp_path, 2, base=1, rows=100).events())
        assert (await loader.ended(again.load_id + 1)).state == Load.COMPLETED
        assert house.rows(COUNTS)[0][:2] == (ORDERS + 100, ORDERS + 100)


async def test_rejects_of_rows_that_were_replaced_are_not_brought_back(
    generator: GeneratorStandIn, tmp_path: Path, house: House
) -> None:
    """They would be strangers among the rows of another run."""
    await generator.extend(bad_run(tmp_path).events())
    async with running(house.data, generator, **house.settings) as loader:
        failed = await loader.start(run_id=1, on_error=Load.SKIP_ROW, max_errors=1)
        with pytest.raises(RemoteFault) as refused:
            await replay(loader, failed.load_id)
        assert refused.value.reason == "LOAD_NOT_COMPLETED"
        load = await loader.start(run_id=1, on_error=Load.SKIP_ROW)
        await generator.extend(StagedRun(tmp_path, 2, seed=7).events())
        await loader.ended(3)
        late = await replay(loader, load.load_id)
        assert (late.state, late.failure.reason) == (Load.FAILED, "BASE_NOT_LOADED")
        assert house.rows(COUNTS) == ALL_ROWS


@pytest.mark.parametrize("point", KILLED_AT)
async def test_a_loader_that_is_killed_while_it_skips_rows_counts_them_once(
    generator: GeneratorStandIn, tmp_path: Path, house: House, point: str
) -> None:
    """Between any two steps: each good row is there once, each bad one is listed once."""
    await generator.extend(bad_run(tmp_path).events())
    environment = {"DW_SIMULATOR_FAILPOINTS": point, "DW_SIMULATOR_GENERATOR_ADDRESS": generator.address}
    process = ServiceProcess("loader", house.data, environment=environment | house.environment)
    try:
        async with open_channel(process.address()) as channel:
            stub = services.LoaderServiceStub(channel)
            await call(stub.StartLoad, pb.StartLoadRequest(run_id=1, on_error=Load.SKIP_ROW, max_errors=4))
        await asyncio.to_thread(wait_for, lambda: process.process.poll() is not None, f"the loader to die at {point}")
        assert process.killed(), process.log.read_text()[-3000:]
    finally:
        process.stop()
    async with running(house.data, generator, **house.settings) as loader:
        load = await loader.ended(1)
        assert load.state == Load.COMPLETED, load.failure
        assert (load.statistics.inserted, load.statistics.rejected) == (CUSTOMERS + GOOD, len(BAD))
        assert [one.row for one in await rejects(loader, 1)] == list(BAD)
        assert house.rows(COUNTS) == GOOD_ROWS


async def test_rows_are_not_skipped_where_keys_are_enforced(
    generator: GeneratorStandIn, tmp_path: Path, house: House
) -> None:
    """A key is broken by rows together: which of them is the bad one nobody can say."""
    document = SHOP | {"constraints": "ENFORCED"}
    await generator.extend(bad_run(tmp_path, document=document).events())
    async with running(house.data, generator, **house.settings) as loader:
        with pytest.raises(RemoteFault) as refused:
            await loader.start(run_id=1, on_error=Load.SKIP_ROW)
        assert (refused.value.code, refused.value.reason) == (
            grpc.StatusCode.FAILED_PRECONDITION,
            "SKIP_NOT_POSSIBLE",
        )


async def test_the_files_of_rejects_go_with_their_experiment(
    generator: GeneratorStandIn, tmp_path: Path, house: House
) -> None:
    """Whoever deletes an experiment wants its data gone."""
    await generator.extend(bad_run(tmp_path).events())
    async with running(house.data, generator, **house.settings) as loader:
        await loader.start(run_id=1, on_error=Load.SKIP_ROW)
        assert list((house.data / "staging/rejected").rglob("*.parquet"))
        await call(loader.stub.DropExperiment, pb.DropExperimentRequest(experiment_id=SHOP["id"]))
        assert not list((house.data / "staging/rejected").rglob("*.parquet"))
        assert await rejects(loader, 1) == []


async def test_a_run_brings_along_what_its_own_load_tolerates(
    loader: RunningLoader, generator: GeneratorStandIn, tmp_path: Path
) -> None:
    """Auto-load is the usual way: whoever wants rows skipped need not start the load by hand."""
    options = LoadOptions(on_error=LoadOptions.SKIP_ROW, max_errors=9, schema_drift=LoadOptions.ADD_COLUMNS)
    await generator.extend(bad_run(tmp_path, auto_load=True, load_options=options).events())
    load = await loader.ended(1)
    assert (load.automatic, load.on_error, load.max_errors) == (True, Load.SKIP_ROW, 9)
    assert (load.state, load.schema_drift, load.statistics.rejected) == (Load.COMPLETED, Load.ADD_COLUMNS, len(BAD))


async def test_an_automatic_load_that_may_skip_rows_fails_where_keys_are_enforced(
    generator: GeneratorStandIn, tmp_path: Path
) -> None:
    """As StartLoad refuses it; nobody is there to be told, so that the load has the reason."""
    options = LoadOptions(on_error=LoadOptions.SKIP_BATCH)
    async with running(tmp_path / "data", generator, constraints="enforced") as loader:
        await generator.extend(bad_run(tmp_path, auto_load=True, load_options=options).events())
        load = await loader.ended(1)
    assert (load.state, load.failure.reason) == (Load.FAILED, "SKIP_NOT_POSSIBLE")
