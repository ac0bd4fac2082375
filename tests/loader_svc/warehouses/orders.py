"""Load orders for writer tests, without run or store."""

from contextlib import closing
from typing import Any

import pyarrow as pa

from loader_svc.core.document import parse_experiment
from loader_svc.core.loads import Applied, Batch, LoadOrder, Mode, OrderTable
from loader_svc.warehouses.writer import Staging, Writer
from tests.loader_svc.staged_runs import SHOP, customers, orders

ENFORCED = SHOP | {"constraints": "ENFORCED"}


def order(
    writer: Writer,
    load_id: int = 1,
    *,
    rows: dict[str, int],
    mode: Mode = Mode.OVERWRITE,
    document: dict[str, Any] | None = None,
    loader_id: str = "loader-a",
) -> LoadOrder:
    """An order for the tables of a document that have rows; an append continues the load before it."""
    experiment = parse_experiment(document or SHOP)
    base = (f"{load_id - 1}.run",) if mode is Mode.APPEND else ()
    return LoadOrder(
        load_id=load_id,
        uid=f"{load_id:08x}" + loader_id.encode().hex()[:24],
        loader_id=loader_id,
        run_id=load_id,
        experiment="shop",
        experiment_id="5f0c",
        namespace=writer.namespace("shop", "5f0c"),
        mode=mode,
        tables=tuple(OrderTable(t, t.name, rows[t.name], base) for t in experiment.tables if t.name in rows),
        enforced=bool(experiment.enforced),
        run=f"{load_id}.run",
        dialect=experiment.dialect,
    )


def stage(staging: Staging, table: str, rows: pa.Table, index: int = 0) -> None:
    """Stage one batch."""
    staging.stage(Batch(table, index, 0, rows.num_rows, f"file:///{table}/{index}", 0, ""), rows)


def go_on() -> bool:
    """Nobody asks to stop."""
    return False


def load(writer: Writer, load_id: int, count: int, **facts: Any) -> Applied:
    """Load `count` orders as one load does."""
    with closing(writer.claim(order(writer, load_id, rows={"orders": count}, **facts))) as staging:
        stage(staging, "orders", orders(0, count))
        staging.prepare(go_on)
        return staging.apply(go_on)


def load_both(writer: Writer, load_id: int, parents: int, children: int) -> None:
    """Load customers and their orders."""
    claimed = writer.claim(order(writer, load_id, rows={"customers": parents, "orders": children}))
    with closing(claimed) as staging:
        stage(staging, "customers", customers(0, parents))
        stage(staging, "orders", orders(0, children))
        staging.prepare(go_on)
        staging.apply(go_on)
