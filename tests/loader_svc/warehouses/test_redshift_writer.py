"""What Redshift's adapter does beside the statements of every load: documents, aborts, damage, and its many errors."""

import threading
from contextlib import closing
from typing import Any

import pyarrow as pa
import pytest

from dwsim_wire.fault import Fault
from dwsim_wire.object_store import open_bucket
from dwsim_wire.staging import StagingRoot
from loader_svc.core.faults import (
    AbortedByUser,
    ConstraintViolated,
    CopyDenied,
    DiskFull,
    LeaseLost,
    SchemaMismatch,
    StagedFileChanged,
    ValueOutOfRange,
    WarehouseBusy,
    WarehouseUnavailable,
)
from loader_svc.core.loads import Batch
from loader_svc.warehouses.redshift_catalog import LONGEST_TEXT, packed, unpacked
from loader_svc.warehouses.redshift_copy import CopyAccess, copy_sql
from tests.loader_svc.staged_runs import INT, SHOP, orders
from tests.loader_svc.warehouses.orders import go_on
from tests.loader_svc.warehouses.redshift_cluster import Cluster
from tests.processes import wait_for

DOCUMENTS: dict[str, Any] = SHOP | {
    "tables": [
        {
            "name": "seen",
            "columns": [
                {"name": "id", "required": True, **INT},
                {"name": "facts", "data_type": "SUPER", "logical_type": {"kind": "JSON"}},
            ],
        }
    ]
}
SCAN = (
    "Spectrum Scan Error",
    "code: 15007 context: File 'https://s3/b/part-00000.parquet  has an incompatible Parquet schema for column"
    " 's3://b/orders.amount'. Column type: NUMERIC",
)


def test_documents_are_parsed_once_all_are_staged(cluster: Cluster) -> None:
    """COPY keeps a JSON text as one string, in which no query could look for a field."""
    rows = pa.table({"id": pa.array([1, 2, 3], pa.int32()), "facts": ['{"a": [1, "ü"]}', None, "3"]})
    order = cluster.order(rows={"seen": 3}, document=DOCUMENTS)
    with closing(cluster.writer.claim(order)) as staging:
        staging.stage_files([cluster.batch("seen", rows)], go_on)
        staging.prepare(go_on)
        staging.prepare(go_on)
        with closing(cluster.writer.claim(order)) as successor:  # which makes the tables again that it may need
            successor.prepare(go_on)
            assert successor.apply(go_on).inserted == {"seen": 3}
    found = cluster.database.rows("SELECT id, facts -> 'a' ->> 1, jsonb_typeof(facts) FROM shop.seen ORDER BY id")
    assert found == [(1, "ü", "object"), (2, None, None), (3, None, "number")]


def test_an_abort_is_heard_while_a_copy_runs(cluster: Cluster) -> None:
    """A COPY of a group of files may take minutes; who aborts waits a second."""
    asked = threading.Event()
    cluster.double.answer("^COPY", "SELECT pg_sleep(60)")
    with closing(cluster.writer.claim(cluster.order(rows={"orders": 30}))) as staging:
        batch = cluster.batch("orders", orders(0, 30))

        def ask() -> None:
            wait_for(lambda: any(sql.startswith("COPY") for sql in cluster.double.statements), "the COPY to be sent")
            asked.set()

        threading.Thread(target=ask).start()
        with pytest.raises(AbortedByUser):
            staging.stage_files([batch], asked.is_set)
        staging.discard()
    assert cluster.database.rows("SELECT count(*) FROM shop._dwsim_ledger") == [(0,)]


def test_whoever_lost_its_lease_while_a_copy_ran_cannot_commit(cluster: Cluster) -> None:
    """A COPY takes minutes: a take-over neither waits for it nor finds its rows."""
    order = cluster.order(rows={"orders": 30})
    batch = cluster.batch("orders", orders(0, 30))
    with closing(cluster.writer.claim(order)) as sleeper:

        def take_over() -> None:
            with closing(cluster.writer.claim(order)) as successor:
                assert successor.staged() == set()

        cluster.double.meanwhile("pg_last_copy_count", take_over)
        with pytest.raises(LeaseLost):
            sleeper.stage_files([batch], go_on)
    assert cluster.database.rows("SELECT count(*) FROM shop._dwsim_00000001_0") == [(0,)]


@pytest.mark.parametrize("damage", ["is missing", "bytes, not"])
def test_a_file_that_is_gone_or_altered_is_named(cluster: Cluster, damage: str) -> None:
    """Redshift's own message does not say which."""
    batch = cluster.batch("orders", orders(0, 30))
    place = StagingRoot.parse(batch.uri)
    if damage == "is missing":
        open_bucket(place.bucket).delete([place])
    else:
        open_bucket(place.bucket).put(place, memoryview(b"x"))
    with (
        closing(cluster.writer.claim(cluster.order(rows={"orders": 30}))) as staging,
        pytest.raises(StagedFileChanged, match=damage) as caught,
    ):
        staging.stage_files([batch], go_on)
    assert caught.value.metadata["uri"] == batch.uri


