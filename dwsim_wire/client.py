"""Calls to other services: channels with retries, deadlines, request ids; a peer's error is a Fault here too."""

import json
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable
from typing import Any, Protocol, TypeVar, cast

import grpc

from dwsim_wire.errors import from_rpc_error
from dwsim_wire.request_id import HEADER, current_request_id
from dwsim_wire.settings import MIB

RETRIES = {
    "methodConfig": [
        {
            "name": [{}],
            "retryPolicy": {
                "maxAttempts": 4,
                "initialBackoff": "0.1s",
                "maxBackoff": "1s",
                "backoffMultiplier": 2,
                "retryableStatusCodes": ["UNAVAILABLE"],
            },
        }
    ]
}
Answer = TypeVar("Answer", covariant=True)
Details = grpc.aio.ClientCallDetails


class _AddRequestIdToUnary(grpc.aio.UnaryUnaryClientInterceptor):
    async def intercept_unary_unary(self, continuation: Callable[..., Any], details: Details, request: Any) -> Any:
        return await continuation(_with_request_id(details), request)


class _AddRequestIdToStream(grpc.aio.UnaryStreamClientInterceptor):
    async def intercept_unary_stream(self, continuation: Callable[..., Any], details: Details, request: Any) -> Any:
        return await continuation(_with_request_id(details), request)


class UnaryRpc(Protocol[Answer]):
    """A stub's unary method."""

    def __call__(self, request: Any, *, timeout: float | None = None) -> Awaitable[Answer]:
        """Send `request`; `timeout` is in seconds."""


class StreamRpc(Protocol[Answer]):
    """A stub's server-streaming method."""

    def __call__(self, request: Any, *, timeout: float | None = None) -> AsyncIterable[Answer]:
        """Send `request`; `timeout` is in seconds."""


def open_channel(address: str, *, max_message_bytes: int = 32 * MIB) -> grpc.aio.Channel:
    """Open a channel that retries while its peer restarts and passes the request id on."""
    options = [
        ("grpc.max_receive_message_length", max_message_bytes),
        ("grpc.max_send_message_length", max_message_bytes),
        ("grpc.keepalive_time_ms", 30_000),
        ("grpc.keepalive_timeout_ms", 10_000),
        ("grpc.initial_reconnect_backoff_ms", 200),
        ("grpc.max_reconnect_backoff_ms", 1_000),
        ("grpc.service_config", json.dumps(RETRIES)),
    ]
    return grpc.aio.insecure_channel(
        address, options=options, interceptors=[_AddRequestIdToUnary(), _AddRequestIdToStream()]
    )


async def call(rpc: UnaryRpc[Answer], request: Any, *, timeout: float = 30.0, peer: str = "") -> Answer:
    """Call a unary rpc; `timeout` is in seconds, `peer` names the other side in errors."""
    try:
        return await rpc(request, timeout=timeout)
    except grpc.aio.AioRpcError as error:
        raise from_rpc_error(error, peer) from None


async def stream(
    rpc: StreamRpc[Answer], request: Any, *, timeout: float | None = None, peer: str = ""
) -> AsyncGenerator[Answer, None]:
    """Call a server-streaming rpc; leaving the iteration cancels the call."""
    answers = rpc(request, timeout=timeout)
    try:
        async for answer in answers:
            yield answer
    except grpc.aio.AioRpcError as error:
        raise from_rpc_error(error, peer) from None
    finally:
        cast(grpc.aio.Call, answers).cancel()


def _with_request_id(details: Details) -> Details:
    metadata = grpc.aio.Metadata(*(details.metadata or ()))
    metadata[HEADER] = current_request_id()
    return grpc.aio.ClientCallDetails(
        details.method, details.timeout, metadata, details.credentials, details.wait_for_ready
    )
