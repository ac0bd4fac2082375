"""`dw-sim experiment`: what happens to an experiment once it is there."""

from typing import Annotated

import typer
from dwsim.schema.v1 import schema_service_pb2 as schema
from dwsim.schema.v1.experiment_pb2 import Experiment

from dwsim_cli import experiment_view as view
from dwsim_cli.excerpt import pointing_into
from dwsim_cli.listing import show_list
from dwsim_cli.mesh import Mesh
from dwsim_cli.options import (
    DialectOption,
    Etag,
    ExperimentName,
    Json,
    Limit,
    NoInference,
    NoRules,
    NoSurrogateKeys,
    Refused,
    Revision,
    Target,
    TargetRows,
    TextFile,
    dialect_number,
    read_text,
    warehouse_number,
)
from dwsim_cli.session import begin

Tables = Annotated[list[str] | None, typer.Argument(metavar="[TABLE]...", help="Tables to show; all by default.")]


def list_experiments(
    ctx: typer.Context,
    search: Annotated[str, typer.Option("--search", metavar="TEXT", help="Part of the name.")] = "",
    target_warehouse: Target = None,
    deleting: Annotated[bool, typer.Option("--deleting", help="Only those that are being deleted.")] = False,
    limit: Limit = 100,
    as_json: Json = False,
) -> None:
    """List experiments, newest first."""
    session = begin(ctx, as_json)

    show_list(
        session,
        lambda mesh, size, token: mesh.call(
            mesh.schema.ListExperiments,
            schema.ListExperimentsRequest(
                page_size=size,
                page_token=token,
                search=search,
                target_warehouse=warehouse_number(target_warehouse),
                state=Experiment.DELETING if deleting else Experiment.STATE_UNSPECIFIED,
            ),
        ),
        lambda page: page.experiments,
        limit,
        "experiments",
        view.summaries,
    )


def show(
    ctx: typer.Context, name: ExperimentName, tables: Tables = None, revision: Revision = 0, as_json: Json = False
) -> None:
    """Show an experiment: tables, columns, keys, warnings. With --json, the whole document."""
    session = begin(ctx, as_json)
    request = schema.GetExperimentRequest(name=name, revision=revision, tables=tables or [])
    experiment = session.run(lambda mesh: mesh.call(mesh.schema.GetExperiment, request)).experiment
    if session.output.as_json:
        session.output.document(experiment)
        return
    view.experiment(session.output, experiment)


def update(
    ctx: typer.Context,
    file: TextFile,
    name: Annotated[str, typer.Option("--name", help="Experiment to update; the document's by default.")] = "",
    etag: Etag = "",
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Whatever etag the document names.")] = False,
    as_json: Json = False,
) -> None:
    """Store a JSON or YAML document as the next revision of its experiment.

    A document that names an etag is stored only while that is the newest one.
    """
    session = begin(ctx, as_json)
    text = read_text(file)

    async def work(mesh: Mesh) -> schema.UpdateExperimentResponse:
        # the schema service reads the text: one reader, the same messages with line and column
        checked = await mesh.call(
            mesh.schema.ImportSpec, schema.ImportSpecRequest(spec=text, name=name, validate_only=True)
        )
        document = checked.experiment
        if overwrite:
            document.ClearField("etag")
        request = schema.UpdateExperimentRequest(name=document.name, experiment=document, etag=etag)
        return await mesh.call(mesh.schema.UpdateExperiment, request)

    with pointing_into(text, file):
        answer = session.run(work)
    if session.output.as_json:
        session.output.document(answer)
        return
    view.warnings(session.output, answer.warnings)
    stands = "stays" if answer.unchanged else "is"
    why = ": the document says the same" if answer.unchanged else ""
    session.output.say(f"{answer.experiment.name} {stands} at revision {answer.experiment.revision}{why}")


def import_table(
    ctx: typer.Context,
    name: ExperimentName,
    file: TextFile,
    dialect: DialectOption = None,
    target_rows: TargetRows = None,
    no_surrogate_keys: NoSurrogateKeys = False,
    no_infer: NoInference = False,
    no_rules: NoRules = False,
    refuse: Refused = None,
    etag: Etag = "",
    as_json: Json = False,
) -> None:
    """Add the table of one CREATE TABLE statement to an experiment, as its next revision."""
    session = begin(ctx, as_json)
    request = schema.ImportTableRequest(
        name=name,
        sql=read_text(file),
        dialect=dialect_number(dialect),
        target_rows=target_rows,
        surrogate_keys=not no_surrogate_keys,
        infer_foreign_keys=not no_infer,
        infer_rules=not no_rules,
        refused_foreign_keys=refuse or [],
        etag=etag,
    )
    with pointing_into(request.sql, file):
        answer = session.run(lambda mesh: mesh.call(mesh.schema.ImportTable, request))
    if session.output.as_json:
        session.output.document(answer)
        return
    view.statements(session.output, answer.statements)
    view.said(session.output, answer.warnings, answer.diagnostics)
    made, table = answer.experiment, answer.experiment.tables[-1]
    session.output.say(
        f"{made.name} is at revision {made.revision}: table {table.name} with {len(table.columns)} columns is added"
    )


def revisions(ctx: typer.Context, name: ExperimentName, limit: Limit = 100, as_json: Json = False) -> None:
    """List the revisions of an experiment, newest first, and what each changed."""
    session = begin(ctx, as_json)

    show_list(
        session,
        lambda mesh, size, token: mesh.call(
            mesh.schema.ListRevisions, schema.ListRevisionsRequest(name=name, page_size=size, page_token=token)
        ),
        lambda page: page.revisions,
        limit,
        "revisions",
        view.revisions,
    )


def diff(
    ctx: typer.Context,
    name: ExperimentName,
    from_revision: Annotated[int, typer.Argument(metavar="[FROM]", min=0, help="The one before TO by default.")] = 0,
    to_revision: Annotated[int, typer.Argument(metavar="[TO]", min=0, help="The newest by default.")] = 0,
    as_json: Json = False,
) -> None:
    """Show what changed between two revisions of an experiment."""
    session = begin(ctx, as_json)
    request = schema.CompareRevisionsRequest(name=name, from_revision=from_revision, to_revision=to_revision)
    answer = session.run(lambda mesh: mesh.call(mesh.schema.CompareRevisions, request))
    if session.output.as_json:
        session.output.document(answer)
        return
    view.changes(session.output, answer)


def delete(
    ctx: typer.Context,
    name: ExperimentName,
    force: Annotated[bool, typer.Option("--force", help="Abort active runs and loads.")] = False,
    etag: Etag = "",
    as_json: Json = False,
) -> None:
    """Delete an experiment with its runs, files, loads and tables."""
    session = begin(ctx, as_json)
    request = schema.DeleteExperimentRequest(name=name, force=force, etag=etag)
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
        session.output.note("the deletion goes on by itself; `dw-sim experiment list --deleting` shows it")
