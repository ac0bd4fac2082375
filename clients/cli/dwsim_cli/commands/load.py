"""`dw-sim load`: start, list, show, watch, abort and retry loads, see their batches and rejects, replay these."""

import enum
from collections.abc import Sequence
from typing import Annotated

import typer
from dwsim.loader.v1 import loader_service_pb2 as loader
from dwsim.loader.v1.load_pb2 import Load
from dwsim.loader.v1.reject_pb2 import Reject

from dwsim_cli import run_view as view
from dwsim_cli.listing import show_list
from dwsim_cli.load_options import Drift, MaxErrors, OnError, OnErrorOption, SchemaDrift
from dwsim_cli.mesh import Mesh
from dwsim_cli.options import ExperimentName, Json, Limit, Target, Wait, warehouse_number
from dwsim_cli.output import Output
from dwsim_cli.progress import Bars, check_load, follow_load
from dwsim_cli.session import Session, begin

app = typer.Typer(no_args_is_help=True, help="Loads: one run brought into one warehouse each.")
LoadId = Annotated[int, typer.Argument(metavar="LOAD", min=1, help="Number of the load.")]


class Mode(enum.StrEnum):
    """How rows meet the rows that are there, by the names that users type."""

    append = "append"
    overwrite = "overwrite"
    ignore = "ignore"
    error = "error"
    upsert = "upsert"
    replace_partition = "replace_partition"
    merge = "merge"


@app.command("start")
def start_load(
    ctx: typer.Context,
    name: ExperimentName,
    run_id: Annotated[int, typer.Option("--run-id", min=0, help="Run to load; the newest by default.")] = 0,
    table: Annotated[list[str] | None, typer.Option("--table", help="Load only this table; repeatable.")] = None,
    target_warehouse: Target = None,
    mode: Annotated[
        Mode | None, typer.Option("--mode", case_sensitive=False, help="How rows meet those there; by the run's kind.")
    ] = None,
    on_error: OnErrorOption = OnError.abort,
    max_errors: MaxErrors = 0,
    schema_drift: Drift = SchemaDrift.fail,
    wait: Wait = True,
    as_json: Json = False,
) -> None:
    """Load a run into a warehouse and show progress until it is applied."""
    session = begin(ctx, as_json)
    request = loader.StartLoadRequest(
        experiment=name,
        run_id=run_id,
        tables=table or [],
        target_warehouse=warehouse_number(target_warehouse),
        mode=Load.Mode.Value(mode.upper()) if mode else Load.MODE_UNSPECIFIED,
        on_error=Load.OnError.Value(on_error.upper()),
        max_errors=max_errors,
        schema_drift=Load.SchemaDrift.Value(schema_drift.upper()),
    )

    async def work(mesh: Mesh) -> Load:
        answer = await mesh.call(mesh.loader.StartLoad, request)
        return await _follow(session, mesh, answer.load_id) if wait else answer.load

    _show(session, session.run(work))


@app.command("list")
def list_loads(
    ctx: typer.Context,
    experiment: Annotated[str, typer.Option("--experiment", help="Loads of one experiment.")] = "",
    run_id: Annotated[int, typer.Option("--run-id", min=0, help="Loads of one run.")] = 0,
    limit: Limit = 100,
    as_json: Json = False,
) -> None:
    """List loads, newest first."""
    session = begin(ctx, as_json)

    show_list(
        session,
        lambda mesh, size, token: mesh.call(
            mesh.loader.ListLoads,
            loader.ListLoadsRequest(experiment=experiment, run_id=run_id, page_size=size, page_token=token),
        ),
        lambda page: page.loads,
        limit,
        "loads",
        view.loads,
    )


@app.command("show")
def show(ctx: typer.Context, load_id: LoadId, as_json: Json = False) -> None:
    """Show a load as it stands."""
    session = begin(ctx, as_json)
    request = loader.GetLoadRequest(load_id=load_id)
    load = session.run(lambda mesh: mesh.call(mesh.loader.GetLoad, request)).load
    session.output.document(load) if session.output.as_json else view.load(session.output, load)


