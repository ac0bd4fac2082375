"""The main job through the real doors: DDL in, a filled warehouse out."""

from dwsim.generator.v1.generator_service_pb2 import PreviewTableRequest, StartRunRequest
from dwsim.generator.v1.run_pb2 import Run
from dwsim.loader.v1.load_pb2 import Load
from dwsim.query.v1.query_service_pb2 import DescribeTableRequest
from dwsim.schema.v1.schema_service_pb2 import (
    DeleteExperimentRequest,
    ImportSqlRequest,
    ListExperimentsRequest,
)

from dwsim_wire.client import call
from tests.clients import Clients
from tests.mesh.shop import PROMISES, ROWS, SHOP, load_shop

WARNING = (
    "Table 'order_items' has a composite primary key (order_id, product_id). A surrogate key column '_row_id' has been "
    "added for generation. Original columns are preserved."
)


async def test_a_loaded_shop_keeps_every_promise_of_its_ddl(dwsim: Clients, name: str) -> None:
    """Counts exact, keys distinct, no orphan: the reason to use the tool at all."""
    answer = await call(
        dwsim.schema.ImportSql, ImportSqlRequest(name=f"{name}v", sql=SHOP, table_rows=ROWS, validate_only=True)
    )
    assert WARNING in answer.warnings
    await load_shop(dwsim, name, seed=7)
    for table, rows in ROWS.items():
        assert await dwsim.rows(name, f"SELECT COUNT(*) FROM {table}") == [[rows]]
    for promise, sql in PROMISES.items():
        assert await dwsim.rows(name, sql) == [[0]], promise
    nulls = (await dwsim.rows(name, "SELECT COUNT(*) FROM orders WHERE referrer_id IS NULL"))[0][0]
    assert 100 < nulls < 320, "a nullable foreign key has about ten per cent NULLs"
    assert await dwsim.rows(name, "SELECT MIN(_row_id), MAX(_row_id) FROM order_items") == [[1, ROWS["order_items"]]]


async def test_equal_seeds_give_equal_content_and_others_do_not(dwsim: Clients, name: str) -> None:
    """One number makes a data set that a colleague can make again."""
    first = await load_shop(dwsim, f"{name}a", seed=7)
    second = await load_shop(dwsim, f"{name}b", seed=7)
    other = await load_shop(dwsim, f"{name}c", seed=8)
    hashes = [[table.content_hash for table in run.tables] for run in (first, second, other)]
    assert hashes[0] == hashes[1]
    assert all(a != b for a, b in zip(hashes[0], hashes[2], strict=True))


async def test_a_preview_shows_the_rows_that_a_run_makes(dwsim: Clients, name: str) -> None:
    """What the user looked at before is what the user gets."""
    await load_shop(dwsim, name, seed=7)
    request = PreviewTableRequest(experiment=name, table="orders", offset=1_990, limit=10, seed=7)
    preview = await call(dwsim.generator.PreviewTable, request)
    columns = [column.name for column in preview.columns]
    place = {column: place for place, column in enumerate(columns)}
    for row in preview.rows:
        order_id = row[place["order_id"]]
        found = await dwsim.rows(name, f"SELECT customer_id, referrer_id FROM orders WHERE order_id = {order_id}")
        assert found == [[row[place["customer_id"]], row[place["referrer_id"]]]]


async def test_a_described_table_is_the_one_the_ddl_declared(dwsim: Clients, name: str) -> None:
    """Users look for their types and keys, not for our plumbing."""
    await load_shop(dwsim, name)
    table = await call(dwsim.query.DescribeTable, DescribeTableRequest(experiment=name, table="customers"))
    types = {column.name: (column.data_type, column.nullable) for column in table.columns}
    assert types["balance"] == ("DECIMAL(12,2)", True)
    assert types["customer_id"] == ("BIGINT", False)


async def test_a_deleted_experiment_is_gone_everywhere_and_its_name_is_free(dwsim: Clients, name: str) -> None:
    """Files, tables, runs: nothing of it may come back with a new experiment of the same name."""
    await load_shop(dwsim, name)
    gone = await call(dwsim.schema.DeleteExperiment, DeleteExperimentRequest(name=name), timeout=60)
    assert gone.done, gone.deleting_reason
    assert (gone.deleted_runs, gone.dropped_tables) == (1, 4)
    assert gone.deleted_files >= 17
    names = [e.name for e in (await call(dwsim.schema.ListExperiments, ListExperimentsRequest())).experiments]
    assert name not in names
    await load_shop(dwsim, name)
    assert await dwsim.rows(name, "SELECT COUNT(*) FROM orders") == [[ROWS["orders"]]]


async def test_an_append_adds_rows_and_changes_none(dwsim: Clients, name: str) -> None:
    """Incremental pipelines are developed against tables that grow."""
    full = await load_shop(dwsim, name, seed=7)
    before = await dwsim.rows(name, "SELECT order_id, customer_id, created_at FROM orders ORDER BY order_id LIMIT 500")
    request = StartRunRequest(
        experiment=name, kind=Run.APPEND, rows={"customers": 100, "products": 0, "orders": 500, "order_items": 900}
    )
    started = await call(dwsim.generator.StartRun, request)
    assert (await dwsim.run_ended(started.run_id)).base_run_id == full.run_id
    assert (await dwsim.load_of(started.run_id)).state == Load.COMPLETED
    assert await dwsim.rows(name, "SELECT COUNT(*) FROM orders") == [[ROWS["orders"] + 500]]
    for promise, sql in PROMISES.items():
        assert await dwsim.rows(name, sql) == [[0]], promise
    after = await dwsim.rows(name, "SELECT order_id, customer_id, created_at FROM orders ORDER BY order_id LIMIT 500")
    assert after == before
