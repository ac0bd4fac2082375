"""Every logical type into Snowflake and back: nulls, extremes, and what is refused."""

import datetime as dt
import json
import math
import re
from contextlib import closing
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from loader_svc.core.faults import SchemaMismatch, ValueOutOfRange
from loader_svc.warehouses.snowflake import SnowflakeWriter
from tests.loader_svc.warehouses.orders import go_on, order, stage
from tests.snowflake import Database

INFINITY = float("inf")
WIDEST = "9" * 37
Case = tuple[str, str, dict[str, Any], pa.DataType, list[Any]]
KEPT: list[Case] = [
    ("boolean", "BOOLEAN", {"kind": "BOOLEAN"}, pa.bool_(), [True, False]),
    ("int16", "NUMBER(38,0)", {"kind": "INT16"}, pa.int16(), [-(2**15), 2**15 - 1]),
    ("int32", "NUMBER(38,0)", {"kind": "INT32"}, pa.int32(), [-(2**31), 2**31 - 1]),
    ("int64", "NUMBER(38,0)", {"kind": "INT64"}, pa.int64(), [-(2**63), 2**63 - 1]),
    ("float32", "FLOAT", {"kind": "FLOAT32"}, pa.float32(), [0.5, INFINITY]),
    ("float64", "FLOAT", {"kind": "FLOAT64"}, pa.float64(), [0.1, -1.7976931348623157e308, 5e-324, -INFINITY]),
    ("text", "VARCHAR(16777216)", {"kind": "STRING"}, pa.string(), ["", "naïve 🎉 'x' \\N \t\n", "y" * 65_535]),
    ("varchar", "VARCHAR(3)", {"kind": "STRING", "length": 3}, pa.string(), ["", "🎉🎉🎉"]),
    ("binary", "BINARY(8388608)", {"kind": "BINARY"}, pa.binary(), [b"", b"\x00\xff"]),
    ("date", "DATE", {"kind": "DATE"}, pa.date32(), [dt.date(1, 1, 1), dt.date(1969, 12, 31), dt.date(9999, 12, 31)]),
    ("time", "TIME(9)", {"kind": "TIME"}, pa.time64("us"), [dt.time(0), dt.time(23, 59, 59, 999999)]),
    (
        "timestamp",
        "TIMESTAMP_NTZ(9)",
        {"kind": "TIMESTAMP"},
        pa.timestamp("us"),
        [dt.datetime(1, 1, 1), dt.datetime(1969, 12, 31, 23, 59, 59, 999999), dt.datetime(9999, 12, 31, 23, 59, 59)],
    ),
    (
        "timestamp_tz",
        "TIMESTAMP_TZ(9)",
        {"kind": "TIMESTAMP_TZ"},
        pa.timestamp("us", "UTC"),
        [dt.datetime(2024, 2, 29, 12, 0, 0, 1, tzinfo=dt.UTC)],
    ),
    (
        "widest",
        "NUMBER(37,0)",
        {"kind": "DECIMAL", "precision": 37},
        pa.decimal128(37, 0),
        [Decimal(WIDEST), Decimal(f"-{WIDEST}"), Decimal(0)],
    ),
    (
        "finest",
        "NUMBER(38,37)",
        {"kind": "DECIMAL", "precision": 38, "scale": 37},
        pa.decimal128(38, 37),
        [Decimal("9." + "9" * 37), Decimal("-0." + "0" * 36 + "1")],
    ),
    (
        "money",
        "NUMBER(10,2)",
        {"kind": "DECIMAL", "precision": 10, "scale": 2},
        pa.decimal128(10, 2),
        [Decimal("12.00"), Decimal("-0.01"), Decimal("99999999.99")],
    ),
    ("uuid", "VARCHAR(36)", {"kind": "UUID"}, pa.string(), ["00112233-4455-6677-8899-aabbccddeeff"]),
    ("interval", "VARCHAR(16777216)", {"kind": "INTERVAL"}, pa.string(), ["5 days 12:30:00"]),
]


def load_columns(account: Database, columns: dict[str, tuple[dict[str, Any], pa.Array]]) -> None:
    """Load one table of these columns."""
    facts = [{"name": n, "data_type": "X", "logical_type": logical} for n, (logical, _) in columns.items()]
    rows = pa.table({name: values for name, (_, values) in columns.items()})
    writer = SnowflakeWriter(account.url)
    document = {"tables": [{"name": "t", "columns": facts}]}
    with closing(writer.claim(order(writer, rows={"t": rows.num_rows}, document=document))) as staging:
        stage(staging, "t", rows)
        staging.prepare(go_on)
        staging.apply(go_on)


