"""Redshift's catalog over an experiment in SQLite: the same relations, of the same declared facts."""

import pytest
from dwsim.common.v1.sql_dialect_pb2 import SqlDialect

from tests.query_svc.conftest import RunningQuery
from tests.query_svc.test_refusals import refusal


async def test_the_catalog_says_what_the_ddl_declared(query: RunningQuery) -> None:
    """Tools list tables and columns before they ask for a row; the warehouse behind is not theirs to know."""
    sql = 'SELECT "column", type, "notnull", distkey FROM pg_table_def WHERE tablename = \'customers\' LIMIT 3'
    assert await query.rows(sql) == [
        ["customer_id", "bigint", True, False],
        ["name", "character varying(40)", False, False],
        ["country_code", "character varying(2)", False, False],
    ]
    assert await query.rows("SELECT schema_name FROM svv_all_schemas") == [["public"], ["sales"]]
    assert await query.rows("SELECT diststyle, tbl_rows FROM svv_table_info WHERE \"table\" = 'orders'") == [["ALL", 5]]


async def test_tables_of_the_catalog_join_tables_of_the_user(query: RunningQuery) -> None:
    """They are relations like others."""
    sql = "SELECT COUNT(*) FROM orders o JOIN information_schema.tables t ON t.table_name = 'orders'"
    assert await query.rows(sql) == [[5]]


async def test_show_lists_tables_and_columns(query: RunningQuery) -> None:
    """SHOW is what people type first."""
    assert [row[2] for row in await query.rows("SHOW TABLES FROM SCHEMA sales LIKE 'o%';")] == ["orders"]
    assert [row[3] for row in await query.rows("SHOW COLUMNS FROM TABLE sales.orders LIMIT 2")] == [
        "order_id",
        "customer_id",
    ]


async def test_show_of_an_unknown_table_is_said(query: RunningQuery) -> None:
    """No columns would look like a table without any."""
    fault = await refusal(query, "SHOW COLUMNS FROM TABLE sales.ordrs")
    assert (fault.reason, fault.hint) == ("UNKNOWN_TABLE", "did you mean orders?")


@pytest.mark.parametrize("sql", ["SELECT * FROM pg_table_def", "SELECT * FROM svv_tables"])
async def test_other_dialects_have_no_catalog_of_redshift(query: RunningQuery, sql: str) -> None:
    """A relation that their warehouse lacks is not there."""
    assert (await refusal(query, sql, dialect=SqlDialect.SNOWFLAKE)).reason == "UNKNOWN_TABLE"


@pytest.mark.parametrize("sql", ["SHOW GRANTS", "SHOW TABLES", "SHOW TABLES FROM SCHEMA x; SELECT 1"])
async def test_other_forms_of_show_are_refused(query: RunningQuery, sql: str) -> None:
    """They are refused by name, or as two statements."""
    assert (await refusal(query, sql)).reason in {"NOT_TRANSLATABLE", "SEVERAL_STATEMENTS"}
