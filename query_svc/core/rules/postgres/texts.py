"""Functions on text with other edges, other arguments or another name in PostgreSQL."""

from sqlglot import exp

from query_svc.core.faults import NotTranslatable
from query_svc.core.rules.context import POSTGRES, Context, boolean, call, lower, lowers, number, type_of, typed
from query_svc.core.rules.lengths import characters, most_bytes, text_of
from query_svc.core.rules.postgres.operators import joined
from query_svc.core.rules.postgres.values import as_text, cast_to, literal_as
from query_svc.core.types import INT32


def concat(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """CONCAT: NULL where one is NULL; PostgreSQL's own takes NULL for nothing."""
    cx.used("concat_by_operator")
    return joined([as_text(lower(arg, cx), cx) for arg in args], cx)


def find(order: tuple[int, int], args: list[exp.Expr], cx: Context) -> exp.Expr:
    """Place of a text in another, 0 where it is not; `order` says which argument is which."""
    needle, hay = (as_text(lower(args[i], cx), cx) for i in order)
    return typed(call("STRPOS", hay, needle), INT32)


@lowers(exp.StrPosition, on=POSTGRES)
def _position(node: exp.StrPosition, cx: Context) -> exp.Expr:
    if node.args.get("position") or node.args.get("occurrence"):
        raise NotTranslatable("POSITION from a place", hint="cut the text with SUBSTRING first")
    return find((0, 1), [node.args["substr"], node.this], cx)


@lowers(exp.Substring, on=POSTGRES)
def _substring_node(node: exp.Substring, cx: Context) -> exp.Expr:
    parts = [node.this, node.args.get("start") or number(1), node.args.get("length")]
    return substring([part for part in parts if part is not None], cx)


def substring(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """SUBSTRING by place; before the first character PostgreSQL and Redshift agree, Snowflake does not."""
    value = as_text(lower(args[0], cx), cx)
    places = [_place(lower(arg, cx)) for arg in args[1:]]
    if cx.dialect.folds_upper and not all(isinstance(n, exp.Literal) and int(n.name) > 0 for n in places):
        raise NotTranslatable("SUBSTR from a computed or negative place", hint="use LEFT or RIGHT")
    most = characters(value, *places[1:]) if len(places) > 1 else most_bytes(value)
    return typed(call("SUBSTR", value, *places), text_of(most))


def _place(node: exp.Expr) -> exp.Expr:
    if type_of(node).literal:
        return literal_as(node, INT32)
    return node if isinstance(node, exp.Literal) else cast_to(node, INT32)


@lowers(exp.Trim, on=POSTGRES)
def _trim_node(node: exp.Trim, cx: Context) -> exp.Expr:
    target = {"LEADING": "LTRIM", "TRAILING": "RTRIM"}.get(node.text("position").upper(), "BTRIM")
    return trim(target, [part for part in (node.this, node.expression) if part], cx)


def trim(target: str, args: list[exp.Expr], cx: Context) -> exp.Expr:
    """TRIM, LTRIM and RTRIM."""
    parts = [as_text(lower(arg, cx), cx) for arg in args]
    return typed(call(target, *parts), text_of(most_bytes(parts[0])))


def starts(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """STARTSWITH(text, start)."""
    return boolean(call("STARTS_WITH", *(as_text(lower(arg, cx), cx) for arg in args)))
