"""The event log through the door: gapless, durable before it is told, resumed by cursor."""

import asyncio
import contextlib
from pathlib import Path

import grpc
import pytest
from dwsim.generator.v1 import generator_service_pb2 as pb
from dwsim.generator.v1.event_pb2 import Event
from dwsim.generator.v1.run_pb2 import Run
from google.protobuf import json_format

from dwsim_wire.client import call, stream
from dwsim_wire.errors import RemoteFault
from dwsim_wire.fault import Unavailable
from dwsim_wire.staging import StagingRoot
from tests.clients import refused
from tests.generator_svc.documents import message, shop
from tests.generator_svc.running import Generator, generator
from tests.generator_svc.schema_peer import SchemaStandIn


def kinds(events: list[Event]) -> list[str]:
    """What happened, in order."""
    return [str(event.WhichOneof("kind")) for event in events]


async def test_the_log_tells_a_run_from_start_to_end_without_gaps(running: Generator) -> None:
    """A consumer needs nothing but the log: what the run is about, where its files are, how it ended."""
    run = await running.completed(batch_rows=1000)
    events = await running.events()
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    assert len({event.log_id for event in events}) == 1
    assert kinds(events)[0] == "run_started"
    assert kinds(events)[-1] == "run_ended"
    assert events[-1].run_ended.state == Run.COMPLETED
    assert {(event.run_id, event.experiment, event.experiment_id) for event in events} == {(run.run_id, "shop", "e1")}
    batches = [event.batch_finished for event in events if event.HasField("batch_finished")]
    assert sorted((b.table, b.batch_index, b.first_row, b.rows) for b in batches) == [
        ("customers", 0, 0, 300),
        ("order_items", 0, 0, 1000),
        ("order_items", 1, 1000, 1000),
        ("order_items", 2, 2000, 1000),
        ("order_items", 3, 3000, 1000),
        ("orders", 0, 0, 1000),
        ("orders", 1, 1000, 500),
    ]
    finished = {e.table_finished.table: e.table_finished for e in events if e.HasField("table_finished")}
    assert {name: (t.rows, t.batches, t.content_hash) for name, t in finished.items()} == {
        table.name: (table.rows, table.batches, table.content_hash) for table in run.tables
    }


async def test_a_table_is_finished_after_its_batches(running: Generator) -> None:
    """`TableFinished` is a promise that no batch of the table follows."""
    await running.completed(batch_rows=100, rows={"order_items": 0})
    seen: set[str] = set()
    for event in await running.events():
        if event.HasField("table_finished"):
            seen.add(event.table_finished.table)
        if event.HasField("batch_finished"):
            assert event.batch_finished.table not in seen
    assert seen == {"customers", "orders", "order_items"}


async def test_the_start_of_a_run_pins_the_experiment_whole(running: Generator, schema: SchemaStandIn) -> None:
    """Whoever handles the run later asks no schema service, and sees no later revision."""
    run = await running.completed()
    schema.documents["shop"] = shop() | {"revision": 2, "description": "changed"}
    started = (await running.events())[0].run_started
    assert started.experiment == message(shop())
    assert started.run.run_id == run.run_id
    assert started.run.state == Run.PENDING
    assert [table.name for table in started.run.tables] == [table.name for table in run.tables]
    assert all(table.rows_done == 0 and not table.content_hash for table in started.run.tables)
    assert json_format.MessageToDict(started.experiment)["tables"][0]["name"] == "order_items"


async def test_a_batch_is_on_disk_before_anyone_hears_of_it(running: Generator) -> None:
    """A consumer may open the file the moment the event comes."""
    answer = await running.start(batch_rows=50)
    request = pb.WatchBatchesRequest(follow=True)
    async for message_ in stream(running.stub.WatchBatches, request, timeout=60):
        if message_.event.HasField("batch_finished"):
            batch = message_.event.batch_finished
            assert StagingRoot.parse(batch.uri).path.stat().st_size == batch.bytes
        if message_.event.HasField("run_ended"):
            break
    assert (await running.get(answer.run_id)).state == Run.COMPLETED


async def test_a_cursor_resumes_where_it_stopped(running: Generator) -> None:
    """Stop anywhere, go on: nothing twice, nothing missing."""
    run = await running.completed(batch_rows=700)
    other = await running.completed(tables=["customers"])
    events = await running.events()
    log_id = events[0].log_id
    for stop in range(len(events) + 1):
        assert await running.events(log_id=log_id, after_sequence=stop) == events[stop:]
    only = await running.events(run_id=other.run_id)
    assert only == [event for event in events if event.run_id == other.run_id]
    assert run.run_id != other.run_id


