"""Appends add rows and change none."""

import pytest

from generator_svc.core.segments import first_segments, next_segments, total_rows
from tests.generator_svc.core.catalog import APPENDS, EVERYTHING, EVERYTHING_ROWS, SHOP, SHOP_ROWS, plan


@pytest.mark.parametrize("table", [table.name for table in EVERYTHING])
def test_an_append_changes_no_earlier_cell(table: str) -> None:
    """Files of the first run stay valid for ever."""
    rows = EVERYTHING_ROWS[table]
    before = plan(EVERYTHING, EVERYTHING_ROWS).batch(table, 0, rows)
    once = plan(EVERYTHING, EVERYTHING_ROWS, APPENDS[0])
    assert once.batch(table, 0, rows).equals(before)
    middle = rows + APPENDS[0].get(table, 0)
    twice = plan(EVERYTHING, EVERYTHING_ROWS, *APPENDS)
    assert twice.batch(table, 0, middle).equals(once.batch(table, 0, middle))


def test_keys_go_on_where_they_ended() -> None:
    """A sequence continues; a seeded order keeps to the segment's own range of values."""
    made = plan(SHOP, SHOP_ROWS, {"customers": 50, "orders": 100})
    assert made.batch("customers", 0, 450)["customer_id"].to_pylist() == list(range(1, 451))
    assert sorted(made.batch("orders", 1000, 100)["order_id"].to_pylist()) == list(range(1001, 1101))


def test_later_children_choose_among_all_parents_so_far() -> None:
    """New orders come from old and new customers."""
    made = plan(SHOP, SHOP_ROWS, {"customers": 400, "orders": 2000})
    chosen = set(made.batch("orders", 1000, 2000)["coupon_of"].drop_null().to_pylist())
    assert min(chosen) <= 400 < max(chosen)


def test_segments_pin_the_parents_rows() -> None:
    """What a cell may depend on is frozen in its segment."""
    first = first_segments(SHOP, SHOP_ROWS)
    second = next_segments(first, {"customers": 5, "orders": 7})
    assert second["orders"][0] is first["orders"][0]
    assert second["orders"][1].first_row == SHOP_ROWS["orders"]
    assert second["orders"][1].parent_rows == {"customers": SHOP_ROWS["customers"] + 5}
    assert total_rows(second["orders"]) == SHOP_ROWS["orders"] + 7
