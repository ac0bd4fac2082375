"""Steps into SUPER values: `d.body.home.city` is a column and two attributes, `FROM d, d.body.tags t` an array."""

from sqlglot import exp

from query_svc.core.types import Kind, SqlType


def write_arrays(tree: exp.Query) -> None:
    """`JOIN d.body.tags t` reads an array where `d` is a table of the same FROM, before tables are resolved."""
    for join in list(tree.find_all(exp.Join)):
        table, select = join.this, join.parent
        if not (isinstance(table, exp.Table) and table.db and isinstance(select, exp.Select)):
            continue
        others = [head.this for head in (select.args.get("from_"), *select.args["joins"]) if head not in (None, join)]
        if table.parts[0].name in {other.alias_or_name for other in others} and table.alias:
            names = ("this", "table", "db", "catalog")
            path = exp.Column(**{n: part.copy() for n, part in zip(names, reversed(table.parts), strict=False)})
            alias = exp.TableAlias(columns=[table.args["alias"].this.copy()])
            join.set("this", exp.Unnest(expressions=[path], alias=alias))


def write_steps(tree: exp.Query) -> None:
    """Write steps into SUPER columns as such; the tables are resolved."""
    _write_places(tree)
    tables = [table for table in tree.find_all(exp.Table) if isinstance(table.meta_get("columns"), dict)]
    unnested = {name for unnest in tree.find_all(exp.Unnest) for name in unnest.alias_column_names}
    sources = {source.alias_or_name for source in tree.find_all(exp.Table, exp.Subquery, exp.CTE)} - unnested
    documents = unnested | {name for table in tables for name in _documents(table)}
    for column in list(tree.find_all(exp.Column)):
        parts = column.parts
        at = 2 if parts[0].name in sources else 1
        if len(parts) > at and (at == 2 or parts[0].name in documents) and parts[at - 1].name in documents:
            made: exp.Expr = exp.Column(this=parts[at - 1].copy(), table=parts[0].copy() if at == 2 else None)
            for step in parts[at:]:
                made = exp.Dot(this=made, expression=step.copy())
            column.replace(made)


def _documents(table: exp.Table) -> list[str]:
    columns: dict[str, SqlType] = table.meta["columns"]
    return [name for name, kind in columns.items() if kind.kind is Kind.JSON]


def _write_places(tree: exp.Query) -> None:
    """`d.body AS e AT i` reads the places of an array too, `UNPIVOT d.body AS v AT k` the attributes of an object."""
    for node in list(tree.find_all(exp.AtIndex)):
        inner, pivot = node.this, node.parent
        turned = isinstance(pivot, exp.Pivot) and bool(pivot.args.get("unpivot"))
        place = pivot if turned else node
        if place is not None and isinstance(place.parent, exp.Join) and isinstance(inner, exp.Alias):
            names = [inner.args["alias"], node.expression]
            made = exp.Unnest(expressions=[inner.this], alias=exp.TableAlias(columns=names))
            made.meta["attributes"] = turned
            place.replace(made)
