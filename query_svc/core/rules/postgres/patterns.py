"""Regular expressions: patterns that mean the same in Redshift and PostgreSQL; the others are refused."""

import re

from sqlglot import exp

from query_svc.core.faults import NotTranslatable
from query_svc.core.rules.context import (
    POSTGRES,
    Context,
    boolean,
    call,
    lower,
    lowers,
    mistake,
    number,
    text,
    type_of,
    typed,
)
from query_svc.core.rules.lengths import most_bytes, text_of, within_longest
from query_svc.core.rules.postgres.values import as_text, cast_to, compat, short, written
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


def _flags(args: list[exp.Expr], place: int) -> exp.Expr:
    """Parameters c (case counts) and i (it does not); PostgreSQL's flags are the same."""
    flags = written(args[place], "parameters of a regular expression") if len(args) > place else ""
    if set(flags) - set("ci"):
        raise NotTranslatable(f"{flags!r} as parameters of a regular expression", hint="use c or i")
    return text(flags)


def _places(args: list[exp.Expr], defaults: tuple[int, ...], cx: Context) -> list[exp.Expr]:
    """Integers behind the pattern, and their defaults where they are left out."""
    given = [_integer(arg, cx, "a place of a regular expression") for arg in args[2 : 2 + len(defaults)]]
    return given + [cast_to(number(value), INT32) for value in defaults[len(given) :]]


def regexp_substr(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """REGEXP_SUBSTR(text, pattern, position, occurrence, parameters): the match, or an empty text."""
    value, places = as_text(lower(args[0], cx), cx), _places(args, (1, 1), cx)
    made = compat("regexp_substr", value, _pattern(args[1], cx), *places, _flags(args, 4))
    return typed(made, text_of(most_bytes(value)))


def regexp_count(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """REGEXP_COUNT(text, pattern, position, parameters)."""
    value, places = as_text(lower(args[0], cx), cx), _places(args, (1,), cx)
    return typed(compat("regexp_count", value, _pattern(args[1], cx), *places, _flags(args, 3)), INT32)


def regexp_instr(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """REGEXP_INSTR(text, pattern, position, occurrence, option, parameters): where it begins, or ends."""
    value, places = as_text(lower(args[0], cx), cx), _places(args, (1, 1, 0), cx)
    return typed(compat("regexp_instr", value, _pattern(args[1], cx), *places, _flags(args, 5)), INT32)


def regexp_replace(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """REGEXP_REPLACE(text, pattern, replacement, position, parameters): every match; $1 is the first group."""
    value, flags = as_text(lower(args[0], cx), cx), _flags(args, 4)
    with_ = written(args[2], "a replacement") if len(args) > 2 else ""
    if "\\" in with_ or re.search(r"\$(?![1-9])", with_):
        raise NotTranslatable("this replacement", hint="replace by text, and groups as $1 to $9")
    pattern, replacement = _pattern(args[1], cx), text(re.sub(r"\$([1-9])", r"\\\1", with_))
    most = (most_bytes(value) + 1) * (len(with_.encode()) + 1 + with_.count("$") * most_bytes(value))
    if len(args) < 4:
        made = call("REGEXP_REPLACE", value, pattern, replacement, text("g"))
    else:
        place = _places([*args[:2], args[3]], (1,), cx)[0]
        made = call("REGEXP_REPLACE", value, pattern, replacement, place, number(0), flags)
    return within_longest(made, most_bytes(value) if not with_ else most, short, cx)


@lowers(exp.RegexpLike, on=POSTGRES)
def _matches(node: exp.RegexpLike, cx: Context) -> exp.Expr:
    if node.args.get("flag"):
        raise NotTranslatable("parameters of this regular expression", hint="leave them out")
    value = cast_to(as_text(lower(node.this, cx), cx), STRING)
    return boolean(exp.RegexpLike(this=value, expression=_pattern(node.expression, cx)))
