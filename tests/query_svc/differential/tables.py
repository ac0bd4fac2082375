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
_COLUMNS = {
    "customers": [
        integer("customer_id"),
        word("name"),
        word("country", 2),
        moment("born", "DATE"),
        Col("vip", "BOOLEAN", "BOOLEAN", "INTEGER"),
        number("balance", 12, 2),
    ],
    "orders": [
        integer("order_id"),
        integer("buyer_id"),
        word("status"),
        moment("placed"),
        moment("sent"),
        number("fee", 8, 2),
    ],
    "lines": [
        integer("line_id"),
        integer("of_order"),
        integer("quantity"),
        number("price", 10, 2),
        moment("due", "DATE"),
    ],
}


class _Draw(random.Random):
    """Cells of a seed; one of seven is NULL where it may be."""

    def maybe(self, value: Any) -> Any:
        """The value, or NULL."""
        return None if self.random() < 0.15 else value

    def cents(self, least: int, most: int) -> Decimal:
        """An amount of two digits behind the point."""
        return Decimal(self.randint(least, most)).scaleb(-2)

    def day(self) -> dt.date:
        """One of 121 days."""
        return DAY + dt.timedelta(self.randint(0, 120))

    def second(self) -> dt.datetime:
        """A second of one of these days."""
        return dt.datetime.combine(self.day(), dt.time()) + dt.timedelta(seconds=self.randint(0, 86_399))


def _customer(draw: _Draw, n: int) -> tuple[Any, ...]:
    known = (
        draw.maybe(draw.choice(_COUNTRIES)),
        draw.maybe(draw.day()),
        draw.maybe(draw.random() < 0.5),
    )
    return (n, draw.choice(_WORDS), *known, draw.maybe(draw.cents(-99_999, 99_999)))


def _order(draw: _Draw, n: int) -> tuple[Any, ...]:
    return (
        n,
        draw.maybe(draw.randint(1, 30)),
        draw.maybe(draw.choice(_WORDS)),
        draw.second(),
        draw.maybe(draw.second()),
        draw.maybe(draw.cents(-500, 9_999)),
    )


def _line(draw: _Draw, n: int) -> tuple[Any, ...]:
    quantity = draw.randint(1, 85), draw.maybe(draw.randint(-9, 40))
    return (n, *quantity, draw.cents(0, 99_999), draw.maybe(draw.day()))


def _tables() -> Mapping[str, Tab]:
    draw = _Draw(7)
    rows = {
        "customers": [_customer(draw, n) for n in range(1, 25)],
        "orders": [_order(draw, n) for n in range(1, 81)],
        "lines": [_line(draw, n) for n in range(1, 201)],
    }
    return {name: Tab(columns, rows[name]) for name, columns in _COLUMNS.items()}


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
