"""The PostgreSQL writer on a real server: fences, apply and nothing, keys, views, names, a server that dies."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import Any

import psycopg2
import pyarrow as pa
import pytest
from pydantic import SecretStr

from loader_svc.core.faults import (
    AbortedByUser,
    BaseNotLoaded,
    ConstraintViolated,
    LeaseLost,
    SchemaMismatch,
    StagedFileChanged,
    Superseded,
    WarehouseBusy,
    WarehouseUnavailable,
)
from loader_svc.core.loads import Applied, Mode
from loader_svc.warehouses import postgres as module
from loader_svc.warehouses.postgres import PostgresStaging, PostgresWriter
from loader_svc.warehouses.postgres_names import identifier
from tests.loader_svc.staged_runs import SHOP, customers, orders
from tests.loader_svc.warehouses.orders import go_on, order, stage
from tests.postgres import Database
from tests.processes import free_ports, wait_for

SCHEMA = PostgresWriter(SecretStr("")).namespace("shop", "5f0c")
ENFORCED = SHOP | {"constraints": "ENFORCED"}


@pytest.fixture
def writer(database: Database) -> PostgresWriter:
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


def load(writer: PostgresWriter, load_id: int, count: int, **facts: Any) -> Applied:
    """Load `count` orders as one load does."""
    with closing(writer.claim(order(writer, load_id, rows={"orders": count}, **facts))) as staging:
        stage(staging, "orders", orders(0, count))
        staging.prepare(go_on)
        return staging.apply(go_on)


def test_whoever_claimed_before_can_never_write_again(writer: PostgresWriter, database: Database) -> None:
    """A loader that was paused and replaced wakes up in the middle of its load: none of its rows may arrive."""
    paused = writer.claim(order(writer, rows={"orders": 60}))
    stage(paused, "orders", orders(0, 30), 0)
    with closing(PostgresWriter(SecretStr(database.url)).claim(order(writer, rows={"orders": 60}))) as successor:
        assert successor.staged() == {("orders", 0)}
        with pytest.raises(LeaseLost):
            stage(paused, "orders", orders(30, 30), 1)
        with pytest.raises(LeaseLost):
            paused.prepare(go_on)
        with pytest.raises(LeaseLost):
            paused.apply(go_on)
        paused.discard()
        paused.close()
        stage(successor, "orders", orders(30, 30), 1)
        successor.prepare(go_on)
        assert successor.apply(go_on).inserted == {"orders": 60}
    assert rows(database, "SELECT count(*), sum(order_id) FROM orders") == [(60, 1830)]


def test_an_applied_load_is_known_to_whoever_claims_it(writer: PostgresWriter) -> None:
    """A loader died after the target's commit: the next one must find it, not load again."""
    load(writer, 1, 40)
    with closing(writer.claim(order(writer, 1, rows={"orders": 40}))) as again:
        assert again.applied
        assert again.applied.inserted == {"orders": 40}
        assert [item.rows for item in again.applied.catalog] == [40]


def test_an_apply_whose_answer_was_lost_is_found(writer: PostgresWriter, database: Database) -> None:
    """The connection died between the commit and its answer: trying again must not say that somebody took over."""
    with closing(writer.claim(order(writer, rows={"orders": 40}))) as staging:
        stage(staging, "orders", orders(0, 40))
        staging.apply(go_on)
        assert staging.apply(go_on).inserted == {"orders": 40}
    assert rows(database, "SELECT count(*) FROM orders") == [(40,)]


def test_a_batch_that_is_staged_stays_as_it_is(writer: PostgresWriter, database: Database) -> None:
    """The ledger row and the rows are one fact."""
    with closing(writer.claim(order(writer, rows={"orders": 30}))) as staging:
        for _ in range(3):
            stage(staging, "orders", orders(0, 30))
        staging.apply(go_on)
    assert rows(database, "SELECT count(*) FROM orders") == [(30,)]


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


def test_an_incomplete_load_is_not_applied(writer: PostgresWriter, database: Database) -> None:
    """The ledger is checked against the run once more, inside the transaction that applies."""
    load(writer, 1, 10)
    with closing(writer.claim(order(writer, 2, rows={"orders": 60}))) as staging:
        stage(staging, "orders", orders(0, 30))
        with pytest.raises(StagedFileChanged, match="30 staged rows of 60"):
            staging.apply(go_on)
        staging.discard()
    assert rows(database, "SELECT count(*) FROM orders") == [(10,)]
    assert table_names(database) == {"orders"}


