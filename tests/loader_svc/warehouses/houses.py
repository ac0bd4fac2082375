"""A warehouse behind a whole loader: its settings, and how to look into it or change it by hand."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from loader_svc.warehouses.sqlite_session import Session
from tests.loader_svc import warehouse_files
from tests.loader_svc.warehouses.targets import rows
from tests.postgres import Database, fresh_database
from tests.snowflake import Database as Account
from tests.snowflake import emptied

WIDEN_IN_SQLITE = (
    "ALTER TABLE orders RENAME COLUMN amount TO narrow",
    "ALTER TABLE orders ADD COLUMN amount",
    "UPDATE orders SET amount = narrow",
    "ALTER TABLE orders DROP COLUMN narrow",
)


@dataclass(frozen=True)
class House:
    """One warehouse."""

    data: Path
    settings: dict[str, Any]
    environment: dict[str, str]
    """The settings for a loader in another process."""
    rows: Callable[[str], list[tuple[Any, ...]]]
    """Rows of a query over the experiment's tables."""
    widen: Callable[[], None]
    """Let `orders.amount` have more digits."""


@pytest.fixture(params=["sqlite", "postgres", pytest.param("snowflake", marks=pytest.mark.slow)])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    """Every warehouse in turn."""
    data = tmp_path / "data"
    if request.param == "sqlite":
        yield House(data, {}, {}, lambda sql: warehouse_files.rows(_file(data), sql), lambda: _widen(_file(data)))
        return
    if request.param == "snowflake":
        account = emptied(request.getfixturevalue("snowflake"))
        yield House(
            data,
            {"snowflake_url": account.url},
            {"DW_SIMULATOR_SNOWFLAKE_URL": account.url.get_secret_value()},
            lambda sql: account.rows(sql, "SHOP"),
            lambda: _widen_in_snowflake(account),
        )
        return
    with fresh_database(request.getfixturevalue("postgres")) as database:
        url = SecretStr(database.url)
        environment = {"DW_SIMULATOR_REDSHIFT_URL": database.url}
        yield House(
            data,
            {"redshift_url": url},
            environment,
            lambda sql: rows(database, sql),
            lambda: _widen_in_postgres(database),
        )


def _file(data: Path) -> Path:
    [file] = (data / "warehouses/sqlite").glob("*.db")
    return file


def _widen(file: Path) -> None:
    with closing(Session(file)) as session:
        for sql in WIDEN_IN_SQLITE:
            session.run(sql)


def _widen_in_postgres(database: Database) -> None:
    rows(database, "ALTER TABLE orders ALTER amount TYPE numeric(20, 2)")


def _widen_in_snowflake(account: Account) -> None:
    account.rows("ALTER TABLE ORDERS ALTER COLUMN AMOUNT SET DATA TYPE NUMBER(20, 2)", "SHOP")
