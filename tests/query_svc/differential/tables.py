"""Customers, orders and their lines with NULLs, negative numbers and repeats, for both sides of the comparison."""

import datetime as dt
import random
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import duckdb

from tests.query_svc.shop import Col, Tab, integer, moment, number, word

NAMESPACE = "differ_0badcafe"
EXPERIMENT = "differ"
DAY = dt.date(2023, 11, 27)
_WORDS = ("open", "paid", "Paid", "shipped", "it's", "a_b", "a%b", "", "zz top", "x-1")
_COUNTRIES = ("DE", "FR", "JP", "US", None)
_DUCK = {"INT64": "BIGINT", "INT32": "INTEGER", "DATE": "DATE", "TIMESTAMP": "TIMESTAMP", "BOOLEAN": "BOOLEAN"}


def _tables() -> Mapping[str, Tab]:
    draw = random.Random(7)

    def maybe(value: Any) -> Any:
        return None if draw.random() < 0.15 else value

    def cents(least: int, most: int) -> Decimal:
        return Decimal(draw.randint(least, most)).scaleb(-2)

    def day() -> dt.date:
        return DAY + dt.timedelta(draw.randint(0, 120))

    def second() -> dt.datetime:
        return dt.datetime.combine(day(), dt.time()) + dt.timedelta(seconds=draw.randint(0, 86_399))

    def customer(n: int) -> tuple[Any, ...]:
        known = maybe(draw.choice(_COUNTRIES)), maybe(day()), maybe(draw.random() < 0.5)
        return (n, draw.choice(_WORDS), *known, maybe(cents(-99_999, 99_999)))

    customers = [customer(n) for n in range(1, 25)]
    orders = [
        (
            n,
            maybe(draw.randint(1, 30)),
            maybe(draw.choice(_WORDS)),
            second(),
            maybe(second()),
            maybe(cents(-500, 9_999)),
        )
        for n in range(1, 81)
    ]
    lines = [
        (n, draw.randint(1, 85), maybe(draw.randint(-9, 40)), cents(0, 99_999), maybe(day())) for n in range(1, 201)
    ]
    return {
        "customers": Tab(
            [
                integer("customer_id"),
                word("name"),
                word("country", 2),
                moment("born", "DATE"),
                Col("vip", "BOOLEAN", "BOOLEAN", "INTEGER"),
                number("balance", 12, 2),
            ],
            customers,
        ),
        "orders": Tab(
            [
                integer("order_id"),
                integer("buyer_id"),
                word("status"),
                moment("placed"),
                moment("sent"),
                number("fee", 8, 2),
            ],
            orders,
        ),
        "lines": Tab(
            [
                integer("line_id"),
                integer("of_order"),
                integer("quantity"),
                number("price", 10, 2),
                moment("due", "DATE"),
            ],
            lines,
        ),
    }


TABLES = _tables()


def judge() -> duckdb.DuckDBPyConnection:
    """DuckDB with the tables, told Redshift's order of NULLs and its division of integers."""
    connection = duckdb.connect()
    connection.execute("SET default_null_order = 'nulls_last_on_asc_first_on_desc'")
    connection.execute("SET integer_division = true")
    for name, table in TABLES.items():
        connection.execute(f"CREATE TABLE {name} ({', '.join(f'{c.name} {_declared(c)}' for c in table.columns)})")
        connection.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' for _ in table.columns)})", table.rows)
    return connection


def _declared(column: Col) -> str:
    return _DUCK.get(column.kind, column.declared)
