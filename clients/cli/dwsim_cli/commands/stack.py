"""`dw-sim up` and `api` run the services on this machine, `down` stops them, `reset` begins anew."""

import asyncio
import contextlib
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer
from rich.text import Text

from dwsim_cli import background
from dwsim_cli.faults import StackRuns
from dwsim_cli.log_lines import readable
from dwsim_cli.options import DataDir, Json, StackStage, StackWarehouse, StageOption, StandIn
from dwsim_cli.output import Output
from dwsim_cli.session import begin
from dwsim_cli.state_directory import check_ours, remove_state
from dwsim_wire.settings import DEFAULT_PORTS, GATEWAY_PORT
from local_stack import LocalStack
from local_stack.faults import ServiceFailed
from local_stack.lock import holder
from local_stack.record import StackRecord
from local_stack.stack import REDSHIFT_PORT, S3_PORT, SNOWFLAKE_PORT, Stage, Warehouse

COLOURS = {
    "redshift": "red",
    "snowflake": "red",
    "s3": "red",
    "schema": "cyan",
    "generator": "green",
    "loader": "yellow",
    "query": "magenta",
    "gateway": "blue",
}
PORTS = DEFAULT_PORTS | {"gateway": GATEWAY_PORT}
STAND_INS = {"redshift": REDSHIFT_PORT, "snowflake": SNOWFLAKE_PORT, "s3": S3_PORT}


@dataclass(frozen=True)
class Stack:
    """What a command asks of a stack."""

    host: str
    ports: Mapping[str, int]
    warehouse: Warehouse
    stage: Stage = "disk"
    hosts: Mapping[str, str] | None = None


Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Keep the services' logs in their files.")]
Port = Annotated[int | None, typer.Option(min=0, max=65535, show_default=False)]


def up(
    ctx: typer.Context,
    data_dir: DataDir = None,
    host: Annotated[str, typer.Option("--host", help="Address to bind to.")] = "127.0.0.1",
    schema_port: Port = None,
    generator_port: Port = None,
    loader_port: Port = None,
    query_port: Port = None,
    gateway_port: Port = None,
    redshift_port: Port = None,
    snowflake_port: Port = None,
    s3_port: Port = None,
    warehouse: StandIn = StackWarehouse.redshift,
    stage: StageOption = StackStage.disk,
    quiet: Quiet = False,
    detach: Annotated[bool, typer.Option("--detach", "-d", help="Return once all are healthy; `down` stops.")] = False,
    as_json: Json = False,
) -> None:
    """Start the four services, the gateway to them and the Redshift stand-in; keep them running until Ctrl-C.

    The gateway has port 8000, the services 50051 to 50054, the stand-in 5439, Snowflake's 4566, an S3 server 8333, each
    replaced by a free one where it is taken; one that is named is used or refused, 0 takes any free one. With --json
    one line with the addresses is printed once all are healthy.
    """
    session = begin(ctx, as_json, data_dir)
    asked = dict(zip(PORTS, (schema_port, generator_port, loader_port, query_port, gateway_port), strict=True))
    asked |= {"redshift": redshift_port, "snowflake": snowflake_port, "s3": s3_port}
    ports = {name: port for name, port in asked.items() if port is not None}
    place = session.place.data_dir
    if not detach:
        _run(session.output, place, Stack(host, ports, warehouse.value, stage.value), quiet=quiet)
        return
    if pid := holder(place):
        raise StackRuns(f"a stack runs on {place} already: process {pid}", hint="`dw-sim down` stops it")
    flags = [flag for name, port in ports.items() for flag in (f"--{name}-port", str(port))]
    flags += ["--warehouse", warehouse.value, "--stage", stage.value]
    record = background.start(place, ["--data-dir", str(place), "--host", host, *flags])
    _announce(session.output, place, record, "ready in the background; `dw-sim down` stops all")


def down(ctx: typer.Context, data_dir: DataDir = None, as_json: Json = False) -> None:
    """Stop the stack that runs on the data directory; its state stays."""
    session = begin(ctx, as_json, data_dir)
    pid = background.stop(session.place.data_dir)
    if session.output.as_json:
        session.output.document({"stopped": pid})
    session.output.say(f"stopped process {pid}" if pid else f"no stack runs on {session.place.data_dir}")


