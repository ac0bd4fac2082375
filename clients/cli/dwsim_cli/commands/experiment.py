"""`dw-sim experiment`: create, import and export; the rest of its commands put together."""

import enum
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from dwsim.schema.v1 import schema_service_pb2 as schema

from dwsim_cli import experiment_view as view
from dwsim_cli.commands import experiment_life as life
from dwsim_cli.commands.generate import generate
from dwsim_cli.commands.load import start_load
from dwsim_cli.commands.run import list_runs
from dwsim_cli.mesh import Mesh
from dwsim_cli.options import (
    DialectOption,
    ExperimentName,
    Json,
    NoInference,
    NoRules,
    NoSurrogateKeys,
    Refused,
    Revision,
    Rows,
    Target,
    TargetRows,
    TextFile,
    dialect_number,
    parse_rows,
    read_text,
    warehouse_number,
)
from dwsim_cli.session import Session, begin
from dwsim_wire.client import UnaryRpc

app = typer.Typer(no_args_is_help=True, help="Experiments: what tables look like, and what is made of them.")
app.command("generate")(generate)
app.command("load")(start_load)
app.command("runs")(list_runs)
app.command("list")(life.list_experiments)
app.command("show")(life.show)
app.command("update")(life.update)
app.command("import-table")(life.import_table)
app.command("revisions")(life.revisions)
app.command("diff")(life.diff)
app.command("delete")(life.delete)

NameOption = Annotated[str, typer.Option("--name", help="Name of the experiment.")]
ValidateOnly = Annotated[bool, typer.Option("--validate-only", help="Check and print; store nothing.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Do not print the normalised document.")]
Request = TypeVar("Request", schema.ImportSqlRequest, schema.ImportSpecRequest)
Answer = TypeVar("Answer", schema.ImportSqlResponse, schema.ImportSpecResponse)


class ExportFormat(enum.StrEnum):
    """Formats of an export by the names that users type."""

    json = "json"
    yaml = "yaml"
    ddl = "ddl"


@app.command("create")
def create(
    ctx: typer.Context,
    file: TextFile,
    name: NameOption = "",
    validate_only: ValidateOnly = False,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Create an experiment from a JSON or YAML document; prints the normalised document before it is stored."""
    session = begin(ctx, as_json)
    request = schema.ImportSpecRequest(spec=read_text(file), name=name, validate_only=validate_only)
    answer = _check_then_store(session, lambda mesh: mesh.schema.ImportSpec, request, quiet=quiet)
    view.stored(session.output, answer, validate_only=validate_only)


@app.command("import-sql")
def import_sql(
    ctx: typer.Context,
    file: TextFile,
    name: NameOption = "",
    dialect: DialectOption = None,
    target_rows: TargetRows = None,
    rows: Rows = None,
    target_warehouse: Target = None,
    no_surrogate_keys: NoSurrogateKeys = False,
    no_infer: NoInference = False,
    no_rules: NoRules = False,
    refuse: Refused = None,
    validate_only: ValidateOnly = False,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Import the CREATE TABLE statements of a SQL file; prints the normalised document before it is stored."""
    session = begin(ctx, as_json)
    request = schema.ImportSqlRequest(
        name=name or (file.stem if str(file) != "-" else ""),
        sql=read_text(file),
        dialect=dialect_number(dialect),
        target_rows=target_rows,
        table_rows=parse_rows(rows),
        target_warehouse=warehouse_number(target_warehouse),
        surrogate_keys=not no_surrogate_keys,
        infer_foreign_keys=not no_infer,
        infer_rules=not no_rules,
        refused_foreign_keys=refuse or [],
        validate_only=validate_only,
    )
    answer = _check_then_store(session, lambda mesh: mesh.schema.ImportSql, request, quiet=quiet)
    view.statements(session.output, answer.statements)
    view.stored(session.output, answer, validate_only=validate_only)


@app.command("export")
def export(
    ctx: typer.Context,
    name: ExperimentName,
    to_format: Annotated[ExportFormat, typer.Option("--format", case_sensitive=False)] = ExportFormat.json,
    dialect: DialectOption = None,
    revision: Revision = 0,
    to: Annotated[Path | None, typer.Option("--output", "-o", dir_okay=False, help="File to write.")] = None,
    as_json: Json = False,
) -> None:
    """Export an experiment as a JSON or YAML document, or as DDL."""
    session = begin(ctx, as_json)
    request = schema.ExportExperimentRequest(
        name=name,
        revision=revision,
        format=schema.ExportExperimentRequest.Format.Value(to_format.upper()),
        dialect=dialect_number(dialect),
    )
    answer = session.run(lambda mesh: mesh.call(mesh.schema.ExportExperiment, request))
    if to:
        to.write_text(answer.text, encoding="utf-8")
    if session.output.as_json:
        session.output.document(answer)
        return
    if not to:
        session.output.text(answer.text)
    view.diagnostics(session.output, answer.diagnostics)


def _check_then_store(
    session: Session, rpc: Callable[[Mesh], UnaryRpc[Answer]], request: Request, *, quiet: bool
) -> Answer:
    """Show the normalised document, then store it; only one of the two where nobody looks or the request says so."""
    if quiet or session.output.as_json:
        return session.run(lambda mesh: mesh.call(rpc(mesh), request))
    check = type(request)()
    check.CopyFrom(request)
    check.validate_only = True

    async def work(mesh: Mesh) -> Answer:
        checked = await mesh.call(rpc(mesh), check)
        session.output.document(checked.experiment)
        return checked if request.validate_only else await mesh.call(rpc(mesh), request)

    return session.run(work)
