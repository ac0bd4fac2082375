"""Experiments and what was said about their import, as people read them."""

from collections.abc import Iterable, Sequence

from dwsim.common.v1.sql_dialect_pb2 import SqlDialect
from dwsim.common.v1.warehouse_pb2 import Warehouse
from dwsim.schema.v1.experiment_pb2 import Column, Experiment, KeyColumns, Table
from dwsim.schema.v1.import_report_pb2 import Diagnostic, StatementStatus
from dwsim.schema.v1.revision_pb2 import Change, Revision
from dwsim.schema.v1.schema_service_pb2 import (
    CompareRevisionsResponse,
    ExperimentSummary,
    ImportSpecResponse,
    ImportSqlResponse,
)

from dwsim_cli import figures
from dwsim_cli.output import Output

DEFAULT_ROWS = 1000


def stored(output: Output, answer: ImportSqlResponse | ImportSpecResponse, *, validate_only: bool) -> None:
    """Say what was stored; a program gets the whole answer."""
    if output.as_json:
        output.document(answer)
        return
    said(output, answer.warnings, answer.diagnostics)
    document = answer.experiment
    columns = sum(len(table.columns) for table in document.tables)
    done = "is valid; nothing was stored" if validate_only else f"is stored as revision {document.revision}"
    output.say(f"{document.name} {done}: {len(document.tables)} tables, {columns} columns")


def statements(output: Output, all_statements: Iterable[StatementStatus]) -> None:
    """Show the statements that are no part of the experiment, and why."""
    if output.as_json:
        return
    for one in all_statements:
        if one.outcome != StatementStatus.IMPORTED:
            outcome = StatementStatus.Outcome.Name(one.outcome).lower()
            output.warn(f"line {one.line}, column {one.column}: {one.kind} {outcome}: {one.note}")


def said(output: Output, texts: Iterable[str], all_diagnostics: Sequence[Diagnostic]) -> None:
    """Show warnings and diagnostics; what both say is said once, with its hint, and errors with their statements."""
    told = {one.message for one in all_diagnostics}
    warnings(output, (text for text in texts if text not in told))
    diagnostics(output, (one for one in all_diagnostics if one.severity != Diagnostic.ERROR))


def warnings(output: Output, texts: Iterable[str]) -> None:
    """Show what the importer changed or guessed."""
    for text in texts:
        output.warn(text)


def diagnostics(output: Output, all_diagnostics: Iterable[Diagnostic]) -> None:
    """Show what else there is to say, each with its place."""
    for one in all_diagnostics:
        path = f"{one.path}: " if one.path and one.path not in one.message else ""
        place = f"line {one.line}, column {one.column}: " if one.line else path
        hint = f" ({one.hint})" if one.hint else ""
        show = output.note if one.severity == Diagnostic.INFO else output.warn
        show(f"{place}{one.message}{hint}")


def summaries(output: Output, experiments: Sequence[ExperimentSummary]) -> None:
    """Show experiments as a list, below it what is being deleted."""
    output.table(
        ["name", "rev", "tables", "cols", "rows", "warn", "dialect", "warehouse", "created"],
        (
            [
                one.name,
                one.revision,
                one.table_count,
                one.column_count,
                figures.short(one.target_rows),
                one.warning_count,
                _dialect(one.dialect),
                _warehouse(one.target_warehouse),
                figures.day(one.create_time),
            ]
            for one in experiments
        ),
        dense=True,
    )
    for one in experiments:
        if one.state == Experiment.DELETING:
            output.note(f"{one.name} is being deleted: {one.deleting_reason}")


def experiment(output: Output, document: Experiment) -> None:
    """Show every table of an experiment, then its warnings."""
    facts = [
        f"revision {document.revision} of {figures.day(document.update_time)}",
        _dialect(document.dialect),
        f"for {_warehouse(document.target_warehouse)}" if document.target_warehouse else "",
        f"{len(document.tables)} tables",
    ]
    output.say(" · ".join([document.name, *filter(None, facts)]))
    if document.description:
        output.say(document.description)
    for table in document.tables:
        output.say("")
        output.table(
            ["column", "type", "null", "key", "made by"],
            ([c.name, c.data_type, "" if c.required else "null", _key(table, c), _made_by(c)] for c in table.columns),
            title=_title(table),
        )
    warnings(output, (text for table in document.tables for text in table.warnings))
    if document.state == Experiment.DELETING:
        output.note(f"{document.name} is being deleted: {document.deleting_reason}")


def revisions(output: Output, listed: Iterable[Revision]) -> None:
    """Show revisions as a list."""
    output.table(
        ["rev", "made", "tables", "cols", "rows", "what it changed"],
        (
            [
                one.revision,
                figures.moment(one.create_time),
                one.table_count,
                one.column_count,
                figures.short(one.target_rows),
                one.summary,
            ]
            for one in listed
        ),
        dense=True,
    )


_SIGNS = {Change.ADDED: "+", Change.REMOVED: "-", Change.CHANGED: "~"}


def changes(output: Output, answer: CompareRevisionsResponse) -> None:
    """Show differences, one a line."""
    if not answer.changes:
        output.say(f"revisions {answer.from_revision} and {answer.to_revision} say the same")
    for one in answer.changes:
        place = ".".join(filter(None, (one.table, one.column)))
        field = f" {one.field}" if one.field else ""
        values = f": {one.before or 'none'} -> {one.after or 'none'}" if one.before or one.after else ""
        output.say(f"{_SIGNS.get(one.kind, '?')} {place}{field}{values}".replace("  ", " "))
    if left_out := answer.change_count - len(answer.changes):
        output.note(f"and {left_out} more")


def _dialect(number: SqlDialect.Name.ValueType) -> str:
    return SqlDialect.Name.Name(number).lower() if number else "-"


def _warehouse(number: Warehouse.Kind.ValueType) -> str:
    return Warehouse.Kind.Name(number).lower() if number else "-"


def _title(table: Table) -> str:
    rows = table.target_rows if table.HasField("target_rows") else DEFAULT_ROWS
    keys: list[KeyColumns] = [*table.composite_keys, *table.unique_keys]
    return " · ".join([table.name, f"{rows:,} rows", *(f"({', '.join(key.columns)}) unique" for key in keys)])


def _key(table: Table, column: Column) -> str:
    marks = []
    if column.name in table.primary_key:
        marks.append("primary")
    elif column.is_unique:
        marks.append("unique")
    if column.foreign_key.references_table:
        guessed = " (inferred)" if column.foreign_key.inferred else ""
        marks.append(f"-> {column.foreign_key.references_table}.{column.foreign_key.references_column}{guessed}")
    return ", ".join(marks)


def _made_by(column: Column) -> str:
    made_by = column.rule.faker.provider or column.rule.WhichOneof("kind") or column.faker_rule
    return (made_by or column.distribution.type) + (" (inferred)" if column.inferred else "")
