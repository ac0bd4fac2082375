"""Operators whose results differ between Redshift and PostgreSQL: decimal arithmetic, LIKE, SIMILAR TO, ||."""

from sqlglot import exp

from query_svc.core import values
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
    op,
    quoted,
    text,
    type_of,
    typed,
    wrapped,
)
from query_svc.core.rules.lengths import most_bytes, within_longest
from query_svc.core.rules.operators import sum_type, whole_quotient
from query_svc.core.rules.postgres.dates import shift
from query_svc.core.rules.postgres.supers import super_arithmetic
from query_svc.core.rules.postgres.values import (
    as_double,
    as_text,
    cast_to,
    coerce,
    collated,
    compat,
    literal_as,
    short,
)
from query_svc.core.types import FLOAT64, INT32, INT64, MOST_DIGITS, NULL, STRING, Kind, SqlType, decimal, digits

LEAST_QUOTIENT_SCALE = 4
_CAPPED = "DECIMAL results of more than 38 digits are kept while they fit; the warehouse may overflow earlier"


@lowers(exp.Literal, on=POSTGRES)
def _literal(node: exp.Literal, _cx: Context) -> exp.Expr:
    if node.is_string:
        return quoted(node.name)
    written = node.name
    if "e" in written.lower():
        return cast_to(number(written), FLOAT64)
    value = values.read_decimal(written)
    scale = len(written.partition(".")[2])
    precision = max(len(written.replace(".", "").lstrip("0")), scale, 1)
    if precision > MOST_DIGITS:
        raise NotTranslatable(f"the number {written}", hint="use at most 38 digits")
    if "." not in written and abs(value) <= values.MOST_INTEGER:
        return typed(number(written), INT32 if abs(value) < 2**31 else INT64)
    return typed(number(written), decimal(precision, scale))


@lowers(exp.Neg, on=POSTGRES)
def _neg(node: exp.Neg, cx: Context) -> exp.Expr:
    inner = numeric(lower(node.this, cx), "-")
    return typed(exp.Neg(this=wrapped(inner)), type_of(inner))


def numeric(node: exp.Expr, sign: str) -> exp.Expr:
    """Lowered operand that must be a number."""
    kind = type_of(node)
    if kind.kind is Kind.NULL or kind.is_number:
        return node
    if kind.literal and node.name.strip():
        value = values.read_decimal(node.name)
        return literal_as(node, INT64 if value == value.to_integral_value() else FLOAT64)
    if kind.kind is Kind.JSON:
        raise NotTranslatable(f"{sign} on a SUPER", hint="cast it, as in x.a::int")
    raise mistake(f"{sign} takes numbers, not {kind}", "cast it to a number")


@lowers(exp.Add, exp.Sub, on=POSTGRES)
def _add(node: exp.Binary, cx: Context) -> exp.Expr:
    left = lower(node.this, cx) if not isinstance(node.this, exp.Interval) else node.this
    right = lower(node.expression, cx) if not isinstance(node.expression, exp.Interval) else node.expression
    if isinstance(left, exp.Interval) and isinstance(node, exp.Add):
        left, right = right, left
    if Kind.JSON in (type_of(left).kind, type_of(right).kind):
        return super_arithmetic(node, left, right, cx)
    if type_of(left).is_moment or isinstance(right, exp.Interval) or type_of(right).is_moment:
        return shift(type(node), left, right, cx)
    sign = "+" if isinstance(node, exp.Add) else "-"
    left, right = numeric(left, sign), numeric(right, sign)
    to = sum_type(type_of(left), type_of(right), cx)
    if to.is_float:
        left, right = coerce(left, to, cx), coerce(right, to, cx)
    return typed(op(type(node), left, right), to)


