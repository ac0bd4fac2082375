"""From the user's statement to its warehouse's, with a verdict on how faithful it is."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from enum import Enum

from sqlglot import exp, transforms
from sqlglot.errors import ErrorLevel, SqlglotError, UnsupportedError
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import traverse_scope

from query_svc.core.adoption import adopt, refuse_shadowing
from query_svc.core.catalog import Place
from query_svc.core.dialects import NATIVE, Dialect
from query_svc.core.expansion import refuse_growth
from query_svc.core.faults import NotTranslatable, SqlFault
from query_svc.core.name_faults import name_fault
from query_svc.core.naming import result_names
from query_svc.core.native import native_outputs
from query_svc.core.parse import parse, too_deep
from query_svc.core.redshift_catalog.values import write_values
from query_svc.core.resolve import Resolved, fold_names, other_experiments, point_columns, resolve
from query_svc.core.rules.clauses import lower_query
from query_svc.core.rules.context import Context, Target
from query_svc.core.rules.functions import PART_FIRST
from query_svc.core.rules.pivots import expand_pivots
from query_svc.core.rules.targets import SQLITE_TARGET, target_of
from query_svc.core.types import SqlType
from query_svc.core.views import expand_views


class Verdict(Enum):
    """How faithful a translation is."""

    EXACT = "EXACT"
    APPROXIMATE = "APPROXIMATE"
    REFUSED = "REFUSED"


@dataclass(frozen=True)
class ResultColumn:
    """A column of the result."""

    name: str
    type: SqlType


@dataclass(frozen=True)
class Translation:
    """A statement beside its form on a warehouse; `databases` maps its schema names to namespaces.

    `native`: it is the warehouse's own SQL. `target_dialect`: another than the warehouse's, where asked for.
    """

    sql: str
    dialect: str
    warehouse: str
    translated_sql: str = ""
    native: bool = False
    verdict: Verdict = Verdict.EXACT
    rules: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    columns: tuple[ResultColumn, ...] = ()
    databases: Mapping[str, str] = field(default_factory=dict)
    tables: frozenset[str] = frozenset()
    target_dialect: str = ""


_ROW_MAKERS = (exp.Lateral, exp.TableFromRows, exp.Unnest)
"""Sources whose columns only their warehouse knows."""
Step = Callable[[exp.Query, Context, Resolved], exp.Query]


def candidates(sql: str, dialect: Dialect) -> set[str]:
    """Names of other experiments that the statement may read."""
    return read(sql, dialect)[1]


def read(sql: str, dialect: Dialect) -> tuple[exp.Query, set[str]]:
    """Parse a statement for `translate`, and find the other experiments that it may read."""
    try:
        tree = parse(sql, dialect)
        return tree, other_experiments(tree)
    except RecursionError:
        raise too_deep() from None


def translate(
    sql: str,
    dialect: Dialect,
    home: Place | None,
    others: Mapping[str, Place],
    default: str = SQLITE_TARGET.warehouse,
    tree: exp.Query | None = None,
    accounts: Collection[str] = (),
) -> Translation:
    """Translate a statement; `others` has the other experiments that it may name, by their names in lower case.

    A statement that names no experiment runs on the warehouse `default`; `accounts` are no stand-ins. `tree`: what
    `read` parsed, which is used up.
    """
    place = home or next(iter(others.values()), None)
    target = target_of(place.warehouse if place else default, accounts)
    try:
        return _translate(sql, tree or parse(sql, dialect), dialect, home, others, target)
    except SqlFault as fault:
        passed = _passed(sql, dialect, home, others, target.otherwise, fault)
        if passed is None:
            raise
        return passed
    except RecursionError:
        raise too_deep() from None


def lowered(
    tree: exp.Query, dialect: Dialect, home: Place, others: Mapping[str, Place], accounts: Collection[str] = ()
) -> Translation:
    """Translate a query whose columns must have types, such as rows that are to be written; the tree is used up."""
    target = target_of(home.warehouse, accounts)
    try:
        return _translate("", tree, dialect, home, others, target, lowered_always=True)
    except RecursionError:
        raise too_deep() from None


def _passed(
    sql: str, dialect: Dialect, home: Place | None, others: Mapping[str, Place], target: Target | None, fault: SqlFault
) -> Translation | None:
    """Translation by a second target of what the first has no rules for; None where that refuses it too."""
    if target is None or target.native != dialect.name:
        return None
    tree = parse(sql, dialect)
    if not isinstance(fault, NotTranslatable) and not tree.find(*_ROW_MAKERS):
        return None
    try:
        return _translate(sql, tree, dialect, home, others, target)
    except NotTranslatable:
        return None


def refused(sql: str, dialect: Dialect, warehouse: str, fault: NotTranslatable, target: str = "") -> Translation:
    """Translation of a statement that has no faithful form."""
    notes = (fault.message, fault.hint) if fault.hint else (fault.message,)
    return Translation(sql, dialect.name, warehouse, verdict=Verdict.REFUSED, notes=notes, target_dialect=target)


def _translate(
    sql: str,
    tree: exp.Query,
    dialect: Dialect,
    home: Place | None,
    others: Mapping[str, Place],
    target: Target,
    *,
    lowered_always: bool = False,
) -> Translation:
    cx = Context(dialect, target)
    native = dialect.name == target.native and not dialect.adopted and not lowered_always
    if dialect is NATIVE and not native:
        raise NotTranslatable("SQLite's own SQL", hint="write it as redshift or postgres")
    tree = adopt(tree, cx)
    fold_names(tree, dialect, exactly=native and target.folds_names)
    expand_views(tree, home, dialect)
    resolved = resolve(tree, home, others, dialect, target)
    if native:
        if target.check:
            target.check(tree)
        columns = native_outputs(tree, dialect)
    else:
        tree, columns = _lowered(tree, cx, resolved)
    return Translation(
        sql=sql,
        dialect=dialect.name,
        warehouse=target.warehouse,
        translated_sql=_generate(tree, target),
        native=native,
        verdict=Verdict.APPROXIMATE if cx.notes else Verdict.EXACT,
        rules=tuple(cx.rules),
        notes=tuple(cx.notes),
        columns=tuple(ResultColumn(name, kind) for name, kind in columns),
        databases=resolved.databases,
        tables=resolved.tables,
    )


def _lowered(tree: exp.Query, cx: Context, resolved: Resolved) -> tuple[exp.Query, list[tuple[str, SqlType]]]:
    """The statement in the target's terms, and its result's columns."""
    for rule in NAMING_RULES:
        tree = rule(tree, cx, resolved)
    names = result_names(tree, cx.dialect, resolved.spellings)
    point_columns(tree)
    tree = qualify_clause(tree, cx)
    columns = list(zip(names, (kind for _, kind in lower_query(tree, cx)), strict=True))
    tree = cx.target.finish(tree, cx)
    write_values(tree)
    return tree, columns


def _generate(tree: exp.Query, target: Target) -> str:
    try:
        return tree.sql(dialect=target.grammar, unsupported_level=ErrorLevel.RAISE, comments=False, copy=False)
    except UnsupportedError as error:
        raise NotTranslatable("the statement", str(error).split("\n")[0], hint="write it with simpler parts") from None


def refuse_hierarchies(tree: exp.Query, _cx: Context, _resolved: Resolved) -> exp.Query:
    """`CONNECT BY` reads a tree of rows."""
    if any(select.args.get("connect") for select in tree.find_all(exp.Select)):
        raise NotTranslatable("CONNECT BY", hint="use WITH RECURSIVE")
    return tree


def shadow_no_columns(tree: exp.Query, cx: Context, _resolved: Resolved) -> exp.Query:
    """`SELECT a + 1 AS a … WHERE a > 1` means the one in one dialect, the other in another."""
    if cx.dialect.adopted:
        refuse_shadowing(tree)
    return tree


def write_pivots(tree: exp.Query, cx: Context, _resolved: Resolved) -> exp.Query:
    """`PIVOT` and `UNPIVOT` become subqueries."""
    return expand_pivots(tree, cx)


def name_date_parts(tree: exp.Query, _cx: Context, _resolved: Resolved) -> exp.Query:
    """`DATEADD(month, …)` names a part, not a column."""
    for node in tree.find_all(exp.Anonymous):
        if node.name.upper() in PART_FIRST and node.expressions:
            first = node.expressions[0]
            if isinstance(first, exp.Column) and not first.table:
                first.replace(exp.var(first.name.lower()))
    return tree


def qualify_names(tree: exp.Query, cx: Context, resolved: Resolved) -> exp.Query:
    """Give every column its table, expand stars, aliases in the same SELECT, ordinals and USING."""
    refuse_growth(tree)
    try:
        made = qualify(tree, dialect=cx.dialect.grammar, schema=resolved.schema(cx.dialect), quote_identifiers=True)
    except SqlglotError as error:
        raise name_fault(str(error), tree, resolved) from None
    if any(column.args.get("join_mark") for column in made.find_all(exp.Column)):
        cx.used("join_marks_as_joins")
        made = _without_marks(made)
    return made


def _without_marks(tree: exp.Expr) -> exp.Query:
    """`a.x = b.y(+)` is an outer join."""
    try:
        made = transforms.eliminate_join_marks(tree)
    except (SqlglotError, AssertionError):
        made = exp.Null()
    if not isinstance(made, exp.Query):
        raise NotTranslatable("(+) of this form", hint="write LEFT JOIN … ON")
    return made


def qualify_clause(tree: exp.Query, cx: Context) -> exp.Query:
    """`QUALIFY` becomes a WHERE around the query."""
    if not any(select.args.get("qualify") for select in tree.find_all(exp.Select)):
        return tree
    for scope in traverse_scope(tree):
        select = scope.expression
        if isinstance(select, exp.Select) and select.args.get("qualify"):
            cx.used("qualify_as_subquery")
            outer = transforms.eliminate_qualify(select.copy())
            _loosen(outer)
            if select is tree and isinstance(outer, exp.Query):
                tree = outer
            select.replace(outer)
    return tree


def _loosen(outer: exp.Expr) -> None:
    """Let a filter around a query read its columns by their names alone."""
    where = outer.args.get("where")
    if where is not None and where.find(exp.Query):
        raise NotTranslatable("a subquery in QUALIFY", hint="filter in a query around it")
    columns = [c for c in where.find_all(exp.Column) if c.table] if where else []
    if len({c.name for c in columns}) < len({c.sql() for c in columns}):
        raise NotTranslatable("QUALIFY over two columns of one name", hint="name them apart in a subquery")
    for column in columns:
        column.set("table", None)


NAMING_RULES: tuple[Step, ...] = (refuse_hierarchies, shadow_no_columns, write_pivots, name_date_parts, qualify_names)
