"""Catalog relations in a statement: tables with columns while names are resolved, lists of values in the end."""

from dataclasses import dataclass

from sqlglot import exp

from query_svc.core.catalog import Place
from query_svc.core.redshift_catalog.relations import Relation, Row, Value
from query_svc.core.types import Kind, SqlType

_CASTS = {Kind.BOOLEAN: "BOOLEAN", Kind.INT32: "INT", Kind.INT64: "BIGINT", Kind.FLOAT64: "DOUBLE"}
_MARK = "catalog"


@dataclass(frozen=True)
class Filled:
    """A relation with an experiment's rows."""

    columns: dict[str, SqlType]
    rows: tuple[Row, ...]

    def __deepcopy__(self, _memo: object) -> "Filled":
        """Answer itself: trees are copied often, and rows never change."""
        return self


def mark(table: exp.Table, relation: Relation, place: Place) -> Filled:
    """Keep with a table the rows that it stands for."""
    filled = Filled(relation.columns, tuple(relation.rows(place)))
    table.meta[_MARK] = filled
    return filled


def write_values(tree: exp.Query) -> None:
    """Put the rows of catalog relations where their tables stand."""
    for table in list(tree.find_all(exp.Table)):
        if isinstance(filled := table.meta_get(_MARK), Filled):
            table.replace(_subquery(filled, table.alias))


def _subquery(filled: Filled, alias: str) -> exp.Subquery:
    width = len(filled.columns)
    rows = filled.rows or ((None,) * width,)
    values = exp.Values(
        expressions=[exp.Tuple(expressions=[_literal(value) for value in row]) for row in rows],
        alias=exp.TableAlias(this=exp.to_identifier("listed")),
    )
    select = exp.select(
        *(
            exp.alias_(exp.cast(exp.column(f"column{number}"), _CASTS.get(kind.kind, "TEXT")), name, quoted=True)
            for number, (name, kind) in enumerate(filled.columns.items(), start=1)
        )
    ).from_(values)
    if not filled.rows:
        select = select.where(exp.false())
    return exp.Subquery(this=select, alias=exp.TableAlias(this=exp.to_identifier(alias, quoted=True)))


def _literal(value: Value) -> exp.Expr:
    return exp.convert(value)
