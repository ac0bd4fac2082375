"""SQLite as a target."""

from sqlglot import exp
from sqlglot.dialects.sqlite import SQLite

from query_svc.core.rules import casts, choices, conditionals, dates, functions, operators
from query_svc.core.rules.aggregates import order_query
from query_svc.core.rules.coerce import coerce
from query_svc.core.rules.context import SQLITE_RULES, Context, Target
from query_svc.core.rules.join_order import order_joins
from query_svc.core.types import stored

FAMILIES = (casts, choices, conditionals, dates, functions, operators)
"""Importing them registers their rules."""


def _comparable(node: exp.Expr, _cx: Context, _ordering: bool) -> exp.Expr:
    return node


def _finish(query: exp.Query, cx: Context) -> exp.Query:
    order_joins(query, cx)
    return query


SQLITE_TARGET = Target(
    warehouse="SQLITE",
    native="sqlite",
    grammar=SQLite,
    rules=SQLITE_RULES,
    coerce=coerce,
    comparable=_comparable,
    order=order_query,
    finish=_finish,
    stored=stored,
    offset_needs_limit=True,
)
