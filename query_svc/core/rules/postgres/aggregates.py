"""Aggregates: of the types that Redshift answers, over text in the order of its code points."""

from sqlglot import exp

from query_svc.core.faults import NotTranslatable
from query_svc.core.rules.aggregates import refuse_further
from query_svc.core.rules.context import POSTGRES, Context, call, lower, lowers, mistake, number, type_of, typed
from query_svc.core.rules.postgres.values import as_double, as_text, cast_to, collated, comparable, compat, literal_as
from query_svc.core.types import FLOAT64, INT32, INT64, MOST_DIGITS, NULL, STRING, Kind, SqlType, decimal

_PLAIN = {
    exp.BitwiseAndAgg: "BIT_AND",
    exp.BitwiseOrAgg: "BIT_OR",
    exp.LogicalAnd: "BOOL_AND",
    exp.LogicalOr: "BOOL_OR",
}
_SPREADS = {
    exp.Stddev: "STDDEV_SAMP",
    exp.StddevSamp: "STDDEV_SAMP",
    exp.StddevPop: "STDDEV_POP",
    exp.Variance: "VAR_SAMP",
    exp.VariancePop: "VAR_POP",
}


def argument_of(node: exp.Expr, name: str, cx: Context) -> tuple[exp.Expr, bool]:
    """Argument of an aggregate, lowered, and whether it is DISTINCT."""
    inner = node.this
    distinct = isinstance(inner, exp.Distinct)
    if distinct:
        if len(inner.expressions) != 1:
            raise NotTranslatable(f"{name}(DISTINCT a, b)", hint="count rows of a SELECT DISTINCT subquery")
        inner = inner.expressions[0]
    if isinstance(inner, exp.Order | exp.Limit | exp.HavingMax):
        raise NotTranslatable(f"{name} with ORDER BY", hint="leave it out")
    return lower(inner, cx), distinct


def _whole(node: exp.Expr, distinct: bool) -> exp.Expr:
    return exp.Distinct(expressions=[node]) if distinct else node


def summable(node: exp.Expr, name: str) -> exp.Expr:
    """Refuse a lowered argument that is no number."""
    have = type_of(node)
    if have.literal:
        return literal_as(node, FLOAT64)
    if have.kind is Kind.JSON:
        raise NotTranslatable(f"{name} of a SUPER", hint="cast it, as in x.a::int")
    if have != NULL and not have.is_number:
        raise mistake(f"{name} takes numbers, not {have}", "cast it, or use COUNT")
    return node


@lowers(exp.Count, on=POSTGRES)
def _count(node: exp.Count, cx: Context) -> exp.Expr:
    if isinstance(node.this, exp.Star):
        return typed(exp.Count(this=exp.Star()), INT64)
    if node.expressions:
        raise NotTranslatable("COUNT of several columns", hint="count one column")
    inner, distinct = argument_of(node, "COUNT", cx)
    inner = comparable(inner, cx, False) if distinct else inner
    return typed(exp.Count(this=_whole(inner, distinct)), INT64)


@lowers(exp.ApproxDistinct, on=POSTGRES)
def _approximate_count(node: exp.ApproxDistinct, cx: Context) -> exp.Expr:
    refuse_further(node)
    cx.note("the number of distinct values is counted exactly; the warehouse estimates it")
    return typed(exp.Count(this=_whole(comparable(lower(node.this, cx), cx, False), True)), INT64)


@lowers(exp.Sum, on=POSTGRES)
def _sum(node: exp.Sum, cx: Context) -> exp.Expr:
    inner, distinct = argument_of(node, "SUM", cx)
    inner = summable(inner, "SUM")
    have = type_of(inner)
    to: SqlType = FLOAT64
    if have.is_decimal or have.kind is Kind.INT64:
        to = decimal(MOST_DIGITS, have.scale)
    elif have.is_integer:
        to = INT64 if cx.dialect.integer_division else decimal(MOST_DIGITS, 0)
    elif have.kind is Kind.FLOAT32:
        inner = as_double(inner)
    return typed(exp.Sum(this=_whole(inner, distinct)), to)


@lowers(exp.Avg, on=POSTGRES)
def _avg(node: exp.Avg, cx: Context) -> exp.Expr:
    inner, distinct = argument_of(node, "AVG", cx)
    inner = summable(inner, "AVG")
    have = type_of(inner)
    if have.is_float or have == NULL:
        return typed(exp.Avg(this=_whole(inner, distinct)), FLOAT64)
    if cx.dialect.avg_is_double:
        return cast_to(exp.Avg(this=_whole(inner, distinct)), FLOAT64)
    total, count = exp.Sum(this=_whole(inner, distinct)), exp.Count(this=_whole(inner.copy(), distinct))
    if cx.dialect.avg_keeps_type:
        cx.used("avg_keeps_type")
        if have.is_integer:
            return cast_to(compat("quotient", total, count, number(0)), INT64)
        cx.note("AVG of a DECIMAL keeps its scale; whether the last digit is cut or rounded may differ")
        return typed(compat("quotient", total, count, number(have.scale)), decimal(MOST_DIGITS, have.scale))
    scale = max(have.scale, min(have.scale + 6, 12))
    exact = compat("quotient", total, count, number(scale + 1))
    return typed(call("ROUND", exact, number(scale)), decimal(MOST_DIGITS, scale))


