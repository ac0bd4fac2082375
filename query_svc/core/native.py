"""A warehouse's own SQL: passed through as it is; what it may touch is checked, and plain columns get their types."""

from sqlglot import exp
from sqlglot.optimizer.scope import traverse_scope

from query_svc.core.dialects import Dialect
from query_svc.core.types import UNKNOWN, SqlType

Outputs = list[tuple[str, SqlType]]


def native_outputs(tree: exp.Query, dialect: Dialect) -> Outputs:
    """Columns of the result as far as they can be told; none where a star or an expression hides them."""
    select = tree.unnest()
    while isinstance(select, exp.SetOperation):
        select = select.left
    if not isinstance(select, exp.Select) or tree.unnest() is not select or select.is_star:
        return []
    scope = next((s for s in traverse_scope(tree) if s.expression is select), None)
    if scope is None:
        return []
    tables = {n: s.meta_get("columns") for n, s in scope.sources.items() if isinstance(s, exp.Table)}
    return [_output(projection, tables, dialect) for projection in select.expressions]


def _output(projection: exp.Expr, tables: dict[str, object], dialect: Dialect) -> tuple[str, SqlType]:
    inner = projection.unalias()
    alias = projection.args.get("alias")
    name = str(alias.meta_get("written") or alias.name) if isinstance(alias, exp.Identifier) else inner.output_name
    if isinstance(inner, exp.Column):
        for source, columns in tables.items():
            if isinstance(columns, dict) and inner.table in ("", source) and inner.name in columns:
                return name, columns[inner.name]
    return name or inner.sql(dialect.grammar, comments=False).replace('"', ""), UNKNOWN
