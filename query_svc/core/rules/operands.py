"""Operands whose type decides whether what stands around them means what the user meant."""

from sqlglot import exp

from query_svc.core.faults import NotTranslatable
from query_svc.core.rules.context import BOTH, Context, lower, lowers, type_of
from query_svc.core.types import FLOAT64, NULL


class Fractionless(exp.Expression):
    """A number that `where` takes only if it has no digits after its point to cut off; text as it is."""

    arg_types = {"this": True, "where": True}  # noqa: RUF012  # as sqlglot has it


class Inexact(exp.Expression):
    """An operand of a quotient in double precision, which a DECIMAL's is not."""

    arg_types = {"this": True}  # noqa: RUF012  # as sqlglot has it


@lowers(Fractionless, on=BOTH)
def _fractionless(node: Fractionless, cx: Context) -> exp.Expr:
    made = lower(node.this, cx)
    have = type_of(made)
    if have.is_float or (have.is_decimal and have.scale > 0):
        where = node.text("where")
        raise NotTranslatable(f"{where} of {have}", f"{cx.dialect.name} cuts digits off", hint="write trunc(…) inside")
    return made


@lowers(Inexact, on=BOTH)
def _inexact(node: Inexact, cx: Context) -> exp.Expr:
    made = lower(node.this, cx)
    have = type_of(made)
    if have.is_decimal or not (have.is_number or have == NULL):
        raise NotTranslatable(
            f"/ of {have}", f"{cx.dialect.name} cuts a DECIMAL's quotient", hint="write toFloat64(…) around it"
        )
    return cx.target.coerce(made, FLOAT64, cx)
