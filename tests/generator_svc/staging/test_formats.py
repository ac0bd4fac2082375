"""Text and Arrow files: every type comes back as it was, read by somebody else's reader."""

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from generator_svc.core.run import FileFormat
from generator_svc.staging.formats import ENCODINGS
from tests.generator_svc.staging.test_parquet import every_type

ODD = [
    "",
    None,
    "NULL",
    'a "quoted" word',
    "comma, semicolon;",
    "two\nlines\r\n",
    "tab\there",
    "back\\slash",
    "日本 \x01 🎈",
]
TYPES = {
    "int16": "SMALLINT",
    "int32": "INTEGER",
    "int64": "BIGINT",
    "float": "FLOAT",
    "double": "DOUBLE",
    "bool": "BOOLEAN",
    "money": "DECIMAL(12,2)",
    "wide": "DECIMAL(38,2)",
    "small": "DECIMAL(18,9)",
    "text": "VARCHAR",
    "few": "VARCHAR",
    "odd": "VARCHAR",
    "bytes": "VARCHAR",
    "day": "DATE",
    "time": "TIME",
    "at": "TIMESTAMP",
    "at_tz": "TIMESTAMPTZ",
    "none": "INTEGER",
}


def batch(rows: int = 500) -> pa.RecordBatch:
    """One column of every type, text of every kind, decimals that Arrow would write with an exponent."""
    small = [None, Decimal(0), Decimal("0.000000001"), Decimal("-0.000000120"), Decimal("123456789.000000001")]
    return (
        every_type(rows)
        .append_column("small", pa.array([small[n % 5] for n in range(rows)], pa.decimal128(18, 9)))
        .append_column("odd", pa.array([ODD[n % len(ODD)] for n in range(rows)], pa.string()))
    )


def written(form: FileFormat, data: pa.RecordBatch, place: Path, documents: tuple[str, ...] = ()) -> Path:
    """The batch as a file."""
    encoding = ENCODINGS[form]
    file = place / f"part-00000{encoding.ending}"
    file.write_bytes(encoding.encode(data, documents))
    return file


def rows_of(data: pa.RecordBatch) -> list[tuple[Any, ...]]:
    """Rows as Python values, binary in base16 as text files have it."""
    columns = [[v.hex() if isinstance(v, bytes) else v for v in data[name].to_pylist()] for name in TYPES]
    return list(zip(*columns, strict=True))


def read(sql: str) -> list[tuple[Any, ...]]:
    """Rows as DuckDB reads them; moments in UTC."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        names = ", ".join(f'"{name}"' for name in TYPES)
        found = connection.sql(f"SELECT {names} FROM {sql}").to_arrow_table()
    utc = [
        column.cast(pa.timestamp("us", "UTC")) if name == "at_tz" else column
        for name, column in zip(TYPES, found.columns, strict=True)
    ]
    return list(zip(*(column.to_pylist() for column in utc), strict=True))


@pytest.mark.parametrize("data", [batch(), batch(1), batch().slice(17, 200)], ids=["whole", "one row", "slice"])
def test_csv_comes_back_to_the_last_digit_and_the_last_null(data: pa.RecordBatch, tmp_path: Path) -> None:
    """NULL and empty text differ, quotes and line ends survive: the reader is not ours."""
    file = written(FileFormat.CSV, data, tmp_path)
    types = {name: TYPES[name] for name in data.schema.names}
    options = f"header=true, columns={types}, quote='\"', escape='\"', allow_quoted_nulls=false, strict_mode=true"
    assert read(f"read_csv('{file}', {options})") == rows_of(data)


@pytest.mark.parametrize("data", [batch(), batch(1), batch().slice(17, 200)], ids=["whole", "one row", "slice"])
def test_json_lines_come_back_to_the_last_digit_and_the_last_null(data: pa.RecordBatch, tmp_path: Path) -> None:
    """One object a line, whatever line ends are in the text."""
    file = written(FileFormat.JSON_LINES, data, tmp_path)
    lines = file.read_text(encoding="utf-8").splitlines() if data.num_rows < 2 else file.read_bytes().split(b"\n")[:-1]
    assert len(lines) == data.num_rows
    exact = [json.loads(line, parse_float=Decimal) for line in lines]
    for name in ("money", "wide", "small"):
        assert [row[name] for row in exact] == data[name].to_pylist()
    inexact = {"wide", "small"}  # DuckDB reads JSON numbers of many digits as doubles
    kept = [place for place, name in enumerate(TYPES) if name not in inexact]
    found = read(f"read_json('{file}', format='newline_delimited', columns={TYPES})")
    assert [[row[place] for place in kept] for row in found] == [
        [row[place] for place in kept] for row in rows_of(data)
    ]


def test_arrow_files_come_back_as_they_were(tmp_path: Path) -> None:
    """Types and NULLs are in the file itself."""
    for data in (batch(), batch(1), batch(0), batch().slice(17, 200)):
        read_back = pa.ipc.open_file(written(FileFormat.ARROW_IPC, data, tmp_path)).read_all()
        assert read_back.schema.equals(data.schema)
        assert read_back.equals(pa.Table.from_batches([data]))


def test_moments_are_iso_8601_and_decimals_have_no_exponent(tmp_path: Path) -> None:
    """What people and other readers than DuckDB see."""
    data = pa.record_batch(
        {
            "d": pa.array([Decimal("0.00000001")], pa.decimal128(18, 8)),
            "at": pa.array([dt.datetime(2026, 1, 2, 3, 4, 5)], pa.timestamp("us")),
            "tz": pa.array([dt.datetime(1, 1, 1, tzinfo=dt.UTC)], pa.timestamp("us", "UTC")),
            "b": pa.array([b"\x00\xff"], pa.binary()),
        }
    )
    line = written(FileFormat.CSV, data, tmp_path).read_text().splitlines()[1]
    assert line == "0.00000001,2026-01-02T03:04:05.000000,0001-01-01T00:00:00.000000Z,00ff"


def test_json_cells_are_nested_and_what_is_no_json_is_text(tmp_path: Path) -> None:
    """A SUPER column is an object for its readers, not a text of one."""
    cells = ['{"a":[1,2.50]}', "[]", None, '{\n "pretty": true\n}', "no json", "NaN", '"text"']
    data = pa.record_batch({"doc": pa.array(cells), 'name "x"': pa.array(cells)})
    file = written(FileFormat.JSON_LINES, data, tmp_path, ("doc",))
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert [line["doc"] for line in lines] == [{"a": [1, 2.5]}, [], None, {"pretty": True}, "no json", "NaN", "text"]
    assert [line['name "x"'] for line in lines] == cells


def test_numbers_that_json_does_not_have_are_text(tmp_path: Path) -> None:
    """One NaN must not make a whole file unreadable."""
    data = pa.record_batch({"f": pa.array([1.5, float("nan"), float("-inf"), None, 1e300])})
    lines = written(FileFormat.JSON_LINES, data, tmp_path).read_text().splitlines()
    assert [json.loads(line)["f"] for line in lines] == [1.5, "nan", "-inf", None, 1e300]


def test_a_table_without_rows_has_its_header(tmp_path: Path) -> None:
    """Empty files have names of columns where the format has any."""
    assert written(FileFormat.CSV, batch(0), tmp_path).read_text().startswith('"int16","int32"')
    assert written(FileFormat.JSON_LINES, batch(0), tmp_path).read_bytes() == b""
