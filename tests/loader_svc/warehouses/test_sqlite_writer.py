"""The SQLite writer on real files: fences, apply and nothing, keys, full disks."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from loader_svc.core.document import Column, ForeignKey, LogicalType, Table
from loader_svc.core.faults import (
    AbortedByUser,
    ConstraintViolated,
    LeaseLost,
    LoadSwept,
    SchemaMismatch,
    StagedFileChanged,
    Superseded,
    WarehouseBusy,
    WarehouseUnavailable,
)
from loader_svc.core.loads import Mode
from loader_svc.warehouses.sqlite import SqliteWriter
from loader_svc.warehouses.sqlite_session import Session
from loader_svc.warehouses.sqlite_tables import key_indexes
from loader_svc.warehouses.writer import FOREIGN_SECONDS
from tests.loader_svc.staged_runs import SHOP, customers, orders
from tests.loader_svc.warehouse_files import rows, table_names
from tests.loader_svc.warehouses.orders import go_on, order, stage


@pytest.fixture
def writer(tmp_path: Path) -> SqliteWriter:
    return SqliteWriter(tmp_path)


@pytest.fixture
def file(tmp_path: Path, writer: SqliteWriter) -> Path:
    return tmp_path / writer.namespace("shop", "5f0c")


def load(writer: SqliteWriter, load_id: int, count: int, **facts: Any) -> None:
    """Load `count` orders as one load does."""
    with closing(writer.claim(order(writer, load_id, rows={"orders": count}, **facts))) as staging:
        stage(staging, "orders", orders(0, count))
        staging.prepare(go_on)
        staging.apply(go_on)


def test_whoever_claimed_before_can_never_write_again(writer: SqliteWriter, file: Path) -> None:
    """A loader that was paused and replaced wakes up in the middle of its load: none of its rows may arrive."""
    paused = writer.claim(order(writer, rows={"orders": 60}))
    stage(paused, "orders", orders(0, 30), 0)
    with closing(SqliteWriter(file.parent.parent).claim(order(writer, rows={"orders": 60}))) as successor:
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
    assert rows(file, "SELECT count(*), sum(order_id) FROM orders") == [(60, 1830)]


def test_an_applied_load_is_known_to_whoever_claims_it(writer: SqliteWriter) -> None:
    """A loader died after the target's commit: the next one must find it, not load again."""
    load(writer, 1, 40)
    with closing(writer.claim(order(writer, 1, rows={"orders": 40}))) as again:
        assert again.applied
        assert again.applied.inserted == {"orders": 40}
        assert [item.rows for item in again.applied.catalog] == [40]


def test_a_batch_that_is_staged_stays_as_it_is(writer: SqliteWriter, file: Path) -> None:
    """The ledger row and the rows are one fact."""
    with closing(writer.claim(order(writer, rows={"orders": 30}))) as staging:
        for _ in range(3):
            stage(staging, "orders", orders(0, 30))
        staging.apply(go_on)
    assert rows(file, "SELECT count(*) FROM orders") == [(30,)]


def test_an_incomplete_load_is_not_applied(writer: SqliteWriter, file: Path) -> None:
    """The ledger is checked against the run once more, inside the transaction that applies."""
    load(writer, 1, 10)
    with closing(writer.claim(order(writer, 2, rows={"orders": 60}))) as staging:
        stage(staging, "orders", orders(0, 30))
        with pytest.raises(StagedFileChanged, match="30 staged rows of 60"):
            staging.apply(go_on)
        staging.discard()
    assert rows(file, "SELECT count(*) FROM orders") == [(10,)]
    assert table_names(file) == {"orders"}


@pytest.mark.parametrize("mode", list(Mode))
def test_an_abort_in_the_middle_of_apply_leaves_the_target_as_it_was(
    writer: SqliteWriter, file: Path, mode: Mode
) -> None:
    """Until the commit nothing has happened."""
    load(writer, 1, 10)
    with closing(writer.claim(order(writer, 2, rows={"orders": 60}, mode=mode))) as staging:
        stage(staging, "orders", orders(0, 60))
        with pytest.raises(AbortedByUser):
            staging.apply(lambda: True)
        assert rows(file, "SELECT count(*) FROM orders") == [(10,)]
        staging.discard()
    assert table_names(file) == {"orders"}
    assert rows(file, "SELECT count(*) FROM _dwsim_ledger") == [(0,)]


def test_an_older_load_never_follows_a_newer_one(writer: SqliteWriter, file: Path) -> None:
    """Load ids are compared within one loader's database; another database counts anew."""
    load(writer, 7, 20)
    with pytest.raises(Superseded, match="load 7"):
        load(writer, 6, 30)
    load(writer, 1, 40, loader_id="loader-b")
    assert rows(file, "SELECT count(*) FROM orders") == [(40,)]


