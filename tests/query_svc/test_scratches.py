"""Writing into a scratch, through the service's own door, on SQLite."""

import asyncio
import contextlib
import sqlite3
from pathlib import Path
from typing import Any

import grpc
import pytest
from dwsim.query.v1 import query_service_pb2 as pb

from dwsim_wire.client import call
from dwsim_wire.errors import RemoteFault
from tests.processes import wait_for
from tests.query_svc.conftest import NAMESPACE, RunningQuery, running
from tests.query_svc.dropped_scratches import writers_end
from tests.query_svc.loader_stand_in import LoaderStandIn
from tests.query_svc.scratch_stories import STORIES, Story, tell

C = grpc.StatusCode


async def write(query: RunningQuery, sql: str, scratch: str = "mine", **facts: Any) -> int:
    """Number of rows that a statement wrote."""
    answer = await query.execute(sql, allow_writes=True, scratch=scratch, **facts)
    assert [column.name for column in answer.schema.columns] == ["rows"]
    return int(answer.rows[0][0])


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
async def test_a_scratch_behaves_as_the_users_warehouse_would(query: RunningQuery, story: Story) -> None:
    """What an engineer develops in a session must give the rows that Redshift would give."""
    await tell(query, story)


WRITES_ELSEWHERE = [
    "INSERT INTO orders (order_id) VALUES (9)",
    "UPDATE orders SET total = 0",
    "DELETE FROM orders",
    "DROP TABLE orders",
    "TRUNCATE orders",
    "MERGE INTO orders USING customers c ON order_id = c.customer_id WHEN MATCHED THEN DELETE",
    "CREATE TABLE shop.t (a INT)",
    "CREATE TABLE sales.t AS SELECT 1 AS a",
    "CREATE VIEW shop.v AS SELECT 1 AS a",
    "INSERT INTO shop.orders SELECT * FROM orders",
    "INSERT INTO main.orders SELECT * FROM orders",
    "WITH gone AS (DELETE FROM orders RETURNING *) SELECT * FROM gone",
    "WITH gone AS (DELETE FROM orders RETURNING *) INSERT INTO t SELECT * FROM gone",
    "CREATE TABLE t AS WITH gone AS (DELETE FROM orders RETURNING *) SELECT * FROM gone",
    "/* CREATE TABLE x */ DELETE FROM orders -- CREATE",
    "SELECT * FROM orders FOR UPDATE",
    "COPY orders FROM 's3://bucket/file'",
    "GRANT ALL ON orders TO PUBLIC",
    "ALTER TABLE orders ADD COLUMN x INT",
    "BEGIN",
    "VACUUM",
    "CALL p()",
    "ATTACH 'x.db' AS y",
]


@pytest.mark.parametrize("sql", WRITES_ELSEWHERE)
async def test_nothing_is_written_outside_of_the_scratch(query: RunningQuery, sql: str) -> None:
    """The right to write into a scratch is no right to write into the experiment."""
    with pytest.raises(RemoteFault) as refused:
        await write(query, sql)
    assert refused.value.reason in {"WRITE_REFUSED", "NOT_TRANSLATABLE", "INVALID_SQL"}
    assert await query.rows("SELECT COUNT(*), SUM(total) FROM orders") == [[5, "112.65"]]


async def test_the_session_that_writes_has_only_the_scratchs_file(query: RunningQuery) -> None:
    """SQLite itself cannot write the experiment there: no connection that writes has opened its file."""
    await write(query, "CREATE TABLE t AS SELECT * FROM orders")
    files = list((query.data_dir / "warehouses" / "scratch").glob("*.db"))
    assert len(files) == 1
    names = {row[0] for row in sqlite3.connect(files[0]).execute("SELECT name FROM sqlite_master")}
    assert "t" in names
    experiment = sqlite3.connect(query.data_dir / "warehouses" / NAMESPACE)
    assert not experiment.execute("SELECT 1 FROM sqlite_master WHERE name = 't'").fetchall()


async def test_scratches_are_private_listed_and_dropped(query: RunningQuery) -> None:
    """Two engineers who both call a table `t` must not meet; nobody sees the other's."""
    await write(query, "CREATE TABLE t AS SELECT 1 AS a", "mine")
    await write(query, "CREATE VIEW v AS SELECT a FROM t", "mine")
    await write(query, "CREATE TABLE t AS SELECT 2 AS a", "other")
    assert await query.rows("SELECT a FROM t", scratch="mine") == [[1]]
    assert await query.rows("SELECT a FROM t", scratch="other") == [[2]]
    theirs = pb.RunQueryRequest(experiment="shop", sql="SELECT a FROM t", scratch="mine")
    with pytest.raises(grpc.aio.AioRpcError) as foreign:
        await query.stub.RunQuery(theirs, metadata=(("x-client-id", "eve"),))
    assert foreign.value.code() is C.NOT_FOUND
    assert not (await query.stub.ListScratches(pb.ListScratchesRequest(), metadata=(("x-client-id", "eve"),))).scratches
    listed = (await call(query.stub.ListScratches, pb.ListScratchesRequest(page_size=1))).scratches
    assert [(s.name, s.experiment, [t.name for t in s.tables], list(s.views)) for s in listed] == [
        ("mine", "shop", ["t"], ["v"])
    ]
    assert listed[0].expire_time.seconds - listed[0].use_time.seconds == 7 * 86_400
    dropped = await call(query.stub.DropScratch, pb.DropScratchRequest(experiment="shop", scratch="mine"))
    assert dropped.scratch.name == "mine"
    with pytest.raises(RemoteFault) as gone:
        await query.rows("SELECT a FROM t", scratch="mine")
    assert (gone.value.code, gone.value.reason) == (C.NOT_FOUND, "UNKNOWN_SCRATCH")
    assert len(list((query.data_dir / "warehouses" / "scratch").glob("*.db"))) == 1


