"""Every logical type into a SQLite file and back: nulls, extremes, and what SQL makes of them."""

import datetime as dt
import json
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from loader_svc.core.faults import ValueOutOfRange
from loader_svc.warehouses.sqlite import SqliteWriter
from tests.loader_svc.warehouse_files import rows
from tests.loader_svc.warehouses.orders import go_on, order, stage


def loaded(tmp_path: Path, values: pa.Array, logical: dict[str, Any], sql: str = "SELECT c FROM t") -> list[Any]:
    """Load one column; answer what a query reads."""
    column = {"name": "c", "data_type": "X", "logical_type": logical}
    document = {"tables": [{"name": "t", "columns": [column]}]}
    writer = SqliteWriter(tmp_path)
    with closing(writer.claim(order(writer, rows={"t": len(values)}, document=document))) as staging:
        stage(staging, "t", pa.table({"c": values}))
        staging.apply(go_on)
    return [value for (value,) in rows(tmp_path / writer.namespace("shop", "5f0c"), sql)]


STORED: list[tuple[dict[str, Any], pa.DataType, list[Any], list[Any]]] = [
    ({"kind": "BOOLEAN"}, pa.bool_(), [True, False], [1, 0]),
    ({"kind": "INT16"}, pa.int16(), [-(2**15), 2**15 - 1], [-(2**15), 2**15 - 1]),
    ({"kind": "INT64"}, pa.int64(), [-(2**63), 2**63 - 1], [-(2**63), 2**63 - 1]),
    ({"kind": "FLOAT32"}, pa.float32(), [0.5, float("inf")], [0.5, float("inf")]),
    ({"kind": "FLOAT64"}, pa.float64(), [0.1, -1.7976931348623157e308], [0.1, -1.7976931348623157e308]),
    ({"kind": "STRING"}, pa.string(), ["", "naïve 🎉 'x'", "y" * 65535], ["", "naïve 🎉 'x'", "y" * 65535]),
    ({"kind": "BINARY"}, pa.binary(), [b"", b"\x00\xff"], [b"", b"\x00\xff"]),
    ({"kind": "DATE"}, pa.date32(), [dt.date(1, 1, 1), dt.date(9999, 12, 31)], ["0001-01-01", "9999-12-31"]),
    (
        {"kind": "TIME"},
        pa.time64("us"),
        [dt.time(0), dt.time(23, 59, 59), dt.time(1, 2, 3, 4)],
        ["00:00:00", "23:59:59", "01:02:03.000004"],
    ),
    (
        {"kind": "TIMESTAMP"},
        pa.timestamp("us"),
        [dt.datetime(1, 1, 1), dt.datetime(1969, 12, 31, 23, 59, 59, 999999), dt.datetime(9999, 12, 31, 23, 59, 59)],
        ["0001-01-01 00:00:00", "1969-12-31 23:59:59.999999", "9999-12-31 23:59:59"],
    ),
    (
        {"kind": "TIMESTAMP_TZ"},
        pa.timestamp("us", "UTC"),
        [dt.datetime(2024, 2, 29, 12, tzinfo=dt.UTC)],
        ["2024-02-29 12:00:00"],
    ),
    ({"kind": "JSON"}, pa.string(), ['{"a": [1, null]}'], ['{"a": [1, null]}']),
    ({"kind": "ARRAY", "element": {"kind": "INT32"}}, pa.list_(pa.int32()), [[], [1, 2]], ["[]", "[1, 2]"]),
]


@pytest.mark.parametrize(("logical", "arrow", "values", "stored"), STORED, ids=lambda v: str(v)[:20])
def test_a_value_is_stored_in_its_documented_form(
    tmp_path: Path, logical: dict[str, Any], arrow: pa.DataType, values: list[Any], stored: list[Any]
) -> None:
    """The query service reads these forms; an affinity that changes one would be a silent wrong answer."""
    assert loaded(tmp_path, pa.array([*values, None], arrow), logical) == [*stored, None]


@pytest.mark.parametrize(
    ("precision", "scale", "values"),
    [
        (10, 2, ["12.00", "-0.01", "99999999.99", "0.29"]),
        (15, 15, ["0.123456789012345", "-0.999999999999999"]),
        (18, 0, ["999999999999999999", "-999999999999999999", "7"]),
        (38, 2, ["12.00", "1234567890123.45", "-0.10"]),
        (38, 2, ["123456789012345678901234567890123456.78", "0.05", "-10000000000000.00", "1000000000000.00"]),
        (38, 0, ["99999999999999999999999999999999999999", "-5", "100000000000000000", "1000000000000000000"]),
        (38, 30, ["0.000000000000000000000000000001", "12345678.000000000000000000000000000009", "1.5"]),
    ],
)
def test_decimals_come_back_exactly(tmp_path: Path, precision: int, scale: int, values: list[str]) -> None:
    """Rounded to the column's scale, what is stored is the decimal that was generated, however it is stored."""
    kind = {"kind": "DECIMAL", "precision": precision, "scale": scale}
    column = pa.array([*map(Decimal, values), None], pa.decimal128(precision, scale))
    sql = "SELECT json_array(typeof(c), CAST(c AS TEXT), c) FROM t"
    read = [json.loads(text) for text in loaded(tmp_path, column, kind, sql)]
    assert read[-1][0] == "null"
    for wanted, (storage, text, number) in zip(values, read[:-1], strict=True):
        unit = Decimal(1).scaleb(-scale)
        value = Decimal(text) if storage == "text" else Decimal(repr(number))
        assert value.quantize(unit, context=_wide()) == Decimal(wanted)
        digits = len(f"{abs(Decimal(wanted)).scaleb(scale, context=_wide()):.0f}")
        assert (storage == "text") == (digits > (15 if scale else 18))


def _wide() -> Any:
    from decimal import Context

    return Context(prec=60)


def test_decimals_calculate_as_decimals(tmp_path: Path) -> None:
    """12.00 / 8 is 1.5 in every warehouse; an affinity that keeps 12.00 as an integer would answer 1."""
    column = pa.array([Decimal("12.00"), Decimal("2.50")], pa.decimal128(38, 2))
    for kind in ({"kind": "DECIMAL", "precision": 10, "scale": 2}, {"kind": "DECIMAL", "precision": 38, "scale": 2}):
        folder = tmp_path / str(kind["precision"])
        assert loaded(folder, column, kind, "SELECT c / 8 FROM t WHERE c > 10 ORDER BY c") == [1.5]


def test_a_value_wider_than_its_column_is_refused(tmp_path: Path) -> None:
    """It would come back changed."""
    wide = pa.array([Decimal("1234567890123456.78")], pa.decimal128(20, 2))
    with pytest.raises(ValueOutOfRange, match="column 'c'"):
        loaded(tmp_path, wide, {"kind": "DECIMAL", "precision": 10, "scale": 2})


def test_sliced_batches_are_read_where_they_begin(tmp_path: Path) -> None:
    """Arrow buffers have offsets; decimals are read from the raw buffer."""
    column = pa.array([Decimal(i) for i in range(100)], pa.decimal128(10, 2)).slice(40, 3)
    assert loaded(tmp_path, column, {"kind": "DECIMAL", "precision": 10, "scale": 2}) == [40, 41, 42]
