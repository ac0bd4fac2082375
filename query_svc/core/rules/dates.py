"""Dates: by boundaries crossed, by Mondays, by the part names of the user's warehouse.

Stored text has fixed places (`2024-12-31 23:59:59`), so that most parts are read with SUBSTR, not with a parser.
"""

from collections.abc import Callable

from sqlglot import exp

from query_svc.core import values
from query_svc.core.faults import NotTranslatable
from query_svc.core.rules.casts import moment
from query_svc.core.rules.coerce import coerce
from query_svc.core.rules.context import Context, call, cast, lower, lowers, mistake, number, op, text, type_of, typed
from query_svc.core.rules.overflow import bounded
from query_svc.core.types import DATE, FLOAT64, INT32, INT64, NULL, TIMESTAMP, TIMESTAMP_TZ, Kind, SqlType

_SPELLINGS = {
    "year": "y yr yrs years yyyy",
    "quarter": "qtr qtrs quarters q",
    "month": "mon mons months mm",
    "week": "w weeks wk weekofyear",
    "day": "d days dd dayofmonth",
    "hour": "h hr hrs hours hh",
    "minute": "m min mins minutes mi",
    "second": "s sec secs seconds ss",
    "millisecond": "ms msec msecs msecond mseconds millisec millisecs milliseconds",
    "microsecond": "microsec microsecs microseconds usecond useconds us usec usecs",
    "dow": "dayofweek dw weekday day_of_week",
    "doy": "dayofyear dy yearday day_of_year",
    "epoch": "epoch_second epoch_seconds",
}
PARTS = {word: part for part, words in _SPELLINGS.items() for word in (part, *words.split())}
_PIECES = {"year": (1, 4), "month": (6, 2), "day": (9, 2), "hour": (12, 2), "minute": (15, 2), "second": (18, 2)}
CLOCK = ("hour", "minute", "second", "millisecond", "microsecond")
_PREFIX = {"year": (4, "-01-01"), "month": (7, "-01"), "day": (10, "")}
CLOCK_PREFIX = {"hour": (13, ":00:00"), "minute": (16, ":00"), "second": (19, "")}


def part_of(node: exp.Expr, where: str) -> str:
    """Name of a date part, written bare or as a literal, in full or abbreviated."""
    written = node.name.lower()
    if part := PARTS.get(written):
        return part
    raise NotTranslatable(
        f"{where} by {written!r}",
        hint="use year, quarter, month, week, day, hour, minute, second, millisecond or microsecond",
    )


def piece(node: exp.Expr, part: str) -> exp.Expr:
    """Integer of a part that stands at fixed places."""
    start, length = _PIECES[part]
    return cast(call("SUBSTR", node, number(start), number(length)), "INTEGER")


@lowers(exp.CurrentDate)
def _current_date(_node: exp.CurrentDate, _cx: Context) -> exp.Expr:
    return typed(call("dw_today"), DATE)


@lowers(exp.CurrentTimestamp)
def _current_timestamp(node: exp.CurrentTimestamp, _cx: Context) -> exp.Expr:
    return typed(call("dw_now"), TIMESTAMP if node.args.get("sysdate") else TIMESTAMP_TZ)


@lowers(exp.Extract)
def _extract(node: exp.Extract, cx: Context) -> exp.Expr:
    part = part_of(node.this, "EXTRACT")
    value = moment(lower(node.expression, cx), "EXTRACT")
    if cx.dialect.name == "postgres" and part in ("second", "epoch"):
        return typed(call("dw_seconds", value, text(part)), FLOAT64)
    if part == "epoch":
        return bounded(typed(extracted(value, part), INT64), 10**12)
    return bounded(typed(extracted(value, part), INT32), 10**6)


def extracted(value: exp.Expr, part: str) -> exp.Expr:
    """Integer part of a moment."""
    if part in CLOCK and type_of(value).kind is Kind.DATE:
        return number(0)
    if part in _PIECES:
        return piece(value, part)
    if part == "quarter":
        return op(exp.Div, exp.Paren(this=op(exp.Add, piece(value, "month"), number(2))), number(3))
    if part in ("dow", "doy", "epoch"):
        form = {"dow": "%w", "doy": "%j", "epoch": "%s"}[part]
        return cast(call("STRFTIME", text(form), value), "INTEGER")
    return call("dw_part", text(part), value)


