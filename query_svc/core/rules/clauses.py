"""Queries: each clause of each SELECT is lowered or refused by its name, innermost query first."""

from collections.abc import Sequence
from dataclasses import replace

from sqlglot import exp
from sqlglot.optimizer.scope import Scope, traverse_scope

from query_svc.core.faults import NotTranslatable
from query_svc.core.rules.coerce import meet
from query_svc.core.rules.conditionals import outputs_of
from query_svc.core.rules.context import Context, lower, mistake, told_apart, type_of, typed
from query_svc.core.rules.grouping import check_grouping, has_sets, keys_of, write_group_all
from query_svc.core.rules.lengths import LONGEST_TEXT
from query_svc.core.rules.operators import condition
from query_svc.core.types import INT64, NULL, STRING, Form, Kind, SqlType

Outputs = list[tuple[str, SqlType]]
_SELECT_PARTS = frozenset(
    {
        *("with_", "kind", "operation_modifiers", "distinct", "expressions", "from_", "joins", "where", "group"),
        *("having", "windows", "order", "limit", "offset"),
    }
)
_SET_PARTS = frozenset(
    {"with_", "this", "expression", "distinct", "order", "limit", "offset", "side", "kind", "by_name", "on"}
)
_JOIN_PARTS = frozenset(["this", "on", "side", "kind", "method", "using", "global_"])


def lower_query(tree: exp.Query, cx: Context) -> Outputs:
    """Lower every scope of a qualified query in place; answer the columns of its result."""
    outputs: Outputs = []
    for scope in traverse_scope(tree):
        outputs = _lower_scope(scope, cx.within(_sources(scope), _outer(scope, cx)))
        scope.expression.meta["outputs"] = outputs
    return outputs


def _outer(scope: Scope, cx: Context) -> Context | None:
    """Context of the query around a subquery, for the columns that it takes from there."""
    parent = scope.parent
    if parent is None or not (scope.is_subquery or scope.is_set_operation):
        return None
    outside = _outer(parent, cx)
    return outside if not scope.is_subquery else cx.within(_sources(parent), outside)


def _sources(scope: Scope) -> dict[str, dict[str, SqlType]]:
    found: dict[str, dict[str, SqlType]] = {}
    for name, source in scope.sources.items():
        if isinstance(source, exp.Table):
            found[name] = _columns_of(source)
        elif isinstance(source.expression, exp.Unnest):
            place = STRING if source.expression.meta_get("attributes") else INT64
            found[name] = dict(zip(source.expression.alias_column_names, (SqlType(Kind.JSON), place), strict=False))
        elif isinstance(source.expression, exp.Query):
            outputs = source.expression.meta_get("outputs") or _anchor_outputs(source)
            found[name] = dict(outputs)
        else:
            raise NotTranslatable(f"{source.expression.key.upper()} in FROM", hint="use a table or a subquery")
    return found


def _columns_of(source: exp.Table) -> dict[str, SqlType]:
    found = source.meta_get("columns")
    return found if isinstance(found, dict) else {}


def _anchor_outputs(source: Scope) -> Outputs:
    """Columns of a recursive query while its second part is read: those of its first."""
    expression: exp.Expr = source.expression
    while isinstance(expression, exp.SetOperation):
        expression = expression.left
    found = expression.unnest().meta_get("outputs")
    outputs = found if isinstance(found, list) else []
    return [(name, replace(kind, bytes=LONGEST_TEXT) if kind.is_text else kind) for name, kind in outputs]


def _lower_scope(scope: Scope, cx: Context) -> Outputs:
    query = scope.expression
    if isinstance(query, exp.Select):
        return _select(query, cx)
    if isinstance(query, exp.SetOperation):
        return _set_operation(query, cx)
    if isinstance(query, exp.Subquery):
        return outputs_of(query)
    if isinstance(query, exp.Unnest):  # lowered with the join that it stands in
        return []
    raise NotTranslatable(query.key.upper(), hint="use SELECT")


def _refuse_other_parts(query: exp.Expr, known: frozenset[str]) -> None:
    for name, value in query.args.items():
        if value and name not in known:
            raise NotTranslatable(name.rstrip("_").replace("_", " ").upper(), hint="leave the clause out")


