"""Every logical type, with the ends of its range: what is staged, and what a query must read."""

import datetime as dt
import math
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pyarrow as pa

INFINITY = math.inf


@dataclass(frozen=True)
class Case:
    """A column: its logical type, its values, and where a warehouse reads them otherwise, for a reason.

    `as_text`: the values are documents or texts whose spelling is the warehouse's own; they are compared as it says.
    """

    name: str
    logical: dict[str, Any]
    staged: pa.DataType
    values: list[Any]
    arrow: pa.DataType
    otherwise: dict[str, list[Any]] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    document: bool = False


def decimal(precision: int, scale: int, *values: str) -> Case:
    """A DECIMAL column."""
    kind = pa.decimal128(precision, scale)
    logical = {"kind": "DECIMAL", "precision": precision, "scale": scale}
    return Case(f"decimal_{precision}_{scale}", logical, kind, [Decimal(value) for value in values], kind)


def plain(name: str, kind: str, arrow: pa.DataType, *values: Any, **facts: Any) -> Case:
    """A column whose values are read as they are staged."""
    return Case(name, {"kind": kind, **facts}, arrow, list(values), arrow)


def utc(*parts: int) -> dt.datetime:
    """Moment in UTC."""
    return dt.datetime(*parts, tzinfo=dt.UTC)  # type: ignore[misc,arg-type]  # year to microsecond


NINES = "9" * 38
CASES = [
    plain("flag", "BOOLEAN", pa.bool_(), True, False),
    plain("int16", "INT16", pa.int16(), -(2**15), 0, 2**15 - 1),
    plain("int32", "INT32", pa.int32(), -(2**31), 0, 2**31 - 1),
    plain("int64", "INT64", pa.int64(), -(2**63), -1, 2**53 + 1, 2**63 - 1),
    plain("float32", "FLOAT32", pa.float32(), 0.5, INFINITY, -INFINITY, 3.4028234663852886e38, 2.0**-149),
    plain("float64", "FLOAT64", pa.float64(), 0.1, INFINITY, 1.7976931348623157e308, 5e-324, -INFINITY),
    Case(
        "not_a_number",
        {"kind": "FLOAT64"},
        pa.float64(),
        [math.nan, 1.0],
        pa.float64(),
        otherwise={"SQLITE": [None, 1.0]},  # SQLite keeps NaN as NULL
    ),
    decimal(5, 2, "999.99", "-999.99", "0.01", "0.00"),
    decimal(15, 2, "9999999999999.99", "-0.01"),
    decimal(18, 0, "999999999999999999", "-999999999999999999"),
    decimal(18, 2, "9999999999999999.99", "-9999999999999999.99", "0.10"),
    decimal(38, 0, NINES, f"-{NINES}", "0", "10000"),
    decimal(38, 10, f"{NINES[:28]}.{NINES[:10]}", "-0.0000000001"),
    decimal(38, 38, f"0.{NINES}", "-0." + "0" * 37 + "1"),
    plain("words", "STRING", pa.string(), "", "naïve 🎉 'x' \\N \t\n", "y" * 100_000),
    plain("varchar", "STRING", pa.string(), "", "🎉🎉🎉", "abc", "a  ", length=3),
    Case(
        "char",
        {"kind": "STRING", "length": 3, "fixed_length": True},
        pa.string(),
        ["abc", "äöü", "a"],
        pa.string(),
        otherwise={"REDSHIFT": ["abc", "äöü", "a  "]},  # as Redshift, which fills a CHAR with blanks
    ),
    plain("bytes", "BINARY", pa.binary(), b"", b"\x00\xff", b"\\x00"),
    plain("day", "DATE", pa.date32(), dt.date(1, 1, 1), dt.date(1969, 12, 31), dt.date(9999, 12, 31)),
    plain("clock", "TIME", pa.time64("us"), dt.time(0), dt.time(23, 59, 59, 999999), dt.time(12)),
    plain(
        "moment",
        "TIMESTAMP",
        pa.timestamp("us"),
        dt.datetime(1, 1, 1),
        dt.datetime(1969, 12, 31, 23, 59, 59, 999999),
        dt.datetime.max,
    ),
    plain(
        "instant",
        "TIMESTAMP_TZ",
        pa.timestamp("us", "UTC"),
        utc(1, 1, 1),
        utc(2024, 2, 29, 12, 0, 0, 1),
        utc(9999, 12, 31),
    ),
    Case(
        "document",
        {"kind": "JSON"},
        pa.string(),
        ['{"a": [1, null, {"b": "ü"}]}', "3", '"x"', "[]"],
        pa.string(),
        document=True,
    ),
    Case(
        "numbers",
        {"kind": "ARRAY", "element": {"kind": "INT32"}},
        pa.string(),
        ["[]", "[1, 2, null]"],
        pa.string(),
        document=True,
    ),
    Case("vector", {"kind": "VECTOR", "length": 2}, pa.string(), ["[0.5, 2.0]"], pa.string(), document=True),
    plain(
        "uuid",
        "UUID",
        pa.string(),
        "00000000-0000-0000-0000-000000000000",
        "00112233-4455-6677-8899-aabbccddeeff",
        "ffffffff-ffff-ffff-ffff-ffffffffffff",
    ),
    plain("span", "INTERVAL", pa.string(), "5 days 12:30:00", "-1 days"),
    Case("place", {"kind": "GEOGRAPHY"}, pa.string(), ["POINT(1 2)"], pa.string(), missing=("REDSHIFT",)),
]


def cases(warehouse: str) -> list[Case]:
    """Columns that a warehouse can have."""
    return [case for case in CASES if warehouse not in case.missing]


def rows(warehouse: str) -> pa.Table:
    """Staged rows: each column's values, then NULLs; `id` gives the order."""
    columns = cases(warehouse)
    count = max(len(case.values) for case in columns) + 1
    filled = {case.name: pa.array(_padded(case.values, count), case.staged) for case in columns}
    return pa.table({"id": pa.array(range(count), pa.int32())} | filled)


def expected(case: Case, warehouse: str, count: int) -> list[Any]:
    """Values that a query must read."""
    return _padded(case.otherwise.get(warehouse, case.values), count)


def _padded(values: list[Any], count: int) -> list[Any]:
    return [*values, *[None] * (count - len(values))]


def document(warehouse: str) -> dict[str, Any]:
    """The experiment as the loader reads it."""
    columns = [{"name": "id", "data_type": "INT", "logical_type": {"kind": "INT32"}}]
    columns += [{"name": c.name, "data_type": c.logical["kind"], "logical_type": c.logical} for c in cases(warehouse)]
    return {"tables": [{"name": "everything", "columns": columns}]}
