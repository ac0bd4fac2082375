"""Queries while they run: cancelled, timed out, left, slow, many, paged, remembered."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import grpc
import psutil
import pytest
from dwsim.query.v1 import query_service_pb2 as pb
from dwsim.query.v1.query_pb2 import Query

from dwsim_wire.client import call, stream
from dwsim_wire.errors import RemoteFault
from tests.query_svc.conftest import NAMESPACE, RunningQuery, running
from tests.query_svc.loader_stand_in import LoaderStandIn, place

PATIENCE = 60.0
LONG = """
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000) SELECT COUNT(*) FROM n
"""
WIDE = """
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000000)
SELECT i, REPEAT('x', 1000) AS filler FROM n
"""


async def history(query: RunningQuery, query_id: str) -> Query:
    """The query once it has ended."""
    async with asyncio.timeout(PATIENCE):
        while True:
            listed = await call(query.stub.ListQueries, pb.ListQueriesRequest())
            found = {q.query_id: q for q in listed.queries}
            if query_id in found and found[query_id].state != Query.RUNNING:
                return found[query_id]
            await asyncio.sleep(0.01)


async def known(query: RunningQuery, query_id: str) -> None:
    """Wait until the query is in the history."""
    async with asyncio.timeout(PATIENCE):
        while True:
            listed = await call(query.stub.ListQueries, pb.ListQueriesRequest())
            if any(q.query_id == query_id and q.verdict for q in listed.queries):
                return
            await asyncio.sleep(0.01)


async def test_a_cancelled_query_ends_within_a_second(query: RunningQuery) -> None:
    """A runaway query must not hold the machine."""
    request = pb.ExecuteQueryRequest(experiment="shop", sql=LONG, query_id="mine")

    async def execute() -> None:
        async for _ in stream(query.stub.ExecuteQuery, request):
            pass

    task = asyncio.create_task(execute())
    await known(query, "mine")
    began = asyncio.get_running_loop().time()
    answer = await call(query.stub.CancelQuery, pb.CancelQueryRequest(query_id="mine"))
    assert answer.query.state == Query.CANCELLED
    with pytest.raises(RemoteFault) as cancelled:
        await task
    assert cancelled.value.reason == "CANCELLED_BY_USER"
    assert asyncio.get_running_loop().time() - began < 1.0
    with pytest.raises(RemoteFault) as ended:
        await call(query.stub.CancelQuery, pb.CancelQueryRequest(query_id="mine"))
    assert ended.value.reason == "QUERY_ENDED"
    with pytest.raises(RemoteFault) as unknown:
        await call(query.stub.CancelQuery, pb.CancelQueryRequest(query_id="other"))
    assert unknown.value.reason == "UNKNOWN_QUERY"


async def test_a_client_that_leaves_ends_its_query(query: RunningQuery) -> None:
    """Browsers close tabs in the middle of a result."""
    request = pb.ExecuteQueryRequest(experiment="shop", sql=WIDE, query_id="left", format=pb.ExecuteQueryRequest.ARROW)
    rows = stream(query.stub.ExecuteQuery, request)
    assert (await anext(rows)).schema.columns
    await rows.aclose()
    ended = await history(query, "left")
    assert ended.state == Query.CANCELLED


async def test_a_client_that_leaves_before_the_first_row_ends_its_query(query: RunningQuery) -> None:
    """The first row of an aggregate may take minutes."""
    request = pb.ExecuteQueryRequest(experiment="shop", sql=LONG, query_id="early")
    rows = stream(query.stub.ExecuteQuery, request)
    waiting = asyncio.create_task(anext(rows))
    await known(query, "early")
    waiting.cancel()
    assert (await history(query, "early")).state == Query.CANCELLED


async def test_a_statement_that_runs_too_long_is_ended(query: RunningQuery) -> None:
    """Timeouts reach the warehouse."""
    limits = pb.QueryLimits(timeout_seconds=0.3)
    with pytest.raises(RemoteFault) as late:
        await call(query.stub.RunQuery, pb.RunQueryRequest(experiment="shop", sql=LONG, limits=limits))
    assert (late.value.code, late.value.reason) == (grpc.StatusCode.DEADLINE_EXCEEDED, "STATEMENT_TIMEOUT")
    assert "0.3 s" in late.value.message


@pytest.mark.parametrize("way", ["arrow", "json", "csv", "parquet"])
async def test_a_client_that_stops_reading_does_not_grow_the_server(query: RunningQuery, way: str) -> None:
    """100 GB are on their way; what lies between is a few chunks, whatever they become."""
    messages: AsyncGenerator[Any, None]
    if way in {"arrow", "json"}:
        request = pb.ExecuteQueryRequest(experiment="shop", sql=WIDE)
        request.format = pb.ExecuteQueryRequest.ARROW if way == "arrow" else pb.ExecuteQueryRequest.JSON
        messages = stream(query.stub.ExecuteQuery, request)
    else:
        export = pb.ExportQueryRequest(experiment="shop", sql=WIDE)
        export.format = pb.ExportQueryRequest.PARQUET if way == "parquet" else pb.ExportQueryRequest.CSV
        export.compression = pb.ExportQueryRequest.NONE
        messages = stream(query.stub.ExportQuery, export)
    for _ in range(5):
        await anext(messages)
    memory = psutil.Process()
    before = memory.memory_info().rss
    most = 0
    for _ in range(10):
        await asyncio.sleep(0.1)
        most = max(most, memory.memory_info().rss)
    assert most - before < 64 << 20
    assert await anext(messages)
    await messages.aclose()


async def test_a_client_that_never_reads_on_is_let_go(tmp_path: Path, loader: LoaderStandIn) -> None:
    """A sleeping client must not hold a connection to the warehouse for ever."""
    async with running(tmp_path / "data", loader, query_stall_seconds=0.3) as query:
        request = pb.ExecuteQueryRequest(
            experiment="shop", sql=WIDE, query_id="asleep", format=pb.ExecuteQueryRequest.ARROW
        )
        rows = stream(query.stub.ExecuteQuery, request)
        await anext(rows)
        async with asyncio.timeout(PATIENCE):
            async for message in rows:
                await asyncio.sleep(0.6)
                if message.HasField("summary"):
                    assert message.summary.failure.reason == "CANCELLED_BY_USER"
                    break


async def test_too_many_queries_are_refused(tmp_path: Path, loader: LoaderStandIn) -> None:
    """Better one refused than all slow."""
    async with running(tmp_path / "data", loader, max_queries=1) as query:
        request = pb.ExecuteQueryRequest(experiment="shop", sql=WIDE, query_id="long")
        rows = stream(query.stub.ExecuteQuery, request)
        await anext(rows)
        with pytest.raises(RemoteFault) as busy:
            await query.run("SELECT 1")
        assert (busy.value.code, busy.value.reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "TOO_MANY_QUERIES")
        await rows.aclose()
        await history(query, "long")
        assert await query.rows("SELECT 1") == [[1]]


async def test_pages_of_a_kept_result_are_the_whole_result(query: RunningQuery) -> None:
    """The table may change between two pages; the result may not."""
    sql = "SELECT order_id FROM orders ORDER BY order_id"
    first = await query.run(sql, page_size=2)
    assert [list(row) for row in first.rows] == [[1], [2]]
    second = await query.run("", page_token=first.next_page_token, page_size=2)
    third = await query.run("", page_token=second.next_page_token, page_size=2)
    assert [list(row) for row in (*second.rows, *third.rows)] == [[3], [4], [5]]
    assert not third.next_page_token
    assert third.summary.rows == 5
    with pytest.raises(RemoteFault) as lost:
        await query.run("", page_token="nonsense")
    assert lost.value.reason == "INVALID_PAGE_TOKEN"


async def test_history_remembers_who_asked_what_and_how_it_ended(query: RunningQuery) -> None:
    """The first question after an incident."""
    await query.run("SELECT order_id FROM orders")
    with pytest.raises(RemoteFault):
        await query.run("SELECT nope FROM orders")
    listed = await call(query.stub.ListQueries, pb.ListQueriesRequest(experiment="shop", page_size=1))
    [failed] = listed.queries
    assert (failed.state, failed.failure.reason) == (Query.FAILED, "UNKNOWN_COLUMN")
    page = pb.ListQueriesRequest(experiment="shop", page_token=listed.next_page_token)
    [done] = (await call(query.stub.ListQueries, page)).queries
    assert (done.state, done.rows, done.sql) == (Query.COMPLETED, 5, "SELECT order_id FROM orders")
    assert done.client
    assert done.start_time.seconds > 0


async def test_history_outlives_the_service(tmp_path: Path, loader: LoaderStandIn) -> None:
    """What ran when a service ended is failed, not running for ever."""
    async with running(tmp_path / "data", loader) as query:
        await query.run("SELECT 1")
    async with running(tmp_path / "data", loader) as query:
        [kept] = (await call(query.stub.ListQueries, pb.ListQueriesRequest())).queries
        assert kept.state == Query.COMPLETED


async def test_a_loader_that_is_down_does_not_stop_queries(query: RunningQuery, loader: LoaderStandIn) -> None:
    """Only the first query of an experiment needs the loader."""
    assert await query.rows("SELECT COUNT(*) FROM orders") == [[5]]
    await loader.stop()
    assert await query.rows("SELECT COUNT(*) FROM customers") == [[4]]
    with pytest.raises(RemoteFault) as unknown:
        await query.run("SELECT 1", experiment="other")
    assert (unknown.value.code, unknown.value.metadata["peer"]) == (grpc.StatusCode.UNAVAILABLE, "loader")


async def test_a_new_load_is_seen_at_once_and_a_dropped_experiment_is_gone(
    query: RunningQuery, loader: LoaderStandIn
) -> None:
    """Stale names would read tables that are not there any more."""
    assert await query.rows("SELECT COUNT(*) FROM orders") == [[5]]
    newer = place("shop", "sqlite/shop_0badcafe.db")
    newer.generation = 2
    newer.tables[1].name = "purchases"
    loader.places["shop"] = newer
    assert await query.rows("SELECT COUNT(*) FROM purchases") == [[5]]
    del loader.places["shop"]
    with pytest.raises(RemoteFault) as gone:
        await query.run("SELECT COUNT(*) FROM purchases")
    assert gone.value.reason == "UNKNOWN_EXPERIMENT"


async def test_the_catalog_shows_what_the_ddl_declared(query: RunningQuery) -> None:
    """Types, keys and properties of the user's own words."""
    listed = await call(query.stub.ListTables, pb.ListTablesRequest(experiment="shop"))
    assert [(t.name, t.rows, t.column_count) for t in listed.tables] == [("customers", 4, 7), ("orders", 5, 10)]
    request = pb.DescribeTableRequest(experiment="shop", table="ORDERS")
    table = await call(query.stub.DescribeTable, request)
    assert [c.data_type for c in table.columns][:3] == ["BIGINT", "BIGINT", "VARCHAR(12)"]
    assert table.columns[0].primary_key
    assert not table.columns[0].nullable
    assert table.properties["diststyle"] == "ALL"
    with pytest.raises(RemoteFault) as unknown:
        await call(query.stub.DescribeTable, pb.DescribeTableRequest(experiment="shop", table="ordres"))
    assert "orders" in unknown.value.hint


