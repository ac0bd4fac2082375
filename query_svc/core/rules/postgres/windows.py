"""Window functions, and RATIO_TO_REPORT, which PostgreSQL lacks."""

from collections.abc import Mapping
from typing import cast

from sqlglot import exp

from query_svc.core.faults import NotTranslatable
from query_svc.core.rules.aggregates import frame_of, require_frame, spread_window
from query_svc.core.rules.context import POSTGRES, Context, call, lower, lowers, mistake, name_of, type_of, typed
from query_svc.core.rules.postgres.aggregates import ordered_item
from query_svc.core.rules.postgres.ordered_sets import ORDERED_SETS, ordered_set
from query_svc.core.rules.postgres.values import COMPATIBILITY, as_double, cast_to, comparable, compat
from query_svc.core.types import FLOAT64, INT64, NULL, STRING, SqlType

_RANKS: dict[type[exp.Expr], SqlType] = {
    exp.RowNumber: INT64,
    exp.Rank: INT64,
    exp.DenseRank: INT64,
    exp.PercentRank: FLOAT64,
    exp.CumeDist: FLOAT64,
}
_ELSEWHERE = (exp.Filter, exp.ApproxDistinct, exp.ApproxQuantile, exp.AnonymousAggFunc)
_END = ("UNBOUNDED", "FOLLOWING")
_MIRRORED = {"PRECEDING": "FOLLOWING", "FOLLOWING": "PRECEDING"}
_BEFORE = exp.WindowSpec(
    kind="ROWS", start="UNBOUNDED", start_side="PRECEDING", end=exp.Literal.number(1), end_side="PRECEDING"
)
_AFTER = exp.WindowSpec(
    kind="ROWS", start=exp.Literal.number(1), start_side="FOLLOWING", end="UNBOUNDED", end_side="FOLLOWING"
)


@lowers(*_RANKS, on=POSTGRES)
def _rank(node: exp.Func, _cx: Context) -> exp.Expr:
    if node.this or node.expressions:
        raise NotTranslatable(f"{node.sql_name()} with arguments", hint="use it with OVER")
    if not isinstance(node.parent, exp.Window | exp.RespectNulls | exp.IgnoreNulls):
        raise mistake(f"{node.sql_name()} is a window function", "write OVER (…) behind it")
    return typed(type(node)(), _RANKS[type(node)])


@lowers(exp.Ntile, on=POSTGRES)
def _ntile(node: exp.Ntile, cx: Context) -> exp.Expr:
    return typed(exp.Ntile(this=lower(node.this, cx)), INT64)


@lowers(exp.Lag, exp.Lead, on=POSTGRES)
def _lag(node: exp.Lag | exp.Lead, cx: Context) -> exp.Expr:
    value = _firm(lower(node.this, cx))
    to = type_of(value)
    offset = lower(node.args["offset"], cx) if node.args.get("offset") else None
    default = node.args.get("default")
    filler = cast_to(cx.target.coerce(lower(default, cx), to, cx), to) if default is not None else None
    return typed(type(node)(this=value, offset=offset, default=filler), to)


@lowers(exp.FirstValue, exp.LastValue, exp.NthValue, on=POSTGRES)
def _nth(node: exp.Func, cx: Context) -> exp.Expr:
    value = _firm(lower(node.this, cx))
    offset = node.args.get("offset")
    made = type(node)(this=value, offset=offset) if offset is not None else type(node)(this=value)
    return typed(made, type_of(value))


def _firm(value: exp.Expr) -> exp.Expr:
    """A quoted literal or NULL is text: PostgreSQL's window functions take no value without a type."""
    return cast_to(value, STRING) if type_of(value).literal or type_of(value) == NULL else value


@lowers(exp.Window, on=POSTGRES)
def _window(node: exp.Window, cx: Context) -> exp.Expr:
    function = node.this
    if isinstance(function, exp.RespectNulls):
        function = function.this
    if isinstance(function, exp.IgnoreNulls):
        return _known(node, function.this, cx)
    if isinstance(function.this, exp.IgnoreNulls):
        unwrapped = function.copy()
        unwrapped.set("this", function.this.this)
        return _known(node, unwrapped, cx)
    if isinstance(function, ORDERED_SETS):
        if node.args.get("order") or node.args.get("spec"):
            raise mistake("MEDIAN, a percentile or LISTAGG OVER takes PARTITION BY alone", "leave the rest out")
        return typed(made := ordered_set(function, _over(node, cx), cx), type_of(made))
    if isinstance(function, _ELSEWHERE) or isinstance(function.this, exp.Distinct):
        raise NotTranslatable(f"{name_of(function)} of this form with OVER", hint="aggregate in a subquery and join")
    if isinstance(function, exp.Anonymous) and function.name.upper() == "RATIO_TO_REPORT":
        return _ratio_to_report(node, function, cx)
    if not isinstance(function, exp.AggFunc | exp.Func) or isinstance(function, exp.Anonymous):
        raise NotTranslatable("OVER of this expression", hint="use an aggregate or a window function")
    require_frame(node, function, cx)
    made = lower(function, cx)
    return spread_window(made, _over(node, cx), type_of(made))


