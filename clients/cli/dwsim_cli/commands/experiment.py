"""`dw-sim experiment`: create, import, list, show, export, update, delete."""

import enum
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from dwsim.schema.v1 import schema_service_pb2 as schema

from dwsim_cli import experiment_view as view
from dwsim_cli.commands.generate import generate
from dwsim_cli.commands.load import start_load
from dwsim_cli.commands.run import list_runs
from dwsim_cli.mesh import Mesh
from dwsim_cli.options import (
    DialectOption,
    ExperimentName,
    Json,
    Limit,
    Rows,
    Target,
    TextFile,
    dialect_number,
    parse_rows,
    read_text,
    warehouse_number,
)
from dwsim_cli.output import as_dict
from dwsim_cli.paging import collect
from dwsim_cli.session import Session, begin
from dwsim_wire.client import UnaryRpc

app = typer.Typer(no_args_is_help=True, help="Experiments: what tables look like, and what is made of them.")
app.command("generate")(generate)
app.command("load")(start_load)
app.command("runs")(list_runs)

NameOption = Annotated[str, typer.Option("--name", help="Name of the experiment.")]
ValidateOnly = Annotated[bool, typer.Option("--validate-only", help="Check and print; store nothing.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Do not print the normalised document.")]
Revision = Annotated[int, typer.Option("--revision", min=0, help="An older revision.")]
Request = TypeVar("Request", schema.ImportSqlRequest, schema.ImportSpecRequest)
Answer = TypeVar("Answer", schema.ImportSqlResponse, schema.ImportSpecResponse)
NoSurrogateKeys = Annotated[
    bool, typer.Option("--no-surrogate-keys", help="Keep composite primary keys as the DDL has them.")
]
NoInference = Annotated[
    bool, typer.Option("--no-infer-foreign-keys", help="Do not guess foreign keys from column names.")
]
NoRules = Annotated[
    bool, typer.Option("--no-infer-rules", help="Do not guess from column names how columns are filled.")
]
Refused = Annotated[
    list[str] | None, typer.Option("--refuse-foreign-key", metavar="TABLE.COLUMN", help="A guess to leave out.")
]
TargetRows = Annotated[int | None, typer.Option("--target-rows", help="Rows of every table; 1000 by default.")]


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


@app.command("list")
def list_experiments(ctx: typer.Context, limit: Limit = 100, as_json: Json = False) -> None:
    """List experiments, newest first."""
    session = begin(ctx, as_json)

    async def work(mesh: Mesh) -> tuple[list[schema.ExperimentSummary], bool]:
        return await collect(
            lambda size, token: mesh.call(
                mesh.schema.ListExperiments, schema.ListExperimentsRequest(page_size=size, page_token=token)
            ),
            lambda page: page.experiments,
            limit,
        )

    experiments, more = session.run(work)
    if session.output.as_json:
        session.output.document({"experiments": [as_dict(e) for e in experiments]})
        return
    view.summaries(session.output, experiments)
    if more:
        session.output.note(f"there are more than {limit}; --limit shows more")


@app.command("show")
def show(
    ctx: typer.Context,
    name: ExperimentName,
    revision: Revision = 0,
    as_json: Json = False,
) -> None:
    """Show an experiment: tables, columns, keys. With --json, the whole document."""
    session = begin(ctx, as_json)
    request = schema.GetExperimentRequest(name=name, revision=revision)
    experiment = session.run(lambda mesh: mesh.call(mesh.schema.GetExperiment, request)).experiment
    if session.output.as_json:
        session.output.document(experiment)
        return
    view.experiment(session.output, experiment)


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


@app.command("update")
def update(
    ctx: typer.Context,
    file: TextFile,
    name: Annotated[str, typer.Option("--name", help="Experiment to update; the document's by default.")] = "",
    etag: Annotated[str, typer.Option("--etag", help="Update only where this is still the newest.")] = "",
    as_json: Json = False,
) -> None:
    """Store a JSON or YAML document as the next revision of its experiment."""
    session = begin(ctx, as_json)
    text = read_text(file)

    async def work(mesh: Mesh) -> schema.UpdateExperimentResponse:
        # the schema service reads the text: one reader, the same messages with line and column
        checked = await mesh.call(
            mesh.schema.ImportSpec, schema.ImportSpecRequest(spec=text, name=name, validate_only=True)
        )
        document = checked.experiment
        request = schema.UpdateExperimentRequest(name=document.name, experiment=document, etag=etag)
        return await mesh.call(mesh.schema.UpdateExperiment, request)

    answer = session.run(work)
    if session.output.as_json:
        session.output.document(answer)
        return
    view.warnings(session.output, answer.warnings)
    session.output.say(f"{answer.experiment.name} is at revision {answer.experiment.revision}")


@app.command("delete")
def delete(
    ctx: typer.Context,
    name: ExperimentName,
    force: Annotated[bool, typer.Option("--force", help="Abort active runs and loads.")] = False,
    as_json: Json = False,
) -> None:
    """Delete an experiment with its runs, files, loads and tables."""
    session = begin(ctx, as_json)
    request = schema.DeleteExperimentRequest(name=name, force=force)
    answer = session.run(lambda mesh: mesh.call(mesh.schema.DeleteExperiment, request))
    if session.output.as_json:
        session.output.document(answer)
    elif answer.done:
        session.output.say(
            f"{name} is deleted: {answer.deleted_runs} runs, {answer.deleted_files} files, "
            f"{answer.dropped_tables} tables"
        )
    else:
        session.output.say(f"{name} is being deleted: {answer.deleting_reason}")


def _check_then_store(
    session: Session, rpc: Callable[[Mesh], UnaryRpc[Answer]], request: Request, *, quiet: bool
) -> Answer:
    """Show the normalised document, then store it; only the former where the request says so."""
    check = type(request)()
    check.CopyFrom(request)
    check.validate_only = True

    async def work(mesh: Mesh) -> Answer:
        checked = await mesh.call(rpc(mesh), check)
        view.checked(session.output, checked.experiment, quiet=quiet)
        return checked if request.validate_only else await mesh.call(rpc(mesh), request)

    return session.run(work)
