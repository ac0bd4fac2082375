"""The tables that probes read, in a Redshift stand-in behind a real query service."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from dwsim.common.v1.sql_dialect_pb2 import SqlDialect
from dwsim.common.v1.warehouse_pb2 import Warehouse
from dwsim.loader.v1.loader_service_pb2 import LocateTablesResponse

from tests.postgres import Database
from tests.query_svc.conftest import RunningQuery, running
from tests.query_svc.loader_stand_in import LoaderStandIn, place
from tests.query_svc.shop import Col, Tab, integer, moment, number, word
from tests.query_svc.shop import write_tables as write_file
from tests.query_svc.warehouses.postgres_shop import write_tables

NAMESPACE = "probes_0badcafe"
EXPERIMENT = "probes"
TABLES = {
    "sales": Tab(
        [
            integer("sale_id"),
            moment("day", "DATE"),
            integer("seller_id"),
            word("buyer", 10),
            integer("qty"),
            integer("qty_shipped"),
            number("price", 8, 2),
        ],
        [
            (1, "2024-01-02", 1, "a", 10, 10, 1.5),
            (2, "2024-01-04", 1, "b", 10, None, 2.25),
            (3, "2024-01-05", 1, "c", 30, None, None),
            (4, "2024-02-01", 2, "a", 20, 20, 4.0),
            (5, "2024-02-03", 2, "b", 20, 15, 10.1),
            (6, "2024-02-09", 3, "b", 15, None, 0.05),
            (7, "2024-03-01", 3, "c", 20, None, 3.3),
            (8, "2024-03-08", 3, "a", 30, 25, 7.0),
            (9, "2024-03-30", 4, None, 40, None, 100.0),
        ],
    ),
    "docs": Tab(
        [integer("doc_id"), Col("body", "SUPER", "JSON", "TEXT")],
        [
            (1, '{"name": "Ada", "age": 36, "tags": ["x", "y"], "home": {"city": "Ulm", "zip": 89073}}'),
            (2, '{"name": "Bob", "age": null, "tags": []}'),
            (3, "[1, 2, 3]"),
            (4, None),
        ],
    ),
}


def declare(probes: LocateTablesResponse) -> None:
    """Give the tables what DDL declares beside columns."""
    sales, docs = probes.tables
    sales.properties.clear()
    sales.properties.update({"distkey": "seller_id", "diststyle": "KEY", "sortkey": "day, sale_id"})
    sales.columns[3].properties["encode"] = "zstd"
    sales.columns[6].properties["encode"] = "RAW"
    docs.properties.clear()
    docs.properties.update({"diststyle": "ALL", "comment": "documents"})


@contextlib.asynccontextmanager
async def probed(database: Database, data_dir: Path, dialect: int = SqlDialect.REDSHIFT) -> AsyncIterator[RunningQuery]:
    """Serve queries over the probes' tables for the length of a block."""
    write_tables(database, NAMESPACE, TABLES)
    loader = LoaderStandIn()  # type: ignore[abstract]  # the query service calls no other rpc
    await loader.start()
    loader.places[EXPERIMENT] = place(EXPERIMENT, NAMESPACE, dialect, warehouse=Warehouse.REDSHIFT, tables=TABLES)
    declare(loader.places[EXPERIMENT])
    async with running(data_dir, loader, redshift_url=database.url) as started:
        yield started
    await loader.stop()


@contextlib.asynccontextmanager
async def probed_file(data_dir: Path, dialect: int) -> AsyncIterator[RunningQuery]:
    """Serve queries over the probes' tables in an SQLite file for the length of a block."""
    namespace = f"sqlite/{NAMESPACE}.db"
    connection = write_file(data_dir / "warehouses" / namespace, TABLES)
    connection.commit()
    connection.close()
    loader = LoaderStandIn()  # type: ignore[abstract]  # the query service calls no other rpc
    await loader.start()
    loader.places[EXPERIMENT] = place(EXPERIMENT, namespace, dialect, tables=TABLES)
    async with running(data_dir, loader) as started:
        yield started
    await loader.stop()
