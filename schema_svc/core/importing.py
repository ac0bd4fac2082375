"""A SQL text -> a checked experiment. Plain data in, plain data out: it may run in another process."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from schema_svc.core.check import check
from schema_svc.core.ddl.reading import Reading, read_ddl
from schema_svc.core.domains import lower_rows
from schema_svc.core.faults import InvalidRowCount, UnknownDialect
from schema_svc.core.infer import infer_foreign_keys
from schema_svc.core.model import DEFAULT_ROWS, Experiment, Table
from schema_svc.core.names import check_experiment_name, did_you_mean
from schema_svc.core.normalise import normalise
from schema_svc.core.problems import Problem, fault_of
from schema_svc.core.report import Diagnostic, StatementStatus
from schema_svc.core.resolve import resolve
from schema_svc.core.vocabulary import IMPORTED_DIALECT_NAMES, IMPORTED_DIALECTS, Dialect, Severity, WarehouseKind


@dataclass(frozen=True)
class SqlImport:
    """What to import, and how."""

    name: str
    sql: str
    dialect: Dialect = Dialect.REDSHIFT
    target_rows: int = DEFAULT_ROWS
    table_rows: Mapping[str, int] = field(default_factory=dict)
    target_warehouse: WarehouseKind = WarehouseKind.KIND_UNSPECIFIED
    surrogate_keys: bool = True
    infer_foreign_keys: bool = True
    refused_foreign_keys: tuple[str, ...] = ()
    description: str = ""


@dataclass(frozen=True)
class Imported:
    """A checked experiment, and what there is to say about its text."""

    experiment: Experiment
    statements: list[StatementStatus] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)


def import_sql(order: SqlImport) -> Imported:
    """Import a text whole or raise."""
    check_experiment_name(order.name)
    if order.dialect not in IMPORTED_DIALECTS:
        raise unknown_dialect(order.dialect.lower())
    reading = read_ddl(order.sql, order.dialect)
    tables = resolve(reading.drafts, reading.refused_tables, surrogate_keys=order.surrogate_keys)
    _set_rows(tables, order)
    experiment = Experiment(
        name=order.name,
        description=order.description,
        dialect=order.dialect,
        target_warehouse=order.target_warehouse,
        tables=tables,
        views=reading.drafts.views,
    )
    problems = normalise(experiment)
    asked = {table.name for table in tables if table.name.casefold() in map(str.casefold, order.table_rows)}
    lower_rows(experiment, asked)
    problems += check(experiment)
    if problems:
        raise fault_of(_with_lines(problems, reading))
    guesses = _guess(experiment, order)
    lower_rows(experiment, asked)
    return Imported(experiment, reading.statements, reading.diagnostics + guesses)


def unknown_dialect(name: str) -> UnknownDialect:
    """The fault of a dialect that is not imported."""
    return UnknownDialect(
        f"{name} is not a dialect that is imported",
        hint=f"use one of {IMPORTED_DIALECT_NAMES}",
        metadata={"dialect": name},
    )


def _set_rows(tables: list[Table], order: SqlImport) -> None:
    names = {table.name.casefold(): table for table in tables}
    for table in tables:
        table.target_rows = order.target_rows
    problems = []
    for name, rows in order.table_rows.items():
        if (found := names.get(name.casefold())) is None:
            hint = did_you_mean(name, [table.name for table in tables], "the text has")
            problems.append(Problem(f"table_rows.{name}", f"the text has no table {name!r}", hint))
        else:
            found.target_rows = rows
    if problems:
        raise fault_of(problems)


def _guess(experiment: Experiment, order: SqlImport) -> list[Diagnostic]:
    if not order.infer_foreign_keys:
        return []
    return [
        Diagnostic(
            Severity.WARNING,
            "FOREIGN_KEY_INFERRED",
            guess.text,
            f"refuse it with refused_foreign_keys: {guess.table}.{guess.column}",
            path=f"{guess.table}.{guess.column}",
        )
        for guess in infer_foreign_keys(experiment, order.refused_foreign_keys)
    ]


def _with_lines(problems: list[Problem], reading: Reading) -> list[Problem]:
    """Say in every problem of a table on which line its statement begins."""
    places = {status.table: status for status in reading.statements if status.kind == "CREATE TABLE"}
    located = []
    for problem in problems:
        number = problem.path.removeprefix("tables[").partition("]")[0]
        draft = reading.drafts.tables[int(number)] if number.isdecimal() else None
        status = places.get(draft.name) if draft else None
        if status is None or problem.kind is InvalidRowCount:
            located.append(problem)
            continue
        place = (("line", str(status.line)), ("column", str(status.column)))
        message = f"{problem.message} (statement at line {status.line})"
        located.append(Problem(problem.path, message, problem.hint, problem.kind, problem.metadata + place))
    return located
