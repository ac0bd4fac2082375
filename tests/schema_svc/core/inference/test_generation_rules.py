"""Rules inferred from names: what real columns get, what is left alone, what silly names must not get."""

import pytest

from schema_svc.core.importing import SqlImport, import_sql
from schema_svc.core.model import Column, Table
from schema_svc.core.rules import Rule
from schema_svc.core.vocabulary import Dialect


def table(sql: str, **order: object) -> Table:
    """The last table of a text."""
    return import_sql(SqlImport("x", sql, **order)).experiment.tables[-1]  # type: ignore[arg-type]  # fields of the order


def column(definition: str, name: str = "t", beside: str = "") -> Column:
    """The first column of a table."""
    return table(f"CREATE TABLE {name} ({definition}{beside})").columns[0]


def told(rule: Rule | None) -> str:
    """A rule in a word or two."""
    if rule is None:
        return ""
    if rule.faker:
        return rule.faker.provider
    if rule.weighted_choice:
        return "|".join(choice.value for choice in rule.weighted_choice.choices)
    if rule.offset:
        return f"{rule.offset.column} + {rule.offset.min}..{rule.offset.max} {rule.offset.unit.lower()}"
    if rule.uniform:
        return f"{rule.uniform.min}..{rule.uniform.max}"
    return rule.kinds()[0]


@pytest.mark.parametrize(
    ("definition", "rule"),
    [
        ("email VARCHAR(80)", "email"),
        ("EmailAddress VARCHAR(80)", "email"),
        ("email VARCHAR(80) UNIQUE", "email"),
        ("c_first_name VARCHAR(20)", "first_name"),
        ("lastname VARCHAR(20)", "last_name"),
        ("full_name VARCHAR(60)", "name"),
        ("billing_zip_code CHAR(5)", "postcode"),
        ("venuecity VARCHAR(30)", "city"),
        ("country_code CHAR(2)", "country_code"),
        ("phone VARCHAR(20)", "phone_number"),
        ("ip_address VARCHAR(15)", "ipv4"),
        ("session_id VARCHAR(36)", "uuid"),
        ("sku VARCHAR(24) UNIQUE", "code"),
        ("gender CHAR(1)", "F|M|O"),
        ("month CHAR(3)", "JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC"),
        ("status INT", "1|2|3|4"),
        ("is_active SMALLINT", "1|0"),
        ("is_active CHAR(1)", "Y|N"),
        ("is_active BOOLEAN", "boolean"),
        ("has_discount BOOLEAN", "boolean"),
        ("has_discount INT", "0|1"),
        ("quantity INT", "zipf"),
        ("quantity INT CHECK (quantity > 0 AND quantity < 5)", ""),
        ("quantity INT CHECK (quantity > 0)", "zipf"),
        ("quantity INT CHECK (quantity < 5)", "zipf"),
        ("quantity INT CHECK (quantity > 1)", ""),
        ("numtickets SMALLINT", "zipf"),
        ("unit_price DECIMAL(10,2)", "normal"),
        ("price DECIMAL(3,2)", "1..9.99"),
        ("tax_rate DECIMAL(5,4)", "0..0.3"),
        ("tax_rate DECIMAL(5,2)", "0..30"),
        ("year SMALLINT", "2015..2025"),
        ("month INT", "1..12"),
        ("day_of_week INT", "1..7"),
        ("latitude DECIMAL(8,6)", "-60..70"),
        ("longitude FLOAT", "normal"),
        ("salary SMALLINT", "20000..32767"),
        ("birth_date DATE", "1945-01-01..2007-12-31"),
        ("created_date VARCHAR(10)", "numerify"),
        ("status VARCHAR(20) DEFAULT 'new'", "new|active|inactive|pending|closed"),
        ("status VARCHAR(6)", "active|closed"),
    ],
)
def test_names_and_types_say_what_a_column_holds(definition: str, rule: str) -> None:
    """A preview should read like real data, and every value fits its column."""
    found = column(definition)
    assert told(found.rule) == rule
    assert found.inferred


