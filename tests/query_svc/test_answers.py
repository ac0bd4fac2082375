"""Queries through the door: what comes back, exactly."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from dwsim.common.v1.sql_dialect_pb2 import SqlDialect
from dwsim.query.v1.query_service_pb2 import ExecuteQueryRequest, QueryLimits
from dwsim.query.v1.translation_pb2 import Translation

from dwsim_wire.errors import RemoteFault
from tests.query_svc.conftest import NAMESPACE, RunningQuery
from tests.query_svc.loader_stand_in import LoaderStandIn, place
from tests.query_svc.redshift_answers import MOMENTS, ROWS
from tests.query_svc.shop import ROTA

ARROW = ExecuteQueryRequest.ARROW


async def test_arrow_has_the_types_that_the_ddl_declared(query: RunningQuery) -> None:
    """A decimal that comes back as a double has lost what the user loaded."""
    answer = await query.execute("SELECT * FROM orders WHERE order_id IN (1, 4) ORDER BY order_id", format=ARROW)
    assert answer.table is not None
    assert answer.table.schema.types == [
        *(pa.int64(), pa.int64(), pa.string(), pa.timestamp("us"), pa.timestamp("us")),
        *(pa.decimal128(12, 2), pa.decimal128(18, 0), pa.float64(), pa.string(), pa.binary()),
    ]
    first, second = answer.table.to_pylist()
    assert first["total"] == Decimal("100.10")
    assert first["shipped_at"] == datetime(2024, 2, 1, 9, 59, 59, 500000)
    assert first["raw"] == b"\x00\xff"
    assert second["ordered_at"] == datetime(2024, 3, 1, 12, 30, 15, 123456)
    assert second["status"] is None
    assert [column.data_type for column in answer.schema.columns][5:7] == ["DECIMAL(12,2)", "DECIMAL(18,0)"]
    assert answer.summary.rows == 2
    assert not answer.summary.truncated


async def test_json_keeps_what_javascript_would_lose(query: RunningQuery) -> None:
    """2^53 + 1 and 0.10 are other numbers as doubles; bytes and moments are no JSON at all."""
    sql = "SELECT total, units, ordered_at, ordered_at::date, raw, weight FROM orders"
    assert (await query.execute(f"{sql} WHERE order_id <= 2 ORDER BY order_id")).rows == [
        ["100.10", "3", "2024-01-31 10:00:00", "2024-01-31", "AP8=", 1.5],
        ["0.20", "9007199254740993", "2024-02-29 23:59:59", "2024-02-29", None, 0.1],
    ]
    assert await query.rows("SELECT 9007199254740993, 9007199254740992, 1") == [
        ["9007199254740993", 9007199254740992, 1]
    ]


async def test_times_of_day_come_back_as_they_were_loaded(query: RunningQuery, loader: LoaderStandIn) -> None:
    """Arrow reads no TIME from text by itself."""
    loader.places["rota"] = place("rota", NAMESPACE, tables=ROTA)
    answer = await query.execute("SELECT begins, ends FROM shifts ORDER BY shift_id", "rota", format=ARROW)
    assert answer.table is not None, answer.summary
    assert answer.table.schema.types == [pa.time64("us"), pa.time64("us")]
    assert answer.table.to_pylist() == [
        {"begins": time(6), "ends": time(23, 59, 59, 999999)},
        {"begins": None, "ends": None},
    ]
    assert await query.rows("SELECT CAST('10:00:00' AS TIME), '7:05'::time") == [["10:00:00", "07:05:00"]]
    assert await query.rows("SELECT shift_id FROM shifts WHERE begins < '06:00:01'", "rota") == [[1]]


async def test_decimals_of_all_38_digits_come_back(query: RunningQuery, loader: LoaderStandIn) -> None:
    """Python's own arithmetic ends at 28 digits; a warehouse's does not."""
    loader.places["rota"] = place("rota", NAMESPACE, tables=ROTA)
    answer = await query.execute("SELECT budget, count FROM shifts ORDER BY shift_id", "rota", format=ARROW)
    assert answer.table is not None, answer.summary
    assert answer.table.to_pylist() == [
        {"budget": Decimal("-1234567890123456789012345678.0123456789"), "count": Decimal(10**17)},
        {"budget": Decimal("0.5"), "count": Decimal(10**38 - 1)},
    ]


async def test_decimals_are_added_and_compared_exactly(query: RunningQuery) -> None:
    """0.1 + 0.2 is 0.3 in every warehouse; in doubles it is not."""
    assert await query.rows("SELECT balance + 0.2 FROM customers WHERE balance + 0.2 = 0.3") == [["0.30"]]
    assert await query.rows("SELECT SUM(total), SUM(total * 1.175) FROM orders") == [["112.65", "132.36375"]]
    assert await query.rows("SELECT SUM(wealth), MAX(wealth) FROM customers") == [
        ["1234567890123557.29", "1234567890123456.78"]
    ]
    assert await query.rows("SELECT name FROM customers WHERE wealth > 100 ORDER BY wealth DESC") == [
        ["Émile"],
        ["Eve%"],
    ]


async def test_exact_arithmetic_fails_aloud_where_it_ends(query: RunningQuery) -> None:
    """Eighteen digits are exact; beyond them an answer would be a guess."""
    with pytest.raises(RemoteFault) as failed:
        await query.execute("SELECT wealth * wealth FROM customers")
    assert failed.value.reason == "EXECUTION_FAILED"
    assert "DECIMAL(37,4)" in failed.value.message


@pytest.mark.parametrize(("sql", "rows"), ROWS)
async def test_redshift_gets_the_rows_that_redshift_gives(query: RunningQuery, sql: str, rows: list[list[Any]]) -> None:
    """SQLite's own answer differs in most of these."""
    assert await query.rows(sql) == rows


