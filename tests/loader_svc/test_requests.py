"""What clients ask for, and what they are told when it cannot be."""

from pathlib import Path
from typing import Any

import grpc
import pytest
from dwsim.common.v1 import warehouse_pb2
from dwsim.loader.v1 import load_pb2
from dwsim.loader.v1 import loader_service_pb2 as pb

from dwsim_wire.client import call, stream
from dwsim_wire.errors import RemoteFault
from tests.loader_svc.conftest import RunningLoader
from tests.loader_svc.generator_stand_in import GeneratorStandIn
from tests.loader_svc.staged_runs import CUSTOMERS, SHOP, StagedRun
from tests.loader_svc.warehouse_files import checksum, table_names

Load = load_pb2.Load


async def refusal(rpc: Any, request: Any) -> RemoteFault:
    with pytest.raises(RemoteFault) as refused:
        await call(rpc, request)
    return refused.value


async def test_one_request_id_makes_one_load(
    loader: RunningLoader, generator: GeneratorStandIn, tmp_path: Path
) -> None:
    """A client that lost the answer sends the request again; it must not load twice."""
    await generator.extend(StagedRun(tmp_path, auto_load=False).events())
    first = await loader.start(run_id=1, request_id="a")
    assert (await loader.start(run_id=1, request_id="a")).load_id == first.load_id
    other = await refusal(loader.stub.StartLoad, pb.StartLoadRequest(run_id=1, tables=["orders"], request_id="a"))
    assert (other.code, other.reason) == (grpc.StatusCode.ALREADY_EXISTS, "REQUEST_ID_REUSED")
    assert len(await loader.loads()) == 1


async def test_a_load_can_begin_while_its_run_is_running(
    loader: RunningLoader, generator: GeneratorStandIn, tmp_path: Path
) -> None:
    """StartLoad takes what is staged and what will be."""
    run = StagedRun(tmp_path, auto_load=False)
    await generator.add(run.started(), *run.batches(["customers"]))
    accepted = (await call(loader.stub.StartLoad, pb.StartLoadRequest(experiment="shop"))).load
    await loader.staged(accepted.load_id, CUSTOMERS)
    await generator.add(*run.batches(["orders"]), run.ended())
    assert (await loader.ended(accepted.load_id)).statistics.inserted == 320


async def test_loads_are_paged_newest_first(loader: RunningLoader, generator: GeneratorStandIn, tmp_path: Path) -> None:
    """History grows without bound; a page token fits only the list that gave it."""
    await generator.extend(StagedRun(tmp_path).events())
    for _ in range(4):
        await loader.start(run_id=1)
    first = await call(loader.stub.ListLoads, pb.ListLoadsRequest(page_size=3, experiment="SHOP"))
    token = first.next_page_token
    rest = await call(loader.stub.ListLoads, pb.ListLoadsRequest(page_size=3, experiment="shop", page_token=token))
    assert [load.load_id for load in (*first.loads, *rest.loads)] == [5, 4, 3, 2, 1]
    assert not rest.next_page_token
    wrong = await refusal(loader.stub.ListLoads, pb.ListLoadsRequest(run_id=1, page_token=token))
    assert wrong.reason == "INVALID_PAGE_TOKEN"


@pytest.mark.parametrize(
    ("request_", "reason", "says"),
    [
        (pb.StartLoadRequest(), "INVALID_ARGUMENT", "neither a run nor an experiment"),
        (pb.StartLoadRequest(run_id=9), "UNKNOWN_RUN", "no run 9"),
        (pb.StartLoadRequest(experiment="shopp"), "UNKNOWN_EXPERIMENT", "did you mean 'shop'"),
        (pb.StartLoadRequest(run_id=1, experiment="other"), "INVALID_ARGUMENT", "experiment 'shop', not 'other'"),
        (pb.StartLoadRequest(run_id=1, tables=["ordes"]), "UNKNOWN_TABLE", "did you mean 'orders'"),
        (
            pb.StartLoadRequest(run_id=1, target_warehouse=warehouse_pb2.Warehouse.REDSHIFT),
            "UNKNOWN_WAREHOUSE",
            "SQLITE",
        ),
        (pb.StartLoadRequest(run_id=1, mode=Load.MERGE), "NOT_YET_AVAILABLE", "MERGE"),
        (pb.StartLoadRequest(run_id=1, load_plan="nightly"), "NOT_YET_AVAILABLE", "load plans"),
    ],
)
async def test_a_wrong_request_is_told_what_would_be_right(
    loader: RunningLoader,
    generator: GeneratorStandIn,
    tmp_path: Path,
    request_: pb.StartLoadRequest,
    reason: str,
    says: str,
) -> None:
    """Every refusal names the fact and the way out."""
    await generator.extend(StagedRun(tmp_path, auto_load=False).events())
    refused = await refusal(loader.stub.StartLoad, request_)
    assert refused.reason == reason
    assert says in f"{refused.message} {refused.hint}"
    assert not await loader.loads()