@pytest.mark.parametrize(
    "definition",
    [
        "capacity VARCHAR(20)",
        "velocity VARCHAR(20)",
        "simplicity VARCHAR(20)",
        "estate VARCHAR(20)",
        "mandate DATE",
        "discountless DECIMAL(8,2)",
        "phonetic VARCHAR(20)",
        "emails_sent_to VARCHAR(90)",
        "email VARCHAR(5)",
        "email INT",
        "uuid VARCHAR(20)",
        "latitude DECIMAL(3,2)",
        "price DECIMAL(2,2) UNIQUE",
        "status VARCHAR(20) UNIQUE",
        "first_name VARCHAR(20) PRIMARY KEY",
        "created_at TIMESTAMP",
        "id BIGINT IDENTITY(5,5)",
        "x1 VARCHAR(20)",
    ],
)
def test_what_names_do_not_say_is_not_inferred(definition: str) -> None:
    """Whole words only; nothing that would not fit; nothing that the DDL states; nothing that repeats in a key."""
    assert not column(definition).inferred


@pytest.mark.parametrize(
    ("definition", "owner", "beside", "rule"),
    [
        ("state VARCHAR(20)", "addresses", ", city VARCHAR(20)", "state"),
        ("state CHAR(2)", "t", "", "state_abbr"),
        ("address VARCHAR(60)", "t", "", "address"),
        ("ship_address VARCHAR(60)", "t", ", ship_city VARCHAR(20)", "street_address"),
        ("state VARCHAR(20)", "job_runs", "", "done|running|queued|failed|open"),
        ("state VARCHAR(20)", "t", ", started_at DATE", "done|running|queued|failed|open"),
        ("status VARCHAR(20)", "orders", "", "delivered|shipped|processing|pending|cancelled"),
        ("payment_status VARCHAR(20)", "orders", "", "captured|authorized|refunded|failed"),
        ("name VARCHAR(40)", "dim_customers", "", "name"),
        ("name VARCHAR(40)", "vendors", "", "company"),
        ("vendor_name VARCHAR(40)", "orders", "", "company"),
        ("name VARCHAR(40)", "products", "", "product_name"),
        ("c_name VARCHAR(40)", "customer", "", "name"),
        ("title VARCHAR(40)", "employees", "", "job"),
        ("title VARCHAR(40)", "films", "", "text"),
        ("name VARCHAR(40)", "anything", "", "text"),
        ("weight DECIMAL(6,2)", "patients", "", "normal"),
    ],
)
def test_whose_it_is_and_what_is_beside_it_decide(definition: str, owner: str, beside: str, rule: str) -> None:
    """A name, a title and a state mean something else in every table."""
    assert told(column(definition, owner, beside).rule) == rule


@pytest.mark.parametrize(
    ("definition", "rule"),
    [
        ("c1 VARCHAR(10) COMMENT 'one of: new, paid or void'", "new|paid|void"),
        ("c1 VARCHAR(10) COMMENT 'new | paid | void'", "new|paid|void"),
        ("c1 INT COMMENT '0 = open, 1 = closed'", "0|1"),
        ("c1 CHAR(1) COMMENT 'A: active, B: blocked'", "A|B"),
        ("c1 VARCHAR(80) COMMENT 'Customer e-mail address'", "email"),
        ("status VARCHAR(3) COMMENT 'new | paid'", "ACT|INA|PEN|CLO"),
        ("c1 VARCHAR(80) COMMENT 'The day on which the city of the customer was first entered by a clerk'", ""),
    ],
)
def test_comments_say_what_names_do_not(definition: str, rule: str) -> None:
    """Vendors' models have names of three letters and a comment on each; values that do not fit are not taken."""
    sql = f"CREATE TABLE t ({definition})"
    found = import_sql(SqlImport("x", sql, Dialect.SNOWFLAKE)).experiment.tables[0].columns[0]
    assert told(found.rule) == rule


