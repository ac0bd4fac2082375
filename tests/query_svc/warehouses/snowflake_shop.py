"""The shop in Snowflake, in the layout and the types that the loader writes."""

import contextlib
import json
from collections.abc import Mapping
from typing import Any

from dwsim.common.v1.sql_dialect_pb2 import SqlDialect
from dwsim.common.v1.warehouse_pb2 import Warehouse
from dwsim.loader.v1 import loader_service_pb2 as pb

from loader_svc.warehouses.snowflake_session import Session
from loader_svc.warehouses.snowflake_url import Account
from tests.query_svc.loader_stand_in import place
from tests.query_svc.shop import SHOP, Col, Tab, integer
from tests.snowflake import Database

NAMESPACE = "SHOP"
_TYPES = {
    "INT64": "BIGINT",
    "BOOLEAN": "BOOLEAN",
    "DATE": "DATE",
    "TIMESTAMP": "TIMESTAMP_NTZ",
    "FLOAT64": "FLOAT",
    "JSON": "VARIANT",
    "BINARY": "BINARY",
}


def declared(column: Col) -> str:
    """Type of a column as the loader declares it."""
    if column.kind == "DECIMAL":
        return f"NUMBER({column.precision},{column.scale})"
    return f"VARCHAR({column.length})" if column.kind == "STRING" else _TYPES[column.kind]


def _literal(column: Col, value: Any) -> str:
    if value is None:
        return "NULL"
    if column.kind == "BOOLEAN":
        return str(bool(value)).upper()
    if column.kind == "BINARY":
        return f"TO_BINARY('{value.hex()}', 'HEX')"
    if column.kind == "JSON":
        return f"PARSE_JSON('{json.dumps(json.loads(value))}')"
    if column.kind in ("INT64", "DECIMAL", "FLOAT64"):
        return str(value)
    return f"'{value}'"


def write_tables(database: Database, namespace: str, tables: Mapping[str, Tab]) -> None:
    """Write tables as a loader would."""
    with contextlib.closing(Session(Account.parse(database.url.get_secret_value()))) as session:
        session.run(f'CREATE SCHEMA IF NOT EXISTS "{namespace}"')
        session.enter(namespace)
        session.run("CREATE TABLE IF NOT EXISTS _DWSIM_LOAD (UID VARCHAR, STATE VARCHAR)")
        for name, table in tables.items():
            columns = ", ".join(f"{c.name.upper()} {declared(c)}" for c in table.columns)
            session.run(f"CREATE OR REPLACE TABLE {name.upper()} ({columns})")
            rows = [", ".join(_literal(c, v) for c, v in zip(table.columns, row, strict=True)) for row in table.rows]
            session.run(f"INSERT INTO {name.upper()} " + " UNION ALL ".join(f"SELECT {row}" for row in rows))


def write_shop(database: Database) -> None:
    """Write the shop, and ten digits that nobody knows of."""
    write_tables(database, NAMESPACE, SHOP | {"digits": Tab([integer("d")], [(n,) for n in range(10)])})


def located(
    experiment: str = "shop",
    namespace: str = NAMESPACE,
    tables: Mapping[str, Tab] = SHOP,
    dialect: int = SqlDialect.SNOWFLAKE,
) -> pb.LocateTablesResponse:
    """Tables as the loader locates them in Snowflake: names in capitals."""
    found = place(experiment, namespace, dialect, Warehouse.SNOWFLAKE, tables)
    for table in found.tables:
        table.target = table.name.upper()
        for column in table.columns:
            column.target = column.name.upper()
    return found
