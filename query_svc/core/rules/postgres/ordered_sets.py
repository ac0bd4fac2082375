"""MEDIAN, percentiles and LISTAGG, as aggregates and over windows: over sorted arrays, so that decimals stay exact."""

from dataclasses import dataclass, field

from sqlglot import exp

from query_svc.core.faults import NotTranslatable
from query_svc.core.rules.context import (
    POSTGRES,
    Context,
    call,
    lower,
    lowers,
    mistake,
    name_of,
    number,
    type_of,
    typed,
)
from query_svc.core.rules.postgres.aggregates import argument_of, ordered_item, summable
from query_svc.core.rules.postgres.values import as_double, as_text, cast_to, comparable, compat
from query_svc.core.types import MOST_DIGITS, STRING, Kind, SqlType, decimal

ORDERED_SETS = (exp.Median, exp.WithinGroup, exp.GroupConcat)
_HALVES = ("0", "0.0", "0.5", ".5", "0.50", "1", "1.0")


@dataclass
class Sorted:
    """How the values of an ordered set are sorted; `over` is the window's PARTITION BY, None for an aggregate."""

    items: list[exp.Expr] = field(default_factory=list)
    over: dict[str, object] | None = None

    def gathered(self, name: str, value: exp.Expr, *more: exp.Expr, known: bool = False) -> exp.Expr:
        """Aggregate of the values in their order; with `known` without the NULLs."""
        arguments = [value, *more]
        if self.items and self.over is None:
            arguments[-1] = exp.Order(this=arguments[-1], expressions=self.items)
        made: exp.Expr = call(name, *arguments)
        if known:
            there = exp.Not(this=exp.Is(this=exp.Paren(this=_plain(value).copy()), expression=exp.Null()))
            made = exp.Filter(this=made, expression=exp.Where(this=there))
        if self.over is None:
            return made
        order = exp.Order(expressions=self.items) if self.items else None
        whole = {"start": "UNBOUNDED", "start_side": "PRECEDING", "end": "UNBOUNDED", "end_side": "FOLLOWING"}
        spec = exp.WindowSpec(kind="ROWS", **whole) if order else None
        return exp.Window(this=made, partition_by=self.over.get("partition_by"), order=order, spec=spec, over="OVER")


def _plain(value: exp.Expr) -> exp.Expr:
    return value.expressions[0] if isinstance(value, exp.Distinct) else value


@lowers(*ORDERED_SETS, on=POSTGRES)
def _aggregate(node: exp.Expr, cx: Context) -> exp.Expr:
    return ordered_set(node, None, cx)


def ordered_set(node: exp.Expr, over: dict[str, object] | None, cx: Context) -> exp.Expr:
    """Lower MEDIAN, a percentile or LISTAGG, as an aggregate or over a window."""
    if isinstance(node, exp.Median):
        inner, distinct = argument_of(node, "MEDIAN", cx)
        if distinct:
            raise NotTranslatable("MEDIAN(DISTINCT)", hint="take it of a SELECT DISTINCT subquery")
        return _continuous(number("0.5"), inner, exp.Ordered(this=inner), over, cx)
    function, by = node, []
    if isinstance(node, exp.WithinGroup):
        if not isinstance(node.expression, exp.Order) or not node.expression.expressions:
            raise NotTranslatable("WITHIN GROUP of this form", hint="write WITHIN GROUP (ORDER BY …)")
        function, by = node.this, list(node.expression.expressions)
    if isinstance(function, exp.GroupConcat):
        return _listagg(function, by, over, cx)
    if isinstance(function, exp.PercentileCont) and len(by) == 1:
        return _continuous(_fraction(function, cx), lower(by[0].this, cx), by[0], over, cx)
    if isinstance(function, exp.PercentileDisc) and len(by) == 1:
        return _discrete(_fraction(function, cx), by[0], over, cx)
    raise NotTranslatable(f"{name_of(function)} WITHIN GROUP", hint="use PERCENTILE_CONT, PERCENTILE_DISC or LISTAGG")


