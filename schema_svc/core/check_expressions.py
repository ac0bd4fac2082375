"""SQL within the document: each piece is one piece, so that DDL made of it is what it seems."""

from collections.abc import Iterator

from schema_svc.core.ddl.cursor import Cursor, UnreadableSql
from schema_svc.core.ddl.scan import Text
from schema_svc.core.faults import InvalidExpression, InvalidNameInside, NameCollision
from schema_svc.core.model import Experiment, Table
from schema_svc.core.names import name_problem
from schema_svc.core.problems import Problem
from schema_svc.core.vocabulary import Dialect


def check_expressions(experiment: Experiment) -> Iterator[Problem]:
    """Checks, defaults and views."""
    for t, table in enumerate(experiment.tables):
        yield from _check_table(table, f"tables[{t}]", experiment.dialect)
    tables = {table.name.casefold() for table in experiment.tables}
    seen: dict[str, int] = {}
    for v, view in enumerate(experiment.views):
        if problem := name_problem(view.name):
            yield Problem(f"views[{v}].name", f"the view {problem}", "", InvalidNameInside)
        if view.name.casefold() in tables or seen.setdefault(view.name.casefold(), v) != v:
            message = f"view {view.name!r} has the name of a table or of another view"
            yield Problem(f"views[{v}].name", message, "names differ by more than case", NameCollision)
        yield from _check_piece(view.sql, f"views[{v}].sql", "view", experiment.dialect)


def _check_table(table: Table, path: str, dialect: Dialect) -> Iterator[Problem]:
    for k, check in enumerate(table.checks):
        yield from _check_piece(check, f"{path}.checks[{k}]", "check", dialect)
    for c, column in enumerate(table.columns):
        if "default" in column.properties:
            place = f"{path}.columns[{c}].properties.default"
            yield from _check_piece(column.properties["default"], place, "default", dialect)


def _check_piece(sql: str, path: str, what: str, dialect: Dialect) -> Iterator[Problem]:
    """One statement without semicolon or comment behind it, all that opens in it closed."""
    text = Text(sql, dialect)
    statements = list(text.statements())
    if not statements:
        yield Problem(path, f"the {what} is empty", "write a SQL expression, or leave it out", InvalidExpression)
    elif len(statements) > 1 or sql[statements[0].end :].strip():
        yield Problem(path, f"the {what} is more than one expression", "leave out what follows it", InvalidExpression)
    else:
        try:
            Cursor.of(text, statements[0])
        except UnreadableSql as problem:
            yield Problem(path, problem.message, problem.hint, InvalidExpression)
