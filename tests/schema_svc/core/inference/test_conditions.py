"""CHECK conditions become bounds, dates and choices; nothing that is not understood changes a column."""

import pytest

from schema_svc.core.importing import SqlImport, import_sql
from schema_svc.core.model import Column
from schema_svc.core.vocabulary import Dialect


def column_of(data_type: str, condition: str, dialect: Dialect = Dialect.REDSHIFT, more: str = "") -> Column:
    """Column `x` of a table with one check."""
    sql = f"CREATE TABLE t (x {data_type} {more}, y INT, CHECK ({condition}))"
    return import_sql(SqlImport("shop", sql, dialect)).experiment.tables[0].columns[0]


@pytest.mark.parametrize(
    ("data_type", "condition", "low", "high"),
    [
        ("INT", "x >= 18 AND x < 120", 18, 119),
        ("INT", "x BETWEEN -5 AND 5", -5, 5),
        ("INT", "0 < x AND 10 > x", 1, 9),
        ("SMALLINT", "x > 0 AND x < 99999", 1, None),
        ("DECIMAL(6,2)", "x > 0", 0.01, None),
        ("DECIMAL(6,2)", "x <= 100.50", None, 100.5),
        ("FLOAT", "(x >= (0)::numeric) AND (x <= (1)::numeric)", 0, 1),
        ("INT", "x >= 1 OR x IS NULL", 1, None),
        ("INT", "x > 3 AND y > 5 AND x <> 7", 4, None),
    ],
)
def test_comparisons_are_bounds(data_type: str, condition: str, low: float | None, high: float | None) -> None:
    """Rows that break the check would not load where keys are enforced."""
    column = column_of(data_type, condition)
    assert (column.min_value, column.max_value, column.inferred) == (low, high, True)


@pytest.mark.parametrize(
    ("data_type", "condition", "choices"),
    [
        ("VARCHAR(9)", "x IN ('a', 'b')", ["a", "b"]),
        ("VARCHAR(9)", "x = 'a' OR x = 'b'", ["a", "b"]),
        ("VARCHAR(9)", "upper(x) IN ('M', 'F')", ["M", "F"]),
        (
            "VARCHAR(9)",
            "((x)::text = ANY ((ARRAY['n'::character varying, 'p'::character varying])::text[]))",
            ["n", "p"],
        ),
        ("VARCHAR(2)", "x IN ('ok', 'too long')", ["ok"]),
        ("VARCHAR(9)", "x IN ('a', 'b', 'c') AND x IN ('b', 'c', 'd')", ["b", "c"]),
        ("INT", "x IN (1, -2)", ["1", "-2"]),
    ],
)
def test_lists_are_choices(data_type: str, condition: str, choices: list[str]) -> None:
    """A status column should have the statuses that the DDL names."""
    rule = column_of(data_type, condition, Dialect.POSTGRES).rule
    assert rule is not None
    assert rule.weighted_choice is not None
    assert [choice.value for choice in rule.weighted_choice.choices] == choices


def test_dates_are_first_and_last_days() -> None:
    """Both ends are reachable; a bound that is not allowed moves by a day, or a second."""
    day = column_of("DATE", "x > '2020-01-01' AND x <= DATE '2030-12-31'")
    assert (day.date_start, day.date_end) == ("2020-01-02", "2030-12-31")
    moment = column_of("TIMESTAMP", "x < TIMESTAMP '2030-01-01 12:00:00'")
    assert moment.date_end == "2030-01-01T11:59:59"


@pytest.mark.parametrize(
    "condition",
    ["x > y", "x % 2 = 1", "x > 5 OR y > 3", "x > 5 AND x < 3", "length(x) > 3", "x >", "x NOT IN (1, 2)", "x > '$'"],
)
def test_what_is_not_understood_changes_nothing(condition: str) -> None:
    """A wrong bound is worse than none; the condition stays in the document either way."""
    column = column_of("INT", condition)
    assert (column.min_value, column.max_value, column.rule, column.inferred) == (None, None, None, False)


def test_keys_keep_room_and_counting_columns_their_rule() -> None:
    """A unique column of twelve values could not have a thousand rows."""
    unique = column_of("INT", "x BETWEEN 1 AND 12", more="UNIQUE")
    assert (unique.min_value, unique.max_value) == (1, None)
    assert column_of("VARCHAR(5)", "x IN ('a')", more="PRIMARY KEY").rule is None
    counting = column_of("INT", "x > 100", more="IDENTITY(1,1)")
    assert counting.rule is not None
    assert counting.rule.sequence is not None
    assert counting.min_value is None


def test_columns_are_found_as_the_dialect_folds_them() -> None:
    """Snowflake's condition may name the column in any case."""
    assert column_of("NUMBER(5,2)", "X >= 1", Dialect.SNOWFLAKE).min_value == 1
    assert column_of("NUMBER(5,2)", '"x" >= 1', Dialect.SNOWFLAKE).min_value is None
