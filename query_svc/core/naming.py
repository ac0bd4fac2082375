"""Names of result columns as the user's warehouse shows them."""

from sqlglot import exp

from query_svc.core.dialects import Dialect

_NAMELESS = "?column?"
_FUNCTION_NAMES = {"GROUP_CONCAT": "listagg", "CURRENT_TIMESTAMP": "sysdate", "EXTRACT": "date_part"}


def result_names(tree: exp.Query, dialect: Dialect, spellings: dict[str, str]) -> list[str]:
    """Name of each column of a qualified query that is not yet lowered."""
    return [_name(projection, dialect, spellings) for projection in tree.selects]


def _name(projection: exp.Expr, dialect: Dialect, spellings: dict[str, str]) -> str:
    inner = projection.unalias()
    alias = projection.args.get("alias") if isinstance(projection, exp.Alias) else None
    written = alias.meta_get("written") if isinstance(alias, exp.Identifier) else None
    if written:
        return str(written)
    if isinstance(inner, exp.Column):
        return spellings.get(inner.name, inner.name)
    return _unnamed(inner, dialect)


def _unnamed(inner: exp.Expr, dialect: Dialect) -> str:
    if not dialect.names_by_function:
        return inner.sql(dialect.grammar, comments=False)[:128].replace('"', "")
    node = inner.this if isinstance(inner, exp.Window | exp.WithinGroup) else inner
    node = node.this if isinstance(node, exp.WithinGroup) else node
    node = node.this if isinstance(node, exp.IgnoreNulls | exp.RespectNulls) else node
    if isinstance(node, exp.Anonymous):
        return node.name.lower()
    if isinstance(node, exp.Case):
        return "case"
    if isinstance(node, exp.Dot):
        return node.expression.name or _NAMELESS
    if isinstance(node, exp.Bracket):
        return _unnamed(node.this, dialect)
    if isinstance(node, exp.Column):
        return node.name
    if isinstance(node, exp.Cast):
        inside = _unnamed(node.this, dialect)
        return inside if inside != _NAMELESS else node.to.sql(dialect.grammar).lower().partition("(")[0]
    if isinstance(node, exp.Func) and not isinstance(node, exp.Connector):
        return _FUNCTION_NAMES.get(node.sql_name(), node.sql_name().lower())
    return _NAMELESS
