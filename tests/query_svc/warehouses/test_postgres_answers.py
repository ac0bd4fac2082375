"""Redshift's SQL on PostgreSQL through the door: what comes back, exactly."""

from typing import Any

import pytest

from tests.query_svc.conftest import RunningQuery
from tests.query_svc.redshift_answers import MOMENTS, ROWS


@pytest.mark.parametrize(("sql", "rows"), ROWS)
async def test_redshift_gets_the_rows_that_redshift_gives(query: RunningQuery, sql: str, rows: list[list[Any]]) -> None:
    """A statement must not answer otherwise because it runs elsewhere."""
    assert await query.rows(sql) == rows


@pytest.mark.parametrize(("sql", "value"), MOMENTS)
async def test_dates_are_counted_by_boundaries(query: RunningQuery, sql: str, value: Any) -> None:
    """sqlglot's own translation counts elapsed time, which is wrong in silence."""
    assert await query.rows(f"SELECT {sql}") == [[value]]
