"""Operands, tagged: their type decides whether what stands around them means what the user meant."""

from sqlglot import exp

from query_svc.core.faults import NotTranslatable
from query_svc.core.rules.context import BOTH, Context, lower, lowers, type_of
from query_svc.core.types import FLOAT64, NULL

FRACTIONLESS, INEXACT = "fractionless", "inexact"


def fractionless(node: exp.Expr, where: str) -> exp.Tag:
    """A number that `where` takes only if it has no digits after its point to cut off; text as it is."""
    return exp.Tag(this=node, prefix=FRACTIONLESS, postfix=where)


def inexact(node: exp.Expr) -> exp.Tag:
    """An operand of a quotient in double precision, which a DECIMAL's is not."""
    return exp.Tag(this=node, prefix=INEXACT)


@lowers(exp.Tag, on=BOTH)
def _operand(node: exp.Tag, cx: Context) -> exp.Expr:
    made = lower(node.this, cx)
    return _checked_inexact(made, cx) if node.args["prefix"] == INEXACT else _checked_fractionless(made, node, cx)


def _checked_fractionless(made: exp.Expr, node: exp.Tag, cx: Context) -> exp.Expr:
    have = type_of(made)
    if have.is_float or (have.is_decimal and have.scale > 0):
        where = node.args["postfix"]
        raise NotTranslatable(f"{where} of {have}", f"{cx.dialect.name} cuts digits off", hint="write trunc(…) inside")
    return made


def _checked_inexact(made: exp.Expr, cx: Context) -> exp.Expr:
    have = type_of(made)
    if have.is_decimal or not (have.is_number or have == NULL):
        raise NotTranslatable(
            f"/ of {have}", f"{cx.dialect.name} cuts a DECIMAL's quotient", hint="write toFloat64(…) around it"
        )
    return cx.target.coerce(made, FLOAT64, cx)
