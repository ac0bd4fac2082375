"""What is kept no longer goes: events with whole runs, runs with their files, files alone."""

import asyncio
import contextlib
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import grpc
import pytest
from dwsim.generator.v1 import generator_service_pb2 as pb
from dwsim.generator.v1.event_pb2 import Event
from dwsim.generator.v1.run_pb2 import Run

from dwsim_wire.client import call, stream
from dwsim_wire.staging import StagingRoot
from generator_svc.worker import retention
from tests.clients import refused
from tests.generator_svc.running import Generator, generator
from tests.generator_svc.schema_peer import SchemaStandIn

DAYS = 86_400 * 1_000_000
SMALL: dict[str, Any] = {"tables": ["customers"]}


async def until(condition: Callable[[], Awaitable[object]]) -> None:
    """Wait for what a sweep does in the background."""
    async with asyncio.timeout(60):
        while not await condition():  # noqa: ASYNC110  # the sweep rings no bell of ours
            await asyncio.sleep(0.02)


def grow_old(data_dir: Path, days: int) -> None:
    """Let all that was recorded be some days older."""
    with contextlib.closing(sqlite3.connect(data_dir / "metadata/generator.db")) as connection, connection:
        connection.execute("UPDATE events SET time = time - ?", [days * DAYS])
        connection.execute("UPDATE runs SET end_time = end_time - ?", [days * DAYS])


def runs_in(data_dir: Path) -> list[int]:
    """Ids of all runs that the database has a row of."""
    with contextlib.closing(sqlite3.connect(data_dir / "metadata/generator.db")) as connection:
        return [run_id for (run_id,) in connection.execute("SELECT run_id FROM runs ORDER BY run_id")]


async def oldest(running: Generator) -> Event:
    """The oldest event that is kept."""
    return (await running.events())[0]


@pytest.mark.parametrize("keep", [{"keep_events": 2}, {"keep_events_days": 7}])
async def test_old_events_go_with_their_runs(tmp_path: Path, schema: SchemaStandIn, keep: dict[str, int]) -> None:
    """A follower that starts anew gets whole runs; one that had stopped before is told, and not sent on in silence."""
    async with generator(tmp_path, schema.address) as running:
        first = await running.completed(**SMALL)
        lost = (await running.events())[1]
        grow_old(tmp_path, days=8)
        second = await running.completed(**SMALL)
    async with generator(tmp_path, schema.address, **keep) as running:

        async def swept() -> bool:
            return (await oldest(running)).run_id == second.run_id

        await until(swept)
        events = await running.events()
        assert [event.WhichOneof("kind") for event in events][:2] == ["run_started", "batch_finished"]
        assert events[0].run_started.run.run_id == second.run_id
        with refused(grpc.StatusCode.OUT_OF_RANGE, "SEQUENCE_EXPIRED", "sequence 0"):
            await running.events(log_id=lost.log_id, after_sequence=lost.sequence)
        at_edge = {"log_id": lost.log_id, "after_sequence": events[0].sequence - 1}
        assert await running.events(**at_edge) == events, "nothing after this cursor is missing"
        assert (await running.get(first.run_id)).state == Run.COMPLETED, "the run itself is kept"
        third = await running.completed(**SMALL)
        assert (await running.events(run_id=third.run_id))[0].sequence == events[-1].sequence + 1


async def test_a_follower_of_one_run_is_not_lost_while_others_come_and_go(
    tmp_path: Path, schema: SchemaStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its cursor stands still, for the run is silent; the log goes on, and forgets what is not its business."""
    monkeypatch.setattr(retention, "SWEEP_SECONDS", 0.1)
    monkeypatch.setattr("generator_svc.service.watching.HEARTBEAT_SECONDS", 0.1)
    async with generator(tmp_path, schema.address, keep_events=2) as running:
        run = await running.completed(**SMALL)
        request = pb.WatchBatchesRequest(run_id=run.run_id, follow=True)
        watch = stream(running.stub.WatchBatches, request, timeout=60)
        told = [await anext(watch) for _ in range(4)]
        assert told[-1].event.HasField("run_ended")
        other = await running.completed(**SMALL)

        async def swept() -> bool:
            return (await oldest(running)).run_id == other.run_id

        await until(swept)
        assert (await anext(watch)).HasField("heartbeat")
        await call(running.stub.DeleteRuns, pb.DeleteRunsRequest(run_ids=[run.run_id]))
        while (message := await anext(watch)).HasField("heartbeat"):
            pass
        assert message.event.HasField("run_deleted")


async def test_a_deleted_run_leaves_no_row_when_its_events_are_gone(tmp_path: Path, schema: SchemaStandIn) -> None:
    """A database that only grows is a disk that fills; a run's id is never used again."""
    async with generator(tmp_path, schema.address) as running:
        gone = await running.completed(request_id="r", **SMALL)
        kept = await running.completed(**SMALL)
        await call(running.stub.DeleteRuns, pb.DeleteRunsRequest(run_ids=[gone.run_id]))
        assert runs_in(tmp_path) == [gone.run_id, kept.run_id]
    grow_old(tmp_path, days=31)
    async with generator(tmp_path, schema.address) as running:

        async def swept() -> bool:
            return await asyncio.to_thread(runs_in, tmp_path) == [kept.run_id]

        await until(swept)
        assert await running.events() == []
        assert (await running.completed(**SMALL)).run_id == kept.run_id + 1


async def test_old_runs_go_with_their_files(
    tmp_path: Path, schema: SchemaStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The loader hears of it; what a client had put into a directory of its own stays."""
    monkeypatch.setattr(retention, "SURPLUS_AFTER_MICROSECONDS", 0)
    out = tmp_path / "out"
    async with generator(tmp_path / "data", schema.address) as running:
        elsewhere = await running.completed(output_dir=str(out), **SMALL)
        surplus, newest = [await running.completed(**SMALL) for _ in range(2)]
    async with generator(tmp_path / "data", schema.address, keep_runs=1) as running:

        async def swept() -> bool:
            listed = (await call(running.stub.ListRuns, pb.ListRunsRequest())).runs
            return [run.run_id for run in listed] == [newest.run_id, elsewhere.run_id]

        await until(swept)
        assert not StagingRoot.parse(surplus.staging_uri).path.exists()
        assert (await running.events(run_id=surplus.run_id))[-1].run_deleted.files == 1
        assert [path.exists() for path in await running.files(newest.run_id)] == [True]
        assert len(list(out.rglob("*.parquet"))) == 1


async def test_old_files_go_and_their_runs_stay(tmp_path: Path, schema: SchemaStandIn) -> None:
    """History costs nothing; bytes do."""
    async with generator(tmp_path, schema.address) as running:
        old = await running.completed(**SMALL)
        grow_old(tmp_path, days=3)
        young = await running.completed(**SMALL)
    async with generator(tmp_path, schema.address, keep_files_days=2) as running:

        async def swept() -> bool:
            return not await running.files(old.run_id)

        await until(swept)
        assert (await running.events())[-1].run_deleted.files == 1
        assert (await running.get(old.run_id)).state == Run.COMPLETED
        assert len(await running.files(young.run_id)) == 1