def api(
    ctx: typer.Context,
    data_dir: DataDir = None,
    host: Annotated[str, typer.Option("--host", help="Address to bind to.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Port to bind to.")] = GATEWAY_PORT,
    warehouse: StandIn = StackWarehouse.redshift,
    stage: StageOption = StackStage.disk,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Serve the API for other machines or tools on one port: gRPC, gRPC-web and REST.

    The services themselves stay on this machine, on any free ports.
    """
    session = begin(ctx, as_json, data_dir)
    ports = dict.fromkeys((*DEFAULT_PORTS, *STAND_INS), 0) | {"gateway": port}
    stack = Stack("127.0.0.1", ports, warehouse.value, stage.value, {"gateway": host})
    _run(session.output, session.place.data_dir, stack, quiet=quiet)


def reset(
    ctx: typer.Context,
    data_dir: DataDir = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: Json = False,
) -> None:
    """Delete all state: experiments, runs, staged files, loaded tables. Refused while a stack runs."""
    session = begin(ctx, as_json, data_dir)
    place = session.place.data_dir
    if pid := holder(place):
        raise StackRuns(
            f"a stack runs on {place}: process {pid}",
            hint=f"stop it with Ctrl-C or `kill {pid}` first",
            metadata={"pid": str(pid)},
        )
    check_ours(place)
    if not yes:
        typer.confirm(f"Delete all state in {place}?", abort=True, err=True)
    removed = remove_state(place)
    left = sorted(path.name for path in place.iterdir()) if place.is_dir() else []
    if session.output.as_json:
        session.output.document({"data_dir": str(place), "removed": removed, "left": left})
    session.output.say(f"deleted from {place}: {', '.join(removed)}" if removed else f"{place} had no state")
    if left:
        session.output.say(f"not ours and still there: {', '.join(left)}")


def _run(output: Output, data_dir: Path, asked: Stack, *, quiet: bool) -> None:
    def show_line(service: str, line: str) -> None:
        prefix = Text(f"{service:<9} | ", style=COLOURS.get(service, ""))
        output.err.print(prefix.append(readable(line)), soft_wrap=True)

    sink = _keep_quiet if quiet else show_line
    stack = LocalStack(
        data_dir,
        host=asked.host,
        hosts=asked.hosts,
        ports=asked.ports,
        warehouse=asked.warehouse,
        stage=asked.stage,
        on_line=sink,
    )
    try:
        asyncio.run(_until_told_to_stop(stack, output))
    except ServiceFailed as failure:
        if quiet:
            for line in failure.tail:
                show_line(failure.metadata["service"], line)
        raise


def _keep_quiet(service: str, line: str) -> None:
    """The log file has the line."""


async def _until_told_to_stop(stack: LocalStack, output: Output) -> None:
    """Run the stack until a signal comes or a service ends; a second signal ends it at once."""
    told = asyncio.Event()

    def on_signal() -> None:
        if told.is_set():
            stack.kill()
        told.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, on_signal)
    starting = asyncio.create_task(stack.start())
    stopping = asyncio.create_task(told.wait())
    await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
    if not starting.done():
        starting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await starting
        return
    starting.result()
    try:
        _announce(output, stack.data_dir, stack, "ready; Ctrl-C stops all")
        watching = asyncio.create_task(stack.wait())
        either: set[asyncio.Future[Any]] = {watching, stopping}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if watching.done():
            watching.result()
        watching.cancel()
        output.note("stopping …")
    finally:
        await stack.stop()


def _announce(output: Output, data_dir: Path, stack: LocalStack | StackRecord, farewell: str) -> None:
    if output.as_json:
        found = {"addresses": dict(stack.addresses), "warehouses": dict(stack.warehouses)}
        output.line(found | {"storage": dict(stack.storage), "pids": dict(stack.pids), "data_dir": str(data_dir)})
        return
    output.say("")
    for name, url in (dict(stack.warehouses) | dict(stack.storage)).items():
        default = STAND_INS[name]
        moved = "" if urlsplit(url).port == default else f"  (not the default {default})"
        output.say(f"{name:<9} {url}{moved}")
    for name, address in stack.addresses.items():
        usual = PORTS.get(name)
        moved = "" if usual is None or address.endswith(f":{usual}") else f"  (not the default {usual})"
        scheme = "http" if name == "gateway" else "grpc"
        output.say(f"{name:<9} {scheme}://{address}{moved}")
    output.say(f"state     {data_dir}")
    output.say(farewell)
