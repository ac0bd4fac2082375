"""LocalStack: the services of the mesh as processes of this machine, all healthy or none."""

import asyncio
import os
import signal
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, NoReturn, TypeAlias, TypeVar

from dwsim_wire.data_layout import claim_data_dir
from dwsim_wire.settings import DEFAULT_PORTS, ENV_PREFIX, GATEWAY_PORT, WarehouseSettings, read_settings
from local_stack import cluster, s3, snowflake
from local_stack.faults import ServiceFailed
from local_stack.health import wait_healthy, wait_listening, wait_open
from local_stack.lock import DirectoryLock
from local_stack.ports import ANY, HeldPorts
from local_stack.process import LineSink, ServiceProcess
from local_stack.record import StackRecord

Result = TypeVar("Result")
Warehouse: TypeAlias = Literal["redshift", "snowflake", "sqlite"]
Stage: TypeAlias = Literal["disk", "s3"]
REDSHIFT_PORT = 5439
REDSHIFT_HOST = "127.0.0.1"
REDSHIFT_URL = ENV_PREFIX + "REDSHIFT_URL"
REDSHIFT_SERVER = "redshift-server"
"""Name of the port behind the start-up filter, which the services use."""
SNOWFLAKE_PORT = 4566
SNOWFLAKE_URL = ENV_PREFIX + "SNOWFLAKE_URL"
S3_PORT = 8333
S3_INNER = tuple(f"s3-{name.replace('_', '-')}" for name in s3.INNER_PORTS)
STAGE_BUCKET = ENV_PREFIX + "STAGE_BUCKET"
GRACE_SECONDS = 0.5
WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - how to reach a service that binds them


@dataclass(frozen=True)
class ServiceSpec:
    """A service of the stack: `python -m module --host … --port … --data-dir …`."""

    name: str
    module: str
    default_port: int
    is_gateway: bool = False
    """True for the door to the others: it is asked by HTTP and is open when all of them are healthy."""


SERVICES = (
    *(ServiceSpec(name, f"{name}_svc", port) for name, port in DEFAULT_PORTS.items()),
    ServiceSpec("reflection", "gateway.reflection", ANY),  # the gateway is its door
    ServiceSpec("gateway", "gateway", GATEWAY_PORT, is_gateway=True),
)


def _quiet(service: str, line: str) -> None:
    """Take a log line and say nothing; the log file has it."""


