"""Texts beyond Redshift's longest VARCHAR: an error as there, never a longer text."""

import grpc
import pytest
from dwsim.common.v1.sql_dialect_pb2 import SqlDialect

from dwsim_wire.errors import RemoteFault
from tests.query_svc.conftest import RunningQuery

TOO_LONG = [
    "SELECT LEN(REPEAT('x', 40000) || REPEAT('é', 20000))",
    "SELECT LEN(CONCAT(REPEAT('x', 40000), REPEAT('y', 40000)))",
    "SELECT LEN(REPLACE(REPEAT('x', 40000), 'x', 'yz'))",
    "SELECT LEN(TRANSLATE(REPEAT('x', 40000), 'x', 'é'))",
    "SELECT LEN(LISTAGG(REPEAT('é', 10000)) WITHIN GROUP (ORDER BY order_id)) FROM orders",
    "SELECT LEN(LPAD(status, 40000, 'é')) FROM orders",
    "WITH t AS (SELECT REPEAT('x', 40000) AS a UNION ALL SELECT 'b') SELECT MAX(LEN(a || a)) FROM t",
    "SELECT COUNT(*) FROM orders WHERE REPEAT(status, 9000) || REPEAT('y', 60000) > 'a'",
    "SELECT LEN(COALESCE(NULLIF(status, 'paid'), REPEAT('x', 40000)) || REPEAT('y', 40000)) FROM orders",
]
CUT = [
    ("SELECT 'naïve'::VARCHAR(3)", "na"),
    ("SELECT 'naïve'::VARCHAR(4)", "naï"),
    ("SELECT CAST(LOWER('ÉÉÉ') AS VARCHAR(5))", "éé"),
    ("SELECT CAST(name AS VARCHAR(1)) FROM customers WHERE customer_id = 2", ""),
    ("SELECT CAST(name AS VARCHAR(3)) FROM customers WHERE customer_id = 2", "Ém"),
    ("SELECT CAST(12345 AS VARCHAR(10))", "12345"),
]
"""Customer 2 is Émile; Redshift counts bytes and cuts no character in two."""


async def test_a_text_beyond_the_longest_varchar_is_an_error(query: RunningQuery) -> None:
    """In SQLite it would go on, and what works here would fail in the user's warehouse."""
    for sql in TOO_LONG:
        with pytest.raises(RemoteFault) as failed:
            await query.run(sql)
        code = grpc.StatusCode.FAILED_PRECONDITION
        assert (failed.value.code, failed.value.reason) == (code, "EXECUTION_FAILED"), sql
        assert "65,535" in failed.value.message


async def test_ordinary_texts_are_joined_without_a_check(query: RunningQuery) -> None:
    """What cannot be too long stays as fast, and as readable, as it was."""
    sql = "SELECT name || '-' || UPPER(name) || LEFT(name, 2) || customer_id || balance FROM customers"
    assert "dw_short" not in (await query.translate(sql)).translated_sql


async def test_other_dialects_have_longer_texts(query: RunningQuery) -> None:
    """PostgreSQL's texts end at a gigabyte."""
    sql = "SELECT LENGTH(REPEAT('x', 40000) || REPEAT('y', 40000))"
    assert await query.rows(sql, dialect=SqlDialect.POSTGRES) == [[80_000]]


async def test_a_cast_cuts_after_bytes(query: RunningQuery) -> None:
    """VARCHAR(3) has three bytes in Redshift, not three characters."""
    for sql, answer in CUT:
        assert await query.rows(sql) == [[answer]], sql
