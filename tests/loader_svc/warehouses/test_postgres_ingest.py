"""Ingested files in a real PostgreSQL, which stands in for Redshift."""

from collections.abc import AsyncIterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from dwsim.common.v1.warehouse_pb2 import Warehouse
from pydantic import SecretStr

from dwsim_wire.object_store import open_bucket
from tests.generator_svc.schema_peer import SchemaStandIn, schema_peer
from tests.loader_svc.conftest import running
from tests.loader_svc.generator_stand_in import GeneratorStandIn
from tests.loader_svc.staged_runs import SHOP, orders
from tests.loader_svc.test_ingests import LOOK, create, put, until
from tests.loader_svc.test_large_ingests import SMALL, WHOLE, batches, put_large
from tests.postgres import Database
from tests.s3 import Prefix


@pytest.fixture
async def schema() -> AsyncIterator[SchemaStandIn]:
    async with schema_peer(SHOP) as peer:
        yield peer


async def test_one_bad_file_of_four_is_found_and_the_others_are_loaded(
    tmp_path: Path, generator: GeneratorStandIn, schema: SchemaStandIn, database: Database
) -> None:
    """The load that had them all left nothing behind."""
    inbox = tmp_path / "inbox"
    for number in range(3):
        put(inbox, f"{number}.parquet", number * 10, 10)
    wide = orders(99, 1).set_column(0, "order_id", pa.array([2**40], pa.int64()))
    pq.write_table(wide, inbox / "3.parquet")
    url = SecretStr(database.url)
    async with running(tmp_path / "d", generator, redshift_url=url, schema_address=schema.address, **LOOK) as loader:
        made = await create(loader, inbox)
        assert made.warehouse == Warehouse.REDSHIFT
        await until(loader, lambda ingest: (ingest.files_loaded, ingest.files_refused) == (3, 1))
    rows = database.rows("SELECT count(*), count(DISTINCT order_id), sum(order_id) FROM shop.orders")
    assert rows == [(30, 30, 465)]


async def test_pieces_of_an_object_go_into_postgresql(
    tmp_path: Path, generator: GeneratorStandIn, schema: SchemaStandIn, s3: Prefix, database: Database
) -> None:
    """A bucket is read by ranges, and several connections take pieces of one file."""
    path = put_large(tmp_path)
    settings = {"redshift_url": SecretStr(database.url), "schema_address": schema.address, **SMALL}
    async with running(tmp_path / "data", generator, **settings) as loader:
        await create(loader, s3.root.uri)
        open_bucket(s3.root.bucket).put(s3.root.child("a.parquet"), memoryview(path.read_bytes()))
        await until(loader, lambda ingest: ingest.files_loaded == 1)
        assert len(await batches(loader, 1)) > 3
    found = database.rows("SELECT count(*), count(DISTINCT order_id), min(order_id), max(order_id) FROM shop.orders")
    assert found == WHOLE