def _select(select: exp.Select, cx: Context) -> Outputs:
    _refuse_other_parts(select, _SELECT_PARTS)
    if select.args.get("kind") or (select.args.get("distinct") and select.args["distinct"].args.get("on")):
        raise NotTranslatable("SELECT DISTINCT ON or AS STRUCT", hint="use ROW_NUMBER() in a subquery")
    write_group_all(select)
    check_grouping(select)
    _order_by_results(select)
    _lower_joins(select, cx)
    _lower_filters(select, cx)
    _lower_groups(select, cx)
    outputs = _lower_projections(select, cx)
    cx.aliases = dict(outputs)
    if select.args.get("order"):
        cx.target.order(select, cx)
    _lower_limits(select, cx)
    return outputs


def _order_by_results(select: exp.Select) -> None:
    """DISTINCT rows are ordered by their own columns: name those that ORDER BY repeats."""
    order = select.args.get("order") if select.args.get("distinct") else None
    results = [p for p in select.expressions if isinstance(p, exp.Alias)]
    for item in order.expressions if order else ():
        name = next((p.args["alias"] for p in results if p.this.unnest() == item.this.unnest()), None)
        if name is not None:
            item.set("this", exp.Column(this=name.copy()))


def _lower_joins(select: exp.Select, cx: Context) -> None:
    for join in select.args.get("joins") or ():
        if isinstance(join.this, exp.Unnest):
            join.set("this", lower(join.this, cx))
        _refuse_other_parts(join, _JOIN_PARTS)
        if join.method or join.args.get("kind") in ("SEMI", "ANTI", "STRAIGHT") or join.args.get("using"):
            raise NotTranslatable(f"{join.method or join.kind} JOIN", hint="use JOIN … ON")
        if on := join.args.get("on"):
            join.set("on", condition(on, cx, "ON"))


def _lower_filters(select: exp.Select, cx: Context) -> None:
    if select.args.get("windows"):
        raise NotTranslatable("a WINDOW clause", hint="write the window inside OVER (…)")
    if where := select.args.get("where"):
        where.set("this", condition(where.this, cx, "WHERE"))


def _lower_groups(select: exp.Select, cx: Context) -> None:
    if cx.dialect.blanks_vanish:
        cx.keys = _keys(select)
    if group := select.args.get("group"):
        _refuse_other_parts(group, frozenset(["expressions"]))
        group.set("expressions", [lower(e, cx) for e in group.expressions])
    if having := select.args.get("having"):
        having.set("this", condition(having.this, cx, "HAVING"))


def _keys(select: exp.Select) -> list[exp.Expr]:
    """What rows are grouped or told apart by; none where a subquery needs the key as it is stored."""
    group = select.args.get("group")
    heads = [*select.expressions, *filter(None, [select.args.get("having"), select.args.get("order")])]
    if any(head.find(exp.Query) for head in heads):
        return []
    keys = keys_of(group)
    if select.args.get("distinct"):
        keys += [projection.unalias() for projection in select.expressions]
    return [key.copy() for key in keys if not isinstance(key, exp.Literal)]


def _lower_projections(select: exp.Select, cx: Context) -> Outputs:
    outputs: Outputs = []
    shown = [] if select.args.get("distinct") or has_sets(select.args.get("group")) else cx.keys
    for projection in list(select.expressions):
        inner = projection.unalias()
        made = _shown_key(inner, cx) if inner in shown else lower(inner, cx)
        kind = _firm(type_of(made))
        if isinstance(projection, exp.Alias):
            projection.set("this", typed(made, kind))
        outputs.append((projection.alias_or_name, kind))
    return outputs


def _shown_key(key: exp.Expr, cx: Context) -> exp.Expr:
    """A group's text as it is stored; of texts that differ by trailing blanks only, the shortest."""
    keys, cx.keys = cx.keys, []
    least = exp.Min(this=key.copy())
    made = lower(key, cx)
    if type_of(made).is_text and told_apart(made, cx) is not made:
        made = lower(least, cx)
    cx.keys = keys
    return made


def _firm(kind: SqlType) -> SqlType:
    """A quoted literal that met nothing is text."""
    return STRING if kind.literal else kind


