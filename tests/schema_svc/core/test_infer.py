"""Guessed foreign keys: found where names imply them, marked, refusable, never harmful."""

import pytest

from schema_svc.core.importing import Imported, SqlImport, import_sql

SHOP = """
CREATE TABLE customers (customer_id INT PRIMARY KEY, name VARCHAR(20));
CREATE TABLE companies (id INT PRIMARY KEY);
CREATE TABLE dim_date (date_key INT PRIMARY KEY);
CREATE TABLE orders (
    order_id INT PRIMARY KEY, customer_id INT NOT NULL, company_id INT, billing_customer_id INT, date_key INT,
    customer_code VARCHAR(5), warehouse_id INT
);
"""


def guesses(sql: str, **order: object) -> tuple[Imported, dict[str, tuple[str, str, float]]]:
    """An import and its guesses by `table.column`."""
    imported = import_sql(SqlImport("shop", sql, **order))  # type: ignore[arg-type]  # fields of the order
    found = {
        f"{table.name}.{column.name}": (key.references_table, key.references_column, key.confidence)
        for table in imported.experiment.tables
        for column in table.columns
        if (key := column.foreign_key) and key.inferred
    }
    return imported, found


def test_names_imply_the_keys_that_warehouses_do_not_declare() -> None:
    """Without them joins answer nothing."""
    imported, found = guesses(SHOP)
    assert found == {
        "orders.customer_id": ("customers", "customer_id", 0.95),
        "orders.company_id": ("companies", "id", 0.9),
        "orders.billing_customer_id": ("customers", "customer_id", 0.7),
        "orders.date_key": ("dim_date", "date_key", 0.95),
    }
    assert [d.code for d in imported.diagnostics] == ["FOREIGN_KEY_INFERRED"] * 4
    assert len(imported.experiment.warnings()) == 4


def test_a_guess_can_be_refused_alone_or_all_at_once() -> None:
    """The user knows better."""
    assert "orders.company_id" not in guesses(SHOP, refused_foreign_keys=("Orders.COMPANY_ID",))[1]
    assert guesses(SHOP, infer_foreign_keys=False)[1] == {}


def test_declared_keys_are_left_alone() -> None:
    """A guess never overrules what the DDL says."""
    sql = SHOP + "CREATE TABLE notes (customer_id INT REFERENCES companies (id));"
    imported, found = guesses(sql)
    key = imported.experiment.tables[-1].columns[0].foreign_key
    assert key
    assert (key.references_table, key.inferred) == ("companies", False)
    assert "notes.customer_id" not in found


@pytest.mark.parametrize(
    "sql",
    [
        # a cycle of required keys: one of the two guesses would make generation impossible
        "CREATE TABLE users (id INT PRIMARY KEY, team_id INT NOT NULL);"
        "CREATE TABLE teams (id INT PRIMARY KEY, user_id INT NOT NULL);",
        # another type
        "CREATE TABLE users (id INT PRIMARY KEY); CREATE TABLE notes (user_id VARCHAR(36));",
        # not unique
        "CREATE TABLE users (user_id INT); CREATE TABLE notes (user_id INT);",
        # a table's own key
        "CREATE TABLE users (user_id INT PRIMARY KEY, id INT UNIQUE);",
    ],
)
def test_a_guess_that_could_not_hold_is_not_made(sql: str) -> None:
    """A wrong guess is worse than none."""
    assert len(guesses(sql)[1]) <= (1 if "teams" in sql else 0)


def test_the_members_of_a_composite_key_are_guessed_too() -> None:
    """Line items are joined most of all."""
    sql = (
        "CREATE TABLE orders (order_id INT PRIMARY KEY);"
        "CREATE TABLE order_items (order_id INT, line_no INT, PRIMARY KEY (order_id, line_no));"
    )
    assert guesses(sql)[1] == {"order_items.order_id": ("orders", "order_id", 0.95)}
