"""ExportQuery's messages: what is asked, and what goes with the bytes of a file."""

import re
from dataclasses import replace

from dwsim.query.v1 import query_service_pb2 as pb
from dwsim.query.v1 import result_pb2
from google.api import httpbody_pb2

from dwsim_wire.fault import Fault
from query_svc.core.records import QueryRecord, failure_of
from query_svc.service.messages import failure_message
from query_svc.worker.execution import Limits
from query_svc.worker.files import Encoding

_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]+")
_LONGEST_NAME = 100
_MOST_NOTES = 20
Metadata = tuple[tuple[str, str | bytes], ...]


def names_of(request: pb.ExportQueryRequest) -> tuple[str, str]:
    """Names of format and compression; the number where the contract has none."""
    return (
        _name(pb.ExportQueryRequest.Format, request.format),
        _name(pb.ExportQueryRequest.Compression, request.compression),
    )


def limits_of(asked: Limits, ceiling: Limits) -> Limits:
    """Cut a file only where the call says so: nothing in a file would tell that the server's limit did."""
    return replace(
        asked,
        fail_rows=asked.fail_rows or not 0 < asked.rows <= ceiling.rows,
        fail_bytes=asked.fail_bytes or not 0 < asked.bytes <= ceiling.bytes,
    )


def headers(experiment: str, encoding: Encoding, record: QueryRecord) -> Metadata:
    """Headers of a download."""
    name = _UNSAFE.sub("_", experiment)[:_LONGEST_NAME] or "query"
    return (
        ("content-disposition", f'attachment; filename="{name}{encoding.suffix}"'),
        ("dwsim-query-id", _UNSAFE.sub("_", record.query_id)),
        ("dwsim-verdict", record.verdict),
    )


def trailers(summary: result_pb2.ResultSummary) -> Metadata:
    """Trailers of a download, for clients that speak gRPC."""
    del summary.notes[_MOST_NOTES:]
    return (("dwsim-summary-bin", summary.SerializeToString()),)


def broken_off(fault: Fault) -> httpbody_pb2.HttpBody:
    """Message before the error that ends a file early.

    An error behind the first byte is lost on its way to REST: the download would end as if it were whole. Envoy does
    not read extensions of this message and resets the download; gRPC clients read the error that follows.
    """
    body = httpbody_pb2.HttpBody()
    body.extensions.add().Pack(failure_message(failure_of(fault)))
    return body


def _name(names: type, value: int) -> str:
    return names.Name(value) if value in names.values() else str(value)  # type: ignore[attr-defined]
