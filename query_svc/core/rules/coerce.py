"""Bringing values together: the type that two expressions meet in, and how each gets there."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal

from sqlglot import exp

from query_svc.core import values
from query_svc.core.faults import NotTranslatable
from query_svc.core.rules.context import Context, call, cast, mistake, number, op, text, type_of, typed
from query_svc.core.rules.lengths import bound_of
from query_svc.core.rules.overflow import limit
from query_svc.core.types import (
    FLOAT64,
    INTEGER_DIGITS,
    INTEGERS,
    MOMENTS,
    NULL,
    STRING,
    Form,
    Kind,
    SqlType,
    decimal,
    digits,
)

_READERS: dict[Kind, tuple[Callable[[str], str | int | float], str]] = {
    Kind.DATE: (values.read_date, "dw_to_date"),
    Kind.TIMESTAMP: (values.read_timestamp, "dw_to_timestamp"),
    Kind.TIMESTAMP_TZ: (values.read_timestamp, "dw_to_timestamp"),
    Kind.TIME: (values.read_time, "dw_to_time"),
    Kind.BOOLEAN: (values.read_boolean, "dw_to_boolean"),
    Kind.INT16: (values.read_integer, "dw_to_integer"),
    Kind.INT32: (values.read_integer, "dw_to_integer"),
    Kind.INT64: (values.read_integer, "dw_to_integer"),
    Kind.FLOAT32: (values.read_float, "dw_to_float"),
    Kind.FLOAT64: (values.read_float, "dw_to_float"),
}


def meet(types: Sequence[SqlType], *, ordering: bool = False) -> SqlType:
    """Type in which values of these types are compared or combined; `ordering` where more than equality counts."""
    known = [t for t in types if t.kind is not Kind.NULL]
    firm = [t for t in known if not t.literal]
    if not known:
        return NULL
    if not firm:
        return STRING
    result = firm[0]
    for other in firm[1:]:
        result = _meet_two(result, other)
    if result.kind is Kind.STRING and any(t != result for t in known):
        return replace(result, bytes=max(bound_of(t) for t in known))
    return replace(result, form=Form.SCALED) if ordering and result.form is Form.MIXED else result


def _meet_two(left: SqlType, right: SqlType) -> SqlType:
    if left == right:
        return left
    if left.is_number and right.is_number:
        return _meet_numbers(left, right)
    if left.is_moment and right.is_moment:
        return max(left, right, key=lambda t: MOMENTS.index(t.kind))
    if left.is_text and right.is_text:
        unbounded = not (left.length and right.length)
        return SqlType(Kind.STRING, length=0 if unbounded else max(left.length, right.length))
    if left.kind is right.kind:
        return left
    if Kind.JSON in (left.kind, right.kind):
        raise NotTranslatable(f"{left} beside {right}", hint="cast the SUPER, as in x.a::int")
    raise mistake(f"{left} and {right} do not go together", f"cast one of them, as in CAST(… AS {left})")


def _meet_numbers(left: SqlType, right: SqlType) -> SqlType:
    if left.is_float or right.is_float:
        return FLOAT64
    if left.is_integer and right.is_integer:
        return max(left, right, key=lambda t: INTEGERS.index(t.kind))
    (p1, s1), (p2, s2) = digits(left), digits(right)
    scale = max(s1, s2)
    forms = {t.form for t in (left, right) if t.is_decimal}
    if Form.ROUGH in forms:
        form = Form.ROUGH
    elif forms == {Form.DOUBLE} or (forms == {Form.MIXED} and left.is_decimal and right.is_decimal and s1 == s2):
        form = forms.pop()
    else:
        form = Form.SCALED
    return decimal(max(p1 - s1, p2 - s2) + scale, scale, form)


def coerce(node: exp.Expr, to: SqlType, cx: Context) -> exp.Expr:
    """Bring a lowered expression to the type that it meets others in; what would lose something is refused."""
    have = type_of(node)
    if have.kind is Kind.NULL or have == to:
        return node
    if have.literal:
        return literal_as(node, to)
    if to.is_decimal:
        return typed(_to_decimal(node, have, to, cx), to)
    if to.is_float and have.is_number:
        return typed(as_double(node, have), to)
    if to.kind in (Kind.TIMESTAMP, Kind.TIMESTAMP_TZ) and have.kind is Kind.DATE:
        cx.used("date_as_timestamp")
        return typed(op(exp.DPipe, node, text(" 00:00:00")), to)
    if _same_values(have, to):
        return node
    raise mistake(f"{have} cannot stand where {to} is expected", f"cast it, as in CAST(… AS {to})")


def _same_values(have: SqlType, to: SqlType) -> bool:
    return (
        (have.is_integer and to.is_integer)
        or (have.is_text and to.is_text)
        or (have.is_moment and to.is_moment)
        or have.kind is to.kind
    )


def literal_as(node: exp.Expr, to: SqlType) -> exp.Expr:
    """Quoted literal as a value of type `to`, read now so that a wrong one is refused."""
    if to.is_text or to.kind in (Kind.JSON, Kind.BINARY, Kind.GEOGRAPHY):
        return typed(node.copy(), replace(to, literal=False))
    read = read_literal(node, to)
    if isinstance(read, Decimal):
        return exact_literal(read, to)
    if to.is_integer and abs(int(read)) >= limit(to):
        raise mistake(f"the literal {node.name!r} is outside {to}", "write a smaller number, or cast it to BIGINT")
    made = text(read) if isinstance(read, str) else _signed(repr(read))
    return typed(made, to)


def read_literal(node: exp.Expr, to: SqlType) -> str | int | float | Decimal:
    """Value of a quoted literal that must be of type `to`."""
    try:
        return values.read_decimal(node.name) if to.is_decimal else _READERS[to.kind][0](node.name)
    except (ValueError, KeyError):
        raise mistake(f"the literal {node.name!r} is not a value of type {to}", f"write a {to}") from None


def exact_literal(value: Decimal, to: SqlType) -> exp.Expr:
    """Decimal literal in the form of `to`."""
    if to.form is Form.SCALED:
        return typed(_signed(str(values.scale_up(value, to.scale))), to)
    return typed(_signed(format(value, "f")), to)


def _signed(digits_: str) -> exp.Expr:
    return exp.Paren(this=exp.Neg(this=number(digits_[1:]))) if digits_.startswith("-") else number(digits_)


def _to_decimal(node: exp.Expr, have: SqlType, to: SqlType, cx: Context) -> exp.Expr:
    if to.form is Form.ROUGH:
        return as_double(node, have)
    if to.form is Form.SCALED:
        cx.used("decimal_as_integer")
        return scaled(node, have, to.scale)
    if have.is_integer or (have.is_decimal and have.form is to.form):
        return node
    raise NotTranslatable(f"{have} where {to} is expected", hint="cast it to a DECIMAL of at most 18 digits")


def scaled(node: exp.Expr, have: SqlType, scale: int) -> exp.Expr:
    """Integer that is the exact number times 10^scale; `scale` is at least the number's own."""
    if isinstance(node, exp.Literal) and have.form is Form.DOUBLE:
        return number(values.scale_up(Decimal(node.name), scale))
    if scale > INTEGER_DIGITS or (have.is_decimal and have.form is Form.ROUGH):
        raise NotTranslatable(
            f"exact arithmetic on {have} with {scale} digits after the point",
            "SQLite has 64-bit integers",
            hint="cast the operands to a smaller DECIMAL, or to DOUBLE PRECISION",
        )
    own = 0 if have.is_integer else have.scale
    whole = node if have.is_integer else _unscaled(node, have)
    return op(exp.Mul, whole, number(10 ** (scale - own))) if scale > own else whole


def _unscaled(node: exp.Expr, have: SqlType) -> exp.Expr:
    if have.form is Form.SCALED:
        return node
    if have.form is Form.MIXED:
        return call("dw_scaled", node, number(have.scale))
    factor = op(exp.Mul, node, number(10**have.scale)) if have.scale else node
    return cast(call("ROUND", factor), "INTEGER")


def as_double(node: exp.Expr, have: SqlType) -> exp.Expr:
    """Nearest double of a number."""
    if have.is_float or (have.is_decimal and have.form is Form.ROUGH):
        return node
    if have.is_decimal and have.form is Form.SCALED and have.scale > 0:
        return op(exp.Div, node, number(f"{10**have.scale}.0"))
    return cast(node, "REAL")


def readers() -> dict[Kind, str]:
    """SQLite functions that read text strictly, by the kind that they yield."""
    return {kind: name for kind, (_, name) in _READERS.items()}


def together(nodes: Sequence[exp.Expr], cx: Context, *, ordering: bool = False) -> tuple[list[exp.Expr], SqlType]:
    """Bring lowered expressions to the type in which they meet."""
    to = meet([type_of(node) for node in nodes], ordering=ordering)
    return [cx.target.coerce(node, to, cx) for node in nodes], to
