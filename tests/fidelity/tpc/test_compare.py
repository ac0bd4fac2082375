"""The comparison with DuckDB's answers notices what it is there for."""

from typing import Any

import pytest

from tests.fidelity.tpc.compare import Column, difference

WANTED = [
    Column("n_name", "VARCHAR"),
    Column("revenue", "DECIMAL(38,4)"),
    Column("avg_qty", "DOUBLE"),
    Column("lines", "HUGEINT"),
]
GOT = [
    Column("n_name", "CHAR(6)"),
    Column("revenue", "DECIMAL(38,4)"),
    Column("avg_qty", "DECIMAL(38,2)"),
    Column("lines", "BIGINT"),
]
THEIRS: list[list[Any]] = [["PERU", "10.2000", 25.456, 7], ["CHINA", None, None, 12]]
OURS: list[list[Any]] = [["PERU  ", "10.2000", "25.45", 7.0], ["CHINA ", None, None, "12"]]


def told(rows: list[list[Any]], number: int = 1, verdict: str = "APPROXIMATE") -> str:
    return difference(number, verdict, (WANTED, THEIRS), (GOT, rows))


def test_an_answer_of_redshifts_types_is_duckdbs() -> None:
    """Padded CHAR, the scale of an average and integers as JSON are the warehouse's way, not differences."""
    assert told(OURS) == ""


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        (0, "PERU", "n_name"),
        (1, "10.2001", "revenue"),
        (1, None, "revenue"),
        (2, "25.46", "avg_qty"),
        (2, "25.44", "avg_qty"),
        (3, 8.0, "lines"),
    ],
)
def test_one_wrong_cell_is_noticed(place: int, value: Any, said: str) -> None:
    """No tolerance hides a digit."""
    rows = [list(row) for row in OURS]
    rows[0][place] = value
    assert told(rows).startswith(f"{said} ")


def test_order_and_rows_count() -> None:
    """Every query orders its rows; one that is lost or out of place is wrong."""
    assert told(OURS[::-1]).startswith("n_name ")
    assert told(OURS[:1]) == "1 rows instead of 2"


def test_only_named_columns_may_have_fewer_digits_and_only_where_it_is_said() -> None:
    """A rule for all doubles would hide the next defect; a lost digit that is called EXACT is one."""
    assert told(OURS, number=2).startswith("avg_qty ")
    assert "called EXACT" in told(OURS, verdict="EXACT")
