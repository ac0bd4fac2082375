"""A cell depends on its row alone: not on batches, order, neighbours, or other tables."""

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dwsim_wire.fault import InvalidArgument
from generator_svc.core.plan import Plan, first_segments
from tests.generator_svc.core.catalog import (
    APPENDS,
    AS_OF,
    EVERYTHING,
    EVERYTHING_ROWS,
    SEED,
    SHOP,
    SHOP_ROWS,
    plan,
)

TABLES = [table.name for table in EVERYTHING]
ROWS = {table: EVERYTHING_ROWS[table] + sum(added.get(table, 0) for added in APPENDS) for table in TABLES}


@pytest.fixture(scope="module")
def whole() -> Plan:
    return plan(EVERYTHING, EVERYTHING_ROWS, *APPENDS)


@pytest.fixture(scope="module")
def batches(whole: Plan) -> dict[str, pa.RecordBatch]:
    return {table: whole.batch(table, 0, ROWS[table]) for table in TABLES}


@given(st.sampled_from(TABLES), st.lists(st.floats(0, 1), min_size=1, max_size=4))
@settings(deadline=None, max_examples=60)
def test_any_split_into_batches_makes_the_same_table(
    whole: Plan, batches: dict[str, pa.RecordBatch], table: str, cuts: list[float]
) -> None:
    """Resuming or scaling out must never change a row."""
    ends = [*sorted(int(cut * ROWS[table]) for cut in cuts), ROWS[table]]
    for first, end in zip([0, *ends], ends, strict=False):
        assert whole.batch(table, first, end - first).equals(batches[table].slice(first, end - first))


@given(st.sampled_from(TABLES), st.data())
@settings(deadline=None, max_examples=60)
def test_rows_in_any_order_are_the_same_rows(
    whole: Plan, batches: dict[str, pa.RecordBatch], table: str, data: st.DataObject
) -> None:
    """Preview, foreign keys and verification evaluate single rows."""
    rows = data.draw(st.lists(st.integers(0, ROWS[table] - 1), min_size=1, max_size=20))
    numbers = np.array(rows, np.uint64)
    expected = batches[table].take(pa.array(numbers))
    assert whole.rows(table, numbers).equals(expected)


@pytest.mark.parametrize("table", TABLES)
def test_all_cells_are_valid_arrow(batches: dict[str, pa.RecordBatch], table: str) -> None:
    """Kernels write buffers themselves: offsets, UTF-8, decimals and bitmaps must be right."""
    batches[table].validate(full=True)


def test_one_row_of_a_huge_table_is_as_cheap_as_of_a_small_one() -> None:
    """Nothing may be made up to the row that is asked for."""
    rows = {name: count * 10**6 for name, count in SHOP_ROWS.items()}
    huge = plan(SHOP, rows)
    for name, count in rows.items():
        assert huge.rows(name, np.array([count - 1, 0], np.uint64)).num_rows == 2


def test_a_plan_of_some_tables_makes_the_same_cells(batches: dict[str, pa.RecordBatch]) -> None:
    """Cells depend on a table's name, not on what else the experiment has."""
    alone = plan(EVERYTHING[:1], EVERYTHING_ROWS)
    name = EVERYTHING[0].name
    assert alone.batch(name, 0, ROWS[name]).equals(batches[name])


def test_another_seed_makes_other_cells_and_the_same_seed_the_same() -> None:
    """A seed is the whole difference between two runs."""
    one, same, other = plan(SHOP, SHOP_ROWS), plan(SHOP, SHOP_ROWS), plan(SHOP, SHOP_ROWS, seed=SEED + 1)
    for table in ("orders", "order_items", "sales"):
        first = one.batch(table, 0, 500)
        assert same.batch(table, 0, 500).equals(first)
        assert not other.batch(table, 0, 500).equals(first)


def test_the_day_moves_only_what_is_relative_to_it() -> None:
    """`as_of` is part of a cell's identity, the calendar of the machine is not."""
    early = plan(SHOP, SHOP_ROWS).batch("orders", 0, 100)
    late = Plan(SHOP, first_segments(SHOP, SHOP_ROWS), SEED, dt.date(2027, 1, 1)).batch("orders", 0, 100)
    assert early.column("order_id").equals(late.column("order_id"))
    gap = late["created_at"][0].as_py() - early["created_at"][0].as_py()
    assert gap == dt.date(2027, 1, 1) - AS_OF


def test_parents_come_before_their_children() -> None:
    """Batches are made in this order, so that a consumer sees parents first."""
    order = plan(SHOP, SHOP_ROWS).order
    assert set(order) == {table.name for table in SHOP}
    assert order.index("customers") < order.index("orders") < order.index("order_items") < order.index("returns")


def test_a_row_beyond_the_table_is_refused(whole: Plan) -> None:
    """A wrong row number is a fault, not a made-up cell."""
    with pytest.raises(InvalidArgument, match="rows 0 to 499"):
        plan(SHOP, SHOP_ROWS).batch("returns", 400, 200)


def test_an_unknown_table_is_named_with_a_near_one(whole: Plan) -> None:
    """A typing error is answered with what would be right."""
    with pytest.raises(InvalidArgument) as caught:
        whole.batch("order", 0, 1)
    assert "orders" in caught.value.hint


def test_no_rows_are_an_empty_batch(whole: Plan) -> None:
    """Empty tables have a schema too."""
    assert whole.batch("orders", 0, 0).schema == whole.schema("orders")
    assert whole.rows("orders", np.empty(0, np.uint64)).num_rows == 0
