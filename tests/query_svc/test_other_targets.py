"""Translation to a dialect that the warehouse does not speak: never said to be exact, never a guess without a word."""

import duckdb
import pytest
from dwsim.common.v1.sql_dialect_pb2 import SqlDialect
from dwsim.query.v1.translation_pb2 import Translation

from dwsim_wire.errors import RemoteFault
from tests.query_svc.conftest import RunningQuery


async def test_a_statement_is_written_for_another_warehouse(query: RunningQuery) -> None:
    """Who moves from Redshift to DuckDB wants a first draft, and to know that it is one."""
    sql = "SELECT NVL(status, 'none') AS s, DATEADD(day, 1, ordered_at) AS later FROM orders"
    made = await query.translate(sql, target_dialect=SqlDialect.DUCKDB)
    assert (made.dialect, made.target_dialect) == (SqlDialect.REDSHIFT, SqlDialect.DUCKDB)
    assert made.verdict == Translation.APPROXIMATE
    assert "not run" in made.notes[0]
    with duckdb.connect() as judge:
        judge.execute("CREATE TABLE orders (status VARCHAR, ordered_at TIMESTAMP)")
        judge.execute(made.translated_sql)


@pytest.mark.parametrize("name", ["SNOWFLAKE", "POSTGRES", "CLICKHOUSE", "DATABRICKS", "REDSHIFT"])
async def test_every_dialect_of_the_contract_is_written(query: RunningQuery, name: str) -> None:
    """A list that promises more than it holds wastes an afternoon."""
    made = await query.translate("SELECT COUNT(*) FROM orders", target_dialect=SqlDialect.Name.Value(name))
    assert made.target_dialect == SqlDialect.Name.Value(name)
    assert "count(*)" in made.translated_sql.lower()


async def test_the_warehouses_own_dialect_is_the_ordinary_translation(query: RunningQuery) -> None:
    """Naming the target must not make an exact answer a guess."""
    sql = "SELECT NVL(status, 'none') FROM orders"
    assert await query.translate(sql, target_dialect=SqlDialect.SQLITE) == await query.translate(sql)


async def test_what_is_unknown_or_unsupported_is_said(query: RunningQuery) -> None:
    """A function that passes by its name may mean something else there."""
    made = await query.translate("SELECT F_OURS(1) FROM orders", target_dialect=SqlDialect.DUCKDB)
    assert "F_OURS" in made.notes[1]
    lacking = "SELECT * FROM orders PIVOT(SUM(total) FOR status IN ('paid'))"
    refused = await query.translate(lacking, target_dialect=SqlDialect.POSTGRES)
    assert (refused.verdict, "PIVOT" in refused.notes[0]) == (Translation.REFUSED, True)
    assert (refused.target_dialect, refused.translated_sql) == (SqlDialect.POSTGRES, "")
    for sql, reason in [("DELETE FROM orders", "WRITE_REFUSED"), ("SELEC 1", "INVALID_SQL")]:
        with pytest.raises(RemoteFault) as fault:
            await query.translate(sql, target_dialect=SqlDialect.DUCKDB)
        assert fault.value.reason == reason
