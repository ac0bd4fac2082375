"""Loads of runs that are staged in a real S3 server."""

from pathlib import Path

import pytest
from dwsim.loader.v1 import load_pb2
from dwsim.loader.v1 import loader_service_pb2 as pb

from dwsim_wire import object_store
from dwsim_wire.client import call
from dwsim_wire.staging import StagingRoot
from tests.loader_svc.conftest import running
from tests.loader_svc.generator_stand_in import GeneratorStandIn
from tests.loader_svc.staged_runs import CUSTOMERS, ORDERS, SHOP, StagedRun
from tests.loader_svc.warehouse_files import checksum
from tests.loader_svc.warehouses.bad_files import BAD, bad_run
from tests.processes import free_ports
from tests.s3 import Prefix, client_of

Load = load_pb2.Load
WHOLE_ORDERS = [(ORDERS, ORDERS, ORDERS * (ORDERS + 1) // 2, ORDERS)]


async def test_a_run_in_a_bucket_is_loaded_whole(tmp_path: Path, generator: GeneratorStandIn, s3: Prefix) -> None:
    """The loader finds what the generator put, by the URI alone."""
    run = StagedRun(tmp_path, bucket=s3.root)
    async with running(tmp_path / "data", generator) as loader:
        await generator.add(run.started(), *run.batches(), run.ended())
        load = await loader.ended()
        assert (load.state, load.statistics.inserted) == (Load.COMPLETED, CUSTOMERS + ORDERS), load.failure
        assert checksum(loader.file(), "orders") == WHOLE_ORDERS


@pytest.mark.parametrize("damage", ["is missing", "has another checksum"])
async def test_an_object_that_is_gone_or_altered_fails_the_load(
    tmp_path: Path, generator: GeneratorStandIn, s3: Prefix, damage: str
) -> None:
    """Half a table is worse than none."""
    run = StagedRun(tmp_path, bucket=s3.root)
    events = [run.started(), *run.batches(), run.ended()]
    last = StagingRoot.parse(events[-2].batch_finished.uri)
    bucket = object_store.open_bucket(last.bucket)
    if damage == "is missing":
        bucket.delete([last])
    else:
        bucket.put(last, memoryview(b"x" * events[-2].batch_finished.bytes))
    async with running(tmp_path / "data", generator) as loader:
        await generator.add(*events)
        load = await loader.ended()
        assert (load.state, load.failure.reason) == (Load.FAILED, "STAGED_FILE_CHANGED")
        assert damage in load.failure.message


async def test_a_server_that_is_away_or_refuses_us_fails_the_load_by_name(
    tmp_path: Path, generator: GeneratorStandIn, s3: Prefix, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A load can be retried once somebody mended what the reason names."""
    run = StagedRun(tmp_path, bucket=s3.root)
    events = [run.started(), *run.batches(), run.ended()]
    dead = {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{free_ports(1)[0]}"}
    async with running(tmp_path / "data", generator, staging_retry_seconds=0.3) as loader:
        with client_of(s3.server, monkeypatch, **dead):
            await generator.add(*events)
            assert (await loader.ended()).failure.reason == "STAGING_UNAVAILABLE"
        with client_of(s3.server, monkeypatch, AWS_SECRET_ACCESS_KEY="wrong"):
            assert (await loader.start(run_id=1)).failure.reason == "STAGING_DENIED"
        with client_of(s3.server, monkeypatch):
            assert (await loader.start(run_id=1)).state == Load.COMPLETED
        assert checksum(loader.file(), "orders") == WHOLE_ORDERS


async def test_rejects_of_a_run_in_a_bucket_go_into_the_bucket(
    tmp_path: Path, generator: GeneratorStandIn, s3: Prefix
) -> None:
    """A loader in a container has no disk that anybody else sees."""
    await generator.extend(bad_run(tmp_path, bucket=s3.root).events())
    async with running(tmp_path / "data", generator, stage_bucket=s3.root.uri) as loader:
        load = await loader.start(run_id=1, on_error=Load.SKIP_ROW)
        assert (load.state, load.statistics.rejected) == (Load.COMPLETED, len(BAD)), load.failure
        listed = await call(loader.stub.ListRejects, pb.ListRejectsRequest(load_id=load.load_id))
        assert [one.row for one in listed.rejects] == list(BAD)
        assert listed.rejects[0].uri.startswith(s3.root.child("rejected", "shop", f"load-{load.load_id}").uri)
        replayed = await call(loader.stub.ReplayRejects, pb.ReplayRejectsRequest(load_id=load.load_id, wait=True))
        assert (replayed.load.state, replayed.load.statistics.rejected) == (Load.COMPLETED, len(BAD))
        await call(loader.stub.DropExperiment, pb.DropExperimentRequest(experiment_id=SHOP["id"]))
        bucket = object_store.open_bucket(s3.root.bucket)
        assert not list(bucket.list(s3.root.child("rejected")))
