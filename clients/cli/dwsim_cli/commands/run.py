"""`dw-sim run`: show, watch, check, abort and delete runs; `dw-sim experiment runs` lists them."""

from typing import Annotated

import typer
from dwsim.generator.v1 import generator_service_pb2 as generator
from dwsim.generator.v1.run_pb2 import Run
from dwsim.loader.v1 import loader_service_pb2 as loader
from dwsim.loader.v1.load_pb2 import Load

from dwsim_cli import quality_view
from dwsim_cli import run_view as view
from dwsim_cli.listing import show_list
from dwsim_cli.mesh import Mesh
from dwsim_cli.options import ExperimentName, Json, Limit
from dwsim_cli.output import as_dict
from dwsim_cli.progress import Bars, check_run, follow_run
from dwsim_cli.session import Session, begin
from dwsim_wire.fault import Unavailable

app = typer.Typer(no_args_is_help=True, help="Runs: one generation of an experiment's tables each.")
CHECK_SECONDS = 3600.0
MOST_LOADS = 100
RunId = Annotated[int, typer.Argument(metavar="RUN", min=1, help="Number of the run.")]


@app.command("list")
def list_all_runs(ctx: typer.Context, limit: Limit = 100, as_json: Json = False) -> None:
    """List the runs of all experiments, newest first."""
    _list(begin(ctx, as_json), "", limit)


def list_runs(ctx: typer.Context, name: ExperimentName, limit: Limit = 100, as_json: Json = False) -> None:
    """List the runs of an experiment, newest first."""
    _list(begin(ctx, as_json), name, limit)


@app.command("show")
def show(ctx: typer.Context, run_id: RunId, as_json: Json = False) -> None:
    """Show a run as it stands, and its loads."""
    session = begin(ctx, as_json)

    async def work(mesh: Mesh) -> tuple[Run, list[Load], str]:
        run = (await mesh.call(mesh.generator.GetRun, generator.GetRunRequest(run_id=run_id))).run
        try:
            listed = await mesh.call(
                mesh.loader.ListLoads, loader.ListLoadsRequest(run_id=run_id, page_size=MOST_LOADS)
            )
        except Unavailable as fault:
            return run, [], fault.message
        return run, list(listed.loads), ""

    run, loads, problem = session.run(work)
    if session.output.as_json:
        session.output.document(as_dict(run) | ({} if problem else {"loads": [as_dict(load) for load in loads]}))
        return
    view.run(session.output, run)
    if loads:
        view.loads(session.output, loads)
    if problem:
        session.output.note(f"its loads are not known: {problem}")


@app.command("watch")
def watch(ctx: typer.Context, run_id: RunId, as_json: Json = False) -> None:
    """Follow a run until it has ended; exit code 1 where it ended badly."""
    session = begin(ctx, as_json)

    async def work(mesh: Mesh) -> Run:
        with Bars(session.output).shown() as bars:
            return await follow_run(mesh, run_id, bars)

    run = session.run(work)
    session.output.document(run) if session.output.as_json else view.run(session.output, run)
    check_run(run)


@app.command("check")
def check(
    ctx: typer.Context,
    run_id: RunId,
    every: Annotated[bool, typer.Option("--all", help="Show the checks that passed too.")] = False,
    as_json: Json = False,
) -> None:
    """Check a run's staged files against its experiment; exit code 1 where a promise is broken."""
    session = begin(ctx, as_json)
    request = generator.CheckRunRequest(run_id=run_id)
    report = session.run(lambda mesh: mesh.call(mesh.generator.CheckRun, request, timeout=CHECK_SECONDS)).report
    session.output.document(report) if session.output.as_json else quality_view.report(session.output, report, every)
    quality_view.refuse_failed(report)


@app.command("abort")
def abort(ctx: typer.Context, run_id: RunId, as_json: Json = False) -> None:
    """Stop a run; no half-written file stays behind."""
    session = begin(ctx, as_json)
    request = generator.AbortRunRequest(run_id=run_id)
    run = session.run(lambda mesh: mesh.call(mesh.generator.AbortRun, request)).run
    if session.output.as_json:
        session.output.document(run)
    session.output.say(f"run {run_id} is {Run.State.Name(run.state)}")


@app.command("delete")
def delete(
    ctx: typer.Context,
    run_ids: Annotated[list[int], typer.Argument(metavar="RUN...", min=1, help="Numbers of the runs.")],
    force: Annotated[bool, typer.Option("--force", help="Stop active runs.")] = False,
    as_json: Json = False,
) -> None:
    """Delete runs and their files."""
    session = begin(ctx, as_json)
    request = generator.DeleteRunsRequest(run_ids=run_ids, force=force)
    answer = session.run(lambda mesh: mesh.call(mesh.generator.DeleteRuns, request))
    if session.output.as_json:
        session.output.document(answer)
    session.output.say(f"deleted {answer.deleted_runs} runs, {answer.deleted_files} files")


def _list(session: Session, experiment: str, limit: int) -> None:
    show_list(
        session,
        lambda mesh, size, token: mesh.call(
            mesh.generator.ListRuns,
            generator.ListRunsRequest(experiment=experiment, page_size=size, page_token=token),
        ),
        lambda page: page.runs,
        limit,
        "runs",
        view.runs,
    )
