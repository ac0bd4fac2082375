"""Function calls are read by name; what only looks like one is read as what it is."""

import pytest

from query_svc.core.dialects import DIALECTS, REDSHIFT, SNOWFLAKE
from query_svc.core.faults import SqlFault
from query_svc.core.parse import parse
from query_svc.core.translate import translate
from tests.golden.translate_goldens import PLACE

READ = ("redshift", "postgres", "snowflake", "duckdb", "clickhouse")
LOOK_ALIKE = {
    "SELECT CASE (order_id) WHEN 1 THEN 'a' END FROM orders": "CASE (order_id) WHEN 1 THEN 'a' END",
    "SELECT * REPLACE (1 AS status) FROM orders": "* REPLACE (1 AS status)",
    "SELECT order_id FROM orders ORDER BY 1 FETCH FIRST (1) ROWS ONLY": "FETCH FIRST (1) ROWS ONLY",
    "SELECT total * replace(status, 'a', '1') FROM orders": "REPLACE(status, 'a', '1')",
    "WITH date (left) AS (SELECT 1) SELECT left FROM date": "WITH date(left) AS",
    "SELECT COUNT(*) FILTER (WHERE total > 1) FROM orders": "FILTER(WHERE total > 1)",
}


@pytest.mark.parametrize("dialect", READ)
@pytest.mark.parametrize("sql", LOOK_ALIKE)
def test_a_word_before_a_parenthesis_is_not_always_a_function(sql: str, dialect: str) -> None:
    """The parser is kept from knowing functions, not clauses, names or texts."""
    read = parse(sql, DIALECTS[dialect]).sql()
    assert LOOK_ALIKE[sql].upper() in read.upper()
    assert "\0" not in read


@pytest.mark.parametrize("sql", ["SELECT HLL() FROM orders", "SELECT HLL(status, order_id) FROM orders"])
@pytest.mark.parametrize("dialect", [REDSHIFT, SNOWFLAKE], ids=lambda dialect: str(dialect.name))
def test_an_estimate_takes_one_value(sql: str, dialect: object) -> None:
    """One that counted the first of two would be silently wrong."""
    with pytest.raises(SqlFault, match="one value"):
        translate(sql, dialect, PLACE, {})  # type: ignore[arg-type]  # a parameter has no type of its own