def _lower_limits(query: exp.Query, cx: Context) -> None:
    limit = query.args.get("limit")
    if isinstance(limit, exp.Fetch):
        if limit.args.get("limit_options"):
            raise NotTranslatable("FETCH … WITH TIES or PERCENT", hint="use RANK() in a subquery")
        query.set("limit", exp.Limit(expression=limit.args.get("count") or exp.Literal.number(1)))
    for name in ("limit", "offset"):
        clause = query.args.get(name)
        if clause is None:
            continue
        count = clause.expression if clause.expression is not None else clause.this
        if isinstance(count, exp.Null) or count.name.upper() == "ALL":
            query.set(name, None)
        elif not (isinstance(count, exp.Literal) and count.is_int):
            raise NotTranslatable(f"{name.upper()} of a computed number", hint="write the number")
    if query.args.get("offset") and not query.args.get("limit") and cx.target.offset_needs_limit:
        query.set("limit", exp.Limit(expression=exp.Neg(this=exp.Literal.number(1))))


def _set_operation(query: exp.SetOperation, cx: Context) -> Outputs:
    _refuse_other_parts(query, _SET_PARTS)
    if query.args.get("by_name") or query.args.get("side") or query.args.get("kind"):
        raise NotTranslatable("UNION BY NAME", hint="name the columns in one order")
    if not query.args.get("distinct") and not isinstance(query, exp.Union):
        raise NotTranslatable(f"{query.key.upper()} ALL", hint=f"use {query.key.upper()}")
    left, right = outputs_of(query.left), outputs_of(query.right)
    if len(left) != len(right):
        raise mistake(f"the queries of {query.key.upper()} have {len(left)} and {len(right)} columns")
    kinds = [_firm(meet([a, b])) for (_, a), (_, b) in zip(left, right, strict=True)]
    for side in (query.left, query.right):
        _bring(side, kinds, cx)
    if query.args.get("distinct") and cx.dialect.blanks_vanish:
        for side in (query.left, query.right):
            _tell_apart(side, cx)
    query.set("this", _flat(query.left, keep_chain=True))
    query.set("expression", _flat(query.right, keep_chain=False))
    outputs = [(name, kind) for (name, _), kind in zip(left, kinds, strict=True)]
    cx.aliases = dict(outputs)
    if query.args.get("order"):
        if any(kind.form is Form.MIXED and kind.is_decimal for kind in kinds):
            raise NotTranslatable("ORDER BY of long decimals behind UNION", hint="order in a query around it")
        cx.target.order(query, cx)
    _lower_limits(query, cx)
    return outputs


def _bring(side: exp.Expr, kinds: Sequence[SqlType], cx: Context) -> None:
    """Bring the columns of one side of a set operation to the types in which the sides meet."""
    query = side.unnest()
    if isinstance(query, exp.SetOperation):
        for part in (query.left, query.right):
            _bring(part, kinds, cx)
        return
    if not isinstance(query, exp.Select):
        raise NotTranslatable(f"{query.key.upper()} in a set operation", hint="use SELECT")
    for projection, kind in zip(query.expressions, kinds, strict=True):
        inner = projection.unalias()
        have = type_of(inner)
        if have not in (kind, NULL) and not (have.kind is kind.kind and have.form is kind.form and not have.is_decimal):
            made = cx.target.coerce(inner, kind, cx)
            projection.set("this", made) if isinstance(projection, exp.Alias) else projection.replace(made)
    query.meta["outputs"] = [(p.alias_or_name, kind) for p, kind in zip(query.expressions, kinds, strict=True)]


def _tell_apart(side: exp.Expr, cx: Context) -> None:
    """Ready the columns of one side of a set operation that keeps one of equal rows."""
    query = side.unnest()
    if isinstance(query, exp.SetOperation):
        for part in (query.left, query.right):
            _tell_apart(part, cx)
        return
    for projection in query.expressions:
        if isinstance(projection, exp.Alias):
            projection.set("this", typed(told_apart(projection.this, cx), type_of(projection.this)))


def _flat(side: exp.Expr, *, keep_chain: bool) -> exp.Expr:
    """SQLite reads compound queries from the left and without parentheses: nest what binds otherwise."""
    inner = side.unnest() if isinstance(side, exp.Subquery) else side
    plain = isinstance(inner, exp.Select) and not any(inner.args.get(k) for k in ("order", "limit", "offset", "with_"))
    chained = keep_chain and inner is side and isinstance(inner, exp.SetOperation)
    if plain or chained:
        return inner
    return exp.select("*").from_(exp.Subquery(this=inner.copy(), alias=exp.TableAlias(this=exp.to_identifier("_s"))))
