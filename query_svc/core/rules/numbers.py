"""Functions on numbers: rounding that stays exact."""

from sqlglot import exp

from query_svc.core.faults import NotTranslatable
from query_svc.core.rules import dates
from query_svc.core.rules.casts import converted, rescaled
from query_svc.core.rules.coerce import as_double, coerce, literal_as
from query_svc.core.rules.context import (
    Context,
    call,
    cast,
    lower,
    mistake,
    number,
    op,
    type_of,
    typed,
)
from query_svc.core.types import (
    DATE,
    FLOAT64,
    INT32,
    NULL,
    Form,
    decimal,
)


def _number(name: str, arg: exp.Expr, cx: Context) -> exp.Expr:
    node = lower(arg, cx)
    have = type_of(node)
    if have.literal:
        return literal_as(node, FLOAT64)
    if not have.is_number and have != NULL:
        raise mistake(f"{name} takes a number, not {have}", "cast it")
    if have.is_decimal and have.form is Form.MIXED:
        return coerce(node, decimal(have.precision, have.scale), cx)
    return node


def absolute(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """ABS of any number."""
    node = _number("ABS", args[0], cx)
    return typed(call("ABS", node), type_of(node))


def sign(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """SIGN: -1, 0 or 1."""
    node = _number("SIGN", args[0], cx)
    return typed(call("SIGN", node), FLOAT64 if type_of(node).is_float else INT32)


def places_of(args: list[exp.Expr], name: str) -> int:
    """Digits to round to, written as a literal."""
    if len(args) == 1:
        return 0
    node = args[1].this if isinstance(args[1], exp.Neg) else args[1]
    if not (isinstance(node, exp.Literal) and node.is_int):
        raise NotTranslatable(f"{name} to a computed number of digits", hint="write the number of digits as a literal")
    return -int(node.name) if isinstance(args[1], exp.Neg) else int(node.name)


def rounded(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """ROUND half away from zero, to digits before or after the point."""
    node, places = _number("ROUND", args[0], cx), places_of(args, "ROUND")
    have = type_of(node)
    if have.is_float and cx.dialect.rounds_binary:
        cx.note("ROUND of a floating-point number looks at its decimal digits: what lies halfway may go the other way")
    if have.is_integer and places >= 0:
        return node
    if have.is_decimal and have.form is not Form.ROUGH and 0 <= places < have.scale:
        cx.used("decimal_as_integer")
        to = decimal(have.precision - have.scale + places + 1, places)
        return typed(rescaled(node, have, places), to)
    if have.is_decimal and have.form is not Form.ROUGH and places >= have.scale:
        return node
    made = call("dw_round", node if have.is_float or have.is_integer else as_double(node, have), number(abs(places)))
    if places < 0:
        made = call("dw_round", *made.expressions[:1], exp.Neg(this=number(-places)))
    if have.is_decimal:
        scale = max(places, 0)
        return typed(made, decimal(have.precision - have.scale + scale + 1, min(scale, have.scale), Form.ROUGH))
    return typed(cast(made, "INTEGER") if have.is_integer else made, have)


def trunc(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """TRUNC of a number toward zero, of a moment to its day."""
    node = lower(args[0], cx)
    have = type_of(node)
    if have.is_moment:
        if len(args) > 1:
            return dates.date_trunc([args[1], args[0]], cx)
        return converted(node, DATE, cx)
    node, places = _number("TRUNC", args[0], cx), places_of(args, "TRUNC")
    have = type_of(node)
    if have.is_integer and places >= 0:
        return node
    if have.is_decimal and have.form is not Form.ROUGH and 0 <= places <= have.scale:
        whole = rescaled(node, have, have.scale)
        cut = op(exp.Div, whole, number(10 ** (have.scale - places))) if places < have.scale else whole
        return typed(cut, decimal(have.precision - have.scale + places, places))
    if places < 0 or not (have.is_float or have.is_decimal):
        raise NotTranslatable("TRUNC to digits before the point", hint="divide, TRUNC and multiply")
    made = call("dw_trunc_number", as_double(node, have), number(places))
    return typed(made, decimal(have.precision, places, Form.ROUGH) if have.is_decimal else FLOAT64)


def whole(target: str, args: list[exp.Expr], cx: Context) -> exp.Expr:
    """CEIL and FLOOR."""
    node = _number(target, args[0], cx)
    have = type_of(node)
    if have.is_integer or have == NULL:
        return node
    made = call(target, as_double(node, have))
    if have.is_decimal:
        return typed(cast(made, "INTEGER"), decimal(have.precision - have.scale + 1, 0))
    return typed(made, FLOAT64)


def modulo(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """MOD(a, b), which is a % b."""
    return lower(exp.Mod(this=args[0], expression=args[1]), cx)


def logarithm(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """LOG to base 10, or to the base that comes first."""
    if len(args) == 1:
        return typed(call("LOG10", as_double(node := _number("LOG", args[0], cx), type_of(node))), FLOAT64)
    base, value = (as_double(node := _number("LOG", arg, cx), type_of(node)) for arg in args)
    return typed(call("LOG", base, value), FLOAT64)