async def test_a_dropped_scratch_ends_who_writes_there(query: RunningQuery) -> None:
    """DropScratch waited for a statement that may run for hours."""
    await writers_end(query)


async def test_a_scratch_outlives_the_service_but_not_its_idle_time(tmp_path: Path, loader: LoaderStandIn) -> None:
    """Tables of a session must be there after a restart, and go by themselves once nobody comes back."""
    async with running(tmp_path / "data", loader) as first:
        await write(first, "CREATE TABLE t AS SELECT 1 AS a")
    async with running(tmp_path / "data", loader) as second:
        assert await second.rows("SELECT a FROM t", scratch="mine") == [[1]]
    folder = tmp_path / "data" / "warehouses" / "scratch"
    async with running(tmp_path / "data", loader, scratch_idle_seconds=0.01):
        await asyncio.to_thread(wait_for, lambda: not _booked(tmp_path / "data"), "the idle scratch to be dropped")
        assert not list(folder.glob("*.db"))


async def test_a_scratch_ends_with_its_experiment(tmp_path: Path, loader: LoaderStandIn) -> None:
    """Nobody can name the scratch of an experiment that was deleted; a loader that is away is no deletion."""
    async with running(tmp_path / "data", loader) as query:
        await write(query, "CREATE TABLE t AS SELECT 1 AS a")
    await loader.stop()
    async with running(tmp_path / "data", loader):
        assert _booked(tmp_path / "data") == 1
    await loader.start()
    loader.places.clear()
    async with running(tmp_path / "data", loader):
        await asyncio.to_thread(wait_for, lambda: not _booked(tmp_path / "data"), "the scratch to be dropped")


@pytest.mark.parametrize("limits", [pb.QueryLimits(max_rows=2), pb.QueryLimits(max_bytes=8)], ids=["rows", "bytes"])
async def test_limits_hold_for_what_is_written(query: RunningQuery, limits: pb.QueryLimits) -> None:
    """A cross join must not fill the disk; what is too large is not written at all."""
    with pytest.raises(RemoteFault) as refused:
        await write(query, "CREATE TABLE t AS SELECT * FROM orders", limits=limits)
    assert refused.value.code is C.RESOURCE_EXHAUSTED
    assert await write(query, "CREATE TABLE t AS SELECT 1 AS a") == 1


def _booked(data_dir: Path) -> int:
    """Scratches in the service's own book."""
    with contextlib.closing(sqlite3.connect(data_dir / "metadata" / "query.db", timeout=30)) as connection:
        return int(connection.execute("SELECT COUNT(*) FROM scratches").fetchone()[0])


async def test_the_catalog_shows_what_was_declared(query: RunningQuery) -> None:
    """Tools read DISTKEY, SORTKEY and ENCODE of the tables that they just made."""
    await write(
        query,
        "CREATE TEMP TABLE t (id BIGINT IDENTITY(1,1) DISTKEY, st VARCHAR(12) ENCODE zstd, d DATE NOT NULL) SORTKEY(d)",
    )
    rows = await query.rows(
        'SELECT "column", type, encoding, distkey, sortkey, "notnull" FROM pg_table_def'
        " WHERE schemaname = 'mine' AND tablename = 't'",
        scratch="mine",
    )
    assert rows == [
        ["id", "bigint", "az64", True, 0, False],
        ["st", "character varying(12)", "zstd", False, 0, False],
        ["d", "date", "none", False, 1, True],
    ]
    asked = pb.DescribeTableRequest(experiment="shop", table="t", scratch="mine")
    described = await call(query.stub.DescribeTable, asked)
    assert [column.data_type for column in described.columns] == ["BIGINT", "VARCHAR(12)", "DATE"]
    listed = await call(query.stub.ListTables, pb.ListTablesRequest(experiment="shop", scratch="mine"))
    assert "t" in [table.name for table in listed.tables]


@pytest.mark.parametrize("name", ["public", "shop", "sales", "a b", "1x", "x" * 60, "../x", "main"])
async def test_names_that_mean_something_else_are_no_scratches(query: RunningQuery, name: str) -> None:
    """A scratch called as a schema would hide the tables of the experiment."""
    with pytest.raises(RemoteFault) as refused:
        await write(query, "CREATE TABLE t AS SELECT 1 AS a", name)
    assert (refused.value.code, refused.value.reason) == (C.INVALID_ARGUMENT, "INVALID_ARGUMENT")
