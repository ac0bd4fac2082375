"""What happens around every call: a request id, a log line, metrics, and errors as the contract has them.

grpc.aio would send an unhandled exception's text to the client; here it becomes INTERNAL with the request id, and the
log gets the rest.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from typing import Any, TypeAlias, cast

import grpc
from google.protobuf.message import DecodeError
from prometheus_client import Counter, Histogram

from dwsim_wire.errors import StatusTable, to_status
from dwsim_wire.fault import Fault, InvalidArgument
from dwsim_wire.request_check import check_request
from dwsim_wire.request_id import HEADER, adopt, current_request_id

log = logging.getLogger("dwsim.rpc")
Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"

HANDLED = Counter("grpc_server_handled_total", "Calls answered", ["grpc_method", "grpc_code"])
SECONDS = Histogram("grpc_server_handling_seconds", "Time to answer", ["grpc_method"])


class InternalFault(Fault):
    """A defect of ours: the client learns the request id and nothing else."""


Named = Callable[[BaseException], BaseException]


def as_it_is(error: BaseException) -> BaseException:
    """Name nothing."""
    return error


class CallInterceptor(grpc.aio.ServerInterceptor):
    """Wrap every handler of a server; `statuses` gives the service's faults their codes."""

    def __init__(self, statuses: StatusTable, named: Named = as_it_is) -> None:
        self._statuses, self._named = statuses, named

    async def intercept_service(
        self,
        continuation: "Callable[[grpc.HandlerCallDetails], Awaitable[grpc.RpcMethodHandler[Any, Any] | None]]",
        handler_call_details: grpc.HandlerCallDetails,
    ) -> "grpc.RpcMethodHandler[Any, Any] | None":
        """Wrap unary and server-streaming handlers; others (reflection) pass as they are.

        The wrapped take a stream of requests and read one: grpc.aio itself would never answer a call that ends without
        a message, and would answer a broken message with the words of protobuf.
        """
        details = handler_call_details
        handler: Any = await continuation(details)
        if handler is None or handler.request_streaming:
            return cast("grpc.RpcMethodHandler[Any, Any] | None", handler)
        request_id = str(dict(details.invocation_metadata or ()).get(HEADER, ""))
        codecs = (handler.request_deserializer, handler.response_serializer)
        if handler.response_streaming:
            streaming = self._streaming(handler.unary_stream, details.method, request_id)
            return grpc.stream_stream_rpc_method_handler(streaming, *codecs)
        return grpc.stream_unary_rpc_method_handler(
            self._unary(handler.unary_unary, details.method, request_id), *codecs
        )

    def _unary(self, handle: Callable[..., Any], method: str, request_id: str) -> Callable[..., Any]:
        async def answer(_: Any, context: Context) -> Any:
            async with self._observed(context, method, request_id):
                request = await _only_message(context)
                await check_request(request)
                return await handle(request, context)

        return answer

    def _streaming(self, handle: Callable[..., Any], method: str, request_id: str) -> Callable[..., Any]:
        async def answer(_: Any, context: Context) -> AsyncIterator[Any]:
            async with self._observed(context, method, request_id):
                request = await _only_message(context)
                await check_request(request)
                async with aclosing(handle(request, context)) as messages:
                    async for message in messages:
                        yield message

        return answer

    @asynccontextmanager
    async def _observed(self, context: Context, method: str, request_id: str) -> AsyncIterator[None]:
        """Log and count a call; turn its error into the contract's form.

        Once the client has left, most of `context` crashes the process when it is touched: ask it for its facts first.
        """
        adopt(request_id)
        started, peer = time.perf_counter(), context.peer()
        code = grpc.StatusCode.CANCELLED
        try:
            yield
            code = _code_of(context)
        except (grpc.aio.AbortError, asyncio.CancelledError, GeneratorExit):
            raise
        except BaseException as error:
            status = self._status(error)
            code = status.code
            if context.cancelled() or context.done():
                raise
            await context.abort(status.code, status.details, status.trailing_metadata)
        finally:
            seconds = time.perf_counter() - started
            HANDLED.labels(method, code.name).inc()
            SECONDS.labels(method).observe(seconds)
            facts = {"method": method, "code": code.name, "ms": round(seconds * 1e3, 3), "peer": peer}
            log.log(logging.DEBUG if method.startswith("/grpc.") else logging.INFO, "call", extra={"facts": facts})

    def _status(self, error: BaseException) -> grpc.Status:
        named = self._named(error)
        if isinstance(named, Fault):
            if named is not error:
                log.error("a call failed", exc_info=error)
            return to_status(named, self._statuses)
        log.error("defect", exc_info=error)
        request_id = current_request_id()
        fault = InternalFault(
            "the server has a defect",
            hint=f"its log has the details under request id {request_id}",
            metadata={"request_id": request_id},
        )
        return to_status(fault, self._statuses)


async def _only_message(context: Context) -> Any:
    """Read the request of a call."""
    try:
        request = await context.read()
    except DecodeError:
        raise InvalidArgument(
            "the request is no message of the rpc's type",
            hint="texts are UTF-8, and stubs are of this contract: reflection and `/docs/` describe it",
        ) from None
    if request is grpc.aio.EOF:
        raise InvalidArgument("the call has no whole message", hint="send one, empty where no field is needed")
    return request


def _code_of(context: Context) -> grpc.StatusCode:
    code = context.code()
    return next((c for c in grpc.StatusCode if code in (c, c.value[0])), grpc.StatusCode.OK)
