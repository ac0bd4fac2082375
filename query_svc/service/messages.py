"""Messages from the service's own values."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
from dwsim.common.v1 import failure_pb2, logical_type_pb2, sql_dialect_pb2, warehouse_pb2
from dwsim.query.v1 import catalog_pb2, query_pb2, query_service_pb2, result_pb2, scratch_pb2, translation_pb2
from google.protobuf import struct_pb2

from query_svc.core.catalog import Column, Place, Table
from query_svc.core.records import Failure, QueryRecord
from query_svc.core.rules.targets import native_dialect
from query_svc.core.scratches import Scratch
from query_svc.core.texts import texts
from query_svc.core.translate import Translation
from query_svc.core.types import Kind, SqlType

_SAFE_INTEGER = 2**53
_INTEGERS = (Kind.INT64, Kind.UNKNOWN)
_AS_TEXT = (Kind.BINARY, Kind.TIME)


def dialect_value(name: str) -> sql_dialect_pb2.SqlDialect.Name.ValueType:
    """Enum value of a dialect; unspecified where the contract has none, as with a query that was refused for it."""
    known = name.upper() in sql_dialect_pb2.SqlDialect.Name.keys()  # noqa: SIM118  # an enum wrapper, not a mapping
    return sql_dialect_pb2.SqlDialect.Name.Value(name.upper() if known else "NAME_UNSPECIFIED")


def dialect_name(value: int) -> str:
    """Name of a dialect; empty where none is named, the number where the contract has none."""
    if value not in sql_dialect_pb2.SqlDialect.Name.values():
        return str(value)
    name = sql_dialect_pb2.SqlDialect.Name.Name(sql_dialect_pb2.SqlDialect.Name.ValueType(value))
    return "" if name == "NAME_UNSPECIFIED" else name.lower()


def warehouse_value(name: str) -> warehouse_pb2.Warehouse.Kind.ValueType:
    """Enum value of a warehouse."""
    return warehouse_pb2.Warehouse.Kind.Value(name or "KIND_UNSPECIFIED")


def logical_type_message(kind: SqlType) -> logical_type_pb2.LogicalType:
    """Type without its form in the warehouse."""
    name = "STRING" if kind.kind in (Kind.NULL, Kind.UNKNOWN) else kind.kind.value
    return logical_type_pb2.LogicalType(
        kind=logical_type_pb2.LogicalType.Kind.Value(name),
        precision=kind.precision,
        scale=kind.scale,
        length=kind.length,
        fixed_length=kind.fixed_length,
    )


def result_columns(columns: Sequence[tuple[str, SqlType]]) -> list[result_pb2.ResultColumn]:
    """Columns of a result."""
    return [
        result_pb2.ResultColumn(name=name, data_type=str(kind), logical_type=logical_type_message(kind))
        for name, kind in columns
    ]


def translation_message(made: Translation) -> translation_pb2.Translation:
    """Translation of a statement."""
    return translation_pb2.Translation(
        sql=made.sql,
        dialect=dialect_value(made.dialect),
        translated_sql=made.translated_sql,
        target_dialect=dialect_value(made.target_dialect or native_dialect(made.warehouse)),
        verdict=translation_pb2.Translation.Verdict.Value(made.verdict.value),
        rules=made.rules,
        notes=made.notes,
    )


def failure_message(failure: Failure) -> failure_pb2.Failure:
    """Why a query ended badly."""
    return failure_pb2.Failure(reason=failure.reason, message=failure.message, hint=failure.hint)


def query_message(record: QueryRecord) -> query_pb2.Query:
    """A query of the history."""
    message = query_pb2.Query(
        query_id=record.query_id,
        experiment=record.experiment,
        sql=record.sql,
        dialect=dialect_value(record.dialect),
        warehouse=warehouse_value(record.warehouse),
        verdict=translation_pb2.Translation.Verdict.Value(record.verdict or "VERDICT_UNSPECIFIED"),
        state=query_pb2.Query.State.Value(record.state.value),
        rows=record.rows,
        bytes=record.bytes,
        total_ms=record.total_ms,
        failure=failure_message(record.failure) if record.failure else None,
        client=record.client,
    )
    message.start_time.FromDatetime(datetime.fromtimestamp(record.started, UTC))
    return message


def table_message(place: Place, table: Table) -> catalog_pb2.CatalogTable:
    """A table that can be queried."""
    return catalog_pb2.CatalogTable(
        experiment=place.experiment,
        name=table.name,
        rows=table.rows,
        column_count=len(table.columns),
        warehouse=warehouse_value(place.warehouse),
    )


def scratch_message(scratch: Scratch, idle_seconds: float) -> scratch_pb2.Scratch:
    """A scratch and what is in it."""
    place = replace(scratch.place, experiment=scratch.experiment)
    message = scratch_pb2.Scratch(
        name=scratch.name,
        experiment=scratch.experiment,
        warehouse=warehouse_value(scratch.warehouse),
        tables=[table_message(place, table) for table in sorted(scratch.tables, key=lambda table: table.name)],
        views=sorted(view.name for view in scratch.views),
    )
    message.create_time.FromDatetime(datetime.fromtimestamp(scratch.created, UTC))
    message.use_time.FromDatetime(datetime.fromtimestamp(scratch.used, UTC))
    message.expire_time.FromDatetime(datetime.fromtimestamp(scratch.used + idle_seconds, UTC))
    return message


def described(place: Place, table: Table) -> query_service_pb2.DescribeTableResponse:
    """A table as the user's DDL declared it."""
    return query_service_pb2.DescribeTableResponse(
        table=table_message(place, table),
        columns=[_column(column, table) for column in table.columns],
        properties=dict(table.properties),
    )


def _column(column: Column, table: Table) -> catalog_pb2.CatalogColumn:
    return catalog_pb2.CatalogColumn(
        name=column.name,
        data_type=column.declared,
        logical_type=logical_type_message(column.type),
        nullable=not column.required,
        primary_key=column.name in table.primary_key,
    )


def json_rows(
    rows: pa.RecordBatch | pa.Table, columns: Sequence[tuple[str, SqlType]]
) -> Iterator[struct_pb2.ListValue]:
    """Rows as JSON values: decimals, moments and integers beyond 2^53 are text, bytes are base64."""
    values = [_json_column(rows.column(place), kind) for place, (_, kind) in enumerate(columns)]
    for row in zip(*values, strict=True):
        message = struct_pb2.ListValue()
        message.extend(row)
        yield message


def _json_column(column: pa.Array | pa.ChunkedArray, kind: SqlType) -> list[Any]:
    write = _writer(kind)
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    if kind.is_decimal or kind.is_moment or kind.kind in _AS_TEXT:
        return list(texts(column, kind).to_pylist())
    values: list[Any] = column.to_pylist()
    return values if write is None else [None if value is None else write(value) for value in values]


def _writer(kind: SqlType) -> Callable[[Any], Any] | None:
    if kind.is_float:
        return _finite
    if kind.kind in _INTEGERS:
        return lambda value: str(value) if isinstance(value, int) and abs(value) > _SAFE_INTEGER else value
    return None


def _finite(value: float) -> float | str:
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
