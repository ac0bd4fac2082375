"""HyperLogLog: sketches are SUPER values of Redshift's own form, made of other hashes than Redshift's."""

from sqlglot import exp

from query_svc.core.faults import NotTranslatable
from query_svc.core.rules.arguments import arguments
from query_svc.core.rules.context import (
    POSTGRES,
    Context,
    call,
    lower,
    lowers,
    name_of,
    number,
    type_of,
    typed,
)
from query_svc.core.rules.postgres.values import cast_to, comparable, compat, kept_in
from query_svc.core.types import INT64, STRING, Kind, SqlType

SKETCH = SqlType(Kind.JSON)
_FAMILIES = {
    **dict.fromkeys([Kind.INT16, Kind.INT32, Kind.INT64], 1),
    **dict.fromkeys([Kind.FLOAT32, Kind.FLOAT64], 2),
    Kind.DECIMAL: 3,
    **dict.fromkeys([Kind.STRING, Kind.UUID, Kind.NULL], 4),
    Kind.BOOLEAN: 5,
    Kind.DATE: 6,
    Kind.TIME: 7,
    **dict.fromkeys([Kind.TIMESTAMP, Kind.TIMESTAMP_TZ], 8),
}
"""Kinds whose equal values are one; a 1 and a '1' are two."""
NOTE = "a HyperLogLog sketch has other hashes here: it counts as well, and its text differs"


def _sketch(node: exp.Expr, name: str, cx: Context) -> exp.Expr:
    return kept_in(lower(node, cx), SKETCH, "JSONB", f"{name} takes a sketch", "make one with HLL_CREATE_SKETCH")


def _created(node: exp.Expr, cx: Context) -> exp.Expr:
    """Cells of all values, each but once, as a sketch."""
    value = comparable(lower(node, cx), cx, False)
    family = _FAMILIES.get(type_of(value).kind)
    if family is None:
        raise NotTranslatable(f"HLL_CREATE_SKETCH of {type_of(value)}", hint="take it of a number, text or moment")
    cell = compat("hll_cell", cast_to(value, STRING), number(family))
    return compat("hll_sketch", call("ARRAY_AGG", exp.Distinct(expressions=[cell])))


def _combined(node: exp.Expr, cx: Context) -> exp.Expr:
    return compat("hll_combined", call("ARRAY_AGG", _sketch(node, "HLL_COMBINE", cx)))


_AGGREGATES = {"HLL_CREATE_SKETCH": _created, "HLL_COMBINE": _combined}


@lowers(exp.AnonymousAggFunc, on=POSTGRES)
def _aggregate(node: exp.AnonymousAggFunc, cx: Context) -> exp.Expr:
    make = _AGGREGATES.get(node.name.upper())
    if make is None or any(isinstance(part, exp.Distinct | exp.Star | exp.Order) for part in node.expressions):
        raise NotTranslatable(f"{name_of(node)} of this form", hint="give it one expression")
    arguments(node.name.upper(), node.expressions, 1)
    cx.note(NOTE)
    return typed(make(node.expressions[0], cx), SKETCH)


def cardinality(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """HLL_CARDINALITY(sketch)."""
    cx.note(NOTE)
    return typed(compat("hll_cardinality", _sketch(args[0], "HLL_CARDINALITY", cx)), INT64)


def combined(args: list[exp.Expr], cx: Context) -> exp.Expr:
    """HLL_COMBINE_SKETCHES(sketch, sketch)."""
    cx.note(NOTE)
    both = [_sketch(arg, "HLL_COMBINE_SKETCHES", cx) for arg in args]
    return typed(compat("hll_combined", exp.Array(expressions=both)), SKETCH)
