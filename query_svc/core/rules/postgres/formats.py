"""TO_CHAR, TO_DATE and TO_TIMESTAMP, whose formats PostgreSQL shares, and time zones by their names."""

import re

from sqlglot import exp

from query_svc.core.faults import NotTranslatable
from query_svc.core.rules.context import POSTGRES, Context, call, lower, lowers, text, type_of, typed
from query_svc.core.rules.formats import check_format
from query_svc.core.rules.postgres.casts import converted
from query_svc.core.rules.postgres.values import as_text, moment, timestamp, written
from query_svc.core.types import DATE, STRING, TIMESTAMP, TIMESTAMP_TZ, Kind, SqlType

_NUMBER_FORMAT = re.compile(r"(FM)?S?[09,]*(\.[09]*)?S?")
_ZONE = re.compile(r"(UTC|GMT|[A-Za-z_]+(/[A-Za-z_+\-0-9]+)+)")


def to_char(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """TO_CHAR(moment or number, format)."""
    node = lower(args[0], cx)
    have = type_of(node)
    if len(args) == 1:
        return as_text(node, cx)
    pattern = written(args[1], "a format of TO_CHAR")
    if have.is_number:
        if not _NUMBER_FORMAT.fullmatch(pattern):
            raise NotTranslatable(f"TO_CHAR of a number by {pattern!r}", hint="it knows 0 9 , . S and FM")
        return typed(call("TO_CHAR", node, text(pattern)), STRING)
    check_format(pattern, "TO_CHAR")
    found = moment(node, "TO_CHAR")
    found = timestamp(found, "TO_CHAR") if type_of(found).kind is Kind.DATE else found
    return typed(call("TO_CHAR", found, text(pattern)), STRING)


def from_char(to: SqlType, target: str, args: list[exp.Expr], cx: Context) -> exp.Expr:
    """TO_DATE and TO_TIMESTAMP(text, format)."""
    node = lower(args[0], cx)
    if len(args) == 1 or not type_of(node).is_text:
        return converted(node, to, cx)
    pattern = written(args[1], f"a format of {target}")
    check_format(pattern, target)
    return typed(call(target, as_text(node, cx), text(pattern)), to)


def to_date(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """DATE(value)."""
    return converted(lower(args[0], cx), DATE, cx)


def _zone(node: exp.Expr) -> exp.Expr:
    name = written(node, "a time zone")
    if not _ZONE.fullmatch(name):
        raise NotTranslatable(
            f"the time zone {name!r}", "signs of offsets differ", hint="write its name, such as America/New_York"
        )
    return text(name)


def convert_timezone(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """CONVERT_TIMEZONE(from, to, moment); from UTC where only one zone is given."""
    *zones, value = args
    if cx.dialect.folds_upper and len(zones) == 1:
        raise NotTranslatable("CONVERT_TIMEZONE of a TIMESTAMP_TZ", hint="name both zones")
    source = _zone(zones[0]) if len(zones) == 2 else text("UTC")
    made = exp.AtTimeZone(this=timestamp(lower(value, cx), "CONVERT_TIMEZONE"), zone=source)
    return typed(exp.AtTimeZone(this=exp.Paren(this=made), zone=_zone(zones[-1])), TIMESTAMP)


@lowers(exp.AtTimeZone, on=POSTGRES)
def _at_time_zone(node: exp.AtTimeZone, cx: Context) -> exp.Expr:
    found = moment(lower(node.this, cx), "AT TIME ZONE")
    found = timestamp(found, "AT TIME ZONE") if type_of(found).kind is Kind.DATE else found
    to = TIMESTAMP if type_of(found).kind is Kind.TIMESTAMP_TZ else TIMESTAMP_TZ
    return typed(exp.AtTimeZone(this=found, zone=_zone(node.args["zone"])), to)
