"""Runs whose columns are made from each other: the same on several threads, and a failure that names its row."""

import pytest
from dwsim.generator.v1 import generator_service_pb2 as pb
from dwsim.generator.v1.run_pb2 import Run

from dwsim_wire.client import call
from tests.generator_svc.documents import column
from tests.generator_svc.running import Generator, hashes
from tests.generator_svc.schema_peer import SchemaStandIn


def add(schema: SchemaStandIn, expression: str) -> None:
    """Give order_items a copy of its order's moment, and a column of an expression."""
    (items,) = (table for table in schema.documents["shop"]["tables"] if table["name"] == "order_items")
    copy = {"lookup": {"foreign_key": "order_id", "column": "created_at"}}
    items["columns"] += [
        column("ordered_at", "TIMESTAMP", rule=copy),
        column("size", "INTEGER", rule={"derived": {"expression": expression}}),
    ]


async def test_threads_and_batches_do_not_matter(running: Generator, schema: SchemaStandIn) -> None:
    """Each thread has a connection of its own; a batch boundary must not show."""
    add(schema, "quantity * line_no + extract(day from ordered_at)")
    small = await running.completed(seed=3, batch_rows=150)
    whole = await running.completed(seed=3, batch_rows=100_000)
    assert hashes(small) == hashes(whole)


@pytest.mark.parametrize("batch_rows", [100, 10_000])
async def test_a_value_that_does_not_fit_fails_the_run_with_its_row(
    running: Generator, schema: SchemaStandIn, batch_rows: int
) -> None:
    """Found when its batch is made: the run says where, and previews of other rows still work."""
    add(schema, "case when ordered_at is null then 0 else 2000000000 * quantity end")
    started = await running.start(seed=3, batch_rows=batch_rows)
    run = await running.ended(started.run_id)
    assert run.state == Run.FAILED
    assert run.failure.reason == "IMPOSSIBLE_RULE"
    assert "order_items.size: row " in run.failure.message
    await call(running.stub.PreviewTable, pb.PreviewTableRequest(experiment="shop", table="orders"))