def _over(node: exp.Window, cx: Context) -> dict[str, object]:
    window = node.copy() if not node.parent else node
    facts: dict[str, object] = {n: window.args.get(n) for n in ("alias", "first") if window.args.get(n)}
    partition = [comparable(lower(part, cx), cx, False) for part in node.args.get("partition_by") or ()]
    order = node.args.get("order")
    lowered = exp.Order(expressions=[ordered_item(item, cx) for item in order.expressions]) if order else None
    return {
        "partition_by": partition,
        "order": lowered,
        "spec": frame_of(node.args.get("spec")),
        "over": "OVER",
    } | facts


def _known(node: exp.Window, function: exp.Expr, cx: Context) -> exp.Expr:
    """IGNORE NULLS: an aggregate that keeps the first or the last value that is there."""
    require_frame(node, function, cx)
    cx.used("ignore_nulls")
    value, over = _firm(lower(function.this, cx)), _over(node, cx)
    offset = function.args.get("offset")
    made: exp.Expr
    if isinstance(function, exp.FirstValue | exp.LastValue):
        made = _end(value, isinstance(function, exp.FirstValue), over)
    elif isinstance(function, exp.Lag | exp.Lead) and not function.args.get("default") and _is_one(offset):
        before = isinstance(function, exp.Lag)
        made = _end(value, not before, over | {"spec": (_BEFORE if before else _AFTER).copy()})
    elif isinstance(function, exp.NthValue) and offset is not None:
        place = lower(offset, cx)
        values = exp.Window(this=call(f"{COMPATIBILITY}.first_few_known", value, place.copy()), **over)
        made = compat("nth", values, place)
    else:
        raise NotTranslatable("IGNORE NULLS of this form", hint="filter the NULLs in a subquery")
    return typed(made, type_of(value))


def _is_one(offset: exp.Expr | None) -> bool:
    return offset is None or (isinstance(offset, exp.Literal) and offset.name == "1")


def _end(value: exp.Expr, first: bool, over: Mapping[str, object]) -> exp.Window:
    """The first or last value that is there; PostgreSQL begins anew wherever the start of a frame moves."""
    if _moves_to_the_end(over.get("spec")) and over.get("order"):
        over, first = _reversed(over), not first
    return exp.Window(this=call(f"{COMPATIBILITY}.{'first' if first else 'last'}_known", value), **over)


def _moves_to_the_end(spec: object) -> bool:
    return (
        isinstance(spec, exp.WindowSpec)
        and spec.text("kind").upper() == "ROWS"
        and (spec.text("end").upper(), spec.text("end_side").upper()) == _END
        and spec.text("start").upper() != "UNBOUNDED"
    )


def _reversed(over: Mapping[str, object]) -> dict[str, object]:
    """The same rows of a frame, read from the other side."""
    order, spec = cast(exp.Order, over["order"]), cast(exp.WindowSpec, over["spec"])
    items = [
        exp.Ordered(this=item.this.copy(), desc=not item.args.get("desc"), nulls_first=not item.args.get("nulls_first"))
        for item in order.expressions
    ]
    side = spec.text("start_side").upper()
    frame = exp.WindowSpec(
        kind="ROWS",
        start="UNBOUNDED",
        start_side="PRECEDING",
        end=spec.args.get("start"),
        end_side=_MIRRORED.get(side),
    )
    return {**over, "order": exp.Order(expressions=items), "spec": frame}


def _ratio_to_report(node: exp.Window, function: exp.Anonymous, cx: Context) -> exp.Expr:
    """Value over the sum of its partition, in double precision."""
    if len(function.expressions) != 1 or node.args.get("order") or node.args.get("spec"):
        raise mistake("RATIO_TO_REPORT takes one number, OVER (PARTITION BY …)")
    value = lower(function.expressions[0], cx)
    if not type_of(value).is_number:
        raise mistake(f"RATIO_TO_REPORT takes a number, not {type_of(value)}", "cast it")
    cx.used("ratio_to_report")
    total = typed(exp.Window(this=exp.Sum(this=value.copy()), **_over(node, cx)), FLOAT64)
    whole = exp.Cast(this=total, to=exp.DataType.build("DOUBLE PRECISION", dialect="postgres"))
    return typed(exp.Div(this=as_double(value), expression=whole, typed=True, safe=False), FLOAT64)
