"""The order of joins. SQLite's planner knows no value of an unindexed column: over a star it likes to begin with a
small table and then looks the large one up at random, several times slower than reading the large one once.

Where no condition picks single values, inner joins begin with the largest table and go on along their conditions;
`CROSS JOIN` tells SQLite to keep that order. Inner joins commute: the rows are the same.
"""

from collections.abc import Sequence

from sqlglot import exp

from query_svc.core.rules.context import Context

_PICKING = (exp.EQ, exp.In, exp.NullSafeEQ, exp.Like)


def order_joins(tree: exp.Query, cx: Context) -> None:
    """Begin each star of inner joins with its largest table."""
    for select in tree.find_all(exp.Select):
        tables = _inner_tables(select)
        if len(tables) > 1 and not _picks(select):
            _reorder(select, tables, cx)


def _inner_tables(select: exp.Select) -> list[exp.Table]:
    """Tables of a FROM that has only inner joins of loaded tables; none otherwise."""
    source = select.args.get("from_")
    joins = select.args.get("joins") or []
    if source is None or any(j.side or j.method or j.kind not in ("", "INNER") or not j.args.get("on") for j in joins):
        return []
    tables = [source.this, *(join.this for join in joins)]
    if all(isinstance(table, exp.Table) and isinstance(table.meta_get("rows"), int) for table in tables):
        return tables
    return []


def _picks(select: exp.Select) -> bool:
    """Whether WHERE compares a column with single values, so that the planner has something to begin with."""
    where = select.args.get("where")
    if where is None:
        return False
    found = where.find_all(*_PICKING)
    return any(node.find(exp.Column) and not isinstance(node.args.get("expression"), exp.Column) for node in found)


def _reorder(select: exp.Select, tables: Sequence[exp.Table], cx: Context) -> None:
    conditions = [part for join in select.args["joins"] for part in _conjuncts(join.args["on"])]
    placed = [max(tables, key=_rows)]
    left = [table for table in tables if table is not placed[0]]
    while left:
        names = {table.alias_or_name for table in placed}
        joined = [t for t in left if any(_joins(c, names, t.alias_or_name) for c in conditions)]
        if not joined:
            return
        placed.append(max(joined, key=_rows))
        left = [table for table in left if table is not placed[-1]]
    cx.used("largest_table_first")
    select.set("from_", exp.From(this=placed[0].copy()))
    select.set("joins", _joined(placed, conditions))


def _rows(table: exp.Table) -> int:
    rows = table.meta_get("rows")
    return rows if isinstance(rows, int) else 0


def _conjuncts(node: exp.Expr) -> list[exp.Expr]:
    return [part.unnest() for part in node.flatten()] if isinstance(node, exp.And) else [node]


def _names(node: exp.Expr) -> set[str]:
    return {column.table for column in node.find_all(exp.Column)}


def _joins(condition: exp.Expr, placed: set[str], name: str) -> bool:
    """Whether a condition is an equality of the table with tables that are placed."""
    names = _names(condition)
    return isinstance(condition, exp.EQ) and name in names and len(names) > 1 and names <= placed | {name}


def _joined(placed: Sequence[exp.Table], conditions: list[exp.Expr]) -> list[exp.Join]:
    """Join the tables in their order; each condition stands where all its tables are known."""
    known = {placed[0].alias_or_name}
    rest = list(conditions)
    joins = []
    for table in placed[1:]:
        known.add(table.alias_or_name)
        due = [c for c in rest if _names(c) <= known or table is placed[-1]]
        rest = [c for c in rest if c not in due]
        on = exp.and_(*(c.copy() for c in due)) if due else None
        joins.append(exp.Join(this=table.copy(), kind="CROSS", on=on))
    return joins
