"""Views of a scratch: a query is put where its name stands, so that no warehouse has to keep one."""

from sqlglot import exp

from query_svc.core.catalog import Place, View
from query_svc.core.dialects import DIALECTS, Dialect
from query_svc.core.faults import NotTranslatable, TooComplex
from query_svc.core.parse import parse
from query_svc.core.resolve import TEMPORARY, fold_names, tables_in

MOST_EXPANSIONS = 100


def expand_views(tree: exp.Query, home: Place | None, dialect: Dialect) -> None:
    """Put the queries of views into a statement whose names are folded."""
    scratch = home.scratch if home else None
    if scratch is None or not scratch.views:
        return
    done = 0
    while found := _named(tree, scratch):
        for table, view in found:
            done += 1
            if done > MOST_EXPANSIONS:
                raise TooComplex(
                    f"the statement reads views {MOST_EXPANSIONS} times and more",
                    hint="keep a view's rows with CREATE TABLE … AS",
                    metadata={"limit": str(MOST_EXPANSIONS)},
                )
            table.replace(_subquery(table, view, dialect))


def reads_view(tree: exp.Query, name: str, scratch: Place) -> bool:
    """Whether a query reads a view by its name or through other views."""
    waiting, seen = [tree], set[str]()
    while waiting:
        for _, view in _named(waiting.pop(), scratch):
            if view.name.lower() == name.lower():
                return True
            if view.name not in seen:
                seen.add(view.name)
                waiting.append(parse(view.sql, DIALECTS[view.dialect]))
    return False


def _named(tree: exp.Query, scratch: Place) -> list[tuple[exp.Table, View]]:
    return [
        (table, view)
        for table in tables_in(tree)
        if table.db.lower() in {"", TEMPORARY, scratch.experiment.lower()} and (view := scratch.view(table.name))
    ]


def _subquery(table: exp.Table, view: View, dialect: Dialect) -> exp.Subquery:
    if view.dialect != dialect.name:
        raise NotTranslatable(
            f"view {view.name}, written in {view.dialect}, in a statement of {dialect.name}",
            hint=f"write the statement in {view.dialect}",
        )
    query = parse(view.sql, DIALECTS[view.dialect])
    fold_names(query, dialect)
    alias = exp.to_identifier(table.alias or table.name, quoted=True)
    return exp.Subquery(this=query, alias=exp.TableAlias(this=alias), joins=table.args.get("joins"))


def qualified(tree: exp.Query, home: Place, dialect: Dialect) -> str:
    """Text of a view's query, whose tables keep their meaning in any other query."""
    scratch = home.scratch
    with_names = {cte.alias.lower() for cte in tree.find_all(exp.CTE)}
    for table in tree.find_all(exp.Table):
        if table.db or table.name.lower() in with_names or not isinstance(table.this, exp.Identifier):
            continue
        mine = scratch is not None and (scratch.table(table.name) or scratch.view(table.name))
        place = scratch if mine and scratch is not None else home
        if mine or home.table(table.name):
            table.set("db", exp.to_identifier(place.experiment, quoted=True))
            if not table.alias:
                table.set("alias", exp.TableAlias(this=table.this.copy()))
    return tree.sql(dialect.grammar, comments=False)
