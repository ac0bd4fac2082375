"""Runs at work: one per experiment, a queue beyond the limit, stopped within a second."""

import time
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
from dwsim.generator.v1 import generator_service_pb2 as pb
from dwsim.generator.v1.run_pb2 import Run

from dwsim_wire.client import call
from dwsim_wire.staging import StagingRoot
from tests.clients import refused
from tests.generator_svc.documents import shop
from tests.generator_svc.running import Generator, generator
from tests.generator_svc.schema_peer import SchemaStandIn
from tests.processes import PROMPT_SECONDS

LONG = {"orders": 2_000_000}


async def test_a_second_run_of_an_experiment_is_refused_and_names_the_first(
    running: Generator, schema: SchemaStandIn
) -> None:
    """Two runs of one experiment would race for the same warehouse tables; other experiments go on."""
    first = await running.start(rows=LONG, batch_rows=1000)
    with refused(grpc.StatusCode.ABORTED, "RUN_ACTIVE", f"run {first.run_id}", "'shop'"):
        await running.start()
    schema.documents["other"] = shop() | {"name": "other", "id": "e2"}
    await running.completed("other")
    await call(running.stub.AbortRun, pb.AbortRunRequest(run_id=first.run_id))
    await running.ended(first.run_id)
    await running.completed()


async def test_an_abort_stops_a_run_within_a_second_and_leaves_no_half_file(running: Generator) -> None:
    """Ctrl-C is a promise."""
    await running.completed()
    answer = await running.start(rows=LONG, batch_rows=10_000)
    async for event in _until_batches(running, answer.run_id, 3):
        assert event.state == Run.RUNNING
    begun = time.monotonic()
    aborting = (await call(running.stub.AbortRun, pb.AbortRunRequest(run_id=answer.run_id))).run
    assert aborting.state in {Run.ABORTING, Run.ABORTED}
    run = await running.ended(answer.run_id)
    assert time.monotonic() - begun < PROMPT_SECONDS
    assert (run.state, run.failure.reason) == (Run.ABORTED, "ABORTED_BY_USER")
    root = StagingRoot.parse(run.staging_uri).path
    assert {path for path in root.rglob("*") if path.is_file()} == set(await running.files(run.run_id))
    assert (await running.events(run_id=run.run_id))[-1].run_ended.state == Run.ABORTED
    with refused(grpc.StatusCode.ABORTED, "RUN_ENDED", str(run.run_id)):
        await call(running.stub.AbortRun, pb.AbortRunRequest(run_id=run.run_id))


async def test_runs_beyond_the_limit_wait_for_their_turn(tmp_path: Path, schema: SchemaStandIn) -> None:
    """A queued run is PENDING, is made later, and can be aborted while it waits."""
    for name in ("a", "b", "c"):
        schema.documents[name] = shop() | {"name": name, "id": name}
    async with generator(tmp_path, schema.address, generator_threads=1, generator_parallel_runs=1) as running:
        first = await running.start("a", rows=LONG, batch_rows=1000)
        second, third = await running.start("b"), await running.start("c")
        assert (await running.get(second.run_id)).state == Run.PENDING
        dropped = (await call(running.stub.AbortRun, pb.AbortRunRequest(run_id=second.run_id))).run
        assert dropped.state == Run.ABORTED
        await call(running.stub.AbortRun, pb.AbortRunRequest(run_id=first.run_id))
        assert (await running.ended(third.run_id)).state == Run.COMPLETED
        assert (await running.ended(first.run_id)).state == Run.ABORTED
        assert await running.files(second.run_id) == []


async def test_a_drained_service_takes_its_runs_up_again(tmp_path: Path, schema: SchemaStandIn) -> None:
    """An upgrade of the server is not a failed run; a run asked to stop still stops."""
    schema.documents["other"] = shop() | {"name": "other", "id": "e2"}
    rows = {"orders": 60_000}
    async with generator(tmp_path / "whole", schema.address) as running:
        whole = await running.completed(rows=rows, batch_rows=1000)
    async with generator(tmp_path / "cut", schema.address, generator_threads=1) as running:
        answer = await running.start(rows=rows, batch_rows=1000)
        async for _ in _until_batches(running, answer.run_id, 2):
            pass
    async with generator(tmp_path / "cut", schema.address) as running:
        run = await running.ended(answer.run_id)
        assert run.state == Run.COMPLETED
        assert [t.content_hash for t in run.tables] == [t.content_hash for t in whole.tables]
        batches = [e for e in await running.events() if e.HasField("batch_finished")]
        assert len(batches) == sum(table.batches for table in run.tables)


async def _until_batches(running: Generator, run_id: int, batches: int) -> AsyncIterator[Run]:
    """The run as it goes, until it has made some batches."""
    while True:
        run = await running.get(run_id)
        yield run
        if sum(table.batches_done for table in run.tables) >= batches or run.state not in {Run.PENDING, Run.RUNNING}:
            return
