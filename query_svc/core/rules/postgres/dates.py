"""Dates: boundaries are counted by functions of the compatibility schema, the rest is PostgreSQL's own."""

from sqlglot import exp

from query_svc.core import values
from query_svc.core.faults import NotTranslatable
from query_svc.core.rules.context import POSTGRES, Context, call, lower, lowers, mistake, op, text, type_of, typed
from query_svc.core.rules.dates import CLOCK, PARTS, part_of
from query_svc.core.rules.postgres.values import cast_to, coerce, compat, literal_as, moment, timestamp
from query_svc.core.types import DATE, FLOAT64, INT32, INT64, NULL, TIMESTAMP, TIMESTAMP_TZ, Kind, SqlType


@lowers(exp.CurrentDate, on=POSTGRES)
def _current_date(_node: exp.CurrentDate, _cx: Context) -> exp.Expr:
    return typed(exp.CurrentDate(), DATE)


@lowers(exp.CurrentTimestamp, on=POSTGRES)
def _current_timestamp(node: exp.CurrentTimestamp, cx: Context) -> exp.Expr:
    return sysdate([], cx) if node.args.get("sysdate") else typed(exp.CurrentTimestamp(), TIMESTAMP_TZ)


def sysdate(_args: list[exp.Expr], cx: Context) -> exp.Expr:
    """Start of the transaction in UTC, without a zone."""
    cx.used("sysdate_without_zone")
    return cast_to(exp.CurrentTimestamp(), TIMESTAMP)


def getdate(_args: list[exp.Expr], _cx: Context) -> exp.Expr:
    """Start of the statement to the second, in UTC, without a zone."""
    return typed(compat("getdate"), TIMESTAMP)


def now(to: SqlType, _args: list[exp.Expr], _cx: Context) -> exp.Expr:
    """NOW() and CURRENT_TIMESTAMP(), or their day."""
    return typed(exp.CurrentDate() if to == DATE else exp.CurrentTimestamp(), to)


@lowers(exp.Extract, on=POSTGRES)
def _extract(node: exp.Extract, cx: Context) -> exp.Expr:
    part = part_of(node.this, "EXTRACT")
    return _part(part, lower(node.expression, cx), "EXTRACT", INT64 if part == "epoch" else INT32)