def _fraction(function: exp.Expr, cx: Context) -> exp.Expr:
    """Fraction of a percentile, a number from 0 to 1."""
    fraction = lower(function.this, cx)
    if not isinstance(fraction, exp.Literal) or fraction.is_string or float(fraction.name) > 1:
        raise mistake(f"{name_of(function)} takes a number from 0 to 1", "write it as a literal, such as 0.5")
    return fraction


def _continuous(
    fraction: exp.Expr, inner: exp.Expr, item: exp.Expr, over: dict[str, object] | None, cx: Context
) -> exp.Expr:
    if type_of(inner).is_moment:
        raise NotTranslatable(f"a percentile of {type_of(inner)}", hint="use PERCENTILE_DISC")
    inner = summable(inner, "a percentile")
    have = type_of(inner)
    value = as_double(inner) if have.is_float else cast_to(inner, decimal(MOST_DIGITS, have.scale))
    sort = Sorted([exp.Ordered(this=value.copy(), desc=bool(item.args.get("desc")), nulls_first=False)], over)
    made = compat("percentile_cont", fraction, sort.gathered("ARRAY_AGG", value, known=True))
    if have.is_float:
        return typed(made, SqlType(Kind.FLOAT64))
    scale = have.scale + 1
    if not (isinstance(fraction, exp.Literal) and fraction.name in _HALVES):
        cx.note("a percentile of decimals is interpolated to six more digits; the warehouse may have fewer")
        scale = have.scale + 6
    return cast_to(made, decimal(MOST_DIGITS, scale))


def _discrete(fraction: exp.Expr, item: exp.Expr, over: dict[str, object] | None, cx: Context) -> exp.Expr:
    value = lower(item.this, cx)
    sort = Sorted([ordered_item(item, cx)], over)
    made = compat("percentile_disc", fraction, sort.gathered("ARRAY_AGG", value, known=True))
    return typed(made, type_of(value))


def _listagg(node: exp.GroupConcat, by: list[exp.Expr], over: dict[str, object] | None, cx: Context) -> exp.Expr:
    inner = node.this
    if isinstance(inner, exp.Order):
        by = by or list(inner.expressions)
        inner = inner.this
        node = exp.GroupConcat(this=inner, separator=node.args.get("separator"))
    if isinstance(inner, exp.Distinct) and len(inner.expressions) == 2:
        value, separator = inner.expressions  # as it is read
        inner = exp.Distinct(expressions=[value])
        node = exp.GroupConcat(this=inner, separator=separator)
    separator = as_text(lower(node.args.get("separator") or exp.Literal.string(""), cx), cx)
    if not by:
        cx.note("without WITHIN GROUP (ORDER BY …) the order of LISTAGG is any order")
    if isinstance(inner, exp.Distinct):
        return _distinct_listagg(node, by, separator, over, cx)
    value = cast_to(as_text(argument_of(node, "LISTAGG", cx)[0], cx), STRING)
    sort = Sorted([ordered_item(item, cx) for item in by], over)
    return _listed(sort.gathered("STRING_AGG", value, separator), cx)


def _distinct_listagg(
    node: exp.GroupConcat, by: list[exp.Expr], separator: exp.Expr, over: dict[str, object] | None, cx: Context
) -> exp.Expr:
    """PostgreSQL sorts distinct values only by themselves, and knows no DISTINCT over a window."""
    inner = node.this.expressions[0]
    if over is not None or len(node.this.expressions) != 1 or any(item.this != inner for item in by) or len(by) > 1:
        raise NotTranslatable("LISTAGG(DISTINCT) of this form", hint="order by the value itself, or use a subquery")
    value = comparable(lower(inner, cx), cx, True)
    items: list[exp.Expr] = [
        exp.Ordered(this=value.copy(), desc=item.args.get("desc"), nulls_first=False) for item in by
    ]
    made = Sorted(items).gathered("ARRAY_AGG", exp.Distinct(expressions=[value]), known=True)
    return _listed(call("ARRAY_TO_STRING", made, separator), cx)


def _listed(made: exp.Expr, cx: Context) -> exp.Expr:
    """Text of LISTAGG; Redshift's ends with its longest VARCHAR."""
    bounded = cx.dialect.name == "redshift" and cx.target.warehouse == "REDSHIFT"
    return typed(compat("listed", made) if bounded else made, STRING)
