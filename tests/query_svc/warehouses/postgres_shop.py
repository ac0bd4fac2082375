"""The shop in PostgreSQL, in the layout and the types that the loader writes."""

from collections.abc import Mapping
from typing import Any

from psycopg2.extras import execute_values

from tests.postgres import Database
from tests.query_svc.shop import SHOP, Col, Tab

NAMESPACE = "shop_0badcafe"
_TYPES = {
    "INT64": "bigint",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "TIMESTAMP": "timestamp",
    "FLOAT64": "double precision",
    "JSON": "jsonb",
    "BINARY": "bytea",
}


def declared(column: Col) -> str:
    """Type of a column as the loader declares it."""
    if column.kind == "DECIMAL":
        return f"numeric({column.precision},{column.scale})"
    return f"varchar({column.length})" if column.kind == "STRING" else _TYPES[column.kind]


def _value(column: Col, value: Any) -> Any:
    return bool(value) if column.kind == "BOOLEAN" and value is not None else value


def write_shop(database: Database, namespace: str = NAMESPACE) -> None:
    """Write the shop as a loader would."""
    write_tables(database, namespace, SHOP)
    connection = database.connect()
    with connection, connection.cursor() as cursor:
        cursor.execute(f'CREATE TABLE "{namespace}".digits (d integer)')
        execute_values(cursor, f'INSERT INTO "{namespace}".digits VALUES %s', [(n,) for n in range(10)])
    connection.close()


def write_tables(database: Database, namespace: str, tables: Mapping[str, Tab]) -> None:
    """Write tables into a schema of their own."""
    connection = database.connect()
    with connection, connection.cursor() as cursor:
        cursor.execute(f'CREATE SCHEMA "{namespace}"')
        cursor.execute(f'CREATE TABLE "{namespace}"._dwsim_load (uid text, state text)')
        for name, table in tables.items():
            columns = ", ".join(f'"{c.name}" {declared(c)}' for c in table.columns)
            cursor.execute(f'CREATE TABLE "{namespace}"."{name}" ({columns})')
            rows = [[_value(c, v) for c, v in zip(table.columns, row, strict=True)] for row in table.rows]
            execute_values(cursor, f'INSERT INTO "{namespace}"."{name}" VALUES %s', rows)
    connection.close()