async def test_a_log_longer_than_a_page_comes_whole(running: Generator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages are the server's business; a stream has no edges."""
    monkeypatch.setattr("generator_svc.service.watching.PAGE_EVENTS", 7)
    await running.completed(tables=["orders"], batch_rows=25, rows={"orders": 1000})
    events = await running.events()
    assert [event.sequence for event in events] == list(range(1, 44))


async def test_a_follower_hears_of_what_happens_later_and_of_nothing(
    running: Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A silent stream and a dead one must not look the same."""
    monkeypatch.setattr("generator_svc.service.watching.HEARTBEAT_SECONDS", 0.1)
    watch = stream(running.stub.WatchBatches, pb.WatchBatchesRequest(follow=True), timeout=60)
    first = await anext(watch)
    assert (first.heartbeat.newest_sequence, first.heartbeat.end) == (0, False)
    answer = await running.start(tables=["customers"])
    async for message_ in watch:
        if message_.HasField("event"):
            assert (message_.event.sequence, message_.event.run_id) == (1, answer.run_id)
            break


async def test_a_cursor_that_this_log_did_not_give_is_refused(running: Generator) -> None:
    """Reading on from a wrong place would skip or repeat in silence."""
    await running.completed(tables=["customers"])
    log_id = (await running.events())[0].log_id
    with refused(grpc.StatusCode.OUT_OF_RANGE, "SEQUENCE_AHEAD", "99"):
        await running.events(log_id=log_id, after_sequence=99)
    with refused(grpc.StatusCode.FAILED_PRECONDITION, "LOG_REPLACED", "sequence 0"):
        await running.events(log_id="another", after_sequence=1)
    for cursor in ({"after_sequence": 1}, {"after_sequence": -1, "log_id": log_id}):
        with refused(grpc.StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT", "log_id"):
            await running.events(**cursor)


async def test_a_restart_keeps_the_log(tmp_path: Path, schema: SchemaStandIn) -> None:
    """Sequences go on; the log's id stays."""
    async with generator(tmp_path, schema.address) as first:
        await first.completed(tables=["customers"])
        before = await first.events()
    async with generator(tmp_path, schema.address) as second:
        await second.completed(tables=["customers"])
        after = await second.events()
    assert after[: len(before)] == before
    assert [event.sequence for event in after] == list(range(1, 2 * len(before) + 1))


async def test_a_draining_server_ends_its_streams_with_a_word(tmp_path: Path, schema: SchemaStandIn) -> None:
    """A follower that is cut without a reason cannot tell a restart from a defect."""
    async with generator(tmp_path, schema.address, drain_seconds=5.0) as running:
        watch = stream(running.stub.WatchBatches, pb.WatchBatchesRequest(follow=True), timeout=60)
        await running.completed(tables=["customers"])
        assert (await anext(watch)).event.sequence == 1

        async def follow() -> None:
            async for _ in watch:
                pass

        following = asyncio.create_task(follow())
        await call(running.stub.GetServerInfo, pb.GetServerInfoRequest())
        running.stop.set()
        with pytest.raises((RemoteFault, Unavailable)) as caught:
            await following
    assert caught.value.reason == "UNAVAILABLE"


async def test_a_client_that_leaves_mid_stream_disturbs_nobody(running: Generator) -> None:
    """No queue is kept for it, so nothing fills up."""
    answer = await running.start(batch_rows=20)
    for _ in range(5):
        watch = stream(running.stub.WatchBatches, pb.WatchBatchesRequest(follow=True), timeout=60)
        await anext(watch)
        with contextlib.suppress(RemoteFault):
            await watch.aclose()
    assert (await running.ended(answer.run_id)).state == Run.COMPLETED


async def test_watching_a_run_shows_its_progress_and_its_end(running: Generator) -> None:
    """The last message has the terminal state, for clients that lose trailers."""
    answer = await running.start(batch_rows=20)
    runs = [
        message_.run
        async for message_ in stream(running.stub.WatchRun, pb.WatchRunRequest(run_id=answer.run_id), timeout=60)
    ]
    done = [run.rows_done for run in runs]
    assert done == sorted(done)
    assert runs[-1].state == Run.COMPLETED
    assert runs[-1].rows_done == 5800
    assert runs[-1].bytes_done == sum(path.stat().st_size for path in await running.files(answer.run_id))
    assert all(run.state in {Run.PENDING, Run.RUNNING} for run in runs[:-1])
