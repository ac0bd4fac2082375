"""Aggregates and window functions: sums that stay exact, averages of the type that the user's warehouse gives."""

from collections.abc import Mapping

from sqlglot import exp

from query_svc.core.faults import NotTranslatable
from query_svc.core.rules.casts import as_text
from query_svc.core.rules.coerce import as_double, coerce, literal_as, scaled
from query_svc.core.rules.context import (
    Context,
    call,
    lower,
    lower_open,
    lowers,
    mistake,
    number,
    op,
    type_of,
    typed,
)
from query_svc.core.rules.lengths import LONGEST_TEXT, within_longest
from query_svc.core.rules.overflow import BITS_64, beside, bound, bounded, closed, limit
from query_svc.core.rules.texts import short
from query_svc.core.types import (
    FLOAT64,
    INT64,
    INTEGER_DIGITS,
    MOST_DIGITS,
    NULL,
    Form,
    Kind,
    SqlType,
    decimal,
)

MOST_ROWS = 10**15
_ENDLESS = LONGEST_TEXT + 1
AGGREGATES = (exp.AggFunc, exp.WithinGroup)
_RANKS: Mapping[type[exp.Expr], SqlType] = {
    exp.RowNumber: INT64,
    exp.Rank: INT64,
    exp.DenseRank: INT64,
    exp.PercentRank: FLOAT64,
    exp.CumeDist: FLOAT64,
}


def _argument(node: exp.Expr, name: str, cx: Context, *, summed: bool = False) -> tuple[exp.Expr, bool]:
    """Argument of an aggregate, lowered, and whether it is DISTINCT; only the sum of what is `summed` is checked."""
    inner = node.this
    distinct = isinstance(inner, exp.Distinct)
    if distinct:
        if len(inner.expressions) != 1:
            raise NotTranslatable(f"{name}(DISTINCT a, b)", hint="count rows of a SELECT DISTINCT subquery")
        inner = inner.expressions[0]
    if isinstance(inner, exp.Order | exp.Limit | exp.HavingMax):
        raise NotTranslatable(f"{name} with ORDER BY", hint="leave it out")
    made = lower_open(inner, cx)
    return made if summed and limit(type_of(made)) == BITS_64 else closed(made), distinct


def _whole(node: exp.Expr, distinct: bool) -> exp.Expr:
    return exp.Distinct(expressions=[node]) if distinct else node


@lowers(exp.Count)
def _count(node: exp.Count, cx: Context) -> exp.Expr:
    if isinstance(node.this, exp.Star):
        return bounded(typed(exp.Count(this=exp.Star()), INT64), MOST_ROWS)
    if node.expressions:
        raise NotTranslatable("COUNT of several columns", hint="count one column")
    inner, distinct = _argument(node, "COUNT", cx)
    return bounded(typed(exp.Count(this=_whole(inner, distinct)), INT64), MOST_ROWS)


@lowers(exp.ApproxDistinct)
def _approximate_count(node: exp.ApproxDistinct, cx: Context) -> exp.Expr:
    refuse_further(node)
    cx.note("the number of distinct values is counted exactly; the warehouse estimates it")
    return typed(exp.Count(this=exp.Distinct(expressions=[lower(node.this, cx)])), INT64)


def refuse_further(node: exp.ApproxDistinct) -> None:
    """Refuse an estimate of several values at once, or of another precision."""
    if node.args.get("accuracy") or isinstance(node.this, exp.Tuple) or node.this is None:
        raise mistake("an estimate of distinct values takes one value", "count rows of SELECT DISTINCT for several")


def _summable(node: exp.Expr, name: str) -> exp.Expr:
    have = type_of(node)
    if have.literal:
        return literal_as(node, FLOAT64)
    if have != NULL and not have.is_number:
        raise mistake(f"{name} takes numbers, not {have}", "cast it, or use COUNT")
    return node