@pytest.mark.parametrize(
    ("columns", "rule"),
    [
        ("created_at TIMESTAMP, updated_at TIMESTAMP", "created_at + 0..7776000 seconds"),
        ("order_date DATE, ship_date DATE", "order_date + 1..7 days"),
        ("ordered_at TIMESTAMP, shipped_on DATE", "ordered_at + 1..7 days"),
        ("start_date DATE, end_date DATE", "start_date + 1..180 days"),
        ("valid_from DATE, valid_to DATE", "valid_from + 1..180 days"),
        ("starttime TIMESTAMP, endtime TIMESTAMP", "starttime + 60..14400 seconds"),
        ("opens TIME, shift_start TIME, shift_end TIME", "shift_start + 15..240 minutes"),
        ("visit_date DATE, visit_datetime TIMESTAMP", "visit_date + 0..86399 seconds"),
        ("first_dom INT, last_dom INT", "1..28"),
        ("min_price DECIMAL(8,2), max_price DECIMAL(8,2)", "min_price + 1..100 unit_unspecified"),
        ("created_at VARCHAR(30), updated_at TIMESTAMP", ""),
        ("start_date DATE, end_date INT", ""),
        ("created_at TIMESTAMP, updated_at TIMESTAMP UNIQUE", ""),
        ("x INT, created_at TIMESTAMP, updated_at TIMESTAMP, UNIQUE (x, updated_at)", ""),
    ],
)
def test_later_columns_follow_earlier_ones(columns: str, rule: str) -> None:
    """Nothing is shipped before it was ordered."""
    sql = f"CREATE TABLE t ({columns})"
    assert told(next(c for c in reversed(table(sql).columns)).rule) == rule


def test_a_parcel_goes_from_order_to_delivery_whatever_the_order_of_columns() -> None:
    """Chains lead back to one column that follows none."""
    made = table(
        "CREATE TABLE o (delivered_at TIMESTAMP, shipped_at TIMESTAMP, paid_at TIMESTAMP, ordered_at TIMESTAMP)"
    )
    sources = {c.name: c.rule.offset.column for c in made.columns if c.rule and c.rule.offset}
    assert sources == {"delivered_at": "shipped_at", "shipped_at": "ordered_at", "paid_at": "ordered_at"}


def test_what_may_be_missing_is_missing_where_it_may_be() -> None:
    """Most rows are not deleted."""
    made = table("CREATE TABLE t (deleted_at TIMESTAMP, middle_name VARCHAR(20), fax VARCHAR(20) NOT NULL)")
    assert [c.null_fraction for c in made.columns] == [0.95, 0.4, None]


def test_members_of_keys_and_foreign_keys_are_left_alone() -> None:
    """Their values come from keys; a choice of four would leave too few of them."""
    sql = (
        "CREATE TABLE countries (country_code CHAR(2) PRIMARY KEY);"
        "CREATE TABLE t (status VARCHAR(9), year INT, country_code CHAR(2), PRIMARY KEY (status, year))"
    )
    assert [c.inferred for c in table(sql).columns] == [False] * 4
    sql = (
        "CREATE TABLE p (x INT, created_at DATE, PRIMARY KEY (x, created_at));"
        "CREATE TABLE t (x INT, created_at DATE, updated_at DATE, FOREIGN KEY (x, created_at) REFERENCES p);"
    )
    assert [c.inferred for c in table(sql, surrogate_keys=False).columns] == [False] * 3


def test_the_key_that_nobody_declared_counts() -> None:
    """Much warehouse DDL declares none; rows with random ids that repeat would join to nothing sensible."""
    assert told(column("order_id INT", "orders").rule) == "sequence"
    assert told(column("order_id INT", "order_items").rule) == ""
    assert told(column("id INT", "orders", ", other INT PRIMARY KEY").rule) == ""


def test_inference_can_be_switched_off_and_says_what_it_did() -> None:
    """The user decides, and is told."""
    sql = "CREATE TABLE t (email VARCHAR(80), city VARCHAR(80), x INT)"
    assert not any(c.inferred for c in table(sql, infer_rules=False).columns)
    diagnostics = import_sql(SqlImport("x", sql)).diagnostics
    assert [d.code for d in diagnostics] == ["RULES_INFERRED"]
    assert "2 columns in 1 tables" in diagnostics[0].message
