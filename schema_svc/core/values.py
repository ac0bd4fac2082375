"""Values as text: whether a type holds them, and where they are on its line of values."""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from decimal import Context, Decimal, InvalidOperation

from schema_svc.core.model import LogicalType
from schema_svc.core.vocabulary import TypeKind

INTEGER_BITS: Mapping[TypeKind, int] = {TypeKind.INT16: 16, TypeKind.INT32: 32, TypeKind.INT64: 64}
FLOATS = frozenset({TypeKind.FLOAT32, TypeKind.FLOAT64})
NUMERIC = frozenset({*INTEGER_BITS, *FLOATS, TypeKind.DECIMAL})
MOMENTS = frozenset({TypeKind.DATE, TypeKind.TIMESTAMP, TypeKind.TIMESTAMP_TZ})
DIGITS = 18
"""Most digits of a number in a text column."""
_EXACT = Context(prec=80)
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}")
_BOOLEANS = frozenset({"true", "false", "t", "f", "yes", "no", "1", "0"})


class NoValue(ValueError):
    """The type does not hold the value; the text says why."""


def position(logical: LogicalType, text: str) -> Decimal | dt.datetime | dt.time | None:
    """Place of a bound among the values of a type that has an order; None for types without one."""
    reader = _READERS.get(logical.kind)
    if reader is None:
        return None
    try:
        return reader(logical, text.strip())
    except (ValueError, InvalidOperation, OverflowError) as error:
        raise (
            error if isinstance(error, NoValue) else NoValue(f"{text[:60]!r} is not a {_WHAT[logical.kind]}")
        ) from None


def refuse_misfit(logical: LogicalType, text: str) -> None:
    """Raise NoValue where a column of the type cannot hold the value."""
    kind = logical.kind
    if kind is TypeKind.STRING:
        if logical.length and len(text) > logical.length:
            raise NoValue(f"{text[:60]!r} has {len(text)} characters; {logical.length} fit")
    elif kind is TypeKind.BOOLEAN:
        if text.strip().lower() not in _BOOLEANS:
            raise NoValue(f"{text[:60]!r} is not true or false")
    elif kind is TypeKind.UUID:
        if not _UUID.fullmatch(text.strip()):
            raise NoValue(f"{text[:60]!r} is not a UUID")
    else:
        position(logical, text)


def whole_numbers(logical: LogicalType) -> range | None:
    """Whole numbers that an exact type, or a text column, holds."""
    if logical.kind in INTEGER_BITS:
        half = 1 << (INTEGER_BITS[logical.kind] - 1)
        return range(-half, half)
    if logical.kind is TypeKind.STRING:
        return range(10 ** min(logical.length or DIGITS, DIGITS))
    top = 10 ** (logical.precision - logical.scale)
    return range(1 - top, top) if logical.kind is TypeKind.DECIMAL else None


def _integer(logical: LogicalType, text: str) -> Decimal:
    number = _finite(text)
    whole = whole_numbers(logical)
    if whole and not whole[0] <= number <= whole[-1]:
        raise NoValue(f"{text[:60]} is outside the column's type, which holds {whole[0]} to {whole[-1]}")
    return number


def _decimal(logical: LogicalType, text: str) -> Decimal:
    number = _finite(text)
    if number.scaleb(logical.scale, _EXACT).copy_abs() >= 10**logical.precision:
        raise NoValue(f"{text[:60]} has more than {logical.precision - logical.scale} digits before the point")
    return number


def _real(_logical: LogicalType, text: str) -> Decimal:
    return _finite(text)


def _finite(text: str) -> Decimal:
    number = Decimal(text)
    if not number.is_finite():
        raise NoValue(f"{text[:60]!r} is not a finite number")
    return number


def _moment(_logical: LogicalType, text: str) -> dt.datetime:
    return read_moment(text)


def _time(_logical: LogicalType, text: str) -> dt.time:
    return dt.time.fromisoformat(text)


def read_moment(text: str) -> dt.datetime:
    """Read an ISO 8601 day or moment; without zone it is UTC."""
    moment = dt.datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


_Reader = Callable[[LogicalType, str], Decimal | dt.datetime | dt.time]
_READERS: Mapping[TypeKind, _Reader] = {
    **dict.fromkeys(INTEGER_BITS, _integer),
    **dict.fromkeys(FLOATS, _real),
    TypeKind.DECIMAL: _decimal,
    **dict.fromkeys(MOMENTS, _moment),
    TypeKind.TIME: _time,
}
_WHAT: Mapping[TypeKind, str] = {
    **dict.fromkeys(NUMERIC, "number"),
    **dict.fromkeys(MOMENTS, "date or moment; write ISO 8601, such as 2024-12-31"),
    TypeKind.TIME: "time of day; write ISO 8601, such as 23:59:59",
}
