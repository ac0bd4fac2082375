"""Regular expressions: patterns that mean the same in Redshift and PostgreSQL; the others are refused."""

import re

from sqlglot import exp

from query_svc.core.faults import NotTranslatable
from query_svc.core.rules.context import Context, call, lower, mistake, number, text, type_of, typed
from query_svc.core.rules.postgres.values import as_text, cast_to, compat, written
from query_svc.core.types import INT32, STRING

_ODD = re.compile(r"\(\?|[*+?}][?+]|\\[^dwsDWS.\\\[\]()*+?{}|^$/-]|\[\[[=.]")
_AMBIGUOUS = re.compile(r"(?<!\\)[|?]")


def _pattern(node: exp.Expr, cx: Context) -> exp.Expr:
    pattern = written(node, "a regular expression")
    if found := _ODD.search(pattern):
        raise NotTranslatable(
            f"{found.group()!r} in a regular expression", hint=r"use characters, classes, \d \w \s, ( ) | * + ? {n}"
        )
    try:
        re.compile(pattern)
    except re.error:
        raise mistake(f"{pattern!r} is not a regular expression") from None
    if _AMBIGUOUS.search(pattern):
        cx.note("where a regular expression matches in several ways, PostgreSQL takes the longest")
    return text(pattern)


def _integer(node: exp.Expr, cx: Context, what: str) -> exp.Expr:
    made = lower(node, cx)
    if not type_of(made).is_integer:
        raise mistake(f"{what} is an integer, not {type_of(made)}")
    return cast_to(made, INT32)


def regexp_substr(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """REGEXP_SUBSTR(text, pattern, position, occurrence): the match, or an empty text."""
    value = as_text(lower(args[0], cx), cx)
    places = [_integer(arg, cx, "a place of REGEXP_SUBSTR") for arg in args[2:]]
    places += [cast_to(number(1), INT32)] * (2 - len(places))
    return typed(compat("regexp_substr", value, _pattern(args[1], cx), *(p.copy() for p in places)), STRING)


def regexp_count(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """REGEXP_COUNT(text, pattern)."""
    value = as_text(lower(args[0], cx), cx)
    return typed(compat("regexp_count", value, _pattern(args[1], cx)), INT32)


def regexp_replace(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """REGEXP_REPLACE(text, pattern, replacement): every match."""
    value = as_text(lower(args[0], cx), cx)
    with_ = written(args[2], "a replacement") if len(args) > 2 else ""
    if set(with_) & set("$\\"):
        raise NotTranslatable("groups in a replacement", hint="replace by plain text")
    return typed(call("REGEXP_REPLACE", value, _pattern(args[1], cx), text(with_), text("g")), STRING)
