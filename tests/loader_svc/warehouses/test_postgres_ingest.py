"""Ingested files in a real PostgreSQL, which stands in for Redshift."""

from collections.abc import AsyncIterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from dwsim.common.v1.warehouse_pb2 import Warehouse
from pydantic import SecretStr

from tests.generator_svc.schema_peer import SchemaStandIn, schema_peer
from tests.loader_svc.conftest import running
from tests.loader_svc.generator_stand_in import GeneratorStandIn
from tests.loader_svc.staged_runs import SHOP, orders
from tests.loader_svc.test_ingests import LOOK, create, put, until
from tests.postgres import Database


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
