"""`dw-sim query`, `tables` and `preview`: read what is there, or what would be there."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from dwsim.common.v1.sql_dialect_pb2 import SqlDialect
from dwsim.generator.v1 import generator_service_pb2 as generator
from dwsim.query.v1 import query_service_pb2 as query
from google.protobuf.json_format import MessageToDict

from dwsim_cli import catalog_view, download, figures, result
from dwsim_cli.mesh import Mesh
from dwsim_cli.options import (
    AsOf,
    Dialect,
    DialectOption,
    ExperimentName,
    Json,
    Rows,
    Seed,
    dialect_number,
    parse_rows,
    read_text,
)
from dwsim_cli.query_options import (
    AllowWrites,
    Compressed,
    Compression,
    Explain,
    Format,
    MostRows,
    OutputFile,
    ResultFormat,
    ScratchName,
    Sql,
    SqlFile,
    Timeout,
    ToDialect,
    Translate,
)
from dwsim_cli.session import Session, begin
from dwsim_cli.shell.loop import Target

TABLE_ROWS = 1000


def run_query(
    ctx: typer.Context,
    name: ExperimentName,
    sql: Sql = "",
    file: SqlFile = None,
    dialect: DialectOption = None,
    to_format: Format = None,
    to_file: OutputFile = None,
    compression: Compressed = None,
    limit: MostRows = None,
    timeout: Timeout = 0,
    translate: Translate = False,
    to_dialect: ToDialect = None,
    explain: Explain = False,
    allow_writes: AllowWrites = False,
    scratch: ScratchName = "",
    as_json: Json = False,
) -> None:
    """Run SQL on an experiment's warehouse, in the dialect of its DDL; a shell where no SQL is given at a terminal."""
    session = begin(ctx, as_json)
    number = dialect_number(dialect)
    destination = _destination(to_format, to_file, compression)
    if allow_writes and destination.format in download.FORMATS:
        raise typer.BadParameter("--allow-writes goes with a table or JSON; use --scratch alone for a file of its rows")
    _refuse_idle(
        {"--translate": translate, "--explain": explain, "--output": bool(to_file), "--json": session.output.as_json},
        to_dialect,
    )
    if _is_interactive(sql, file):
        from dwsim_cli.shell.terminal import run_shell  # slow to import, and nobody else needs it

        return run_shell(session, Target(name, number, timeout, scratch, allow_writes))
    statement = _statement(sql, file)
    asked = query.ExplainQueryRequest(experiment=name, sql=statement, dialect=number, scratch=scratch)
    if translate:
        return _translate(session, asked, dialect_number(to_dialect))
    if explain:
        return _explain(session, asked)
    rows = limit or (TABLE_ROWS if destination.format == ResultFormat.table and not as_json else 0)
    limits = query.QueryLimits(max_rows=rows, timeout_seconds=timeout)
    request = query.ExecuteQueryRequest(
        experiment=name, sql=statement, dialect=number, limits=limits, scratch=scratch, allow_writes=allow_writes
    )
    return _answer(session, request, destination)


def _translate(session: Session, asked: query.ExplainQueryRequest, target: SqlDialect.Name.ValueType) -> None:
    """Show a statement's form on its warehouse, or in another dialect."""
    translation = query.TranslateQueryRequest(
        experiment=asked.experiment,
        sql=asked.sql,
        dialect=asked.dialect,
        target_dialect=target,
        scratch=asked.scratch,
    )
    show_translation(session, translation)


def _answer(session: Session, request: query.ExecuteQueryRequest, destination: "Destination") -> None:
    """Take the result as a file where the service makes files of its format, else by rows."""
    if destination.format not in download.FORMATS or session.output.as_json:
        return _execute(session, request, destination)
    export = query.ExportQueryRequest(
        experiment=request.experiment,
        sql=request.sql,
        dialect=request.dialect,
        limits=request.limits,
        scratch=request.scratch,
    )
    return _export(session, export, destination)


