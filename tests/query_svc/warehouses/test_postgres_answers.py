"""Redshift's SQL on PostgreSQL through the door: what comes back, exactly."""

import hashlib
from typing import Any

import pytest
from dwsim.common.v1.sql_dialect_pb2 import SqlDialect
from dwsim.query.v1.translation_pb2 import Translation

from tests.query_svc.conftest import RunningQuery
from tests.query_svc.redshift_answers import MOMENTS, ROWS

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize(("sql", "rows"), ROWS)
async def test_redshift_gets_the_rows_that_redshift_gives(
    kept_query: RunningQuery, sql: str, rows: list[list[Any]]
) -> None:
    """A statement must not answer otherwise because it runs elsewhere."""
    assert await kept_query.rows(sql) == rows


@pytest.mark.parametrize(("sql", "value"), MOMENTS)
async def test_dates_are_counted_by_boundaries(kept_query: RunningQuery, sql: str, value: Any) -> None:
    """sqlglot's own translation counts elapsed time, which is wrong in silence."""
    assert await kept_query.rows(f"SELECT {sql}") == [[value]]


@pytest.mark.parametrize(
    ("sql", "value"),
    [
        # boundaries, also backwards and below the second
        ("DATEDIFF(day, '2024-03-01', '2024-02-28 23:00:00')", -2),
        ("DATEDIFF(month, '2024-03-01', '2023-12-31')", -3),
        ("DATEDIFF(hour, '2024-01-01 01:00:00', '2024-01-01 00:59:59')", -1),
        ("DATEDIFF(ms, '2024-01-01 00:00:00.0019', '2024-01-01 00:00:00.0021')", 1),
        ("DATEDIFF(us, '2024-01-01 00:00:00.000001', '2024-01-01 00:00:01')", 999_999),
        ("DATEDIFF(day, NULL, '2024-01-01')", None),
        ("DATEADD(quarter, -1, '2024-05-31')", "2024-02-29 00:00:00"),
        ("DATEADD(ms, 1500, '2024-01-01')", "2024-01-01 00:00:01.500000"),
        ("ADD_MONTHS('2008-03-31', 1)", "2008-04-30 00:00:00"),
        ("ADD_MONTHS('2008-02-29 10:30:00', 12)", "2009-02-28 10:30:00"),
        ("MONTHS_BETWEEN('1969-01-18', '1969-03-18')", -2.0),
        ("ROUND(MONTHS_BETWEEN('2024-03-31', '2024-02-15'), 9)", 1.516129032),
        ("MONTHS_BETWEEN('2024-03-15 12:00:00', '2024-03-14 00:00:00') * 62", 3.0),
        ("NEXT_DAY('2014-08-20', 'Tuesday')", "2014-08-26"),
        ("NEXT_DAY('2014-08-26', 'tu')", "2014-09-02"),
        ("TRUNC(TIMESTAMP '2011-07-21 10:32:38.248109')", "2011-07-21"),
        ("EXTRACT(ms FROM TIMESTAMP '2009-09-09 12:08:43.101')", 101),
        ("DATE_PART_YEAR(DATE '2008-01-05')", 2008),
        ("CONVERT_TIMEZONE('America/New_York', '2013-02-01 08:00:00')", "2013-02-01 03:00:00"),
        ("CONVERT_TIMEZONE('America/New_York', 'Europe/Berlin', '2024-07-01 12:00:00')", "2024-07-01 18:00:00"),
        ("SYSDATE::date = CURRENT_DATE AND GETDATE() <= SYSDATE", True),
        # numbers
        ("(10.00::decimal(8,2) / 3.00::decimal(8,2))", "3.333333333"),
        ("2.00::decimal(8,2) / -3", "-0.6666666666666"),
        ("999999999999999999999999999999999999.5 + 0.5", "1000000000000000000000000000000000000.0"),
        ("TRUNC(111.86)", "111"),
        ("TRUNC(-43.15, 1)", "-43.1"),
        ("ROUND(28.05, 1)", "28.1"),
        ("ROUND(2.5::float)", 3.0),
        ("ROUND(1234, -2)", 1200),
        ("2.5::int + (-2.5)::int", 0),
        ("SIGN(-4.5)", -1),
        ("MOD(-7, 3)", -1),
        ("STRTOL('abcd1234', 16)", 2_882_343_476),
        ("STRTOL('-110101', 2)", -53),
        ("STRTOL('0xff', 16) + STRTOL('', 10)", 255),
        ("(CASE WHEN 1 = 1 THEN 2 ELSE 1.50 END)::varchar", "2.00"),
        ("ISNULL(NULL, 2)", 2),
        ("'12' + 1", 13),
        # text
        ("MD5('Amazon Redshift')", "f7415e33f972c03abd4f3fed36748f7a"),
        ("SHA2('Amazon Redshift', 256)", hashlib.sha256(b"Amazon Redshift").hexdigest()),
        ("SHA2('Amazon Redshift', 0) = SHA2('Amazon Redshift', 256)", True),
        ("LEN('ab '::char(5)) + LEN('ab ')", 5),
        ("'ab'::char(5) || 'c'", "abc"),
        ("'ab'::char(5) LIKE 'ab'", True),
        ("'ab ' = 'ab' AND 'ab'::char(5) = 'ab' AND ' ab' <> 'ab'", True),
        ("'b' IN ('a ', 'b ')", True),
        ("DECODE('b ', 'a', 1, 'b', 2)", 2),
        ("NULLIF('a ', 'a')", None),
        ("CASE 'a ' WHEN 'a' THEN 1 END", 1),
        ("'a' < 'B'", False),
        ("GREATEST('a', 'B', NULL)", "a"),
        ("CONCAT('a', NULL)", None),
        ("'É' ILIKE 'é'", False),
        ("LOWER('ÉCOLE') LIKE 'éc%'", True),
        ("INITCAP('élan vital')", "Élan Vital"),
        ("'a\\\\b' LIKE 'a\\\\\\\\b'", True),
        ("'10%' LIKE '10!%' ESCAPE '!'", True),
        ("'Harry' SIMILAR TO '(H|h)ar+y'", True),
        ("'Harry' SIMILAR TO 'arr'", False),
        ("TO_CHAR(-125.8, '999.99S')", "125.80-"),
        ("TO_CHAR(DATE '2024-03-05', 'DD Mon YYYY')", "05 Mar 2024"),
        ("REGEXP_SUBSTR('Suspendisse.tristique@nonnisiAenean.edu', '@[^.]*')", "@nonnisiAenean"),
        ("REGEXP_SUBSTR('a1b22', '[0-9]+', 1, 2)", "22"),
        ("REGEXP_SUBSTR('abc', '[0-9]')", ""),
        ("REGEXP_COUNT('abcabc', 'b.')", 2),
        ("REGEXP_REPLACE('a1b22', '\\\\d+', '#')", "a#b#"),
        # JSON in text
        ('JSON_EXTRACT_PATH_TEXT(\'{"f2":{"f3":1},"f4":{"f5":99,"f6":"star"}}\', \'f4\', \'f6\')', "star"),
        ("JSON_EXTRACT_PATH_TEXT('{\"a\":1}', 'b')", None),
        ("JSON_EXTRACT_PATH_TEXT('no', 'b', true)", None),
        ("JSON_EXTRACT_ARRAY_ELEMENT_TEXT('[111,112,113]', 2)", "113"),
        ("JSON_EXTRACT_ARRAY_ELEMENT_TEXT('[111,112,113]', 3)", None),
        ('JSON_ARRAY_LENGTH(\'[11,12,13,{"f1":21,"f2":[25,26]},14]\')', 5),
        ("IS_VALID_JSON('{\"a\":2}') AND NOT IS_VALID_JSON('{\"a\":[1,2}')", True),
        ("IS_VALID_JSON_ARRAY('{\"a\":2}')", False),
    ],
)
async def test_functions_answer_what_the_manual_says(kept_query: RunningQuery, sql: str, value: Any) -> None:
    """PostgreSQL lacks each of these, or answers it otherwise."""
    assert await kept_query.rows(f"SELECT {sql}") == [[value]]


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        (
            "SELECT AVG(total), SUM(total), MAX(status), MIN(name) FROM orders JOIN customers USING (customer_id)",
            [["22.53", "112.65", "paid", "Ada"]],
        ),
        ("SELECT APPROXIMATE COUNT(DISTINCT status) FROM orders", [[3]]),
        (
            "SELECT order_id, ROUND(RATIO_TO_REPORT(total) OVER (PARTITION BY customer_id), 6) FROM orders"
            " WHERE customer_id = 2 ORDER BY 1",
            [[3, 0.414938], [4, 0.585062]],
        ),
        (
            "SELECT LISTAGG(DISTINCT_STATUS, '|') WITHIN GROUP (ORDER BY distinct_status DESC)"
            " FROM (SELECT DISTINCT status AS distinct_status FROM orders)",
            [["paid|open|Paid"]],
        ),
        ("SELECT status AS s FROM orders ORDER BY s DESC, order_id", [[None], ["paid"], ["paid"], ["open"], ["Paid"]]),
        ("SELECT DISTINCT status FROM orders ORDER BY 1", [["Paid"], ["open"], ["paid"], [None]]),
        (
            "SELECT name AS n FROM customers UNION SELECT status FROM orders ORDER BY n LIMIT 4",
            [["Ada"], ["Eve%"], ["Paid"], ["bob"]],
        ),
        (
            "SELECT UPPER(status) AS status, COUNT(*) FROM orders GROUP BY 1 ORDER BY status",
            [["OPEN", 1], ["PAID", 3], [None, 1]],
        ),
        (
            "SELECT order_id, LAG(total, 1, 0) OVER (ORDER BY order_id) FROM orders ORDER BY 1 LIMIT 2",
            [[1, "0.00"], [2, "100.10"]],
        ),
        ("SELECT PERCENTILE_DISC(0.5) WITHIN GROUP (ORDER BY total) FROM orders", [["5.00"]]),
        ("SELECT COUNT(*) FROM orders WHERE status IN (SELECT 'paid ')", [[2]]),
        ("SELECT o.order_id FROM orders o ORDER BY 1 OFFSET 4", [[5]]),
        ("SELECT NULL AS a, NULL + 1 AS b", [[None, None]]),
        ("SELECT COUNT(*) AS n, n + 1 AS m FROM orders", [[5, 6]]),
        (
            "SELECT SUM(units) AS n, status, GROUPING(status) AS level FROM orders GROUP BY ROLLUP (status)"
            " ORDER BY level DESC, CASE WHEN level = 0 THEN status END, n",
            [
                ["9007199254740990", None, 1],
                ["-7", "Paid", 0],
                ["9007199254740993", "open", 0],
                ["4", "paid", 0],
                [None, None, 0],
            ],
        ),
        (
            "SELECT LAG('x') OVER (ORDER BY order_id), FIRST_VALUE('y') OVER (ORDER BY order_id ROWS UNBOUNDED"
            " PRECEDING), LAST_VALUE(NULL) OVER (ORDER BY order_id ROWS UNBOUNDED PRECEDING) FROM orders"
            " ORDER BY 1 NULLS FIRST LIMIT 2",
            [[None, "y", None], ["x", "y", None]],
        ),
    ],
)
async def test_queries_answer_what_redshift_answers(kept_query: RunningQuery, sql: str, rows: list[list[Any]]) -> None:
    """Aggregates, windows and orders that PostgreSQL has under other names, types or collations."""
    assert await kept_query.rows(sql) == rows


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        (
            "SELECT w, COUNT(*) FROM (SELECT 'a' AS w UNION ALL SELECT 'a ' UNION ALL SELECT 'b')"
            " GROUP BY w ORDER BY w",
            [["a", 2], ["b", 1]],
        ),
        ("SELECT DISTINCT w FROM (SELECT 'a ' AS w UNION ALL SELECT 'a') ORDER BY w", [["a"]]),
        ("SELECT DISTINCT (t.w) FROM (SELECT 'a ' AS w UNION ALL SELECT 'b') t ORDER BY t.w DESC", [["b"], ["a"]]),
        ("SELECT 'a' AS w UNION SELECT 'a ' ORDER BY 1", [["a"]]),
        ("SELECT COUNT(DISTINCT w) FROM (SELECT 'a' AS w UNION ALL SELECT 'a ')", [[1]]),
        (
            "SELECT UPPER(w) FROM (SELECT 'a' AS w UNION ALL SELECT 'a ') GROUP BY 1 HAVING UPPER(w) = 'A ' ORDER BY 1",
            [["A"]],
        ),
        ("SELECT w || '|' FROM (SELECT 'a ' AS w) GROUP BY w", [["a|"]]),
        ("SELECT w || '|' FROM (SELECT 'a ' AS w)", [["a |"]]),
        (
            "SELECT w, LEN(v) FROM (SELECT w, w AS v, COUNT(*) FROM (SELECT 'a ' AS w UNION ALL SELECT 'b') GROUP BY w)"
            " ORDER BY w",
            [["a ", 2], ["b", 1]],
        ),
        (
            "SELECT w, COUNT(*) FROM (SELECT 'a ' AS w UNION ALL SELECT 'b') GROUP BY ROLLUP (w) ORDER BY w",
            [["a", 1], ["b", 1], [None, 2]],
        ),
        (
            "SELECT status, (SELECT COUNT(*) FROM orders p WHERE p.status = o.status) FROM orders o"
            " GROUP BY status ORDER BY 1 LIMIT 1",
            [["Paid", 1]],
        ),
    ],
)
async def test_trailing_blanks_tell_no_rows_apart(kept_query: RunningQuery, sql: str, rows: list[list[Any]]) -> None:
    """To Redshift a text and the same with blanks behind it are equal; texts that are cut end in blanks."""
    assert await kept_query.rows(sql) == rows


