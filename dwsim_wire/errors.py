"""Errors on the wire: a Fault becomes a google.rpc.Status and a Fault again at the other end.

Every error carries ErrorInfo(reason, domain "dwsim", metadata with `hint`); broken fields travel as BadRequest.
"""

from collections.abc import Mapping, Sequence
from typing import Any, cast

import grpc
from google.protobuf import any_pb2
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status

from dwsim_wire.fault import Fault, FieldProblem, InvalidArgument, InvalidPageToken, NotYetAvailable, Unavailable

DOMAIN = "dwsim"
# Trailers travel in base64 and clients refuse more than 8 KiB of them.
LONGEST_TEXT = 500
MOST_FIELD_BYTES = 2_500
StatusTable = Mapping[type[Fault], grpc.StatusCode]

COMMON_STATUSES: StatusTable = {
    InvalidArgument: grpc.StatusCode.INVALID_ARGUMENT,
    InvalidPageToken: grpc.StatusCode.INVALID_ARGUMENT,
    NotYetAvailable: grpc.StatusCode.UNIMPLEMENTED,
    Unavailable: grpc.StatusCode.UNAVAILABLE,
}


class RemoteFault(Fault):
    """A peer's error; `reason` and `code` are the peer's own."""

    def __init__(self, code: grpc.StatusCode, reason: str, message: str, **facts: Any) -> None:
        super().__init__(message, **facts)
        self.code = code
        self.reason = reason  # type: ignore[misc]  # here the reason is a fact of the instance


def status_code(fault: Fault, table: StatusTable) -> grpc.StatusCode:
    """Status of the nearest class of `fault` that a table names; a peer's own status for its errors."""
    if isinstance(fault, RemoteFault):
        return fault.code
    for cls in type(fault).__mro__:
        if code := table.get(cls) or COMMON_STATUSES.get(cls):
            return code
    return grpc.StatusCode.INTERNAL


def to_status(fault: Fault, table: StatusTable) -> grpc.Status:
    """Turn a fault into what grpc sends, cut to what every client takes in its trailers."""
    metadata = fault.metadata | ({"hint": fault.hint} if fault.hint else {})
    metadata = {key: cut(value, LONGEST_TEXT) for key, value in metadata.items()}
    details = [_pack(error_details_pb2.ErrorInfo(reason=fault.reason, domain=DOMAIN, metadata=metadata))]
    if fault.fields:
        details.append(_pack(_bad_request(fault.fields)))
    code = status_code(fault, table)
    message = cut(fault.message, LONGEST_TEXT)
    return rpc_status.to_status(status_pb2.Status(code=code.value[0], message=message, details=details))


def cut(text: str, longest: int) -> str:
    """Leave the middle out of a text that has more than `longest` bytes in UTF-8."""
    data = text.encode(errors="replace")
    if len(data) <= longest:
        return data.decode()
    half = longest // 2 - 3
    return f"{data[:half].decode(errors='ignore')} … {data[-half:].decode(errors='ignore')}"


def _bad_request(fields: Sequence[FieldProblem]) -> error_details_pb2.BadRequest:
    """As many violations as fit; the last says how many do not."""
    request = error_details_pb2.BadRequest()
    for place, (path, text) in enumerate(fields):
        request.field_violations.add(field=cut(path, 200), description=cut(text, LONGEST_TEXT))
        if request.ByteSize() > MOST_FIELD_BYTES:
            del request.field_violations[-1]
            request.field_violations.add(field="", description=f"… and {len(fields) - place} more")
            break
    return request


def from_rpc_error(error: grpc.aio.AioRpcError, peer: str = "") -> Fault:
    """Turn an rpc's error into the fault that the peer meant."""
    status = rpc_status.from_call(cast(grpc.Call, error))
    code: grpc.StatusCode = error.code()
    if status is None:
        if code is grpc.StatusCode.UNAVAILABLE:
            return _unreachable(peer)
        if code is grpc.StatusCode.DEADLINE_EXCEEDED and peer:
            return RemoteFault(code, code.name, f"{peer} does not answer in time")
        return RemoteFault(code, code.name, error.details() or code.name)
    info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
    for detail in status.details:
        detail.Unpack(info) if detail.Is(info.DESCRIPTOR) else detail.Unpack(bad)
    metadata = dict(info.metadata)
    return RemoteFault(
        code,
        info.reason or code.name,
        status.message,
        hint=metadata.pop("hint", ""),
        metadata=metadata,
        fields=[FieldProblem(v.field, v.description) for v in bad.field_violations],
    )


def _unreachable(peer: str) -> Unavailable:
    name = peer or "the service"
    return Unavailable(
        f"{name} cannot be reached",
        hint=f"check that {name} is running; `dw-sim doctor` shows what answers",
        metadata={"peer": peer} if peer else {},
    )


def _pack(message: Any) -> any_pb2.Any:
    packed = any_pb2.Any()
    packed.Pack(message)
    return packed
