"""UNLOAD and COPY as every warehouse must do them: what goes out comes back."""

from dataclasses import dataclass
from typing import Any

from tests.query_svc.conftest import RunningQuery

WRITING: dict[str, Any] = {"allow_writes": True, "scratch": "mine"}
COLUMNS = (
    "id BIGINT, word VARCHAR(60), small SMALLINT, amount DECIMAL(12,2), wide DECIMAL(38,4), f FLOAT8, ok BOOLEAN,"
    " d DATE, at TIMESTAMP, doc SUPER"
)
NAMES = "id, word, small, amount, wide, f, ok, d, at, doc"


@dataclass(frozen=True)
class Trip:
    """Options of an UNLOAD and of the COPY that reads its files."""

    name: str
    unload: str
    copy: str


TRIPS = (
    Trip("parquet", "FORMAT AS PARQUET", "FORMAT AS PARQUET"),
    Trip("csv", "FORMAT CSV HEADER NULL AS '@'", "FORMAT AS CSV IGNOREHEADER 1 NULL AS '@'"),
    Trip("csv in gzip by semicolons", "CSV DELIMITER ';' GZIP NULL '@'", "CSV DELIMITER ';' GZIP NULL '@' EMPTYASNULL"),
    Trip("json in zstd", "FORMAT JSON ZSTD", "FORMAT JSON 'auto' ZSTD TIMEFORMAT 'auto' DATEFORMAT 'auto'"),
    Trip("text", "ESCAPE NULL AS '\\\\N' DELIMITER '\\t' BZIP2", "ESCAPE DELIMITER '\\t' BZIP2 MAXERROR 0"),
)


async def write(query: RunningQuery, sql: str) -> list[list[object]]:
    """Run a writing statement and answer its rows."""
    answer = await query.execute(sql, **WRITING)
    assert not answer.summary.failure.reason, (sql, answer.summary.failure)
    return answer.rows


async def make_table(query: RunningQuery) -> None:
    """Make a table of awkward values."""
    await write(query, f"CREATE TABLE t ({COLUMNS})")
    await write(
        query,
        f"INSERT INTO t ({NAMES}) VALUES"
        " (1, 'a,\"b\"|c;\\\\d', -32768, -0.05, 12345678901234.1234, 0.1, TRUE, '2024-02-29',"
        " '2024-01-01 10:00:00.123456', NULL),"
        " (2, 'é ☃\nline\ttab', 0, 10, -0.0001, -2.5e300, FALSE, '1999-12-31', '1970-01-01 00:00:00', NULL),"
        " (9007199254740993, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)",
    )
    await write(query, "UPDATE t SET doc = o.note FROM shop.orders o WHERE o.order_id = t.id")


async def there_and_back(query: RunningQuery, trip: Trip, bucket: str = "lake") -> None:
    """Unload a table, copy the files into another one, compare the two."""
    await make_table(query)
    place = f"s3://{bucket}/trips/{trip.name.replace(' ', '_')}"
    unload = f"UNLOAD ('SELECT {NAMES} FROM t') TO '{place}/' MANIFEST {trip.unload}"
    files = await write(query, unload)
    assert [row[1] for row in files] == [3]
    assert str(files[0][0]).startswith(f"{place}/0000_part_00")
    await write(query, "CREATE TABLE back (LIKE t)")
    rows = await write(query, f"COPY back ({NAMES}) FROM '{place}/manifest' MANIFEST {trip.copy}")
    assert rows == [[3]]
    read = f"SELECT {NAMES} FROM %s ORDER BY id"
    back = await query.rows(read % "back", scratch="mine")
    assert back == await query.rows(read % "t", scratch="mine")
