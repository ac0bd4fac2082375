"""The tables that probes read, in Snowflake's emulator behind a real query service."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from dwsim.common.v1.sql_dialect_pb2 import SqlDialect

from tests.fidelity.warehouse import EXPERIMENT, TABLES
from tests.query_svc.conftest import RunningQuery, running
from tests.query_svc.loader_stand_in import LoaderStandIn
from tests.query_svc.warehouses.snowflake_shop import located, write_tables
from tests.snowflake import Database

NAMESPACE = "PROBES"


@contextlib.asynccontextmanager
async def probed(
    database: Database, data_dir: Path, dialect: int = SqlDialect.SNOWFLAKE
) -> AsyncIterator[RunningQuery]:
    """Serve queries over the probes' tables for the length of a block."""
    write_tables(database, NAMESPACE, TABLES)
    loader = LoaderStandIn()  # type: ignore[abstract]  # the query service calls no other rpc
    await loader.start()
    loader.places[EXPERIMENT] = located(EXPERIMENT, NAMESPACE, TABLES, dialect)
    async with running(data_dir, loader, snowflake_url=database.url) as started:
        yield started
    await loader.stop()
