"""What is not answered, and how it is said."""

import sqlite3
from typing import Any

import grpc
import pytest
from dwsim.common.v1.sql_dialect_pb2 import SqlDialect
from dwsim.common.v1.warehouse_pb2 import Warehouse

from dwsim_wire.errors import RemoteFault
from tests.query_svc.conftest import NAMESPACE, RunningQuery
from tests.query_svc.loader_stand_in import LoaderStandIn, place

C = grpc.StatusCode
WRITES = [
    "INSERT INTO orders (order_id) VALUES (9)",
    "UPDATE orders SET total = 0",
    "DELETE FROM orders",
    "DROP TABLE orders",
    "CREATE TABLE t AS SELECT 1 AS a",
    "CREATE VIEW v AS SELECT 1 AS a",
    "ALTER TABLE orders ADD COLUMN x INT",
    "TRUNCATE orders",
    "WITH gone AS (DELETE FROM orders RETURNING *) SELECT * FROM gone",
    "SELECT * INTO t FROM orders",
    "SELECT * FROM orders FOR UPDATE",
    "/* SELECT */ DELETE FROM orders -- SELECT",
    "COPY orders FROM 's3://bucket/file'",
    "UNLOAD ('SELECT 1') TO 's3://bucket/file'",
    "GRANT ALL ON orders TO PUBLIC",
    "BEGIN",
    "VACUUM",
    "SET search_path TO x",
    "CALL p()",
]
NATIVE_WRITES = [
    "PRAGMA writable_schema = ON",
    "ATTACH 'other.db' AS other",
    "REINDEX",
    "REPLACE INTO orders (order_id) VALUES (1)",
]


async def refusal(query: RunningQuery, sql: str, **facts: Any) -> RemoteFault:
    """The fault of RunQuery, which must be that of ExecuteQuery too."""
    with pytest.raises(RemoteFault) as unary:
        await query.run(sql, **facts)
    with pytest.raises(RemoteFault) as streamed:
        await query.execute(sql, **facts)
    assert (unary.value.code, unary.value.message) == (streamed.value.code, streamed.value.message)
    return unary.value


@pytest.mark.parametrize("sql", WRITES)
async def test_nothing_writes(query: RunningQuery, sql: str) -> None:
    """The parsed tree is checked before the engine is asked."""
    fault = await refusal(query, sql)
    assert (fault.code, fault.reason) == (C.PERMISSION_DENIED, "WRITE_REFUSED")
    assert await query.rows("SELECT COUNT(*) FROM orders") == [[5]]


async def test_a_statement_that_a_scratch_takes_is_told_where(query: RunningQuery) -> None:
    """RunQuery has no `allow_writes`, and the gateway passes no field on that a request does not have."""
    for sql in ("CREATE TABLE t (a INT)", "SELECT 1 AS a INTO t", "UNLOAD ('SELECT 1') TO 's3://b/p'"):
        assert "ExecuteQuery with allow_writes" in (await refusal(query, sql)).hint, sql


@pytest.mark.parametrize("sql", NATIVE_WRITES)
async def test_nothing_writes_in_sqlites_own_words(query: RunningQuery, sql: str) -> None:
    """SQLite has doors of its own."""
    fault = await refusal(query, sql, dialect=SqlDialect.SQLITE)
    assert fault.reason in {"WRITE_REFUSED", "INVALID_SQL"}


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM sqlite_master",
        "SELECT * FROM sqlite_schema",
        "SELECT * FROM _dwsim_load",
        "SELECT * FROM main._dwsim_catalog",
        "SELECT * FROM pragma_table_info('orders')",
        "SELECT * FROM digits",
        "SELECT (SELECT sql FROM sqlite_master LIMIT 1)",
    ],
)
@pytest.mark.parametrize("dialect", [SqlDialect.REDSHIFT, SqlDialect.SQLITE])
async def test_our_own_plumbing_cannot_be_read(query: RunningQuery, sql: str, dialect: int) -> None:
    """A table that no load declared is no table of the user's."""
    fault = await refusal(query, sql, dialect=dialect)
    assert fault.reason in {"UNKNOWN_TABLE", "NOT_TRANSLATABLE", "INVALID_SQL"}


async def test_functions_that_reach_outside_are_refused(query: RunningQuery) -> None:
    """SQLite's own SQL may call functions, but none that loads code."""
    fault = await refusal(query, "SELECT load_extension('x')", dialect=SqlDialect.SQLITE)
    assert fault.reason in {"WRITE_REFUSED", "EXECUTION_FAILED"}


