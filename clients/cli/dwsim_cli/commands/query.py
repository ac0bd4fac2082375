"""`dw-sim query`, `tables` and `preview`: read what is there, or what would be there."""

import enum
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from dwsim.common.v1.sql_dialect_pb2 import SqlDialect
from dwsim.common.v1.warehouse_pb2 import Warehouse
from dwsim.generator.v1 import generator_service_pb2 as generator
from dwsim.query.v1 import query_service_pb2 as query
from dwsim.query.v1.translation_pb2 import Translation
from google.protobuf.json_format import MessageToDict

from dwsim_cli import figures, result
from dwsim_cli.mesh import Mesh
from dwsim_cli.options import (
    AsOf,
    DialectOption,
    ExperimentName,
    Json,
    Rows,
    Seed,
    dialect_number,
    parse_rows,
    read_text,
)
from dwsim_cli.session import Session, begin

TABLE_ROWS = 1000


class ResultFormat(enum.StrEnum):
    """Formats of a result by the names that users type."""

    table = "table"
    csv = "csv"
    json = "json"


def run_query(
    ctx: typer.Context,
    name: ExperimentName,
    sql: Annotated[str, typer.Argument(metavar="[SQL]", help="One statement; standard input if not given.")] = "",
    file: Annotated[
        Path | None, typer.Option("--file", "-f", exists=True, dir_okay=False, allow_dash=True, help="File with SQL.")
    ] = None,
    dialect: DialectOption = None,
    to_format: Annotated[ResultFormat, typer.Option("--format", case_sensitive=False)] = ResultFormat.table,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Most rows; 1000 for a table.")] = None,
    timeout: Annotated[float, typer.Option("--timeout", min=0, help="Seconds that the statement may run.")] = 0,
    translate: Annotated[bool, typer.Option("--translate", help="Show the warehouse's form; run nothing.")] = False,
    explain: Annotated[bool, typer.Option("--explain", help="Show the warehouse's plan; run nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Run SQL on an experiment's warehouse, in the dialect of its DDL."""
    session = begin(ctx, as_json)
    statement = _statement(sql, file)
    number = dialect_number(dialect)
    if translate:
        _translate(session, query.TranslateQueryRequest(experiment=name, sql=statement, dialect=number))
    elif explain:
        _explain(session, query.ExplainQueryRequest(experiment=name, sql=statement, dialect=number))
    else:
        rows = limit or (TABLE_ROWS if to_format == ResultFormat.table and not as_json else 0)
        limits = query.QueryLimits(max_rows=rows, timeout_seconds=timeout)
        request = query.ExecuteQueryRequest(experiment=name, sql=statement, dialect=number, limits=limits)
        _execute(session, request, to_format)


def tables(
    ctx: typer.Context,
    name: ExperimentName,
    table: Annotated[str, typer.Argument(metavar="[TABLE]", help="Describe one table.")] = "",
    as_json: Json = False,
) -> None:
    """List the loaded tables of an experiment, or describe one."""
    session = begin(ctx, as_json)
    if table:
        _describe(session, query.DescribeTableRequest(experiment=name, table=table))
        return
    request = query.ListTablesRequest(experiment=name)
    answer = session.run(lambda mesh: mesh.call(mesh.query.ListTables, request))
    if session.output.as_json:
        session.output.document(answer)
        return
    session.output.table(
        ["table", "rows", "columns", "warehouse"],
        (
            [t.name, figures.count(t.rows), t.column_count, Warehouse.Kind.Name(t.warehouse).lower()]
            for t in answer.tables
        ),
    )


def preview(
    ctx: typer.Context,
    name: ExperimentName,
    table: Annotated[str, typer.Argument(metavar="TABLE", help="Table to preview.")],
    offset: Annotated[int, typer.Option("--offset", min=0, help="First row.")] = 0,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="Rows.")] = 10,
    seed: Seed = None,
    as_of: AsOf = "",
    rows: Rows = None,
    as_json: Json = False,
) -> None:
    """Show any rows of a table as a run would make them, without a run."""
    session = begin(ctx, as_json)
    request = generator.PreviewTableRequest(
        experiment=name, table=table, offset=offset, limit=limit, seed=seed, as_of=as_of, rows=parse_rows(rows)
    )
    answer = session.run(lambda mesh: mesh.call(mesh.generator.PreviewTable, request))
    if session.output.as_json:
        session.output.document(answer)
        return
    listed: list[list[Any]] = [list(MessageToDict(row)) for row in answer.rows]
    session.output.table([column.name for column in answer.columns], listed)
    last = offset + len(listed)
    session.output.note(f"rows {offset} to {last - 1} of {figures.count(answer.total_rows)}" if listed else "no rows")


def _statement(sql: str, file: Path | None) -> str:
    """Text of the statement: argument, file, or standard input."""
    if sql and file:
        raise typer.BadParameter("give SQL or --file, not both")
    if sql:
        return sql
    if not file and sys.stdin.isatty():
        raise typer.BadParameter("there is no SQL: give it as an argument, with --file, or on standard input")
    return read_text(file or Path("-"))


def _execute(session: Session, request: query.ExecuteQueryRequest, to_format: ResultFormat) -> None:
    output = session.output
    sinks: dict[ResultFormat, result.Sink] = {
        ResultFormat.csv: result.CsvSink(output),
        ResultFormat.json: result.JsonSink(output),
    }
    collected = result.Collected()
    sink = collected if output.as_json else sinks.get(to_format, collected)
    session.run(lambda mesh: result.drain(mesh.stream(mesh.query.ExecuteQuery, request), sink))
    if output.as_json:
        output.document(collected.document())
    elif sink is collected:
        collected.show(output)


def _translate(session: Session, request: query.TranslateQueryRequest) -> None:
    answer = session.run(lambda mesh: mesh.call(mesh.query.TranslateQuery, request)).translation
    if session.output.as_json:
        session.output.document(answer)
        return
    session.output.text(answer.translated_sql)
    source, target = (SqlDialect.Name.Name(d).lower() for d in (answer.dialect, answer.target_dialect))
    session.output.note(f"{source} to {target}: {Translation.Verdict.Name(answer.verdict).lower()}")
    for note in answer.notes:
        session.output.note(f"  {note}")


def _explain(session: Session, request: query.ExplainQueryRequest) -> None:
    answer = session.run(lambda mesh: mesh.call(mesh.query.ExplainQuery, request))
    session.output.document(answer) if session.output.as_json else session.output.text(answer.plan)


def _describe(session: Session, request: query.DescribeTableRequest) -> None:
    async def work(mesh: Mesh) -> query.DescribeTableResponse:
        return await mesh.call(mesh.query.DescribeTable, request)

    answer = session.run(work)
    if session.output.as_json:
        session.output.document(answer)
        return
    session.output.table(
        ["column", "type", "null", "key"],
        (
            [c.name, c.data_type, "null" if c.nullable else "", "primary" if c.primary_key else ""]
            for c in answer.columns
        ),
        title=f"{answer.table.name} · {figures.count(answer.table.rows)} rows",
    )
    for name, value in sorted(answer.properties.items()):
        session.output.note(f"{name}: {value}")
