"""TO_CHAR, TO_DATE and TO_TIMESTAMP, whose formats PostgreSQL shares, and time zones by their names."""

import re

from sqlglot import exp

from query_svc.core.faults import NotTranslatable
from query_svc.core.rules.context import POSTGRES, Context, call, lower, lowers, number, text, type_of, typed
from query_svc.core.rules.formats import check_format
from query_svc.core.rules.lengths import text_of
from query_svc.core.rules.postgres.casts import converted
from query_svc.core.rules.postgres.values import as_text, cast_to, compat, moment, timestamp, written
from query_svc.core.types import DATE, MOST_DIGITS, TIMESTAMP, TIMESTAMP_TZ, Kind, SqlType, decimal

_NUMBER_FORMAT = re.compile(r"(FM)?(MI|PL|SG|S)?[09,G]*([.D][09]*)?(MI|PL|SG|PR|S)?")
_READ_FORMAT = re.compile(r"(L ?)?(MI|PL|SG|S)?[09,G]*([.D](?P<places>[09]*))?(MI|PL|SG|PR|S)?")
_ZONE = re.compile(r"UTC|GMT|[ECMP][SD]T|CET|CEST|EET|EEST|WET|WEST|JST|[A-Za-z_]+(/[A-Za-z_+\-0-9]+)+", flags=re.ASCII)
_WORD_BYTES = 16
"""Bytes that a character of a format makes at most: names of months are longer than their words."""
_MOMENT_WORDS = ("FM", "CC", "J", "W", "SSSS", "RM", "IYYY", "ID", "TZ")
_DAY_WORDS = {"YYYY": r"(\d{4})", "MM": r"(\d{2})", "DD": r"(\d{2})"}


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
        return typed(call("TO_CHAR", node, text(pattern)), text_of(_WORD_BYTES * len(pattern)))
    check_format(pattern, "TO_CHAR", _MOMENT_WORDS)
    found = moment(node, "TO_CHAR")
    found = timestamp(found, "TO_CHAR") if type_of(found).kind is Kind.DATE else found
    return typed(call("TO_CHAR", found, text(pattern)), text_of(_WORD_BYTES * len(pattern)))


def from_char(to: SqlType, target: str, args: list[exp.Expr], cx: Context) -> exp.Expr:
    """TO_DATE and TO_TIMESTAMP(text, format)."""
    node = lower(args[0], cx)
    if len(args) == 1 or not type_of(node).is_text:
        return converted(node, to, cx)
    pattern = written(args[1], f"a format of {target}")
    check_format(pattern, target)
    if len(args) == 3 and not (isinstance(args[2], exp.Boolean) and args[2].this):
        return _lenient(node, pattern, target, cx)
    return typed(call(target, as_text(node, cx), text(pattern)), to)


def _lenient(node: exp.Expr, pattern: str, target: str, cx: Context) -> exp.Expr:
    """TO_DATE that lets a day beyond the end of its month go on into the next one."""
    places = {word: pattern.find(word) for word in _DAY_WORDS}
    rest = re.sub("YYYY|MM|DD", "", pattern)
    if target != "TO_DATE" or -1 in places.values() or re.search(r"\w", rest):
        raise NotTranslatable(f"{target} that is not strict by {pattern!r}", hint="leave FALSE out")
    regex = re.sub("YYYY|MM|DD", lambda found: _DAY_WORDS[found.group()], re.escape(pattern))
    order = sorted(places, key=lambda word: places[word])
    groups = exp.Array(expressions=[number(order.index(word) + 1) for word in _DAY_WORDS])
    made = compat("lenient_date", as_text(node, cx), text(pattern), text(f"^{regex}$"), groups)
    return typed(made, DATE)


def to_number(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """TO_NUMBER(text, format): a DECIMAL with the digits of the format."""
    pattern = written(args[1], "a format of TO_NUMBER").strip()
    found = _READ_FORMAT.fullmatch(pattern)
    if not found:
        raise NotTranslatable(f"TO_NUMBER by {pattern!r}", hint="it knows 0 9 , G . D S MI PL SG PR and L")
    made = call("TO_NUMBER", as_text(lower(args[0], cx), cx), text(pattern))
    return cast_to(made, decimal(MOST_DIGITS, len(found["places"] or "")))


def timezone(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """TIMEZONE(zone, moment)."""
    return lower(exp.AtTimeZone(this=args[1], zone=args[0]), cx)


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