@app.command("watch")
def watch(ctx: typer.Context, load_id: LoadId, as_json: Json = False) -> None:
    """Follow a load until it has ended; exit code 1 where it ended badly."""
    session = begin(ctx, as_json)
    _show(session, session.run(lambda mesh: _follow(session, mesh, load_id)))


@app.command("abort")
def abort(ctx: typer.Context, load_id: LoadId, as_json: Json = False) -> None:
    """Stop a load; the target stays as it was."""
    session = begin(ctx, as_json)
    request = loader.AbortLoadRequest(load_id=load_id)
    load = session.run(lambda mesh: mesh.call(mesh.loader.AbortLoad, request)).load
    if session.output.as_json:
        session.output.document(load)
    session.output.say(f"load {load_id} is {Load.State.Name(load.state)}")


@app.command("retry")
def retry(ctx: typer.Context, load_id: LoadId, wait: Wait = True, as_json: Json = False) -> None:
    """Go on with a failed load where it stopped."""
    session = begin(ctx, as_json)

    async def work(mesh: Mesh) -> Load:
        answer = await mesh.call(mesh.loader.RetryLoad, loader.RetryLoadRequest(load_id=load_id))
        return await _follow(session, mesh, load_id) if wait else answer.load

    _show(session, session.run(work))


@app.command("batches")
def batches(
    ctx: typer.Context,
    load_id: LoadId,
    table: Annotated[str, typer.Option("--table", help="Batches of one table.")] = "",
    limit: Limit = 100,
    as_json: Json = False,
) -> None:
    """List the batches of a load and what each of them took."""
    session = begin(ctx, as_json)

    show_list(
        session,
        lambda mesh, size, token: mesh.call(
            mesh.loader.ListLoadBatches,
            loader.ListLoadBatchesRequest(load_id=load_id, table=table, page_size=size, page_token=token),
        ),
        lambda page: page.batches,
        limit,
        "batches",
        view.load_batches,
    )


@app.command("rejects")
def rejects(
    ctx: typer.Context,
    load_id: LoadId,
    table: Annotated[str, typer.Option("--table", help="Rows of one table.")] = "",
    limit: Limit = 100,
    as_json: Json = False,
) -> None:
    """List the rows that the target refused."""
    session = begin(ctx, as_json)

    show_list(
        session,
        lambda mesh, size, token: mesh.call(
            mesh.loader.ListRejects,
            loader.ListRejectsRequest(load_id=load_id, table=table, page_size=size, page_token=token),
        ),
        lambda page: page.rejects,
        limit,
        "rejects",
        _show_rejects,
    )


@app.command("replay")
def replay(
    ctx: typer.Context,
    load_id: LoadId,
    table: Annotated[str, typer.Option("--table", help="Rows of one table.")] = "",
    wait: Wait = True,
    as_json: Json = False,
) -> None:
    """Try the rows again that the target refused."""
    session = begin(ctx, as_json)
    request = loader.ReplayRejectsRequest(load_id=load_id, table=table)

    async def work(mesh: Mesh) -> Load:
        load = (await mesh.call(mesh.loader.ReplayRejects, request)).load
        return await _follow(session, mesh, load.load_id) if wait else load

    _show(session, session.run(work))


async def _follow(session: Session, mesh: Mesh, load_id: int) -> Load:
    with Bars(session.output).shown() as bars:
        return await follow_load(mesh, load_id, bars)


def _show(session: Session, load: Load) -> None:
    session.output.document(load) if session.output.as_json else view.load(session.output, load)
    check_load(load)


def _show_rejects(output: Output, rejects: Sequence[Reject]) -> None:
    output.table(
        ["table", "batch", "row", "reason", "what is wrong", "values"],
        ([one.table, one.batch_index, one.row, one.reason, one.message, one.values] for one in rejects),
    )
