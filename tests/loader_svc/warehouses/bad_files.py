"""Staged runs with rows that no target takes, as no generator writes them."""

from collections.abc import Collection
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.loader_svc.staged_runs import BATCH_ROWS, ORDERS, StagedRun, orders

TOO_LONG = Decimal("123456789012345678.50")
"""More digits than DECIMAL(10,2) has."""
BAD = (3, 49, 120, 121)
"""Rows of orders, from 0, that are bad in `bad_run`: two in the first batch, two in the third."""


def bad_run(folder: Path, run_id: int = 1, bad: Collection[int] = BAD, **facts: Any) -> StagedRun:
    """A run some of whose orders have an amount that is too long; it is not loaded by itself unless asked to."""
    run = StagedRun(folder, run_id, **{"auto_load": False} | facts)
    for index, first in enumerate(range(0, ORDERS, BATCH_ROWS)):
        spoilt = spoil(orders(first, BATCH_ROWS), {row - first for row in bad})
        put(run, "orders", index, spoilt)
    return run


def put(run: StagedRun, table: str, index: int, rows: pa.Table) -> None:
    """Write a staged file before the run would."""
    path = run.path(table, index)
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(rows, path)


def spoil(rows: pa.Table, places: Collection[int]) -> pa.Table:
    """Make some amounts too long."""
    amounts = rows.column("amount").to_pylist()
    spoilt = [TOO_LONG if place in places else amount for place, amount in enumerate(amounts)]
    return rows.set_column(2, "amount", pa.array(spoilt, pa.decimal128(20, 2)))