def date_part(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """DATE_PART(part, moment): a double; seconds come with their fraction."""
    part = part_of(args[0], "DATE_PART")
    value = moment(lower(args[1], cx), "DATE_PART")
    if cx.dialect.folds_upper:
        return typed(extracted(value, part), INT64)
    if part in ("second", "epoch"):
        return typed(call("dw_seconds", value, text(part)), FLOAT64)
    return typed(cast(extracted(value, part), "REAL"), FLOAT64)


def date_trunc(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """DATE_TRUNC(part, moment)."""
    part = part_of(args[0], "DATE_TRUNC")
    value = moment(lower(args[1], cx), "DATE_TRUNC")
    have = type_of(value)
    if have == NULL:
        return value
    cx.used("date_trunc_by_text")
    day = _truncated(value, part, is_date=have.kind is Kind.DATE)
    if cx.dialect.folds_upper and have.kind is Kind.DATE:
        return typed(call("SUBSTR", day, number(1), number(10)), DATE)
    to = TIMESTAMP_TZ if have.kind is Kind.DATE and cx.dialect.name == "postgres" else TIMESTAMP
    return typed(day, have if have.kind is not Kind.DATE else to)


def _truncated(value: exp.Expr, part: str, *, is_date: bool) -> exp.Expr:
    if part in _PREFIX:
        length, rest = _PREFIX[part]
        return _join(call("SUBSTR", value, number(1), number(length)), rest + " 00:00:00")
    if part == "quarter":
        place = op(exp.Add, number(1), op(exp.Mul, number(2), _months_before(value)))
        month = call("SUBSTR", text("01040710"), place, number(2))
        return _join(op(exp.DPipe, call("SUBSTR", value, number(1), number(5)), month), "-01 00:00:00")
    if part == "week":
        return _join(call("DATE", value, text("weekday 0"), text("-6 days")), " 00:00:00")
    if is_date:
        return _join(value, " 00:00:00")
    if part in CLOCK_PREFIX:
        length, rest = CLOCK_PREFIX[part]
        return _join(call("SUBSTR", value, number(1), number(length)), rest)
    return call("dw_trunc", text(part), value)


def _months_before(value: exp.Expr) -> exp.Expr:
    return op(exp.Div, exp.Paren(this=op(exp.Sub, piece(value, "month"), number(1))), number(3))


def _join(left: exp.Expr, right: str) -> exp.Expr:
    return op(exp.DPipe, left, text(right)) if right else left


def date_diff(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """DATEDIFF(part, start, end): boundaries of the part that lie between, not elapsed time."""
    part = part_of(args[0], "DATEDIFF")
    start, end = (moment(lower(arg, cx), "DATEDIFF") for arg in args[1:3])
    if NULL in (type_of(start), type_of(end)):
        return typed(exp.Null(), INT64)
    cx.used("datediff_by_boundaries")
    if part in CLOCK:
        start, end = coerce(start, TIMESTAMP, cx), coerce(end, TIMESTAMP, cx)
    if part not in _ORDINALS:
        if part == "week" and not cx.dialect.folds_upper:
            raise NotTranslatable("DATEDIFF by week", "the first day of a week is not settled", hint="divide days by 7")
        return typed(call("dw_datediff", text(part), start, end), INT64)
    ordinal = _ORDINALS[part]
    return typed(op(exp.Sub, ordinal(end), ordinal(start)), INT64)


def _day_number(value: exp.Expr) -> exp.Expr:
    day = value if type_of(value).kind is Kind.DATE else call("SUBSTR", value, number(1), number(10))
    return cast(op(exp.Add, call("JULIANDAY", day), number("0.5")), "INTEGER")


def _month_number(value: exp.Expr) -> exp.Expr:
    return op(exp.Add, op(exp.Mul, piece(value, "year"), number(12)), piece(value.copy(), "month"))


def _quarter_number(value: exp.Expr) -> exp.Expr:
    return op(exp.Add, op(exp.Mul, piece(value, "year"), number(4)), _months_before(value.copy()))


def _clock_number(seconds: int) -> Callable[[exp.Expr], exp.Expr]:
    def ordinal(value: exp.Expr) -> exp.Expr:
        # counted from year 0, so that the division never truncates a negative number
        since = op(exp.Add, cast(call("STRFTIME", text("%s"), value), "INTEGER"), number(62_167_219_200))
        return op(exp.Div, since, number(seconds))

    return ordinal


_ORDINALS: dict[str, Callable[[exp.Expr], exp.Expr]] = {
    "year": lambda value: piece(value, "year"),
    "quarter": _quarter_number,
    "month": _month_number,
    "day": _day_number,
    "hour": _clock_number(3600),
    "minute": _clock_number(60),
    "second": _clock_number(1),
}


def date_add(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """DATEADD(part, n, moment)."""
    part = part_of(args[0], "DATEADD")
    if part in ("dow", "doy", "epoch"):
        raise NotTranslatable(f"DATEADD by {part}", hint="add days")
    count = lower(args[1], cx)
    if type_of(count).literal:
        count = coerce(count, INT64, cx)
    if not (type_of(count).is_integer or type_of(count) == NULL):
        raise mistake(f"DATEADD adds whole numbers, not {type_of(count)}", "cast it to INTEGER")
    value = moment(lower(args[2], cx), "DATEADD")
    return shifted(value, part, count, keeps_date=not cx.dialect.date_plus_part_is_moment)


def shifted(value: exp.Expr, part: str, count: exp.Expr, *, keeps_date: bool) -> exp.Expr:
    """Lower moment + count parts; a DATE stays one where the dialect says so and the part is not of the clock."""
    have = moment(value, "INTERVAL")
    if type_of(have) == NULL:
        return typed(exp.Null(), TIMESTAMP)
    if type_of(have).kind is Kind.DATE and keeps_date and part not in CLOCK:
        return typed(call("SUBSTR", call("dw_dateadd", text(part), count, have), number(1), number(10)), DATE)
    to: SqlType = TIMESTAMP if type_of(have).kind is Kind.DATE else type_of(have)
    return typed(call("dw_dateadd", text(part), count, have), to)


def add_months(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """ADD_MONTHS(moment, n): the last day of a month goes to the last day."""
    value = moment(lower(args[0], cx), "ADD_MONTHS")
    count = coerce(lower(args[1], cx), INT64, cx)
    to = type_of(value) if cx.dialect.folds_upper else TIMESTAMP
    made = call("dw_add_months", value, count)
    return typed(call("SUBSTR", made, number(1), number(10)) if to.kind is Kind.DATE else made, to)


def last_day(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """LAST_DAY(moment) of its month."""
    if len(args) > 1:
        raise NotTranslatable("LAST_DAY with a part", hint="use LAST_DAY of the month")
    value = moment(lower(args[0], cx), "LAST_DAY")
    parts = ("start of month", "+1 month", "-1 day")
    return typed(call("DATE", value, *(text(p) for p in parts)), DATE)


def shift(kind: type[exp.Binary], left: exp.Expr, right: exp.Expr, cx: Context) -> exp.Expr:
    """Lower DATE + days, DATE - DATE and moment + INTERVAL."""
    if isinstance(right, exp.Interval):
        return _add_interval(left, right, 1 if kind is exp.Add else -1, cx)
    have, other = type_of(left), type_of(right)
    if kind is exp.Add and have.is_integer and other.kind is Kind.DATE:
        left, right, have, other = right, left, other, have
    if have.kind is Kind.DATE and other.is_integer:
        days = right if kind is exp.Add else exp.Neg(this=exp.Paren(this=right))
        return typed(call("DATE", left, op(exp.DPipe, days, text(" days"))), DATE)
    if kind is exp.Sub and have.kind is Kind.DATE and (other.kind is Kind.DATE or other.literal):
        cx.used("date_difference")
        return typed(op(exp.Sub, _day_number(left), _day_number(coerce(right, DATE, cx))), INT32)
    raise NotTranslatable(
        f"{have} {'+' if kind is exp.Add else '-'} {other}",
        "SQLite has no intervals as values",
        hint="use DATEDIFF(part, a, b) or DATEADD(part, n, a)",
    )


def _add_interval(value: exp.Expr, interval: exp.Interval, sign: int, cx: Context) -> exp.Expr:
    amount, unit = interval.this, interval.args.get("unit")
    part = PARTS.get(unit.name.lower()) if unit is not None else None
    if not (isinstance(amount, exp.Literal) and part):
        raise NotTranslatable("this INTERVAL", hint="write INTERVAL '3 days' with one number and one unit, or DATEADD")
    try:
        count = values.read_integer(amount.name) * sign
    except ValueError:
        raise NotTranslatable("an INTERVAL of several units", hint="add one INTERVAL after the other") from None
    made = typed(number(count) if count >= 0 else exp.Neg(this=number(-count)), INT64)
    return shifted(value, part, made, keeps_date=not cx.dialect.date_plus_part_is_moment)
