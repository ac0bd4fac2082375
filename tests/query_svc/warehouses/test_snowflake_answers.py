"""Snowflake's SQL, and Redshift's, on Snowflake's emulator through the door: what comes back, exactly."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
import pytest_asyncio
from dwsim.common.v1.sql_dialect_pb2 import SqlDialect
from dwsim.query.v1 import query_service_pb2 as pb
from dwsim.query.v1.translation_pb2 import Translation
from snowflake.connector import connect

from dwsim_wire.client import call
from query_svc.warehouses.snowflake_session import MARK
from query_svc.warehouses.snowflake_url import Account
from tests.clients import refused
from tests.processes import free_ports
from tests.query_svc.conftest import RunningQuery, running
from tests.query_svc.loader_stand_in import LoaderStandIn
from tests.query_svc.warehouses.snowflake_shop import located, write_shop
from tests.snowflake import Database, Emulator, emptied, snowflake

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("snowflake queries")]
__all__ = ["snowflake"]


@pytest.fixture(scope="module")
def house(snowflake: Emulator) -> Database:
    """A database with the shop."""
    database = emptied(snowflake)
    write_shop(database)
    return database


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def snow(tmp_path_factory: pytest.TempPathFactory, house: Database) -> AsyncIterator[RunningQuery]:
    """One query service for all tests of the module."""
    loader = LoaderStandIn()  # type: ignore[abstract]  # the query service calls no other rpc
    await loader.start()
    loader.places["shop"] = located()
    async with running(tmp_path_factory.mktemp("snow") / "data", loader, snowflake_url=house.url) as started:
        yield started
    await loader.stop()


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        (
            "SELECT 7 / 2, 1 / 3, AVG(total), SUM(total) FROM orders",
            [["3.500000", "0.333333", "22.53000000", "112.65"]],
        ),
        ("SELECT units FROM orders WHERE order_id = 2", [["9007199254740993"]]),
        ("SELECT shipped_at FROM orders ORDER BY order_id LIMIT 2", [["2024-02-01 09:59:59.500000"], [None]]),
        ("SELECT raw FROM orders WHERE order_id < 3 ORDER BY order_id", [["AP8="], [None]]),
        ("SELECT note:a::INT FROM orders WHERE order_id = 1", [[1]]),
        ("SELECT f.value::INT FROM orders o, LATERAL FLATTEN(input => PARSE_JSON('[4]')) f WHERE order_id = 1", [[4]]),
        ("SELECT name, is_active, born FROM customers WHERE customer_id = 2", [["Émile", False, "1985-12-01"]]),
        ("SELECT status FROM orders ORDER BY status DESC, order_id LIMIT 1", [[None]]),
        ("SELECT order_id FROM shop.orders QUALIFY ROW_NUMBER() OVER (ORDER BY total DESC) = 1", [[1]]),
        ("SELECT 1 FROM orders WHERE 1 = 0", []),
        ("SELECT '10:00:00'::TIME, '2024-01-01 10:00:00'::TIMESTAMP_TZ", [["10:00:00", "2024-01-01 10:00:00+00:00"]]),
    ],
)
async def test_snowflake_gets_the_rows_that_snowflake_gives(
    snow: RunningQuery, sql: str, rows: list[list[Any]]
) -> None:
    """The emulator alone sums in doubles, divides by zero, and shows a missing moment as 1970."""
    answer = await snow.run(sql)
    assert [list(row) for row in answer.rows] == rows
    assert answer.translation.verdict == Translation.EXACT


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        ("SELECT 7 / 2, LEN('abc'), NVL(NULL, 'b'), AVG(order_id) FROM orders", [[3, 3, "b", 3]]),
        ("SELECT DATEDIFF(month, '2024-01-31', '2024-02-01')", [[1]]),
        ("SELECT TOP 1 order_id FROM orders WHERE status = 'paid ' ORDER BY 1", [[1]]),
        ("SELECT LISTAGG(status, ',') WITHIN GROUP (ORDER BY order_id) FROM orders", [["paid,open,paid,Paid"]]),
    ],
)
async def test_redshift_is_translated_to_snowflake(snow: RunningQuery, sql: str, rows: list[list[Any]]) -> None:
    """A report that was written for one warehouse is tried on another."""
    assert await snow.rows(sql, dialect=SqlDialect.REDSHIFT) == rows


async def test_names_of_results_are_those_that_snowflake_shows(snow: RunningQuery) -> None:
    """Capitals where nothing is quoted, the user's own letters where it is."""
    answer = await snow.run('SELECT order_id, total AS "Total", COUNT(*) OVER () AS n FROM orders LIMIT 1')
    assert [column.name for column in answer.columns] == ["ORDER_ID", "Total", "N"]