@pytest.mark.parametrize("mode", list(Mode))
def test_an_abort_in_the_middle_of_apply_leaves_the_target_as_it_was(
    writer: PostgresWriter, database: Database, mode: Mode
) -> None:
    """Until the commit nothing has happened."""
    load(writer, 1, 10)
    with closing(writer.claim(order(writer, 2, rows={"orders": 60}, mode=mode))) as staging:
        stage(staging, "orders", orders(0, 60))
        with pytest.raises(AbortedByUser):
            staging.apply(lambda: True)
        assert rows(database, "SELECT count(*) FROM orders") == [(10,)]
        staging.discard()
    assert table_names(database) == {"orders"}
    assert rows(database, "SELECT count(*) FROM _dwsim_ledger") == [(0,)]


def test_an_older_load_never_follows_a_newer_one(writer: PostgresWriter, database: Database) -> None:
    """Load ids are compared within one loader's database; another database counts anew."""
    load(writer, 7, 20)
    with pytest.raises(Superseded, match="load 7"):
        load(writer, 6, 30)
    load(writer, 1, 40, loader_id="loader-b")
    assert rows(database, "SELECT count(*) FROM orders") == [(40,)]


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


def test_an_append_is_applied_once_and_only_behind_what_it_continues(
    writer: PostgresWriter, database: Database
) -> None:
    """A second load of the same append would double keys; one whose base is missing would leave a hole."""
    load(writer, 1, 10)
    appended = order(writer, 2, rows={"orders": 5}, mode=Mode.APPEND)
    for load_id, inserted in ((2, 5), (3, 0)):
        again = replace(appended, load_id=load_id, uid=f"{load_id:08x}again")
        with closing(writer.claim(again)) as staging:
            stage(staging, "orders", orders(10, 5))
            staging.prepare(go_on)
            assert staging.apply(go_on).inserted == {"orders": inserted}
    with closing(writer.claim(order(writer, 9, rows={"orders": 5}, mode=Mode.APPEND))) as staging:
        stage(staging, "orders", orders(15, 5))
        with pytest.raises(BaseNotLoaded, match="has the rows of runs 1, 2; run 9 continues the rows of run 8"):
            staging.apply(go_on)
    assert rows(database, "SELECT count(*), count(DISTINCT order_id) FROM orders") == [(15, 15)]


def test_appending_other_columns_is_refused(writer: PostgresWriter, database: Database) -> None:
    """Rows of another shape must not be squeezed in; the difference is named."""
    load(writer, 1, 10)
    note = {"name": "note", "data_type": "TEXT", "logical_type": {"kind": "STRING"}}
    wider = SHOP | {"tables": [{**t, "columns": [*t["columns"], note]} for t in SHOP["tables"]]}
    claimed = writer.claim(order(writer, 2, rows={"orders": 5}, mode=Mode.APPEND, document=wider))
    with closing(claimed) as staging:
        stage(staging, "orders", orders(0, 5).append_column("note", pa.array(["x"] * 5)))
        with pytest.raises(SchemaMismatch, match="note is new"):
            staging.apply(go_on)
    assert rows(database, "SELECT count(*) FROM orders") == [(10,)]


def test_a_polling_reader_sees_the_old_tables_or_the_new_ones(writer: PostgresWriter, database: Database) -> None:
    """Two tables are replaced by one commit; a reader never meets one old and one new, nor none."""
    _load_both(writer, 1, 20, 60)
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
            _load_both(writer, load_id, 20 + load_id % 2 * 50, 60 + load_id % 2 * 190)
        done.set()
        polling.result()
    assert seen == {(20, 60), (70, 250)}


def _load_both(writer: PostgresWriter, load_id: int, parents: int, children: int) -> None:
    claimed = writer.claim(order(writer, load_id, rows={"customers": parents, "orders": children}))
    with closing(claimed) as staging:
        stage(staging, "customers", customers(0, parents))
        stage(staging, "orders", orders(0, children))
        staging.prepare(go_on)
        staging.apply(go_on)


