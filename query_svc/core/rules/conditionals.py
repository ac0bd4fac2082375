"""CASE, IF and subqueries as values."""

from sqlglot import exp

from query_svc.core.faults import NotTranslatable
from query_svc.core.rules.coerce import together
from query_svc.core.rules.context import BOTH, Context, boolean, comparables, lower, lowers, typed
from query_svc.core.rules.operators import condition
from query_svc.core.types import SqlType


@lowers(exp.Case, on=BOTH)
def _case(node: exp.Case, cx: Context) -> exp.Expr:
    branches = node.args.get("ifs") or []
    default = node.args.get("default")
    ends = [branch.args["true"] for branch in branches] + ([default] if default is not None else [])
    results, to = together([lower(end, cx) for end in ends], cx)
    operand, tests = _tests(node, branches, cx)
    ifs = [exp.If(this=test, true=result) for test, result in zip(tests, results, strict=False)]
    return typed(exp.Case(this=operand, ifs=ifs, default=results[-1] if default is not None else None), to)


def _tests(node: exp.Case, branches: list[exp.If], cx: Context) -> tuple[exp.Expr | None, list[exp.Expr]]:
    if node.this is None:
        return None, [condition(branch.this, cx, "WHEN") for branch in branches]
    parts, _ = together([lower(node.this, cx), *(lower(branch.this, cx) for branch in branches)], cx)
    operand, *tests = comparables(parts, cx)
    return operand, tests


@lowers(exp.If, on=BOTH)
def _if(node: exp.If, cx: Context) -> exp.Expr:
    return lower(exp.Case(ifs=[exp.If(this=node.this, true=node.args["true"])], default=node.args.get("false")), cx)


def outputs_of(query: exp.Expr) -> list[tuple[str, SqlType]]:
    """Columns of a query that was lowered before."""
    found = query.unnest().meta_get("outputs")
    if not isinstance(found, list):
        raise NotTranslatable("a subquery at this place", hint="use WITH, and join it")
    return found


@lowers(exp.Subquery, on=BOTH)
def _scalar(node: exp.Subquery, _cx: Context) -> exp.Expr:
    outputs = outputs_of(node)
    if len(outputs) != 1:
        raise NotTranslatable("a subquery of several columns as a value", hint="select one column")
    return typed(node, outputs[0][1])


@lowers(exp.Exists, on=BOTH)
def _exists(node: exp.Exists, _cx: Context) -> exp.Expr:
    outputs_of(node.this)
    return boolean(node)
