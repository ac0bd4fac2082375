"""A small shop in SQLite, in the layout and the value forms that the loader writes."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Col:
    """A column: as declared, as a logical type, as SQLite has it."""

    name: str
    declared: str
    kind: str
    affinity: str
    precision: int = 0
    scale: int = 0
    length: int = 0


@dataclass(frozen=True)
class Tab:
    """A table and its rows."""

    columns: list[Col]
    rows: list[tuple[Any, ...]]


def integer(name: str, kind: str = "INT64") -> Col:
    return Col(name, {"INT64": "BIGINT", "INT32": "INTEGER", "INT16": "SMALLINT"}[kind], kind, "INTEGER")


def number(name: str, precision: int, scale: int) -> Col:
    affinity = "" if precision > (15 if scale else 18) else "REAL" if scale else "INTEGER"
    return Col(name, f"DECIMAL({precision},{scale})", "DECIMAL", affinity, precision, scale)


def word(name: str, length: int = 40) -> Col:
    return Col(name, f"VARCHAR({length})", "STRING", "TEXT", length=length)


def moment(name: str, kind: str = "TIMESTAMP") -> Col:
    return Col(name, kind, kind, "TEXT")


SHOP = {
    "customers": Tab(
        [
            integer("customer_id"),
            word("name"),
            word("country_code", 2),
            moment("born", "DATE"),
            Col("is_active", "BOOLEAN", "BOOLEAN", "INTEGER"),
            number("balance", 12, 2),
            number("wealth", 18, 2),
        ],
        [
            (1, "Ada", "DE", "1990-01-31", 1, 10.25, 0.5),
            (2, "Émile", "FR", "1985-12-01", 0, 0.1, "1234567890123456.78"),
            (3, "bob", "DE", None, None, None, None),
            (4, "Eve%", None, "2000-02-29", 1, 0.2, 100.01),
        ],
    ),
    "orders": Tab(
        [
            integer("order_id"),
            integer("customer_id"),
            word("status", 12),
            moment("ordered_at"),
            moment("shipped_at"),
            number("total", 12, 2),
            number("units", 18, 0),
            Col("weight", "REAL", "FLOAT64", "REAL"),
            Col("note", "SUPER", "JSON", "TEXT"),
            Col("raw", "VARBYTE", "BINARY", "BLOB"),
        ],
        [
            (1, 1, "paid", "2024-01-31 10:00:00", "2024-02-01 09:59:59.500000", 100.1, 3, 1.5, '{"a": 1}', b"\x00\xff"),
            (2, 1, "open", "2024-02-29 23:59:59", None, 0.2, 9007199254740993, 0.1, None, None),
            (3, 2, "paid", "2023-12-31 00:00:00", "2024-01-01 00:00:00", 5.0, 1, None, None, None),
            (4, 2, None, "2024-03-01 12:30:15.123456", None, 7.05, None, 2.25, None, b""),
            (5, 4, "Paid", "2024-03-03 00:00:00", "2024-03-04 00:00:00", 0.3, -7, -1.0, None, None),
        ],
    ),
}
ROTA = {
    "shifts": Tab(
        [
            integer("shift_id"),
            moment("begins", "TIME"),
            Col("ends", "TIME WITH TIME ZONE", "TIME", "TEXT"),
            number("budget", 38, 10),
            number("count", 38, 0),
        ],
        [
            (1, "06:00:00", "23:59:59.999999", "-1234567890123456789012345678.0123456789", 10**17),
            (2, None, None, 0.5, "99999999999999999999999999999999999999"),
        ],
    ),
}


def write_shop(path: Path) -> None:
    """Write the shop as a loader would."""
    connection = write_tables(path, SHOP | ROTA)
    connection.execute("CREATE TABLE digits (d INTEGER)")
    connection.executemany("INSERT INTO digits VALUES (?)", [(n,) for n in range(10)])
    connection.commit()
    connection.close()


def write_tables(path: Path, tables: Mapping[str, Tab]) -> sqlite3.Connection:
    """Write tables into a file of their own; answer it, not yet committed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("CREATE TABLE _dwsim_load (uid TEXT PRIMARY KEY, state TEXT)")
    connection.execute("CREATE TABLE _dwsim_catalog (name TEXT PRIMARY KEY, facts TEXT)")
    for name, table in tables.items():
        columns = ", ".join(f'"{c.name}" {c.affinity}' for c in table.columns)
        connection.execute(f'CREATE TABLE "{name}" ({columns})')
        marks = ", ".join("?" for _ in table.columns)
        connection.executemany(f'INSERT INTO "{name}" VALUES ({marks})', table.rows)
    return connection
