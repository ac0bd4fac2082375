"""What becomes of statements that write in a scratch when it is dropped, on every warehouse alike."""

import asyncio
from typing import Any

from dwsim.query.v1 import query_service_pb2 as pb

from dwsim_wire.client import call
from dwsim_wire.errors import RemoteFault
from tests.query_svc.conftest import Answer, RunningQuery
from tests.query_svc.test_running import LONG, PATIENCE, known


async def writers_end(query: RunningQuery) -> None:
    """One statement writes, one waits for its turn; the drop waits for neither, and the name is free again."""
    facts: dict[str, Any] = {"allow_writes": True, "scratch": "mine"}
    runs = asyncio.create_task(query.execute(f"CREATE TABLE t AS {LONG}", query_id="runs", **facts))
    await known(query, "runs")
    waits = asyncio.create_task(query.execute("CREATE TABLE u AS SELECT 1 AS a", query_id="waits", **facts))
    async with asyncio.timeout(PATIENCE):
        while True:  # it has no verdict before its turn
            listed = await call(query.stub.ListQueries, pb.ListQueriesRequest())
            if any(one.query_id == "waits" for one in listed.queries):
                break
            await asyncio.sleep(0.01)
        await call(query.stub.DropScratch, pb.DropScratchRequest(experiment="shop", scratch="mine"))
        (running, waiting) = await asyncio.gather(runs, waits, return_exceptions=True)
    assert isinstance(running, RemoteFault)
    assert (running.reason, "'mine' was dropped" in running.message) == ("CANCELLED_BY_USER", True)
    assert isinstance(waiting, RemoteFault) or (isinstance(waiting, Answer) and waiting.rows == [[1]])
    again = await query.execute("CREATE TABLE v AS SELECT 1 AS a", **facts)
    assert again.rows == [[1]]
