"""Numbers beyond their types: an error as in the user's warehouse, never a rounded answer."""

import sqlite3
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest
from dwsim.common.v1.logical_type_pb2 import LogicalType
from dwsim.common.v1.sql_dialect_pb2 import SqlDialect
from dwsim.common.v1.warehouse_pb2 import Warehouse
from dwsim.loader.v1 import loader_service_pb2 as pb
from dwsim.loader.v1.warehouse_status_pb2 import LocatedColumn, LocatedTable

from dwsim_wire.errors import RemoteFault
from tests.query_svc.conftest import RunningQuery, running
from tests.query_svc.loader_stand_in import LoaderStandIn

NAMESPACE = "sqlite/limits.db"
COLUMNS = {
    "small": ("SMALLINT", LogicalType(kind=LogicalType.INT16)),
    "whole": ("INTEGER", LogicalType(kind=LogicalType.INT32)),
    "big": ("BIGINT", LogicalType(kind=LogicalType.INT64)),
    "price": ("DECIMAL(15,2)", LogicalType(kind=LogicalType.DECIMAL, precision=15, scale=2)),
    "long": ("DECIMAL(20,2)", LogicalType(kind=LogicalType.DECIMAL, precision=20, scale=2)),
    "ratio": ("FLOAT8", LogicalType(kind=LogicalType.FLOAT64)),
    "word": ("VARCHAR(20)", LogicalType(kind=LogicalType.STRING, length=20)),
    "at": ("TIMESTAMP", LogicalType(kind=LogicalType.TIMESTAMP)),
}
LARGEST = (2**15 - 1, 2**31 - 1, 2**63 - 1, 1234567890123.45, "12345678901234567.89", 1e30, "3000000000")
ONES = (1, 1, 1, 1.0, 1, 1.5, "1")


@pytest.fixture
async def limits(tmp_path: Path, loader: LoaderStandIn) -> AsyncIterator[RunningQuery]:
    """A table with the largest values of its types, in row 1, and with ones."""
    file = tmp_path / "data/warehouses" / NAMESPACE
    file.parent.mkdir(parents=True)
    database = sqlite3.connect(file)
    database.execute(
        "CREATE TABLE t (small INTEGER, whole INTEGER, big INTEGER, price REAL, long, ratio REAL, word TEXT, at TEXT)"
    )
    for values in (LARGEST, ONES):
        database.execute("INSERT INTO t VALUES (?, ?, ?, ?, ?, ?, ?, '2024-05-06 00:00:00')", values)
    database.execute("INSERT INTO t DEFAULT VALUES")
    database.commit()
    database.close()
    columns = [LocatedColumn(name=n, data_type=d, logical_type=kind) for n, (d, kind) in COLUMNS.items()]
    loader.places["limits"] = pb.LocateTablesResponse(
        experiment_id="id-limits",
        experiment="limits",
        warehouse=Warehouse.SQLITE,
        namespace=NAMESPACE,
        dialect=SqlDialect.REDSHIFT,
        generation=1,
        tables=[LocatedTable(name="t", target="t", rows=3, columns=columns)],
    )
    async with running(tmp_path / "data", loader) as query:
        yield query


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT COUNT(*) FROM t WHERE big + 1 > 9223372036854775807",
        "SELECT (big + 1) % 10 FROM t",
        "SELECT CASE WHEN big + 1 > big THEN 'more' END FROM t",
        "SELECT CAST(big + 1 AS VARCHAR) FROM t",
        "SELECT COUNT(DISTINCT big * 2) FROM t",
        "SELECT big + 1 AS more, COUNT(*) FROM t GROUP BY 1",
        "SELECT 1 FROM t ORDER BY big + 1",
        "SELECT big * 2 - big FROM t",
        "SELECT n - 1 FROM (SELECT big + 1 AS n FROM t) s",
        "SELECT -(-big - 1) FROM t",
        "SELECT (-big - 1) * -1 FROM t",
        "SELECT AVG(big + 1) FROM t",
        "SELECT COUNT(*) FROM t WHERE whole + 1 > 0",
        "SELECT CAST(whole * whole * whole AS VARCHAR) FROM t",
        "SELECT SUM(whole + 1) FROM t",
        "SELECT small + small FROM t",
        "SELECT 2000000000 + 2000000000",
        "SELECT CAST(big AS INT) FROM t",
        "SELECT CAST(word AS INT) FROM t",
        "SELECT CAST(ratio AS BIGINT) FROM t",
        "SELECT CAST(price AS SMALLINT) FROM t",
        "SELECT ABS(big + 1) + COALESCE(big, 0) FROM t",
    ],
)
async def test_integers_that_overflow_fail(limits: RunningQuery, sql: str) -> None:
    """SQLite rounds to a double beyond 64 bits and has no smaller integers; nobody would notice either."""
    with pytest.raises(RemoteFault) as failed:
        await limits.run(sql, experiment="limits")
    assert failed.value.reason == "EXECUTION_FAILED"
    assert "integer overflow" in failed.value.message


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT COUNT(*) FROM t WHERE price * price > 1",
        "SELECT CAST(price * price * price AS VARCHAR) FROM t",
        "SELECT SUM(price * price) FROM t",
        "SELECT SUM(big * 2) OVER () FROM t",
        "SELECT SUM(price * price) / COUNT(*) FROM t",
        "SELECT MAX(CAST(long * long AS DOUBLE PRECISION)) FROM t",
        "SELECT long * 10 FROM t",
        "SELECT CAST(big AS DECIMAL(10,2)) FROM t",
        "SELECT CAST(price AS DECIMAL(5,2)) FROM t",
        "SELECT CAST(ratio AS DECIMAL(10,2)) FROM t",
    ],
)
async def test_decimals_beyond_the_exact_digits_fail(limits: RunningQuery, sql: str) -> None:
    """A decimal that became a double has lost digits that the warehouse would have."""
    with pytest.raises(RemoteFault) as failed:
        await limits.run(sql, experiment="limits")
    assert failed.value.reason == "EXECUTION_FAILED"
    assert "numeric overflow" in failed.value.message


