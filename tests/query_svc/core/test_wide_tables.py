"""Tables wider than Redshift's are refused by their width, before anything is made of them."""

from dataclasses import replace

import pytest

from query_svc.core.catalog import Place
from query_svc.core.faults import InvalidSql
from query_svc.core.writes.planning import plan
from tests.golden.translate_goldens import PLACE

HOME = replace(PLACE, scratch=Place("s", "mine", PLACE.warehouse, "s.db", "", ()))


def _listed(columns: int, form: str) -> str:
    return ", ".join(form.format(place) for place in range(columns))


@pytest.mark.parametrize(
    "sql",
    [
        f"CREATE TABLE t ({_listed(1_600, 'c{} INT')})",
        f"CREATE TABLE t ({_listed(1_600, 'c{}')}) AS SELECT 1",
        f"CREATE TABLE t AS SELECT {_listed(1_600, '1 AS c{}')}",
        f"SELECT {_listed(1_600, '1 AS c{}')} INTO t",
    ],
    ids=["columns", "names", "as", "into"],
)
def test_a_table_that_is_too_wide_is_refused_by_its_width(sql: str) -> None:
    """Ten thousand columns would be translated for minutes, only for the server to refuse them."""
    with pytest.raises(InvalidSql, match="the table has 1,600 columns"):
        plan(sql, "redshift", HOME, {})


def test_the_widest_table_is_taken() -> None:
    """Redshift's own tables end at 1,600 columns."""
    made = plan(f"CREATE TABLE t ({_listed(1_599, 'c{} INT')})", "redshift", HOME, {})
    assert len(made.made[0].columns) == 1_599
