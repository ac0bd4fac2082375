"""What the driver reads from PostgreSQL, as the Arrow types that the statement promised."""

import uuid
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from query_svc.core.faults import ExecutionFailed, NotTranslatable
from query_svc.core.types import MOST_DIGITS, NULL, STRING, Form, Kind, SqlType
from query_svc.warehouses.arrow_columns import arrow_type

_KINDS = {
    pa.bool_(): Kind.BOOLEAN,
    pa.int16(): Kind.INT16,
    pa.int32(): Kind.INT32,
    pa.int64(): Kind.INT64,
    pa.float32(): Kind.FLOAT32,
    pa.float64(): Kind.FLOAT64,
    pa.binary(): Kind.BINARY,
    pa.date32(): Kind.DATE,
    pa.time64("us"): Kind.TIME,
    pa.timestamp("us"): Kind.TIMESTAMP,
    pa.timestamp("us", tz="UTC"): Kind.TIMESTAMP_TZ,
    pa.null(): Kind.NULL,
}
_FARTHEST_DAYS = -12_687_428, 11_248_737
"""From 1970 to the first and last day that Arrow writes; what the driver read beyond its 64 bits is beyond them too."""
_MICROSECONDS = 86_400_000_000
_HEADER = 4
_SCALE_BITS, _SCALE_MASK = 16, 0x7FF


def settled(columns: tuple[tuple[str, SqlType], ...], schema: pa.Schema) -> tuple[tuple[str, SqlType], ...]:
    """Columns of a result; what the translation could not tell, the driver's schema tells."""
    if len(columns) != len(schema):
        columns = tuple((field.name, SqlType(Kind.UNKNOWN)) for field in schema)
    return tuple(
        (name, told(field) if kind.kind is Kind.UNKNOWN else kind)
        for (name, kind), field in zip(columns, schema, strict=True)
    )


def told(field: pa.Field) -> SqlType:
    """Type of a column as PostgreSQL tells it; a numeric without precision is text, so that no digit is lost."""
    metadata = field.metadata or {}
    name = metadata.get(b"POSTGRESQL:type", b"").decode()
    if name == "numeric":
        return _numeric(int(metadata.get(b"POSTGRESQL:typmod", b"-1")))
    if name in ("json", "jsonb"):
        return SqlType(Kind.JSON)
    if name == "uuid":
        return SqlType(Kind.UUID)
    kind = _KINDS.get(field.type)
    if kind is None and not pa.types.is_string(field.type):
        raise NotTranslatable(f"a result column of type {name or field.type}", hint="cast it, as in CAST(… AS TEXT)")
    return SqlType(kind) if kind else STRING


def _numeric(typmod: int) -> SqlType:
    if typmod < _HEADER:
        return STRING
    precision, scale = (typmod - _HEADER) >> _SCALE_BITS, (typmod - _HEADER) & _SCALE_MASK
    if precision > MOST_DIGITS or scale > precision:
        return STRING
    return SqlType(Kind.DECIMAL, precision=precision, scale=scale, form=Form.SCALED)


def converted(column: pa.Array, kind: SqlType, name: str) -> pa.Array:
    """Column of a batch as its promised type; a value that does not fit fails the statement."""
    wanted = arrow_type(kind)
    if kind == NULL:
        return pa.nulls(len(column), wanted)
    plain = column.storage if isinstance(column, pa.ExtensionArray) else column
    _refuse_far(plain, name)
    if plain.type == wanted:
        return plain
    try:
        if pa.types.is_fixed_size_binary(plain.type) and pa.types.is_string(wanted):
            return _uuids(plain)
        return plain.cast(wanted)
    except (pa.ArrowException, ValueError):
        raise ExecutionFailed(
            f"column {name!r} has a value that {kind} cannot hold",
            hint="the number is too large, or not a number: CAST the expression",
            metadata={"column": name},
        ) from None


def _refuse_far(column: pa.Array, name: str) -> None:
    """Refuse dates and timestamps that are infinite or of a year with six digits."""
    if pa.types.is_date32(column.type):
        per_day, whole = 1, column.view(pa.int32())
    elif pa.types.is_timestamp(column.type):
        per_day, whole = _MICROSECONDS, column.view(pa.int64())
    else:
        return
    first, last = (days * per_day for days in _FARTHEST_DAYS)
    bounds = pc.min_max(whole).as_py()
    if bounds["min"] is not None and not (first <= bounds["min"] and bounds["max"] < last + per_day):
        raise ExecutionFailed(
            f"column {name!r} has a date or timestamp that is infinite or too far away",
            hint="filter such rows, or CAST the expression to VARCHAR",
            metadata={"column": name},
        )


def _uuids(column: pa.Array) -> pa.Array:
    values: list[Any] = column.to_pylist()
    return pa.array([None if value is None else str(uuid.UUID(bytes=value)) for value in values], pa.string())