@pytest.mark.parametrize(
    ("sql", "row"),
    [
        (
            "SELECT big - 1, whole - 1, -big, -small, big * 1 FROM t",
            [2**63 - 2, 2**31 - 2, 1 - 2**63, 1 - 2**15, 2**63 - 1],
        ),
        ("SELECT CAST(whole AS BIGINT) + 1, CAST(whole AS BIGINT) * whole FROM t", [2**31, (2**31 - 1) ** 2]),
        ("SELECT price + price, price * 100 FROM t", ["2469135780246.90", "123456789012345.00"]),
        ("SELECT long + 1 FROM t", ["12345678901234568.89"]),
        ("SELECT CAST(price AS BIGINT), CAST(price AS DECIMAL(13,0)) FROM t", [1234567890123, "1234567890123"]),
        ("SELECT EXTRACT(year FROM at) * 100 + EXTRACT(month FROM at) FROM t", [202405]),
        ("SELECT SUM(whole), COUNT(*) * 1000000 FROM t", [2**31, 3_000_000]),
    ],
)
async def test_what_fits_stays_exact(limits: RunningQuery, sql: str, row: list[object]) -> None:
    """Up to the last value of a type."""
    answer = await limits.run(sql, experiment="limits")
    found = [Decimal(str(value)) for value in answer.rows[0]]
    assert found == [Decimal(str(value)) for value in row]


async def test_checks_are_written_only_where_a_number_may_overflow(limits: RunningQuery) -> None:
    """A check costs a tenth of a microsecond a row: common arithmetic must be free of it."""
    free = [
        "SELECT SUM(price * whole), SUM(whole), SUM(price * (1 - price)) FROM t",
        "SELECT price + price, price * 2, small * CAST(1 AS BIGINT), COUNT(*) * 100.0 FROM t GROUP BY 1, 2, 3",
        "SELECT EXTRACT(year FROM at) * 100 + EXTRACT(month FROM at), big % 10 + 1 FROM t",
    ]
    for sql in free[1:]:
        text = (await limits.translate(sql, experiment="limits")).translated_sql
        assert "overflow" not in text.lower(), text
        assert "dw_within" not in text.lower(), text
    sums = (await limits.translate(free[0], experiment="limits")).translated_sql.lower()
    assert "sum(dw_" not in sums
    assert "sum(case" not in sums