class LocalStack:
    """Starts services in order, probes their health, drains them in reverse order: the gateway first.

    Every service ends with this process, however it ends. `ports` names ports by service (0 takes a free one); a
    default port that is taken is replaced by a free one, one that was asked for is not. `hosts` names addresses to
    bind to by service, where they are not `host`.

    With the warehouse `redshift` an embedded PostgreSQL runs beside them, with `snowflake` an emulator of Snowflake,
    unless the environment names another one;
    with the stage `s3` an embedded S3 server, whatever the environment names.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        host: str = "127.0.0.1",
        hosts: Mapping[str, str] | None = None,
        ports: Mapping[str, int] | None = None,
        environment: Mapping[str, str] | None = None,
        on_line: LineSink = _quiet,
        services: Sequence[ServiceSpec] = SERVICES,
        warehouse: Warehouse = "sqlite",
        stage: Stage = "disk",
        start_seconds: float = 60.0,
        drain_seconds: float = 20.0,
    ) -> None:
        self.data_dir = data_dir.resolve()
        self.addresses: dict[str, str] = {}
        self.warehouses: dict[str, str] = {}
        self.storage: dict[str, str] = {}
        self._hosts = {spec.name: host for spec in services} | dict(hosts or {})
        self._asked = dict(ports or {})
        self._environment = dict(environment or {})
        self._on_line = on_line
        self._services = services
        self._warehouse = warehouse
        self._stage = stage
        self._start_seconds = start_seconds
        self._drain_seconds = drain_seconds
        self._lock = DirectoryLock(self.data_dir)
        self._held_ports = HeldPorts()
        self._processes: list[ServiceProcess] = []

    async def __aenter__(self) -> "LocalStack":
        await self.start()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        await self.stop()

    @property
    def pids(self) -> dict[str, int]:
        """Process ids by service."""
        return {process.name: process.pid for process in self._processes}

    async def start(self) -> None:
        """Start every service and wait until all are healthy; where one is not, stop all and say which and why."""
        self._lock.acquire()
        try:
            claim_data_dir(self.data_dir)
            await self._launch()
            await self._all_healthy()
            StackRecord(os.getpid(), self.addresses, self.pids, _version(), self.warehouses, self.storage).write(
                self.data_dir
            )
        except BaseException:
            await self.stop()
            raise

    async def wait(self) -> NoReturn:
        """Wait until a service ends, which none does by itself, and say which and why."""
        ends = {asyncio.create_task(process.ended()): process for process in self._processes}
        try:
            done, _ = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in ends:
                task.cancel()
        first = done.pop()
        raise self._ended(ends[first], first.result())

    async def during(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Do `work`, unless a service ends meanwhile: then say which and why instead of how the work failed."""
        working, failing = asyncio.create_task(work), asyncio.create_task(self.wait())
        try:
            either: set[asyncio.Future[Any]] = {working, failing}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if working.done() and working.exception():
                # the work may have failed because a service is going down
                await asyncio.wait([failing], timeout=GRACE_SECONDS)
            if failing.done():
                failing.result()
            return working.result()
        finally:
            working.cancel()
            failing.cancel()

    async def stop(self) -> None:
        """Drain the services in reverse order; nothing stays behind."""
        StackRecord.remove(self.data_dir)
        try:
            while self._processes:
                await self._processes[-1].drain(self._drain_seconds)
                self._processes.pop()
        finally:
            self.kill()
            self._held_ports.release()
            self._lock.release()

    def kill(self) -> None:
        """End every service at once."""
        for process in self._processes:
            process.kill()

    async def _launch(self) -> None:
        (self.data_dir / "logs").mkdir(exist_ok=True)
        environment = os.environ | {"PYTHONUNBUFFERED": "1"}
        embedded = self._warehouse == "redshift" and not self._named(REDSHIFT_URL)
        emulated = self._warehouse == "snowflake" and not self._named(SNOWFLAKE_URL)
        for url, warehouses in ((REDSHIFT_URL, {"redshift"}), (SNOWFLAKE_URL, {"redshift", "snowflake"})):
            if self._warehouse not in warehouses:
                environment[url] = ""  # no server, whatever .env.local says
        hosts, defaults = self._hosts, {s.name: s.default_port for s in self._services}
        if embedded:
            hosts = hosts | {"redshift": REDSHIFT_HOST, REDSHIFT_SERVER: REDSHIFT_HOST}
            defaults |= {"redshift": REDSHIFT_PORT, REDSHIFT_SERVER: ANY}
        if emulated:
            hosts = hosts | {"snowflake": snowflake.HOST}
            defaults |= {"snowflake": SNOWFLAKE_PORT}
        if self._stage == "s3":
            hosts = hosts | dict.fromkeys(("s3", *S3_INNER), s3.HOST)
            defaults |= {"s3": S3_PORT} | dict.fromkeys(S3_INNER, ANY)
        ports = self._held_ports.choose(hosts, defaults, self._asked)
        self.addresses = {s.name: f"{_near(hosts[s.name])}:{ports[s.name]}" for s in self._services}
        peers = {f"{ENV_PREFIX}{name.upper()}_ADDRESS": address for name, address in self.addresses.items()}
        if embedded:
            await self._launch_redshift(ports, environment)
            peers[REDSHIFT_URL] = cluster.url(REDSHIFT_HOST, ports[REDSHIFT_SERVER])
        if emulated:
            await self._launch_snowflake(ports, environment)
            peers[SNOWFLAKE_URL] = self.warehouses["snowflake"]
        if self._stage == "s3":
            environment = {name: value for name, value in environment.items() if not name.startswith("AWS_")}
            await self._launch_s3(ports, environment)
            peers |= {STAGE_BUCKET: s3.STAGING, **s3.environment(ports["s3"])}
        for spec in self._services:
            arguments = ["--host", hosts[spec.name], "--port", str(ports[spec.name]), "--data-dir", str(self.data_dir)]
            await self._start(spec.name, spec.module, arguments, environment | peers | self._environment)

    async def _launch_redshift(self, ports: Mapping[str, int], environment: Mapping[str, str]) -> None:
        """Start the stand-in first, so that it is the last to go."""
        self.warehouses = {"redshift": cluster.url(REDSHIFT_HOST, ports["redshift"])}
        arguments = ["--directory", str(self.data_dir / "warehouses/redshift")]
        arguments += ["--port", str(ports["redshift"]), "--server-port", str(ports[REDSHIFT_SERVER])]
        await self._start("redshift", "local_stack.redshift", arguments, environment)

    async def _launch_snowflake(self, ports: Mapping[str, int], environment: Mapping[str, str]) -> None:
        """Make the emulator's environment where it is missing, then start it."""
        await asyncio.to_thread(snowflake.ENVIRONMENT.prepare, lambda line: self._on_line("snowflake", line))
        self.warehouses = {"snowflake": snowflake.url(ports["snowflake"])}
        arguments = ["--directory", str(self.data_dir / "warehouses/snowflake"), "--port", str(ports["snowflake"])]
        await self._start("snowflake", "local_stack.snowflake", arguments, environment)

    async def _launch_s3(self, ports: Mapping[str, int], environment: Mapping[str, str]) -> None:
        """Start the S3 stand-in before the services that stage in it."""
        self.storage = {"s3": f"http://{s3.HOST}:{ports['s3']}"}
        arguments = ["--directory", str(self.data_dir / "staging/s3"), "--port", str(ports["s3"])]
        arguments += ["--inner-ports", *(str(ports[name]) for name in S3_INNER)]
        await self._start("s3", "local_stack.s3", arguments, environment)

    def _named(self, variable: str) -> bool:
        """Whether the environment names a server that is not ours."""
        settings = read_settings(WarehouseSettings)
        return bool(self._environment.get(variable) or getattr(settings, variable.removeprefix(ENV_PREFIX).lower()))

    async def _start(self, name: str, module: str, arguments: Sequence[str], environment: Mapping[str, str]) -> None:
        log_file = self.data_dir / "logs" / f"{name}.log"
        log_file.unlink(missing_ok=True)
        process = ServiceProcess(name, module, arguments, log_file, self._on_line)
        self._processes.append(process)
        await process.start(environment)

    async def _probe(self, name: str) -> None:
        if url := (self.warehouses | self.storage).get(name):
            await wait_listening(url)
        elif any(spec.is_gateway and spec.name == name for spec in self._services):
            await wait_open(self.addresses[name])
        else:
            await wait_healthy(self.addresses[name])

    async def _all_healthy(self) -> None:
        """Wait until all are healthy; they start side by side, since none needs a peer to become ready."""
        waiting = list(self._processes)

        async def probe() -> None:
            while waiting:
                await self._probe(waiting[0].name)
                waiting.pop(0)

        healthy, failure = asyncio.create_task(probe()), asyncio.create_task(self.wait())
        try:
            either: set[asyncio.Future[Any]] = {healthy, failure}
            await asyncio.wait(either, timeout=self._start_seconds, return_when=asyncio.FIRST_COMPLETED)
            if failure.done():
                failure.result()
            if waiting:
                raise self._not_ready(waiting[0])
        finally:
            healthy.cancel()
            failure.cancel()

    def _ended(self, process: ServiceProcess, code: int) -> ServiceFailed:
        how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        why = next((line for line in reversed(process.tail) if line and not line.startswith(("{", "hint:"))), "")
        return ServiceFailed(
            f"{process.name} {how}" + (f": {why}" if why else ""),
            service=process.name,
            hint=self._where(process),
            tail=process.tail,
        )

    def _not_ready(self, process: ServiceProcess) -> ServiceFailed:
        return ServiceFailed(
            f"{process.name} was not healthy within {self._start_seconds:g} s",
            service=process.name,
            hint=self._where(process),
            tail=process.tail,
        )

    def _where(self, process: ServiceProcess) -> str:
        return f"its log is {self.data_dir / 'logs' / process.name}.log"


def _near(host: str) -> str:
    """How this machine reaches what binds to `host`."""
    near = WILDCARDS.get(host, host)
    return f"[{near}]" if ":" in near else near


def _version() -> str:
    try:
        return version("dw-simulator")
    except PackageNotFoundError:
        return "0"