@lowers(exp.Min, exp.Max, on=POSTGRES)
def _extreme(node: exp.Min | exp.Max, cx: Context) -> exp.Expr:
    name = node.key.upper()
    if node.expressions:
        raise NotTranslatable(f"{name} of several values", hint="use GREATEST or LEAST")
    inner, _ = argument_of(node, name, cx)
    have = type_of(inner)
    if have.kind is Kind.BOOLEAN:
        raise mistake(f"{name} takes no BOOLEAN", "use SUM(CASE WHEN … THEN 1 ELSE 0 END)")
    if have.kind in (Kind.JSON, Kind.BINARY, Kind.ARRAY):
        raise NotTranslatable(f"{name} of {have}", hint="take it of a number, text or moment")
    if have.is_text:
        text = inner if have.fixed_length else as_text(inner, cx)
        made = type(node)(this=collated(text))
        return typed(made, STRING if have.kind is Kind.UUID or have.literal else have)
    return typed(type(node)(this=inner), have)


@lowers(*_SPREADS, on=POSTGRES)
def _spread(node: exp.AggFunc, cx: Context) -> exp.Expr:
    name = _SPREADS[type(node)]
    inner, distinct = argument_of(node, name, cx)
    return typed(call(name, _whole(as_double(summable(inner, name)), distinct)), FLOAT64)


@lowers(*_PLAIN, on=POSTGRES)
def _bits(node: exp.AggFunc, cx: Context) -> exp.Expr:
    name = _PLAIN[type(node)]
    inner, distinct = argument_of(node, name, cx)
    have = type_of(inner)
    if name.startswith("BOOL") != (have.kind is Kind.BOOLEAN) or not (have.is_integer or have.kind is Kind.BOOLEAN):
        raise NotTranslatable(f"{name} of {have}", hint="take BIT_… of integers, BOOL_… of conditions")
    return typed(call(name, _whole(inner, distinct)), have)


@lowers(exp.AnyValue, on=POSTGRES)
def _any_value(node: exp.AnyValue, cx: Context) -> exp.Expr:
    inner, _ = argument_of(node, "ANY_VALUE", cx)
    return typed(compat("first_known", inner), type_of(inner))


@lowers(exp.Grouping, on=POSTGRES)
def _grouping(node: exp.Grouping, cx: Context) -> exp.Expr:
    return typed(call("GROUPING", *(lower(key, cx) for key in node.expressions)), INT32)


@lowers(exp.Rollup, exp.Cube, exp.GroupingSets, on=POSTGRES)
def _grouping_sets(node: exp.Expr, cx: Context) -> exp.Expr:
    return type(node)(expressions=[_grouping_set(item, cx) for item in node.expressions])


def _grouping_set(item: exp.Expr, cx: Context) -> exp.Expr:
    if isinstance(item, exp.Tuple):
        return exp.Tuple(expressions=[_grouping_set(inner, cx) for inner in item.expressions])
    if isinstance(item, exp.Paren):
        return exp.Paren(this=_grouping_set(item.this, cx))
    if isinstance(item, exp.Literal):
        raise NotTranslatable("a place in grouping sets", hint="write the column")
    return lower(item, cx)


@lowers(exp.ApproxQuantile, on=POSTGRES)
def _approximate_percentile(node: exp.ApproxQuantile, cx: Context) -> exp.Expr:
    cx.note("APPROXIMATE PERCENTILE_DISC is computed exactly; the warehouse estimates it")
    disc = exp.PercentileDisc(this=node.args["quantile"])
    order = exp.Order(expressions=[exp.Ordered(this=node.this)])
    return lower(exp.WithinGroup(this=disc, expression=order), cx)


def ordered_item(item: exp.Expr, cx: Context) -> exp.Expr:
    """Lower an item of ORDER BY; text goes by its code points."""
    if not isinstance(item, exp.Ordered) or item.args.get("with_fill"):
        raise NotTranslatable("ORDER BY with this option", hint="order by expressions")
    return ordered_by(lower(item.this, cx), item)


def ordered_by(key: exp.Expr, item: exp.Expr) -> exp.Expr:
    """Item of ORDER BY with a lowered key."""
    if type_of(key).kind is Kind.JSON:
        raise NotTranslatable("ORDER BY of a SUPER", hint="cast it, as in x.a::varchar")
    key = collated(key) if type_of(key).is_text and type_of(key).kind is not Kind.UUID else key
    return exp.Ordered(this=key, desc=item.args.get("desc"), nulls_first=item.args.get("nulls_first"))