def test_views_read_the_new_rows(writer: PostgresWriter, database: Database) -> None:
    """A view belongs to the table that it was made over; a swap by name alone would leave it with the old rows."""
    load(writer, 1, 10)
    other = "CREATE SCHEMA reports; CREATE ROLE {0}; CREATE VIEW reports.big WITH (security_barrier=true) AS"
    role = f"analyst_{database.name}"
    database.rows(f"{other.format(role)} SELECT order_id, amount FROM {SCHEMA}.orders WHERE order_id > 5")
    database.rows(f"GRANT SELECT ON reports.big, {SCHEMA}.orders TO {role}")
    database.rows("CREATE VIEW reports.biggest AS SELECT max(order_id) AS most FROM reports.big")
    try:
        load(writer, 2, 50)
        assert database.rows("SELECT count(*), max(order_id), (SELECT most FROM reports.biggest) FROM reports.big") == [
            (45, 50, 50)
        ]
        for name in ("reports.big", f"{SCHEMA}.orders"):
            assert database.rows("SELECT has_table_privilege(%s, %s, 'SELECT')", role, name) == [(True,)]
        options = database.rows("SELECT reloptions FROM pg_class WHERE oid = 'reports.big'::regclass")
        assert options == [(["security_barrier=true"],)]
    finally:
        database.rows(f"DROP SCHEMA reports CASCADE; REVOKE ALL ON {SCHEMA}.orders FROM {role}; DROP ROLE {role}")


def test_views_over_columns_of_another_type_are_made_anew(writer: PostgresWriter, database: Database) -> None:
    """The experiment was revised: VARCHAR(40) became VARCHAR(60), which no view can take over in place."""
    _load_both(writer, 1, 5, 5)
    rows(database, "CREATE VIEW names AS SELECT name FROM customers")
    rows(database, "CREATE VIEW initials AS SELECT left(name, 1) AS initial FROM names")
    claimed = writer.claim(order(writer, 2, rows={"customers": 7}, document=_revised(length=60)))
    with closing(claimed) as staging:
        stage(staging, "customers", customers(0, 7))
        staging.apply(go_on)
    assert rows(database, "SELECT (SELECT count(*) FROM names), (SELECT count(*) FROM initials)") == [(7, 7)]


def test_a_view_that_fits_no_more_refuses_the_load(writer: PostgresWriter, database: Database) -> None:
    """Better than a view that is gone; the view is named."""
    _load_both(writer, 1, 5, 5)
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


def test_enforced_keys_refuse_duplicates(writer: PostgresWriter, database: Database) -> None:
    """The target is as it was."""
    with closing(writer.claim(order(writer, rows={"orders": 10}, document=ENFORCED))) as staging:
        stage(staging, "orders", pa.concat_tables([orders(0, 5), orders(0, 5)]))
        with pytest.raises(ConstraintViolated) as refused:
            staging.prepare(go_on)
        assert refused.value.message.startswith("table 'orders': rows break a UNIQUE constraint")
        staging.discard()
    assert table_names(database) == set()


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


def test_a_file_with_other_columns_than_the_run_pinned_is_refused(writer: PostgresWriter) -> None:
    """A file that was copied over another one has a right checksum only by accident, but may have wrong columns."""
    with (
        closing(writer.claim(order(writer, rows={"orders": 5}))) as staging,
        pytest.raises(SchemaMismatch, match="customer_id, name"),
    ):
        stage(staging, "orders", customers(0, 5))


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
    assert writer.namespaces() == [SCHEMA]
    assert writer.sweep(SCHEMA, "loader-a", {active}) == 1
    assert len(table_names(database)) == 1
    assert writer.sweep(SCHEMA, "loader-a", {active}) == 0


def test_a_dropped_schema_takes_views_with_it(writer: PostgresWriter, database: Database) -> None:
    """A deleted experiment leaves nothing; dropping it again is nothing."""
    load(writer, 1, 10)
    database.rows(f"CREATE SCHEMA reports; CREATE VIEW reports.all_orders AS SELECT * FROM {SCHEMA}.orders")
    assert writer.drop(SCHEMA) == 1
    assert writer.drop(SCHEMA) == 0
    assert writer.namespaces() == []
    assert database.rows("SELECT to_regclass('reports.all_orders')") == [(None,)]


def test_two_loaders_may_begin_in_a_new_schema_at_once(database: Database) -> None:
    """CREATE SCHEMA IF NOT EXISTS is no lock."""
    writers = [PostgresWriter(SecretStr(database.url)) for _ in range(4)]

    def claim(place: int) -> PostgresStaging:
        return writers[place].claim(order(writers[place], place + 1, rows={"orders": 1}))

    with ThreadPoolExecutor(4) as pool:
        for staging in pool.map(claim, range(4)):
            staging.close()
    assert rows(database, "SELECT count(*) FROM _dwsim_load") == [(4,)]
