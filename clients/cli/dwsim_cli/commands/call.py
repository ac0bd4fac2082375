"""`dw-sim call`: any rpc of the contract by name, JSON in, JSON out."""

from pathlib import Path
from typing import Annotated

import typer

from dwsim_cli.completion import rpc_names
from dwsim_cli.contract import Rpc, all_rpcs, find_rpc
from dwsim_cli.mesh import Mesh
from dwsim_cli.options import Json, read_text
from dwsim_cli.output import Output
from dwsim_cli.session import begin


def call(
    ctx: typer.Context,
    rpc: Annotated[
        str,
        typer.Argument(
            metavar="[SERVICE/METHOD]", help="Such as SchemaService/GetExperiment.", autocompletion=rpc_names
        ),
    ] = "",
    request: Annotated[str, typer.Argument(metavar="[JSON]", help="The request; - reads standard input.")] = "{}",
    list_all: Annotated[bool, typer.Option("--list", help="List every rpc.")] = False,
    as_json: Json = False,
) -> None:
    """Call any rpc: the request as JSON, the answer as JSON, a stream as one JSON object a line."""
    session = begin(ctx, as_json)
    if list_all:
        _list(session.output)
        return
    if not rpc:
        raise typer.BadParameter("name an rpc, such as SchemaService/ListExperiments; --list shows all")
    found = find_rpc(rpc)
    message = found.request(read_text(Path("-")) if request == "-" else request)

    async def work(mesh: Mesh) -> None:
        method = found.bind(mesh)
        if found.streams:
            async for answer in mesh.stream(method, message):
                session.output.line(answer)
        else:
            session.output.document(await mesh.call(method, message))

    session.run(work)


def _list(output: Output) -> None:
    if output.as_json:
        output.document([_facts(rpc) for rpc in all_rpcs()])
        return
    output.table(["rpc", "request", "answer"], (list(_facts(rpc).values())[:3] for rpc in all_rpcs()))


def _facts(rpc: Rpc) -> dict[str, object]:
    stream = "stream " if rpc.streams else ""
    return {
        "rpc": rpc.name,
        "request": ", ".join(field.name for field in rpc.method.input_type.fields),
        "answer": stream + rpc.method.output_type.name,
        "streams": rpc.streams,
    }
