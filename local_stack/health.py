"""Waits until a service says that it serves: services by gRPC, the gateway by HTTP."""

import asyncio
from urllib.parse import urlsplit

import grpc
from grpc_health.v1 import health_pb2

_OPTIONS = [
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 250),
    ("grpc.use_local_subchannel_pool", 1),
]
PAUSE_SECONDS = 0.1


async def wait_healthy(address: str) -> None:
    """Probe `address` until its health is SERVING; give a deadline from outside."""
    async with grpc.aio.insecure_channel(address, options=_OPTIONS) as channel:
        while not await _serves(channel):  # noqa: ASYNC110 - what we wait for happens in another process
            await asyncio.sleep(PAUSE_SECONDS)


async def wait_open(address: str) -> None:
    """Probe the gateway at `address` until it and all services behind it serve; give a deadline from outside."""
    while not await is_open(address):  # noqa: ASYNC110 - what we wait for happens in another process
        await asyncio.sleep(PAUSE_SECONDS)


async def is_open(address: str, *, timeout: float = 1.0) -> bool:
    """Probe the gateway once."""
    host, _, port = address.rpartition(":")
    try:
        async with asyncio.timeout(timeout):
            reader, writer = await asyncio.open_connection(host.strip("[]"), int(port))
            try:
                writer.write(f"GET /healthz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n".encode())
                return b" 200 " in await reader.readline()
            finally:
                writer.close()
    except OSError:  # a TimeoutError too
        return False


async def is_healthy(address: str, *, timeout: float = 1.0) -> bool:
    """Probe `address` once."""
    async with grpc.aio.insecure_channel(address, options=_OPTIONS) as channel:
        return await _serves(channel, timeout=timeout)


async def wait_listening(url: str) -> None:
    """Probe the port of `url` until it takes connections; give a deadline from outside."""
    while not await is_listening(url):  # noqa: ASYNC110 - what we wait for happens in another process
        await asyncio.sleep(PAUSE_SECONDS)


async def is_listening(url: str) -> bool:
    """Probe the port of `url` once."""
    place = urlsplit(url)
    try:
        _, writer = await asyncio.open_connection(place.hostname, place.port)
    except OSError:
        return False
    writer.close()
    return True


async def _serves(channel: grpc.aio.Channel, *, timeout: float = 1.0) -> bool:
    check = channel.unary_unary(
        "/grpc.health.v1.Health/Check",
        request_serializer=health_pb2.HealthCheckRequest.SerializeToString,
        response_deserializer=health_pb2.HealthCheckResponse.FromString,
    )
    try:
        answer = await check(health_pb2.HealthCheckRequest(), timeout=timeout)
    except grpc.aio.AioRpcError:
        return False
    return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)