async def test_a_plan_is_the_warehouses_own(query: RunningQuery) -> None:
    """A slow query is explained by its plan."""
    sql = "SELECT c.name, COUNT(*) FROM orders o JOIN customers c ON c.customer_id = o.customer_id GROUP BY 1"
    answer = await call(query.stub.ExplainQuery, pb.ExplainQueryRequest(experiment="shop", sql=sql))
    assert "SCAN" in answer.plan
    assert answer.translation.translated_sql.startswith("SELECT")


async def test_large_texts_are_read_beside_the_service(query: RunningQuery) -> None:
    """A parser that works for seconds must not stop the others."""
    values = ", ".join(str(n) for n in range(12_000))
    sql = f"SELECT COUNT(*) FROM orders WHERE order_id IN ({values})"
    assert len(sql) > 65_536
    large = asyncio.create_task(query.rows(sql))
    assert await query.rows("SELECT 1") == [[1]]
    assert not large.done()
    assert await large == [[5]]
    with pytest.raises(RemoteFault) as unknown:
        await query.run(sql.replace("order_id", "order_ix"))
    assert unknown.value.reason == "UNKNOWN_COLUMN"


async def test_many_clients_at_once_get_their_own_answers(query: RunningQuery) -> None:
    """Threads, connections and queues must not mix."""
    answers = await asyncio.gather(*(query.rows(f"SELECT {n}, COUNT(*) FROM orders") for n in range(24)))
    assert answers == [[[n, 5]] for n in range(24)]


async def test_a_server_describes_itself(query: RunningQuery) -> None:
    """Clients ask what is there before they use it."""
    server = (await call(query.stub.GetServerInfo, pb.GetServerInfoRequest())).server
    assert server.service == "query"
    assert {"warehouse.sqlite", "dialect.redshift"} <= set(server.features)


@pytest.mark.parametrize("keep", [0, 100])
async def test_a_corrupt_file_is_the_warehouses_fault(query: RunningQuery, keep: int) -> None:
    """The user's statement is right, whatever happened to the file."""
    file = query.data_dir / "warehouses" / NAMESPACE
    content = file.read_bytes()
    file.write_bytes(content[:keep] + b"\xff" * (len(content) - keep))
    with pytest.raises(RemoteFault) as caught:
        await query.rows("SELECT COUNT(*) FROM orders")
    assert caught.value.reason == "WAREHOUSE_UNAVAILABLE"
