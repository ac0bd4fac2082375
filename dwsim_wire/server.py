"""serve(): a service with health, reflection, interceptors and a drain that loses no call."""

import asyncio
import logging
import os
import signal
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import grpc
from google.protobuf import descriptor_pool, text_format
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection, reflection_pb2
from grpc_reflection.v1alpha._async import ReflectionServicer
from prometheus_client import start_http_server

from dwsim_wire.errors import StatusTable
from dwsim_wire.fault import Unavailable
from dwsim_wire.interceptor import CallInterceptor, Named, as_it_is
from dwsim_wire.settings import ServiceSettings

log = logging.getLogger("dwsim.server")


async def nothing() -> None:
    """Stand in where a service has nothing to do."""


@dataclass(frozen=True)
class Service:
    """A service as its `build` hands it over."""

    name: str
    full_name: str
    register: Callable[[grpc.aio.Server], None]
    statuses: StatusTable
    start: Callable[[], Awaitable[None]]
    """Begin background work; called once the server is bound."""
    stop: Callable[[], Awaitable[None]]
    """Close what calls need; called once the last call has ended."""
    drain: Callable[[], Awaitable[None]] = nothing
    """End background work and open streams, which would keep calls under way; called when draining begins."""
    named: Named = as_it_is
    """Gives an error of the service's libraries, such as a locked database, as the fault that it is."""
    reflected: tuple[str, ...] = ()
    """Full names of other servers' services that reflection answers for too."""


async def serve(
    service: Service,
    settings: ServiceSettings,
    *,
    stop: asyncio.Event | None = None,
    on_bound: Callable[[str], None] | None = None,
) -> None:
    """Serve until `stop` is set (or SIGTERM or SIGINT comes), then drain."""
    stopping = stop or _signalled()
    server = grpc.aio.server(
        interceptors=[CallInterceptor(service.statuses, service.named)], options=_options(settings)
    )
    service.register(server)
    checks = health.aio.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(checks, server)
    _reflect(server, {service.full_name, *service.reflected, health.SERVICE_NAME})
    address = f"{settings.host}:{_bind(server, settings)}"
    await server.start()
    await service.start()
    for name in ("", service.full_name):
        await checks.set(name, health_pb2.HealthCheckResponse.SERVING)
    if settings.metrics_port:
        start_http_server(settings.metrics_port, addr=settings.host)
    if settings.address_file:
        _write_whole(settings.address_file, address)
    if on_bound:
        on_bound(address)
    log.info("serving", extra={"facts": {"service": service.name, "address": address}})
    await stopping.wait()
    log.info("draining", extra={"facts": {"service": service.name}})
    await checks.enter_graceful_shutdown()
    await service.drain()
    await server.stop(settings.drain_seconds)
    await service.stop()
    log.info("stopped", extra={"facts": {"service": service.name}})


def _options(settings: ServiceSettings) -> list[tuple[str, int]]:
    return [
        ("grpc.max_receive_message_length", settings.max_message_bytes),
        ("grpc.max_send_message_length", settings.max_message_bytes),
        ("grpc.keepalive_time_ms", 30_000),
        ("grpc.keepalive_timeout_ms", 10_000),
        ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.so_reuseport", 0),
    ]


def _bind(server: grpc.aio.Server, settings: ServiceSettings) -> int:
    try:
        return int(server.add_insecure_port(f"{settings.host}:{settings.port}"))
    except RuntimeError:
        raise Unavailable(
            f"{settings.host}:{settings.port} cannot be bound",
            hint="another process has the port: name another one with --port, or 0 for any",
        ) from None


def _reflect(server: grpc.aio.Server, names: Iterable[str]) -> None:
    """Serve reflection of `names` and of itself under both of its versions; grpcio-reflection has v1alpha alone."""
    own = [reflection.SERVICE_NAME, _describe_reflection_v1()]
    servicer = ReflectionServicer({*names, *own})
    for name in own:
        handler = grpc.stream_stream_rpc_method_handler(
            servicer.ServerReflectionInfo,
            reflection_pb2.ServerReflectionRequest.FromString,
            reflection_pb2.ServerReflectionResponse.SerializeToString,
        )
        handlers = {"ServerReflectionInfo": handler}
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(name, handlers),))


def _describe_reflection_v1() -> str:
    """Make v1 known to the descriptor pool, so that it can be described too; its messages are those of v1alpha."""
    alpha = text_format.MessageToString(FileDescriptorProto.FromString(reflection_pb2.DESCRIPTOR.serialized_pb))
    v1 = text_format.Parse(alpha.replace("v1alpha", "v1"), FileDescriptorProto())
    descriptor_pool.Default().AddSerializedFile(v1.SerializeToString())
    return reflection.SERVICE_NAME.replace("v1alpha", "v1")


def _signalled() -> asyncio.Event:
    event = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, event.set)
    return event


def _write_whole(path: Path, text: str) -> None:
    partial = path.with_suffix(f".{os.getpid()}.tmp")
    partial.write_text(text)
    partial.replace(path)
