"""Numbers and moments as whole units of a type: parsing bounds, the range of a type, default ranges.

A unit is 1 for integers, 10^-scale for decimals, a day since 1970 for dates, a microsecond for times and timestamps.
"""

import datetime as dt
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal, InvalidOperation
from typing import Final

from dwsim_wire.fault import InvalidArgument
from generator_svc.core.spec import LogicalType, TypeKind

SECOND: Final = 1_000_000
DAY: Final = 86_400 * SECOND
HISTORY_DAYS: Final = 730
DEFAULT_TOP: Final = 10_000

_EPOCH = dt.date(1970, 1, 1)
_FIRST_DAY = (dt.date.min - _EPOCH).days
LAST_DAY: Final = (dt.date.max - _EPOCH).days
EXACT: Final = Context(prec=80)
_INTEGER_BITS = {TypeKind.INT16: 16, TypeKind.INT32: 32, TypeKind.INT64: 64}
MOMENTS: Final = frozenset({TypeKind.TIMESTAMP, TypeKind.TIMESTAMP_TZ})
LATTICES: Final = frozenset({*_INTEGER_BITS, TypeKind.DECIMAL, TypeKind.DATE, TypeKind.TIME, *MOMENTS})


@dataclass(frozen=True, slots=True)
class Range:
    """Values low, low + step, … up to high, in units."""

    low: int
    high: int
    step: int = 1

    @property
    def size(self) -> int:
        """Number of values."""
        return (self.high - self.low) // self.step + 1


def type_range(logical: LogicalType) -> Range:
    """All values of a type."""
    match logical.kind:
        case TypeKind.INT16 | TypeKind.INT32 | TypeKind.INT64:
            half = 1 << (_INTEGER_BITS[logical.kind] - 1)
            return Range(-half, half - 1)
        case TypeKind.DECIMAL:
            top = 10**logical.precision - 1
            return Range(-top, top)
        case TypeKind.DATE:
            return Range(_FIRST_DAY, LAST_DAY)
        case TypeKind.TIME:
            return Range(0, DAY - 1)
        case TypeKind.STRING:
            top = 10 ** min(logical.length or 18, 18) - 1
            return Range(0, top)
        case _:
            return Range(_FIRST_DAY * DAY, (LAST_DAY + 1) * DAY - 1)


def default_range(logical: LogicalType, as_of: dt.date) -> Range:
    """Values of a column that nobody described: 0 to 10,000, or the two years before `as_of`."""
    whole = type_range(logical)
    last_day = days(as_of) - 1
    match logical.kind:
        case TypeKind.DATE:
            return Range(last_day - HISTORY_DAYS + 1, last_day)
        case TypeKind.TIME:
            return Range(0, DAY - SECOND, SECOND)
        case TypeKind.TIMESTAMP | TypeKind.TIMESTAMP_TZ:
            return Range((last_day - HISTORY_DAYS + 1) * DAY, (last_day + 1) * DAY - SECOND, SECOND)
        case TypeKind.DECIMAL:
            return Range(0, min(DEFAULT_TOP * 10**logical.scale, whole.high))
        case _:
            return Range(0, min(DEFAULT_TOP, whole.high))


def days(day: dt.date) -> int:
    """Days since 1970-01-01."""
    return (day - _EPOCH).days


def units_of(logical: LogicalType, text: str, *, up: bool) -> int:
    """Read a bound or value as units, rounding inwards: up for a lower bound, down for an upper one."""
    try:
        return _units_of(logical, text.strip(), up=up)
    except (ValueError, InvalidOperation, OverflowError) as error:
        raise InvalidArgument(
            f"{text!r} is not a value of {logical.kind.value}",
            hint="write numbers as decimal text, dates as 2026-01-31, moments as 2026-01-31T23:59:59",
        ) from error


def _units_of(logical: LogicalType, text: str, *, up: bool) -> int:
    match logical.kind:
        case TypeKind.DATE:
            return days(dt.datetime.fromisoformat(text).date())
        case TypeKind.TIME:
            return _microseconds(dt.datetime.combine(_EPOCH, dt.time.fromisoformat(text)))
        case TypeKind.TIMESTAMP | TypeKind.TIMESTAMP_TZ:
            whole_day = _is_day(text)
            return _microseconds(dt.datetime.fromisoformat(text)) + (0 if up or not whole_day else DAY - SECOND)
        case _:
            scaled = Decimal(text).scaleb(logical.scale, EXACT)
            return int(scaled.to_integral_value(ROUND_CEILING if up else ROUND_FLOOR, EXACT))


def _is_day(text: str) -> bool:
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _microseconds(moment: dt.datetime) -> int:
    naive = moment if moment.tzinfo is None else moment.astimezone(dt.UTC).replace(tzinfo=None)
    return (naive - dt.datetime(1970, 1, 1)) // dt.timedelta(microseconds=1)
