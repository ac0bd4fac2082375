"""`dw-sim scratch`: the tables and views that statements of yours made."""

from collections.abc import Sequence
from typing import Annotated

import typer
from dwsim.query.v1 import query_service_pb2 as query
from dwsim.query.v1.scratch_pb2 import Scratch

from dwsim_cli.listing import show_list
from dwsim_cli.options import ExperimentName, Json
from dwsim_cli.output import Output
from dwsim_cli.session import begin

app = typer.Typer(help="Scratches: tables and views that your statements made.", no_args_is_help=True)


@app.command("list")
def list_scratches(
    ctx: typer.Context,
    experiment: Annotated[str, typer.Option("--experiment", metavar="NAME", help="Of one experiment.")] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, help="Most scratches.")] = 50,
    as_json: Json = False,
) -> None:
    """List your scratches, what is in them, and when they go by themselves."""
    session = begin(ctx, as_json)
    show_list(
        session,
        lambda mesh, size, token: mesh.call(
            mesh.query.ListScratches,
            query.ListScratchesRequest(experiment=experiment, page_size=size, page_token=token),
        ),
        lambda answer: answer.scratches,
        limit,
        "scratches",
        _show,
    )


@app.command("drop")
def drop_scratch(
    ctx: typer.Context,
    name: ExperimentName,
    scratch: Annotated[str, typer.Argument(metavar="SCRATCH", help="Scratch to drop.")],
    as_json: Json = False,
) -> None:
    """Drop a scratch with all that is in it."""
    session = begin(ctx, as_json)
    request = query.DropScratchRequest(experiment=name, scratch=scratch)
    answer = session.run(lambda mesh: mesh.call(mesh.query.DropScratch, request))
    if session.output.as_json:
        session.output.document(answer)
        return
    session.output.note(f"scratch {answer.scratch.name} of {answer.scratch.experiment} is dropped")


def _show(output: Output, found: Sequence[Scratch]) -> None:
    rows = [
        [
            scratch.experiment,
            scratch.name,
            ", ".join([*(table.name for table in scratch.tables), *scratch.views]),
            f"{scratch.expire_time.ToDatetime():%Y-%m-%d %H:%M}",
        ]
        for scratch in found
    ]
    output.table(["experiment", "scratch", "tables and views", "goes at (UTC)"], rows)
