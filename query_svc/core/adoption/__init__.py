"""Dialects that have no rules of their own: written in the terms of those that have, or refused by name.

A statement is rewritten word by word, innermost first, before its names are resolved. A word that is not in its
dialect's tables is refused: what stands there is known to mean the same, or is rewritten to something that does.
"""

from collections.abc import Mapping
from difflib import get_close_matches

from sqlglot import exp
from sqlglot.optimizer.scope import Scope, traverse_scope

from query_svc.core.adoption.clickhouse import CLICKHOUSE
from query_svc.core.adoption.duckdb import DUCKDB
from query_svc.core.adoption.words import Speech
from query_svc.core.faults import NotTranslatable
from query_svc.core.rules.arguments import arguments
from query_svc.core.rules.context import Context, name_of

_SPEECHES: Mapping[str, Speech] = {"duckdb": DUCKDB, "clickhouse": CLICKHOUSE}
_CLAUSES = ("where", "group", "having", "qualify")


def adopt(tree: exp.Query, cx: Context) -> exp.Query:
    """Write a parsed statement in the terms that the rules know, if its dialect is not among them."""
    speech = _SPEECHES.get(cx.dialect.name)
    if speech is None:
        return tree
    _name_columns(tree, cx)
    if speech.check:
        speech.check(tree, cx)
    holder = exp.Paren(this=tree)
    for node in reversed(list(tree.walk())):
        _say(node, speech, cx)
    made = holder.this
    if not isinstance(made, exp.Query):
        raise NotTranslatable(tree.key.upper(), hint="use SELECT")
    made.pop()
    cx.used(f"{cx.dialect.name}_words")
    return made


def _say(node: exp.Expr, speech: Speech, cx: Context) -> None:
    if type(node) is exp.Anonymous:
        made: exp.Expr = _called(node, speech, cx)
    elif rewrite := speech.rewrites.get(type(node)):
        made = rewrite(node, cx)
    elif type(node) in speech.alike:
        return
    else:
        raise NotTranslatable(
            name_of(node), f"it is not among the parts of {cx.dialect.name} that are known here", hint="leave it out"
        )
    if made is not node:
        node.replace(made)


def _called(node: exp.Anonymous, speech: Speech, cx: Context) -> exp.Expr:
    name = node.name.upper()
    word = speech.functions.get(name)
    if word is None:
        near = get_close_matches(name, speech.functions, n=1, cutoff=0.65)
        raise NotTranslatable(
            f"{name}()",
            f"it is not among the {cx.dialect.name} functions that are known here",
            hint=f"did you mean {near[0]}()?" if near else "leave it out",
        )
    arguments(name, node.expressions, word.low, word.high)
    return word.makes(node.expressions, cx)


def _name_columns(tree: exp.Query, cx: Context) -> None:
    """Call result columns without a name as they are written, before they are rewritten."""
    first: exp.Expr = tree.unnest()
    while isinstance(first, exp.SetOperation):
        first = first.left.unnest()
    for projection in first.expressions if isinstance(first, exp.Select) else ():
        if isinstance(projection, exp.Alias | exp.Column | exp.Star):
            continue
        written = projection.sql(cx.dialect.grammar, comments=False, normalize_functions="lower")
        alias = exp.to_identifier(written.replace('"', "")[:63], quoted=True)
        projection.replace(exp.Alias(this=projection.copy(), alias=alias))


def refuse_shadowing(tree: exp.Query) -> None:
    """Refuse an alias that is also a column, where the statement uses its name: dialects differ in which is meant."""
    for scope in traverse_scope(tree):
        select = scope.expression
        if isinstance(select, exp.Select):
            _refuse_shadows(select, _column_names(scope))


def _column_names(scope: Scope) -> set[str]:
    found: set[str] = set()
    for source in scope.sources.values():
        if isinstance(source, Scope):
            query = source.expression
            found.update(query.named_selects if isinstance(query, exp.Query) else ())
        else:
            found.update(source.meta_get("columns") or ())
    return found


def _refuse_shadows(select: exp.Select, columns: set[str]) -> None:
    for projection in select.expressions:
        own = projection.unalias()
        name = projection.alias
        if name not in columns or (isinstance(own, exp.Column) and own.name == name):
            continue
        others = [p for p in select.expressions if p is not projection]
        places = [*others, *filter(None, (select.args.get(clause) for clause in _CLAUSES))]
        order = select.args.get("order")
        places += [i.this for i in order.expressions if not isinstance(i.this, exp.Column)] if order else []
        used = (column for place in places for column in place.find_all(exp.Column) if not column.table)
        if any(column.name == name for column in used):
            raise NotTranslatable(
                f"the alias {name}, which is a column too", "which of them is meant differs", hint="rename the alias"
            )


__all__ = ["Speech", "adopt", "refuse_shadowing"]
