"""DuckDB's SQL for names, values and units."""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from generator_svc.core.spec import LogicalType, TypeKind
from generator_svc.core.units import EXACT, MOMENTS

EPOCH = dt.datetime(1970, 1, 1)


def quoted(name: str) -> str:
    """Name of a table or column."""
    return '"' + name.replace('"', '""') + '"'


def listed(names: Iterable[str]) -> str:
    """Names with commas between."""
    return ", ".join(map(quoted, names))


def text_of(value: str) -> str:
    """Text as a literal."""
    return "'" + value.replace("'", "''") + "'"


def literal(value: Any) -> str:
    """Any value of a column as a literal."""
    match value:
        case None:
            return "NULL"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return f"CAST({text_of(repr(value))} AS DOUBLE)"
        case Decimal():
            return f"CAST({text_of(format(value, 'f'))} AS DECIMAL(38, {_scale(value)}))"
        case dt.datetime():
            return f"TIMESTAMP {text_of(value.replace(tzinfo=None).isoformat(sep=' '))}"
        case dt.date():
            return f"DATE {text_of(value.isoformat())}"
        case dt.time():
            return f"TIME {text_of(value.isoformat())}"
        case bytes():
            return f"from_hex({text_of(value.hex())})"
        case _:
            return text_of(str(value))


def unit_value(logical: LogicalType, units: int) -> Any:
    """Value that so many units of a type are."""
    if logical.kind is TypeKind.DECIMAL:
        return Decimal(units).scaleb(-logical.scale, EXACT)
    if logical.kind is TypeKind.DATE:
        return (EPOCH + dt.timedelta(days=units)).date()
    if logical.kind in MOMENTS:
        return EPOCH + dt.timedelta(microseconds=units)
    if logical.kind is TypeKind.TIME:
        return (EPOCH + dt.timedelta(microseconds=units)).time()
    return units


def countable(logical: LogicalType, name: str) -> str:
    """Column as something to compare with units' values: text as the number that its digits are."""
    return f"TRY_CAST({quoted(name)} AS HUGEINT)" if logical.kind is TypeKind.STRING else quoted(name)


def as_number(logical: LogicalType, name: str) -> str:
    """Column as a DOUBLE: days and microseconds since 1970 for moments."""
    column = quoted(name)
    if logical.kind is TypeKind.DATE:
        return f"CAST(date_diff('day', DATE '1970-01-01', {column}) AS DOUBLE)"
    if logical.kind in MOMENTS or logical.kind is TypeKind.TIME:
        return f"CAST({microseconds(logical, column)} AS DOUBLE)"
    return f"TRY_CAST({column} AS DOUBLE)"


def microseconds(logical: LogicalType, column: str) -> str:
    """Moment or time as microseconds, from 1970 or midnight."""
    if logical.kind is TypeKind.DATE:
        return f"epoch_us(CAST({column} AS TIMESTAMP))"
    return f"epoch_us({column})"


def _scale(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return -exponent if isinstance(exponent, int) and exponent < 0 else 0
