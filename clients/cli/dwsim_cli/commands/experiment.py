"""`dw-sim experiment`: create, import and export; the rest of its commands put together."""

import enum
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from dwsim.schema.v1 import schema_service_pb2 as schema
from dwsim.schema.v1.import_report_pb2 import Diagnostic

from dwsim_cli import experiment_view as view
from dwsim_cli.commands import experiment_life as life
from dwsim_cli.commands.generate import generate
from dwsim_cli.commands.load import start_load
from dwsim_cli.commands.run import list_runs
from dwsim_cli.excerpt import excerpts, pointing_into
from dwsim_cli.faults import InvalidInput
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
SQL_ONLY = {"dialect", "target_rows", "rows", "target_warehouse", "no_surrogate_keys", "no_infer", "no_rules", "refuse"}
Request = TypeVar("Request", schema.ImportSqlRequest, schema.ImportSpecRequest)
Answer = TypeVar("Answer", schema.ImportSqlResponse, schema.ImportSpecResponse)


class ExportFormat(enum.StrEnum):
    """Formats of an export by the names that users type."""

    json = "json"
    yaml = "yaml"
    ddl = "ddl"


class ImportFormat(enum.StrEnum):
    """Formats of an import by the names that users type."""

    sql = "sql"
    json = "json"
    yaml = "yaml"


FormatOption = Annotated[
    ImportFormat | None,
    typer.Option("--format", case_sensitive=False, help="Format of the text; told from the file's suffix."),
]
_SUFFIXES = {
    ".sql": ImportFormat.sql,
    ".ddl": ImportFormat.sql,
    ".json": ImportFormat.json,
    ".yaml": ImportFormat.yaml,
    ".yml": ImportFormat.yaml,
}


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
    _import_spec(session, schema.ImportSpecRequest(name=name, validate_only=validate_only), file, quiet=quiet)


def _import_spec(session: Session, request: schema.ImportSpecRequest, file: Path, *, quiet: bool) -> None:
    request.spec = read_text(file)
    with pointing_into(request.spec, file):
        answer = _check_then_store(session, lambda mesh: mesh.schema.ImportSpec, request, quiet=quiet)
    view.stored(session.output, answer, validate_only=request.validate_only)


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
    with pointing_into(request.sql, file):
        answer = _check_then_store(session, lambda mesh: mesh.schema.ImportSql, request, quiet=quiet)
    view.statements(session.output, answer.statements)
    places = [(one.line, one.column) for one in answer.diagnostics if one.severity == Diagnostic.ERROR]
    for excerpt in excerpts(request.sql, file, places):
        session.output.note(excerpt)
    view.stored(session.output, answer, validate_only=validate_only)


@app.command("import")
def import_file(
    ctx: typer.Context,
    file: TextFile,
    name: NameOption = "",
    of_format: FormatOption = None,
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
    """Import a file by its suffix: DDL (.sql, .ddl) or a document (.json, .yaml, .yml); - reads standard input."""
    known = of_format or _format_of(file)
    if known is not ImportFormat.sql:
        _refuse_sql_options(ctx)
        of_text = schema.ImportSpecRequest.Format.Value(known.upper())
        request = schema.ImportSpecRequest(name=name, format=of_text, validate_only=validate_only)
        _import_spec(begin(ctx, as_json), request, file, quiet=quiet)
        return
    options = name, dialect, target_rows, rows, target_warehouse, no_surrogate_keys, no_infer, no_rules, refuse
    import_sql(ctx, file, *options, validate_only=validate_only, quiet=quiet, as_json=as_json)


@app.command("validate")
def validate(
    ctx: typer.Context,
    file: TextFile,
    name: NameOption = "",
    of_format: FormatOption = None,
    dialect: DialectOption = None,
    target_rows: TargetRows = None,
    rows: Rows = None,
    no_surrogate_keys: NoSurrogateKeys = False,
    no_infer: NoInference = False,
    no_rules: NoRules = False,
    as_json: Json = False,
) -> None:
    """Check a file of DDL or a document and store nothing; every problem is shown with its place."""
    import_file(
        ctx,
        file,
        name,
        of_format,
        dialect,
        target_rows,
        rows,
        no_surrogate_keys=no_surrogate_keys,
        no_infer=no_infer,
        no_rules=no_rules,
        validate_only=True,
        quiet=True,
        as_json=as_json,
    )


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


def _format_of(file: Path) -> ImportFormat:
    if known := _SUFFIXES.get(file.suffix.lower()):
        return known
    raise InvalidInput(
        f"the format of {'standard input' if str(file) == '-' else file} is not known",
        hint="say --format sql, json or yaml; or use one of the suffixes " + ", ".join(_SUFFIXES),
    )


def _refuse_sql_options(ctx: typer.Context) -> None:
    given = [option.opts[0] for option in ctx.command.params if option.name in SQL_ONLY and ctx.params[option.name]]
    if given:
        raise InvalidInput(f"{', '.join(given)} is for DDL; a document says it itself", hint="leave it out")


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