@pytest.mark.parametrize(("sql", "value"), MOMENTS)
async def test_dates_are_counted_by_boundaries(query: RunningQuery, sql: str, value: Any) -> None:
    """sqlglot's own translation counts elapsed time, which is wrong in silence."""
    assert await query.rows(f"SELECT {sql}") == [[value]]


async def test_date_parts_of_columns_are_those_of_literals(query: RunningQuery) -> None:
    """Columns take the fast path by places of text, literals are read when translated."""
    sql = (
        "SELECT DATE_TRUNC('month', ordered_at), DATEDIFF(day, ordered_at, shipped_at), EXTRACT(hour FROM ordered_at)"
        " FROM orders WHERE ordered_at BETWEEN '2024-01-01' AND '2024-03-01' ORDER BY ordered_at"
    )
    assert await query.rows(sql) == [["2024-01-01 00:00:00", 1, 10], ["2024-02-01 00:00:00", None, 23]]


async def test_tables_are_found_by_every_name_that_they_have(query: RunningQuery, loader: LoaderStandIn) -> None:
    """Bare, by experiment, by the DDL's schema, and across experiments."""
    loader.places["other"] = place("other", "sqlite/shop_0badcafe.db")
    for name in ("orders", "ORDERS", "shop.orders", "shop__orders", "public.orders", "sales.orders", '"orders"'):
        assert await query.rows(f"SELECT COUNT(*) FROM {name}") == [[5]], name
    assert await query.rows("SELECT COUNT(*) FROM other__orders", experiment="") == [[5]]
    assert await query.rows("SELECT COUNT(*) FROM orders o JOIN other.orders p ON o.order_id = p.order_id") == [[5]]
    assert await query.rows("SELECT shop.orders.order_id FROM shop.orders ORDER BY 1 LIMIT 1") == [[1]]


async def test_result_columns_are_named_as_redshift_names_them(query: RunningQuery) -> None:
    """Clients look columns up by name."""
    sql = 'SELECT Order_ID, COUNT(*), SUM(total) AS "Total", 1 + 1, ordered_at::date FROM orders GROUP BY 1, 5'
    answer = await query.execute(sql)
    assert [c.name for c in answer.schema.columns] == ["order_id", "count", "total", "?column?", "ordered_at"]


async def test_each_dialect_reads_its_own_sql(query: RunningQuery, loader: LoaderStandIn) -> None:
    """Integers divide into integers in Redshift, into decimals in Snowflake; names fold the other way."""
    assert await query.rows("SELECT 7 / 2", dialect=SqlDialect.SNOWFLAKE) == [["3.500000"]]
    assert await query.rows("SELECT IFF(1 = 1, 'a', 'b')", dialect=SqlDialect.SNOWFLAKE) == [["a"]]
    assert await query.rows("SELECT total::int FROM orders WHERE order_id = 1", dialect=SqlDialect.POSTGRES) == [[100]]
    native = "SELECT typeof(total), group_concat(status, '-') FROM orders WHERE status = 'paid'"
    assert await query.rows(native, dialect=SqlDialect.SQLITE) == [["real", "paid-paid"]]
    loader.places["shop"].dialect = SqlDialect.SNOWFLAKE
    answer = await query.execute("SELECT order_id, COUNT(*) n FROM orders GROUP BY 1 ORDER BY 1 LIMIT 1")
    assert [c.name for c in answer.schema.columns] == ["order_id", "N"]


async def test_a_verdict_says_how_faithful_the_answer_is(query: RunningQuery) -> None:
    """Never a silent wrong answer: exact, approximate and why, or refused by name."""
    exact = await query.translate("SELECT SUM(total) FROM orders")
    assert exact.verdict == Translation.EXACT
    assert exact.rules == ["decimal_as_integer"]
    rough = await query.translate("SELECT SUM(total) / COUNT(*) FROM orders")
    assert rough.verdict == Translation.APPROXIMATE
    assert "double precision" in rough.notes[0]
    refusal = await query.translate("SELECT RATIO_TO_REPORT(total) OVER () FROM orders")
    assert refusal.verdict == Translation.REFUSED
    assert "RATIO_TO_REPORT()" in refusal.notes[0]
    assert (await query.execute("SELECT SUM(total) / 3 FROM orders")).summary.verdict == Translation.APPROXIMATE


async def test_limits_cut_the_result_or_refuse_it(query: RunningQuery) -> None:
    """A truncated result must say so; a program may rather have an error."""
    cut = await query.execute("SELECT order_id FROM orders ORDER BY 1", limits=QueryLimits(max_rows=2))
    assert cut.rows == [[1], [2]]
    assert cut.summary.truncated
    whole = await query.execute("SELECT order_id FROM orders", limits=QueryLimits(max_rows=5))
    assert not whole.summary.truncated
    strict = QueryLimits(max_rows=2, fail_when_exceeded=True)
    failed = await query.execute("SELECT order_id FROM orders", limits=strict)
    assert failed.summary.failure.reason == "RESULT_TOO_LARGE"


async def test_an_empty_result_still_has_its_columns(query: RunningQuery) -> None:
    """A program that gets no rows still builds a table."""
    answer = await query.execute("SELECT born, balance FROM customers WHERE 1 = 0", format=ARROW)
    assert answer.table is not None
    assert answer.table.num_rows == 0
    assert answer.table.schema.types == [pa.date32(), pa.decimal128(12, 2)]
    dates = await query.execute("SELECT born FROM customers WHERE customer_id = 1", format=ARROW)
    assert dates.table is not None
    assert dates.table.column(0).to_pylist() == [date(1990, 1, 31)]
