"""`dw-sim ingest`: watch a place for new Parquet files, and load each once."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from dwsim.common.v1.warehouse_pb2 import Warehouse
from dwsim.loader.v1 import loader_service_pb2 as loader
from dwsim.loader.v1.ingest_pb2 import Ingest, IngestedFile

from dwsim_cli import figures
from dwsim_cli.listing import show_list
from dwsim_cli.mesh import Mesh
from dwsim_cli.options import ExperimentName, Json, Limit, Target, warehouse_number
from dwsim_cli.output import Output, as_dict
from dwsim_cli.paging import collect
from dwsim_cli.session import begin

app = typer.Typer(no_args_is_help=True, help="Ingests: watched places whose new Parquet files are loaded, each once.")
IngestName = Annotated[str, typer.Argument(metavar="INGEST", help="Name of the ingest.")]


@app.command("create")
def create(
    ctx: typer.Context,
    name: IngestName,
    place: Annotated[str, typer.Argument(metavar="PLACE", help="A directory, or s3://bucket/prefix.")],
    experiment: ExperimentName,
    table: Annotated[str, typer.Argument(metavar="TABLE", help="Table of the experiment that gets the rows.")],
    pattern: Annotated[str, typer.Option("--pattern", help="Which files to take; *.parquet by default.")] = "",
    target_warehouse: Target = None,
    as_json: Json = False,
) -> None:
    """Watch a place from now on; files that are there already are taken too."""
    session = begin(ctx, as_json)
    request = loader.CreateIngestRequest(
        name=name,
        uri=place if "://" in place else str(Path(place).absolute()),
        experiment=experiment,
        table=table,
        target_warehouse=warehouse_number(target_warehouse),
        pattern=pattern,
    )
    _show(session.output, session.run(lambda mesh: mesh.call(mesh.loader.CreateIngest, request)).ingest)


@app.command("list")
def list_ingests(
    ctx: typer.Context,
    experiment: Annotated[str, typer.Option("--experiment", help="Ingests of one experiment.")] = "",
    limit: Limit = 100,
    as_json: Json = False,
) -> None:
    """List ingests by name."""
    session = begin(ctx, as_json)

    show_list(
        session,
        lambda mesh, size, token: mesh.call(
            mesh.loader.ListIngests,
            loader.ListIngestsRequest(experiment=experiment, page_size=size, page_token=token),
        ),
        lambda page: page.ingests,
        limit,
        "ingests",
        _show_all,
    )


@app.command("show")
def show(ctx: typer.Context, name: IngestName, limit: Limit = 100, as_json: Json = False) -> None:
    """Show an ingest and its files."""
    session = begin(ctx, as_json)

    async def work(mesh: Mesh) -> tuple[Ingest, list[IngestedFile]]:
        found = await mesh.call(mesh.loader.GetIngest, loader.GetIngestRequest(name=name))
        files, _ = await collect(
            lambda size, token: mesh.call(
                mesh.loader.ListIngestedFiles,
                loader.ListIngestedFilesRequest(name=name, page_size=size, page_token=token),
            ),
            lambda page: page.files,
            limit,
        )
        return found.ingest, files

    ingest, files = session.run(work)
    if session.output.as_json:
        session.output.document(as_dict(ingest) | {"files": [as_dict(file) for file in files]})
        return
    _show(session.output, ingest)
    session.output.table(
        ["file", "state", "rows", "size", "load", "problem"],
        (
            [
                file.uri.removeprefix(ingest.uri).lstrip("/"),
                IngestedFile.State.Name(file.state),
                figures.count(file.rows),
                figures.size(file.bytes),
                file.load_id or "",
                file.failure.message,
            ]
            for file in files
        ),
    )


@app.command("pause")
def pause(ctx: typer.Context, name: IngestName, as_json: Json = False) -> None:
    """Look for new files no more; loads under way go on."""
    session = begin(ctx, as_json)
    request = loader.PauseIngestRequest(name=name)
    _show(session.output, session.run(lambda mesh: mesh.call(mesh.loader.PauseIngest, request)).ingest)


@app.command("resume")
def resume(ctx: typer.Context, name: IngestName, as_json: Json = False) -> None:
    """Look for new files again, and take refused ones once more."""
    session = begin(ctx, as_json)
    request = loader.ResumeIngestRequest(name=name)
    _show(session.output, session.run(lambda mesh: mesh.call(mesh.loader.ResumeIngest, request)).ingest)


@app.command("delete")
def delete(ctx: typer.Context, name: IngestName, as_json: Json = False) -> None:
    """Forget an ingest and which files it loaded; files and rows stay."""
    session = begin(ctx, as_json)
    request = loader.DeleteIngestRequest(name=name)
    answer = session.run(lambda mesh: mesh.call(mesh.loader.DeleteIngest, request))
    if session.output.as_json:
        session.output.document(answer)
    session.output.say(f"deleted ingest {name}")


def _show(output: Output, ingest: Ingest) -> None:
    if output.as_json:
        output.document(ingest)
        return
    facts = [f"ingest {ingest.name} into {ingest.experiment}.{ingest.table}", Ingest.State.Name(ingest.state)]
    counts = {"loaded": ingest.files_loaded, "loading": ingest.files_loading, "refused": ingest.files_refused}
    facts += [f"{figures.count(files)} files {what}" for what, files in counts.items() if files]
    facts += [f"{figures.count(ingest.files_changed)} changed since"] if ingest.files_changed else []
    output.say(" · ".join([*facts, f"{figures.count(ingest.rows_loaded)} rows"]))
    output.say(f"files: {ingest.uri}, {ingest.pattern}")
    if ingest.failure.message:
        output.warn(ingest.failure.message)


def _show_all(output: Output, ingests: Iterable[Ingest]) -> None:
    output.table(
        ["ingest", "table", "warehouse", "state", "loaded", "refused", "changed", "rows"],
        (
            [
                each.name,
                f"{each.experiment}.{each.table}",
                Warehouse.Kind.Name(each.warehouse).lower(),
                Ingest.State.Name(each.state),
                figures.count(each.files_loaded),
                figures.count(each.files_refused),
                figures.count(each.files_changed),
                figures.count(each.rows_loaded),
            ]
            for each in ingests
        ),
    )
