"""What PostgreSQL must not do for a user, and what is said of what it cannot."""

import asyncio
from typing import Any

import grpc
import pytest
from dwsim.common.v1.sql_dialect_pb2 import SqlDialect

from dwsim_wire.errors import RemoteFault
from dwsim_wire.fault import Fault
from query_svc.warehouses.postgres import PostgresReader
from query_svc.warehouses.reader import Statement, Stop
from tests.postgres import Database
from tests.query_svc.conftest import RunningQuery
from tests.query_svc.test_refusals import WRITES, refusal
from tests.query_svc.warehouses.postgres_shop import NAMESPACE

pytestmark = pytest.mark.asyncio(loop_scope="module")
C = grpc.StatusCode
REACHING = [
    "SELECT pg_terminate_backend(pid) FROM generate_series(1, 9) pid",
    "SELECT pg_catalog.pg_cancel_backend(1)",
    "SELECT set_config('transaction_read_only', 'off', false)",
    "SELECT set_config('default_transaction_read_only', 'off', false) FROM orders",
    "SELECT lo_import('/etc/passwd')",
    "SELECT lo_export(1, '/tmp/x')",
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT pg_ls_dir('/')",
    "SELECT query_to_xml('DELETE FROM orders', true, true, '')",
    "SELECT table_to_xml('shop_0badcafe._dwsim_load', true, true, '')",
    "SELECT * FROM dblink('dbname=x', 'DELETE FROM orders') AS t(a int)",
    "SELECT nextval('s')",
    "SELECT pg_sleep(1000)",
    "SELECT current_setting('data_directory')",
    "SELECT pg_advisory_lock(1)",
    "SELECT 1 FROM orders WHERE pg_notify('a', 'b') IS NULL",
    "SELECT pg_catalog.set_config('role', 'postgres', false)",
]


async def rejected(query: RunningQuery, sql: str, **facts: Any) -> RemoteFault:
    with pytest.raises(RemoteFault) as fault:
        await query.run(sql, **facts)
    return fault.value


@pytest.mark.parametrize("sql", WRITES)
async def test_nothing_writes(kept_query: RunningQuery, sql: str) -> None:
    """The parsed tree is checked before the server is asked."""
    for dialect in (SqlDialect.REDSHIFT, SqlDialect.POSTGRES):
        fault = await rejected(kept_query, sql, dialect=dialect)
        assert fault.reason in {"WRITE_REFUSED", "INVALID_SQL"}, fault.message
    assert await kept_query.rows("SELECT COUNT(*) FROM orders") == [[5]]


@pytest.mark.parametrize("sql", REACHING)
async def test_functions_that_do_more_than_compute_are_refused(kept_query: RunningQuery, sql: str) -> None:
    """A read-only transaction stops none of these."""
    for dialect in (SqlDialect.REDSHIFT, SqlDialect.POSTGRES):
        assert (await rejected(kept_query, sql, dialect=dialect)).reason in {"NOT_TRANSLATABLE", "UNKNOWN_TABLE"}


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE shop_0badcafe.t (a int)",
        "DELETE FROM shop_0badcafe.orders",
        "SELECT 1; DELETE FROM shop_0badcafe.orders",
        "SELECT 1) TO STDOUT; DELETE FROM shop_0badcafe.orders; COPY (SELECT 1",
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "WITH gone AS (DELETE FROM shop_0badcafe.orders RETURNING *) SELECT * FROM gone",
        "SELECT lo_creat(-1)",
        "SELECT set_config('transaction_read_only', 'off', true)",
        "SELECT pg_read_file('/etc/passwd')",
    ],
)
async def test_the_session_itself_cannot_write(shop: Database, sql: str) -> None:
    """The second guard: what a fault in the first one let through fails on the server."""
    reader = PostgresReader(shop.url)

    def attempt() -> None:
        result = reader.run(Statement(sql, (), {NAMESPACE: NAMESPACE}), Stop(10))
        try:
            list(result.batches())
        finally:
            result.close()

    with pytest.raises(Fault) as fault:
        await asyncio.to_thread(attempt)
    assert type(fault.value).__name__ in {"WriteRefused", "ExecutionFailed"}, fault.value.message
    assert shop.rows("SELECT COUNT(*) FROM shop_0badcafe.orders") == [(5,)]