def test_files_with_other_rows_than_were_told_of_are_refused(cluster: Cluster) -> None:
    """Redshift reads the files itself: the rows that it counted are the check."""
    batch = cluster.batch("orders", orders(0, 30))
    told = Batch(batch.table, batch.index, 0, 29, batch.uri, batch.bytes, batch.checksum)
    with (
        closing(cluster.writer.claim(cluster.order(rows={"orders": 29}))) as staging,
        pytest.raises(StagedFileChanged, match="have 30 rows, not 29"),
    ):
        staging.stage_files([told], go_on)
    assert cluster.database.rows("SELECT count(*) FROM shop._dwsim_00000001_0") == [(0,)]


@pytest.mark.parametrize(
    ("state", "message", "detail", "fault"),
    [
        ("XX000", "1023", "Serializable isolation violation on table - 119371", WarehouseBusy),
        ("40001", "could not complete because of conflict with concurrent transaction", "", WarehouseBusy),
        ("XX000", "S3ServiceException:Please reduce your request rate.,Status 503", "", WarehouseBusy),
        ("57P01", "terminating connection due to administrator command", "", WarehouseBusy),
        ("XX000", "Disk Full", "error: Disk Full code: 1016", DiskFull),
        ("XX000", "S3ServiceException:Access Denied,Status 403,Error AccessDenied", "", CopyDenied),
        ("XX000", "User arn:aws:redshift:x is not authorized to assume IAM Role arn:aws:iam::1:role/r", "", CopyDenied),
        ("42501", "permission denied for relation orders", "", WarehouseUnavailable),
        ("XX000", *SCAN, SchemaMismatch),
        ("XX000", "Load into table 'x' failed. Check 'stl_load_errors'", "", ValueOutOfRange),
        ("XX000", "Assert", "something of its own", WarehouseUnavailable),
    ],
)
def test_what_redshift_complains_about_has_a_name(
    cluster: Cluster, state: str, message: str, detail: str, fault: type[Fault]
) -> None:
    """Redshift gives one SQLSTATE to nearly all; whether another try helps is in its words."""
    cluster.double.refuse("^COPY", state, message, detail)
    with closing(cluster.writer.claim(cluster.order(rows={"orders": 30}))) as staging:
        with pytest.raises(fault) as caught:
            staging.stage_files([cluster.batch("orders", orders(0, 30))], go_on)
        assert type(caught.value) is fault, "busy is unavailable too"
        assert isinstance(caught.value, WarehouseBusy) or caught.value.metadata.get("table") == "orders"


def test_a_serverless_workgroup_tells_of_a_null_where_none_may_be(cluster: Cluster) -> None:
    """It has SYS_LOAD_ERROR_DETAIL alone, which does not know the value."""
    batch = cluster.batch("orders", orders(0, 30))
    key = batch.uri.removeprefix("s3://local")
    cluster.double.refuse("^COPY", "XX000", "Load into table 'x' failed. Check 'sys_load_error_detail'")
    cluster.double.answer(
        "sys_load_error_detail",
        f"SELECT 's3://local{key}', 'order_id', 'integer', '4', '', 'Missing data for not-null field'",
    )
    with (
        closing(cluster.writer.claim(cluster.order(rows={"orders": 30}))) as staging,
        pytest.raises(ConstraintViolated, match=r"column 'order_id' .* of batch 0: Missing data"),
    ):
        staging.stage_files([batch], go_on)


def test_a_table_that_a_bound_view_reads_is_not_replaced(cluster: Cluster) -> None:
    """The view would go on with the old rows; a late-binding one reads the new table."""
    cluster.load(1, 40)
    cluster.database.rows("CREATE VIEW public.report AS SELECT order_id FROM shop.orders")
    with pytest.raises(SchemaMismatch) as caught:
        cluster.load(2, 50)
    assert "WITH NO SCHEMA BINDING" in caught.value.hint
    assert cluster.database.rows("SELECT count(*) FROM shop.orders") == [(40,)]


def test_a_role_and_a_path_are_quoted() -> None:
    """Both may have an apostrophe."""
    sql = copy_sql('s"x', "t", "s3://b/it's.manifest", CopyAccess("arn:aws:iam::1:role/o'x"))
    assert sql == (
        "COPY \"s\"\"x\".\"t\" FROM 's3://b/it''s.manifest' IAM_ROLE 'arn:aws:iam::1:role/o''x'"
        " FORMAT AS PARQUET MANIFEST"
    )


def test_a_document_that_is_too_long_for_a_column_is_compressed() -> None:
    """Redshift's longest text has 65,535 bytes, and a wide table's description more."""
    facts = {"columns": [{"name": f"column_{i}", "data_type": "VARCHAR(40)"} for i in range(1_600)]}
    assert len(packed(facts)) < LONGEST_TEXT
    assert unpacked(packed(facts)) == facts
    assert unpacked(packed({"a": "ü"})) == {"a": "ü"}
