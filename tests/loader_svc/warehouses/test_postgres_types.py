"""Every logical type into PostgreSQL and back: nulls, extremes, and what is refused."""

import datetime as dt
import json
import math
import re
import uuid
from contextlib import closing
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from pydantic import SecretStr

from loader_svc.core.faults import SchemaMismatch, ValueOutOfRange
from loader_svc.warehouses.postgres import PostgresWriter
from tests.loader_svc.warehouses.orders import go_on, order, stage
from tests.loader_svc.warehouses.targets import rows
from tests.postgres import Database

INFINITY = float("inf")
WIDEST = "9" * 38


def loaded(database: Database, values: pa.Array, logical: dict[str, Any], sql: str = "SELECT c FROM t") -> list[Any]:
    """Load one column; answer what a query reads."""
    column = {"name": "c", "data_type": "X", "logical_type": logical}
    document = {"tables": [{"name": "t", "columns": [column]}]}
    writer = PostgresWriter(SecretStr(database.url))
    with closing(writer.claim(order(writer, rows={"t": len(values)}, document=document))) as staging:
        stage(staging, "t", pa.table({"c": values}))
        staging.prepare(go_on)
        staging.apply(go_on)
    return [value for (value,) in rows(database, sql)]


UUIDS = [uuid.UUID(int=0), uuid.UUID(int=2**128 - 1), uuid.UUID("00112233-4455-6677-8899-aabbccddeeff")]
KEPT: list[tuple[str, dict[str, Any], pa.DataType, list[Any]]] = [
    ("boolean", {"kind": "BOOLEAN"}, pa.bool_(), [True, False]),
    ("smallint", {"kind": "INT16"}, pa.int16(), [-(2**15), 0, 2**15 - 1]),
    ("integer", {"kind": "INT32"}, pa.int32(), [-(2**31), 2**31 - 1]),
    ("bigint", {"kind": "INT64"}, pa.int64(), [-(2**63), 2**63 - 1]),
    ("real", {"kind": "FLOAT32"}, pa.float32(), [0.5, INFINITY, -INFINITY, -0.0]),
    ("double precision", {"kind": "FLOAT64"}, pa.float64(), [0.1, -1.7976931348623157e308, 5e-324, -INFINITY]),
    ("text", {"kind": "STRING"}, pa.string(), ["", "naïve 🎉 'x' \\N \t\n", "y" * 1_000_000]),
    ("character varying(3)", {"kind": "STRING", "length": 3}, pa.string(), ["", "🎉🎉🎉", "abc"]),
    ("character(3)", {"kind": "STRING", "length": 3, "fixed_length": True}, pa.string(), ["abc", "äöü"]),
    ("date", {"kind": "DATE"}, pa.date32(), [dt.date(1, 1, 1), dt.date(1969, 12, 31), dt.date(9999, 12, 31)]),
    ("time without time zone", {"kind": "TIME"}, pa.time64("us"), [dt.time(0), dt.time(23, 59, 59, 999999)]),
    (
        "timestamp without time zone",
        {"kind": "TIMESTAMP"},
        pa.timestamp("us"),
        [dt.datetime(1, 1, 1), dt.datetime(1969, 12, 31, 23, 59, 59, 999999), dt.datetime.max],
    ),
    (
        "timestamp with time zone",
        {"kind": "TIMESTAMP_TZ"},
        pa.timestamp("us", "UTC"),
        [dt.datetime(2024, 2, 29, 12, 0, 0, 1, tzinfo=dt.UTC)],
    ),
    ("numeric(38,0)", {"kind": "DECIMAL", "precision": 38}, pa.decimal128(38, 0), [WIDEST, f"-{WIDEST}", "0", "10000"]),
    (
        "numeric(38,38)",
        {"kind": "DECIMAL", "precision": 38, "scale": 38},
        pa.decimal128(38, 38),
        [f"0.{WIDEST}", "-0." + "0" * 37 + "1"],
    ),
    (
        "numeric(10,2)",
        {"kind": "DECIMAL", "precision": 10, "scale": 2},
        pa.decimal128(10, 2),
        ["12.00", "-0.01", "99999999.99"],
    ),
]


@pytest.mark.parametrize(("declared", "logical", "arrow", "values"), KEPT, ids=[case[0] for case in KEPT])
def test_a_value_comes_back_as_it_was_in_a_column_of_its_type(
    database: Database, declared: str, logical: dict[str, Any], arrow: pa.DataType, values: list[Any]
) -> None:
    """Types are kept, not flattened; the ends of every range are where an encoder goes wrong."""
    wanted = [Decimal(value) for value in values] if declared.startswith("numeric") else values
    assert loaded(database, pa.array([*wanted, None], arrow), logical) == [*wanted, None]
    sql = "SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attname = 'c' AND attnum > 0 LIMIT 1"
    assert database.rows(sql) == [(declared,)]


def test_not_a_number_stays_one(database: Database) -> None:
    """SQLite loses it; PostgreSQL does not."""
    [value] = loaded(database, pa.array([math.nan]), {"kind": "FLOAT64"})
    assert math.isnan(value)


