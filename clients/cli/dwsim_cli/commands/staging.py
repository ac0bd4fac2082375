"""`dw-sim staging` lists and cleans staged files; `dw-sim warehouses` lists where data can go."""

from collections.abc import Sequence
from typing import Annotated

import typer
from dwsim.common.v1.warehouse_pb2 import Warehouse
from dwsim.generator.v1 import generator_service_pb2 as generator
from dwsim.generator.v1.staged_file_pb2 import StagedFile
from dwsim.loader.v1 import loader_service_pb2 as loader

from dwsim_cli import figures
from dwsim_cli.listing import show_list
from dwsim_cli.options import Json, Limit
from dwsim_cli.output import Output
from dwsim_cli.session import begin

app = typer.Typer(no_args_is_help=True, help="Staged files: the Parquet batches that runs wrote.")


@app.command("list")
def list_files(
    ctx: typer.Context,
    experiment: Annotated[str, typer.Option("--experiment", help="Files of one experiment.")] = "",
    run_id: Annotated[int, typer.Option("--run-id", min=0, help="Files of one run.")] = 0,
    limit: Limit = 100,
    as_json: Json = False,
) -> None:
    """List staged files, newest run first."""
    session = begin(ctx, as_json)

    show_list(
        session,
        lambda mesh, size, token: mesh.call(
            mesh.generator.ListStagedFiles,
            generator.ListStagedFilesRequest(experiment=experiment, run_id=run_id, page_size=size, page_token=token),
        ),
        lambda page: page.files,
        limit,
        "files",
        _show_files,
    )


@app.command("clean")
def clean(
    ctx: typer.Context,
    run_ids: Annotated[list[int] | None, typer.Option("--run-id", min=1, help="Only this run; repeatable.")] = None,
    older_than: Annotated[
        int, typer.Option("--older-than", metavar="DAYS", min=0, help="Only files older than so many days.")
    ] = 0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    as_json: Json = False,
) -> None:
    """Delete staged files of ended runs, and files that no run knows. Loaded tables stay.

    Files in an output directory go only with --run-id.
    """
    session = begin(ctx, as_json)
    request = generator.CleanStagingRequest(run_ids=run_ids or [], older_than_days=older_than, dry_run=dry_run)
    answer = session.run(lambda mesh: mesh.call(mesh.generator.CleanStaging, request))
    if session.output.as_json:
        session.output.document(answer)
    verb = "would delete" if dry_run else "deleted"
    session.output.say(f"{verb} {figures.count(answer.files)} files, {figures.size(answer.bytes)}")


def warehouses(ctx: typer.Context, as_json: Json = False) -> None:
    """List the configured warehouses, the default first."""
    session = begin(ctx, as_json)
    request = loader.ListWarehousesRequest()
    answer = session.run(lambda mesh: mesh.call(mesh.loader.ListWarehouses, request))
    if session.output.as_json:
        session.output.document(answer)
        return
    session.output.table(
        ["warehouse", "version", "reachable", "kind", "default"],
        (
            [
                Warehouse.Kind.Name(w.kind).lower(),
                w.version,
                "yes" if w.reachable else f"no: {w.problem}",
                "stand-in" if w.stand_in else "real",
                "default" if w.default_warehouse else "",
            ]
            for w in answer.warehouses
        ),
    )


def _show_files(output: Output, files: Sequence[StagedFile]) -> None:
    output.table(
        ["run", "table", "batch", "rows", "size", "file"],
        ([f.run_id, f.table, f.batch_index, figures.count(f.rows), figures.size(f.bytes), f.uri] for f in files),
    )
