"""The rules that a whole document keeps; every broken one is reported, with its path."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from schema_svc.core.check_columns import check_column
from schema_svc.core.check_correlations import check_correlations
from schema_svc.core.check_dependents import check_dependents
from schema_svc.core.check_domains import check_domains
from schema_svc.core.check_expressions import check_expressions
from schema_svc.core.check_offsets import check_offsets
from schema_svc.core.check_references import check_cycles, check_references
from schema_svc.core.check_rules import Scope, rule_problems
from schema_svc.core.faults import (
    InvalidKey,
    InvalidNameInside,
    InvalidRowCount,
    NameCollision,
    RuleMisfit,
    UnknownDialect,
)
from schema_svc.core.model import Experiment, Table
from schema_svc.core.names import EXPERIMENT_NAME_HINT, did_you_mean, name_problem, names_experiment
from schema_svc.core.normalise import normalise
from schema_svc.core.problems import Problem, fault_of
from schema_svc.core.vocabulary import IMPORTED_DIALECT_NAMES, IMPORTED_DIALECTS, Dialect

MOST_ROWS = 10**12
MOST_TABLES = 10_000
MOST_COLUMNS = 10_000
MOST_PROBLEMS = 1_000
"""Where a document breaks more rules, the rest is found once these are mended."""


def prepare(experiment: Experiment) -> Experiment:
    """Normalise a document in place and check it whole; raise with all its problems."""
    problems = normalise(experiment) + check(experiment)
    if problems:
        raise fault_of(problems)
    return experiment


def check(experiment: Experiment) -> list[Problem]:
    """Every broken rule of a normalised document, or the first thousand and some."""
    problems = [*_check_name(experiment), *_check_dialect(experiment)]
    if not experiment.tables:
        problems.append(Problem("tables", "the experiment has no table", "describe at least one table"))
    if len(experiment.tables) > MOST_TABLES:
        problems.append(Problem("tables", f"{len(experiment.tables)} tables; at most {MOST_TABLES} are taken"))
    problems += _collisions("tables", "table", [table.name for table in experiment.tables])
    tables = experiment.tables_by_name()
    for t, table in enumerate(experiment.tables):
        problems += islice(_check_table(table, tables, experiment.dialect, f"tables[{t}]"), MOST_PROBLEMS)
        if len(problems) > MOST_PROBLEMS:
            return problems
    problems += islice(check_references(experiment), MOST_PROBLEMS)
    problems += check_cycles(experiment)
    problems += islice(check_offsets(experiment), MOST_PROBLEMS)
    problems += islice(check_dependents(experiment), MOST_PROBLEMS)
    problems += islice(check_expressions(experiment), MOST_PROBLEMS)
    misfits = {_table_of(problem) for problem in problems if problem.kind is RuleMisfit}
    problems += islice(check_domains(experiment, misfits), MOST_PROBLEMS)
    return problems


def _table_of(problem: Problem) -> str:
    """`tables[3]` of a path below it."""
    return problem.path.partition("].")[0] + "]"


def _check_name(experiment: Experiment) -> Iterator[Problem]:
    if not names_experiment(experiment.name):
        message = f"experiment name {experiment.name[:80]!r} cannot be used"
        yield Problem("name", message, EXPERIMENT_NAME_HINT, InvalidNameInside)


def _check_dialect(experiment: Experiment) -> Iterator[Problem]:
    if experiment.dialect not in {Dialect.NAME_UNSPECIFIED, *IMPORTED_DIALECTS}:
        yield Problem(
            "dialect",
            f"{experiment.dialect.lower()} is not a dialect that schemas are written in",
            f"use one of {IMPORTED_DIALECT_NAMES}",
            UnknownDialect,
            (("dialect", str(experiment.dialect)),),
        )


def _collisions(path: str, what: str, names: list[str]) -> Iterator[Problem]:
    """Names that are one name to a warehouse."""
    first: dict[str, int] = {}
    for place, name in enumerate(names):
        before = first.setdefault(name.casefold(), place)
        if before != place:
            yield Problem(
                f"{path}[{place}].name",
                f"{what} {name!r} has the same name as {path}[{before}]",
                "names differ by more than case",
                NameCollision,
            )


def _check_table(table: Table, tables: Mapping[str, Table], dialect: Dialect, path: str) -> Iterator[Problem]:
    if problem := name_problem(table.name):
        yield Problem(f"{path}.name", f"the table {problem}", "", InvalidNameInside)
    yield from _check_rows(table, path)
    if not table.columns:
        yield Problem(f"{path}.columns", f"table {table.name!r} has no column", "describe at least one column")
    if len(table.columns) > MOST_COLUMNS:
        yield Problem(f"{path}.columns", f"{len(table.columns)} columns; at most {MOST_COLUMNS} are taken")
    yield from _collisions(f"{path}.columns", "column", [column.name for column in table.columns])
    for c, column in enumerate(table.columns):
        yield from check_column(column, dialect, f"{path}.columns[{c}]")
        scope = Scope(column.name, table, tables, dialect)
        yield from rule_problems(column, scope, f"{path}.columns[{c}]")
    yield from _check_keys(table, path)
    yield from check_correlations(table, path)


def _check_rows(table: Table, path: str) -> Iterator[Problem]:
    rows = table.target_rows
    if rows is not None and not 0 <= rows <= MOST_ROWS:
        yield Problem(
            f"{path}.target_rows",
            f"table {table.name!r} cannot have {rows} rows",
            f"a row count is 0 to {MOST_ROWS}",
            InvalidRowCount,
            (("table", table.name),),
        )


def _check_keys(table: Table, path: str) -> Iterator[Problem]:
    known = [column.name for column in table.columns]
    if table.primary_key:
        yield from _check_key("primary_key", table.primary_key, known, f"{path}.primary_key")
    for field, keys in (("unique_keys", table.unique_keys), ("composite_keys", table.composite_keys)):
        for k, key in enumerate(keys):
            yield from _check_key(field, key.columns, known, f"{path}.{field}[{k}].columns")
    for k, correlation in enumerate(table.correlations):
        yield from _check_key("correlations", correlation.columns, known, f"{path}.correlations[{k}].columns")


def _check_key(field: str, columns: list[str], known: Iterable[str], path: str) -> Iterator[Problem]:
    if not columns:
        yield Problem(path, f"a group of {field} is empty", "name the columns of the key", InvalidKey)
    if len(set(columns)) != len(columns):
        yield Problem(path, f"a group of {field} names a column twice: {', '.join(columns)}", "", InvalidKey)
    names = list(known)
    for place, column in enumerate(columns):
        if column not in names:
            yield Problem(f"{path}[{place}]", f"there is no column {column!r}", did_you_mean(column, names), InvalidKey)
