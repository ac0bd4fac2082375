"""Dates: boundaries are counted by functions of the compatibility schema, the rest is PostgreSQL's own."""

import re

from sqlglot import exp

from query_svc.core import values
from query_svc.core.faults import NotTranslatable
from query_svc.core.rules.context import POSTGRES, Context, call, lower, lowers, mistake, op, text, type_of, typed
from query_svc.core.rules.dates import CLOCK, PARTS, part_of
from query_svc.core.rules.postgres.values import cast_to, coerce, compat, literal_as, moment, timestamp
from query_svc.core.types import DATE, FLOAT64, INT32, INT64, NULL, TIME, TIMESTAMP, TIMESTAMP_TZ, Kind, SqlType

ERA_WORDS = {"century": "c cent cents centuries", "decade": "dec decs decades", "millennium": "mil mils millennia"}
_ERAS = {word: part for part, words in ERA_WORDS.items() for word in (part, *words.split())}
_STEP = re.compile(r"([+-]?\d+)\s*([A-Za-z]+)")
_INTERVAL = re.compile(rf"\s*({_STEP.pattern}\s*)+")
_COARSE = ("year", "quarter", "month", "week", "day", *CLOCK)


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
    part = _ERAS.get(node.this.name.lower()) or part_of(node.this, "EXTRACT")
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
    found = _on_a_day(value) if type_of(value).kind is Kind.TIME and part in CLOCK else timestamp(value, where)
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
    sides = [lower(arg, cx) for arg in args[1:3]]
    clocks = part in CLOCK and any(type_of(side).kind is Kind.TIME for side in sides)
    start, end = (_on_a_day(side) if clocks else timestamp(side, "DATEDIFF") for side in sides)
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
    value = lower(args[2], cx)
    if type_of(value).kind is Kind.TIME and part in CLOCK:
        return cast_to(compat("dateadd", text(part), count, _on_a_day(value)), TIME)
    return shifted(moment(value, "DATEADD"), part, count, cx)


def _on_a_day(clock: exp.Expr) -> exp.Expr:
    """TIMESTAMP of a lowered TIME on some day."""
    if type_of(clock).literal:
        clock = literal_as(clock, TIME)
    if type_of(clock).kind is not Kind.TIME:
        raise mistake(f"{type_of(clock)} stands beside a TIME", "cast both to one type")
    return typed(op(exp.Add, cast_to(text("2000-01-01"), DATE), clock), TIMESTAMP)


def order_of(kinds: tuple[SqlType, SqlType], args: list[exp.Expr], cx: Context) -> exp.Expr:
    """-1, 0 or 1: DATE_CMP, TIMESTAMP_CMP and what compares one with the other."""
    sides = [moment(lower(arg, cx), "a comparison") for arg in args]
    made = [side if type_of(side) == NULL else cast_to(side, kind) for side, kind in zip(sides, kinds, strict=True)]
    return typed(compat("moment_order", *(timestamp(side, "a comparison") for side in made)), INT32)


ORDERS = {
    "DATE_CMP": (DATE, DATE),
    "DATE_CMP_TIMESTAMP": (DATE, TIMESTAMP),
    "DATE_CMP_TIMESTAMPTZ": (DATE, TIMESTAMP_TZ),
    "TIMESTAMP_CMP": (TIMESTAMP, TIMESTAMP),
    "TIMESTAMP_CMP_DATE": (TIMESTAMP, DATE),
    "TIMESTAMP_CMP_TIMESTAMPTZ": (TIMESTAMP, TIMESTAMP_TZ),
    "TIMESTAMPTZ_CMP": (TIMESTAMP_TZ, TIMESTAMP_TZ),
    "TIMESTAMPTZ_CMP_DATE": (TIMESTAMP_TZ, DATE),
    "TIMESTAMPTZ_CMP_TIMESTAMP": (TIMESTAMP_TZ, TIMESTAMP),
}


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
    if kind is exp.Add and {have.kind, other.kind} == {Kind.DATE, Kind.TIME}:
        return typed(op(exp.Add, left, right), TIMESTAMP)
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
    words = f"{amount.name} {unit.name if unit is not None else ''}" if isinstance(amount, exp.Literal) else ""
    if not _INTERVAL.fullmatch(words):
        raise NotTranslatable("this INTERVAL", hint="write INTERVAL '3 days' with whole numbers and units, or DATEADD")
    for count, part in sorted(_steps(words), key=lambda step: _COARSE.index(step[1])):
        made = typed(exp.Literal(this=str(abs(count)), is_string=False), INT64)
        signed = made if count * sign >= 0 else typed(exp.Neg(this=made), INT64)
        value = shifted(moment(value, "INTERVAL"), part, signed, cx)
    return value


def _steps(words: str) -> list[tuple[int, str]]:
    found = [(values.read_integer(count), PARTS.get(unit.lower(), "")) for count, unit in _STEP.findall(words)]
    if any(part not in _COARSE for _, part in found):
        raise NotTranslatable(f"the interval {words.strip()!r}", hint="use years, months, weeks, days, hours, …")
    return found
