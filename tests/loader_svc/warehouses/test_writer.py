"""What every writer promises, on every warehouse: fences, one apply or nothing, and nothing twice."""

from contextlib import closing
from dataclasses import replace

import pyarrow as pa
import pytest

from loader_svc.core.faults import (
    AbortedByUser,
    BaseNotLoaded,
    ConstraintViolated,
    LeaseLost,
    SchemaMismatch,
    StagedFileChanged,
    Superseded,
    WarehouseBusy,
)
from loader_svc.core.loads import Mode
from tests.loader_svc.staged_runs import SHOP, customers, orders
from tests.loader_svc.warehouses.orders import ENFORCED, go_on, load, order, stage
from tests.loader_svc.warehouses.targets import Target


def test_whoever_claimed_before_can_never_write_again(target: Target) -> None:
    """A loader that was paused and replaced wakes up in the middle of its load: none of its rows may arrive."""
    paused = target.writer.claim(order(target.writer, rows={"orders": 60}))
    stage(paused, "orders", orders(0, 30), 0)
    with closing(target.another().claim(order(target.writer, rows={"orders": 60}))) as successor:
        assert successor.staged() == {("orders", 0)}
        with pytest.raises((LeaseLost, WarehouseBusy)):  # where the claim ended its session: worth another try
            stage(paused, "orders", orders(30, 30), 1)
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
    assert target.rows("SELECT count(*), sum(order_id) FROM orders") == [(60, 1830)]


def test_an_applied_load_is_known_to_whoever_claims_it(target: Target) -> None:
    """A loader died after the target's commit: the next one must find it, not load again."""
    load(target.writer, 1, 40)
    with closing(target.writer.claim(order(target.writer, 1, rows={"orders": 40}))) as again:
        assert again.applied
        assert again.applied.inserted == {"orders": 40}
        assert [item.rows for item in again.applied.catalog] == [40]


def test_an_apply_whose_answer_was_lost_is_found(target: Target) -> None:
    """The connection died between the commit and its answer: trying again must not say that somebody took over."""
    with closing(target.writer.claim(order(target.writer, rows={"orders": 40}))) as staging:
        stage(staging, "orders", orders(0, 40))
        staging.apply(go_on)
        assert staging.apply(go_on).inserted == {"orders": 40}
    assert target.rows("SELECT count(*) FROM orders") == [(40,)]


def test_a_batch_that_is_staged_stays_as_it_is(target: Target) -> None:
    """The ledger row and the rows are one fact."""
    with closing(target.writer.claim(order(target.writer, rows={"orders": 30}))) as staging:
        for _ in range(3):
            stage(staging, "orders", orders(0, 30))
        staging.apply(go_on)
    assert target.rows("SELECT count(*) FROM orders") == [(30,)]


def test_an_incomplete_load_is_not_applied(target: Target) -> None:
    """The ledger is checked against the run once more, inside the transaction that applies."""
    load(target.writer, 1, 10)
    with closing(target.writer.claim(order(target.writer, 2, rows={"orders": 60}))) as staging:
        stage(staging, "orders", orders(0, 30))
        with pytest.raises(StagedFileChanged, match="30 staged rows of 60"):
            staging.apply(go_on)
        staging.discard()
    assert target.rows("SELECT count(*) FROM orders") == [(10,)]
    assert target.table_names() == {"orders"}


@pytest.mark.parametrize("mode", list(Mode))
def test_an_abort_in_the_middle_of_apply_leaves_the_target_as_it_was(target: Target, mode: Mode) -> None:
    """Until the commit nothing has happened."""
    load(target.writer, 1, 10)
    with closing(target.writer.claim(order(target.writer, 2, rows={"orders": 60}, mode=mode))) as staging:
        stage(staging, "orders", orders(0, 60))
        with pytest.raises(AbortedByUser):
            staging.apply(lambda: True)
        assert target.rows("SELECT count(*) FROM orders") == [(10,)]
        staging.discard()
    assert target.table_names() == {"orders"}
    assert target.rows("SELECT count(*) FROM _dwsim_ledger") == [(0,)]


def test_an_older_load_never_follows_a_newer_one(target: Target) -> None:
    """Load ids are compared within one loader's database; another database counts anew."""
    load(target.writer, 7, 20)
    with pytest.raises(Superseded, match="load 7"):
        load(target.writer, 6, 30)
    load(target.writer, 1, 40, loader_id="loader-b")
    assert target.rows("SELECT count(*) FROM orders") == [(40,)]


def test_an_append_is_applied_once_and_only_behind_what_it_continues(target: Target) -> None:
    """A second load of the same append would double keys; one whose base is missing would leave a hole."""
    load(target.writer, 1, 10)
    appended = order(target.writer, 2, rows={"orders": 5}, mode=Mode.APPEND)
    for load_id, inserted in ((2, 5), (3, 0)):
        again = replace(appended, load_id=load_id, uid=f"{load_id:08x}again")
        with closing(target.writer.claim(again)) as staging:
            stage(staging, "orders", orders(10, 5))
            staging.prepare(go_on)
            assert staging.apply(go_on).inserted == {"orders": inserted}
    with closing(target.writer.claim(order(target.writer, 9, rows={"orders": 5}, mode=Mode.APPEND))) as staging:
        stage(staging, "orders", orders(15, 5))
        with pytest.raises(BaseNotLoaded, match="has the rows of runs 1, 2; run 9 continues the rows of run 8"):
            staging.apply(go_on)
    assert target.rows("SELECT count(*), count(DISTINCT order_id) FROM orders") == [(15, 15)]


def test_appending_other_columns_is_refused(target: Target) -> None:
    """Rows of another shape must not be squeezed in; the difference is named."""
    load(target.writer, 1, 10)
    note = {"name": "note", "data_type": "TEXT", "logical_type": {"kind": "STRING"}}
    wider = SHOP | {"tables": [{**t, "columns": [*t["columns"], note]} for t in SHOP["tables"]]}
    claimed = target.writer.claim(order(target.writer, 2, rows={"orders": 5}, mode=Mode.APPEND, document=wider))
    with closing(claimed) as staging:
        stage(staging, "orders", orders(0, 5).append_column("note", pa.array(["x"] * 5)))
        with pytest.raises(SchemaMismatch, match="note is new"):
            staging.apply(go_on)
    assert target.rows("SELECT count(*) FROM orders") == [(10,)]


def test_a_file_with_other_columns_than_the_run_pinned_is_refused(target: Target) -> None:
    """A file that was copied over another one has a right checksum only by accident, but may have wrong columns."""
    with (
        closing(target.writer.claim(order(target.writer, rows={"orders": 5}))) as staging,
        pytest.raises(SchemaMismatch, match="customer_id, name"),
    ):
        stage(staging, "orders", customers(0, 5))


def test_enforced_keys_refuse_duplicates(target: Target) -> None:
    """`constraints: enforced` means it; the target is as it was."""
    with closing(target.writer.claim(order(target.writer, rows={"orders": 10}, document=ENFORCED))) as staging:
        stage(staging, "orders", pa.concat_tables([orders(0, 5), orders(0, 5)]))
        with pytest.raises(ConstraintViolated) as refused:
            staging.prepare(go_on)
        assert refused.value.message.startswith("table 'orders': rows break a UNIQUE constraint")
        staging.discard()
    assert target.table_names() == set()
