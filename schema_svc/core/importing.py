"""A SQL text -> a checked experiment. Plain data in, plain data out: it may run in another process."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field

from schema_svc.core.broken_keys import leave_out
from schema_svc.core.check import check
from schema_svc.core.ddl.reading import Reading, read_ddl
from schema_svc.core.domains import lower_rows
from schema_svc.core.faults import InvalidRowCount, UnknownDialect
from schema_svc.core.inference.conditions import bound_by_checks
from schema_svc.core.inference.foreign_keys import infer_foreign_keys
from schema_svc.core.inference.generation_rules import infer_rules
from schema_svc.core.model import DEFAULT_ROWS, Experiment, Table
from schema_svc.core.names import check_experiment_name, did_you_mean
from schema_svc.core.normalise import normalise
from schema_svc.core.problems import Problem, fault_of
from schema_svc.core.report import Diagnostic, StatementStatus
from schema_svc.core.resolve import resolve
from schema_svc.core.vocabulary import (
    IMPORTED_DIALECT_NAMES,
    IMPORTED_DIALECTS,
    Dialect,
    Outcome,
    Severity,
    WarehouseKind,
)


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
    infer_rules: bool = True
    description: str = ""


@dataclass(frozen=True)
class Imported:
    """A checked experiment, and what there is to say about its text."""

    experiment: Experiment
    statements: list[StatementStatus] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)


def import_sql(order: SqlImport, onto: Experiment | None = None) -> Imported:
    """Import a text or raise; its tables follow those of `onto`, where that is given."""
    check_experiment_name(order.name)
    if order.dialect not in IMPORTED_DIALECTS:
        raise unknown_dialect(order.dialect.lower())
    reading = read_ddl(order.sql, order.dialect)
    before = list(onto.tables) if onto else []
    names = [table.name for table in before]
    tables = resolve(reading.drafts, order.dialect, surrogate_keys=order.surrogate_keys, beside=names)
    _set_rows(tables, order)
    experiment = onto or Experiment(
        name=order.name, description=order.description, dialect=order.dialect, target_warehouse=order.target_warehouse
    )
    experiment.tables += tables
    experiment.views += reading.drafts.views
    malformed = normalise(experiment)
    unkept = [(table.name, check) for table in tables for check in bound_by_checks(table, order.dialect)]
    settled = _settled(before, tables, order)
    lower_rows(experiment, settled)
    problems = malformed + check(experiment)
    broken: list[Problem] = []
    while about_keys := leave_out(experiment, _with_lines(problems, reading, len(before))):
        broken += about_keys
        problems = malformed + check(experiment)
    if problems:
        raise fault_of(_with_lines(problems, reading, len(before)))
    inferred = _infer_foreign_keys(experiment, order, before) + _infer_rules(experiment, tables, order)
    lower_rows(experiment, settled)
    return Imported(experiment, reading.statements, reading.diagnostics + _said(broken) + _as_text(unkept) + inferred)


def _settled(before: list[Table], tables: list[Table], order: SqlImport) -> set[str]:
    """Tables whose rows stay as they are: those that were there before, and those whose rows were asked for."""
    asked = {name.casefold() for name in order.table_rows}
    return {table.name for table in before} | {table.name for table in tables if table.name.casefold() in asked}


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


def _said(broken: list[Problem]) -> list[Diagnostic]:
    """Problems of keys that were left out, as errors at the place of their statement."""
    return [
        dataclasses.replace(problem.diagnostic, line=line, column=column)
        for problem in broken
        for line, column in [_place(problem)]
    ]


def _place(problem: Problem) -> tuple[int, int]:
    """Line and column that `_with_lines` gave; 0 where it knew none."""
    said = dict(problem.metadata)
    return (int(said["line"]), int(said["column"])) if "line" in said else (0, 0)


def _as_text(unkept: list[tuple[str, str]]) -> list[Diagnostic]:
    """Say which checks no cell is made by: the rest are bounds and choices of their columns."""
    return [
        Diagnostic(
            Severity.INFO,
            "CHECK_KEPT_AS_TEXT",
            f"CHECK ({check[:200]}) of table '{name}' is kept as text: generated rows may break it.",
            "give its columns rules that keep it",
            path=name,
        )
        for name, check in unkept
    ]


def _infer_rules(experiment: Experiment, new: list[Table], order: SqlImport) -> list[Diagnostic]:
    """Infer rules once keys are known: a key's column is filled by its parent; told are those of the text's tables."""
    names = {table.name for table in new}
    inferred = [each for each in infer_rules(experiment) if each.table in names] if order.infer_rules else []
    if not inferred:
        return []
    tables = len({each.table for each in inferred})
    return [
        Diagnostic(
            Severity.INFO,
            "RULES_INFERRED",
            f"Generation rules of {len(inferred)} columns in {tables} tables were inferred from names and types.",
            "see them, marked as inferred, in the experiment; edit it, or import with infer_rules: false",
        )
    ]


def _infer_foreign_keys(experiment: Experiment, order: SqlImport, before: list[Table]) -> list[Diagnostic]:
    """Guess keys of the text's tables; those that were there before stay as they are."""
    if not order.infer_foreign_keys:
        return []
    settled = [f"{table.name}.{column.name}" for table in before for column in table.columns]
    return [
        Diagnostic(
            Severity.WARNING,
            "FOREIGN_KEY_INFERRED",
            guess.text,
            f"refuse it with refused_foreign_keys: {guess.table}.{guess.column}",
            path=f"{guess.table}.{guess.column}",
        )
        for guess in infer_foreign_keys(experiment, (*order.refused_foreign_keys, *settled))
    ]


def _with_lines(problems: list[Problem], reading: Reading, first: int) -> list[Problem]:
    """Say in every problem of a table on which line its statement begins; the text's tables begin at place `first`."""
    places = {status.table: status for status in reading.statements if status.kind == "CREATE TABLE"}
    located = []
    for problem in problems:
        number = problem.path.removeprefix("tables[").partition("]")[0]
        draft = reading.drafts.tables[int(number) - first] if number.isdecimal() and int(number) >= first else None
        status = places.get(draft.name) if draft else None
        if status is None or problem.kind is InvalidRowCount:
            located.append(problem)
            continue
        place = (("line", str(status.line)), ("column", str(status.column)))
        message = f"{problem.message} (statement at line {status.line})"
        hint = "; ".join(filter(None, (problem.hint, _refused_of(problem, status, reading.statements))))
        located.append(Problem(problem.path, message, hint, problem.kind, problem.metadata + place))
    return located


def _refused_of(problem: Problem, status: StatementStatus, statements: list[StatementStatus]) -> str:
    """The refused statement that may be behind a problem, as where a key is missed; empty if there is none."""
    tables = {dict(problem.metadata).get("table", ""), status.table}
    refused = (each for each in statements if each.outcome is Outcome.REFUSED and each.table in tables)
    first = next(refused, None)
    return f"the {first.kind} at line {first.line} was refused: {first.note}" if first else ""
