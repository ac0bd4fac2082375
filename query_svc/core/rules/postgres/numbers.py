"""Functions on numbers: decimals stay exact, doubles are rounded by their decimal digits."""

from dataclasses import replace

from sqlglot import exp

from query_svc.core.rules.coerce import together
from query_svc.core.rules.context import Context, call, comparables, lower, mistake, number, type_of, typed
from query_svc.core.rules.numbers import places_of
from query_svc.core.rules.postgres import dates
from query_svc.core.rules.postgres.casts import converted
from query_svc.core.rules.postgres.values import as_double, cast_to, literal_as
from query_svc.core.types import DATE, FLOAT64, INT32, NULL, SqlType, decimal


def _number(name: str, arg: exp.Expr, cx: Context) -> exp.Expr:
    node = lower(arg, cx)
    have = type_of(node)
    if have.literal:
        return literal_as(node, FLOAT64)
    if not have.is_number and have != NULL:
        raise mistake(f"{name} takes a number, not {have}", "cast it")
    return node


def absolute(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """ABS of any number."""
    node = _number("ABS", args[0], cx)
    return typed(call("ABS", node), type_of(node))


def sign(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """SIGN: -1, 0 or 1."""
    node = _number("SIGN", args[0], cx)
    return cast_to(call("SIGN", node), FLOAT64 if type_of(node).is_float else INT32)


def rounded(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """ROUND half away from zero, to digits before or after the point."""
    node, places = _number("ROUND", args[0], cx), places_of(args, "ROUND")
    if type_of(node).is_float and cx.dialect.rounds_binary:
        cx.note("ROUND of a floating-point number looks at its decimal digits: what lies halfway may go the other way")
    return _cut("ROUND", node, places, carry=1)


def trunc(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """TRUNC of a number toward zero, of a moment to its day."""
    node = lower(args[0], cx)
    if type_of(node).is_moment:
        if len(args) > 1:
            return dates.date_trunc([args[1], args[0]], cx)
        return converted(node, DATE, cx)
    return _cut("TRUNC", _number("TRUNC", args[0], cx), places_of(args, "TRUNC"), carry=0)


def _cut(name: str, node: exp.Expr, places: int, carry: int) -> exp.Expr:
    have = type_of(node)
    if have == NULL or (have.is_integer and places >= 0) or (have.is_decimal and places >= have.scale):
        return node
    digits = number(places) if places >= 0 else exp.Neg(this=number(-places))
    if have.is_decimal:
        scale = max(places, 0)
        return typed(call(name, node, digits), decimal(have.precision - have.scale + scale + carry, scale))
    exact = exp.Cast(this=node, to=exp.DataType.build("NUMERIC", dialect="postgres"))
    return cast_to(call(name, exact, digits), FLOAT64 if have.is_float else have)


def whole(target: str, args: list[exp.Expr], cx: Context) -> exp.Expr:
    """CEIL and FLOOR."""
    node = _number(target, args[0], cx)
    have = type_of(node)
    if have.is_integer or have == NULL:
        return node
    to: SqlType = decimal(have.precision - have.scale + 1, 0) if have.is_decimal else FLOAT64
    return typed(call(target, node), to)


def logarithm(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """LOG to base 10, or to the base that comes first."""
    if len(args) == 1:
        return typed(call("LOG", as_double(_number("LOG", args[0], cx))), FLOAT64)
    base, value = (exp.Cast(this=_number("LOG", a, cx), to=exp.DataType.build("NUMERIC")) for a in args)
    return cast_to(call("LOG", base, value), FLOAT64)


def modulo(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """MOD(a, b), which is a % b."""
    return lower(exp.Mod(this=args[0], expression=args[1]), cx)


def extreme(name: str, args: list[exp.Expr], cx: Context) -> exp.Expr:
    """GREATEST and LEAST, which ignore NULLs."""
    parts, to = together([lower(arg, cx) for arg in args], cx, ordering=True)
    if to.is_text:
        made = call(name, *comparables(parts, cx, ordering=True))
        return typed(made, replace(to, length=0, fixed_length=False))
    return typed(call(name, *parts), to)
