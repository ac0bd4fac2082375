"""The columns of a target as somebody changed them by hand: rejects are tried again against these."""

import re
from dataclasses import replace

from loader_svc.core.document import Column, LogicalType
from loader_svc.core.loads import LoadOrder, OrderTable
from loader_svc.warehouses.postgres_names import identifier
from loader_svc.warehouses.postgres_session import Session

COLUMNS = """
    SELECT a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relname = %s AND a.attnum > 0 AND NOT a.attisdropped"""
PLAIN = {
    "smallint": "INT16",
    "integer": "INT32",
    "bigint": "INT64",
    "real": "FLOAT32",
    "double precision": "FLOAT64",
    "text": "STRING",
    "character varying": "STRING",
}
SIZED = re.compile(r"(?P<name>numeric|character varying)\((?P<first>\d+)(,(?P<scale>\d+))?\)")


def widened(session: Session, order: LoadOrder) -> LoadOrder:
    """Give the tables of an order the numbers, texts and nulls that their columns in the target take now."""
    return replace(order, tables=tuple(_as_in_target(session, item) for item in order.tables))


def _as_in_target(session: Session, item: OrderTable) -> OrderTable:
    found = {name: facts for name, *facts in session.run(COLUMNS, (identifier(item.target),))}
    columns = tuple(_column(c, *found[c.target]) if c.target in found else c for c in item.table.columns)
    return replace(item, table=replace(item.table, columns=columns))


def _column(column: Column, declared: str, required: bool) -> Column:
    logical = _logical_type(declared)
    if logical is None or logical == replace(column.logical_type, fixed_length=False):
        return replace(column, required=required)
    return replace(column, required=required, data_type=declared.upper(), logical_type=logical)


def _logical_type(declared: str) -> LogicalType | None:
    if declared in PLAIN:
        return LogicalType(PLAIN[declared])
    if found := SIZED.fullmatch(declared):
        size = int(found["first"])
        if found["name"] == "numeric":
            return LogicalType("DECIMAL", precision=size, scale=int(found["scale"] or 0))
        return LogicalType("STRING", length=size)
    return None
