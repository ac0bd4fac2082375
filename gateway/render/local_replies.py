"""Errors that the gateway answers by itself, in the contract's form: google.rpc.Status with reason and hint.

REST gets it as the body; gRPC and gRPC-web get it in the trailers, as from a service.
"""

import base64
from dataclasses import dataclass

from dwsim.gateway.v1.error_reason_pb2 import ErrorReason
from google.protobuf import any_pb2
from google.rpc import code_pb2, error_details_pb2, status_pb2

from dwsim_wire.errors import DOMAIN
from gateway.render.types import Config

_AS_ENVOY_SAYS = "%LOCAL_REPLY_BODY%"
_REST_CODES = {
    400: code_pb2.INVALID_ARGUMENT,
    404: code_pb2.NOT_FOUND,
    413: code_pb2.RESOURCE_EXHAUSTED,
    500: code_pb2.INTERNAL,
    503: code_pb2.UNAVAILABLE,
    504: code_pb2.DEADLINE_EXCEEDED,
}
# Envoy derives the gRPC code from the HTTP status; the details must say the same code.
_GRPC_CODES = {404: code_pb2.UNIMPLEMENTED, 503: code_pb2.UNAVAILABLE, 504: code_pb2.UNAVAILABLE}
_SENT_AS_GRPC = {"header_filter": {"header": {"name": "content-type", "string_match": {"prefix": "application/grpc"}}}}
_NOT_TRANSCODED = {"header_filter": {"header": {"name": "x-envoy-original-path", "present_match": False}}}


@dataclass(frozen=True)
class Reply:
    """One kind of error: what it is recognised by (response flags, or a status), and what is answered."""

    reason: str
    status: int
    message: str
    hint: str
    flags: tuple[str, ...] = ()
    retried: bool = False
    """The gateway has sent it again many times: gRPC clients are told not to begin anew."""


REPLIES = (
    Reply(
        "OVERLOADED",
        503,
        "too many calls to the service are under way",
        "call again when some have ended; watch less at once",
        flags=("UO",),
    ),
    Reply(
        "IDLE_TIMEOUT",
        504,
        "nothing was sent or received for too long",
        "start long work without `wait` and watch it, or raise --idle-seconds of the gateway",
        flags=("SI", "UT", "DT"),
    ),
    Reply(
        "NOT_READY",
        503,
        "not every service is healthy",
        "`dw-sim doctor` shows which",
        flags=("LH",),
    ),
    Reply(
        "UNAVAILABLE",
        503,
        "the service cannot be reached, or broke the call off",
        "call again in a moment; `dw-sim doctor` shows what answers",
        flags=("UF", "UC", "UH", "UR", "LR", "UPE"),
        retried=True,
    ),
    Reply(
        "UNKNOWN_PATH",
        404,
        "the contract has no such path, method or rpc",
        "`grpcurl -plaintext HOST:PORT list` shows the rpcs, `/docs/` the REST paths",
    ),
    Reply(
        "MESSAGE_TOO_LARGE",
        413,
        "the request is larger than the gateway holds",
        "split it; gRPC and REST take 32 MiB",
    ),
    Reply(
        "INVALID_ARGUMENT",
        400,
        _AS_ENVOY_SAYS,
        "`/docs/` describes the fields of every request",
    ),
)
# Whatever else goes wrong: the log has it, under the request id.
_ELSE = Reply("INTERNAL", 500, "the gateway could not answer", "its log has the call under its x-request-id")


def local_replies() -> Config:
    """Envoy's table of replies: the first that fits is taken."""
    mappers = []
    for reply in REPLIES:
        if reply.status in _GRPC_CODES:
            mappers.append(_for_grpc(reply))
        mappers.append(_for_rest(reply, _recognised(reply)))
    mappers.append(_for_rest(_ELSE, _status("GE", 500)))
    return {"mappers": mappers}


def _for_rest(reply: Reply, recognised: Config) -> Config:
    info = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": _checked(reply.reason),
        "domain": DOMAIN,
        "metadata": {"hint": reply.hint},
    }
    body = {"code": _REST_CODES[reply.status], "message": reply.message, "details": [info]}
    return {
        "filter": recognised,
        "status_code": reply.status,
        "body_format_override": {"json_format": body},
    }


def _for_grpc(reply: Reply) -> Config:
    status = status_pb2.Status(code=_GRPC_CODES[reply.status], message=reply.message)
    detail = any_pb2.Any()
    detail.Pack(
        error_details_pb2.ErrorInfo(reason=_checked(reply.reason), domain=DOMAIN, metadata={"hint": reply.hint})
    )
    status.details.append(detail)
    packed = base64.b64encode(status.SerializeToString(deterministic=True)).decode().rstrip("=")
    headers = {"grpc-status-details-bin": packed}
    if reply.retried:
        headers["grpc-retry-pushback-ms"] = "-1"
    return {
        "filter": {"and_filter": {"filters": [_recognised(reply), _SENT_AS_GRPC, _NOT_TRANSCODED]}},
        "status_code": reply.status,
        "body": {"inline_string": reply.message},
        "body_format_override": {"text_format_source": {"inline_string": _AS_ENVOY_SAYS}},
        "headers_to_add": [{"header": {"key": key, "value": value}} for key, value in headers.items()],
    }


def _checked(reason: str) -> str:
    """The name of a reason that the contract has."""
    return ErrorReason.Name(ErrorReason.Value(reason))


def _recognised(reply: Reply) -> Config:
    if reply.flags:
        return {"response_flag_filter": {"flags": list(reply.flags)}}
    return _status("EQ", reply.status)


def _status(comparison: str, status: int) -> Config:
    value = {"default_value": status, "runtime_key": "gateway.status"}
    return {"status_code_filter": {"comparison": {"op": comparison, "value": value}}}
