"""From the text of a writing statement to its plan."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any

from sqlglot import exp

from query_svc.core.catalog import Place
from query_svc.core.dialects import DIALECTS, NATIVE, Dialect
from query_svc.core.faults import NotTranslatable, UnknownTable, WriteRefused, did_you_mean
from query_svc.core.parse import SCRATCH_VERBS, parse, parse_any, tokens_of, too_deep
from query_svc.core.resolve import SEPARATOR
from query_svc.core.writes.definitions import Definition
from query_svc.core.writes.plan import Plan, Scene
from query_svc.core.writes.rows import plan_delete, plan_insert, plan_merge, plan_update
from query_svc.core.writes.tables import as_table, plan_create, refuse_taken
from query_svc.core.writes.targets import refuse_elsewhere, scratch_name, target_table

VERBS = (*SCRATCH_VERBS, "SELECT INTO")


def is_writing(sql: str, dialect: Dialect) -> bool:
    """Whether a text is a writing statement that a scratch takes; what is neither that nor a query is not."""
    first = tokens_of(sql, dialect)[0].text.upper()
    if first in VERBS:
        return True
    if first not in ("SELECT", "WITH", "("):
        return False
    tree, _ = parse_any(sql, dialect)
    return isinstance(tree, tuple(_PLANNERS)) or (isinstance(tree, exp.Select) and tree.args.get("into") is not None)


def names_in(sql: str, dialect: Dialect) -> set[str]:
    """Names that could be other experiments."""
    try:
        if tokens_of(sql, dialect)[0].text.upper() == "CREATE":
            words = [token.text for token in tokens_of(sql, dialect)]
            return {word for place, word in enumerate(words[:-1]) if words[place + 1] == "."} | {
                name for word in words for name in _before_separator(word)
            }
        tree, _ = parse_any(sql, dialect)
    except RecursionError:
        raise too_deep() from None
    tables = list(tree.find_all(exp.Table)) if tree is not None else []
    return {table.db for table in tables if table.db} | {n for table in tables for n in _before_separator(table.name)}


def _before_separator(name: str) -> set[str]:
    parts = name.split(SEPARATOR)
    return {SEPARATOR.join(parts[:i]) for i in range(1, len(parts))} - {""}


def plan(sql: str, dialect_name: str, home: Place, others: Mapping[str, Place], accounts: Collection[str] = ()) -> Plan:
    """Plan a writing statement; `home` has the scratch."""
    dialect = DIALECTS[dialect_name]
    if dialect is NATIVE or dialect.adopted:
        raise NotTranslatable(f"a writing statement of {dialect.name}", hint="write it as redshift or postgres")
    if home.scratch is None:
        raise WriteRefused("the statement writes, and no scratch is named", hint="name a scratch")
    scene = Scene(home, home.scratch, others, frozenset(accounts))
    try:
        if tokens_of(sql, dialect)[0].text.upper() == "CREATE":
            return plan_create(sql, dialect, scene)
        return _plan_tree(sql, dialect, scene)
    except RecursionError:
        raise too_deep() from None


def _plan_tree(sql: str, dialect: Dialect, scene: Scene) -> Plan:
    tokens = tokens_of(sql, dialect)
    if [token.text.upper() for token in tokens[-2:]] == ["REMOVE", "DUPLICATES"]:
        raise NotTranslatable("MERGE … REMOVE DUPLICATES", hint="write WHEN MATCHED and WHEN NOT MATCHED")
    tree, _ = parse_any(sql, dialect)
    if isinstance(tree, exp.Select) and tree.args.get("into") is not None:
        return _plan_into(tree, dialect, scene)
    planner = _PLANNERS.get(type(tree)) if tree is not None else None
    if tree is None or planner is None:
        first = tokens[0].text.upper()
        raise WriteRefused(f"{first} is not among the statements of a scratch", hint=f"it takes {', '.join(VERBS)}")
    refuse_hidden_writers(tree)
    return planner(tree, dialect, scene)


def refuse_hidden_writers(tree: exp.Expr) -> None:
    """Refuse a part that writes inside of the statement, such as a CTE that deletes."""
    for node in tree.find_all(exp.DML, exp.DDL, exp.Into, exp.Lock, exp.Returning):
        inside_merge = isinstance(node.parent, exp.When)
        if node is not tree and not inside_merge and not isinstance(node, exp.Query):
            raise WriteRefused(f"{node.key.upper()} inside of a statement", hint="send it by itself")


def _plan_into(tree: exp.Select, dialect: Dialect, scene: Scene) -> Plan:
    into = tree.args["into"]
    name = scratch_name(into.this.db, into.this.name, dialect, scene)
    refuse_taken(name, scene)
    tree.set("into", None)
    query = parse(tree.sql(dialect.grammar, comments=False), dialect)
    made = as_table(name, query, [], Definition(), dialect, scene)
    return replace(made, verb="SELECT INTO", dropped=(name,))


def _plan_truncate(tree: exp.TruncateTable, dialect: Dialect, scene: Scene) -> Plan:
    cleared = tuple(target_table(table, scene) for table in tree.expressions)
    return Plan("TRUNCATE", dialect.name, scene.home.warehouse, cleared=cleared)


def _plan_drop(tree: exp.Drop, dialect: Dialect, scene: Scene) -> Plan:
    kind = str(tree.args.get("kind") or "").upper()
    if kind not in ("TABLE", "VIEW"):
        raise NotTranslatable(f"DROP {kind}", "a scratch has tables and views", hint="drop a TABLE or a VIEW")
    gone: list[str] = []
    for node in tree.args.get("tables") or [tree.this]:
        scratch = scene.scratch
        if kind == "VIEW" and scratch.view(node.name):
            refuse_elsewhere(node.db, node.name, scene)
            gone.append(node.name)
        elif kind == "TABLE" and scratch.table(node.name):
            gone.append(target_table(node, scene).name)
        elif not tree.args.get("exists"):
            _refuse_missing(node, kind, scene)
    plan = Plan(f"DROP {kind}", dialect.name, scene.home.warehouse)
    return replace(plan, dropped=tuple(gone)) if kind == "TABLE" else replace(plan, views_gone=tuple(gone))


def _refuse_missing(node: exp.Table, kind: str, scene: Scene) -> None:
    if kind == "TABLE":
        target_table(node, scene)
    known = [view.name for view in scene.scratch.views]
    raise UnknownTable(
        f"scratch {scene.scratch.experiment!r} has no {kind.lower()} {node.name!r}",
        hint=did_you_mean(node.name, known, otherwise="SHOW what is there: `dw-sim scratch list`"),
        metadata={"table": node.name},
    )


_PLANNERS: dict[type[exp.Expr], Callable[[Any, Dialect, Scene], Plan]] = {
    exp.Insert: plan_insert,
    exp.Update: plan_update,
    exp.Delete: plan_delete,
    exp.Merge: plan_merge,
    exp.TruncateTable: _plan_truncate,
    exp.Drop: _plan_drop,
}
