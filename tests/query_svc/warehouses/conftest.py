"""A real query service over the shop in the Redshift stand-in."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from dwsim.common.v1.warehouse_pb2 import Warehouse

from tests.postgres import Database, database, fresh_database, postgres
from tests.query_svc.conftest import RunningQuery, running
from tests.query_svc.loader_stand_in import LoaderStandIn, place
from tests.query_svc.warehouses.postgres_shop import NAMESPACE, write_shop

__all__ = ["database", "postgres"]


@pytest.fixture(scope="module")
def shop(postgres: Database) -> Iterator[Database]:
    """A database with the shop."""
    with fresh_database(postgres) as fresh:
        write_shop(fresh)
        yield fresh


@pytest.fixture
async def query(tmp_path: Path, loader: LoaderStandIn, shop: Database) -> AsyncIterator[RunningQuery]:
    """A query service that finds the shop in the stand-in."""
    loader.places["shop"] = place("shop", NAMESPACE, warehouse=Warehouse.REDSHIFT)
    async with running(tmp_path / "data", loader, redshift_url=shop.url) as started:
        yield started


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def kept_query(tmp_path_factory: pytest.TempPathFactory, shop: Database) -> AsyncIterator[RunningQuery]:
    """One query service for all tests of a module; for those that change nothing."""
    loader = LoaderStandIn()  # type: ignore[abstract]  # the query service calls no other rpc
    await loader.start()
    loader.places["shop"] = place("shop", NAMESPACE, warehouse=Warehouse.REDSHIFT)
    async with running(tmp_path_factory.mktemp("kept") / "data", loader, redshift_url=shop.url) as started:
        yield started
    await loader.stop()
