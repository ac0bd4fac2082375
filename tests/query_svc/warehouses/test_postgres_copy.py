"""Large results of PostgreSQL, read by compiled loops: the rows that the driver reads, ended as the driver's are."""

import math
import os
import signal
import threading
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa
import pytest

from dwsim_wire.fault import Fault
from query_svc.core.faults import CancelledByUser, ExecutionFailed, WarehouseUnavailable
from query_svc.core.types import BOOLEAN, DATE, FLOAT64, INT32, INT64, STRING, TIMESTAMP, Kind, SqlType, decimal
from query_svc.warehouses.postgres import PostgresReader, PostgresResult
from query_svc.warehouses.postgres_copy import CopiedResult
from query_svc.warehouses.reader import Result, Statement, Stop
from tests.postgres import Database

LOAD_SECONDS = 240
ROWS = 150_000
FEW = 2_000
PATIENCE = 60
MANY = f"FROM generate_series(1, {ROWS}) AS s(n)"
LARGE = ("repeat('x', 2)", STRING)
"""Lets the planner expect a large result."""
VALUES: dict[str, tuple[SqlType, list[Any]]] = {
    "n": (INT32, [1, 2]),
    "(n % 9 - 2)::int2": (SqlType(Kind.INT16), [-1, 0]),
    "n::int8 - 9223372036854775807": (INT64, [-9223372036854775806, -9223372036854775805]),
    "n = 2": (BOOLEAN, [False, True]),
    "(CASE WHEN n = 1 THEN '-Infinity' ELSE '0.1' END)::float8": (FLOAT64, [-math.inf, 0.1]),
    "(n / 2.0)::float4": (SqlType(Kind.FLOAT32), [0.5, 1.0]),
    "(CASE WHEN n = 1 THEN -12345678.05 ELSE 0.3 END)::numeric(10,2)": (
        decimal(10, 2),
        [Decimal("-12345678.05"), Decimal("0.30")],
    ),
    "(n * -1000000.000001)::numeric(18,6)": (
        decimal(38, 6),
        [Decimal("-1000000.000001"), Decimal("-2000000.000002")],
    ),
    "NULLIF(n, 1)::varchar(20)": (STRING, [None, "2"]),
    "repeat('ß', n % 3)": (STRING, ["ß", "ßß"]),
    "CASE WHEN n = 2 THEN '' END": (STRING, [None, ""]),
    "date '1999-12-31' + n": (DATE, [date(2000, 1, 1), date(2000, 1, 2)]),
    "timestamp '1969-12-31 23:59:58.999999' + n * interval '1 s'": (
        TIMESTAMP,
        [datetime(1969, 12, 31, 23, 59, 59, 999999), datetime(1970, 1, 1, 0, 0, 0, 999999)],
    ),
    "NULLIF(timestamptz '2024-02-29 12:00:00+02', now())": (
        SqlType(Kind.TIMESTAMP_TZ),
        [datetime(2024, 2, 29, 10, tzinfo=UTC)] * 2,
    ),
    "jsonb_build_object('a', NULLIF(n, 2))": (SqlType(Kind.JSON), ['{"a": 1}', '{"a": null}']),
    r"'\x00ff'::bytea": (SqlType(Kind.BINARY), [b"\x00\xff"] * 2),
}


@pytest.fixture(scope="module")
def reader(shop: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresReader]:
    made = PostgresReader(shop.url, kernels=tmp_path_factory.mktemp("kernels"))
    assert made.loops.loaded(LOAD_SECONDS)
    yield made
    made.close()


def statement(*columns: tuple[str, SqlType], source: str = MANY) -> Statement:
    named = ", ".join(f"{sql} AS c{place}" for place, (sql, _) in enumerate(columns))
    kinds = tuple((f"c{place}", kind) for place, (_, kind) in enumerate(columns))
    return Statement(f"SELECT {named} {source}", kinds, {})


def table(result: Result) -> pa.Table:
    batches = list(result.batches())
    result.close()
    return pa.Table.from_batches(batches, result.schema)


def fault_of_reading(reader: PostgresReader, asked: Statement, stop: Stop) -> Fault:
    with pytest.raises(Fault) as raised:
        table(reader.run(asked, stop))
    return raised.value


