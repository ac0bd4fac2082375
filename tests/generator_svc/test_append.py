"""Appends: a new segment goes on where the last one ended and touches nothing before it."""

import grpc
import pyarrow.compute as pc
from dwsim.generator.v1.run_pb2 import Run

from tests.clients import refused
from tests.generator_svc.documents import shop
from tests.generator_svc.running import Generator, hashes
from tests.generator_svc.schema_peer import SchemaStandIn


async def test_an_append_goes_on_and_changes_no_earlier_file(running: Generator) -> None:
    """New orders may be of new and old customers; keys continue; old files stay byte for byte."""
    base = await running.completed(batch_rows=500, seed=7)
    before = {path: path.read_bytes() for path in await running.files(base.run_id)}
    more = await running.completed(kind=Run.APPEND, rows={"customers": 100, "orders": 900})
    assert (more.kind, more.base_run_id, more.seed, more.as_of) == (Run.APPEND, base.run_id, 7, base.as_of)
    assert [(t.name, t.first_row, t.rows, len(t.segments)) for t in more.tables if t.rows] == [
        ("customers", 300, 100, 2),
        ("orders", 1500, 900, 2),
    ]
    assert {path: path.read_bytes() for path in await running.files(base.run_id)} == before
    assert hashes(await running.get(base.run_id)) == hashes(base)
    old, new = await running.table(base, "customers"), await running.table(more, "customers")
    assert pc.count_distinct(pc.cast(old["customer_id"], "int64")).as_py() == 300
    assert not pc.any(pc.is_in(new["customer_id"], old["customer_id"])).as_py()
    assert not pc.any(pc.is_in(new["email"], old["email"])).as_py()
    orders = await running.table(more, "orders")
    of_new = pc.sum(pc.is_in(orders["customer_id"], new["customer_id"])).as_py()
    of_old = pc.sum(pc.is_in(orders["customer_id"], old["customer_id"])).as_py()
    assert of_new + of_old == 900
    assert of_new > 0
    assert of_old > 0


async def test_appends_chain_and_end_where_one_run_that_knew_it_all_would(running: Generator) -> None:
    """The second append continues the first; the same chain made again is the same."""
    made = []
    for _ in range(2):
        base = await running.completed()
        second = await running.completed(kind=Run.APPEND, tables=["orders"])
        third = await running.completed(kind=Run.APPEND, tables=["orders"], rows={"orders": 10})
        assert (second.base_run_id, third.base_run_id) == (base.run_id, second.run_id)
        assert [(t.first_row, t.rows) for t in third.tables] == [(3000, 10)]
        made.append((hashes(second), hashes(third)))
    assert made[0] == made[1]


async def test_an_append_keeps_the_document_of_its_base(running: Generator, schema: SchemaStandIn) -> None:
    """A column added meanwhile would make the new files differ from the old ones."""
    base = await running.completed()
    changed = shop()
    changed["revision"] = 2
    changed["tables"][2]["columns"].pop()
    schema.documents["shop"] = changed
    more = await running.completed(kind=Run.APPEND, tables=["customers"])
    assert more.experiment_revision == 1
    assert (await running.table(more, "customers")).schema == (await running.table(base, "customers")).schema


async def test_an_append_needs_a_completed_base_of_its_experiment(running: Generator, schema: SchemaStandIn) -> None:
    """There must be something to go on from, with the same seed and day."""
    with refused(grpc.StatusCode.FAILED_PRECONDITION, "NO_BASE_RUN", "FULL"):
        await running.start(kind=Run.APPEND)
    base = await running.completed()
    with refused(grpc.StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT", "42"):
        await running.start(kind=Run.APPEND, seed=43)
    with refused(grpc.StatusCode.NOT_FOUND, "UNKNOWN_RUN"):
        await running.start(kind=Run.APPEND, base_run_id=base.run_id + 1)
    schema.documents["other"] = shop() | {"name": "other", "id": "e2"}
    with refused(grpc.StatusCode.NOT_FOUND, "UNKNOWN_RUN", "other"):
        await running.start("other", kind=Run.APPEND, base_run_id=base.run_id)
