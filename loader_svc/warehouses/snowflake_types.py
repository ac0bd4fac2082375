"""Snowflake's types: how a logical type is declared, and the Arrow form in which its values are staged as Parquet.

| logical type        | declared                    | staged as                                                      |
|---------------------|-----------------------------|----------------------------------------------------------------|
| BOOLEAN             | BOOLEAN                     | bool                                                           |
| INT16, INT32, INT64 | SMALLINT, INTEGER, BIGINT   | integers; all three are NUMBER(38,0)                           |
| FLOAT32, FLOAT64    | FLOAT                       | doubles; infinities and NaN too                                |
| DECIMAL(p, s)       | NUMBER(p,s)                 | decimal128                                                     |
| STRING              | VARCHAR(n), VARCHAR         | text; one of more than n characters is refused                 |
| BINARY              | BINARY                      | bytes                                                          |
| DATE, TIME          | DATE, TIME                  | days, microseconds                                             |
| TIMESTAMP           | TIMESTAMP_NTZ               | microseconds                                                   |
| TIMESTAMP_TZ        | TIMESTAMP_TZ                | microseconds; UTC                                              |
| JSON                | VARIANT                     | text, made a document by PARSE_JSON                            |
| ARRAY, VECTOR       | ARRAY                       | text, likewise                                                 |
| UUID                | VARCHAR(36)                 | text                                                           |
| INTERVAL            | VARCHAR                     | text                                                           |
| GEOGRAPHY           | refused                     |                                                                |

Text that COPY brings into a VARIANT column by name would be a string there, not a document: it waits in a column of
text for PARSE_JSON.
"""

import pyarrow as pa
import pyarrow.compute as pc

from loader_svc.core.applying import refuse_other_names
from loader_svc.core.casting import cast_values
from loader_svc.core.document import Column, LogicalType, Table
from loader_svc.core.faults import SchemaMismatch, ValueOutOfRange
from loader_svc.core.naming import quoted

LONGEST_TEXT = 16_777_216
TEXT = "VARCHAR"
DECLARED = {
    "BOOLEAN": "BOOLEAN",
    "INT16": "SMALLINT",
    "INT32": "INTEGER",
    "INT64": "BIGINT",
    "FLOAT32": "FLOAT",
    "FLOAT64": "FLOAT",
    "BINARY": "BINARY",
    "DATE": "DATE",
    "TIME": "TIME",
    "TIMESTAMP": "TIMESTAMP_NTZ",
    "TIMESTAMP_TZ": "TIMESTAMP_TZ",
    "JSON": "VARIANT",
    "ARRAY": "ARRAY",
    "VECTOR": "ARRAY",
    "UUID": "VARCHAR(36)",
    "INTERVAL": TEXT,
}
SENT: dict[str, pa.DataType] = {
    "BOOLEAN": pa.bool_(),
    "INT16": pa.int16(),
    "INT32": pa.int32(),
    "INT64": pa.int64(),
    "FLOAT32": pa.float64(),
    "FLOAT64": pa.float64(),
    "BINARY": pa.binary(),
    "DATE": pa.date32(),
    "TIME": pa.time64("us"),
    "TIMESTAMP": pa.timestamp("us"),
    "TIMESTAMP_TZ": pa.timestamp("us", tz="UTC"),
}
PARSED = {"JSON": "PARSE_JSON({})", "ARRAY": "PARSE_JSON({})::ARRAY", "VECTOR": "PARSE_JSON({})::ARRAY"}
LONGEST_UUID = 36


def declared_type(table: str, column: Column) -> str:
    """Type to declare; refuses what has no faithful counterpart."""
    logical = column.logical_type
    if logical.kind == "DECIMAL":
        return f"NUMBER({logical.precision},{logical.scale})"
    if logical.kind == "STRING":
        return f"{TEXT}({logical.length})" if 0 < logical.length <= LONGEST_TEXT else TEXT
    if logical.kind not in DECLARED:
        raise SchemaMismatch(
            f"column {column.name!r} of table {table!r} is {column.data_type}, which is not loaded into Snowflake",
            hint="leave the column out, or load the experiment into SQLite",
            metadata={"table": table, "column": column.name},
        )
    return DECLARED[logical.kind]


def staged_type(table: str, column: Column) -> str:
    """Type of a column in the staging table."""
    return TEXT if is_parsed(column) else declared_type(table, column)


def is_parsed(column: Column) -> bool:
    """Whether a column's text becomes a document after COPY."""
    return column.logical_type.kind in PARSED


def value_sql(column: Column) -> str:
    """SQL of a staged column's final value."""
    name = quoted(column.target)
    return PARSED.get(column.logical_type.kind, "{}").format(name)


def sendable(rows: pa.Table, table: Table) -> pa.Table:
    """Put `rows` into the columns of `table`, in its order, in the form that is staged, under their target names."""
    refuse_other_names(table, rows.column_names)
    return pa.table({column.target: _sent(rows.column(column.name), column) for column in table.columns})


def _sent(values: pa.ChunkedArray, column: Column) -> pa.ChunkedArray:
    sent = cast_values(values, wanted_type(column.logical_type), column)
    _refuse_long(sent, column)
    return sent


def _refuse_long(values: pa.ChunkedArray, column: Column) -> None:
    logical = column.logical_type
    longest = LONGEST_UUID if logical.kind == "UUID" else logical.length if logical.kind == "STRING" else 0
    if longest and (pc.max(pc.utf8_length(values)).as_py() or 0) > longest:
        raise ValueOutOfRange(
            f"column {column.name!r}: a text is longer than its column", metadata={"column": column.name}
        )


def wanted_type(logical: LogicalType) -> pa.DataType:
    """Arrow type in which a column is staged."""
    if logical.kind == "DECIMAL":
        return pa.decimal128(logical.precision, logical.scale)
    return SENT.get(logical.kind, pa.string())