@lowers(exp.Mul, on=POSTGRES)
def _multiply(node: exp.Mul, cx: Context) -> exp.Expr:
    left, right = lower(node.this, cx), lower(node.expression, cx)
    if Kind.JSON in (type_of(left).kind, type_of(right).kind):
        return super_arithmetic(node, left, right, cx)
    left, right = numeric(left, "*"), numeric(right, "*")
    a, b = type_of(left), type_of(right)
    if not (a.is_decimal or b.is_decimal) or NULL in (a, b) or a.is_float or b.is_float:
        to = sum_type(a, b, cx)
        if to.is_float:
            left, right = coerce(left, to, cx), coerce(right, to, cx)
        return typed(op(exp.Mul, left, right), to)
    (p1, s1), (p2, s2) = digits(a), digits(b)
    if s1 + s2 >= MOST_DIGITS:
        raise NotTranslatable(f"{a} * {b}", f"{s1 + s2} digits after the point", hint="cast an operand to fewer digits")
    if p1 + p2 + 1 > MOST_DIGITS:
        cx.note(_CAPPED)
    return typed(op(exp.Mul, left, right), decimal(p1 + p2 + 1, s1 + s2))


@lowers(exp.Div, on=POSTGRES)
def _divide(node: exp.Div, cx: Context) -> exp.Expr:
    left, right = numeric(lower(node.this, cx), "/"), numeric(lower(node.expression, cx), "/")
    a, b = type_of(left), type_of(right)
    if NULL in (a, b):
        return typed(exp.Null(), NULL)
    if a.is_float or b.is_float:
        return typed(_ratio(as_double(left), as_double(right)), FLOAT64)
    if a.is_integer and b.is_integer and cx.dialect.integer_division:
        return typed(_ratio(left, right), sum_type(a, b, cx))
    to = quotient_type(a, b, cx)
    cx.used("decimal_quotient")
    if not cx.dialect.integer_division:  # Snowflake rounds
        cut = compat("quotient", left, right, number(to.scale + 1))
        return typed(exp.Anonymous(this="ROUND", expressions=[cut, number(to.scale)]), to)
    cx.note(
        "a decimal quotient is cut off at the scale of its type; whether the last digit is cut or rounded may differ"
    )
    return typed(compat("quotient", left, right, number(to.scale)), to)


@lowers(exp.IntDiv, on=POSTGRES)
def _divide_whole(node: exp.IntDiv, cx: Context) -> exp.Expr:
    left, right = (numeric(lower(part, cx), "//") for part in (node.this, node.expression))
    to = whole_quotient(type_of(left), type_of(right), cx)
    return typed(exp.Null() if to == NULL else _ratio(left, right), to)


def _ratio(left: exp.Expr, right: exp.Expr) -> exp.Expr:
    return exp.Div(this=wrapped(left), expression=wrapped(right), typed=True, safe=False)


def quotient_type(a: SqlType, b: SqlType, cx: Context) -> SqlType:
    """Type of a quotient of decimals, by the formulas of the warehouses' manuals."""
    (p1, s1), (p2, s2) = digits(a), digits(b)
    if not cx.dialect.integer_division:
        scale = max(s1, min(s1 + 6, 12))
        return decimal(p1 - s1 + s2 + scale, scale)
    scale = max(LEAST_QUOTIENT_SCALE, s1 + p2 - s2 + 1)
    precision = p1 - s1 + s2 + scale
    if precision > MOST_DIGITS:
        scale = max(MOST_DIGITS + scale - precision, LEAST_QUOTIENT_SCALE)
    return decimal(precision, scale)


@lowers(exp.Mod, on=POSTGRES)
def _modulo(node: exp.Mod, cx: Context) -> exp.Expr:
    left, right = numeric(lower(node.this, cx), "%"), numeric(lower(node.expression, cx), "%")
    to = sum_type(type_of(left), type_of(right), cx)
    if to.is_float:
        raise NotTranslatable("% on floating-point numbers", hint="cast both to DECIMAL")
    return typed(op(exp.Mod, left, right), to)


@lowers(exp.Pow, on=POSTGRES)
def _power(node: exp.Pow, cx: Context) -> exp.Expr:
    base, exponent = (as_double(numeric(lower(part, cx), "^")) for part in (node.this, node.expression))
    return typed(call("POWER", base, exponent), FLOAT64)