def test_values_come_back_as_they_were_in_columns_of_their_type(account: Database) -> None:
    """Types are kept, not flattened; the ends of every range are where an encoder goes wrong. One load: loads cost."""
    most = max(len(values) for *_, values in KEPT) + 1  # a null in every column
    padded = {name: [*values, *[None] * (most - len(values))] for name, _, _, _, values in KEPT}
    columns = {name: (logical, pa.array(padded[name], arrow)) for name, _, logical, arrow, _ in KEPT}
    load_columns(account, columns)
    names = ", ".join(f'"{name.upper()}"' for name in columns)
    found = account.rows(f"SELECT {names} FROM T", "SHOP")
    for place, (name, *_, values) in enumerate(KEPT):
        assert [row[place] for row in found][: len(values)] == values, name
    counts = ", ".join(f'COUNT("{name.upper()}")' for name in columns)  # the emulator shows some nulls as 1970
    assert account.rows(f"SELECT {counts} FROM T", "SHOP") == [tuple(len(values) for *_, values in KEPT)]
    declared = {row[0]: row[1] for row in account.rows("DESCRIBE TABLE T", "SHOP")}
    shorter = {"VARCHAR": "VARCHAR(16777216)", "UUID": "VARCHAR(16777216)"}  # the emulator forgets it with a rename
    assert declared == {name.upper(): snowflake for name, snowflake, *_ in KEPT} | shorter


def test_documents_are_documents_and_nan_is_not_a_number(account: Database) -> None:
    """PARSE_JSON makes them: COPY by column name alone would leave strings in VARIANT."""
    documents = ['{"a": [1, null, {"b": "ü"}]}', "3", '"x"', "null", None]
    lists = pa.array([[], [1, 2], None, [3], None], pa.list_(pa.int32()))
    load_columns(
        account,
        {
            "v": ({"kind": "JSON"}, pa.array(documents)),
            "a": ({"kind": "ARRAY", "element": {"kind": "INT32"}}, lists),
            "w": ({"kind": "VECTOR", "length": 2}, pa.array(["[]", "[1, 2]", None, None, None])),
            "f": ({"kind": "FLOAT64"}, pa.array([math.nan] * 5)),
        },
    )
    found = account.rows("SELECT V, A, W, F FROM T", "SHOP")
    assert [text if text is None else json.loads(text) for text, *_ in found] == [
        {"a": [1, None, {"b": "ü"}]},
        3,
        "x",
        None,
        None,
    ]
    assert [row[1] if row[1] is None else json.loads(row[1]) for row in found] == [[], [1, 2], None, [3], None]
    assert all(math.isnan(row[3]) for row in found)
    assert account.rows("SELECT V:a[0]::INT FROM T WHERE V:a IS NOT NULL", "SHOP") == [(1,)]


REFUSED: list[tuple[str, dict[str, Any], pa.Array, str]] = [
    ("too long a text", {"kind": "STRING", "length": 2}, pa.array(["abc"]), "column 'c': a text is longer"),
    ("no JSON", {"kind": "JSON"}, pa.array(["{"]), "column 'c': a text is not of its column's type"),
    (
        "beyond 64 bits, which the emulator keeps of NUMBER(38,0)",
        {"kind": "DECIMAL", "precision": 38},
        pa.array([Decimal(WIDEST)]).cast(pa.decimal128(38, 0)),
        "a value is not of its column's type, or out of its range",
    ),
    ("too wide a number", {"kind": "INT32"}, pa.array([2**31]), "column 'c' is X and a staged value does not fit"),
    (
        "too wide a decimal",
        {"kind": "DECIMAL", "precision": 4, "scale": 2},
        pa.array([Decimal("123.45")]),
        "column 'c' is X and a staged value does not fit",
    ),
]


@pytest.mark.parametrize(("logical", "values", "says"), [c[1:] for c in REFUSED], ids=[c[0] for c in REFUSED])
def test_a_value_that_would_not_come_back_is_refused(
    account: Database, logical: dict[str, Any], values: pa.Array, says: str
) -> None:
    """Never a silent change: the table and the column are named, in words of ours."""
    with pytest.raises(ValueOutOfRange) as refused:
        load_columns(account, {"c": (logical, values)})
    assert re.fullmatch(f"table 't': .*{says}.*", refused.value.message)


def test_a_type_without_a_counterpart_is_refused(account: Database) -> None:
    """Text in the place of a shape would answer spatial queries wrongly."""
    with pytest.raises(SchemaMismatch, match="column 'c' of table 't' is X, which is not loaded into Snowflake"):
        load_columns(account, {"c": ({"kind": "GEOGRAPHY"}, pa.array(["POINT(0 0)"]))})
