"""Writing into a scratch of Redshift's stand-in."""

import asyncio
import contextlib

import psycopg2
import pytest
from dwsim.query.v1 import query_service_pb2 as pb

from dwsim_wire.client import call, stream
from dwsim_wire.errors import RemoteFault
from query_svc.core.faults import WriteRefused
from query_svc.core.writes.definitions import MOST_COLUMNS
from query_svc.warehouses.postgres_scratches import PostgresScratches
from query_svc.warehouses.reader import Stop
from tests.postgres import Database
from tests.query_svc.conftest import RunningQuery
from tests.query_svc.dropped_scratches import writers_end
from tests.query_svc.scratch_stories import STORIES, Story, tell
from tests.query_svc.test_running import PATIENCE
from tests.query_svc.test_scratches import WRITES_ELSEWHERE, write
from tests.query_svc.warehouses.postgres_shop import NAMESPACE


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
async def test_a_scratch_behaves_as_the_users_warehouse_would(query: RunningQuery, story: Story) -> None:
    """The same sessions as on SQLite, with the same answers."""
    await tell(query, story)


@pytest.mark.slow
async def test_a_table_is_as_wide_as_the_server_allows(query: RunningQuery) -> None:
    """The numbers of a scratch's rows are a column too: at the server's own limit its words would reach the user."""
    await write(query, f"CREATE TABLE wide ({', '.join(f'c{place} INT' for place in range(MOST_COLUMNS))})")
    await write(query, f"INSERT INTO wide (c0, c{MOST_COLUMNS - 1}) VALUES (1, 2)")
    assert await query.rows(f"SELECT c0, c1, c{MOST_COLUMNS - 1} FROM wide", scratch="mine") == [[1, None, 2]]


async def test_nothing_is_written_outside_of_the_scratch(query: RunningQuery) -> None:
    """The right to write into a scratch is no right to write into the experiment."""
    for sql in WRITES_ELSEWHERE:
        with pytest.raises(RemoteFault) as refused:
            await write(query, sql)
        assert refused.value.reason in {"WRITE_REFUSED", "NOT_TRANSLATABLE", "INVALID_SQL"}, sql
    assert await query.rows("SELECT COUNT(*), SUM(total) FROM orders") == [[5, "112.65"]]


def _scratches(shop: Database) -> list[str]:
    return [
        row[0] for row in shop.rows("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'dw_scratch_%%' ORDER BY 1")
    ]


async def test_the_server_itself_keeps_a_scratch_out_of_all_others(query: RunningQuery, shop: Database) -> None:
    """Were a statement ever to slip past the parser, the role that it runs as may still write nothing else."""
    before = set(_scratches(shop))
    await write(query, "CREATE TABLE t AS SELECT 1 AS a", "mine")
    await write(query, "CREATE TABLE t AS SELECT 1 AS a", "other")
    mine, other = set(_scratches(shop)) - before
    for sql in (
        f'UPDATE "{NAMESPACE}".orders SET total = 0',
        f'CREATE TABLE "{NAMESPACE}".x (a int)',
        f'DROP TABLE "{NAMESPACE}".orders',
        f'INSERT INTO "{other}".t VALUES (1)',
        "CREATE SCHEMA x",
        "CREATE ROLE x",
        f'SELECT * FROM "{NAMESPACE}".orders',
        f'SELECT * FROM "{other}".t',
        "SELECT pg_read_file('postgresql.conf')",
    ):
        with contextlib.closing(shop.connect()) as connection, connection.cursor() as cursor:
            cursor.execute(f'SET ROLE "{mine}"')
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                cursor.execute(sql)
            connection.rollback()
    for name in ("mine", "other"):
        await call(query.stub.DropScratch, pb.DropScratchRequest(experiment="shop", scratch=name))
    assert mine not in _scratches(shop)
    assert not shop.rows("SELECT 1 FROM pg_roles WHERE rolname = %s", mine)


async def test_a_dropped_scratch_ends_who_writes_there(query: RunningQuery) -> None:
    """DropScratch waited for a statement that may run for hours."""
    await writers_end(query)


@pytest.mark.slow
async def test_a_scratch_that_is_read_is_not_dropped_under_its_reader(query: RunningQuery) -> None:
    """The server would wait for the reader, and every later reader for the server."""
    await write(query, "CREATE TABLE t AS SELECT REPEAT('x', 1000) AS a FROM orders, orders b, orders c, orders d")
    request = pb.ExecuteQueryRequest(
        experiment="shop", sql="SELECT a.a FROM t a, t b, t c", scratch="mine", format=pb.ExecuteQueryRequest.ARROW
    )
    rows = stream(query.stub.ExecuteQuery, request)
    await anext(rows)
    drop = pb.DropScratchRequest(experiment="shop", scratch="mine")
    with pytest.raises(RemoteFault) as read:
        await call(query.stub.DropScratch, drop)
    assert "in use" in read.value.message
    assert "CancelQuery" in read.value.hint
    assert await query.rows("SELECT COUNT(*) FROM t", scratch="mine") == [[625]]
    await rows.aclose()
    async with asyncio.timeout(PATIENCE):
        while await _is_in_use(query, drop):
            pass  # the server hears of the client that left after a moment


async def _is_in_use(query: RunningQuery, drop: pb.DropScratchRequest) -> bool:
    try:
        await call(query.stub.DropScratch, drop)
    except RemoteFault as fault:
        return "in use" in fault.message
    return False


async def test_a_failed_statement_leaves_the_scratch_as_it_was(query: RunningQuery) -> None:
    """All of a statement or none: half an INSERT would be a table that no statement describes."""
    await write(query, "CREATE TABLE t (a INT NOT NULL)")
    with pytest.raises(RemoteFault) as failed:
        await query.execute(
            "INSERT INTO t SELECT NULLIF(order_id, 5)::int FROM orders", allow_writes=True, scratch="mine"
        )
    assert "takes no NULL" in failed.value.message
    assert await query.rows("SELECT COUNT(*) FROM t", scratch="mine") == [[0]]
    with pytest.raises(RemoteFault) as failed:
        await query.execute(
            "CREATE TABLE u AS SELECT 1/(order_id-5) AS a FROM orders", allow_writes=True, scratch="mine"
        )
    assert "division by zero" in failed.value.message
    await write(query, "CREATE TABLE u AS SELECT 1 AS a")


async def test_with_a_login_that_may_make_no_roles_scratches_are_refused(query: RunningQuery, shop: Database) -> None:
    """What the server cannot enforce is not promised."""
    shop.rows("CREATE ROLE plain LOGIN PASSWORD 'plain'")
    url = shop.url.replace(shop.url.split("//")[1].split("@")[0], "plain:plain")
    with pytest.raises(WriteRefused) as refused, PostgresScratches(url).write("dw_scratch_0", Stop(60)):
        pass
    shop.rows("DROP ROLE plain")
    assert "no roles" in refused.value.message