@pytest.mark.parametrize("rpc", ["GetLoad", "AbortLoad", "RetryLoad", "ListRejects", "ReplayRejects"])
async def test_an_unknown_load_is_not_found(loader: RunningLoader, rpc: str) -> None:
    """A wrong id is the client's fault, not a defect."""
    refused = await refusal(getattr(loader.stub, rpc), getattr(pb, f"{rpc}Request")(load_id=7))
    assert (refused.code, refused.reason) == (grpc.StatusCode.NOT_FOUND, "UNKNOWN_LOAD")
    with pytest.raises(RemoteFault, match="no load 7"):
        await anext(stream(loader.stub.WatchLoad, pb.WatchLoadRequest(load_id=7)))


@pytest.mark.parametrize(
    ("rpc", "request_"),
    [
        ("CreateLoadPlan", pb.CreateLoadPlanRequest()),
        ("GetLoadPlan", pb.GetLoadPlanRequest()),
        ("ListLoadPlans", pb.ListLoadPlansRequest()),
        ("UpdateLoadPlan", pb.UpdateLoadPlanRequest()),
        ("DeleteLoadPlan", pb.DeleteLoadPlanRequest()),
    ],
)
async def test_what_comes_later_says_so(loader: RunningLoader, rpc: str, request_: Any) -> None:
    """A client tells a missing feature from a broken server."""
    refused = await refusal(getattr(loader.stub, rpc), request_)
    assert (refused.code, refused.reason) == (grpc.StatusCode.UNIMPLEMENTED, "NOT_YET_AVAILABLE")


async def test_an_aborted_load_leaves_the_target_as_it_was(
    loader: RunningLoader, generator: GeneratorStandIn, tmp_path: Path
) -> None:
    """Abort answers within a second or so, and nothing of the load stays."""
    await generator.extend(StagedRun(tmp_path).events())
    await loader.ended(1)
    before = checksum(loader.file(), "orders")
    run = StagedRun(tmp_path, 2, sizes={"orders": 120})
    await generator.add(run.started(), *run.batches())
    await loader.staged(2, 120)
    answer = await call(loader.stub.AbortLoad, pb.AbortLoadRequest(load_id=2))
    assert (answer.load.state, answer.load.failure.reason) == (Load.ABORTED, "ABORTED_BY_USER")
    await generator.add(run.ended())
    assert table_names(loader.file()) == {"customers", "orders"}
    assert checksum(loader.file(), "orders") == before
    ended = await refusal(loader.stub.AbortLoad, pb.AbortLoadRequest(load_id=1))
    assert (ended.code, ended.reason) == (grpc.StatusCode.ABORTED, "LOAD_ENDED")
    not_failed = await refusal(loader.stub.RetryLoad, pb.RetryLoadRequest(load_id=2))
    assert not_failed.reason == "LOAD_NOT_FAILED"


@pytest.mark.parametrize("harm", ["missing", "altered", "longer", "not Parquet"])
async def test_a_harmed_file_fails_its_load_and_a_retry_heals_it(
    loader: RunningLoader, generator: GeneratorStandIn, tmp_path: Path, harm: str
) -> None:
    """Silent corruption is worse than a failure; the file is named, and once it is back the load goes on."""
    run = StagedRun(tmp_path)
    events = run.events()
    path = run.path("orders", 3)
    good = path.read_bytes()
    _harm(path, good, harm)
    await generator.extend(events)
    load = await loader.ended()
    assert (load.state, load.failure.reason) == (Load.FAILED, "STAGED_FILE_CHANGED")
    assert "batch 3 of table 'orders'" in load.failure.message
    assert str(tmp_path) not in load.failure.message
    assert table_names(loader.file()) == set()
    path.write_bytes(good)
    await call(loader.stub.RetryLoad, pb.RetryLoadRequest(load_id=1))
    healed = await loader.reach(1, Load.COMPLETED)
    assert not healed.HasField("failure")
    assert checksum(loader.file(), "orders")[0][:2] == (250, 250)


def _harm(path: Path, good: bytes, harm: str) -> None:
    if harm == "missing":
        path.unlink()
    elif harm == "altered":
        path.write_bytes(good[:100] + bytes([good[100] ^ 1]) + good[101:])
    elif harm == "longer":
        path.write_bytes(good + b"x")
    else:
        path.write_bytes(b"x" * len(good))


async def test_a_warehouse_that_cannot_be_opened_fails_the_load(
    loader: RunningLoader, generator: GeneratorStandIn, tmp_path: Path
) -> None:
    """The failure says what is wrong with the file, without its path."""
    folder = loader.data_dir / "warehouses/sqlite"
    folder.mkdir(parents=True)
    (folder / "shop_c48aacae.db").write_bytes(b"not a database" * 400)
    await generator.extend(StagedRun(tmp_path).events())
    load = await loader.ended()
    assert (load.state, load.failure.reason) == (Load.FAILED, "WAREHOUSE_UNAVAILABLE")
    assert str(tmp_path) not in str(load.failure)


