"""Runs that are staged in a real S3 server, and what happens when it is away or refuses us."""

import asyncio
import json
import time
from collections.abc import Iterator
from pathlib import Path

import grpc
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xxhash
from dwsim.generator.v1 import generator_service_pb2 as pb
from dwsim.generator.v1.run_pb2 import Run

from dwsim_wire import object_store
from dwsim_wire.client import call, stream
from dwsim_wire.staging import StagingRoot
from generator_svc.staging import bucket
from tests.clients import refused
from tests.generator_svc.running import Generator, generator, hashes
from tests.generator_svc.schema_peer import SchemaStandIn
from tests.processes import PROMPT_SECONDS, free_ports
from tests.s3 import Prefix, Server, client_of, s3_running


@pytest.fixture(scope="module")
def mortal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server to stop and start."""
    with s3_running(tmp_path_factory.mktemp("mortal") / "state") as server:
        yield server


async def test_a_run_in_a_bucket_is_the_run_of_a_disk(tmp_path: Path, schema: SchemaStandIn, s3: Prefix) -> None:
    """Same cells, same names, same manifest: only the URIs differ."""
    async with generator(tmp_path / "data", schema.address, stage_bucket=s3.root.uri) as running:
        run = await running.completed(seed=7, batch_rows=500)
        assert run.staging_uri == f"{s3.root.uri}/generated/shop/{run.run_id}"
        assert len(s3.names()) == 1 + 3 + 8 + 1
        listed = (await call(running.stub.ListStagedFiles, pb.ListStagedFilesRequest(run_id=run.run_id))).files
        for file in listed:
            data = s3.read(file.uri)
            assert (len(data), xxhash.xxh3_128_hexdigest(data)) == (file.bytes, file.checksum)
            assert pq.ParquetFile(pa.BufferReader(data)).metadata.num_rows == file.rows
        manifest = json.loads(s3.read(f"{run.staging_uri}/manifest.json"))
        assert [table["content_hash"] for table in manifest["tables"]] == [table.content_hash for table in run.tables]
        on_disk = await running.completed(seed=7, batch_rows=500, staging_uri=f"file://{tmp_path}/disk")
        assert hashes(on_disk) == hashes(run)


async def test_files_in_a_bucket_go_as_they_do_on_a_disk(tmp_path: Path, schema: SchemaStandIn, s3: Prefix) -> None:
    """Deleted runs, cleaned runs, files that nobody knows; a used output directory is refused."""
    async with generator(tmp_path / "data", schema.address, stage_bucket=s3.root.uri) as running:
        deleted, cleaned = await running.completed(), await running.completed()
        out = s3.root.child("out").uri
        kept = await running.completed(output_dir=out)
        assert kept.staging_uri == out
        with refused(grpc.StatusCode.INVALID_ARGUMENT, "OUTPUT_NOT_WRITABLE", "files of another run"):
            await running.start(output_dir=out)
        answer = await call(running.stub.DeleteRuns, pb.DeleteRunsRequest(run_ids=[deleted.run_id]))
        assert answer.deleted_files == 3
        stray = s3.root.child("generated", "shop", "99", "orders", "part-00000.parquet")
        object_store.open_bucket(stray.bucket).put(stray, memoryview(b"stray"))
        await call(running.stub.CleanStaging, pb.CleanStagingRequest(run_ids=[cleaned.run_id]))
        left = [name for name in s3.names() if name.startswith("generated")]
        assert left == [stray.key.removeprefix(f"{s3.root.key}/")]
        assert (await call(running.stub.CleanStaging, pb.CleanStagingRequest(dry_run=True))).files == 1
        await call(running.stub.CleanStaging, pb.CleanStagingRequest(older_than_days=1))
        assert len(s3.names()) == 5, "older_than_days spares what is new"
        await call(running.stub.CleanStaging, pb.CleanStagingRequest())
        assert {name.split("/")[0] for name in s3.names()} == {"out"}, "what a client asked for elsewhere stays"


async def test_wrong_credentials_no_bucket_and_no_server_are_refused_at_the_door(
    tmp_path: Path, schema: SchemaStandIn, s3: Prefix, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Each by its name, nothing registered, and no secret in any message or log."""
    secret = "hunter2-secret"
    wrong = {"AWS_SECRET_ACCESS_KEY": secret}
    dead = {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{free_ports(1)[0]}"}
    cases = [
        (wrong, "local", grpc.StatusCode.FAILED_PRECONDITION, "STAGING_DENIED"),
        ({}, "nowhere", grpc.StatusCode.FAILED_PRECONDITION, "UNKNOWN_BUCKET"),
        (dead, "local", grpc.StatusCode.UNAVAILABLE, "STAGING_UNAVAILABLE"),
    ]
    monkeypatch.setattr(bucket, "PROBE_SECONDS", 0.3)
    async with generator(tmp_path / "data", schema.address) as running:
        for environment, name, code, reason in cases:
            with client_of(s3.server, monkeypatch, **environment), refused(code, reason, name):
                await running.start(staging_uri=f"s3://{name}/x")
        assert not (await call(running.stub.ListRuns, pb.ListRunsRequest())).runs
        assert await running.events() == []
    assert secret not in caplog.text
    assert "AWSAccessKeyId" not in caplog.text


@pytest.mark.slow
async def test_a_server_that_comes_back_costs_a_run_some_time(
    tmp_path: Path, schema: SchemaStandIn, monkeypatch: pytest.MonkeyPatch, mortal: Server
) -> None:
    """An S3 server may restart: batches are tried again, none is lost and none is told twice."""
    mortal.ensure()
    with client_of(mortal, monkeypatch):
        async with generator(tmp_path / "data", schema.address, stage_bucket="s3://local/x") as running:
            whole = await running.completed(seed=7, staging_uri=str(tmp_path / "disk"))
            started = await running.start(seed=7, batch_rows=20)
            await _some_batches(running, started.run_id)
            await asyncio.to_thread(mortal.stop)
            assert (await running.get(started.run_id)).state == Run.RUNNING
            mortal.start()
            run = await running.ended(started.run_id)
            assert (run.state, hashes(run)) == (Run.COMPLETED, hashes(whole)), run.failure
            told = [e.batch_finished.uri for e in await running.events() if e.run_id == run.run_id]
            told = [uri for uri in told if uri]
            objects = object_store.open_bucket("local").list(StagingRoot.parse(run.staging_uri))
            assert {stored.place.uri for stored in objects} == {*told, f"{run.staging_uri}/manifest.json"}
            assert len(told) == len(set(told)) == 15 + 75 + 200


async def test_a_server_that_stays_away_fails_the_run_by_name(
    tmp_path: Path, schema: SchemaStandIn, monkeypatch: pytest.MonkeyPatch, mortal: Server
) -> None:
    """After a bounded time."""
    mortal.ensure()
    with client_of(mortal, monkeypatch):
        facts = {"stage_bucket": "s3://local/y", "staging_retry_seconds": 1.0}
        async with generator(tmp_path / "data", schema.address, **facts) as running:
            started = await running.start(seed=7, batch_rows=20)
            await _some_batches(running, started.run_id)
            await asyncio.to_thread(mortal.stop)
            run = await running.ended(started.run_id)
            assert (run.state, run.failure.reason) == (Run.FAILED, "STAGING_UNAVAILABLE")
            assert "AWS_ENDPOINT_URL" in run.failure.hint


@pytest.mark.slow
async def test_an_abort_needs_no_server_and_a_deletion_waits_for_one(
    tmp_path: Path, schema: SchemaStandIn, monkeypatch: pytest.MonkeyPatch, mortal: Server
) -> None:
    """Who gives up on a server that is away must not wait for it; the files go once it is back."""
    mortal.ensure()
    with client_of(mortal, monkeypatch):
        async with generator(tmp_path / "data", schema.address, stage_bucket="s3://local/z") as running:
            started = await running.start(seed=7, batch_rows=20)
            await _some_batches(running, started.run_id)
            await asyncio.to_thread(mortal.stop)
            began = time.monotonic()
            await call(running.stub.AbortRun, pb.AbortRunRequest(run_id=started.run_id))
            assert (await running.ended(started.run_id)).state == Run.ABORTED
            assert time.monotonic() - began < PROMPT_SECONDS
            object_store.keep_trying(0.5)
            with refused(grpc.StatusCode.UNAVAILABLE, "STAGING_UNAVAILABLE"):
                await call(running.stub.DeleteRuns, pb.DeleteRunsRequest(run_ids=[started.run_id]))
            mortal.start()
            answer = await call(running.stub.DeleteRuns, pb.DeleteRunsRequest(run_ids=[started.run_id]))
            assert answer.deleted_runs == 1
            assert list(object_store.open_bucket("local").list(StagingRoot.parse("s3://local/z"))) == []


async def _some_batches(running: Generator, run_id: int) -> None:
    """Wait until a run has staged a few batches and has many before it."""
    watched = stream(running.stub.WatchRun, pb.WatchRunRequest(run_id=run_id), timeout=30)
    async for answer in watched:
        if answer.run.rows_done >= 100:
            return
