"""Functions that choose among values: COALESCE, NVL2, DECODE, IFF, GREATEST, LEAST."""

from sqlglot import exp

from query_svc.core.rules.coerce import together
from query_svc.core.rules.context import (
    BOTH,
    Context,
    call,
    comparables,
    lower,
    lowers,
    op,
    typed,
    wrapped,
)


def coalesce(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """COALESCE, NVL, IFNULL and ISNULL."""
    parts, to = together([lower(arg, cx) for arg in args], cx)
    return typed(call("COALESCE", *parts) if len(parts) > 1 else parts[0], to)


@lowers(exp.Coalesce, on=BOTH)
def _coalesce_node(node: exp.Coalesce, cx: Context) -> exp.Expr:
    return coalesce([node.this, *node.expressions], cx)


@lowers(exp.Nullif)
def _nullif(node: exp.Nullif, cx: Context) -> exp.Expr:
    (left, right), to = together([lower(node.this, cx), lower(node.expression, cx)], cx)
    return typed(exp.Nullif(this=left, expression=right), to)


def nvl2(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """NVL2(value, if there, if NULL)."""
    tested = lower(args[0], cx)
    (then, otherwise), to = together([lower(args[1], cx), lower(args[2], cx)], cx)
    there = exp.Not(this=exp.Paren(this=exp.Is(this=wrapped(tested), expression=exp.Null())))
    return typed(exp.Case(ifs=[exp.If(this=there, true=then)], default=otherwise), to)


def decode(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """DECODE(value, search, result, …, default): NULL matches NULL."""
    pairs, default = args[1:], None
    if len(pairs) % 2:
        *pairs, default = pairs
    tests, _ = together([lower(args[0], cx), *(lower(a, cx) for a in pairs[::2])], cx)
    value, *searched = comparables(tests, cx)
    ends = [*pairs[1::2], *([default] if default is not None else [])]
    results, to = together([lower(end, cx) for end in ends], cx)
    cx.used("decode_as_case")
    ifs = [
        exp.If(this=op(exp.NullSafeEQ, value.copy(), search), true=result)
        for search, result in zip(searched, results, strict=False)
    ]
    return typed(exp.Case(ifs=ifs, default=results[-1] if default is not None else None), to)


def extreme(sign: type[exp.Binary], args: list[exp.Expr], cx: Context) -> exp.Expr:
    """GREATEST and LEAST: NULLs are ignored by Redshift and PostgreSQL, and win in Snowflake."""
    parts, to = together([lower(arg, cx) for arg in args], cx, ordering=True)
    name = "greatest" if sign is exp.GT else "least"
    if cx.dialect.name == "snowflake":
        return typed(call("MAX" if sign is exp.GT else "MIN", *parts), to) if len(parts) > 1 else parts[0]
    cx.used(f"{name}_ignores_nulls")
    return typed(call(f"dw_{name}", *parts), to)


def iff(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """IFF(condition, then, otherwise)."""
    return lower(exp.Case(ifs=[exp.If(this=args[0], true=args[1])], default=args[2]), cx)


def zeroifnull(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """ZEROIFNULL(value)."""
    return coalesce([args[0], exp.Literal.number(0)], cx)
