"""INSERT, UPDATE, DELETE and MERGE: the queries whose rows they write."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from sqlglot import exp

from query_svc.core.catalog import Column, Place, Table
from query_svc.core.dialects import Dialect
from query_svc.core.faults import InvalidSql, NotTranslatable, UnknownColumn, did_you_mean
from query_svc.core.translate import Translation, lowered
from query_svc.core.types import INT64
from query_svc.core.writes.assigning import (
    assigned,
    converted,
    default_of,
    is_literal,
    keeps_form,
    needs_cast,
    refuse_text,
)
from query_svc.core.writes.plan import ROW_ID, Change, Kind, Plan, Scene
from query_svc.core.writes.targets import target_table

ROWS_TOGETHER = 50
MOST_ROWS = 2_000


def plan_insert(tree: exp.Insert, dialect: Dialect, scene: Scene) -> Plan:
    """Plan INSERT INTO."""
    if tree.args.get("overwrite") or tree.args.get("returning") or tree.args.get("conflict"):
        raise NotTranslatable("INSERT with more than VALUES or a query", hint="use DELETE and INSERT, or MERGE")
    schema = tree.this
    node = schema.this if isinstance(schema, exp.Schema) else schema
    table = target_table(node, scene)
    names = [part.name for part in schema.expressions] if isinstance(schema, exp.Schema) else []
    columns = [column_of(table, name) for name in names] or list(table.columns)
    source = tree.expression
    if isinstance(source, exp.Values):
        changes = tuple(_values_changes(source, columns, table, dialect, scene, named=bool(names)))
    elif isinstance(source, exp.Query):
        changes = (_query_change(_with(source, tree), columns, table, dialect, scene),)
    else:
        raise NotTranslatable("INSERT of DEFAULT VALUES", hint="write VALUES (…)")
    return Plan("INSERT", dialect.name, scene.home.warehouse, changes=changes)


def _with(query: exp.Query, tree: exp.Expr) -> exp.Query:
    """`WITH … INSERT INTO t SELECT`: the names belong to the query."""
    names = tree.args.get("with_")
    if names is not None:
        if query.args.get("with_"):
            raise NotTranslatable("two WITH in one statement", hint="write one, before SELECT")
        query.set("with_", names.copy())
    return query


def _query_change(query: exp.Query, columns: Sequence[Column], table: Table, dialect: Dialect, scene: Scene) -> Change:
    query = query.unnest() if isinstance(query, exp.Subquery) else query  # type: ignore[assignment]  # unnest() of a query is one
    filled = _defaults(table, columns)
    made = assigned(query, columns, filled, dialect, scene)
    return Change(Kind.APPEND, table, _names([*columns, *filled]), made)


def _defaults(table: Table, columns: Sequence[Column]) -> list[Column]:
    return [c for c in table.columns if "default" in c.properties and c not in columns]


def _names(columns: Sequence[Column]) -> tuple[str, ...]:
    return tuple(column.name for column in columns)


def _values_changes(
    source: exp.Values, columns: list[Column], table: Table, dialect: Dialect, scene: Scene, *, named: bool
) -> Iterator[Change]:
    rows = [row.expressions if isinstance(row, exp.Tuple) else [row] for row in source.expressions]
    if len(rows) > MOST_ROWS:
        raise NotTranslatable(f"VALUES of {len(rows):,} rows", f"at most {MOST_ROWS:,}", hint="send them in parts")
    width = len(rows[0])
    if not named and width < len(columns):
        columns = columns[:width]
    for number, row in enumerate(rows, 1):
        if len(row) != len(columns):
            raise InvalidSql(
                f"row {number} has {len(row)} values for {len(columns)} columns",
                hint="give every column a value, or DEFAULT",
            )
    filled = _defaults(table, columns)
    for first in range(0, len(rows), ROWS_TOGETHER):
        selects = [_row(row, columns, filled, dialect) for row in rows[first : first + ROWS_TOGETHER]]
        query: exp.Query = selects[0]
        for select in selects[1:]:
            query = exp.Union(this=query, expression=select, distinct=False)
        made = lowered(query, dialect, scene.home, scene.others, scene.accounts)
        yield Change(Kind.APPEND, table, _names([*columns, *filled]), made)


def _row(row: list[exp.Expr], columns: list[Column], filled: list[Column], dialect: Dialect) -> exp.Select:
    values = [_value(value, column, dialect) for value, column in zip(row, columns, strict=True)]
    values += [converted(default_of(column, dialect), column, dialect) for column in filled]
    return exp.Select(expressions=[exp.alias_(value, f"c{number}_") for number, value in enumerate(values)])


def _value(value: exp.Expr, column: Column, dialect: Dialect) -> exp.Expr:
    if _is_default(value):
        value = default_of(column, dialect)
    if column.type.is_text and isinstance(value, exp.Literal) and value.is_string:
        return value
    if keeps_form(column):
        refuse_text(value, column)
        return value
    return converted(value, column, dialect)


def _is_default(value: exp.Expr) -> bool:
    if isinstance(value, exp.Column):
        return not value.table and value.name.upper() == "DEFAULT" and not value.this.args.get("quoted")
    return isinstance(value, exp.Var) and value.name.upper() == "DEFAULT"


def plan_update(tree: exp.Update, dialect: Dialect, scene: Scene) -> Plan:
    """Plan UPDATE: a query of the new values, behind the ids of their rows."""
    table = target_table(tree.this, scene)
    columns, values = _assignments(tree.expressions, table, dialect)
    query = _query_of_rows(tree.this, values, tree.args.get("where"), tree)
    source = tree.args.get("from_")
    if source is not None:
        _join(query, [source.this])
    made = _with_row_ids(query, columns, table, dialect, scene)
    change = Change(Kind.UPDATE, table, _names(columns), made)
    return Plan("UPDATE", dialect.name, scene.home.warehouse, changes=(change,))


def _assignments(items: list[exp.Expr], table: Table, dialect: Dialect) -> tuple[list[Column], list[exp.Expr]]:
    columns: list[Column] = []
    values: list[exp.Expr] = []
    for item in items:
        if not (isinstance(item, exp.EQ) and isinstance(item.this, exp.Column)):
            raise NotTranslatable("SET of several columns at once", hint="write SET a = …, b = …")
        column = column_of(table, item.this.name)
        if column in columns:
            raise InvalidSql(f"column {column.name!r} is set twice", hint="set it once")
        columns.append(column)
        values.append(default_of(column, dialect) if _is_default(item.expression) else item.expression.copy())
    return columns, values


def _query_of_rows(node: exp.Expr, values: list[exp.Expr], where: exp.Expr | None, tree: exp.Expr) -> exp.Select:
    target = node.copy()
    alias = target.alias or target.name
    target.set("alias", exp.TableAlias(this=exp.to_identifier(alias)))
    row = exp.column(exp.to_identifier(ROW_ID, quoted=True), table=exp.to_identifier(alias))
    named = [exp.alias_(value, f"c{number}_") for number, value in enumerate(values)]
    query = exp.Select(expressions=[exp.alias_(row, "c_"), *named]).from_(target)
    if where is not None:
        query.set("where", where.copy())
    if tree.args.get("with_"):
        query.set("with_", tree.args["with_"].copy())
    return query


def _join(query: exp.Select, sources: list[exp.Expr]) -> None:
    """Put the other tables of a statement beside the one that it writes."""
    joins: list[exp.Expr] = []
    for source in sources:
        table = source.copy()
        following = table.args.get("joins") or []
        table.set("joins", None)
        joins += [exp.Join(this=table, kind="CROSS"), *following]
    query.set("joins", joins)


def _with_row_ids(
    query: exp.Select, columns: Sequence[Column], table: Table, dialect: Dialect, scene: Scene
) -> Translation:
    """Translate a query of new values; they are converted for their columns."""
    home = _with_ids(scene, table, dialect)
    first = lowered(query.copy(), dialect, home, scene.others, scene.accounts)
    for place, (result, column) in enumerate(zip(first.columns[1:], columns, strict=True), 1):
        alias = query.expressions[place]
        if needs_cast(result.type, column, literal=is_literal(alias)):
            alias.set("this", converted(alias.this, column, dialect))
    return lowered(query, dialect, home, scene.others, scene.accounts)


def _with_ids(scene: Scene, table: Table, dialect: Dialect) -> Place:
    """The experiment with its scratch, in which the rows of a table show their ids."""
    shown = replace(table, columns=(*table.columns, Column(dialect.fold(ROW_ID), "BIGINT", INT64, target=ROW_ID)))
    tables = tuple(shown if known is table else known for known in scene.scratch.tables)
    return replace(scene.home, scratch=replace(scene.scratch, tables=tables))


def plan_delete(tree: exp.Delete, dialect: Dialect, scene: Scene) -> Plan:
    """Plan DELETE."""
    node = tree.this or (tree.args.get("tables") or [None])[0]
    if not isinstance(node, exp.Table):
        raise NotTranslatable("DELETE of this form", hint="write DELETE FROM t WHERE …")
    table = target_table(node, scene)
    plan = Plan("DELETE", dialect.name, scene.home.warehouse)
    using = tree.args.get("using") or []
    if tree.args.get("where") is None and not using:
        return replace(plan, cleared=(table,))
    query = _query_of_rows(node, [], tree.args.get("where"), tree)
    _join(query, list(using))
    change = Change(Kind.DELETE, table, (), _with_row_ids(query, (), table, dialect, scene))
    return replace(plan, changes=(change,))


def plan_merge(tree: exp.Merge, dialect: Dialect, scene: Scene) -> Plan:
    """Plan MERGE with one branch for rows that match and one for rows that do not."""
    table = target_table(tree.this, scene)
    branches: dict[bool, exp.When] = {}
    for when in tree.args["whens"].expressions:
        matched = bool(when.args.get("matched"))
        if matched in branches or when.args.get("source"):
            raise NotTranslatable("MERGE with several branches of a kind", hint="write several MERGE statements")
        branches[matched] = when
    changes = []
    if True in branches:
        changes.append(_matched(branches[True], tree, table, dialect, scene))
    if False in branches:
        changes.append(_unmatched(branches[False], tree, table, dialect, scene))
    return Plan("MERGE", dialect.name, scene.home.warehouse, changes=tuple(changes))


def _matched(when: exp.When, tree: exp.Merge, table: Table, dialect: Dialect, scene: Scene) -> Change:
    then = when.args["then"]
    removes = isinstance(then, exp.Var) and then.name.upper() == "DELETE"
    columns: list[Column] = []
    values: list[exp.Expr] = []
    if not removes:
        if not isinstance(then, exp.Update):
            raise NotTranslatable("WHEN MATCHED of this form", hint="write UPDATE SET … or DELETE")
        columns, values = _assignments(then.expressions, table, dialect)
    condition = when.args.get("condition")
    where = exp.Where(this=condition.copy()) if condition is not None else None
    query = _query_of_rows(tree.this, values, where, tree)
    query.set("joins", [exp.Join(this=tree.args["using"].copy(), on=tree.args["on"].copy())])
    made = _with_row_ids(query, columns, table, dialect, scene)
    return Change(Kind.DELETE if removes else Kind.UPDATE, table, _names(columns), made)


def _unmatched(when: exp.When, tree: exp.Merge, table: Table, dialect: Dialect, scene: Scene) -> Change:
    then = when.args["then"]
    if not isinstance(then, exp.Insert) or not isinstance(then.expression, exp.Tuple):
        raise NotTranslatable("WHEN NOT MATCHED of this form", hint="write INSERT (…) VALUES (…)")
    named = then.this.expressions if isinstance(then.this, exp.Tuple | exp.Schema) else []
    columns = [column_of(table, part.name) for part in named] or list(table.columns)
    inside = exp.Select(expressions=[exp.Literal.number(1)]).from_(tree.this.copy())
    inside.set("where", exp.Where(this=tree.args["on"].copy()))
    values = [
        exp.alias_(default_of(column, dialect) if _is_default(value) else value.copy(), f"c{number}_")
        for number, (value, column) in enumerate(zip(then.expression.expressions, columns, strict=False))
    ]
    if len(values) != len(columns) or len(then.expression.expressions) != len(columns):
        raise InvalidSql("INSERT of MERGE has another number of values than of columns")
    query = exp.Select(expressions=values).from_(tree.args["using"].copy())
    missing: exp.Expr = exp.Not(this=exp.Exists(this=inside))
    condition = when.args.get("condition")
    query.set("where", exp.Where(this=exp.and_(missing, condition.copy()) if condition is not None else missing))
    return _query_change(query, columns, table, dialect, scene)


def column_of(table: Table, name: str) -> Column:
    """Column of a table, without regard to case."""
    found = next((column for column in table.columns if column.name.lower() == name.lower()), None)
    if found is None:
        known = [column.name for column in table.columns]
        raise UnknownColumn(
            f"table {table.name!r} has no column {name!r}", hint=did_you_mean(name, known), metadata={"column": name}
        )
    return found