@lowers(exp.Sum)
def _sum(node: exp.Sum, cx: Context) -> exp.Expr:
    inner, distinct = _argument(node, "SUM", cx, summed=True)
    inner = _summable(inner, "SUM")
    have = type_of(inner)
    if have.is_decimal and have.form is not Form.ROUGH:
        cx.used("decimal_as_integer")
        total = exp.Sum(this=_whole(scaled(inner, have, have.scale), distinct))
        return _summed(typed(total, decimal(MOST_DIGITS, have.scale)), inner)
    result = exp.Sum(this=_whole(inner, distinct))
    if have.is_decimal:
        return typed(result, decimal(MOST_DIGITS, have.scale, Form.ROUGH))
    if have.kind is Kind.INT64 and cx.dialect.integer_division:
        return _summed(typed(result, decimal(MOST_DIGITS, 0)), inner)
    if have.is_integer:
        return _summed(typed(result, INT64 if cx.dialect.integer_division else decimal(MOST_DIGITS, 0)), inner)
    return typed(result, FLOAT64)


def _summed(total: exp.Expr, inner: exp.Expr) -> exp.Expr:
    """SQLite's SUM of integers fails beyond 64 bits by itself; with one REAL among them it is a REAL."""
    return bounded(total, bound(inner)) if bound(inner) > BITS_64 else total


@lowers(exp.Avg)
def _avg(node: exp.Avg, cx: Context) -> exp.Expr:
    inner, distinct = _argument(node, "AVG", cx)
    inner = _summable(inner, "AVG")
    have = type_of(inner)
    if have.is_float or have == NULL:
        return typed(exp.Avg(this=_whole(inner, distinct)), FLOAT64)
    if cx.dialect.avg_is_double:
        return typed(exp.Avg(this=_whole(as_double(inner, have), distinct)), FLOAT64)
    if cx.dialect.avg_keeps_type and (have.is_integer or have.form is not Form.ROUGH):
        return _kept_average(inner, have, distinct, cx)
    cx.note("AVG of integers and decimals is computed in double precision: digits beyond the 15th may differ")
    scale = 16 if cx.dialect.name == "postgres" else max(have.scale, min(have.scale + 6, 12))
    result = decimal(MOST_DIGITS, min(scale, 15), Form.ROUGH)
    return typed(exp.Avg(this=_whole(as_double(inner, have), distinct)), result)


def _kept_average(inner: exp.Expr, have: SqlType, distinct: bool, cx: Context) -> exp.Expr:
    """Redshift: AVG of integers is an integer, AVG of decimals keeps their scale; the rest is cut off."""
    cx.used("avg_keeps_type")
    exact = scaled(inner, have, have.scale) if have.is_decimal else inner
    total = exp.Sum(this=_whole(exact, distinct))
    average = op(exp.Div, total, exp.Count(this=_whole(exact.copy(), distinct)))
    if have.is_integer:
        return typed(average, INT64)
    cx.note("AVG of a DECIMAL keeps its scale; whether the last digit is cut or rounded may differ")
    return typed(average, decimal(MOST_DIGITS, have.scale))


@lowers(exp.Min, exp.Max)
def _extreme(node: exp.Min | exp.Max, cx: Context) -> exp.Expr:
    if node.expressions:
        raise NotTranslatable(f"{node.key.upper()} of several values", hint="use GREATEST or LEAST")
    inner, _ = _argument(node, node.key.upper(), cx)
    have = type_of(inner)
    if have.is_decimal and have.form is Form.MIXED:
        inner = coerce(inner, decimal(have.precision, have.scale), cx)
    if have.kind is Kind.BOOLEAN:
        raise mistake(f"{node.key.upper()} takes no BOOLEAN", "use SUM(CASE WHEN … THEN 1 ELSE 0 END)")
    return typed(type(node)(this=inner), type_of(inner))


@lowers(exp.Stddev, exp.StddevSamp, exp.StddevPop, exp.Variance, exp.VariancePop)
def _spread(node: exp.AggFunc, cx: Context) -> exp.Expr:
    inner, distinct = _argument(node, node.sql_name(), cx)
    inner = _summable(inner, node.sql_name())
    names = {exp.StddevPop: "dw_stddev_pop", exp.Variance: "dw_var_samp", exp.VariancePop: "dw_var_pop"}
    value = as_double(inner, type_of(inner))
    return typed(call(names.get(type(node), "dw_stddev_samp"), _whole(value, distinct)), FLOAT64)


@lowers(exp.Median)
def _median(node: exp.Median, cx: Context) -> exp.Expr:
    inner, distinct = _argument(node, "MEDIAN", cx)
    return _percentile(number("0.5"), inner, distinct, cx)


