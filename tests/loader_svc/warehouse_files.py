"""Reading a warehouse file as another process would.

In this process only ADBC's SQLite may open a file that the loader has open: a second library would drop its locks.
"""

import contextlib
from pathlib import Path
from typing import Any

import adbc_driver_sqlite.dbapi as driver


def rows(file: Path, sql: str) -> list[tuple[Any, ...]]:
    """Rows of a query."""
    with (
        contextlib.closing(driver.connect(f"file:{file}?mode=ro", autocommit=True)) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute("PRAGMA busy_timeout = 5000")
        cursor.fetchall()
        cursor.execute(sql)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def table_names(file: Path) -> set[str]:
    """Tables of users, staging tables too; not the loader's own three."""
    system = {"_dwsim_load", "_dwsim_ledger", "_dwsim_catalog"}
    found = rows(file, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    return {name for (name,) in found} - system


def checksum(file: Path, table: str) -> list[tuple[Any, ...]]:
    """Counts and sums that change with any lost or doubled row of SHOP."""
    key = {"orders": "order_id", "customers": "customer_id"}[table]
    return rows(file, f"SELECT count(*), count(DISTINCT {key}), sum({key}), max({key}) FROM {table}")
