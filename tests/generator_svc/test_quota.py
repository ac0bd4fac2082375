"""The quota of staged files: runs wait for room, and say so; what could never fit is refused."""

from pathlib import Path
from typing import Any

import grpc
from dwsim.generator.v1 import generator_service_pb2 as pb
from dwsim.generator.v1.run_pb2 import Run

from dwsim_wire.client import call, stream
from tests.clients import refused
from tests.generator_svc.documents import shop
from tests.generator_svc.running import Generator, generator
from tests.generator_svc.schema_peer import SchemaStandIn

ROWS = {"orders": 20_000}
ASKED: dict[str, Any] = {"tables": ["orders"], "rows": ROWS, "batch_rows": 1000}
QUOTA = 400_000
"""Room for two runs of about 184,000 bytes each, not for three."""


async def waiting(running: Generator, run_id: int) -> Run:
    """The run as soon as it waits for room."""
    last = Run()
    async for answer in stream(running.stub.WatchRun, pb.WatchRunRequest(run_id=run_id), timeout=30):
        last = answer.run
        if last.waits_for:
            break
    assert last.waits_for.startswith("room for staged files"), last
    return last


async def test_a_run_waits_for_room_and_goes_on_when_there_is(tmp_path: Path, schema: SchemaStandIn) -> None:
    """A disk that others use too must not fill up because nobody cleans; nothing is lost while it waits."""
    schema.documents["other"] = shop() | {"name": "other", "id": "e2"}
    async with generator(tmp_path / "data", schema.address, generator_threads=2, staging_quota_bytes=QUOTA) as running:
        first, _ = [await running.completed(**ASKED) for _ in range(2)]
        second = await running.start("other", **ASKED)
        stuck = await waiting(running, second.run_id)
        assert stuck.state == Run.RUNNING
        assert 2 * first.bytes_done + stuck.bytes_done < QUOTA + 4 * first.bytes_done // 20
        assert (await running.get(second.run_id)).waits_for == stuck.waits_for
        await call(running.stub.CleanStaging, pb.CleanStagingRequest(run_ids=[first.run_id]))
        ended = await running.ended(second.run_id)
        assert (ended.state, ended.waits_for, ended.rows_done) == (Run.COMPLETED, "", ROWS["orders"])


async def test_a_run_that_waits_for_room_can_be_stopped(tmp_path: Path, schema: SchemaStandIn) -> None:
    """Waiting is no reason not to listen."""
    schema.documents["other"] = shop() | {"name": "other", "id": "e2"}
    async with generator(tmp_path / "data", schema.address, staging_quota_bytes=QUOTA) as running:
        for _ in range(2):
            await running.completed(**ASKED)
        second = await running.start("other", **ASKED)
        await waiting(running, second.run_id)
        await call(running.stub.AbortRun, pb.AbortRunRequest(run_id=second.run_id))
        assert (await running.ended(second.run_id)).state == Run.ABORTED


async def test_runs_that_fill_the_quota_together_do_not_wait_for_each_other(
    tmp_path: Path, schema: SchemaStandIn
) -> None:
    """There would be nothing to clean: the newest gives way, and its files can be cleaned for the others.

    The runs are long enough that none has ended before the last has begun.
    """
    for name in ("other", "third"):
        schema.documents[name] = shop() | {"name": name, "id": name}
    asked = ASKED | {"rows": {"orders": 20 * ROWS["orders"]}, "batch_rows": 2_000}
    async with generator(tmp_path / "data", schema.address, staging_quota_bytes=20 * QUOTA) as running:
        *others, newest = [await running.start(name, **asked) for name in ("shop", "other", "third")]
        gave_way = await running.ended(newest.run_id)
        assert (gave_way.state, gave_way.failure.reason) == (Run.FAILED, "NOT_ENOUGH_SPACE")
        assert "staging_quota_bytes" in gave_way.failure.hint
        await call(running.stub.DeleteRuns, pb.DeleteRunsRequest(run_ids=[newest.run_id]))
        for other in others:
            assert (await running.ended(other.run_id)).state == Run.COMPLETED


async def test_a_run_beyond_the_quota_is_refused_unless_it_goes_elsewhere(
    tmp_path: Path, schema: SchemaStandIn
) -> None:
    """It would wait for ever; a directory of the client's is the client's to fill."""
    async with generator(tmp_path / "data", schema.address, staging_quota_bytes=1000) as running:
        with refused(grpc.StatusCode.RESOURCE_EXHAUSTED, "NOT_ENOUGH_SPACE", "quota", "staging_quota_bytes"):
            await running.start(**ASKED)
        elsewhere = await running.completed(**ASKED, output_dir=str(tmp_path / "out"))
        assert elsewhere.bytes_done > 1000