async def test_numbers_that_are_none_are_values_of_a_double(kept_query: RunningQuery) -> None:
    """Unquoted, they would be names of columns."""
    rows = await kept_query.rows("SELECT 'NaN'::float, 'Infinity'::float8, CAST('-Infinity' AS double precision)")
    assert rows == [["NaN", "Infinity", "-Infinity"]]


async def test_columns_of_pivots_and_ordered_sets_have_their_names(kept_query: RunningQuery) -> None:
    """A value below zero is not the one above; a window does not hide the function."""
    pivoted = "SELECT * FROM (SELECT 1 AS k, 5 AS v UNION ALL SELECT -1, 7) PIVOT (SUM(v) FOR k IN (-1, 1))"
    answer = await kept_query.run(pivoted)
    assert ([column.name for column in answer.columns], list(answer.rows[0])) == (["-1", "1"], [7, 5])
    windowed = "SELECT LISTAGG(order_id) WITHIN GROUP (ORDER BY order_id) OVER () FROM orders LIMIT 1"
    assert [column.name for column in (await kept_query.run(windowed)).columns] == ["listagg"]


async def test_quotients_and_sums_have_redshifts_types(kept_query: RunningQuery) -> None:
    """A program that reads DECIMAL(17,9) from Redshift reads it here."""
    sql = (
        "SELECT 10.00::decimal(8,2) / 3.00::decimal(8,2) AS q, SUM(total) AS s, SUM(order_id) AS i, SYSDATE FROM orders"
    )
    answer = await kept_query.execute(sql)
    types = [column.data_type for column in answer.schema.columns]
    assert types == ["DECIMAL(17,9)", "DECIMAL(38,2)", "DECIMAL(38,0)", "TIMESTAMP"]