async def test_no_statement_changes_the_next_ones_session(shop: Database) -> None:
    """SET SESSION CHARACTERISTICS would open the door for whoever comes next."""
    reader = PostgresReader(shop.url)

    def run(sql: str) -> None:
        result = reader.run(Statement(sql, (), {NAMESPACE: NAMESPACE}), Stop(10))
        try:
            list(result.batches())
        finally:
            result.close()

    await asyncio.to_thread(run, "SELECT set_config('default_transaction_read_only', 'off', false)")
    with pytest.raises(Fault):
        await asyncio.to_thread(run, "DELETE FROM orders")
    assert shop.rows("SELECT COUNT(*) FROM shop_0badcafe.orders") == [(5,)]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM pg_catalog.pg_proc",
        "SELECT * FROM pg_authid",
        "SELECT * FROM information_schema.routines",
        "SELECT * FROM _dwsim_load",
        "SELECT * FROM shop_0badcafe._dwsim_load",
        "SELECT * FROM digits",
        "SELECT (SELECT uid FROM _dwsim_load LIMIT 1)",
    ],
)
async def test_our_own_plumbing_cannot_be_read(kept_query: RunningQuery, sql: str) -> None:
    """A table that no load declared is no table of the user's."""
    for dialect in (SqlDialect.REDSHIFT, SqlDialect.POSTGRES):
        assert (await rejected(kept_query, sql, dialect=dialect)).reason in {"UNKNOWN_TABLE", "UNKNOWN_EXPERIMENT"}


