"""Previews: any rows of any table, equal to what a run makes, without a run."""

import json
import time

import grpc
from dwsim.generator.v1 import generator_service_pb2 as pb
from google.protobuf import json_format

from dwsim_wire.client import call
from tests.clients import refused
from tests.generator_svc.documents import column
from tests.generator_svc.running import Generator
from tests.generator_svc.schema_peer import SchemaStandIn
from tests.processes import PROMPT_SECONDS


async def preview(running: Generator, table: str, **facts: object) -> pb.PreviewTableResponse:
    """Rows of a table."""
    request = pb.PreviewTableRequest(experiment="shop", table=table, **facts)  # type: ignore[arg-type]  # fields vary
    return await call(running.stub.PreviewTable, request)


async def test_a_preview_shows_the_rows_that_a_run_makes(running: Generator) -> None:
    """What you see is what you get, in the middle of a table too."""
    run = await running.completed(seed=9)
    for name, offset in (("customers", 290), ("orders", 777), ("order_items", 0)):
        answer = await preview(running, name, seed=9, offset=offset, limit=25)
        made = (await running.table(run, name)).slice(offset, 25)
        assert answer.total_rows == next(t.rows for t in run.tables if t.name == name)
        assert [c.name for c in answer.columns] == made.column_names
        shown = [list(row) for row in answer.rows]
        expected = [[_json(value) for value in row.values()] for row in made.to_pylist()]
        assert shown == expected


def _json(value: object) -> object:
    return (
        value
        if value is None or isinstance(value, bool | int | float)
        else getattr(value, "isoformat", lambda: str(value))()
    )


async def test_a_preview_reaches_the_end_of_a_trillion_rows_at_once(running: Generator) -> None:
    """No row depends on the one before it."""
    rows = {"orders": 10**12, "customers": 10**9}
    await preview(running, "orders", rows=rows, offset=10**12 - 5, limit=100)
    begun = time.perf_counter()
    answer = await preview(running, "orders", rows=rows, offset=10**12 - 7, limit=100)
    assert time.perf_counter() - begun < PROMPT_SECONDS
    assert len(answer.rows) == 7
    assert answer.total_rows == 10**12


async def test_values_that_a_double_cannot_hold_are_text(running: Generator, schema: SchemaStandIn) -> None:
    """JSON has one number type; a rounded key is a wrong key."""
    table = {
        "name": "t",
        "columns": [
            column("big", "BIGINT", rule={"sequence": {"start": str(2**60)}}),
            column("small", "BIGINT", rule={"sequence": {}}),
            column("money", "DECIMAL(12,2)", rule={"constant": {"value": "0.10"}}),
            column("day", "DATE", rule={"constant": {"value": "2024-02-29"}}),
            column("at", "TIMESTAMP", rule={"constant": {"value": "2024-02-29T01:02:03"}}),
            column("word", "VARCHAR(20)", rule={"constant": {"value": "né"}}),
            column("yes", "BOOLEAN", rule={"constant": {"value": "true"}}),
            column("none", "INTEGER", null_fraction=1.0),
        ],
    }
    schema.documents["shop"] = {"name": "shop", "id": "e1", "revision": 1, "tables": [table]}
    answer = await preview(running, "t", limit=1)
    text = json.loads(json_format.MessageToJson(answer.rows[0]))
    assert text == [str(2**60), 1, "0.10", "2024-02-29", "2024-02-29T01:02:03", "né", True, None]
    assert [c.data_type for c in answer.columns][:3] == ["BIGINT", "BIGINT", "DECIMAL(12,2)"]


async def test_a_preview_outside_the_table_is_refused(running: Generator) -> None:
    """An empty answer would look like an empty table."""
    with refused(grpc.StatusCode.INVALID_ARGUMENT, "INVALID_ROW_COUNT", "300"):
        await preview(running, "customers", offset=300)
    with refused(grpc.StatusCode.INVALID_ARGUMENT, "INVALID_ROW_COUNT"):
        await preview(running, "customers", offset=-1)
    with refused(grpc.StatusCode.INVALID_ARGUMENT, "INVALID_ARGUMENT", "1000"):
        await preview(running, "customers", limit=1001)
    with refused(grpc.StatusCode.NOT_FOUND, "UNKNOWN_TABLE", "did you mean 'customers'"):
        await preview(running, "customer")
    assert len((await preview(running, "customers", offset=295)).rows) == 5
    empty = await preview(running, "customers", rows={"customers": 0, "orders": 0, "order_items": 0})
    assert (empty.total_rows, len(empty.rows), len(empty.columns)) == (0, 0, 5)


async def test_a_preview_follows_the_newest_revision(running: Generator, schema: SchemaStandIn) -> None:
    """Edit, look, edit: the plan that is kept must not be the old one."""
    before = await preview(running, "customers", limit=1)
    schema.documents["shop"]["revision"] = 2
    schema.documents["shop"]["tables"][2]["columns"].pop()
    after = await preview(running, "customers", limit=1)
    assert len(after.columns) == len(before.columns) - 1