async def test_verdicts_say_what_is_exact(kept_query: RunningQuery) -> None:
    """Never a silent wrong answer."""
    exact = await kept_query.translate("SELECT DATEDIFF(day, ordered_at, shipped_at) FROM orders")
    assert (exact.verdict, list(exact.rules)) == (Translation.EXACT, ["datediff_by_boundaries"])
    assert exact.target_dialect == SqlDialect.POSTGRES
    rough = await kept_query.translate("SELECT APPROXIMATE COUNT(DISTINCT status) FROM orders")
    assert rough.verdict == Translation.APPROXIMATE
    assert "estimates" in rough.notes[0]


async def test_each_dialect_reads_its_own_sql(kept_query: RunningQuery) -> None:
    """PostgreSQL's own words pass through; Snowflake's follow its rules."""
    native = "SELECT status, array_agg(order_id ORDER BY order_id)::text FROM orders GROUP BY 1 ORDER BY 1 LIMIT 1"
    assert await kept_query.rows(native, dialect=SqlDialect.POSTGRES) == [["Paid", "{5}"]]
    series = "SELECT SUM(g), AVG(g)::numeric(10, 2), SUM(g::numeric) / 7 FROM generate_series(1, 4) g"
    assert await kept_query.rows(series, dialect=SqlDialect.POSTGRES) == [[10, "2.50", "1.4285714285714286"]]
    assert await kept_query.rows("SELECT 7 / 2, IFF(1 = 1, 'a', 'b')", dialect=SqlDialect.SNOWFLAKE) == [
        ["3.500000", "a"]
    ]
    sql = "SELECT order_id, total FROM orders WHERE status = 'paid' ORDER BY 1 LIMIT 1"
    assert await kept_query.rows(sql, dialect=SqlDialect.SNOWFLAKE) == [[1, "100.10"]]


async def test_a_statement_without_an_experiment_runs_on_the_first_warehouse(kept_query: RunningQuery) -> None:
    """Redshift comes before SQLite where both are configured."""
    answer = await kept_query.execute("SELECT STRTOL('ff', 16)", experiment="")
    assert answer.rows == [[255]]
    assert await kept_query.rows("SELECT COUNT(*) FROM shop__orders", experiment="") == [[5]]
    for name in ("orders", "ORDERS", "shop.orders", "public.orders", "sales.orders", '"Orders"'):
        assert await kept_query.rows(f"SELECT COUNT(*) FROM {name}") == [[5]], name