def _percentile(fraction: exp.Expr, inner: exp.Expr, distinct: bool, cx: Context) -> exp.Expr:
    have = type_of(_summable(inner, "MEDIAN"))
    if distinct:
        raise NotTranslatable("MEDIAN(DISTINCT)", hint="take it of a SELECT DISTINCT subquery")
    result = call("dw_percentile", as_double(inner, have), fraction)
    if have.is_decimal or have.is_integer:
        cx.note("MEDIAN and PERCENTILE_CONT interpolate in double precision")
    return typed(result, FLOAT64 if not have.is_decimal else decimal(MOST_DIGITS, min(have.scale + 1, 15), Form.ROUGH))


@lowers(exp.WithinGroup)
def _within_group(node: exp.WithinGroup, cx: Context) -> exp.Expr:
    order = node.expression
    if not isinstance(order, exp.Order) or len(order.expressions) != 1:
        raise NotTranslatable("WITHIN GROUP by several columns", hint="order by one expression")
    by = order.expressions[0]
    if isinstance(node.this, exp.PercentileCont):
        fraction = node.this.this
        if by.args.get("desc"):
            fraction = op(exp.Sub, number(1), fraction)
        return _percentile(fraction, lower(by.this, cx), False, cx)
    if isinstance(node.this, exp.GroupConcat):
        return _listagg(node.this, by, cx)
    raise NotTranslatable(f"{node.this.sql_name()} WITHIN GROUP", hint="use PERCENTILE_CONT or LISTAGG")


@lowers(exp.GroupConcat)
def _group_concat(node: exp.GroupConcat, cx: Context) -> exp.Expr:
    inner = node.this
    if isinstance(inner, exp.Order) and len(inner.expressions) == 1:
        return _listagg(
            exp.GroupConcat(this=inner.this, separator=node.args.get("separator")), inner.expressions[0], cx
        )
    cx.note("without WITHIN GROUP (ORDER BY …) the order of LISTAGG is any order")
    return _listagg(node, None, cx)


def _listagg(node: exp.GroupConcat, by: exp.Expr | None, cx: Context) -> exp.Expr:
    if isinstance(node.this, exp.Distinct):
        raise NotTranslatable("LISTAGG(DISTINCT)", hint="take it of a SELECT DISTINCT subquery")
    inner, _ = _argument(node, "LISTAGG", cx)
    value = as_text(inner, cx)
    separator = as_text(lower(node.args.get("separator") or exp.Literal.string(""), cx), cx)
    if by is None:
        return within_longest(call("dw_listagg", value, separator, number(0), number(0)), _ENDLESS, short, cx)
    key = lower(by.this, cx)
    kind = type_of(key)
    if kind.is_decimal and kind.form is Form.MIXED:
        key = scaled(key, kind, kind.scale)
    descending = number(1 if by.args.get("desc") else 0)
    return within_longest(call("dw_listagg", value, separator, key, descending), _ENDLESS, short, cx)


@lowers(*_RANKS)
def _rank(node: exp.Func, _cx: Context) -> exp.Expr:
    if node.this or node.expressions:
        raise NotTranslatable(f"{node.sql_name()} with arguments", hint="use it with OVER")
    return typed(type(node)(), _RANKS[type(node)])


@lowers(exp.Ntile)
def _ntile(node: exp.Ntile, cx: Context) -> exp.Expr:
    return typed(exp.Ntile(this=lower(node.this, cx)), INT64)


@lowers(exp.Lag, exp.Lead)
def _lag(node: exp.Lag | exp.Lead, cx: Context) -> exp.Expr:
    value = lower(node.this, cx)
    offset = lower(node.args["offset"], cx) if node.args.get("offset") else None
    default = node.args.get("default")
    filler = coerce(lower(default, cx), type_of(value), cx) if default is not None else None
    return typed(type(node)(this=value, offset=offset, default=filler), type_of(value))


@lowers(exp.FirstValue, exp.LastValue, exp.NthValue)
def _nth(node: exp.Func, cx: Context) -> exp.Expr:
    value = lower(node.this, cx)
    offset = node.args.get("offset")
    made = type(node)(this=value, offset=offset) if offset is not None else type(node)(this=value)
    return typed(made, type_of(value))


_CUSTOM = (exp.Stddev, exp.StddevSamp, exp.StddevPop, exp.Variance, exp.VariancePop, exp.Median, *AGGREGATES[1:])
_FRAMELESS = (exp.Sum, exp.Avg, exp.Min, exp.Max, exp.Count, exp.FirstValue, exp.LastValue, exp.NthValue)


