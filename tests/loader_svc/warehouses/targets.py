"""Every warehouse with its writer, looked at as another client would."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from loader_svc.warehouses.postgres import PostgresWriter
from loader_svc.warehouses.snowflake import SnowflakeWriter
from loader_svc.warehouses.sqlite import SqliteWriter
from loader_svc.warehouses.writer import Writer
from tests.loader_svc import warehouse_files
from tests.postgres import Database, fresh_database
from tests.snowflake import emptied

SCHEMA = "shop"
"""Where PostgreSQL keeps the tables of `orders.order`."""


@dataclass(frozen=True)
class Target:
    """A writer and how to look at what it wrote."""

    another: Callable[[], Writer]
    """A second writer of the same warehouse."""
    rows: Callable[[str], list[tuple[Any, ...]]]
    """Rows of a query over the experiment's tables."""
    table_names: Callable[[], set[str]]
    """Tables of users, staging tables too."""
    writer: Writer


@pytest.fixture(params=["postgres", pytest.param("snowflake", marks=pytest.mark.slow), "sqlite"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Target]:
    """Every warehouse in turn, empty."""
    if request.param == "sqlite":
        writer = SqliteWriter(tmp_path)
        file = tmp_path / writer.namespace("shop", "5f0c")
        yield Target(
            lambda: SqliteWriter(tmp_path),
            lambda sql: warehouse_files.rows(file, sql),
            lambda: warehouse_files.table_names(file),
            writer,
        )
        return
    if request.param == "snowflake":
        account = emptied(request.getfixturevalue("snowflake"))
        yield Target(
            lambda: SnowflakeWriter(account.url),
            lambda sql: account.rows(sql, SCHEMA.upper()),
            lambda: account.table_names(SCHEMA.upper()),
            SnowflakeWriter(account.url),
        )
        return
    with fresh_database(request.getfixturevalue("postgres")) as database:
        url = SecretStr(database.url)
        yield Target(
            lambda: PostgresWriter(url),
            lambda sql: rows(database, sql),
            lambda: table_names(database),
            PostgresWriter(url),
        )


@pytest.fixture
def writer(database: Database) -> PostgresWriter:
    """A writer of PostgreSQL on an empty database."""
    return PostgresWriter(SecretStr(database.url))


def rows(database: Database, sql: str) -> list[tuple[Any, ...]]:
    """Rows of a query over the experiment's schema."""
    return database.rows(f"SET search_path TO {SCHEMA}, pg_catalog; {sql}")


def table_names(database: Database) -> set[str]:
    """Tables of users, staging tables too; not the loader's own three."""
    found = database.rows(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = to_regnamespace(%s)", SCHEMA
    )
    return {name for (name,) in found} - {"_dwsim_load", "_dwsim_ledger", "_dwsim_catalog"}
