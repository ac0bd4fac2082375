"""Aggregates that Snowflake has and PostgreSQL's rules lack, on the emulator."""

from sqlglot import exp

from query_svc.core.faults import NotTranslatable
from query_svc.core.rules.context import POSTGRES_RULES, Context, call, lower, lowers, mistake, number, type_of, typed
from query_svc.core.rules.operators import condition
from query_svc.core.rules.postgres.aggregates import ordered_item
from query_svc.core.rules.postgres.values import as_double, as_text
from query_svc.core.rules.snowflake.functions import EMULATOR
from query_svc.core.rules.snowflake.values import duck_cast, scale_of
from query_svc.core.types import BOOLEAN, FLOAT64, INT64, MOST_DIGITS, STRING, decimal

_PAIRS: dict[type[exp.Expr], str] = {exp.Corr: "CORR", exp.CovarPop: "COVAR_POP", exp.CovarSamp: "COVAR_SAMP"}
_BITS: dict[type[exp.Expr], str] = {
    exp.BitwiseAndAgg: "BIT_AND",
    exp.BitwiseOrAgg: "BIT_OR",
    exp.BitwiseXorAgg: "BIT_XOR",
}
_TRUTHS: dict[type[exp.Expr], str] = {exp.LogicalAnd: "BOOL_AND", exp.LogicalOr: "BOOL_OR"}


@lowers(exp.CountIf, on=EMULATOR)
def _count_if(node: exp.CountIf, cx: Context) -> exp.Expr:
    true = exp.Case(ifs=[exp.If(this=condition(node.this, cx, "COUNT_IF"), true=number(1))])
    return typed(exp.Count(this=true), INT64)


@lowers(exp.AnyValue, on=EMULATOR)
def _any_value(node: exp.AnyValue, cx: Context) -> exp.Expr:
    value = lower(node.this, cx)
    return typed(call("ANY_VALUE", value), type_of(value))


@lowers(*_TRUTHS, on=EMULATOR)
def _truth(node: exp.Expr, cx: Context) -> exp.Expr:
    return typed(call(_TRUTHS[type(node)], condition(node.this, cx, _TRUTHS[type(node)])), BOOLEAN)


@lowers(*_BITS, on=EMULATOR)
def _bits(node: exp.Expr, cx: Context) -> exp.Expr:
    value = lower(node.this, cx)
    if not type_of(value).is_integer:
        raise mistake(f"{_BITS[type(node)]} takes integers, not {type_of(value)}", "cast it")
    return typed(call(_BITS[type(node)], value), INT64)


@lowers(*_PAIRS, on=EMULATOR)
def _pair(node: exp.Expr, cx: Context) -> exp.Expr:
    values = [as_double(lower(part, cx)) for part in (node.this, node.expression)]
    return typed(call(_PAIRS[type(node)], *values), FLOAT64)


@lowers(exp.GroupConcat, on=EMULATOR)
def _listagg(node: exp.GroupConcat, cx: Context) -> exp.Expr:
    """LISTAGG(DISTINCT …): DuckDB has it where it is ordered by what it lists."""
    ordered = node.this
    if not (isinstance(ordered, exp.Order) and isinstance(ordered.this, exp.Distinct)):
        return POSTGRES_RULES[exp.GroupConcat](node, cx)
    [value], order = ordered.this.expressions, ordered.expressions
    if len(order) != 1 or order[0].this != value:
        raise NotTranslatable("LISTAGG(DISTINCT) in another order", hint="order by what it lists")
    separator = as_text(lower(node.args.get("separator") or exp.Literal.string(""), cx), cx)
    listed = exp.Distinct(expressions=[as_text(lower(value, cx), cx)])
    items = [ordered_item(item, cx) for item in order]
    return typed(call("STRING_AGG", listed, exp.Order(this=separator, expressions=items)), STRING)


@lowers(exp.Median, on=EMULATOR)
def _median(node: exp.Median, cx: Context) -> exp.Expr:
    """MEDIAN: exact for decimals, which get three more digits after their point."""
    value = lower(node.this, cx)
    have = type_of(value)
    if have.is_float or not have.is_number:
        return typed(call("MEDIAN", as_double(value)), FLOAT64)
    to = decimal(MOST_DIGITS, min(scale_of(have) + 3, MOST_DIGITS))
    return typed(call("MEDIAN", duck_cast(value, f"DECIMAL(38, {to.scale})")), to)


@lowers(exp.Mode, on=EMULATOR)
def _mode(node: exp.Mode, cx: Context) -> exp.Expr:
    value = lower(node.this, cx)
    cx.note("where several values are the most frequent, which of them MODE answers may differ")
    return typed(call("MODE", value), type_of(value))


__all__ = ["EMULATOR"]