@pytest.mark.parametrize(
    ("sql", "code", "reason", "words"),
    [
        ("SELECT * FROM ordrs", C.NOT_FOUND, "UNKNOWN_TABLE", "did you mean orders?"),
        ("SELECT\n  ttal FROM orders", C.NOT_FOUND, "UNKNOWN_COLUMN", "line 2, column 3"),
        ("SELECT o.ttal FROM orders o", C.NOT_FOUND, "UNKNOWN_COLUMN", "did you mean total?"),
        ("SELECT x.total FROM orders o", C.NOT_FOUND, "UNKNOWN_TABLE", "'x'"),
        ("SELECT customer_id FROM orders, customers", C.INVALID_ARGUMENT, "AMBIGUOUS_NAME", "customer_id"),
        ("SELECT *\nFORM orders", C.INVALID_ARGUMENT, "INVALID_SQL", "line 2"),
        ("SELECT 'open", C.INVALID_ARGUMENT, "INVALID_SQL", "not closed"),
        ("SELECT", C.INVALID_ARGUMENT, "INVALID_SQL", "no columns"),
        ("SELECT 1,\n 'a\0b'", C.INVALID_ARGUMENT, "INVALID_SQL", "line 2, column 4: the statement has a NUL"),
        (" -- nothing", C.INVALID_ARGUMENT, "EMPTY_STATEMENT", ""),
        ("SELECT 1; SELECT 2", C.INVALID_ARGUMENT, "SEVERAL_STATEMENTS", "one by one"),
        ("SELECT status, COUNT(*) FROM orders", C.INVALID_ARGUMENT, "INVALID_SQL", "GROUP BY"),
        ("SELECT 1 FROM orders WHERE COUNT(*) > 1", C.INVALID_ARGUMENT, "INVALID_SQL", "HAVING"),
        ("SELECT 1 FROM orders WHERE total", C.INVALID_ARGUMENT, "INVALID_SQL", "BOOLEAN"),
        ("SELECT 1 FROM orders WHERE status = 5", C.INVALID_ARGUMENT, "INVALID_SQL", "do not go together"),
        ("SELECT 1 FROM orders WHERE total = 'many'", C.INVALID_ARGUMENT, "INVALID_SQL", "'many'"),
        ("SELECT FOO(1)", C.UNIMPLEMENTED, "NOT_TRANSLATABLE", "FOO()"),
        ("SELECT NLV(1, 2)", C.UNIMPLEMENTED, "NOT_TRANSLATABLE", "did you mean NVL()?"),
        ("SELECT status SIMILAR TO 'a' FROM orders", C.UNIMPLEMENTED, "NOT_TRANSLATABLE", "SIMILARTO"),
        ("SELECT SUM(total) OVER (ORDER BY order_id) FROM orders", C.INVALID_ARGUMENT, "INVALID_SQL", "frame"),
        ("SELECT 1 FROM orders GROUP BY ROLLUP (status)", C.UNIMPLEMENTED, "NOT_TRANSLATABLE", "ROLLUP"),
        ("SELECT * FROM nowhere.orders", C.NOT_FOUND, "UNKNOWN_EXPERIMENT", "nowhere"),
        ("SHOW TABLES", C.UNIMPLEMENTED, "NOT_TRANSLATABLE", "ListTables"),
        ("EXPLAIN SELECT 1", C.UNIMPLEMENTED, "NOT_TRANSLATABLE", "ExplainQuery"),
        pytest.param(
            "SELECT " + "(" * 20_000 + "1" + ")" * 20_000, C.RESOURCE_EXHAUSTED, "TOO_COMPLEX", "nests", id="too deep"
        ),
        # without an id the text would be part of the environment, where no process starts with it
        pytest.param(
            "SELECT 1 -- " + "x" * 1_100_000, C.RESOURCE_EXHAUSTED, "TOO_COMPLEX", "characters", id="too long"
        ),
    ],
)
async def test_what_cannot_be_read_is_said_with_its_place_and_remedy(
    query: RunningQuery, sql: str, code: C, reason: str, words: str
) -> None:
    """The first try of a query is mostly wrong; the message must carry the second."""
    fault = await refusal(query, sql)
    assert (fault.code, fault.reason) == (code, reason)
    assert words in f"{fault.message} {fault.hint}"


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("SELECT 1 / (order_id - 1) FROM orders", "division by zero"),
        ("SELECT status::int FROM orders", "'paid' is not an integer"),
        ("SELECT SUM(9000000000000000000 + order_id) FROM orders", "too large"),
        ("SELECT TO_DATE(status, 'YYYY') FROM orders", "'paid' does not have the format"),
    ],
)
async def test_what_fails_in_the_warehouse_fails_here(query: RunningQuery, sql: str, words: str) -> None:
    """SQLite answers NULL or 0 to these, which nobody would notice."""
    with pytest.raises(RemoteFault) as failed:
        await query.run(sql)
    assert failed.value.reason == "EXECUTION_FAILED"
    assert words in failed.value.message


