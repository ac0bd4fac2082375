"""The PostgreSQL writer on a real server: readers beside an apply, names, sweeps, a server that dies or is absent."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager

import pyarrow as pa
import pytest
from pydantic import SecretStr

from loader_svc.core.faults import (
    SchemaMismatch,
    WarehouseBusy,
    WarehouseUnavailable,
)
from loader_svc.warehouses import postgres as module
from loader_svc.warehouses.postgres import PostgresStaging, PostgresWriter
from loader_svc.warehouses.postgres_names import identifier
from tests.loader_svc.staged_runs import customers, orders
from tests.loader_svc.warehouses.orders import go_on, load, load_both, order, stage
from tests.loader_svc.warehouses.targets import SCHEMA, rows, table_names
from tests.postgres import Database
from tests.processes import free_ports, wait_for


def test_what_is_staged_and_the_ledger_survive_a_crash_of_the_server(
    writer: PostgresWriter, database: Database
) -> None:
    """SIGKILL of the postmaster in the middle of a load: the same staging goes on, and every row is there once."""
    ordered = order(writer, rows={"customers": 70, "orders": 90})
    with closing(writer.claim(ordered)) as staging:
        stage(staging, "customers", customers(0, 70))
        stage(staging, "orders", orders(0, 30), 0)
        before = database.postmaster()
        database.crash()
        database.recovered(before)
        with pytest.raises(WarehouseBusy, match="connection to the warehouse was lost"):
            stage(staging, "orders", orders(30, 30), 1)
        assert staging.staged() == {("customers", 0), ("orders", 0)}
        for index in (0, 1, 2):
            stage(staging, "orders", orders(30 * index, 30), index)
        staging.prepare(go_on)
        staging.apply(go_on)
    assert rows(database, "SELECT count(*), count(DISTINCT order_id), sum(order_id) FROM orders") == [(90, 90, 4095)]
    logged = rows(database, "SELECT DISTINCT relpersistence FROM pg_class WHERE relname IN ('orders', '_dwsim_ledger')")
    assert logged == [("p",)]


def test_a_polling_reader_sees_the_old_tables_or_the_new_ones(writer: PostgresWriter, database: Database) -> None:
    """Two tables are replaced by one commit; a reader never meets one old and one new, nor none."""
    load_both(writer, 1, 20, 60)
    seen: set[tuple[int, int]] = set()
    done = threading.Event()

    def poll() -> None:
        sql = f"SELECT (SELECT count(*) FROM {SCHEMA}.customers), (SELECT count(*) FROM {SCHEMA}.orders)"
        with closing(database.connect()) as connection, connection.cursor() as cursor:
            connection.autocommit = True
            while not done.is_set():
                cursor.execute(sql)
                seen.add(cursor.fetchone() or (0, 0))

    with ThreadPoolExecutor(1) as pool:
        polling = pool.submit(poll)
        wait_for(lambda: seen, "the first look")
        for load_id in range(2, 8):
            load_both(writer, load_id, 20 + load_id % 2 * 50, 60 + load_id % 2 * 190)
        done.set()
        polling.result()
    assert seen == {(20, 60), (70, 250)}


def test_a_reader_that_holds_a_table_delays_an_apply_and_is_not_delayed_by_it(
    writer: PostgresWriter, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """New readers must not stand in line behind an apply that waits for an old one."""
    monkeypatch.setattr(module, "APPLY_LOCK_SECONDS", 0.2)
    load(writer, 1, 10)
    with closing(writer.claim(order(writer, 2, rows={"orders": 20}))) as staging:
        stage(staging, "orders", orders(0, 20))
        staging.prepare(go_on)
        with _reading(database), pytest.raises(WarehouseBusy, match="locked"):
            staging.apply(go_on)
        assert rows(database, "SELECT count(*) FROM orders") == [(10,)]
        staging.apply(go_on)
    assert rows(database, "SELECT count(*) FROM orders") == [(20,)]


@contextmanager
def _reading(database: Database) -> Iterator[None]:
    """A transaction that read the table and is still open."""
    with closing(database.connect()) as connection, connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {SCHEMA}.orders")
        yield


LONG = "a_name_that_is_longer_than_what_postgresql_keeps_of_names_which_is_63_bytes_"


def test_long_names_stay_distinct_and_are_found_in_the_catalog(writer: PostgresWriter, database: Database) -> None:
    """PostgreSQL would cut both to the same 63 bytes."""
    columns = [
        {"name": name, "data_type": "INT", "logical_type": {"kind": "INT64"}}
        for name in (f"{LONG}1", f"{LONG}2", "CTID", "Größe", 'quo"te', "100%")
    ]
    document = {"tables": [{"name": f"{LONG}{n}", "columns": columns} for n in "ab"]}
    names = [column["name"] for column in columns]
    with closing(writer.claim(order(writer, rows={f"{LONG}a": 1, f"{LONG}b": 1}, document=document))) as staging:
        for n in "ab":
            stage(staging, f"{LONG}{n}", pa.table({name: [place] for place, name in enumerate(names)}))
        staging.prepare(go_on)
        catalog = staging.apply(go_on).catalog
    assert len({found.target for found in catalog}) == 2
    for found in catalog:
        targets = [column.target for column in found.table.columns]
        assert all(len(name.encode()) <= 63 for name in (*targets, found.target))
        assert targets[2:] == ["ctid_", "größe", 'quo"te', "100%"]
        selected = ", ".join('"' + name.replace('"', '""') + '"' for name in targets)
        assert rows(database, f"SELECT {selected} FROM {found.target}") == [(0, 1, 2, 3, 4, 5)]
    assert identifier(f"{LONG}a") != identifier(f"{LONG}b")


def test_columns_that_differ_in_case_alone_are_refused(writer: PostgresWriter) -> None:
    """Redshift folds names; two columns of one name are none."""
    columns = [{"name": name, "data_type": "INT", "logical_type": {"kind": "INT64"}} for name in ("a", "A")]
    with pytest.raises(SchemaMismatch, match="'a' and 'A'"):
        writer.claim(order(writer, rows={"t": 1}, document={"tables": [{"name": "t", "columns": columns}]}))


def test_a_server_that_is_not_there_is_worth_another_try(writer: PostgresWriter, database: Database) -> None:
    """It may be starting; a wrong password stays wrong. Neither password nor driver text is told."""
    [port] = free_ports(1)
    absent = PostgresWriter(SecretStr(f"postgresql://dw_user:hidden@127.0.0.1:{port}/dw_simulator"))
    wrong = PostgresWriter(SecretStr(database.url.replace("dw_pass", "hidden")))
    with pytest.raises(WarehouseBusy, match="cannot be reached") as busy:
        absent.claim(order(writer, rows={"orders": 1}))
    with pytest.raises(WarehouseUnavailable, match="does not let us in") as refused:
        wrong.claim(order(writer, rows={"orders": 1}))
    assert not isinstance(refused.value, WarehouseBusy)
    for text in (str(busy.value), str(refused.value), absent.status().problem, wrong.status().problem, repr(wrong)):
        assert "hidden" not in text
        assert str(port) not in text
    assert (absent.status().reachable, writer.status().reachable) == (False, True)
    assert writer.status().version.startswith("PostgreSQL 18")


def test_sweeping_drops_what_nobody_will_go_on_with(writer: PostgresWriter, database: Database) -> None:
    """Orphans cost space for ever; active loads are left alone."""
    for load_id in (1, 2):
        with closing(writer.claim(order(writer, load_id, rows={"orders": 10}))) as staging:
            stage(staging, "orders", orders(0, 10))
    active = order(writer, 2, rows={"orders": 10}).uid
    [namespace] = writer.namespaces()
    assert writer.sweep(namespace, "loader-a", {active}) == 1
    assert len(table_names(database)) == 1
    assert writer.sweep(namespace, "loader-a", {active}) == 0
    assert writer.sweep("absent", "loader-a", ()) == 0


def test_two_loaders_may_begin_in_a_new_schema_at_once(database: Database) -> None:
    """CREATE SCHEMA IF NOT EXISTS is no lock."""
    writers = [PostgresWriter(SecretStr(database.url)) for _ in range(4)]

    def claim(place: int) -> PostgresStaging:
        return writers[place].claim(order(writers[place], place + 1, rows={"orders": 1}))

    with ThreadPoolExecutor(4) as pool:
        for staging in pool.map(claim, range(4)):
            staging.close()
    assert rows(database, "SELECT count(*) FROM _dwsim_load") == [(4,)]
