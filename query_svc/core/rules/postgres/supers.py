"""SUPER: values are jsonb; steps into them, comparisons by type, and the functions of arrays and objects."""

from sqlglot import exp

from query_svc.core.faults import NotTranslatable
from query_svc.core.rules import operators
from query_svc.core.rules.context import (
    POSTGRES,
    Context,
    boolean,
    call,
    lower,
    lowers,
    mistake,
    name_of,
    number,
    op,
    text,
    type_of,
    typed,
)
from query_svc.core.rules.lengths import LONGEST_TEXT, within_longest
from query_svc.core.rules.postgres.values import as_text, cast_to, compat, short
from query_svc.core.rules.unknown import unknown_function
from query_svc.core.types import INT32, STRING, Kind, SqlType, decimal

SUPER = SqlType(Kind.JSON)
_KEPT = (Kind.BOOLEAN, Kind.INT16, Kind.INT32, Kind.INT64, Kind.FLOAT32, Kind.FLOAT64, Kind.DECIMAL)
_COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE)


def _as_jsonb(node: exp.Expr) -> exp.Expr:
    return typed(exp.Cast(this=node, to=exp.DataType.build("JSONB", dialect="postgres")), SUPER)


def super_of(node: exp.Expr, cx: Context) -> exp.Expr:
    """Bring a lowered value to SUPER."""
    have = type_of(node)
    if have.kind is Kind.JSON:
        return node
    if have.kind is Kind.NULL:
        return _as_jsonb(node)
    plain = node if have.kind in _KEPT else cast_to(as_text(node, cx), STRING)
    return typed(call("TO_JSONB", plain), SUPER)


@lowers(exp.Dot, exp.Bracket, on=POSTGRES)
def _step(node: exp.Dot | exp.Bracket, cx: Context) -> exp.Expr:
    if isinstance(node.expression, exp.Func):
        raise unknown_function(name_of(node).removesuffix("()"), (), cx)
    inner = lower(node.this, cx)
    if type_of(inner).kind is not Kind.JSON:
        step = node.sql(comments=False).replace('"', "")[:60]
        raise NotTranslatable(f"the step {step} into {type_of(inner)}", hint="step into a SUPER")
    if isinstance(node, exp.Dot):
        if not isinstance(node.expression, exp.Identifier):
            raise NotTranslatable("this step into a SUPER", hint="name an attribute, or a place as [0]")
        return typed(compat("attribute", inner, text(node.expression.name)), SUPER)
    place = node.expressions[0] if len(node.expressions) == 1 else exp.Null()
    if isinstance(place, exp.Literal) and place.is_string:
        return typed(compat("attribute", inner, text(place.name)), SUPER)
    if not (isinstance(place, exp.Literal) and place.is_int):
        raise NotTranslatable("a computed step into a SUPER", hint="write the place as a number")
    return typed(compat("element", inner, number(place.name)), SUPER)


@lowers(*_COMPARISONS, on=POSTGRES)
def _compare(node: exp.Binary, cx: Context) -> exp.Expr:
    if isinstance(node.this, exp.Tuple) or isinstance(node.expression, exp.Tuple):
        return operators.compare(node, cx)
    sides = [lower(node.this, cx), lower(node.expression, cx)]
    if all(type_of(side).kind is not Kind.JSON for side in sides):
        return operators.compared(type(node), sides, cx)
    cx.used("super_compared_by_type")
    order = compat("super_order", *(super_of(side, cx) for side in sides))
    return boolean(op(type(node), order, number(0)))


@lowers(exp.Unnest, on=POSTGRES)
def _elements(node: exp.Unnest, cx: Context) -> exp.Expr:
    """Array in FROM: a row for each element, with its place."""
    if len(node.expressions) != 1 or not node.alias_column_names:
        raise NotTranslatable("UNNEST of this form", hint="write FROM t, t.column AS element")
    inner = lower(node.expressions[0], cx)
    if type_of(inner).kind is not Kind.JSON:
        raise mistake(f"only a SUPER has elements, not {type_of(inner)}")
    cx.used("super_elements")
    target = "attributes" if node.meta_get("attributes") else "elements"
    return exp.Lateral(this=compat(target, inner), alias=node.args["alias"])


@lowers(exp.Is, on=POSTGRES)
def _is(node: exp.Is, cx: Context) -> exp.Expr:
    made = operators.lower_is(node, cx)
    inner = made.this.unnest() if isinstance(made, exp.Is) else made
    if isinstance(made, exp.Is) and type_of(inner).kind is Kind.JSON:  # JSON's null is no value either
        made.set("this", exp.Nullif(this=inner, expression=_as_jsonb(text("null"))))
    return made


