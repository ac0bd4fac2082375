"""Aggregates: of the types that Redshift answers, over text in the order of its code points."""

from sqlglot import exp

from query_svc.core.faults import NotTranslatable
from query_svc.core.rules.context import POSTGRES, Context, call, lower, lowers, mistake, number, type_of, typed
from query_svc.core.rules.postgres.values import as_double, as_text, cast_to, collated, comparable, compat, literal_as
from query_svc.core.types import FLOAT64, INT64, MOST_DIGITS, NULL, STRING, Kind, SqlType, decimal

_SPREADS = {
    exp.Stddev: "STDDEV_SAMP",
    exp.StddevSamp: "STDDEV_SAMP",
    exp.StddevPop: "STDDEV_POP",
    exp.Variance: "VAR_SAMP",
    exp.VariancePop: "VAR_POP",
}


def _argument(node: exp.Expr, name: str, cx: Context) -> tuple[exp.Expr, bool]:
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


def _summable(node: exp.Expr, name: str) -> exp.Expr:
    have = type_of(node)
    if have.literal:
        return literal_as(node, FLOAT64)
    if have != NULL and not have.is_number:
        raise mistake(f"{name} takes numbers, not {have}", "cast it, or use COUNT")
    return node


@lowers(exp.Count, on=POSTGRES)
def _count(node: exp.Count, cx: Context) -> exp.Expr:
    if isinstance(node.this, exp.Star):
        return typed(exp.Count(this=exp.Star()), INT64)
    if node.expressions:
        raise NotTranslatable("COUNT of several columns", hint="count one column")
    inner, distinct = _argument(node, "COUNT", cx)
    inner = comparable(inner, cx, False) if distinct else inner
    return typed(exp.Count(this=_whole(inner, distinct)), INT64)


@lowers(exp.ApproxDistinct, on=POSTGRES)
def _approximate_count(node: exp.ApproxDistinct, cx: Context) -> exp.Expr:
    cx.note("APPROXIMATE COUNT(DISTINCT) is counted exactly; the warehouse estimates it")
    return typed(exp.Count(this=_whole(comparable(lower(node.this, cx), cx, False), True)), INT64)


@lowers(exp.Sum, on=POSTGRES)
def _sum(node: exp.Sum, cx: Context) -> exp.Expr:
    inner, distinct = _argument(node, "SUM", cx)
    inner = _summable(inner, "SUM")
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
    inner, distinct = _argument(node, "AVG", cx)
    inner = _summable(inner, "AVG")
    have = type_of(inner)
    if have.is_float or have == NULL:
        return typed(exp.Avg(this=_whole(inner, distinct)), FLOAT64)
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
    inner, _ = _argument(node, name, cx)
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
    inner, distinct = _argument(node, name, cx)
    return typed(call(name, _whole(as_double(_summable(inner, name)), distinct)), FLOAT64)


@lowers(exp.Median, on=POSTGRES)
def _median(node: exp.Median, cx: Context) -> exp.Expr:
    inner, distinct = _argument(node, "MEDIAN", cx)
    if distinct:
        raise NotTranslatable("MEDIAN(DISTINCT)", hint="take it of a SELECT DISTINCT subquery")
    return _percentile(number("0.5"), inner, False, cx)


def _percentile(fraction: exp.Expr, inner: exp.Expr, descending: bool, cx: Context) -> exp.Expr:
    inner = _summable(inner, "MEDIAN")
    have = type_of(inner)
    order = exp.Order(expressions=[exp.Ordered(this=as_double(inner), desc=descending, nulls_first=descending)])
    made = exp.WithinGroup(this=exp.PercentileCont(this=fraction), expression=order)
    if have.is_float:
        return typed(made, FLOAT64)
    cx.note("MEDIAN and PERCENTILE_CONT interpolate in double precision")
    if have.is_integer:
        return typed(made, FLOAT64)
    return cast_to(made, decimal(MOST_DIGITS, have.scale + 1))


@lowers(exp.WithinGroup, on=POSTGRES)
def _within_group(node: exp.WithinGroup, cx: Context) -> exp.Expr:
    order = node.expression
    if not isinstance(order, exp.Order) or not order.expressions:
        raise NotTranslatable("WITHIN GROUP of this form", hint="write WITHIN GROUP (ORDER BY …)")
    if isinstance(node.this, exp.GroupConcat):
        return _listagg(node.this, list(order.expressions), cx)
    by = order.expressions[0]
    if isinstance(node.this, exp.PercentileCont) and len(order.expressions) == 1:
        return _percentile(lower(node.this.this, cx), lower(by.this, cx), bool(by.args.get("desc")), cx)
    if isinstance(node.this, exp.PercentileDisc) and len(order.expressions) == 1:
        key = lower(by.this, cx)
        ordered = exp.Order(expressions=[ordered_item(by, cx)])
        made = exp.WithinGroup(this=exp.PercentileDisc(this=lower(node.this.this, cx)), expression=ordered)
        return typed(made, type_of(key))
    raise NotTranslatable(
        f"{node.this.sql_name()} WITHIN GROUP", hint="use PERCENTILE_CONT, PERCENTILE_DISC or LISTAGG"
    )


@lowers(exp.GroupConcat, on=POSTGRES)
def _group_concat(node: exp.GroupConcat, cx: Context) -> exp.Expr:
    inner = node.this
    if isinstance(inner, exp.Order):
        plain = exp.GroupConcat(this=inner.this, separator=node.args.get("separator"))
        return _listagg(plain, list(inner.expressions), cx)
    cx.note("without WITHIN GROUP (ORDER BY …) the order of LISTAGG is any order")
    return _listagg(node, [], cx)


def _listagg(node: exp.GroupConcat, by: list[exp.Expr], cx: Context) -> exp.Expr:
    if isinstance(node.this, exp.Distinct):
        raise NotTranslatable("LISTAGG(DISTINCT)", hint="take it of a SELECT DISTINCT subquery")
    inner, _ = _argument(node, "LISTAGG", cx)
    value = cast_to(as_text(inner, cx), STRING)
    separator = as_text(lower(node.args.get("separator") or exp.Literal.string(""), cx), cx)
    if by:
        separator = exp.Order(this=separator, expressions=[ordered_item(item, cx) for item in by])
    return typed(call("STRING_AGG", value, separator), STRING)


def ordered_item(item: exp.Expr, cx: Context) -> exp.Expr:
    """Lower an item of ORDER BY; text goes by its code points."""
    if not isinstance(item, exp.Ordered) or item.args.get("with_fill"):
        raise NotTranslatable("ORDER BY with this option", hint="order by expressions")
    return ordered_by(lower(item.this, cx), item)


def ordered_by(key: exp.Expr, item: exp.Expr) -> exp.Expr:
    """Item of ORDER BY with a lowered key."""
    key = collated(key) if type_of(key).is_text and type_of(key).kind is not Kind.UUID else key
    return exp.Ordered(this=key, desc=item.args.get("desc"), nulls_first=item.args.get("nulls_first"))
