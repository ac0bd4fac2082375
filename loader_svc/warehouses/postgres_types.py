"""PostgreSQL's types: how a logical type is declared, and the Arrow form in which its values are sent.

| logical type                 | declared                       | sent as                                          |
|------------------------------|--------------------------------|--------------------------------------------------|
| BOOLEAN                      | boolean                        | bool                                             |
| INT16, INT32, INT64          | smallint, integer, bigint      | integers                                         |
| FLOAT32, FLOAT64             | real, double precision         | floats; infinities and NaN too                   |
| DECIMAL(p, s)                | numeric(p,s)                   | decimal128                                       |
| STRING                       | varchar(n), char(n), text      | text; the character NUL is refused               |
| BINARY                       | bytea                          | bytes                                            |
| DATE, TIME                   | date, time                     | days, microseconds                               |
| TIMESTAMP, TIMESTAMP_TZ      | timestamp, timestamptz         | microseconds; UTC                                |
| JSON, ARRAY, VECTOR          | jsonb                          | JSON text                                        |
| UUID                         | uuid                           | 16 bytes                                         |
| INTERVAL                     | interval                       | text, which PostgreSQL reads once all is staged  |
| GEOGRAPHY                    | refused                        |                                                  |

jsonb, not json: SUPER values compare, group and count as distinct.
"""

import pyarrow as pa
import pyarrow.compute as pc

from loader_svc.core.applying import refuse_other_names
from loader_svc.core.casting import cast_values
from loader_svc.core.document import Column, LogicalType, Table
from loader_svc.core.faults import SchemaMismatch, ValueOutOfRange
from loader_svc.warehouses.postgres_copy import JSON

LONGEST_TEXT = 10_485_760
UUID_BYTES, UUID_DIGITS = 16, 32
DECLARED = {
    "BOOLEAN": "boolean",
    "INT16": "smallint",
    "INT32": "integer",
    "INT64": "bigint",
    "FLOAT32": "real",
    "FLOAT64": "double precision",
    "BINARY": "bytea",
    "DATE": "date",
    "TIME": "time",
    "TIMESTAMP": "timestamp",
    "TIMESTAMP_TZ": "timestamptz",
    "JSON": "jsonb",
    "ARRAY": "jsonb",
    "VECTOR": "jsonb",
    "UUID": "uuid",
    "INTERVAL": "interval",
}
SENT: dict[str, pa.DataType] = {
    "BOOLEAN": pa.bool_(),
    "INT16": pa.int16(),
    "INT32": pa.int32(),
    "INT64": pa.int64(),
    "FLOAT32": pa.float32(),
    "FLOAT64": pa.float64(),
    "STRING": pa.string(),
    "BINARY": pa.binary(),
    "DATE": pa.date32(),
    "TIME": pa.time64("us"),
    "TIMESTAMP": pa.timestamp("us"),
    "TIMESTAMP_TZ": pa.timestamp("us", tz="UTC"),
}
AS_JSON = frozenset({"JSON", "ARRAY", "VECTOR"})


def declared_type(table: str, column: Column) -> str:
    """Type to declare; refuses what PostgreSQL has no type for."""
    logical = column.logical_type
    if logical.kind == "DECIMAL":
        return f"numeric({logical.precision},{logical.scale})"
    if logical.kind == "STRING":
        return _text_type(logical)
    if logical.kind not in DECLARED:
        raise SchemaMismatch(
            f"column {column.name!r} of table {table!r} is {column.data_type}, a type that Redshift's stand-in lacks",
            hint="leave the column out, or load the experiment into SQLite",
            metadata={"table": table, "column": column.name},
        )
    return DECLARED[logical.kind]


def _text_type(logical: LogicalType) -> str:
    if not 0 < logical.length <= LONGEST_TEXT:
        return "text"
    return f"char({logical.length})" if logical.fixed_length else f"varchar({logical.length})"


def sent_later(column: Column) -> bool:
    """Whether a column is staged as text, because PostgreSQL alone can read it."""
    return column.logical_type.kind == "INTERVAL"


def sendable(rows: pa.Table, table: Table) -> pa.Table:
    """Put `rows` into the columns of `table`, in its order, in the form that is sent, under their target names."""
    refuse_other_names(table, rows.column_names)
    sent = [_sent(rows.column(column.name), column) for column in table.columns]
    fields = [_field(column, values.type) for column, values in zip(table.columns, sent, strict=True)]
    return pa.table(sent, schema=pa.schema(fields))


def _field(column: Column, arrow: pa.DataType) -> pa.Field:
    return pa.field(column.target, arrow, metadata={b"is": JSON} if column.logical_type.kind in AS_JSON else None)


def _sent(values: pa.ChunkedArray, column: Column) -> pa.ChunkedArray:
    logical = column.logical_type
    if logical.kind == "UUID":
        return pa.chunked_array([_uuid_bytes(chunk, column) for chunk in values.chunks], pa.binary(UUID_BYTES))
    return cast_values(values, _wanted(logical), column)


def _wanted(logical: LogicalType) -> pa.DataType:
    if logical.kind == "DECIMAL":
        return pa.decimal128(logical.precision, logical.scale)
    return SENT.get(logical.kind, pa.string())


def _uuid_bytes(values: pa.Array, column: Column) -> pa.Array:
    """Read UUIDs as text into 16 bytes each."""
    digits = pc.fill_null(pc.replace_substring(pc.cast(values, pa.string()), "-", ""), "0" * UUID_DIGITS)
    try:
        content = bytes.fromhex("".join(digits.to_pylist()))
        if len(content) != UUID_BYTES * len(values):
            raise ValueError
    except ValueError:
        raise ValueOutOfRange(
            f"column {column.name!r} is {column.data_type} and a staged value is no UUID",
            metadata={"column": column.name},
        ) from None
    whole = pa.FixedSizeBinaryArray.from_buffers(pa.binary(UUID_BYTES), len(values), [None, pa.py_buffer(content)])
    return pc.if_else(pc.is_valid(values), whole, pa.scalar(None, pa.binary(UUID_BYTES)))