def test_appending_other_columns_is_refused(writer: SqliteWriter, file: Path) -> None:
    """Rows of another shape must not be squeezed in; the difference is named."""
    load(writer, 1, 10)
    wider = SHOP | {"tables": [{**t, "columns": [*t["columns"], _column("note")]} for t in SHOP["tables"]]}
    claimed = writer.claim(order(writer, 2, rows={"orders": 5}, mode=Mode.APPEND, document=wider))
    with closing(claimed) as staging:
        stage(staging, "orders", orders(0, 5).append_column("note", pa.array(["x"] * 5)))
        with pytest.raises(SchemaMismatch, match="note is new"):
            staging.apply(go_on)
    assert rows(file, "SELECT count(*) FROM orders") == [(10,)]


def test_a_file_with_other_columns_than_the_run_pinned_is_refused(writer: SqliteWriter) -> None:
    """A file that was copied over another one has a right checksum only by accident, but may have wrong columns."""
    with (
        closing(writer.claim(order(writer, rows={"orders": 5}))) as staging,
        pytest.raises(SchemaMismatch, match="customer_id, name"),
    ):
        stage(staging, "orders", customers(0, 5))


def _column(name: str) -> dict[str, Any]:
    return {"name": name, "data_type": "TEXT", "logical_type": {"kind": "STRING"}}


def test_keys_are_indexed_and_not_enforced(writer: SqliteWriter, file: Path) -> None:
    """Redshift and Snowflake take duplicates, and so does their stand-in; joins still need the indexes."""
    doubled = pa.concat_tables([orders(0, 5), orders(0, 5)])
    with closing(writer.claim(order(writer, rows={"orders": 10}))) as staging:
        stage(staging, "orders", doubled)
        staging.prepare(go_on)
        staging.prepare(go_on)
        staging.apply(go_on)
    indexes = rows(file, "SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'orders'")
    assert [sql.partition(" ON ")[2] for (sql,) in indexes] == ['"orders" ("order_id")', '"orders" ("customer_id")']


def test_a_key_that_begins_a_longer_one_needs_no_index_of_its_own(writer: SqliteWriter) -> None:
    """`(order_id, line_no)` serves joins on order_id; every further index costs a third of the load."""
    lines = Table("lines", (), unique_keys=(("order_id", "line_no"),), foreign_keys=(_refers("order_id"),))
    ordered = order(writer, rows={})
    columns = tuple(Column(name, "INT", LogicalType("INT32")) for name in ("order_id", "line_no"))
    indexes = list(key_indexes(ordered, 0, replace(lines, columns=columns)))
    assert [sql.partition(" ON ")[2] for sql in indexes] == ['"_dwsim_00000001_0" ("order_id", "line_no")']


def _refers(column: str) -> ForeignKey:
    return ForeignKey((column,), "orders", ("order_id",))


ENFORCED = SHOP | {"constraints": "ENFORCED"}


def test_enforced_keys_refuse_duplicates(writer: SqliteWriter, file: Path) -> None:
    """`constraints: enforced` means it; the target is as it was."""
    claimed = writer.claim(order(writer, rows={"orders": 10}, document=ENFORCED))
    with closing(claimed) as staging:
        stage(staging, "orders", pa.concat_tables([orders(0, 5), orders(0, 5)]))
        with pytest.raises(ConstraintViolated, match="UNIQUE"):
            staging.prepare(go_on)
        staging.discard()
    assert table_names(file) == set()


def test_enforced_keys_refuse_orphans_and_missing_values(writer: SqliteWriter, file: Path) -> None:
    """A foreign key holds over what is in the target after the load."""
    claimed = writer.claim(order(writer, rows={"customers": 3, "orders": 10}, document=ENFORCED))
    with closing(claimed) as staging:
        stage(staging, "customers", customers(0, 3))
        stage(staging, "orders", orders(0, 10))
        staging.prepare(go_on)
        with pytest.raises(ConstraintViolated, match="8 rows of 'orders' have no parent"):
            staging.apply(go_on)
        with pytest.raises(ConstraintViolated, match="NOT NULL"):
            stage(staging, "customers", pa.table({"customer_id": pa.nulls(1, pa.int32()), "name": ["x"]}), 1)
        staging.discard()
    assert table_names(file) == set()


def test_columns_may_have_the_names_of_sqlites_own(writer: SqliteWriter, file: Path) -> None:
    """`rowid` and `oid` are ordinary names elsewhere; appending goes by SQLite's own row number."""
    integer = {"data_type": "INT", "logical_type": {"kind": "INT64"}}
    columns = [{"name": "rowid", **integer}, {"name": "OID", **integer}]
    document = {"tables": [{"name": "t", "columns": columns}]}
    ids = pa.array([7, 7, -1])
    for load_id, mode in enumerate((Mode.OVERWRITE, Mode.APPEND), 1):
        claimed = writer.claim(order(writer, load_id, rows={"t": 3}, mode=mode, document=document))
        with closing(claimed) as staging:
            stage(staging, "t", pa.table({"rowid": ids, "OID": ids}))
            staging.apply(go_on)
    assert rows(file, "SELECT count(*), sum(oid) FROM t") == [(6, 26)]
    twins = {"tables": [{"name": "t", "columns": [{"name": "a", **integer}, {"name": "A", **integer}]}]}
    with pytest.raises(SchemaMismatch, match="'a' and 'A'"):
        writer.claim(order(writer, 3, rows={"t": 1}, document=twins))


