"""What each batch and each table of a load took: told while it runs, and kept after its end."""

import asyncio
from pathlib import Path

import pytest
from dwsim.loader.v1 import load_pb2
from dwsim.loader.v1 import loader_service_pb2 as pb

from dwsim_wire import failpoint
from dwsim_wire.client import call
from loader_svc.core.faults import WarehouseBusy
from tests.loader_svc.conftest import RunningLoader, running
from tests.loader_svc.generator_stand_in import GeneratorStandIn
from tests.loader_svc.staged_runs import SHOP, StagedRun
from tests.loader_svc.test_requests import refusal
from tests.loader_svc.warehouses.test_aborts import stuck

Load = load_pb2.Load
PLACES = [("customers", 0), ("customers", 1), *(("orders", index) for index in range(5))]


async def listed(loader: RunningLoader, **request: object) -> pb.ListLoadBatchesResponse:
    """One page."""
    wanted = pb.ListLoadBatchesRequest(load_id=1, **request)  # type: ignore[arg-type]  # fields by their names
    return await call(loader.stub.ListLoadBatches, wanted)


async def test_every_batch_says_what_it_took(
    loader: RunningLoader, generator: GeneratorStandIn, tmp_path: Path
) -> None:
    """Who looks for the slow file of a slow load finds it, after the run's files are gone too."""
    run = StagedRun(tmp_path)
    await generator.add(run.started(), *run.batches(["customers"]))
    await loader.staged(1, 70)
    assert [(one.table, one.staged) for one in (await listed(loader)).batches] == [("customers", True)] * 2
    await generator.add(*run.batches(["orders"]), run.ended())
    load = await loader.ended(1)
    await generator.add(run.deleted())
    first = await listed(loader, page_size=3)
    rest = await listed(loader, page_size=100, page_token=first.next_page_token)
    found = [*first.batches, *rest.batches]
    assert [(one.table, one.batch_index) for one in found] == PLACES
    assert (rest.next_page_token, sum(one.rows for one in found)) == ("", 320)
    assert {one.attempts for one in found} == {1}
    for one in found:
        assert one.staged
        assert one.bytes
        assert one.uri.endswith(f"{one.table}/part-{one.batch_index:05}.parquet")
        assert one.stage_seconds > 0
        assert load.create_time.ToNanoseconds() <= one.stage_time.ToNanoseconds() <= load.end_time.ToNanoseconds()
    orders = (await listed(loader, table="orders")).batches
    assert [one.batch_index for one in orders] == list(range(5))
    for table in load.tables:
        times = [one.stage_time.ToNanoseconds() for one in found if one.table == table.name]
        assert (min(times), max(times)) == (
            table.first_batch_time.ToNanoseconds(),
            table.last_batch_time.ToNanoseconds(),
        )
    steps = [load.start_time, load.prepare_time, load.apply_time, load.end_time]
    assert steps == sorted(steps, key=lambda step: step.ToNanoseconds())
    assert all(step.seconds for step in steps)


async def test_a_batch_counts_its_attempts(
    loader: RunningLoader, generator: GeneratorStandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A warehouse that is busy now and then shows in the batches that had to wait for it; a restart forgets nothing."""
    reached: list[str] = []

    def busy(name: str) -> None:
        reached.append(name)
        if name == "loader.mid_stage" and reached.count(name) in {1, 2}:
            raise WarehouseBusy("somebody else writes")

    monkeypatch.setattr(failpoint, "reach", busy)
    await generator.extend(StagedRun(tmp_path).events())
    load = await loader.ended(1)
    assert (load.state, load.retries) == (Load.COMPLETED, 2)
    attempts = {(one.table, one.batch_index): one.attempts for one in (await listed(loader)).batches}
    assert attempts == dict.fromkeys(PLACES, 1) | {("customers", 0): 3}


async def test_a_retry_adds_to_the_attempts(generator: GeneratorStandIn, tmp_path: Path) -> None:
    """A load that failed and was tried again shows both times, to a loader that was restarted too."""
    run = StagedRun(tmp_path)
    events = run.events()
    content = run.path("orders", 3).read_bytes()
    run.path("orders", 3).unlink()
    async with running(tmp_path / "data", generator) as loader:
        await generator.extend(events)
        assert (await loader.ended(1)).state == Load.FAILED
        before = {(one.table, one.batch_index): one for one in (await listed(loader)).batches}
        assert not before[("orders", 3)].staged
        run.path("orders", 3).write_bytes(content)
        await call(loader.stub.RetryLoad, pb.RetryLoadRequest(load_id=1))
        assert (await loader.reach(1, Load.COMPLETED)).statistics.inserted == 320
    async with running(tmp_path / "data", generator) as loader:
        after = {(one.table, one.batch_index): one for one in (await listed(loader)).batches}
        assert after[("customers", 0)].attempts == 2
        assert after[("orders", 3)].attempts == 1
        assert all(one.staged for one in after.values())


async def test_a_retry_forgets_when_batches_were_staged_that_are_gone(
    loader: RunningLoader, generator: GeneratorStandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The failure dropped the rows: a time beside `staged: false` would say that they are there."""
    run = StagedRun(tmp_path)
    events = run.events()
    run.path("orders", 3).unlink()
    await generator.extend(events)
    assert (await loader.ended(1)).state == Load.FAILED
    assert any(one.stage_time.seconds for one in (await listed(loader)).batches)
    with stuck(monkeypatch, "loader.mid_stage") as there:
        await call(loader.stub.RetryLoad, pb.RetryLoadRequest(load_id=1))
        await asyncio.to_thread(there.wait, 60)
        found = (await listed(loader)).batches
        assert {(one.staged, one.stage_time.seconds, one.stage_seconds) for one in found} == {(False, 0, 0.0)}


async def test_batches_of_no_load_and_of_a_deleted_experiment(
    loader: RunningLoader, generator: GeneratorStandIn, tmp_path: Path
) -> None:
    """Wrong names are said; what an experiment leaves behind is its loads, without their batches."""
    await generator.extend(StagedRun(tmp_path).events())
    await loader.ended(1)
    wrong = await refusal(loader.stub.ListLoadBatches, pb.ListLoadBatchesRequest(load_id=9))
    assert wrong.reason == "UNKNOWN_LOAD"
    wrong = await refusal(loader.stub.ListLoadBatches, pb.ListLoadBatchesRequest(load_id=1, table="ordrs"))
    assert wrong.reason == "UNKNOWN_TABLE"
    wrong = await refusal(loader.stub.ListLoadBatches, pb.ListLoadBatchesRequest(load_id=1, page_token="x"))
    assert wrong.reason == "INVALID_PAGE_TOKEN"
    await call(loader.stub.DropExperiment, pb.DropExperimentRequest(experiment_id=SHOP["id"]))
    assert not (await listed(loader)).batches
