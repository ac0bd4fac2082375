"""Experiments and what was said about their import, as people read them."""

from collections.abc import Iterable

from dwsim.common.v1.sql_dialect_pb2 import SqlDialect
from dwsim.schema.v1.experiment_pb2 import Column, Experiment, KeyColumns, Table
from dwsim.schema.v1.import_report_pb2 import Diagnostic, StatementStatus
from dwsim.schema.v1.schema_service_pb2 import ExperimentSummary, ImportSpecResponse, ImportSqlResponse

from dwsim_cli import figures
from dwsim_cli.output import Output

DEFAULT_ROWS = 1000


def checked(output: Output, document: Experiment, *, quiet: bool) -> None:
    """Show a document that is about to be stored."""
    if not output.as_json and not quiet:
        output.document(document)


def stored(output: Output, answer: ImportSqlResponse | ImportSpecResponse, *, validate_only: bool) -> None:
    """Say what was stored; a program gets the whole answer."""
    if output.as_json:
        output.document(answer)
        return
    warnings(output, answer.warnings)
    diagnostics(output, answer.diagnostics)
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


def warnings(output: Output, texts: Iterable[str]) -> None:
    """Show what the importer changed or guessed."""
    for text in texts:
        output.warn(text)


def diagnostics(output: Output, all_diagnostics: Iterable[Diagnostic]) -> None:
    """Show what else there is to say, each with its place."""
    for one in all_diagnostics:
        place = f"line {one.line}, column {one.column}: " if one.line else f"{one.path}: " if one.path else ""
        hint = f" ({one.hint})" if one.hint else ""
        show = output.note if one.severity == Diagnostic.INFO else output.warn
        show(f"{place}{one.message}{hint}")


def summaries(output: Output, experiments: Iterable[ExperimentSummary]) -> None:
    """Show experiments as a list."""
    output.table(
        ["name", "tables", "columns", "rows", "dialect", "revision", "state", "created"],
        (
            [
                one.name,
                one.table_count,
                one.column_count,
                figures.count(one.target_rows),
                SqlDialect.Name.Name(one.dialect).lower(),
                one.revision,
                Experiment.State.Name(one.state) + (f": {one.deleting_reason}" if one.deleting_reason else ""),
                figures.moment(one.create_time),
            ]
            for one in experiments
        ),
    )


def experiment(output: Output, document: Experiment) -> None:
    """Show every table of an experiment."""
    dialect = SqlDialect.Name.Name(document.dialect).lower()
    output.say(f"{document.name} · revision {document.revision} · {dialect}")
    for table in document.tables:
        output.say("")
        output.table(
            ["column", "type", "null", "key", "made by"],
            ([c.name, c.data_type, "" if c.required else "null", _key(table, c), _made_by(c)] for c in table.columns),
            title=_title(table),
        )


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
