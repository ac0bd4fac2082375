"""Rows beside a query: `(a, b) IN (SELECT …)`."""

from sqlglot import exp

from query_svc.core.faults import NotTranslatable
from query_svc.core.rules import operators
from query_svc.core.rules.coerce import meet
from query_svc.core.rules.conditionals import outputs_of
from query_svc.core.rules.context import POSTGRES, Context, boolean, lower, lowers, mistake, type_of


@lowers(exp.In, on=POSTGRES)
def _in(node: exp.In, cx: Context) -> exp.Expr:
    if not isinstance(node.this, exp.Tuple):
        return operators.lower_in(node, cx)
    query = node.args.get("query")
    if query is None:
        raise NotTranslatable("IN with rows", hint="use a query, or OR over comparisons of each column")
    parts = [lower(part, cx) for part in node.this.expressions]
    kinds = [kind for _, kind in outputs_of(query)]
    if len(kinds) != len(parts):
        raise mistake(f"a row of {len(parts)} stands beside a query of {len(kinds)} columns")
    for part, kind in zip(parts, kinds, strict=True):
        if meet([type_of(part), kind]).is_text or type_of(part).literal:
            raise NotTranslatable("IN with a row that has text", hint="use EXISTS with a comparison of each column")
    made = exp.In(this=exp.Tuple(expressions=parts), query=query)
    return boolean(exp.Not(this=exp.Paren(this=made)) if node.args.get("negate") else made)