@pytest.mark.parametrize(
    ("sql", "excerpt"),
    [
        ("SELECT 1 +\n FROM orders", " FROM orders\n ^"),
        ("SELECT 1,\n\torder_idd FROM orders", " order_idd FROM orders\n ^"),
        ("SELECT * FROM nothing.oders", "SELECT * FROM nothing.oders\n              ^"),
        ("SELECT 1; SELECT 2", "SELECT 1; SELECT 2\n          ^"),
        ("SELECT 'a", "SELECT 'a\n^"),
        ("SELECT " + "1, " * 100 + "nothing FROM orders", "1, " * 16 + "nothing FROM orders\n" + " " * 48 + "^"),
    ],
)
async def test_a_caret_points_to_the_place(query: RunningQuery, sql: str, excerpt: str) -> None:
    """Long lines are cut around it."""
    fault = await refusal(query, sql)
    shown, caret = fault.metadata["excerpt"].split("\n")
    wanted, below = excerpt.split("\n")
    assert shown.endswith(wanted)
    assert len(caret) - len(below) == len(shown) - len(wanted)
    assert "sqlglot" not in fault.message


async def test_unknown_experiments_and_dialects_are_named(query: RunningQuery, loader: LoaderStandIn) -> None:
    """An answer from the wrong place would be worse than none."""
    fault = await refusal(query, "SELECT 1", experiment="shp")
    assert (fault.code, fault.reason) == (C.NOT_FOUND, "UNKNOWN_EXPERIMENT")
    fault = await refusal(query, "SELECT 1", dialect=SqlDialect.DATABRICKS)
    assert (fault.code, fault.reason) == (C.UNIMPLEMENTED, "NOT_YET_AVAILABLE")
    loader.places["gone"] = place("gone", "sqlite/gone.db")
    fault = await refusal(query, "SELECT * FROM orders", experiment="gone")
    assert (fault.code, fault.reason) == (C.UNAVAILABLE, "WAREHOUSE_UNAVAILABLE")
    loader.places["out"] = place("out", "../../../outside.db")
    fault = await refusal(query, "SELECT * FROM orders", experiment="out")
    assert fault.reason == "WAREHOUSE_UNAVAILABLE"


async def test_tables_in_a_warehouse_that_is_not_configured_are_said_to_be_there(
    query: RunningQuery, loader: LoaderStandIn
) -> None:
    """`dw-sim up --warehouse sqlite` after a load into Redshift's stand-in: the tables are neither gone nor unknown."""
    loader.places["elsewhere"] = place("elsewhere", NAMESPACE, warehouse=Warehouse.REDSHIFT)
    fault = await refusal(query, "SELECT 1 FROM orders", experiment="elsewhere")
    assert (fault.code, fault.reason) == (C.UNAVAILABLE, "WAREHOUSE_UNAVAILABLE")
    assert fault.metadata == {"warehouse": "REDSHIFT"}
    assert "the tables are in REDSHIFT" in fault.message
    assert "--warehouse" in fault.hint


async def test_names_cannot_smuggle_sql(query: RunningQuery) -> None:
    """Names are quoted everywhere, values are literals."""
    fault = await refusal(query, 'SELECT * FROM "orders"" ; DROP TABLE orders --"')
    assert fault.reason == "UNKNOWN_TABLE"
    assert await query.rows("SELECT 'a''; DROP TABLE orders --'") == [["a'; DROP TABLE orders --"]]
    assert await query.rows('SELECT 1 AS "x""; DROP TABLE orders --"') == [[1]]


async def test_driver_text_never_crosses_the_wire(query: RunningQuery) -> None:
    """Paths and SQLite's own words are for the log."""
    file = query.data_dir / "warehouses" / NAMESPACE
    connection = sqlite3.connect(file)
    connection.execute("ALTER TABLE orders DROP COLUMN weight")
    connection.close()
    with pytest.raises(RemoteFault) as failed:
        await query.run("SELECT weight FROM orders")
    words = f"{failed.value.message} {failed.value.hint}"
    assert "sqlite3" not in words
    assert str(query.data_dir) not in words