def test_a_locked_file_is_worth_another_try(writer: SqliteWriter, file: Path) -> None:
    """Somebody's long write must not fail a load at once."""
    with closing(writer.claim(order(writer, rows={"orders": 10}))) as staging:
        with _locked(file), pytest.raises(WarehouseBusy):
            stage(staging, "orders", orders(0, 10))
        stage(staging, "orders", orders(0, 10))
        assert staging.staged() == {("orders", 0)}


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    """Another connection in the middle of a write."""
    with closing(Session(file)) as other, other.transaction():
        yield


def test_a_file_that_is_no_database_is_unavailable(writer: SqliteWriter, file: Path) -> None:
    """The driver's words and the path stay here."""
    file.parent.mkdir(parents=True)
    file.write_bytes(b"not a database" * 400)
    with pytest.raises(WarehouseUnavailable, match="not a database") as refused:
        writer.claim(order(writer, rows={"orders": 1}))
    assert str(file.parent) not in refused.value.message


FULL_DISK = """
import resource, sys
from pathlib import Path
from loader_svc.core.faults import DiskFull
from loader_svc.warehouses.sqlite import SqliteWriter
from loader_svc.warehouses.writer import FOREIGN_SECONDS
from tests.loader_svc.staged_runs import orders
from tests.loader_svc.warehouses.orders import order, stage

writer = SqliteWriter(Path(sys.argv[1]))
staging = writer.claim(order(writer, rows={"orders": 400_000}))
resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))
try:
    for index in range(8):
        stage(staging, "orders", orders(index * 50_000, 50_000), index)
except DiskFull as full:
    staging.discard()
    sys.exit(9)
"""


def test_a_disk_that_is_really_full_is_named(tmp_path: Path, writer: SqliteWriter, file: Path) -> None:
    """The kernel refuses to let the file grow, as a full disk does; what was staged can still be dropped."""
    ended = subprocess.run([sys.executable, "-c", FULL_DISK, str(tmp_path)], capture_output=True, text=True)
    assert ended.returncode == 9, ended.stderr[-2000:]
    assert table_names(file) == set()
    assert rows(file, "PRAGMA integrity_check") == [("ok",)]


def test_sweeping_drops_what_nobody_will_go_on_with(writer: SqliteWriter, file: Path) -> None:
    """Orphans cost space for ever; active loads are left alone."""
    for load_id in (1, 2):
        with closing(writer.claim(order(writer, load_id, rows={"orders": 10}))) as staging:
            stage(staging, "orders", orders(0, 10))
    active = order(writer, 2, rows={"orders": 10}).uid
    namespace = writer.namespace("shop", "5f0c")
    assert writer.namespaces() == [namespace]
    assert writer.sweep(namespace, "loader-a", {active}) == 1
    assert len(table_names(file)) == 1
    assert writer.sweep(namespace, "loader-a", {active}) == 0
    assert writer.drop(namespace) == 0
    assert writer.drop(namespace) == 0
    assert not file.exists()


def test_sweeping_leaves_loads_of_other_loaders_alone_until_they_are_old(writer: SqliteWriter, file: Path) -> None:
    """A loader that was given a directory in use must not end its neighbour's loads; a dead one's go at last."""
    staging = writer.claim(order(writer, rows={"orders": 10}))
    stage(staging, "orders", orders(0, 5))
    namespace = writer.namespace("shop", "5f0c")
    assert writer.sweep(namespace, "loader-b", ()) == 0
    stage(staging, "orders", orders(5, 5), 1)
    with closing(Session(file)) as session:
        session.run("UPDATE _dwsim_load SET touched = touched - ?", (FOREIGN_SECONDS + 1,))
    assert writer.sweep(namespace, "loader-b", ()) == 1
    with pytest.raises(LoadSwept):
        staging.apply(go_on)
    staging.close()
    assert table_names(file) == set()


def test_a_file_of_an_older_version_is_taken_over(writer: SqliteWriter, file: Path) -> None:
    """Its loads have no time: they are old."""
    load(writer, 1, 10)
    writer.claim(order(writer, 2, rows={"orders": 10})).close()
    with closing(Session(file)) as session:
        session.run("ALTER TABLE _dwsim_load DROP COLUMN touched")
    assert writer.sweep(writer.namespace("shop", "5f0c"), "loader-b", ()) == 1
    load(writer, 3, 20)
    assert rows(file, "SELECT count(*) FROM orders") == [(20,)]
