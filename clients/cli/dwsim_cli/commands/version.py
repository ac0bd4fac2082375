"""`dw-sim version`: the versions of this client and of the services that answer."""

import asyncio
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed_version
from typing import Any

import typer

from dwsim_cli.contract import find_rpc
from dwsim_cli.mesh import Mesh
from dwsim_cli.options import Json
from dwsim_cli.session import begin
from dwsim_wire.fault import Fault

SECONDS = 3.0


def version(ctx: typer.Context, as_json: Json = False) -> None:
    """Print the versions of this client and of the services that answer."""
    session = begin(ctx, as_json)
    servers = session.run(_servers)
    if session.output.as_json:
        session.output.document({"client": client_version(), "servers": servers})
        return
    session.output.say(f"dw-sim {client_version()}")
    for name, server in servers.items():
        found = f"{server['version']} {server['engine_version']}".strip() if server else "does not answer"
        session.output.say(f"{name:<9} {found} ({session.place.doors[name]})")


def client_version() -> str:
    """Version of the installed package."""
    try:
        return installed_version("dw-simulator")
    except PackageNotFoundError:
        return "unknown"


async def _servers(mesh: Mesh) -> dict[str, dict[str, Any] | None]:
    answers = await asyncio.gather(*(_server(mesh, name) for name in mesh.addresses))
    return dict(zip(mesh.addresses, answers, strict=True))


async def _server(mesh: Mesh, name: str) -> dict[str, Any] | None:
    rpc = find_rpc(f"{name}/GetServerInfo")
    try:
        answer = await mesh.call(rpc.bind(mesh), rpc.request("{}"), timeout=SECONDS)
    except Fault:
        return None
    server = answer.server
    return {"version": server.version, "engine_version": server.engine_version, "features": list(server.features)}
