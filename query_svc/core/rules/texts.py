"""Functions on text that are no function of SQLite, or one with other edges."""

from sqlglot import exp

from query_svc.core.faults import NotTranslatable
from query_svc.core.rules.arguments import argument
from query_svc.core.rules.casts import as_text
from query_svc.core.rules.context import (
    Context,
    boolean,
    call,
    lower,
    lowers,
    number,
    op,
    text,
    typed,
    wrapped,
)
from query_svc.core.rules.lengths import characters, most_bytes, text_of, within_longest
from query_svc.core.types import INT32


def concat(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """CONCAT; PostgreSQL's takes NULL for nothing."""
    parts = [as_text(lower(arg, cx), cx) for arg in args]
    if cx.dialect.name == "postgres":
        parts = [call("COALESCE", part, text("")) for part in parts]
    result = wrapped(parts[0])
    for part in parts[1:]:
        result = op(exp.DPipe, result, part)
    return within_longest(result, sum(most_bytes(part) for part in parts), short, cx)


def short(node: exp.Expr) -> exp.Expr:
    """Text, or an error where it is longer than Redshift's longest."""
    return call("dw_short", node)


def find(order: tuple[int, int], args: list[exp.Expr], cx: Context) -> exp.Expr:
    """Place of a text in another, 0 where it is not; `order` says which argument is which."""
    needle, hay = (as_text(lower(args[i], cx), cx) for i in order)
    return typed(call("INSTR", hay, needle), INT32)


@lowers(exp.StrPosition)
def _position(node: exp.StrPosition, cx: Context) -> exp.Expr:
    if node.args.get("position") or node.args.get("occurrence"):
        raise NotTranslatable("POSITION from a place", hint="cut the text with SUBSTRING first")
    return find((0, 1), [node.args["substr"], node.this], cx)


@lowers(exp.Substring)
def _substring_node(node: exp.Substring, cx: Context) -> exp.Expr:
    parts = [node.this, node.args.get("start") or number(1), node.args.get("length")]
    return substring([part for part in parts if part is not None], cx)


def substring(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """SUBSTRING by place, also before the first character."""
    value = as_text(lower(args[0], cx), cx)
    start, *length = [argument("SUBSTRING", lower(arg, cx), "i", cx) for arg in args[1:]]
    forward = all(isinstance(n, exp.Literal) and int(n.name) > 0 for n in (start, *length))
    if not forward:
        cx.used("substring_by_position")
    target = "SUBSTR" if forward else "dw_substr_end" if cx.dialect.folds_upper else "dw_substring"
    most = characters(value, *length) if length else most_bytes(value)
    return typed(call(target, value, start, *length), text_of(most))


@lowers(exp.Trim)
def _trim_node(node: exp.Trim, cx: Context) -> exp.Expr:
    target = {"LEADING": "LTRIM", "TRAILING": "RTRIM"}.get(node.text("position").upper(), "TRIM")
    return trim(target, [part for part in (node.this, node.expression) if part], cx)


def trim(target: str, args: list[exp.Expr], cx: Context) -> exp.Expr:
    """TRIM, LTRIM and RTRIM."""
    parts = [as_text(lower(arg, cx), cx) for arg in args]
    return typed(call(target, *parts), text_of(most_bytes(parts[0])))


def starts(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """STARTSWITH(text, start)."""
    value, start = (as_text(lower(arg, cx), cx) for arg in args)
    return boolean(op(exp.EQ, call("SUBSTR", value, number(1), call("LENGTH", start)), start.copy()))
