"""What Snowflake's connector reads, as the Arrow types that the statement promised."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from query_svc.core.faults import ExecutionFailed
from query_svc.core.types import (
    BOOLEAN,
    DATE,
    FLOAT64,
    INT64,
    STRING,
    TIME,
    TIMESTAMP,
    TIMESTAMP_TZ,
    Form,
    Kind,
    SqlType,
)
from query_svc.warehouses.arrow_columns import arrow_type

Columns = tuple[tuple[str, SqlType], ...]
FIXED = 0
LONGEST_INTEGER = 18
_JSON = SqlType(Kind.JSON)
_KINDS: dict[int, SqlType] = {
    1: FLOAT64,
    2: STRING,
    3: DATE,
    4: TIMESTAMP,
    5: _JSON,
    6: TIMESTAMP_TZ,
    7: TIMESTAMP_TZ,
    8: TIMESTAMP,
    9: _JSON,
    10: _JSON,
    11: SqlType(Kind.BINARY),
    12: TIME,
    13: BOOLEAN,
}
"""By the connector's type codes."""


def settled(columns: Columns, description: Sequence[Any], *, stand_in: bool) -> Columns:
    """Columns of a result; what the translation could not tell, the server tells."""
    if len(columns) != len(description):
        columns = tuple((item.name, SqlType(Kind.UNKNOWN)) for item in description)
    return tuple(
        (name, _told(item, stand_in) if kind.kind is Kind.UNKNOWN else kind)
        for (name, kind), item in zip(columns, description, strict=True)
    )


def _told(item: Any, stand_in: bool) -> SqlType:
    """Type of a column as the server tells it; the emulator keeps every NUMBER(38,0) in 64 bits."""
    if item.type_code != FIXED:
        return _KINDS.get(item.type_code, STRING)
    precision, scale = item.precision or 38, item.scale or 0
    if scale == 0 and (precision <= LONGEST_INTEGER or stand_in):
        return INT64
    return SqlType(Kind.DECIMAL, precision=precision, scale=scale, form=Form.SCALED)


def schema_of(columns: Columns) -> pa.Schema:
    """Arrow schema of settled columns."""
    return pa.schema([pa.field(name, arrow_type(kind)) for name, kind in columns])


def converted(table: pa.Table, columns: Columns) -> pa.Table:
    """Table of a result as its promised types; a value that does not fit fails the statement."""
    arrays = [_column(table.column(place), kind, name) for place, (name, kind) in enumerate(columns)]
    return pa.Table.from_arrays(arrays, schema=schema_of(columns))


def _column(column: pa.ChunkedArray, kind: SqlType, name: str) -> pa.ChunkedArray:
    wanted = arrow_type(kind)
    if kind.kind is Kind.NULL:
        return pa.chunked_array([pa.nulls(len(column), wanted)])
    try:
        return column if column.type == wanted else column.cast(wanted)
    except (pa.ArrowException, ValueError):
        raise ExecutionFailed(
            f"column {name!r} has a value that {kind} cannot hold",
            hint="it is too large, or finer than a microsecond: CAST the expression, as in x::TIMESTAMP_NTZ(6)",
            metadata={"column": name},
        ) from None
