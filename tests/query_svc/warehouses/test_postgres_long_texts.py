"""Texts beyond Redshift's longest VARCHAR, in its stand-in."""

import grpc
import pytest
from dwsim.common.v1.sql_dialect_pb2 import SqlDialect

from dwsim_wire.errors import RemoteFault
from tests.query_svc.conftest import RunningQuery
from tests.query_svc.test_long_texts import CUT, TOO_LONG

pytestmark = pytest.mark.asyncio(loop_scope="module")
C = grpc.StatusCode
ALSO = [
    "SELECT LEN(QUOTE_LITERAL(REPEAT('''', 40000)))",
    "SELECT LEN(REGEXP_REPLACE(REPEAT('x', 40000), 'x', 'yz'))",
    "SELECT LEN(TO_HEX(TO_VARBYTE(REPEAT('x', 40000), 'utf8')))",
    "WITH RECURSIVE t(n, a) AS (SELECT 1, 'x' UNION ALL SELECT n + 1, a || a FROM t WHERE n < 18)"
    " SELECT MAX(LEN(a)) FROM t",
    "SELECT LEN(JSON_SERIALIZE(ARRAY(REPEAT('x', 40000), REPEAT('x', 40000))))",
]


@pytest.mark.parametrize("sql", [*TOO_LONG, *ALSO])
async def test_a_text_beyond_the_longest_varchar_is_an_error(kept_query: RunningQuery, sql: str) -> None:
    """PostgreSQL's texts end at a gigabyte: what works here would fail in the user's warehouse."""
    with pytest.raises(RemoteFault) as failed:
        await kept_query.run(sql)
    assert (failed.value.code, failed.value.reason) == (C.FAILED_PRECONDITION, "EXECUTION_FAILED"), sql
    assert "65,535" in failed.value.message


async def test_ordinary_texts_are_joined_without_a_check(kept_query: RunningQuery) -> None:
    """What cannot be too long stays as fast, and as readable, as it was."""
    sql = (
        "WITH t AS (SELECT name || '-' || UPPER(name) AS a FROM customers)"
        " SELECT a || TO_CHAR(SYSDATE, 'Month') || MD5(a) FROM t UNION ALL SELECT 'x'"
    )
    assert "dw_redshift.short" not in (await kept_query.translate(sql)).translated_sql


@pytest.mark.parametrize(("sql", "answer"), CUT)
async def test_a_cast_cuts_after_bytes(kept_query: RunningQuery, sql: str, answer: str) -> None:
    """VARCHAR(3) has three bytes in Redshift and three characters in PostgreSQL."""
    assert await kept_query.rows(sql) == [[answer]]


async def test_a_cast_names_a_length_that_there_is(kept_query: RunningQuery) -> None:
    """Redshift refuses the type; PostgreSQL would take it."""
    with pytest.raises(RemoteFault) as refused:
        await kept_query.run("SELECT status::VARCHAR(65536) FROM orders")
    assert (refused.value.code, refused.value.reason) == (C.INVALID_ARGUMENT, "INVALID_SQL")
    assert "1 to 65535" in refused.value.message


async def test_a_result_is_measured_too(kept_query: RunningQuery) -> None:
    """Whatever no rule foresees is found where it leaves: the error names the column."""
    long = "SELECT s.a::varchar AS body FROM (SELECT JSON_PARSE('{\"t\": \"' || REPEAT('x', 60000) || '\"}') AS a) s"
    assert len((await kept_query.rows(long.replace("s.a", "s.a.t")))[0][0]) == 60_000
    with pytest.raises(RemoteFault) as failed:
        await kept_query.run(
            "SELECT ARRAY_CONCAT(a, a)::varchar AS body FROM (SELECT ARRAY(REPEAT('x', 40000)) AS a) s"
        )
    assert (failed.value.code, failed.value.reason) == (C.FAILED_PRECONDITION, "EXECUTION_FAILED")
    assert "'body'" in failed.value.message
    assert await kept_query.rows("SELECT LENGTH(REPEAT('x', 70000))", dialect=SqlDialect.POSTGRES) == [[70_000]]