@lowers(exp.Window)
def _window(node: exp.Window, cx: Context) -> exp.Expr:
    function = node.this
    if isinstance(function, exp.RespectNulls):
        function = function.this
    if isinstance(function, exp.IgnoreNulls):
        raise NotTranslatable("IGNORE NULLS", hint="filter the NULLs in a subquery")
    if isinstance(function, (*_CUSTOM, exp.GroupConcat, exp.Filter)) or isinstance(function.this, exp.Distinct):
        raise NotTranslatable(f"{function.sql_name()} of this form with OVER", hint="aggregate in a subquery and join")
    if not isinstance(function, exp.AggFunc | exp.Func):
        raise NotTranslatable("OVER of this expression", hint="use an aggregate or a window function")
    require_frame(node, function, cx)
    made = lower_open(function, cx)
    window = node.copy() if not node.parent else node
    facts = {name: window.args.get(name) for name in ("alias", "first") if window.args.get(name)}
    partition = [lower(part, cx) for part in node.args.get("partition_by") or ()]
    order = node.args.get("order")
    ordered = lower_order(order, cx) if order else None
    parts = {"partition_by": partition, "order": ordered, "spec": frame_of(node.args.get("spec")), "over": "OVER"}
    return beside(spread_window(made, {**parts, **facts}, type_of(made)), made)


def spread_window(made: exp.Expr, parts: dict[str, object], kind: SqlType) -> exp.Expr:
    """Put OVER behind each aggregate inside an expression, such as SUM(x) / COUNT(x)."""
    if isinstance(made, exp.Func) and not isinstance(made, exp.Case | exp.Cast):
        return typed(exp.Window(this=made, **parts), kind)
    for aggregate in _outermost(made):
        inner = aggregate.copy()
        copied = {k: [p.copy() for p in v] if isinstance(v, list) else _copied(v) for k, v in parts.items()}
        aggregate.replace(exp.Window(this=inner, **copied))
    return typed(exp.Paren(this=made), kind)


def _outermost(node: exp.Expr) -> list[exp.Expr]:
    if isinstance(node, exp.AggFunc):
        return [node]
    return [found for child in node.iter_expressions() for found in _outermost(child)]


def _copied(value: object) -> object:
    return value.copy() if isinstance(value, exp.Expr) else value


def require_frame(node: exp.Window, function: exp.Expr, cx: Context) -> None:
    """Refuse an ordered aggregate without a frame, as Redshift does."""
    ordered = node.args.get("order") is not None
    if cx.dialect.name == "redshift" and ordered and not node.args.get("spec") and isinstance(function, _FRAMELESS):
        raise mistake(
            f"{function.sql_name()} OVER (… ORDER BY …) needs a frame in Redshift",
            "add ROWS UNBOUNDED PRECEDING inside OVER (…)",
        )


def frame_of(spec: exp.Expr | None) -> exp.Expr | None:
    """Frame of a window; what one of the warehouses lacks is refused."""
    if spec is None:
        return None
    if spec.text("kind").upper() == "GROUPS" or spec.args.get("exclude"):
        raise NotTranslatable("a frame with GROUPS or EXCLUDE", hint="use ROWS")
    if spec.text("kind").upper() == "RANGE" and any(isinstance(spec.args.get(e), exp.Expr) for e in ("start", "end")):
        raise NotTranslatable("a RANGE frame with an offset", hint="use ROWS")
    return spec.copy()


def order_query(query: exp.Query, cx: Context) -> None:
    """Lower the ORDER BY of a query."""
    query.set("order", lower_order(query.args["order"], cx))


def lower_order(order: exp.Order, cx: Context) -> exp.Order:
    """Lower ORDER BY; the place of NULLs is the dialect's, written out where SQLite has another."""
    return exp.Order(expressions=[_ordered(item, cx) for item in order.expressions])


def _ordered(item: exp.Expr, cx: Context) -> exp.Expr:
    if not isinstance(item, exp.Ordered) or item.args.get("with_fill"):
        raise NotTranslatable("ORDER BY with this option", hint="order by expressions")
    key = lower(item.this, cx)
    kind = type_of(key)
    if kind.is_decimal and kind.form is Form.MIXED:
        key = scaled(key, kind, min(kind.scale, INTEGER_DIGITS))
    return exp.Ordered(this=key, desc=item.args.get("desc"), nulls_first=item.args.get("nulls_first"))
