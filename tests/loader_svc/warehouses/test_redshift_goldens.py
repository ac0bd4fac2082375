"""Every statement that a load sends to Redshift, in its order, against files that are reviewed.

No cluster is at hand: the statements are the proof. `make golden` rewrites the files.
"""

import os
import re
from contextlib import closing
from pathlib import Path

import pytest
import sqlglot

from loader_svc.core.faults import LeaseLost, ValueOutOfRange, WarehouseBusy
from loader_svc.core.loads import Mode
from tests.golden.redshift_goldens import REWRITE
from tests.loader_svc.staged_runs import customers, orders
from tests.loader_svc.warehouses.orders import go_on
from tests.loader_svc.warehouses.redshift_cluster import Cluster

GOLDENS = Path(__file__).parent / "goldens"

OPAQUE = ("LOCK TABLE", "ANALYZE", "SET ", "BEGIN", "COMMIT", "ROLLBACK", "COMMENT ON", "GRANT ", "-- ")
"""Statements without structure for sqlglot."""
KEYS = re.compile(r" IAM_ROLE default")


def check(name: str, cluster: Cluster) -> None:
    """Compare the statements with the golden file, and let sqlglot read each."""
    file, shown = GOLDENS / f"redshift_{name}.sql", cluster.shown()
    if os.environ.get(REWRITE):
        file.write_text(shown)
    assert shown == file.read_text()
    for sql in cluster.double.statements:
        if not " ".join(sql.split()).startswith(OPAQUE):
            [parsed] = sqlglot.parse(KEYS.sub(" IAM_ROLE 'arn'", sql), dialect="redshift")
            assert parsed is not None
            assert not isinstance(parsed, sqlglot.exp.Command), sql


def test_a_first_load_makes_schema_tables_and_keys(cluster: Cluster) -> None:
    """Everything from an empty database: two tables, one COPY for a group of files, swap, foreign key."""
    with closing(cluster.writer.claim(cluster.order(rows={"customers": 70, "orders": 60}))) as staging:
        staging.stage_files([cluster.batch("customers", customers(0, 70))], go_on)
        files = [cluster.batch("orders", orders(0, 30), 0), cluster.batch("orders", orders(30, 30), 1)]
        staging.stage_files(files, go_on)
        staging.prepare(go_on)
        applied = staging.apply(go_on)
    assert applied.inserted == {"customers": 70, "orders": 60}
    assert cluster.database.rows("SELECT count(*), sum(order_id) FROM shop.orders") == [(60, 1830)]
    assert not [name for name in cluster.names() if "manifest" in name]
    check("first_load", cluster)


def test_a_replace_swaps_by_rename_and_keeps_grants(cluster: Cluster) -> None:
    """Readers see the old table or the new one; who might read the old may read the new."""
    cluster.load(1, 40)
    cluster.database.rows("CREATE ROLE analyst_of_redshift")
    cluster.double.answer(
        "svv_relation_privileges", "SELECT 'SELECT', 'user', 'analyst_of_redshift', false FROM (SELECT 1) AS one"
    )
    cluster.since()
    try:
        cluster.load(2, 50)
        check("replace", cluster)
        assert cluster.database.rows("SELECT count(*) FROM shop.orders") == [(50,)]
        [(granted,)] = cluster.database.rows(
            "SELECT has_table_privilege('analyst_of_redshift', 'shop.orders', 'SELECT')"
        )
        assert granted
    finally:
        cluster.database.rows("DROP TABLE IF EXISTS shop.orders")
        cluster.database.rows("DROP ROLE analyst_of_redshift")


def test_an_append_copies_rows_in_the_transaction_of_the_ledger(cluster: Cluster) -> None:
    """ALTER TABLE APPEND would be faster and cannot be in a transaction."""
    cluster.load(1, 40)
    cluster.since()
    cluster.load(2, 10, first=40, mode=Mode.APPEND)
    assert cluster.database.rows("SELECT count(*), sum(order_id) FROM shop.orders") == [(50, 1275)]
    check("append", cluster)


