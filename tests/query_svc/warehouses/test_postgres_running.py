"""Queries on PostgreSQL while they run: cancelled, timed out, left, slow, many; and servers that go away."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import psutil
import pytest
from dwsim.common.v1.warehouse_pb2 import Warehouse
from dwsim.query.v1 import query_service_pb2 as pb
from dwsim.query.v1.query_pb2 import Query

from dwsim_wire.client import call, stream
from dwsim_wire.errors import RemoteFault
from tests.postgres import Database
from tests.processes import PROMPT_SECONDS, free_ports
from tests.query_svc.conftest import RunningQuery, running
from tests.query_svc.loader_stand_in import LoaderStandIn, place
from tests.query_svc.test_running import LONG, PATIENCE, WIDE, history, known
from tests.query_svc.warehouses.postgres_shop import NAMESPACE

OURS = "SELECT pid FROM pg_stat_activity WHERE application_name = 'dw-simulator query' AND datname = current_database()"
ARROW = pb.ExecuteQueryRequest.ARROW


async def at_work(shop: Database, expected: int) -> list[int]:
    """Server processes of ours that run a statement, once there are as many as expected."""
    async with asyncio.timeout(PATIENCE):
        while True:
            found = await asyncio.to_thread(shop.rows, f"{OURS} AND state = 'active'")
            if len(found) == expected:
                return [pid for (pid,) in found]
            await asyncio.sleep(0.02)


async def connected(shop: Database, expected: int) -> None:
    """Wait until so many connections of ours are left."""
    async with asyncio.timeout(PATIENCE):
        while True:
            if len(await asyncio.to_thread(shop.rows, OURS)) == expected:
                return
            await asyncio.sleep(0.02)


async def read_all(rows: AsyncIterator[Any]) -> list[Any]:
    return [message async for message in rows]


async def test_a_cancelled_query_ends_on_the_server_within_a_second(query: RunningQuery, shop: Database) -> None:
    """A runaway query must not hold the warehouse."""
    request = pb.ExecuteQueryRequest(experiment="shop", sql=LONG, query_id="mine")
    task = asyncio.create_task(read_all(stream(query.stub.ExecuteQuery, request)))
    await at_work(shop, 1)
    began = asyncio.get_running_loop().time()
    answer = await call(query.stub.CancelQuery, pb.CancelQueryRequest(query_id="mine"))
    assert answer.query.state == Query.CANCELLED
    await at_work(shop, 0)
    assert asyncio.get_running_loop().time() - began < PROMPT_SECONDS
    with pytest.raises(RemoteFault) as cancelled:
        await task
    assert cancelled.value.reason == "CANCELLED_BY_USER"
    await connected(shop, 0)


async def test_a_statement_that_runs_too_long_is_ended_on_the_server(query: RunningQuery, shop: Database) -> None:
    """Timeouts reach the warehouse."""
    limits = pb.QueryLimits(timeout_seconds=0.5)
    with pytest.raises(RemoteFault) as late:
        await call(query.stub.RunQuery, pb.RunQueryRequest(experiment="shop", sql=LONG, limits=limits))
    assert (late.value.code, late.value.reason) == (grpc.StatusCode.DEADLINE_EXCEEDED, "STATEMENT_TIMEOUT")
    assert "0.5 s" in late.value.message
    await connected(shop, 0)


@pytest.mark.parametrize("sql", [LONG, WIDE])
async def test_a_client_that_leaves_ends_its_query_on_the_server(query: RunningQuery, shop: Database, sql: str) -> None:
    """Browsers close tabs, before the first row and in the middle of a result."""
    request = pb.ExecuteQueryRequest(experiment="shop", sql=sql, query_id="left", format=ARROW)
    rows = stream(query.stub.ExecuteQuery, request)
    waiting = asyncio.create_task(anext(rows))
    await known(query, "left")
    if sql is WIDE:
        assert (await waiting).schema.columns
        await rows.aclose()
    else:
        await at_work(shop, 1)
        waiting.cancel()
    assert (await history(query, "left")).state == Query.CANCELLED
    await connected(shop, 0)


async def test_a_client_that_stops_reading_does_not_grow_the_server(query: RunningQuery, shop: Database) -> None:
    """100 GB are on their way; what lies between is a few chunks."""
    rows = stream(query.stub.ExecuteQuery, pb.ExecuteQueryRequest(experiment="shop", sql=WIDE, format=ARROW))
    for _ in range(5):
        await anext(rows)
    memory = psutil.Process()
    before, most = memory.memory_info().rss, 0
    for _ in range(10):
        await asyncio.sleep(0.1)
        most = max(most, memory.memory_info().rss)
    assert most - before < 64 << 20
    assert (await anext(rows)).arrow.row_count
    await rows.aclose()
    await connected(shop, 0)


async def test_a_result_comes_in_chunks_of_a_megabyte(query: RunningQuery) -> None:
    """A message has a limit, and memory too."""
    sql = WIDE.replace("100000000", "20000")
    answer = await query.execute(sql, format=ARROW)
    assert answer.table is not None
    assert answer.table.num_rows == 20_000
    sizes = [batch.nbytes for batch in answer.table.to_batches()]
    assert len(sizes) >= 15
    assert max(sizes) < 2 << 20


async def test_a_connection_that_is_lost_is_said_and_the_next_query_runs(query: RunningQuery, shop: Database) -> None:
    """An administrator may end any connection."""
    request = pb.ExecuteQueryRequest(experiment="shop", sql=LONG)
    task = asyncio.create_task(read_all(stream(query.stub.ExecuteQuery, request)))
    await at_work(shop, 1)
    async with asyncio.timeout(PATIENCE):
        while not task.done():  # a client may try what is UNAVAILABLE again
            await asyncio.to_thread(shop.rows, OURS.replace("pid", "pg_terminate_backend(pid)", 1))
            await asyncio.sleep(0.02)
    with pytest.raises(RemoteFault) as lost:
        await task
    assert (lost.value.code, lost.value.reason) == (grpc.StatusCode.UNAVAILABLE, "WAREHOUSE_UNAVAILABLE")
    assert await query.rows("SELECT COUNT(*) FROM orders") == [[5]]


async def test_a_server_that_was_killed_is_back_without_a_restart_of_ours(query: RunningQuery, shop: Database) -> None:
    """The stand-in recovers by itself; so do we."""
    rows = stream(query.stub.ExecuteQuery, pb.ExecuteQueryRequest(experiment="shop", sql=WIDE, format=ARROW))
    await anext(rows)
    before = shop.postmaster()
    shop.crash()
    async with asyncio.timeout(PATIENCE):
        summary = (await read_all(rows))[-1].summary
    assert summary.failure.reason == "WAREHOUSE_UNAVAILABLE"
    await asyncio.to_thread(shop.recovered, before)
    assert await query.rows("SELECT COUNT(*) FROM orders") == [[5]]


async def test_a_server_that_is_not_there_is_said_without_its_login(
    tmp_path: Path, loader: LoaderStandIn, caplog: pytest.LogCaptureFixture
) -> None:
    """URLs have passwords; SQLite goes on."""
    (port,) = free_ports(1)
    loader.places["away"] = place("away", NAMESPACE, warehouse=Warehouse.REDSHIFT)
    async with running(tmp_path / "data", loader, redshift_url=f"postgresql://u:hunter2@127.0.0.1:{port}/d") as query:
        with pytest.raises(RemoteFault) as away:
            await query.run("SELECT COUNT(*) FROM orders", experiment="away")
        assert (away.value.code, away.value.reason) == (grpc.StatusCode.UNAVAILABLE, "WAREHOUSE_UNAVAILABLE")
        assert "hunter2" not in f"{away.value.message} {away.value.hint} {caplog.text}"
        assert await query.rows("SELECT COUNT(*) FROM orders") == [[5]]


async def test_many_clients_at_once_get_their_own_answers(query: RunningQuery, shop: Database) -> None:
    """The first ones install the compatibility schema, and do it once."""
    answers = await asyncio.gather(
        *(query.rows(f"SELECT {n}, STRTOL('7', 8), COUNT(*) FROM orders") for n in range(24))
    )
    assert answers == [[[n, 7, 5]] for n in range(24)]
    await connected(shop, 0)


async def test_a_plan_is_the_warehouses_own(query: RunningQuery) -> None:
    """A slow query is explained by its plan."""
    request = pb.ExplainQueryRequest(experiment="shop", sql="SELECT status, COUNT(*) FROM orders GROUP BY 1")
    answer = await call(query.stub.ExplainQuery, request)
    assert "Seq Scan on orders" in answer.plan
    server = (await call(query.stub.GetServerInfo, pb.GetServerInfoRequest())).server
    assert {"warehouse.redshift", "warehouse.sqlite"} <= set(server.features)