_SIGNS: dict[type[exp.Expr], str] = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*"}


def super_arithmetic(node: exp.Expr, left: exp.Expr, right: exp.Expr, cx: Context) -> exp.Expr:
    """Lower +, - and * of a SUPER and a number: a SUPER again, NULL where one is no number."""
    for side in (left, right):
        if not (type_of(side).kind is Kind.JSON or type_of(side).is_integer or type_of(side).is_decimal):
            raise NotTranslatable(
                f"a SUPER {_SIGNS[type(node)]} {type_of(side)}", hint="cast the SUPER, as in x.a::int"
            )
    cx.used("super_arithmetic")
    sides = [super_of(side, cx) for side in (left, right)]
    return typed(compat("super_arithmetic", text(_SIGNS[type(node)]), *sides), SUPER)


def cast_super(node: exp.Expr, to: SqlType) -> exp.Expr:
    """CAST of a SUPER: its scalar, read as the type."""
    value: exp.Expr = typed(compat("scalar", node), STRING)
    if to.is_integer:
        value = cast_to(value, decimal(38, 10))
    return cast_to(value, to)


def array(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """ARRAY(value, …)."""
    return typed(call("JSONB_BUILD_ARRAY", *(super_of(lower(arg, cx), cx) for arg in args)), SUPER)


def build_object(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """OBJECT(name, value, …)."""
    if len(args) % 2:
        raise mistake("OBJECT takes names and values in pairs")
    parts: list[exp.Expr] = []
    for name, value in zip(args[::2], args[1::2], strict=True):
        parts += [cast_to(as_text(lower(name, cx), cx), STRING), super_of(lower(value, cx), cx)]
    return typed(call("JSONB_BUILD_OBJECT", *parts), SUPER)


def parsed(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """JSON_PARSE(text)."""
    return _as_jsonb(as_text(lower(args[0], cx), cx))


def serialized(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """JSON_SERIALIZE(super)."""
    cx.note("attributes of an object are written in another order than they were read in")
    made = compat("serialized", super_of(lower(args[0], cx), cx))
    return within_longest(made, LONGEST_TEXT + 1, short, cx)


def subarray(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """SUBARRAY(array, start, length)."""
    places = [lower(arg, cx) for arg in args[1:]]
    if not all(type_of(place).is_integer for place in places):
        raise mistake("SUBARRAY takes integers behind the array")
    places = [*places, number(2**31 - 1)][:2]
    return typed(compat("subarray", super_of(lower(args[0], cx), cx), *(cast_to(p, INT32) for p in places)), SUPER)


def split(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """SPLIT_TO_ARRAY(text, delimiter)."""
    parts = [as_text(lower(arg, cx), cx) for arg in args] + [text(",")]
    return typed(compat("split_to_array", *parts[:2]), SUPER)


def renamed(capitals: bool, args: list[exp.Expr], cx: Context) -> exp.Expr:
    """LOWER_ATTRIBUTE_NAMES and UPPER_ATTRIBUTE_NAMES(super)."""
    return typed(compat("renamed", super_of(lower(args[0], cx), cx), exp.Boolean(this=capitals)), SUPER)


def is_kind(kinds: tuple[str, ...], args: list[exp.Expr], cx: Context) -> exp.Expr:
    """IS_ARRAY, IS_OBJECT, IS_SCALAR, IS_VARCHAR and IS_DECIMAL(super)."""
    names = exp.Array(expressions=[text(kind) for kind in kinds])
    return boolean(compat("is_kind", super_of(lower(args[0], cx), cx), names))


def is_whole(bits: int, args: list[exp.Expr], cx: Context) -> exp.Expr:
    """IS_SMALLINT, IS_INTEGER and IS_BIGINT(super)."""
    return boolean(compat("is_whole", super_of(lower(args[0], cx), cx), number(bits)))


FUNCTIONS = {
    "ARRAY": (array, 0, 999),
    "OBJECT": (build_object, 0, 999),
    "JSON_PARSE": (parsed, 1, 1),
    "JSON_SERIALIZE": (serialized, 1, 1),
    "SUBARRAY": (subarray, 2, 3),
    "SPLIT_TO_ARRAY": (split, 1, 2),
}
INTEGER_BITS = {"IS_SMALLINT": 16, "IS_INTEGER": 32, "IS_BIGINT": 64}
KINDS = {
    "IS_ARRAY": ("array",),
    "IS_OBJECT": ("object",),
    "IS_SCALAR": ("number", "string", "boolean"),
    "IS_VARCHAR": ("string",),
    "IS_DECIMAL": ("number",),
}