def test_a_copy_that_fails_tells_what_redshift_noted(cluster: Cluster) -> None:
    """Redshift's message says only that one should look into its system tables."""
    with closing(cluster.writer.claim(cluster.order(rows={"orders": 30}))) as staging:
        cluster.since()
        batch = cluster.batch("orders", orders(0, 30))
        cluster.double.refuse(
            "^COPY", "XX000", "Load into table 'x' failed.  Check 'stl_load_errors' system table for details."
        )
        noted = f"'https://s3{batch.uri.removeprefix('s3:/')}', 'amount', 'numeric', '10, 2', '9e99', 'Overflow'"
        cluster.double.answer("stl_load_errors", f"SELECT {noted}")
        with pytest.raises(ValueOutOfRange) as caught:
            staging.stage_files([batch], go_on)
        fault = caught.value
        assert "column 'amount' numeric(10, 2) of batch 0: Overflow (value '9e99')" in fault.message
        assert (fault.metadata["table"], fault.metadata["uri"]) == ("orders", batch.uri)
        staging.discard()
    assert not [name for name in cluster.names() if "manifest" in name]
    check("failed_copy", cluster)


def test_a_lost_connection_is_worth_another_try(cluster: Cluster) -> None:
    """The group is staged once, by a second connection that begins anew."""
    with closing(cluster.writer.claim(cluster.order(rows={"orders": 30}))) as staging:
        cluster.since()
        batch = cluster.batch("orders", orders(0, 30))
        cluster.double.cut("^COMMIT")
        with pytest.raises(WarehouseBusy):
            staging.stage_files([batch], go_on)
        staging.stage_files([batch], go_on)
        staging.stage_files([batch], go_on)
        staging.prepare(go_on)
        assert staging.apply(go_on).inserted == {"orders": 30}
    assert cluster.database.rows("SELECT count(*) FROM shop.orders") == [(30,)]
    check("retry", cluster)


def test_an_abort_leaves_the_target_as_it_was(cluster: Cluster) -> None:
    """Staging tables and ledger rows go; the tables of the load before stay."""
    cluster.load(1, 40)
    with closing(cluster.writer.claim(cluster.order(2, rows={"orders": 30}))) as staging:
        staging.stage_files([cluster.batch("orders", orders(0, 30))], go_on)
        cluster.since()
        staging.discard()
    check("abort", cluster)
    assert cluster.database.rows("SELECT count(*) FROM shop.orders") == [(40,)]
    assert cluster.database.rows("SELECT count(*) FROM shop._dwsim_ledger") == [(0,)]


def test_a_sweep_ends_what_nobody_goes_on_with(cluster: Cluster) -> None:
    """A loader died and lost its database: what it staged must not stay for ever, nor be written to again."""
    left = cluster.writer.claim(cluster.order(rows={"orders": 30}))
    batch = cluster.batch("orders", orders(0, 30))
    left.stage_files([batch], go_on)
    cluster.since()
    assert cluster.writer.sweep(left._order.namespace, "loader-a", set()) == 1
    check("sweep", cluster)
    with pytest.raises(LeaseLost):
        left.stage_files([batch], go_on)
    left.close()


def test_a_drop_takes_the_whole_place(cluster: Cluster) -> None:
    """An experiment that is deleted leaves nothing behind."""
    cluster.load(1, 40)
    cluster.since()
    assert cluster.writer.drop(cluster.order(rows={"orders": 1}).namespace) == 1
    assert cluster.writer.namespaces() == []
    assert cluster.database.rows("SELECT 1 FROM pg_namespace WHERE nspname = 'shop'") == []
    check("drop", cluster)


def test_whoever_lost_its_lease_cannot_commit(cluster: Cluster) -> None:
    """Another loader took over: this one neither stages nor applies nor drops."""
    paused = cluster.writer.claim(cluster.order(rows={"orders": 60}))
    paused.stage_files([cluster.batch("orders", orders(0, 30), 0)], go_on)
    late = cluster.batch("orders", orders(30, 30), 1)
    with closing(cluster.writer.claim(cluster.order(rows={"orders": 60}))) as successor:
        cluster.since()
        with pytest.raises(LeaseLost):
            paused.stage_files([late], go_on)
        with pytest.raises(LeaseLost):
            paused.apply(go_on)
        paused.discard()
        paused.close()
        check("lease_lost", cluster)
        assert successor.staged() == {("orders", 0)}
        successor.stage_files([late], go_on)
        successor.prepare(go_on)
        assert successor.apply(go_on).inserted == {"orders": 60}
    assert cluster.database.rows("SELECT count(*), sum(order_id) FROM shop.orders") == [(60, 1830)]
