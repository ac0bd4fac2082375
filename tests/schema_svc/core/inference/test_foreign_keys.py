"""Guessed foreign keys: found where names imply them, marked, refusable, never harmful."""

import pytest

from schema_svc.core.export import export_ddl
from schema_svc.core.importing import Imported, SqlImport, import_sql
from schema_svc.core.vocabulary import Dialect

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
    assert [d.code for d in imported.diagnostics][:4] == ["FOREIGN_KEY_INFERRED"] * 4
    assert "refuse it with refused_foreign_keys: orders.customer_id" in [d.hint for d in imported.diagnostics]
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
        # not unique, where another column is the key
        "CREATE TABLE users (user_id INT, login INT PRIMARY KEY); CREATE TABLE notes (user_id INT);",
        # too narrow for the parent's keys
        "CREATE TABLE users (id INT PRIMARY KEY); CREATE TABLE notes (user_id SMALLINT);",
        "CREATE TABLE users (id VARCHAR(36) PRIMARY KEY); CREATE TABLE notes (user_id VARCHAR(35));",
        # numbers and codes are other names than ids
        "CREATE TABLE users (id INT PRIMARY KEY); CREATE TABLE notes (user_no INT);",
        # two tables that could be meant
        "CREATE TABLE stg_users (id INT PRIMARY KEY); CREATE TABLE users (id INT PRIMARY KEY);"
        "CREATE TABLE notes (user_id INT);",
        # a word inside another
        "CREATE TABLE cities (id INT PRIMARY KEY); CREATE TABLE notes (capacity_id INT);",
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


@pytest.mark.parametrize(
    ("parents", "column", "reference"),
    [
        ("CREATE TABLE customers (CustomerID INT PRIMARY KEY);", "CustomerID INT", "customers.customerid"),
        ("CREATE TABLE customers (id INT PRIMARY KEY);", "customerid INT", "customers.id"),
        ("CREATE TABLE customers (id INT PRIMARY KEY);", "cust_id INT", "customers.id"),
        ("CREATE TABLE dim_customer (customer_key INT PRIMARY KEY);", "customer_key INT", "dim_customer.customer_key"),
        ("CREATE TABLE date_dim (d_date_sk INT PRIMARY KEY, d_year INT);", "ss_sold_date_sk INT", "date_dim.d_date_sk"),
        ("CREATE TABLE people (id INT PRIMARY KEY);", "person_id INT", "people.id"),
        ("CREATE TABLE statuses (id INT PRIMARY KEY);", "status_id INT", "statuses.id"),
        ("CREATE TABLE categories (id INT PRIMARY KEY);", "main_category_id INT", "categories.id"),
        ("CREATE TABLE concept (concept_id INT PRIMARY KEY);", "concept_id_2 INT", "concept.concept_id"),
        ("CREATE TABLE users (id INT PRIMARY KEY);", "created_by INT", "users.id"),
        ("CREATE TABLE users (id INT PRIMARY KEY);", "seller_id INT", "users.id"),
        (
            "CREATE TABLE customer_demographics (cd_demo_sk INT PRIMARY KEY, cd_gender CHAR(1));"
            "CREATE TABLE household_demographics (hd_demo_sk INT PRIMARY KEY, hd_size INT);",
            "c_current_hdemo_sk INT",
            "household_demographics.hd_demo_sk",
        ),
        (
            "CREATE TABLE a.users (id INT PRIMARY KEY);CREATE TABLE s.users (id INT PRIMARY KEY);",
            "user_id INT",
            "s_users.id",
        ),
    ],
)
def test_the_names_of_real_warehouses_are_understood(parents: str, column: str, reference: str) -> None:
    """Glued words, prefixes of tables and of columns, plurals, roles, abbreviations, schemas."""
    found = guesses(f"{parents} CREATE TABLE s.facts (amount INT, {column});")[1]
    assert [".".join(target[:2]) for target in found.values()] == [reference]


@pytest.mark.parametrize("column", ["manager_id", "parent_id", "reports_to", "parent_employee_id"])
def test_a_row_refers_to_the_row_above_it(column: str) -> None:
    """Trees are tables that reference themselves; where every row needs a parent, there is no tree."""
    sql = "CREATE TABLE employees (employee_id INT PRIMARY KEY, {} INT{});"
    key = ("employees", "employee_id")
    assert [target[:2] for target in guesses(sql.format(column, ""))[1].values()] == [key]
    assert guesses(sql.format(column, " NOT NULL"))[1] == {}


def test_a_key_that_is_not_declared_is_taken_as_one_where_it_is_referenced() -> None:
    """Much warehouse DDL declares no key at all; joins are wanted all the same."""
    sql = "CREATE TABLE users (userid INT NOT NULL, name VARCHAR(9)); CREATE TABLE sales (salesid INT, userid INT);"
    imported, found = guesses(sql)
    assert found == {"sales.userid": ("users", "userid", 0.95)}
    users, sales = imported.experiment.tables
    assert (users.columns[0].is_unique, sales.columns[0].is_unique) == (True, False)
    assert "users.userid was taken as unique" in users.warnings[0]
    assert guesses(sql, refused_foreign_keys=("users.userid",))[1] == {}
    assert "UNIQUE" not in export_ddl(imported.experiment, Dialect.REDSHIFT)[0]


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        # more children than parents of their own
        ("CREATE TABLE persons (id INT PRIMARY KEY); CREATE TABLE deaths (person_id INT PRIMARY KEY);", {"persons": 9}),
        # fewer pairs than rows
        (
            "CREATE TABLE tags (id INT PRIMARY KEY); CREATE TABLE posts (id INT PRIMARY KEY);"
            "CREATE TABLE post_tags (post_id INT, tag_id INT, PRIMARY KEY (post_id, tag_id));",
            {"tags": 9, "posts": 9},
        ),
        # no parents at all
        ("CREATE TABLE users (id INT PRIMARY KEY); CREATE TABLE notes (user_id INT NOT NULL);", {"users": 0}),
    ],
)
def test_a_guess_that_would_leave_too_few_parents_is_not_made(sql: str, rows: dict[str, int]) -> None:
    """A run that went without the guess must go with it."""
    assert guesses(sql)[1]
    assert len(guesses(sql, table_rows=rows)[1]) < len(guesses(sql)[1])
