"""Lists: what a summary shows, filters, and pages that cost the same wherever they are."""

import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import grpc
import pytest
from dwsim.common.v1.warehouse_pb2 import Warehouse
from dwsim.schema.v1 import schema_service_pb2 as pb
from dwsim.schema.v1.experiment_pb2 import Experiment
from dwsim.schema.v1.schema_service_pb2_grpc import SchemaServiceStub

from dwsim_wire.client import call
from dwsim_wire.paging import encode_token
from schema_svc.store import Filters
from tests.schema_svc.conftest import Start
from tests.schema_svc.requests import import_sql, refused

C = grpc.StatusCode
MANY = 10_000


async def names(schema: SchemaServiceStub, **filters: object) -> list[str]:
    """Names of the first page."""
    request = pb.ListExperimentsRequest(**filters)  # type: ignore[arg-type]  # fields of the request
    return [one.name for one in (await call(schema.ListExperiments, request)).experiments]


async def test_a_summary_says_what_there_is_to_choose_by(schema: SchemaServiceStub) -> None:
    """Nobody opens fifty experiments to find the right one."""
    sql = "CREATE TABLE a (x INT, y INT, PRIMARY KEY (x, y)); CREATE TABLE b (id INT PRIMARY KEY);"
    stored = (
        await import_sql(schema, "shop", sql, target_rows=5, description="d", target_warehouse=Warehouse.SQLITE)
    ).experiment
    (one,) = (await call(schema.ListExperiments, pb.ListExperimentsRequest())).experiments
    assert (one.table_count, one.column_count, one.target_rows, one.warning_count) == (2, 4, 10, 1)
    assert list(one.warnings) == list(stored.tables[0].warnings)
    assert (one.target_warehouse, one.dialect, one.description) == (Warehouse.SQLITE, stored.dialect, "d")
    assert (one.revision, one.etag, one.create_time, one.update_time) == (
        1,
        stored.etag,
        stored.create_time,
        stored.update_time,
    )


async def test_a_list_shows_some_of_very_many_warnings_and_their_number(schema: SchemaServiceStub) -> None:
    """A page of five hundred large experiments must still fit a message."""
    sql = "".join(f"CREATE TABLE t{n} (x INT, y INT, PRIMARY KEY (x, y));" for n in range(30))
    await import_sql(schema, "shop", sql)
    (one,) = (await call(schema.ListExperiments, pb.ListExperimentsRequest())).experiments
    assert (len(one.warnings), one.warning_count) == (20, 30)


async def test_lists_are_filtered(schema: SchemaServiceStub) -> None:
    """By part of the name, warehouse and state; wildcards of SQL are letters like others."""
    await import_sql(schema, "Shop_a", target_warehouse=Warehouse.SQLITE)
    await import_sql(schema, "shopXa")
    await import_sql(schema, "other")
    assert await names(schema, search="SHOP") == ["shopXa", "Shop_a"]
    assert await names(schema, search="p_a") == ["Shop_a"]
    assert await names(schema, search="%") == []
    assert await names(schema, target_warehouse=Warehouse.SQLITE) == ["Shop_a"]
    await call(schema.DeleteExperiment, pb.DeleteExperimentRequest(name="other", force=True), timeout=20)
    assert await names(schema, state=Experiment.DELETING) == ["other"]
    assert await names(schema, state=Experiment.ACTIVE) == ["shopXa", "Shop_a"]


async def test_a_page_token_fits_its_filters_alone(schema: SchemaServiceStub) -> None:
    """Another filter would skip experiments in silence."""
    for number in range(3):
        await import_sql(schema, f"shop{number}")
    request = pb.ListExperimentsRequest(page_size=1, search="shop")
    token = (await call(schema.ListExperiments, request)).next_page_token
    assert await names(schema, search="shop", page_token=token) == ["shop1", "shop0"]
    with refused(C.INVALID_ARGUMENT, "INVALID_PAGE_TOKEN"):
        await names(schema, page_token=token)


@pytest.fixture
async def crowd(start: Start, tmp_path: Path) -> AsyncIterator[SchemaServiceStub]:
    """A service with very many experiments; all but the first are copies of its row."""
    async with start() as schema:
        await import_sql(schema, "first")
    with closing(sqlite3.connect(tmp_path / "data/metadata/schema.db")) as database, database:
        columns = [row[1] for row in database.execute("PRAGMA table_info(experiments)")]
        copied = ", ".join(
            {"position": "n + 1", "id": "printf('%032d', n)", "name": "'e' || n", "name_folded": "'e' || n"}.get(c, c)
            for c in columns
        )
        database.execute(
            f"WITH RECURSIVE many(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < {MANY})"
            f" INSERT INTO experiments ({', '.join(columns)}) SELECT {copied} FROM experiments, many"
        )
    async with start() as schema:
        yield schema


async def test_the_last_page_of_ten_thousand_costs_what_the_first_does(crowd: SchemaServiceStub) -> None:
    """OFFSET would count its way there. The plan says so too: nothing is sorted, nothing but the key is searched."""
    last = encode_token("ListExperiments", 100, str(Filters()))
    best = {}
    for page, token in (("first", ""), ("last", last)):
        taken = []
        for _ in range(15):
            began = time.perf_counter()
            assert len(await names(crowd, page_size=50, page_token=token)) == 50
            taken.append(time.perf_counter() - began)
        best[page] = min(taken)
    print(f"first page {best['first'] * 1e3:.1f} ms, last page {best['last'] * 1e3:.1f} ms of {MANY}")
    assert best["last"] < 3 * best["first"]


async def test_all_pages_show_every_experiment_once(crowd: SchemaServiceStub) -> None:
    """A page is a key range: the pages join without gap or overlap."""
    found: list[str] = []
    token = ""
    while not found or token:
        page = await call(crowd.ListExperiments, pb.ListExperimentsRequest(page_size=500, page_token=token))
        found += [one.name for one in page.experiments]
        token = page.next_page_token
    assert found == [*(f"e{n}" for n in range(MANY, 0, -1)), "first"]