def test_every_type_is_read_as_the_driver_reads_it(reader: PostgresReader) -> None:
    """A result must not depend on its size."""
    kinds = [(sql, kind) for sql, (kind, _) in VALUES.items()]
    copied, driven = (
        reader.run(statement(*kinds, source=f"FROM generate_series(1, {rows}) AS s(n)"), Stop(LOAD_SECONDS))
        for rows in (30_000, FEW)
    )
    assert (type(copied), type(driven)) == (CopiedResult, PostgresResult)
    fast, read = table(copied), table(driven)
    fast.validate(full=True)
    assert fast.slice(0, FEW).equals(read)
    assert [column.slice(0, 2).to_pylist() for column in fast.columns] == [rows for _, rows in VALUES.values()]


def test_rows_wider_than_a_piece_are_whole(reader: PostgresReader) -> None:
    """Pieces are cut anywhere."""
    asked = statement(("n", INT32), ("repeat('x', 3000000 - n)", STRING), source="FROM generate_series(1, 5) AS s(n)")
    wide = Statement(asked.sql + f" UNION ALL SELECT n, '' {MANY}", asked.columns, {})
    result = reader.run(wide, Stop(LOAD_SECONDS))
    assert isinstance(result, CopiedResult)
    found = table(result)
    assert found.num_rows == ROWS + 5
    assert [len(text.as_py()) for text in found.column("c1")[:6]] == [2_999_999 - n for n in range(5)] + [0]


@pytest.mark.parametrize(
    "column",
    [
        ("(CASE WHEN n > 9 THEN 'NaN' ELSE '1' END)::numeric(5,2)", decimal(5, 2)),
        ("CASE WHEN n > 9 THEN date 'infinity' ELSE '2024-01-01' END", DATE),
        (f"1 / (n - {ROWS})", INT32),
    ],
)
def test_a_value_that_has_no_form_fails_the_statement(reader: PostgresReader, column: tuple[str, SqlType]) -> None:
    """The rows before it may have left already; the end says that the result is not whole."""
    assert isinstance(fault_of_reading(reader, statement(column, LARGE), Stop(LOAD_SECONDS)), ExecutionFailed)


@pytest.mark.parametrize("source", [MANY, f"FROM generate_series(1, {FEW}) AS s(n)"], ids=["loops", "driver"])
@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("date 'infinity'", DATE),
        ("timestamp '-infinity'", TIMESTAMP),
        ("timestamp '294276-12-31 23:59:59'", TIMESTAMP),
        ("timestamptz '32768-01-01 00:00:00+00'", SqlType(Kind.TIMESTAMP_TZ)),
    ],
)
def test_a_moment_that_arrow_cannot_hold_fails_the_statement(
    reader: PostgresReader, value: str, kind: SqlType, source: str
) -> None:
    """Beyond 64 bits it would come out as another moment, thousands of years away."""
    asked = statement((f"CASE WHEN n > 9 THEN {value} END", kind), LARGE, source=source)
    assert isinstance(fault_of_reading(reader, asked, Stop(LOAD_SECONDS)), ExecutionFailed)


def test_the_last_moments_that_arrow_writes_are_read(reader: PostgresReader) -> None:
    """The bound is where texts end, not before."""
    last = "timestamp '32767-12-31 23:59:59.999999'"
    found = table(reader.run(statement((last, TIMESTAMP), LARGE), Stop(LOAD_SECONDS))).column("c0")
    assert found[0].cast(pa.string()).as_py() == "32767-12-31 23:59:59.999999"


def test_the_driver_reads_where_no_further_connection_is_allowed(shop: Database, reader: PostgresReader) -> None:
    """A statement that has a connection must not fail for want of a second one."""
    url = urlsplit(shop.url)
    assert table(reader.run(statement(("n", INT32), source="FROM (SELECT 1 AS n) s"), Stop(LOAD_SECONDS))).num_rows
    shop.rows("CREATE ROLE lonely LOGIN PASSWORD 'lonely' CONNECTION LIMIT 1")
    shop.rows("GRANT USAGE ON SCHEMA dw_redshift TO lonely")
    lonely = PostgresReader(url._replace(netloc=f"lonely:lonely@{url.netloc.rpartition('@')[2]}").geturl())
    try:
        assert lonely.loops.loaded(LOAD_SECONDS)
        result = lonely.run(statement(("n", INT32), LARGE), Stop(LOAD_SECONDS))
        assert isinstance(result, PostgresResult)
        assert table(result).num_rows == ROWS
    finally:
        lonely.close()