@pytest.mark.parametrize(
    ("sql", "code", "reason", "words"),
    [
        ("SELECT 1 / (order_id - 1) FROM orders", C.FAILED_PRECONDITION, "EXECUTION_FAILED", "division by zero"),
        ("SELECT total / (order_id - 1) FROM orders", C.FAILED_PRECONDITION, "EXECUTION_FAILED", "division by zero"),
        ("SELECT status::int FROM orders", C.FAILED_PRECONDITION, "EXECUTION_FAILED", "cannot be read as the type"),
        (
            "SELECT order_id::smallint * 30000 * 30000 * 30000 FROM orders",
            C.FAILED_PRECONDITION,
            "EXECUTION_FAILED",
            "range",
        ),
        ("SELECT TO_DATE(status, 'YYYY') FROM orders", C.FAILED_PRECONDITION, "EXECUTION_FAILED", "date or timestamp"),
        ("SELECT STRTOL('12', 2)", C.FAILED_PRECONDITION, "EXECUTION_FAILED", "cannot be read"),
        ("SELECT JSON_ARRAY_LENGTH('no')", C.FAILED_PRECONDITION, "EXECUTION_FAILED", "cannot be read"),
        (
            "SELECT SUM(9e37::decimal(38,0) + order_id) FROM orders",
            C.FAILED_PRECONDITION,
            "EXECUTION_FAILED",
            "DECIMAL",
        ),
        (
            "SELECT CONVERT_TIMEZONE('No/Where', ordered_at) FROM orders",
            C.FAILED_PRECONDITION,
            "EXECUTION_FAILED",
            "value",
        ),
        ("SELECT (SELECT order_id FROM orders)", C.FAILED_PRECONDITION, "EXECUTION_FAILED", "more than one row"),
        (
            "SELECT * FROM orders PIVOT (SUM(total), COUNT(*) FOR status IN ('paid'))",
            C.UNIMPLEMENTED,
            "NOT_TRANSLATABLE",
            "PIVOT",
        ),
        (
            "SELECT LAG(total, 2) IGNORE NULLS OVER () FROM orders",
            C.UNIMPLEMENTED,
            "NOT_TRANSLATABLE",
            "IGNORE",
        ),
        ("SELECT o.note[order_id] FROM orders o", C.UNIMPLEMENTED, "NOT_TRANSLATABLE", "computed step"),
        ("SELECT CHECKSUM('x')", C.UNIMPLEMENTED, "NOT_TRANSLATABLE", "CHECKSUM()"),
        ("SELECT SUM(total) OVER (ORDER BY order_id) FROM orders", C.INVALID_ARGUMENT, "INVALID_SQL", "frame"),
        (
            "SELECT SUM(total) OVER (ORDER BY order_id GROUPS UNBOUNDED PRECEDING) FROM orders",
            C.UNIMPLEMENTED,
            "NOT_TRANSLATABLE",
            "GROUPS",
        ),
        (
            "SELECT SUM(total) OVER (ORDER BY order_id ROWS UNBOUNDED PRECEDING EXCLUDE CURRENT ROW) FROM orders",
            C.UNIMPLEMENTED,
            "NOT_TRANSLATABLE",
            "EXCLUDE",
        ),
        ("SELECT ROW_NUMBER() FROM orders", C.INVALID_ARGUMENT, "INVALID_SQL", "OVER"),
        (
            "SELECT PERCENTILE_CONT(1.5) WITHIN GROUP (ORDER BY total) FROM orders",
            C.INVALID_ARGUMENT,
            "INVALID_SQL",
            "from 0 to 1",
        ),
        (
            "SELECT PERCENTILE_DISC(-0.5) WITHIN GROUP (ORDER BY total) FROM orders",
            C.INVALID_ARGUMENT,
            "INVALID_SQL",
            "from 0 to 1",
        ),
        (
            "SELECT LISTAGG(REPEAT('é', 10000)) WITHIN GROUP (ORDER BY order_id) FROM orders",
            C.FAILED_PRECONDITION,
            "EXECUTION_FAILED",
            "65,535",
        ),
        ("SELECT LEN(REPEAT('é', 32768))", C.FAILED_PRECONDITION, "EXECUTION_FAILED", "65,535"),
        ("SELECT LPAD(status, 40000, 'é') FROM orders", C.FAILED_PRECONDITION, "EXECUTION_FAILED", "65,535"),
        (
            "SELECT * FROM (SELECT status, total FROM orders) PIVOT (SUM(total) FOR status IN ('paid', NULL))",
            C.UNIMPLEMENTED,
            "NOT_TRANSLATABLE",
            "NULL in the list",
        ),
        (
            "SELECT * FROM (SELECT status, total FROM orders) PIVOT (SUM(total) FOR status IN ('paid', 'PAID'))",
            C.UNIMPLEMENTED,
            "NOT_TRANSLATABLE",
            "two columns 'paid'",
        ),
    ],
)
async def test_what_cannot_be_answered_is_said(
    kept_query: RunningQuery, sql: str, code: C, reason: str, words: str
) -> None:
    """Right or refused, never wrong in silence; and never in the driver's words."""
    fault = await rejected(kept_query, sql)
    assert (fault.code, fault.reason) == (code, reason), fault.message
    assert words in f"{fault.message} {fault.hint}"
    assert "libpq" not in fault.message
    assert "ERROR" not in fault.message


async def test_sqlites_own_sql_is_refused_here(kept_query: RunningQuery) -> None:
    """It would be read by another warehouse's rules."""
    fault = await rejected(kept_query, "SELECT 1", dialect=SqlDialect.SQLITE)
    assert fault.reason == "NOT_TRANSLATABLE"


async def test_refusals_are_the_same_in_both_rpcs(kept_query: RunningQuery) -> None:
    """A stream says what a unary call says."""
    assert (await refusal(kept_query, "SELECT FOO(1)")).reason == "NOT_TRANSLATABLE"