@lowers(exp.Sqrt, exp.Cbrt, on=POSTGRES)
def _root(node: exp.Sqrt | exp.Cbrt, cx: Context) -> exp.Expr:
    return typed(call(node.sql_name(), as_double(numeric(lower(node.this, cx), "|/"))), FLOAT64)


@lowers(exp.BitwiseAnd, exp.BitwiseOr, exp.BitwiseXor, exp.BitwiseLeftShift, exp.BitwiseRightShift, on=POSTGRES)
def _bits(node: exp.Binary, cx: Context) -> exp.Expr:
    left, right = (whole_number(lower(part, cx)) for part in (node.this, node.expression))
    if isinstance(node, exp.BitwiseLeftShift | exp.BitwiseRightShift):
        return typed(op(type(node), left, cast_to(right, INT32)), type_of(left))
    return typed(op(type(node), left, right), sum_type(type_of(left), type_of(right), cx))


@lowers(exp.BitwiseNot, on=POSTGRES)
def _not_bits(node: exp.BitwiseNot, cx: Context) -> exp.Expr:
    inner = whole_number(lower(node.this, cx))
    return typed(exp.BitwiseNot(this=wrapped(inner)), type_of(inner))


def whole_number(node: exp.Expr) -> exp.Expr:
    """Lowered operand whose bits are taken."""
    if not (type_of(node).is_integer or type_of(node) == NULL):
        raise mistake(f"bits are of integers, not of {type_of(node)}", "cast it to an integer")
    return node


@lowers(exp.DPipe, on=POSTGRES)
def _concat(node: exp.DPipe, cx: Context) -> exp.Expr:
    return joined([as_text(lower(part, cx), cx) for part in node.flatten(unnest=False)], cx)


def joined(parts: list[exp.Expr], cx: Context) -> exp.Expr:
    """Texts one after the other; NULL where one is NULL."""
    result = parts[0] if len(parts) > 1 else cast_to(parts[0], STRING)
    for part in parts[1:]:
        result = exp.DPipe(this=wrapped(result), expression=wrapped(part))
    return within_longest(result, sum(most_bytes(part) for part in parts), short, cx)


@lowers(exp.Like, exp.ILike, exp.Escape, on=POSTGRES)
def _like(node: exp.Like | exp.ILike | exp.Escape, cx: Context) -> exp.Expr:
    inner = node.this if isinstance(node, exp.Escape) else node
    escape = lower(node.expression, cx) if isinstance(node, exp.Escape) else None
    if isinstance(inner, exp.SimilarTo):
        return _similar(inner, cx, escape)
    if not isinstance(inner, exp.Like | exp.ILike) or isinstance(inner.expression, exp.Tuple | exp.Any | exp.All):
        raise NotTranslatable("LIKE ANY or LIKE ALL", hint="write each pattern with OR or AND")
    value, pattern = as_text(lower(inner.this, cx), cx), as_text(lower(inner.expression, cx), cx)
    if escape is None and not cx.dialect.like_escape:
        escape = text("")
    if isinstance(inner, exp.ILike):
        cx.used("ilike_folds_ascii")
        value = collated(value)
    made: exp.Expr = type(inner)(this=wrapped(value), expression=wrapped(pattern))
    made = exp.Escape(this=made, expression=escape) if escape is not None else made
    return boolean(exp.Not(this=exp.Paren(this=made)) if inner.args.get("negate") else made)


@lowers(exp.SimilarTo, on=POSTGRES)
def _similar_to(node: exp.SimilarTo, cx: Context) -> exp.Expr:
    return _similar(node, cx, None)


def _similar(node: exp.SimilarTo, cx: Context, escape: exp.Expr | None) -> exp.Expr:
    pattern = node.expression
    if not (isinstance(pattern, exp.Literal) and pattern.is_string):
        raise NotTranslatable("SIMILAR TO with a computed pattern", hint="write the pattern as a literal")
    made: exp.Expr = exp.SimilarTo(this=wrapped(as_text(lower(node.this, cx), cx)), expression=text(pattern.name))
    return boolean(exp.Escape(this=made, expression=escape) if escape is not None else made)
