"""Runs side by side: they share the threads, wait in order, and say what they wait for."""

import asyncio
import itertools
import time
from pathlib import Path

import pytest
from dwsim.generator.v1 import generator_service_pb2 as pb
from dwsim.generator.v1.run_pb2 import Run

from dwsim_wire.client import call, stream
from dwsim_wire.fault import Fault
from generator_svc.core.kernels import faker_pools
from tests.generator_svc.documents import column, shop
from tests.generator_svc.running import Generator, generator
from tests.generator_svc.schema_peer import SchemaStandIn
from tests.processes import PROMPT_SECONDS, service_process

HUGE = {"orders": 100_000_000}


def add_shops(schema: SchemaStandIn, *names: str) -> None:
    """Experiments of their own."""
    for name in names:
        schema.documents[name] = shop() | {"name": name, "id": name}


async def abort(running: Generator, run_id: int) -> float:
    """Stop a run and wait for its end; answers the seconds that it took."""
    begun = time.monotonic()
    await call(running.stub.AbortRun, pb.AbortRunRequest(run_id=run_id))
    assert (await running.ended(run_id)).state == Run.ABORTED
    return time.monotonic() - begun


async def test_a_small_run_beside_a_huge_one_ends_long_before_it(running: Generator, schema: SchemaStandIn) -> None:
    """Whoever starts a test beside somebody's load test must not wait for it."""
    add_shops(schema, "huge")
    huge = await running.start("huge", tables=["orders"], rows=HUGE)
    small = await running.completed(rows={"orders": 100_000})
    beside = await running.get(huge.run_id)
    assert beside.state == Run.RUNNING
    assert small.rows_done > 100_000
    assert beside.rows_done < HUGE["orders"] // 4, "the small run waited"
    assert await abort(running, huge.run_id) < PROMPT_SECONDS


async def test_a_queued_run_tells_its_place(tmp_path: Path, schema: SchemaStandIn) -> None:
    """PENDING alone does not say whether it takes a minute or a day; the queue is fair."""
    add_shops(schema, "a", "b", "c", "d")
    async with generator(tmp_path, schema.address, generator_threads=1, generator_parallel_runs=1) as running:
        first = await running.start("a", rows=HUGE)
        second, third, fourth = [await running.start(name) for name in ("b", "c", "d")]
        assert (await running.get(first.run_id)).waits_for == ""
        places = [(await running.get(run.run_id)).waits_for for run in (second, third, fourth)]
        assert places == [f"its turn: place {place} of 3 in the queue" for place in (1, 2, 3)]
        await call(running.stub.AbortRun, pb.AbortRunRequest(run_id=second.run_id))
        listed = (await call(running.stub.ListRuns, pb.ListRunsRequest())).runs
        waiting = {run.run_id: run.waits_for for run in listed if run.waits_for}
        assert waiting == {third.run_id: places[0].replace("3", "2"), fourth.run_id: places[1].replace("3", "2")}
        await abort(running, first.run_id)
        ended = [await running.ended(run.run_id) for run in (third, fourth)]
        assert [run.state for run in ended] == [Run.COMPLETED, Run.COMPLETED]
        assert ended[0].end_time.ToNanoseconds() < ended[1].end_time.ToNanoseconds()
        assert not ended[0].waits_for


async def accepted(running: Generator) -> Run:
    """The one run, as soon as there is one: a client may be gone before its request is accepted."""
    async for answer in stream(running.stub.WatchBatches, pb.WatchBatchesRequest(follow=True), timeout=60):
        if answer.HasField("event"):
            return await running.get(answer.event.run_id)
    raise AssertionError("the log ended without a run")


async def test_a_client_that_gives_up_waiting_leaves_the_run_going(running: Generator) -> None:
    """A deadline is about the answer, not about the work; so is Ctrl-C in a client that waits."""
    request = pb.StartRunRequest(experiment="shop", rows=HUGE, wait=True, request_id="r")
    with pytest.raises(Fault) as caught:
        await call(running.stub.StartRun, request, timeout=0.5)
    assert caught.value.reason == "DEADLINE_EXCEEDED"
    leaving = running.stub.StartRun(request, timeout=60)
    before = await accepted(running)
    leaving.cancel()
    async for answer in stream(running.stub.WatchRun, pb.WatchRunRequest(run_id=before.run_id), timeout=60):
        assert answer.run.state in {Run.PENDING, Run.RUNNING}
        if answer.run.rows_done > before.rows_done:
            break
    await abort(running, before.run_id)


async def test_a_run_is_stopped_while_its_kernels_compile(tmp_path: Path, schema: SchemaStandIn) -> None:
    """The first run on a machine compiles for seconds; Ctrl-C is not to wait for that."""
    environment = {"DW_SIMULATOR_SCHEMA_ADDRESS": schema.address}
    with service_process("generator", tmp_path, environment=environment) as process:
        address = await asyncio.to_thread(process.address)
        async with Generator.at(address) as cold:
            answer = await cold.start(rows={"orders": 10_000_000})
            begun = time.monotonic()
            stopped = (await call(cold.stub.AbortRun, pb.AbortRunRequest(run_id=answer.run_id))).run
            assert stopped.state in {Run.ABORTING, Run.ABORTED}
            assert (await cold.ended(answer.run_id)).state == Run.ABORTED
            assert time.monotonic() - begun < PROMPT_SECONDS
            assert await cold.files(answer.run_id) == []
        process.kill()


@pytest.mark.slow
async def test_a_run_is_stopped_while_it_is_planned_again(tmp_path: Path, schema: SchemaStandIn) -> None:
    """A run that is taken up after a restart draws its pools of Faker's values anew, which takes seconds."""
    tables = schema.documents["shop"]["tables"]
    tables[2]["columns"].append(column("profile", "VARCHAR(4000)", rule={"faker": {"provider": "profile"}}))
    async with generator(tmp_path, schema.address, generator_threads=1) as running:
        run_id = (await running.start(rows=HUGE, batch_rows=1000)).run_id
    faker_pools._values.cache_clear()  # what a new process has
    async with generator(tmp_path, schema.address, generator_threads=1) as running:
        before = await running.get(run_id)
        assert await abort(running, run_id) < PROMPT_SECONDS
        assert (await running.get(run_id)).rows_done == before.rows_done, "it was not at work yet"


async def test_progress_comes_every_second_also_where_there_is_none(tmp_path: Path, schema: SchemaStandIn) -> None:
    """A bar that stands still and one that is dead must not look the same."""
    add_shops(schema, "a")
    async with generator(tmp_path, schema.address, generator_threads=1, generator_parallel_runs=1) as running:
        first = await running.start("a", rows=HUGE)
        queued = await running.start()
        told: list[float] = []
        async for _ in stream(running.stub.WatchRun, pb.WatchRunRequest(run_id=queued.run_id), timeout=60):
            told.append(time.monotonic())
            if len(told) == 3:
                break
        assert max(later - earlier for earlier, later in itertools.pairwise(told)) < 1.0 + PROMPT_SECONDS
        for run in (queued, first):
            await abort(running, run.run_id)
