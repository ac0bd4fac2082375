"""Snowflake's functions of dates and timestamps on its emulator."""

from collections.abc import Callable, Mapping
from functools import partial

from sqlglot import exp

from query_svc.core.faults import NotTranslatable
from query_svc.core.rules.context import Context, call, lower, number, text, type_of, typed
from query_svc.core.rules.dates import part_of
from query_svc.core.rules.postgres.casts import converted
from query_svc.core.rules.postgres.functions import argument
from query_svc.core.rules.postgres.values import as_text, cast_to, timestamp, written
from query_svc.core.rules.snowflake.formats import clock_format
from query_svc.core.rules.snowflake.values import macro
from query_svc.core.types import DATE, INT64, STRING, TIMESTAMP, SqlType

Maker = Callable[[list[exp.Expr], Context], exp.Expr]
_PARTS = {
    **{name: name.lower() for name in ("YEAR", "QUARTER", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND")},
    **dict.fromkeys(["DAYOFMONTH"], "day"),
    "DAYOFWEEK": "dow",
    "DAYOFWEEKISO": "isodow",
    "DAYOFYEAR": "doy",
    **dict.fromkeys(["WEEK", "WEEKOFYEAR", "WEEKISO"], "week"),
    "YEAROFWEEKISO": "isoyear",
}


def _part(part: str, args: list[exp.Expr], cx: Context) -> exp.Expr:
    """YEAR, MONTH and their like."""
    return cast_to(macro("part", text(part), timestamp(lower(args[0], cx), part.upper())), INT64)


def _named_part(name: str, args: list[exp.Expr], cx: Context) -> exp.Expr:
    """DAYNAME and MONTHNAME: three letters."""
    return typed(call("LEFT", call(name, timestamp(lower(args[0], cx), name)), number(3)), STRING)


def _moment_of_text(to: SqlType, tries: bool, args: list[exp.Expr], cx: Context) -> exp.Expr:
    """TO_DATE, TO_TIMESTAMP_NTZ and those that only try."""
    value = lower(args[0], cx)
    if len(args) == 2:
        pattern = clock_format(written(args[1], "a format"), "TO_DATE", any_case=True)
        made: exp.Expr = call("TRY_STRPTIME" if tries else "STRPTIME", as_text(value, cx), text(pattern))
        return cast_to(typed(made, TIMESTAMP), to)
    if type_of(value).is_integer:
        raise NotTranslatable("a date or timestamp of an integer", hint="use DATEADD(second, n, '1970-01-01')")
    if not tries:
        return converted(value, to, cx)
    name = "DATE" if to == DATE else "TIMESTAMP"
    return typed(exp.TryCast(this=as_text(value, cx), to=exp.DataType.build(name, dialect="duckdb")), to)


def _timestamp_from_parts(args: list[exp.Expr], cx: Context) -> exp.Expr:
    parts = [argument("TIMESTAMP_FROM_PARTS", node, "i", cx) for node in (lower(arg, cx) for arg in args)]
    return typed(call("MAKE_TIMESTAMP", *parts), TIMESTAMP)


def _next_day(step: int, args: list[exp.Expr], cx: Context) -> exp.Expr:
    """NEXT_DAY and PREVIOUS_DAY."""
    value = timestamp(lower(args[0], cx), "NEXT_DAY")
    signed = number(1) if step > 0 else exp.Neg(this=number(1))
    return typed(macro("next_day", value, as_text(lower(args[1], cx), cx), signed), DATE)


def _last_day(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """LAST_DAY(moment, part): of its month, quarter, year or week."""
    value = timestamp(lower(args[0], cx), "LAST_DAY")
    part = part_of(args[1], "LAST_DAY") if len(args) > 1 else "month"
    if part not in ("week", "month", "quarter", "year"):
        raise NotTranslatable(f"LAST_DAY of a {part}", hint="use week, month, quarter or year")
    return typed(macro("last_of", text(part), value), DATE)


def _to_char(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """TO_CHAR and TO_VARCHAR of a moment by a format, or of anything."""
    value = lower(args[0], cx)
    if len(args) == 1:
        return as_text(value, cx)
    if not type_of(value).is_moment:
        raise NotTranslatable(f"TO_CHAR of {type_of(value)} by a format", hint="ROUND it, and cast it to VARCHAR")
    pattern = clock_format(written(args[1], "a format of TO_CHAR"), "TO_CHAR", any_case=True)
    return typed(macro("to_char", value, text(pattern)), STRING)


MAKERS: Mapping[str, tuple[Maker, int, int]] = {
    **{name: (partial(_part, part), 1, 1) for name, part in _PARTS.items()},
    **{name: (partial(_named_part, name), 1, 1) for name in ("DAYNAME", "MONTHNAME")},
    **dict.fromkeys(["TO_DATE", "DATE"], (partial(_moment_of_text, DATE, False), 1, 2)),
    "TRY_TO_DATE": (partial(_moment_of_text, DATE, True), 1, 2),
    **dict.fromkeys(["TO_TIMESTAMP_NTZ", "TO_TIMESTAMP"], (partial(_moment_of_text, TIMESTAMP, False), 1, 2)),
    **dict.fromkeys(["TRY_TO_TIMESTAMP_NTZ", "TRY_TO_TIMESTAMP"], (partial(_moment_of_text, TIMESTAMP, True), 1, 2)),
    **dict.fromkeys(["TO_CHAR", "TO_VARCHAR"], (_to_char, 1, 2)),
    **dict.fromkeys(["TIMESTAMP_NTZ_FROM_PARTS", "TIMESTAMP_FROM_PARTS"], (_timestamp_from_parts, 6, 6)),
    "NEXT_DAY": (partial(_next_day, 1), 2, 2),
    "PREVIOUS_DAY": (partial(_next_day, -1), 2, 2),
    "LAST_DAY": (_last_day, 1, 2),
}
