"""Keys on PostgreSQL: indexes by default, real constraints where the experiment enforces them."""

from contextlib import closing

import psycopg2
import pyarrow as pa
import pytest

from loader_svc.core.faults import ConstraintViolated
from loader_svc.warehouses.postgres import PostgresWriter
from tests.loader_svc.staged_runs import customers, orders
from tests.loader_svc.warehouses.orders import ENFORCED, go_on, order, stage
from tests.loader_svc.warehouses.targets import rows, table_names
from tests.postgres import Database


def test_keys_are_not_enforced_by_default(writer: PostgresWriter, database: Database) -> None:
    """Redshift takes duplicates and orphans, and so does its stand-in; a row is found by its key all the same."""
    doubled = pa.concat_tables([orders(0, 5), orders(0, 5)])
    with closing(writer.claim(order(writer, rows={"orders": 10}))) as staging:
        stage(staging, "orders", doubled)
        staging.prepare(go_on)
        staging.prepare(go_on)
        staging.apply(go_on)
    assert rows(database, "SELECT count(*), count(DISTINCT order_id) FROM orders") == [(10, 5)]
    indexes = rows(database, "SELECT indexdef FROM pg_indexes WHERE tablename = 'orders'")
    assert [sql.partition(" USING ")[2] for (sql,) in indexes] == ["btree (order_id)"]
    assert "UNIQUE" not in indexes[0][0]
    sql = "SELECT count(*) FROM pg_constraint WHERE conrelid = 'orders'::regclass AND contype IN ('p', 'u', 'f')"
    assert rows(database, sql) == [(0,)]


def test_a_required_column_is_not_null_either_way(writer: PostgresWriter) -> None:
    """The one constraint that Redshift does enforce."""
    with closing(writer.claim(order(writer, rows={"customers": 1}))) as staging:
        without = pa.table({"customer_id": pa.nulls(1, pa.int32()), "name": ["x"]})
        with pytest.raises(ConstraintViolated) as refused:
            stage(staging, "customers", without)
    assert refused.value.message == "table 'customers': rows break a NOT NULL constraint of customer_id"


def test_a_key_that_no_index_can_hold_is_loaded_without(writer: PostgresWriter, database: Database) -> None:
    """The index is a courtesy of ours; text of 9 KB must not fail a load that asked for none."""
    column = {"name": "k", "data_type": "TEXT", "logical_type": {"kind": "STRING"}}
    document = {"tables": [{"name": "t", "primary_key": ["k"], "columns": [column]}]}
    text = "".join(chr(33 + i * i % 997) for i in range(9_000))
    with closing(writer.claim(order(writer, rows={"t": 1}, document=document))) as staging:
        stage(staging, "t", pa.table({"k": [text]}))
        staging.prepare(go_on)
        staging.apply(go_on)
    assert rows(database, "SELECT k FROM t") == [(text,)]


def test_enforced_keys_are_real_constraints(writer: PostgresWriter, database: Database) -> None:
    """`constraints: enforced` means it, for what users write later too, and through replaces of either side."""
    for load_id in (1, 2):
        ordered = order(writer, load_id, rows={"customers": 70, "orders": 90}, document=ENFORCED)
        with closing(writer.claim(ordered)) as staging:
            stage(staging, "orders", orders(0, 90))
            stage(staging, "customers", customers(0, 70))
            staging.prepare(go_on)
            staging.prepare(go_on)
            staging.apply(go_on)
    with closing(writer.claim(order(writer, 3, rows={"customers": 71}, document=ENFORCED))) as staging:
        stage(staging, "customers", customers(0, 71))
        staging.prepare(go_on)
        staging.apply(go_on)
    sql = "SELECT contype, conrelid::regclass::text FROM pg_constraint WHERE contype IN ('p', 'f')"
    kinds = rows(database, f"{sql} AND conrelid IN ('orders'::regclass, 'customers'::regclass) ORDER BY 1, 2")
    assert kinds == [("f", "orders"), ("p", "customers"), ("p", "orders")]
    with pytest.raises(psycopg2.errors.UniqueViolation):
        rows(database, "INSERT INTO orders SELECT * FROM orders LIMIT 1")
    with pytest.raises(psycopg2.errors.ForeignKeyViolation):
        rows(database, "INSERT INTO orders VALUES (1000, 1000, 1)")


def test_enforced_keys_refuse_orphans(writer: PostgresWriter, database: Database) -> None:
    """A foreign key holds over what is in the target after the load."""
    ordered = order(writer, rows={"customers": 3, "orders": 10}, document=ENFORCED)
    with closing(writer.claim(ordered)) as staging:
        stage(staging, "customers", customers(0, 3))
        stage(staging, "orders", orders(0, 10))
        staging.prepare(go_on)
        with pytest.raises(ConstraintViolated, match="FOREIGN KEY"):
            staging.apply(go_on)
        staging.discard()
    assert table_names(database) == set()