async def test_a_failed_load_that_a_newer_one_passed_is_superseded(
    loader: RunningLoader, generator: GeneratorStandIn, tmp_path: Path
) -> None:
    """A newer replace is never followed by an older one."""
    old, new = StagedRun(tmp_path, 1), StagedRun(tmp_path, 2, sizes={"orders": 30})
    events = old.events()
    good = old.path("orders", 0).read_bytes()
    old.path("orders", 0).unlink()
    await generator.extend(events)
    await loader.ended(1)
    await generator.extend(new.events())
    await loader.ended(2)
    old.path("orders", 0).write_bytes(good)
    await call(loader.stub.RetryLoad, pb.RetryLoadRequest(load_id=1))
    load = await loader.ended(1)
    assert (load.state, load.failure.reason) == (Load.FAILED, "SUPERSEDED")
    assert checksum(loader.file(), "orders")[0][0] == 30


async def test_a_deleted_run_cannot_be_loaded_but_its_history_stays(
    loader: RunningLoader, generator: GeneratorStandIn, tmp_path: Path
) -> None:
    """The generator owns the files; what is loaded stays loaded."""
    run = StagedRun(tmp_path)
    await generator.extend(run.events())
    await loader.ended(1)
    active = StagedRun(tmp_path, 2, sizes={"orders": 60})
    await generator.add(run.deleted(), active.started(), *active.batches(), active.deleted())
    assert (await loader.ended(2)).failure.reason == "STAGED_FILE_CHANGED"
    assert (await loader.load(1)).statistics.files == 7
    assert checksum(loader.file(), "orders")[0][0] == 250
    assert (await refusal(loader.stub.StartLoad, pb.StartLoadRequest(run_id=1))).reason == "FILES_DELETED"
    assert (await refusal(loader.stub.RetryLoad, pb.RetryLoadRequest(load_id=2))).reason == "FILES_DELETED"
    nothing = await refusal(loader.stub.StartLoad, pb.StartLoadRequest(experiment="shop"))
    assert nothing.reason == "UNKNOWN_EXPERIMENT"


async def test_a_dropped_experiment_is_gone_for_ever(
    loader: RunningLoader, generator: GeneratorStandIn, tmp_path: Path
) -> None:
    """The delete saga calls this until it is answered; each call may be the first that arrives."""
    await generator.extend(StagedRun(tmp_path).events())
    await loader.ended(1)
    run = StagedRun(tmp_path, 2)
    await generator.add(run.started(), *run.batches())
    await loader.staged(2, 320)
    drop = pb.DropExperimentRequest(experiment_id=SHOP["id"])
    busy = await refusal(loader.stub.DropExperiment, drop)
    assert (busy.code, busy.reason) == (grpc.StatusCode.ABORTED, "LOAD_ACTIVE")
    drop.force = True
    dropped = await call(loader.stub.DropExperiment, drop)
    assert (dropped.dropped_tables, dropped.aborted_loads) == (2, 1)
    assert (await loader.load(2)).failure.reason == "EXPERIMENT_DELETED"
    assert not list((loader.data_dir / "warehouses/sqlite").iterdir())
    again = await call(loader.stub.DropExperiment, drop)
    assert (again.dropped_tables, again.aborted_loads) == (0, 0)
    await generator.extend(StagedRun(tmp_path, 3).events())
    gone = await refusal(loader.stub.StartLoad, pb.StartLoadRequest(run_id=3))
    assert gone.reason == "EXPERIMENT_DELETED"
    assert len(await loader.loads()) == 2
    lost = await refusal(loader.stub.LocateTables, pb.LocateTablesRequest(experiment="shop"))
    assert (lost.code, lost.reason) == (grpc.StatusCode.NOT_FOUND, "UNKNOWN_EXPERIMENT")
    never = await call(loader.stub.DropExperiment, pb.DropExperimentRequest(experiment_id="never-loaded"))
    assert (never.dropped_tables, never.aborted_loads) == (0, 0)


async def test_a_failed_load_of_a_dropped_experiment_is_not_tried_again(
    loader: RunningLoader, generator: GeneratorStandIn, tmp_path: Path
) -> None:
    """Its tables would come back, and nobody would ever drop them."""
    run = StagedRun(tmp_path)
    events = run.events()
    run.path("orders", 3).unlink()
    await generator.extend(events)
    assert (await loader.ended()).state == Load.FAILED
    await call(loader.stub.DropExperiment, pb.DropExperimentRequest(experiment_id=SHOP["id"]))
    gone = await refusal(loader.stub.RetryLoad, pb.RetryLoadRequest(load_id=1))
    assert gone.reason == "EXPERIMENT_DELETED"


@pytest.mark.parametrize("whole", [True, False])
async def test_an_experiment_whose_file_is_corrupt_can_be_dropped(
    loader: RunningLoader, generator: GeneratorStandIn, tmp_path: Path, whole: bool
) -> None:
    """What nobody can open must not stay for ever: neither the file nor the experiment."""
    await generator.extend(StagedRun(tmp_path).events())
    await loader.ended(1)
    content = loader.file().read_bytes()
    loader.file().write_bytes(b"no database at all. " * 500 if whole else content[:4096] + b"\xff" * 4096)
    await call(loader.stub.DropExperiment, pb.DropExperimentRequest(experiment_id=SHOP["id"]))
    assert not list((loader.data_dir / "warehouses/sqlite").iterdir())
