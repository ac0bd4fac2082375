"""Expressions through DuckDB: exact in the column's type, refused with their row, blind to everything else."""

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator_svc.core.computation import _connection
from generator_svc.core.faults import ImpossibleRule
from generator_svc.core.rules import (
    ConditionalRule,
    ConstantRule,
    DerivedRule,
    SequenceRule,
)
from generator_svc.core.spec import ColumnSpec, LogicalType, TableSpec, TypeKind
from tests.generator_svc.core.catalog import (
    BIGINT,
    BOOLEAN,
    DATE,
    DOUBLE,
    INSTANT,
    INT,
    MONEY,
    SMALLINT,
    TIMESTAMP,
    plan,
    text,
)

Rows = list[dict[str, Any]]


LONG = "12345678901234567890.0123456789"


@pytest.mark.parametrize(
    ("logical", "expression", "value"),
    [
        (INT, "n + 1", 8),
        (SMALLINT, "n / 2", 4),
        (BIGINT, "n * 5000000000", 35_000_000_000),
        (MONEY, "n / 3", Decimal("2.33")),
        (MONEY, "cast(n as double) * 1.255", Decimal("8.79")),
        (
            LogicalType(TypeKind.DECIMAL, 38, 10),
            LONG,
            Decimal(LONG),
        ),
        (DOUBLE, "n * 0.5", 3.5),
        (text(9), "'é' || n", "é7"),
        (text(9), "null", None),
        (BOOLEAN, "n between 1 and 7", True),
        (DATE, "date '2024-02-28' + interval 2 day", dt.date(2024, 3, 1)),
        (INSTANT, "at + interval 90 minute", dt.datetime(2024, 1, 1, 1, 30, tzinfo=dt.UTC)),
        (TIMESTAMP, "date_trunc('year', at)", dt.datetime(2024, 1, 1)),
        (INT, "date_diff('day', at, timestamp '2024-03-01')", 60),
        (LogicalType(TypeKind.TIME), "cast(at as time)", dt.time()),
        (
            LogicalType(TypeKind.UUID),
            "'00000000-0000-4000-8000-' || lpad(cast(n as varchar), 12, '0')",
            "00000000-0000-4000-8000-000000000007",
        ),
    ],
)
def test_results_are_exact_in_the_columns_type(logical: LogicalType, expression: str, value: object) -> None:
    """Through DuckDB and back: decimals, moments with and without zone, text."""
    columns = (
        ColumnSpec("c", logical, rule=DerivedRule(expression)),
        ColumnSpec("n", INT, rule=ConstantRule("7")),
        ColumnSpec("at", INSTANT, rule=ConstantRule("2024-01-01T00:00:00Z")),
    )
    batch = plan([TableSpec("t", columns)], {"t": 3}).batch("t", 0, 3)
    assert batch.column("c").to_pylist() == [value] * 3


@pytest.mark.parametrize(
    ("logical", "expression", "words"),
    [
        (SMALLINT, "n * 20000", "row 2"),
        (INT, "n * n * 2000000000", "row 2"),
        (LogicalType(TypeKind.DECIMAL, 4, 2), "n * 60", "row 2"),
        (DOUBLE, "1.0 / (n - 2)", "row 2"),
        (text(2), "repeated || n", "row 1"),
        (INT, "cast(word as int)", "row 1"),
        (INT, "7 // (n - 2)", "row 2"),
    ],
)
def test_what_the_type_does_not_hold_is_refused_with_its_row(logical: LogicalType, expression: str, words: str) -> None:
    """A wrapped or cut value would be a wrong one; whoever wrote the expression needs the row that it fails at."""
    columns = (
        ColumnSpec("c", logical, rule=DerivedRule(expression)),
        ColumnSpec("n", INT, rule=SequenceRule(0)),
        ColumnSpec("word", text(9), rule=ConditionalRule("n = 0", ConstantRule("12"), ConstantRule("twelve"))),
        ColumnSpec("repeated", text(9), rule=ConditionalRule("n = 0", ConstantRule("a"), ConstantRule("abc"))),
    )
    made = plan([TableSpec("t", columns)], {"t": 9})
    assert made.batch("t", 0, 1).num_rows == 1
    with pytest.raises(ImpossibleRule) as caught:
        made.batch("t", 0, 9)
    assert caught.value.message.startswith(f"t.c: {words}: ")
    assert caught.value.metadata["column"] == "c"


def test_expressions_see_neither_files_nor_settings() -> None:
    """The list is the first wall, the connection the second."""
    connection = _connection()
    for query in (
        "SELECT * FROM read_csv('/etc/hostname')",
        "SELECT * FROM '/etc/hostname'",
        "COPY (SELECT 1) TO 'x.csv'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "ATTACH 'x.db'",
        "SET enable_external_access = true",
        "SET threads = 4",
        "SELECT * FROM outer_table",
    ):
        outer_table = pa.table({"n": [1]})
        assert outer_table.num_rows == 1
        with pytest.raises(duckdb.Error):
            connection.execute(query)


@settings(deadline=None, max_examples=30)
@given(st.integers(-(10**9), 10**9), st.integers(0, 6), st.integers(1, 9))
def test_decimals_are_rounded_exactly(cents: int, scale: int, factor: int) -> None:
    """No float on the way: halves go away from zero, as SQL rounds decimals."""
    kind = LogicalType(TypeKind.DECIMAL, 30, scale)
    columns = (
        ColumnSpec("c", kind, rule=DerivedRule("amount * factor")),
        ColumnSpec("amount", LogicalType(TypeKind.DECIMAL, 18, 4), rule=ConstantRule(str(Decimal(cents).scaleb(-4)))),
        ColumnSpec("factor", INT, rule=ConstantRule(str(factor))),
    )
    (found,) = plan([TableSpec("t", columns)], {"t": 1}).batch("t", 0, 1).column("c").to_pylist()
    assert found == (Decimal(cents).scaleb(-4) * factor).quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP)
