"""Distinct keys: what is proven is true, and what a generator makes is proven."""

import datetime as dt
import decimal
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader_svc.core import distinct
from loader_svc.core.distinct import DistinctKeys
from loader_svc.core.document import Column, LogicalType, Table
from loader_svc.core.loads import Batch, OrderTable

PRIMARY = ("lines", ("order_id", "line_no"))
UNIQUE = ("lines", ("row_id",))


def order_table(rows: int) -> OrderTable:
    names = ("row_id", "order_id", "line_no")
    columns = tuple(Column(name, "BIGINT", LogicalType("INTEGER")) for name in names)
    return OrderTable(Table("lines", columns, PRIMARY[1], (UNIQUE[1],)), "lines", rows)


def batch(index: int, rows: int) -> Batch:
    return Batch("lines", index, 0, rows, "", 0, "")


def shown(batches: Sequence[dict[str, Any]], *, rows: int | None = None) -> DistinctKeys:
    tables = [pa.table(each) for each in batches]
    keys = DistinctKeys([order_table(sum(t.num_rows for t in tables) if rows is None else rows)])
    for index, table in enumerate(tables):
        keys.show(batch(index, table.num_rows), table)
    return keys


def of(row_id: Any, orders: Any, lines: Any) -> dict[str, Any]:
    return {"row_id": pa.array(row_id), "order_id": pa.array(orders), "line_no": pa.array(lines)}


CELLS = st.lists(st.tuples(st.integers(-3, 3), st.integers(-3, 3), st.integers(0, 2)), max_size=12)


@given(CELLS, st.integers(1, 5))
def test_what_is_proven_is_true(cells: list[tuple[int, int, int]], size: int) -> None:
    """A report that says "no duplicates" of a key that has some would be worse than none."""
    batches = [cells[first : first + size] for first in range(0, len(cells), size)]
    columns = [[np.array(column, np.int64) for column in zip(*rows, strict=True)] for rows in batches]
    proven = shown([of(*three) for three in columns]).proven()
    if len({row[0] for row in cells}) < len(cells):
        assert UNIQUE not in proven
    if len({row[1:] for row in cells}) < len(cells):
        assert PRIMARY not in proven


def test_sequences_are_proven_in_any_order_of_their_batches() -> None:
    """What our own runs bring costs the target no query."""
    second = of([4, 5, 6], [2, 3, 3], [1, 1, 2])
    first = of([1, 2, 3], [1, 1, 1], [1, 2, 3])
    assert shown([second, first]).proven() == {PRIMARY, UNIQUE}


def test_permuted_keys_are_proven() -> None:
    """A key that a permutation makes comes in no order; of two columns too."""
    rows = 50_000
    mixed = np.random.default_rng(1).permutation(2 * rows).astype(np.int64)
    halves = [of(part, part // 7, part % 7) for part in (mixed[:rows], mixed[rows:])]
    assert shown(halves).proven() == {PRIMARY, UNIQUE}


def test_too_many_words_prove_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory has a limit, whatever the size of a load."""
    monkeypatch.setattr(distinct, "MOST_WORDS", 5)
    monkeypatch.setattr(distinct, "MOST_BYTES", 0)
    assert shown([of([1, 2, 3], [3, 2, 1], [1, 1, 1]), of([4, 5, 6], [6, 5, 4], [1, 1, 1])]).proven() == {UNIQUE}


def permuted(values: npt.NDArray[np.int64], *, twice: int | None = None) -> set[tuple[str, tuple[str, ...]]]:
    """What is proven of a key that comes in two batches; the value at `twice` comes again in the second."""
    first, second = np.split(np.random.default_rng(2).permutation(values), 2)
    if twice is not None:
        second[-1] = first[twice]
    ones = np.ones(len(first), np.int64)
    return shown([of(part, ones, np.arange(len(part))) for part in (first, second)]).proven() & {UNIQUE}


@pytest.mark.parametrize("low", [0, -(10**6), 2**63 - 3 * 10**6, -(2**63)])
def test_one_value_twice_among_millions_is_no_proof(low: int) -> None:
    """The bits say of every value whether it was there, on both sides of a page and at the ends of 64 bits."""
    values = np.arange(2 * 10**6, dtype=np.int64) + low
    assert permuted(values) == {UNIQUE}
    assert permuted(values, twice=12_345) == set()


def test_values_far_apart_are_proven_by_their_words() -> None:
    """Bits for every value between would need more memory than the words."""
    values = np.random.default_rng(3).integers(-(2**62), 2**62, 10_000)
    assert permuted(values) == {UNIQUE}
    assert permuted(values, twice=7) == set()


def test_a_batch_that_is_shown_again_changes_nothing() -> None:
    """A batch whose answer was lost is staged, and shown, again."""
    rows = of([2, 1, 3], [1, 1, 1], [1, 2, 3])
    keys = DistinctKeys([order_table(3)])
    for _ in range(2):
        keys.show(batch(0, 3), pa.table(rows))
    assert keys.proven() == {PRIMARY, UNIQUE}


def test_a_batch_that_nobody_saw_proves_nothing() -> None:
    """After a restart some batches are in the target already, and were never shown."""
    assert shown([of([1, 2], [1, 2], [1, 1])], rows=3).proven() == set()


@pytest.mark.parametrize(
    ("values", "proven"),
    [
        ([decimal.Decimal("-1.5"), decimal.Decimal("0.1"), decimal.Decimal("7.0")], True),
        ([dt.date(2020, 1, 1), dt.date(2020, 1, 3), dt.date(2021, 1, 1)], True),
        ([dt.datetime(2020, 1, 1), dt.datetime(2020, 1, 2), dt.datetime(2020, 2, 2)], True),
        (["a", "b", "c"], False),
        ([0.5, 1.5, 2.5], False),
        ([1, None, 2], False),
    ],
)
def test_types_whose_words_are_their_values_are_proven(values: list[Any], proven: bool) -> None:
    """Text, floats and NULL are left to the target."""
    found = shown([of(values, [1, 2, 3], [1, 1, 1])]).proven()
    assert (UNIQUE in found) == proven
