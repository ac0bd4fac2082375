"""SQLite's values as Arrow columns, exactly: decimals from scaled integers, moments from text."""

from collections.abc import Callable, Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from query_svc.core.faults import ExecutionFailed
from query_svc.core.types import FLOAT64, INT64, STRING, Form, Kind, SqlType

Values = Sequence[Any]
_TYPES: dict[Kind, pa.DataType] = {
    Kind.NULL: pa.null(),
    Kind.BOOLEAN: pa.bool_(),
    Kind.INT16: pa.int16(),
    Kind.INT32: pa.int32(),
    Kind.INT64: pa.int64(),
    Kind.FLOAT32: pa.float32(),
    Kind.FLOAT64: pa.float64(),
    Kind.BINARY: pa.binary(),
    Kind.DATE: pa.date32(),
    Kind.TIME: pa.time64("us"),
    Kind.TIMESTAMP: pa.timestamp("us"),
    Kind.TIMESTAMP_TZ: pa.timestamp("us", tz="UTC"),
}
_EXACT_DOUBLE = float(2**53)
_DIGITS = Context(prec=76, rounding=ROUND_HALF_UP)
"""Room for every decimal that Arrow has; Python's own context ends at 28 digits."""


def arrow_type(kind: SqlType) -> pa.DataType:
    """Arrow type of a column; whatever has none of its own is text."""
    if kind.is_decimal:
        return pa.decimal128(kind.precision, kind.scale)
    return _TYPES.get(kind.kind, pa.string())


def arrow_column(values: Values, kind: SqlType, name: str) -> pa.Array:
    """Arrow array of a column's values; one that does not fit its type fails the statement."""
    build = _decimal_builder(kind) if kind.is_decimal else _BUILDERS.get(kind.kind, _plain)
    try:
        return build(values, kind)
    except (pa.ArrowException, ValueError, TypeError, ArithmeticError):
        raise ExecutionFailed(
            f"column {name!r} has a value that {kind} cannot hold",
            hint="the number is too large, or of another kind: CAST the expression",
            metadata={"column": name},
        ) from None


def settle(values: Values) -> SqlType:
    """Type of a column that only its first values can tell."""
    kinds = {type(value) for value in values if value is not None}
    if kinds and kinds <= {int}:
        return INT64
    if kinds and kinds <= {int, float}:
        return FLOAT64
    return SqlType(Kind.BINARY) if kinds == {bytes} else STRING


def _plain(values: Values, kind: SqlType) -> pa.Array:
    return pa.array(values, arrow_type(kind))


def _text(values: Values, _kind: SqlType) -> pa.Array:
    return pa.array([v if v is None or isinstance(v, str) else str(v) for v in values], pa.string())


def _integer(values: Values, kind: SqlType) -> pa.Array:
    """Integers; a float among them is one that SQLite could not hold any longer."""
    if float in set(map(type, values)):
        raise ValueError("overflow")
    return pa.array(values, arrow_type(kind))


def _boolean(values: Values, _kind: SqlType) -> pa.Array:
    return pa.array(values, pa.int64()).cast(pa.bool_())


def _from_text(values: Values, kind: SqlType) -> pa.Array:
    return pa.array(values, pa.string()).cast(arrow_type(kind))


def _time(values: Values, kind: SqlType) -> pa.Array:
    """Times of day; Arrow reads none from text, but moments of any day."""
    moments = [None if v is None else f"1970-01-01 {v}" for v in values]
    return pa.array(moments, pa.string()).cast(pa.timestamp("us")).cast(arrow_type(kind))


def _instant(values: Values, _kind: SqlType) -> pa.Array:
    return pa.array(values, pa.string()).cast(pa.timestamp("us")).cast(pa.timestamp("us", tz="UTC"))


def _decimal_builder(kind: SqlType) -> Callable[[Values, SqlType], pa.Array]:
    return {
        Form.SCALED: _scaled_decimal,
        Form.DOUBLE: _double_decimal,
        Form.MIXED: _mixed_decimal,
        Form.ROUGH: _rough_decimal,
    }[kind.form]


def _scaled_decimal(values: Values, kind: SqlType) -> pa.Array:
    return _reinterpreted(_integer(values, INT64), kind)


def _reinterpreted(whole: pa.Array, kind: SqlType) -> pa.Array:
    """Read 128-bit integers as decimals of another scale, without touching a value."""
    wide = whole.cast(pa.decimal128(19, 0))
    return pa.Array.from_buffers(arrow_type(kind), len(wide), wide.buffers(), wide.null_count, wide.offset)


def _double_decimal(values: Values, kind: SqlType) -> pa.Array:
    doubles = pa.array(values, pa.float64())
    whole = pc.round(pc.multiply(doubles, float(10**kind.scale)))
    largest = pc.max(pc.abs(whole)).as_py() or 0.0
    if largest >= _EXACT_DOUBLE:
        raise ValueError("more digits than a double holds")
    return _reinterpreted(whole.cast(pa.int64()), kind)


def _mixed_decimal(values: Values, kind: SqlType) -> pa.Array:
    places = Decimal(1).scaleb(-kind.scale)
    return pa.array([None if v is None else _DIGITS.quantize(_shown(v), places) for v in values], arrow_type(kind))


def _shown(value: float | int | str) -> Decimal:
    return Decimal(repr(value)) if isinstance(value, float) else Decimal(value)


def _rough_decimal(values: Values, kind: SqlType) -> pa.Array:
    places = Decimal(1).scaleb(-kind.scale)
    made = [None if v is None else _DIGITS.quantize(_shown(v), places) for v in values]
    return pa.array(made, arrow_type(kind))


_BUILDERS: dict[Kind, Callable[[Values, SqlType], pa.Array]] = {
    Kind.INT16: _integer,
    Kind.INT32: _integer,
    Kind.INT64: _integer,
    Kind.BOOLEAN: _boolean,
    Kind.DATE: _from_text,
    Kind.TIME: _time,
    Kind.TIMESTAMP: _from_text,
    Kind.TIMESTAMP_TZ: _instant,
    Kind.FLOAT32: _plain,
    Kind.FLOAT64: _plain,
    Kind.BINARY: _plain,
    Kind.NULL: _plain,
    **dict.fromkeys(
        [Kind.STRING, Kind.JSON, Kind.UUID, Kind.ARRAY, Kind.INTERVAL, Kind.GEOGRAPHY, Kind.VECTOR, Kind.UNKNOWN], _text
    ),
}