@pytest.mark.parametrize("column", [("(n / 2.0)::text || ARRAY[n]::text", STRING), ("n / 2.0", STRING)])
def test_what_the_loops_do_not_read_is_read_by_the_driver(reader: PostgresReader, column: tuple[str, SqlType]) -> None:
    """Speed is for plain types; none is guessed."""
    result = reader.run(statement(column, LARGE), Stop(LOAD_SECONDS))
    assert isinstance(result, CopiedResult) == ("::text" in column[0])
    assert table(result).num_rows == ROWS


def test_a_statement_is_cancelled_while_it_runs(reader: PostgresReader, shop: Database) -> None:
    """A large result must not hold the warehouse, before its first row or later."""
    stop = Stop(LOAD_SECONDS)
    result = reader.run(statement(("n", INT32), source=f"{MANY}, generate_series(1, 100000)"), stop)
    assert isinstance(result, CopiedResult)
    batches = result.batches()
    next(batches)
    stop.end(CancelledByUser("enough"))
    with pytest.raises(CancelledByUser):
        list(batches)
    result.close()
    until_idle(shop)


def test_a_result_that_is_left_ends_on_the_server(reader: PostgresReader, shop: Database) -> None:
    """A client that goes leaves no session behind."""
    result = reader.run(statement(("n", INT32), source=f"{MANY}, generate_series(1, 100000)"), Stop(LOAD_SECONDS))
    next(iter(result.batches()))
    result.close()
    until_idle(shop)


def test_a_server_process_that_is_frozen_holds_nobody(reader: PostgresReader, shop: Database) -> None:
    """It neither sends rows nor hears that it is cancelled; the query's own thread must go on."""
    stop, seen = Stop(LOAD_SECONDS), list[object]()
    result = reader.run(statement(("n", INT32), source=f"{MANY}, generate_series(1, 100000)"), stop)

    def read() -> None:
        try:
            for batch in result.batches():
                seen.append(batch)
        except CancelledByUser as fault:
            seen.append(fault)
        result.close()

    (pid,) = at_work(shop)
    os.kill(pid, signal.SIGSTOP)
    try:
        reading = threading.Thread(target=read, daemon=True)
        reading.start()
        until_starved(seen)
        stop.end(CancelledByUser("enough"))
        reading.join(PATIENCE)
        assert not reading.is_alive()
        assert isinstance(seen[-1], CancelledByUser)
    finally:
        os.kill(pid, signal.SIGCONT)
    until_idle(shop)


def until_starved(seen: list[object]) -> None:
    """Wait until nothing more comes of what lay between."""
    before = -1
    while before != len(seen):
        before = len(seen)
        time.sleep(0.3)


def test_a_server_that_goes_away_is_said_to_be_away(reader: PostgresReader, shop: Database) -> None:
    """The service outlives its warehouse."""
    result = reader.run(statement(("n", INT32), source=f"{MANY}, generate_series(1, 100000)"), Stop(LOAD_SECONDS))
    batches = result.batches()
    next(batches)
    for pid in at_work(shop):
        shop.rows(f"SELECT pg_terminate_backend({pid}, 60000)")
    with pytest.raises(WarehouseUnavailable):
        list(batches)
    result.close()


def test_a_large_statement_only_reads(reader: PostgresReader, shop: Database) -> None:
    """The second connection keeps the first one's promise."""
    asked = statement(("nextval('counted')::int8", INT64), LARGE)
    shop.rows("CREATE SEQUENCE counted; SELECT 1")
    fault_of_reading(reader, asked, Stop(LOAD_SECONDS))
    assert shop.rows("SELECT last_value, is_called FROM counted") == [(1, False)]


def at_work(shop: Database) -> list[int]:
    """Server processes that read for us."""
    found = shop.rows(
        "SELECT pid FROM pg_stat_activity WHERE application_name = 'dw-simulator query'"
        " AND datname = current_database() AND query LIKE 'COPY%' AND state = 'active'"
    )
    return [pid for (pid,) in found]


def until_idle(shop: Database) -> None:
    """Wait until none of them is left."""
    deadline = time.monotonic() + LOAD_SECONDS
    while at_work(shop):
        assert time.monotonic() < deadline