def test_bytes_stay_bytes(database: Database) -> None:
    """VARBYTE holds any byte, the zero byte too."""
    found = loaded(database, pa.array([b"", b"\x00\xff", None], pa.binary()), {"kind": "BINARY"})
    assert [value if value is None else bytes(value) for value in found] == [b"", b"\x00\xff", None]


def test_super_values_are_documents(database: Database) -> None:
    """SUPER is navigated, compared and grouped: jsonb does all three."""
    documents = ['{"a": [1, null, {"b": "ü"}]}', "3", '"x"', "null", None]
    found = loaded(database, pa.array(documents), {"kind": "JSON"}, "SELECT c::text FROM t")
    assert [json.loads(text) if text else text for text in found] == [
        {"a": [1, None, {"b": "ü"}]},
        3,
        "x",
        None,
        None,
    ]


@pytest.mark.parametrize(
    ("logical", "values"),
    [
        ({"kind": "ARRAY", "element": {"kind": "INT32"}}, pa.array(["[]", "[1, 2]", None])),
        ({"kind": "ARRAY", "element": {"kind": "INT32"}}, pa.array([[], [1, 2], None], pa.list_(pa.int32()))),
        ({"kind": "VECTOR", "length": 2}, pa.array(["[]", "[1, 2]", None])),
    ],
    ids=["array as text", "array as list", "vector"],
)
def test_arrays_are_documents(database: Database, logical: dict[str, Any], values: pa.Array) -> None:
    """Redshift keeps arrays in SUPER."""
    assert loaded(database, values, logical) == [[], [1, 2], None]


def test_uuids_are_uuids(database: Database) -> None:
    """However they are written: with hyphens, without, in capitals."""
    texts = [str(UUIDS[0]), UUIDS[1].hex.upper(), None, str(UUIDS[2])]
    found = loaded(database, pa.array(texts), {"kind": "UUID"}, "SELECT c::text FROM t")
    assert found == [str(UUIDS[0]), str(UUIDS[1]), None, str(UUIDS[2])]


def test_intervals_are_read_by_postgresql(database: Database) -> None:
    """They are generated as text; adding one to a date must work."""
    texts = pa.array(["5 days 12:30:00", "-1 days", None])
    found = loaded(database, texts, {"kind": "INTERVAL"})
    assert found == [dt.timedelta(days=5, hours=12, minutes=30), dt.timedelta(days=-1), None]


REFUSED: list[tuple[str, dict[str, Any], pa.Array, str]] = [
    ("NUL in a text", {"kind": "STRING"}, pa.array(["a", "b\x00c"]), "column 'c': a text has the character NUL"),
    ("too long a text", {"kind": "STRING", "length": 2}, pa.array(["abc"]), "column 'c': a text is longer"),
    ("no JSON", {"kind": "JSON"}, pa.array(["{"]), "column 'c': a text is not of its column's type"),
    ("NUL in JSON", {"kind": "JSON"}, pa.array(['"\\u0000"']), "character .u0000"),
    ("no UUID", {"kind": "UUID"}, pa.array(["00112233"]), "column 'c' is X and a staged value is no UUID"),
    ("too wide a number", {"kind": "INT32"}, pa.array([2**31]), "column 'c' is X and a staged value does not fit"),
    (
        "too wide a decimal",
        {"kind": "DECIMAL", "precision": 4, "scale": 2},
        pa.array([Decimal("123.45")]),
        "column 'c' is X and a staged value does not fit",
    ),
    ("no interval", {"kind": "INTERVAL"}, pa.array(["soon"]), "a text is not of its column's type"),
    (
        "before all time",
        {"kind": "TIMESTAMP"},
        pa.array([-(2**63)], pa.timestamp("us")),
        "out of the warehouse's range",
    ),
]


@pytest.mark.parametrize(("logical", "values", "says"), [c[1:] for c in REFUSED], ids=[c[0] for c in REFUSED])
def test_a_value_that_would_not_come_back_is_refused(
    database: Database, logical: dict[str, Any], values: pa.Array, says: str
) -> None:
    """Never a silent change: the table and the column are named, in words of ours."""
    with pytest.raises(ValueOutOfRange) as refused:
        loaded(database, values, logical)
    assert re.fullmatch(f"table 't': .*{says}.*", refused.value.message)


def test_a_type_without_a_counterpart_is_refused(database: Database) -> None:
    """The embedded server has no spatial types; text in their place would answer spatial queries wrongly."""
    with pytest.raises(SchemaMismatch, match="column 'c' of table 't' is X, a type that Redshift's stand-in lacks"):
        loaded(database, pa.array(["POINT(0 0)"]), {"kind": "GEOGRAPHY"})


def test_sliced_batches_are_read_where_they_begin(database: Database) -> None:
    """Arrow buffers have offsets; UUIDs are made of raw bytes."""
    ids = [str(uuid.UUID(int=number)) if number % 3 else None for number in range(100)]
    found = loaded(database, pa.array(ids).slice(40, 30), {"kind": "UUID"}, "SELECT c::text FROM t")
    assert found == ids[40:70]
