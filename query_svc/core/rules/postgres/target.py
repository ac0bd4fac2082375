"""PostgreSQL as a target: Redshift's stand-in."""

from sqlglot import exp
from sqlglot.dialects.postgres import Postgres

from query_svc.core.rules.context import POSTGRES_RULES, Context, Target, lower, type_of, typed
from query_svc.core.rules.postgres import (
    aggregates,
    casts,
    dates,
    formats,
    functions,
    operators,
    ordered_sets,
    patterns,
    rows,
    sessions,
    sketches,
    supers,
    texts,
    windows,
)
from query_svc.core.rules.postgres.aggregates import ordered_by
from query_svc.core.rules.postgres.choices import nullif
from query_svc.core.rules.postgres.native import refuse_effects
from query_svc.core.rules.postgres.values import cast_to, coerce, collated, comparable, stored_exactly
from query_svc.core.types import STRING, Kind

FAMILIES = (
    *(aggregates, casts, dates, formats, functions, nullif, operators, ordered_sets, patterns, rows, sessions),
    *(sketches, supers, texts, windows),
)
"""Importing them registers their rules."""
_WRITTEN_AS_TEXT = (Kind.UUID, Kind.INTERVAL, Kind.GEOGRAPHY)


def order_query(query: exp.Query, cx: Context) -> None:
    """Lower ORDER BY. PostgreSQL takes a result column only where it stands alone: inside an expression, and where it
    must be collated, what it is made from is repeated, or it is collated where it is selected.
    """
    if isinstance(query, exp.SetOperation):
        _collate_columns(query)
        items = [_as_it_is(item, cx) for item in query.args["order"].expressions]
    else:
        if query.args.get("distinct"):
            _collate_columns(query)
        results = {p.alias_or_name: p.unalias() for p in query.selects}
        items = [_item(item, results, cx) for item in query.args["order"].expressions]
    query.set("order", exp.Order(expressions=items))


def _collate_columns(query: exp.Expr) -> None:
    if isinstance(query, exp.SetOperation):
        for side in (query.left, query.right):
            _collate_columns(side.unnest())
        return
    for projection in query.expressions:
        inner = projection.unalias()
        if type_of(inner).is_text and type_of(inner).kind is not Kind.UUID and isinstance(projection, exp.Alias):
            projection.set("this", inner if isinstance(inner, exp.Collate) else collated(inner))


def _as_it_is(item: exp.Expr, cx: Context) -> exp.Expr:
    key = lower(item.this, cx)
    return exp.Ordered(this=key, desc=item.args.get("desc"), nulls_first=item.args.get("nulls_first"))


def _item(item: exp.Expr, results: dict[str, exp.Expr], cx: Context) -> exp.Expr:
    key = item.this
    if isinstance(key, exp.Column) and not key.table and key.name in results:
        found = results[key.name]
        if not type_of(found).is_text:
            return _as_it_is(item, cx)
        repeated = typed(found.copy(), type_of(found))
        return ordered_by(repeated.this if isinstance(repeated, exp.Collate) else repeated, item)
    return ordered_by(_repeated(lower(key, cx), results), item)


def _repeated(key: exp.Expr, results: dict[str, exp.Expr]) -> exp.Expr:
    """Write what result columns are made from in their place."""
    for column in list(key.find_all(exp.Column)):
        if not column.table and column.name in results:
            column.replace(exp.Paren(this=results[column.name].copy()))
    return key


def finish(query: exp.Query, _cx: Context) -> exp.Query:
    """Write what Arrow has no type for as text, and every name in lower case, as the loader did."""
    if isinstance(query, exp.Select) and not query.args.get("distinct"):
        for projection in query.selects:
            inner = projection.unalias()
            if type_of(inner).kind in _WRITTEN_AS_TEXT and isinstance(projection, exp.Alias):
                projection.set("this", cast_to(inner, STRING))
    for identifier in query.find_all(exp.Identifier):
        if not isinstance(identifier.parent, exp.Collate):
            identifier.set("this", identifier.name.lower())
    return query


POSTGRES_TARGET = Target(
    warehouse="REDSHIFT",
    native="postgres",
    grammar=Postgres,
    rules=POSTGRES_RULES,
    coerce=coerce,
    comparable=comparable,
    order=order_query,
    finish=finish,
    stored=stored_exactly,
    one_database=True,
    table_functions=True,
    check=refuse_effects,
)