def date_part(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """DATE_PART(part, moment): a double; seconds come with their fraction."""
    part = part_of(args[0], "DATE_PART")
    value = lower(args[1], cx)
    if cx.dialect.folds_upper:
        return _part(part, value, "DATE_PART", INT64)
    if part in ("second", "epoch"):
        return typed(call("DATE_PART", text(part), timestamp(value, "DATE_PART")), FLOAT64)
    return cast_to(_part(part, value, "DATE_PART", INT32), FLOAT64)


def year_of(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """DATE_PART_YEAR(date)."""
    return _part("year", lower(args[0], cx), "DATE_PART_YEAR", INT32)


def _part(part: str, value: exp.Expr, where: str, to: SqlType) -> exp.Expr:
    if part == "microsecond" or (part == "millisecond" and where != "EXTRACT"):
        raise NotTranslatable(
            f"{where} by {part}",
            "whether seconds count is not settled",
            hint="use EXTRACT(second) or EXTRACT(millisecond)",
        )
    found = timestamp(value, where)
    return typed(exp.Null(), to) if type_of(found) == NULL else cast_to(compat("part", text(part), found), to)


def date_trunc(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """DATE_TRUNC(part, moment)."""
    part = part_of(args[0], "DATE_TRUNC")
    if part in ("dow", "doy", "epoch"):
        raise NotTranslatable(f"DATE_TRUNC by {part}", hint="truncate to the day")
    value = moment(lower(args[1], cx), "DATE_TRUNC")
    have = type_of(value)
    to = have if have.kind in (Kind.TIMESTAMP_TZ, Kind.NULL) else TIMESTAMP
    made = typed(call("DATE_TRUNC", text(part), coerce(value, to, cx)), to)
    return cast_to(made, DATE) if cx.dialect.folds_upper and have.kind is Kind.DATE else made


def date_diff(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """DATEDIFF(part, start, end): boundaries of the part that lie between, not elapsed time."""
    part = part_of(args[0], "DATEDIFF")
    if part in ("dow", "doy", "epoch"):
        raise NotTranslatable(f"DATEDIFF by {part}", hint="count days or seconds")
    if part == "week" and not cx.dialect.folds_upper:
        raise NotTranslatable("DATEDIFF by week", "the first day of a week is not settled", hint="divide days by 7")
    cx.used("datediff_by_boundaries")
    start, end = (timestamp(lower(arg, cx), "DATEDIFF") for arg in args[1:3])
    return typed(compat("datediff", text(part), start, end), INT64)


def date_add(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """DATEADD(part, n, moment)."""
    part = part_of(args[0], "DATEADD")
    if part in ("dow", "doy", "epoch"):
        raise NotTranslatable(f"DATEADD by {part}", hint="add days")
    count = lower(args[1], cx)
    count = literal_as(count, INT64) if type_of(count).literal else count
    if not (type_of(count).is_integer or type_of(count) == NULL):
        raise mistake(f"DATEADD adds whole numbers, not {type_of(count)}", "cast it to INTEGER")
    return shifted(moment(lower(args[2], cx), "DATEADD"), part, count, cx)


def shifted(value: exp.Expr, part: str, count: exp.Expr, cx: Context) -> exp.Expr:
    """Lowered moment + count parts; a DATE stays one where the dialect says so and the part is not of the clock."""
    have = type_of(value)
    keeps = have.kind is Kind.DATE and not cx.dialect.date_plus_part_is_moment and part not in CLOCK
    to = TIMESTAMP if have.kind in (Kind.DATE, Kind.NULL) else have
    made = typed(compat("dateadd", text(part), count, coerce(value, to, cx)), to)
    return cast_to(made, DATE) if keeps else made


def add_months(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """ADD_MONTHS(moment, n): the last day of a month goes to the last day."""
    value = lower(args[0], cx)
    count = lower(args[1], cx)
    count = literal_as(count, INT64) if type_of(count).literal else count
    to = DATE if cx.dialect.folds_upper and type_of(value).kind is Kind.DATE else TIMESTAMP
    made = typed(compat("add_months", timestamp(value, "ADD_MONTHS"), count), TIMESTAMP)
    return cast_to(made, DATE) if to == DATE else made


def last_day(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """LAST_DAY(moment) of its month."""
    if len(args) > 1:
        raise NotTranslatable("LAST_DAY with a part", hint="use LAST_DAY of the month")
    return typed(compat("last_day", timestamp(lower(args[0], cx), "LAST_DAY")), DATE)


def shift(kind: type[exp.Binary], left: exp.Expr, right: exp.Expr, cx: Context) -> exp.Expr:
    """Lower DATE + days, DATE - DATE and moment + INTERVAL."""
    if isinstance(right, exp.Interval):
        return _add_interval(left, right, 1 if kind is exp.Add else -1, cx)
    have, other = type_of(left), type_of(right)
    if kind is exp.Add and have.is_integer and other.kind is Kind.DATE:
        left, right, have, other = right, left, other, have
    if have.kind is Kind.DATE and other.is_integer:
        days = cast_to(right, INT32) if other.kind is Kind.INT64 else right
        return typed(op(kind, left, days), DATE)
    if kind is exp.Sub and have.kind is Kind.DATE and (other.kind is Kind.DATE or other.literal):
        return typed(op(exp.Sub, left, coerce(right, DATE, cx)), INT32)
    raise NotTranslatable(
        f"{have} {'+' if kind is exp.Add else '-'} {other}",
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
    made = typed(exp.Literal(this=str(abs(count)), is_string=False), INT64)
    return shifted(moment(value, "INTERVAL"), part, made if count >= 0 else typed(exp.Neg(this=made), INT64), cx)