@pytest.mark.parametrize(
    ("sql", "code", "reason", "words"),
    [
        ("SELECT nosuch FROM orders", grpc.StatusCode.NOT_FOUND, "UNKNOWN_COLUMN", ["line 1, column 8"]),
        ("SELECT * FROM", grpc.StatusCode.INVALID_ARGUMENT, "INVALID_SQL", ["line 1"]),
        ("SELECT * FROM ordrs", grpc.StatusCode.NOT_FOUND, "UNKNOWN_TABLE", ["orders"]),
        ("SELECT 1 / 0", grpc.StatusCode.FAILED_PRECONDITION, "EXECUTION_FAILED", ["division by zero"]),
        ("DELETE FROM orders", grpc.StatusCode.PERMISSION_DENIED, "WRITE_REFUSED", ["SELECT"]),
        ("SELECT SYSTEM$ABORT_SESSION(1)", grpc.StatusCode.UNIMPLEMENTED, "NOT_TRANSLATABLE", ["SYSTEM$ABORT_SESSION"]),
        ("SELECT SOUNDEX('a')", grpc.StatusCode.UNIMPLEMENTED, "NOT_TRANSLATABLE", ["SOUNDEX()"]),
        ("SELECT * FROM _dwsim_load", grpc.StatusCode.NOT_FOUND, "UNKNOWN_TABLE", []),
    ],
)
async def test_what_goes_wrong_is_named(
    snow: RunningQuery, sql: str, code: grpc.StatusCode, reason: str, words: list[str]
) -> None:
    """A mistake says where it is; what the emulator would answer wrongly is refused by its name."""
    with refused(code, reason, *words):
        await snow.run(sql)


async def test_arrow_keeps_every_type(snow: RunningQuery) -> None:
    """Decimals stay decimals and moments stay moments, whatever the emulator's own forms are."""
    answer = await snow.execute("SELECT * FROM orders", format=pb.ExecuteQueryRequest.ARROW)
    assert answer.table is not None
    types = {field.name: str(field.type) for field in answer.table.schema}
    assert types["TOTAL"] == "decimal128(12, 2)"
    assert (types["ORDERED_AT"], types["RAW"], types["WEIGHT"]) == ("timestamp[us]", "binary", "double")
    assert answer.table.num_rows == 5


async def test_a_plan_is_shown(snow: RunningQuery) -> None:
    """What is slow here is looked into here."""
    request = pb.ExplainQueryRequest(experiment="shop", sql="SELECT total FROM orders WHERE total > 5")
    assert "ORDERS" in (await call(snow.stub.ExplainQuery, request)).plan


async def test_a_running_statement_ends_when_it_is_cancelled_or_late(snow: RunningQuery) -> None:
    """The emulator's own abort does nothing: the statement would hold its processor."""
    many = ", ".join(f"digits d{n}" for n in range(9)).replace("digits", "orders")
    sql = f"SELECT SUM(d0.order_id * d1.order_id) FROM {many}, orders e0, orders e1, orders e2, orders e3, orders e4"
    limits = pb.QueryLimits(timeout_seconds=0.5)
    with refused(grpc.StatusCode.DEADLINE_EXCEEDED, "STATEMENT_TIMEOUT"):
        await snow.run(sql, limits=limits)
    assert await snow.rows("SELECT COUNT(*) FROM orders") == [[5]]


async def test_a_large_result_is_fetched_chunk_by_chunk(house: Database) -> None:
    """The service holds a few chunks of it at a time; as one piece it would hold all of it, twice."""
    rows = 20_000
    with contextlib.closing(connect(**Account.parse(house.url.get_secret_value()).arguments)) as connection:
        cursor = connection.cursor()
        cursor.execute(f"{MARK}SELECT range::BIGINT AS n, REPEAT('x', 1000) AS filler FROM range({rows})")
        chunks = cursor.get_result_batches() or []
        assert 4 <= len(chunks) <= 8
        assert sum(chunk.rowcount for chunk in chunks) == rows
        assert max(chunk.uncompressed_size or 0 for chunk in chunks) < 8 << 20
        read = [n for table in cursor.fetch_arrow_batches() for n in table.column(0).to_pylist()]
        assert read == list(range(rows))


async def test_all_rows_of_a_large_result_come(snow: RunningQuery) -> None:
    """The first chunk comes with the answer, the others are asked for."""
    cross = " CROSS JOIN ".join(f"orders o{number}" for number in range(7))
    sql = f"SELECT o0.order_id, REPEAT('x', 300) AS filler FROM {cross}"
    answer = await snow.execute(sql, format=pb.ExecuteQueryRequest.ARROW)
    assert answer.table is not None
    assert answer.table.num_rows == answer.summary.rows == 5**7
    assert sum(answer.table.column(0).to_pylist()) == 5**6 * (1 + 2 + 3 + 4 + 5)


@pytest.mark.slow  # the connector tries for five seconds
async def test_a_warehouse_that_is_away_is_unavailable(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Retrying helps there, and nowhere else."""
    loader = LoaderStandIn()  # type: ignore[abstract]  # the query service calls no other rpc
    await loader.start()
    loader.places["shop"] = located()
    url = f"snowflake://u:p@127.0.0.1:{free_ports(1)[0]}/DW_SIMULATOR"
    async with running(tmp_path_factory.mktemp("away") / "data", loader, snowflake_url=url) as service:
        with refused(grpc.StatusCode.UNAVAILABLE, "WAREHOUSE_UNAVAILABLE", "Snowflake"):
            await service.run("SELECT COUNT(*) FROM orders")
    await loader.stop()
