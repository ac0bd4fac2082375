"""The SQLite writer on real files: keys, names, locks, full disks, sweeps."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from loader_svc.core.document import Column, ForeignKey, LogicalType, Table
from loader_svc.core.faults import (
    ConstraintViolated,
    LoadSwept,
    SchemaMismatch,
    WarehouseBusy,
    WarehouseUnavailable,
)
from loader_svc.core.loads import Mode
from loader_svc.warehouses.sqlite import SqliteWriter
from loader_svc.warehouses.sqlite_session import Session
from loader_svc.warehouses.sqlite_tables import key_indexes
from loader_svc.warehouses.writer import FOREIGN_SECONDS
from tests.loader_svc.staged_runs import customers, orders
from tests.loader_svc.warehouse_files import rows, table_names
from tests.loader_svc.warehouses.orders import ENFORCED, go_on, load, order, stage


@pytest.fixture
def writer(tmp_path: Path) -> SqliteWriter:
    return SqliteWriter(tmp_path)


@pytest.fixture
def file(tmp_path: Path, writer: SqliteWriter) -> Path:
    return tmp_path / writer.namespace("shop", "5f0c")


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
