"""GROUP BY as warehouses have it: SQLite would answer any value for a column that is not grouped."""

from sqlglot import exp

from query_svc.core.rules.aggregates import AGGREGATES
from query_svc.core.rules.context import mistake

SETS = (exp.Rollup, exp.Cube, exp.GroupingSets)


def keys_of(group: exp.Expr | None) -> list[exp.Expr]:
    """What a GROUP BY groups by, also inside ROLLUP, CUBE and GROUPING SETS."""
    return [key for item in (group.expressions if group is not None else ()) for key in _keys(item)]


def has_sets(group: exp.Expr | None) -> bool:
    """Whether a GROUP BY has ROLLUP, CUBE or GROUPING SETS, whose keys may be NULL where no row has one."""
    return group is not None and any(isinstance(item, SETS) for item in group.expressions)


def _keys(item: exp.Expr) -> list[exp.Expr]:
    if isinstance(item, (*SETS, exp.Tuple)):
        return [key for inner in item.expressions for key in _keys(inner)]
    return _keys(item.this) if isinstance(item, exp.Paren) else [item]


def write_group_all(select: exp.Select) -> None:
    """`GROUP BY ALL` groups by every column that is no aggregate."""
    group = select.args.get("group")
    if group is not None and group.args.get("all") is True:
        plain = [projection.unalias() for projection in select.expressions]
        group.set("expressions", [key.copy() for key in plain if not _has_aggregate(key)])
        group.set("all", None)


def check_grouping(select: exp.Select) -> None:
    """Refuse columns that are neither grouped nor aggregated, and aggregates where rows are filtered."""
    where = select.args.get("where")
    if where is not None and _has_aggregate(where.this):
        raise mistake("WHERE has an aggregate", "use HAVING")
    group = select.args.get("group")
    heads = [*select.expressions, *filter(None, [_this(select.args.get("having"))])]
    if group is None and not any(_has_aggregate(head) for head in heads):
        return
    keys = keys_of(group)
    chosen = {key.name for key in keys if isinstance(key, exp.Literal)}
    for place, head in enumerate(heads, start=1):
        if str(place) not in chosen:
            _check(head.unalias(), keys)


def _this(clause: exp.Expr | None) -> exp.Expr | None:
    return clause.this if clause is not None else None


def _has_aggregate(node: exp.Expr) -> bool:
    if isinstance(node, exp.Query | exp.Subquery):
        return False
    if isinstance(node, exp.Window):
        return any(_has_aggregate(child) for child in _window_parts(node))
    if isinstance(node, AGGREGATES):
        return True
    return any(_has_aggregate(child) for child in node.iter_expressions())


def _window_parts(node: exp.Window) -> list[exp.Expr]:
    """What a window function is computed from: its own arguments are not aggregated, those inside them are."""
    function = node.this.this if isinstance(node.this, exp.IgnoreNulls | exp.RespectNulls) else node.this
    if isinstance(function, exp.WithinGroup):
        inner = [*function.this.iter_expressions(), *function.expression.iter_expressions()]
        return [*inner, *(c for c in node.iter_expressions() if c is not node.this)]
    return [*function.iter_expressions(), *(c for c in node.iter_expressions() if c is not node.this)]


def _check(node: exp.Expr, keys: list[exp.Expr]) -> None:
    if any(node == key for key in keys):
        return
    if isinstance(node, exp.Window):
        for part in _window_parts(node):
            _check(part, keys)
        return
    if isinstance(node, (*AGGREGATES, exp.Query, exp.Subquery)):
        return
    if isinstance(node, exp.Column) and node.table:
        raise mistake(
            f"column {node.table}.{node.name} must be in GROUP BY or in an aggregate",
            "add it to GROUP BY, or wrap it in MAX(…)",
        )
    for child in node.iter_expressions():
        _check(child, keys)
