"""Clauses that ClickHouse reads in its own way: settings, outer joins, IN with NULLs, conditions as numbers."""

from sqlglot import exp

from query_svc.core.faults import NotTranslatable
from query_svc.core.rules.context import Context

_NULLS, _NULL_FOR_EMPTY = "join_use_nulls", "aggregate_functions_null_for_empty"
_EMPTY = (
    "an aggregate over no rows is NULL; ClickHouse's is 0 or a default where the column has no NULLs"
    f" (unless SETTINGS {_NULL_FOR_EMPTY} = 1)"
)
_JOINS = ("", "INNER", "CROSS", "OUTER")
_CONDITIONS = (exp.Predicate, exp.Connector, exp.Not)
_ASKING = frozenset(["STARTSWITH", "ENDSWITH", "EMPTY", "NOTEMPTY"])
_DEFAULTS = (exp.Sum, exp.Avg, exp.Min, exp.Max, exp.StddevPop, exp.VariancePop)


def check(tree: exp.Query, cx: Context) -> None:
    """Refuse what ClickHouse reads otherwise, and write its conditions as numbers; the tree is changed."""
    settings = _settings(tree)
    _refuse_cases(tree)
    for join in tree.find_all(exp.Join):
        _refuse_join(join, settings)
    for test in tree.find_all(exp.In):
        _refuse_nulls(test)
    for limit in tree.find_all(exp.Limit):
        if limit.expressions or limit.args.get("limit_options"):
            raise NotTranslatable("LIMIT … BY or WITH TIES", hint="number the rows with ROW_NUMBER() in a subquery")
    for node in tree.find_all(exp.CTE):
        if not isinstance(node.this, exp.Query):
            raise NotTranslatable("WITH of an expression", hint="write the expression where it is used")
    for select in tree.find_all(exp.Select):
        if _NULL_FOR_EMPTY not in settings and _may_be_empty(select):
            cx.note(_EMPTY)
        for projection in select.expressions:
            _as_number(projection.unalias())


def _settings(tree: exp.Query) -> set[str]:
    found: set[str] = set()
    for query in list(tree.find_all(exp.Query)):
        for setting in query.args.get("settings") or ():
            name = setting.this.name if isinstance(setting, exp.EQ) else setting.sql()
            if name not in (_NULLS, _NULL_FOR_EMPTY) or setting.expression.name != "1" or query is not tree:
                raise NotTranslatable(f"SETTINGS {name}", hint=f"only {_NULLS} = 1 and {_NULL_FOR_EMPTY} = 1 are read")
            found.add(name)
        query.set("settings", None)
    return found


def _refuse_cases(tree: exp.Query) -> None:
    """Names that differ by case only are different names there, and one here."""
    seen: dict[str, str] = {}
    for identifier in tree.find_all(exp.Identifier):
        if seen.setdefault(identifier.name.lower(), identifier.name) != identifier.name:
            raise NotTranslatable(
                f"the names {seen[identifier.name.lower()]} and {identifier.name}",
                "ClickHouse tells them apart by case",
                hint="write each name in one way",
            )


def _refuse_join(join: exp.Join, settings: set[str]) -> None:
    if join.kind.upper() not in _JOINS or join.method or join.args.get("global_"):
        raise NotTranslatable(f"{join.method or join.kind or 'GLOBAL'} JOIN", hint="use JOIN or LEFT JOIN")
    if join.side and _NULLS not in settings:
        raise NotTranslatable(
            f"{join.side} JOIN",
            "ClickHouse fills what is missing with defaults",
            hint=f"add SETTINGS {_NULLS} = 1, and it is NULL",
        )


def _refuse_nulls(test: exp.In) -> None:
    """IN passes NULLs of its list over: x NOT IN (1, NULL) is true."""
    if test.args.get("is_global"):
        raise NotTranslatable("GLOBAL IN", hint="use IN")
    if test.args.get("query") is not None:
        if not _filters(test):
            raise NotTranslatable(
                "IN (a query) that is negated or selected", "its NULLs are passed over", hint="use EXISTS in WHERE"
            )
    elif not all(isinstance(option.unnest(), exp.Literal | exp.Cast | exp.Neg) for option in test.expressions):
        raise NotTranslatable("IN with what is not a literal", "its NULLs are passed over", hint="compare with OR")


def _filters(test: exp.In) -> bool:
    """Whether false and NULL are the same there: it is one of the conditions of a WHERE."""
    parent = test.parent
    while isinstance(parent, exp.And | exp.Paren):
        parent = parent.parent
    return isinstance(parent, exp.Where | exp.Having)


def _may_be_empty(select: exp.Select) -> bool:
    if select.args.get("group"):
        return False
    return any(not isinstance(call.parent, exp.Window) for p in select.expressions for call in p.find_all(*_DEFAULTS))


def _as_number(node: exp.Expr) -> None:
    """A condition that is selected is 1 or 0."""
    inner = node.unnest()
    asks = isinstance(inner, exp.Anonymous) and inner.name.upper() in _ASKING
    if not (asks or isinstance(inner, _CONDITIONS)) or isinstance(inner, exp.Subquery):
        return
    cases = [
        exp.If(this=inner.copy(), true=exp.Literal.number(1)),
        exp.If(this=exp.Not(this=exp.Paren(this=inner.copy())), true=exp.Literal.number(0)),
    ]
    node.replace(exp.Case(ifs=cases))
