"""NULLIF, which compares as the user's warehouse does."""

from sqlglot import exp

from query_svc.core.rules.coerce import together
from query_svc.core.rules.context import POSTGRES, Context, comparables, lower, lowers, op, type_of, typed, when


@lowers(exp.Nullif, on=POSTGRES)
def nullif(node: exp.Nullif, cx: Context) -> exp.Expr:
    """Lower NULLIF(a, b)."""
    (left, right), to = together([lower(node.this, cx), lower(node.expression, cx)], cx)
    if not type_of(left).is_text:
        return typed(exp.Nullif(this=left, expression=right), to)
    one, other = comparables([left, right], cx)
    return typed(when(op(exp.EQ, one.copy(), other), exp.Null(), left), to)
