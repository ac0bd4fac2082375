"""PIVOT and UNPIVOT as Redshift has them, written out as CASE and UNION ALL before names are qualified."""

from sqlglot import exp

from query_svc.core.faults import NotTranslatable
from query_svc.core.rules.context import Context, number

_SOURCE = "_pivoted"


def expand_pivots(tree: exp.Query, cx: Context) -> exp.Query:
    """Write every PIVOT and UNPIVOT of a query with resolved tables as a subquery."""
    for source in list(tree.find_all(exp.Table, exp.Subquery)):
        pivots = source.args.get("pivots")
        if not pivots:
            continue
        if len(pivots) > 1 or cx.dialect.name != "redshift":
            raise NotTranslatable("PIVOT of this form", hint="write one PIVOT over a subquery")
        pivot = pivots[0]
        cx.used("unpivot_as_union" if pivot.args.get("unpivot") else "pivot_as_case")
        inner = source.copy()
        inner.set("pivots", None)
        inner.set("alias", exp.TableAlias(this=_name(_SOURCE)))
        make = _unpivoted if pivot.args.get("unpivot") else _pivoted
        made = make(inner, pivot, columns_of(source, tree))
        alias = pivot.alias or source.alias or "_pivot"
        source.replace(exp.Subquery(this=made, alias=exp.TableAlias(this=_name(alias))))
    return tree


def wrap_pivoted(tree: exp.Query) -> None:
    """Put a pivoted table into a subquery, so that it is read as any other: a table, or a WITH query."""
    for table in list(tree.find_all(exp.Table)):
        if pivots := table.args.get("pivots"):
            inner = table.copy()
            inner.set("pivots", None)
            alias = exp.TableAlias(this=_name(table.alias_or_name))
            made = exp.Subquery(this=exp.select("*").from_(inner), alias=alias, pivots=[p.copy() for p in pivots])
            table.replace(made)


def columns_of(source: exp.Expr, tree: exp.Query) -> list[str]:
    """Names of the columns of a table, a WITH query or a subquery."""
    if isinstance(source, exp.Table):
        if isinstance(found := source.meta_get("columns"), dict):
            return list(found)
        with_ = next((cte for cte in tree.find_all(exp.CTE) if cte.alias == source.name), None)
        return [c.name for c in with_.args["alias"].columns] or columns_of(with_.this, tree) if with_ else _hidden()
    query = source.unnest() if isinstance(source, exp.Subquery) else source
    while isinstance(query, exp.SetOperation):
        query = query.left.unnest()
    if not isinstance(query, exp.Select):
        return _hidden()
    names: list[str] = []
    for projection in query.expressions:
        if projection.is_star:
            heads = [query.args.get("from_"), *(query.args.get("joins") or ())]
            names += [name for head in heads if head is not None for name in columns_of(head.this, tree)]
        else:
            names.append(projection.alias_or_name)
    return names


def _hidden() -> list[str]:
    raise NotTranslatable("PIVOT over these columns", hint="name the columns in a subquery before PIVOT")


def _name(name: str) -> exp.Identifier:
    return exp.to_identifier(name, quoted=True)


def _column(name: str) -> exp.Column:
    return exp.Column(this=_name(name), table=_name(_SOURCE))


def _field(pivot: exp.Pivot) -> exp.In:
    fields = pivot.args.get("fields") or []
    if len(fields) != 1 or not isinstance(fields[0], exp.In) or fields[0].args.get("query"):
        raise NotTranslatable("PIVOT of this form", hint="write FOR column IN (value, …)")
    return fields[0]


def _pivoted(source: exp.Expr, pivot: exp.Pivot, columns: list[str]) -> exp.Query:
    """One aggregate over a CASE for each value; what is neither aggregated nor pivoted is grouped."""
    field = _field(pivot)
    used = {field.this.name} | {c.name for e in pivot.expressions for c in e.find_all(exp.Column)}
    kept = [name for name in columns if name not in used]
    select = exp.Select(expressions=[exp.alias_(_column(name), name, quoted=True) for name in kept])
    if any(isinstance(_option(option)[0], exp.Null) for option in field.expressions):
        raise NotTranslatable("NULL in the list of a PIVOT", hint="write NVL(column, …) in a subquery")
    for option in field.expressions:
        value, name = _option(option)
        for part in pivot.expressions:
            made = _aggregate(part.unalias(), exp.EQ(this=_column(field.this.name), expression=value.copy()))
            alias = f"{name}_{part.alias}" if isinstance(part, exp.Alias) else name
            select.append("expressions", exp.alias_(made, alias, quoted=True))
    if len(pivot.expressions) > 1 and not all(isinstance(part, exp.Alias) for part in pivot.expressions):
        raise NotTranslatable("PIVOT of several aggregates without names", hint="name each, as in SUM(x) AS total")
    _refuse_twins(select)
    if kept:
        select.set("group", exp.Group(expressions=[_column(name) for name in kept]))
    return select.from_(source)


def _refuse_twins(select: exp.Select) -> None:
    names = [made.alias for made in select.expressions]
    for name in names:
        if names.count(name) > 1:
            raise NotTranslatable(f"PIVOT with two columns {name!r}", hint="give each value another name with AS")


def _option(option: exp.Expr) -> tuple[exp.Expr, str]:
    value = option.this if isinstance(option, exp.PivotAlias | exp.Alias) else option
    alias = option.args.get("alias") if value is not option else None
    return value, (alias.name if alias is not None else f"{'-' * isinstance(value, exp.Neg)}{value.name}").lower()


def _aggregate(node: exp.Expr, condition: exp.Expr) -> exp.Expr:
    if not isinstance(node, exp.AggFunc):
        raise NotTranslatable("PIVOT by this expression", hint="aggregate with SUM, COUNT, AVG, MIN or MAX")
    made = node.copy()
    inner = made.this.expressions[0] if isinstance(made.this, exp.Distinct) else made.this
    then = number(1) if isinstance(inner, exp.Star) else inner.copy()
    for column in [then] if isinstance(then, exp.Column) else list(then.find_all(exp.Column)):
        column.set("table", _name(_SOURCE))
    inner.replace(exp.Case(ifs=[exp.If(this=condition, true=then)]))
    return made


def _unpivoted(source: exp.Expr, pivot: exp.Pivot, columns: list[str]) -> exp.Query:
    """One SELECT for each column; rows without a value only where INCLUDE NULLS asks for them."""
    field = _field(pivot)
    if len(pivot.expressions) != 1:
        raise NotTranslatable("UNPIVOT of several values", hint="unpivot one value")
    value = pivot.expressions[0].name
    options = [_option(option) for option in field.expressions]
    turned = {column.name for column, _ in options}
    kept = [name for name in columns if name not in turned]
    selects: list[exp.Select] = []
    for column, name in options:
        heads = [exp.alias_(_column(k), k, quoted=True) for k in kept]
        heads.append(exp.alias_(exp.Literal.string(name), field.this.name, quoted=True))
        heads.append(exp.alias_(_column(column.name), value, quoted=True))
        select = exp.Select(expressions=heads).from_(source.copy())
        if not pivot.args.get("include_nulls"):
            there = exp.Is(this=_column(column.name), expression=exp.Null())
            select.set("where", exp.Where(this=exp.Not(this=exp.Paren(this=there))))
        selects.append(select)
    result: exp.Query = selects[0]
    for select in selects[1:]:
        result = exp.Union(this=result, expression=select, distinct=False)
    return result