def tables(
    ctx: typer.Context,
    name: ExperimentName,
    table: Annotated[str, typer.Argument(metavar="[TABLE]", help="Describe one table.")] = "",
    scratch: ScratchName = "",
    as_json: Json = False,
) -> None:
    """List the loaded tables of an experiment, or describe one."""
    session = begin(ctx, as_json)
    if table:
        _describe(session, query.DescribeTableRequest(experiment=name, table=table, scratch=scratch))
        return
    request = query.ListTablesRequest(experiment=name, scratch=scratch)
    answer = session.run(lambda mesh: mesh.call(mesh.query.ListTables, request))
    if session.output.as_json:
        session.output.document(answer)
        return
    catalog_view.tables(session.output, answer)


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


@dataclass(frozen=True)
class Destination:
    """Where a result goes, and how."""

    format: str
    compression: str
    file: Path | None


def _destination(to_format: ResultFormat | None, file: Path | None, compression: Compression | None) -> Destination:
    """Read the options, and what the file's name tells."""
    by_name, packed = download.kind_of(file) if file else ("", "")
    chosen = (to_format or by_name) or ("" if file else ResultFormat.table)
    if not chosen:
        raise typer.BadParameter(f"{file} does not tell a format: name one with --format")
    if file and chosen == ResultFormat.table:
        raise typer.BadParameter("a table is for people: choose another --format for a file")
    if (compression or packed) and chosen not in download.FORMATS:
        raise typer.BadParameter(f"{chosen} is not compressed; jsonl, csv and parquet are")
    return Destination(chosen, compression or packed, file)


def _refuse_idle(given: dict[str, bool], to_dialect: Dialect | None) -> None:
    """Refuse options of which one would do nothing."""
    for first, second in (
        ("--translate", "--explain"),
        *((o, "--output") for o in ("--translate", "--explain", "--json")),
    ):
        if given[first] and given[second]:
            raise typer.BadParameter(f"{first} and {second} do not go together")
    if to_dialect and not given["--translate"]:
        raise typer.BadParameter("--to goes with --translate")


def _is_interactive(sql: str, file: Path | None) -> bool:
    return not sql and file is None and sys.stdin.isatty() and sys.stdout.isatty()


def _statement(sql: str, file: Path | None) -> str:
    """Text of the statement: argument, file, or standard input."""
    if sql and file:
        raise typer.BadParameter("give SQL or --file, not both")
    if sql:
        return sql
    if not file and sys.stdin.isatty():
        raise typer.BadParameter("there is no SQL: give it as an argument, with --file, or on standard input")
    return read_text(file or Path("-"))


def _export(session: Session, request: query.ExportQueryRequest, destination: Destination) -> None:
    """Have the service write the file."""
    request.format = download.FORMATS[destination.format]
    if destination.compression:
        request.compression = query.ExportQueryRequest.Compression.Value(destination.compression.upper())
    binary = destination.format in download.BINARY or destination.compression not in ("", Compression.none)
    with download.opened(destination.file, binary=binary) as into:
        summary = session.run(lambda mesh: download.download(mesh, request, into))
    result.remarks(session.output, summary)


def _execute(session: Session, request: query.ExecuteQueryRequest, destination: Destination) -> None:
    output = session.output
    collected = result.Collected()
    if output.as_json or destination.format == ResultFormat.table:
        session.run(lambda mesh: result.drain(mesh.stream(mesh.query.ExecuteQuery, request), collected))
        output.document(collected.document()) if output.as_json else collected.show(output)
        return
    with download.opened(destination.file, binary=False) as into:
        sink = result.JsonSink(output, into)
        session.run(lambda mesh: result.drain(mesh.stream(mesh.query.ExecuteQuery, request), sink))


def show_translation(session: Session, request: query.TranslateQueryRequest) -> None:
    """Translate and print."""
    answer = session.run(lambda mesh: mesh.call(mesh.query.TranslateQuery, request)).translation
    if session.output.as_json:
        session.output.document(answer)
    else:
        catalog_view.translation(session.output, answer)


def _explain(session: Session, request: query.ExplainQueryRequest) -> None:
    answer = session.run(lambda mesh: mesh.call(mesh.query.ExplainQuery, request))
    session.output.document(answer) if session.output.as_json else session.output.text(answer.plan)


def _describe(session: Session, request: query.DescribeTableRequest) -> None:
    async def work(mesh: Mesh) -> query.DescribeTableResponse:
        return await mesh.call(mesh.query.DescribeTable, request)

    answer = session.run(work)
    session.output.document(answer) if session.output.as_json else catalog_view.table(session.output, answer)
