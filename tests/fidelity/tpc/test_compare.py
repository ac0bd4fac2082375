"""The comparison with DuckDB's answers notices what it is there for."""

from typing import Any

import pytest

from tests.fidelity.tpc.compare import Column, difference
from tests.fidelity.tpc.cut import AVERAGE, SUM_OF_QUOTIENTS, WHOLE, Cut, Leave

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


CUTS = {"avg_qty": AVERAGE}


def told(rows: list[list[Any]], cuts: dict[str, Cut] = CUTS, verdict: str = "APPROXIMATE", ties: str = "") -> str:
    return difference(Leave(cuts, ties), verdict, (WANTED, THEIRS), (GOT, rows))


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
    assert told(OURS, {}).startswith("avg_qty ")
    assert "called EXACT" in told(OURS, verdict="EXACT")
    assert told(OURS, {"3": AVERAGE}) == ""


def test_order_is_free_among_ties_only() -> None:
    """Rows that ORDER BY does not tell apart come in any order; no cell of them may change."""
    assert told(OURS[::-1], ties="one name") == ""
    changed = [["PERU  ", "10.2001", "25.45", 7.0], OURS[1]]
    assert told(changed[::-1], ties="one name").startswith("revenue ")


def test_what_is_computed_from_cut_numbers_is_as_near_as_they_are() -> None:
    """A sum of quotients misses what each lost, and no more; a whole average is documented and may be EXACT."""
    assert told([["PERU  ", "10.2000", "25.4557", 7.0], OURS[1]], {"avg_qty": SUM_OF_QUOTIENTS}) == ""
    assert told([["PERU  ", "10.2000", "25.4555", 7.0], OURS[1]], {"avg_qty": SUM_OF_QUOTIENTS}).startswith("avg_qty ")
    whole = [*GOT[:2], Column("avg_qty", "BIGINT"), GOT[3]]
    rows = [["PERU  ", "10.2000", 25.0, 7.0], OURS[1]]
    assert difference(Leave({"avg_qty": WHOLE}), "EXACT", (WANTED, THEIRS), (whole, rows)) == ""
