"""Views over loaded tables: they read the new rows, or refuse the load; none is lost."""

from contextlib import closing
from typing import Any

import pytest

from loader_svc.core.faults import SchemaMismatch
from loader_svc.core.loads import Mode
from loader_svc.warehouses.postgres import PostgresWriter
from tests.loader_svc.staged_runs import SHOP, customers, orders
from tests.loader_svc.warehouses.orders import go_on, load, load_both, order, stage
from tests.loader_svc.warehouses.targets import SCHEMA, rows, table_names
from tests.postgres import Database


def test_appended_rows_join_those_that_are_there(writer: PostgresWriter, database: Database) -> None:
    """The catalog counts both, and a view over the table sees both."""
    load(writer, 1, 10)
    rows(database, "CREATE VIEW much AS SELECT sum(order_id) AS total FROM orders")
    with closing(writer.claim(order(writer, 2, rows={"orders": 5}, mode=Mode.APPEND))) as staging:
        stage(staging, "orders", orders(10, 5))
        staging.prepare(go_on)
        applied = staging.apply(go_on)
    assert (applied.inserted, applied.deleted, applied.catalog[0].rows) == ({"orders": 5}, {}, 15)
    assert rows(database, "SELECT total FROM much") == [(120,)]
    assert table_names(database) == {"orders"}


def test_views_read_the_new_rows(writer: PostgresWriter, database: Database) -> None:
    """A view belongs to the table that it was made over; a swap by name alone would leave it with the old rows."""
    load(writer, 1, 10)
    other = "CREATE SCHEMA reports; CREATE ROLE {0}; CREATE VIEW reports.big WITH (security_barrier=true) AS"
    role = f"analyst_{database.name}"
    database.rows(f"{other.format(role)} SELECT order_id, amount FROM {SCHEMA}.orders WHERE order_id > 5")
    database.rows(f"GRANT SELECT ON reports.big, {SCHEMA}.orders TO {role}")
    database.rows(f"GRANT UPDATE (amount) ON {SCHEMA}.orders TO {role}")
    database.rows("CREATE VIEW reports.biggest AS SELECT max(order_id) AS most FROM reports.big")
    try:
        load(writer, 2, 50)
        assert database.rows("SELECT count(*), max(order_id), (SELECT most FROM reports.biggest) FROM reports.big") == [
            (45, 50, 50)
        ]
        for name in ("reports.big", f"{SCHEMA}.orders"):
            assert database.rows("SELECT has_table_privilege(%s, %s, 'SELECT')", role, name) == [(True,)]
        updates = "SELECT has_column_privilege(%s, %s, 'amount', 'UPDATE'), has_table_privilege(%s, %s, 'UPDATE')"
        assert database.rows(updates, *(role, f"{SCHEMA}.orders") * 2) == [(True, False)]
        options = database.rows("SELECT reloptions FROM pg_class WHERE oid = 'reports.big'::regclass")
        assert options == [(["security_barrier=true"],)]
    finally:
        database.rows(f"DROP SCHEMA reports CASCADE; REVOKE ALL ON {SCHEMA}.orders FROM {role}; DROP ROLE {role}")


def test_views_over_columns_of_another_type_are_made_anew(writer: PostgresWriter, database: Database) -> None:
    """The experiment was revised: VARCHAR(40) became VARCHAR(60), which no view can take over in place."""
    load_both(writer, 1, 5, 5)
    rows(database, "CREATE VIEW names AS SELECT name FROM customers")
    rows(database, "CREATE VIEW initials AS SELECT left(name, 1) AS initial FROM names")
    rows(database, "GRANT SELECT ON initials TO PUBLIC")
    claimed = writer.claim(order(writer, 2, rows={"customers": 7}, document=_revised(length=60)))
    with closing(claimed) as staging:
        stage(staging, "customers", customers(0, 7))
        staging.apply(go_on)
    assert rows(database, "SELECT (SELECT count(*) FROM names), (SELECT count(*) FROM initials)") == [(7, 7)]
    assert rows(database, "SELECT has_table_privilege('pg_monitor', 'initials', 'SELECT')") == [(True,)]


def test_a_view_that_fits_no_more_refuses_the_load(writer: PostgresWriter, database: Database) -> None:
    """Better than a view that is gone; the view is named."""
    load_both(writer, 1, 5, 5)
    rows(database, "CREATE VIEW names AS SELECT upper(name) AS name FROM customers")
    claimed = writer.claim(order(writer, 2, rows={"customers": 7}, document=_revised(name="full_name")))
    with closing(claimed) as staging:
        stage(staging, "customers", customers(0, 7).rename_columns(["customer_id", "full_name"]))
        with pytest.raises(SchemaMismatch, match=f"view {SCHEMA}.names does not fit"):
            staging.apply(go_on)
    assert rows(database, "SELECT count(*) FROM names") == [(5,)]


def _revised(name: str = "name", length: int = 40) -> dict[str, Any]:
    column = {"name": name, "data_type": "VARCHAR", "logical_type": {"kind": "STRING", "length": length}}
    shop = SHOP["tables"][0]
    return SHOP | {"tables": [{**shop, "columns": [shop["columns"][0], column]}]}


def test_what_else_depends_on_a_table_refuses_the_load(writer: PostgresWriter, database: Database) -> None:
    """A materialized view cannot be pointed elsewhere; dropping it silently would be worse."""
    load(writer, 1, 10)
    rows(database, "CREATE MATERIALIZED VIEW frozen AS SELECT count(*) FROM orders")
    with pytest.raises(SchemaMismatch, match="something other than a view depends on it"):
        load(writer, 2, 20)
    rows(
        database,
        "DROP MATERIALIZED VIEW frozen; ALTER TABLE orders RENAME TO kept; CREATE VIEW orders AS SELECT 1 AS one",
    )
    with pytest.raises(SchemaMismatch, match="'orders' is taken by something that is no table"):
        load(writer, 3, 20)


def test_a_dropped_schema_takes_views_with_it(writer: PostgresWriter, database: Database) -> None:
    """A deleted experiment leaves nothing; dropping it again is nothing."""
    load(writer, 1, 10)
    database.rows(f"CREATE SCHEMA reports; CREATE VIEW reports.all_orders AS SELECT * FROM {SCHEMA}.orders")
    assert writer.drop(writer.namespace("shop", "5f0c")) == 1
    assert writer.drop(writer.namespace("shop", "5f0c")) == 0
    assert writer.namespaces() == []
    assert database.rows("SELECT to_regnamespace(%s)", SCHEMA) == [(None,)]
    assert database.rows("SELECT to_regclass('reports.all_orders')") == [(None,)]


def test_what_a_user_put_into_the_schema_outlives_the_experiment(writer: PostgresWriter, database: Database) -> None:
    """A deletion takes what it brought; an analyst's own table beside it is nobody else's to drop."""
    load(writer, 1, 10)
    rows(database, f"CREATE TABLE {SCHEMA}.notes AS SELECT 'mine' AS text")
    with closing(writer.claim(order(writer, 2, rows={"orders": 5}))) as staging:
        stage(staging, "orders", orders(0, 5))
    assert writer.drop(writer.namespace("shop", "5f0c")) == 1
    assert rows(database, "SELECT text FROM notes") == [("mine",)]
    assert table_names(database) == {"notes"}
    assert writer.namespaces() == []
