"""ExportQuery's messages: what is asked, and what comes before and behind the bytes of a file."""

import re
from dataclasses import replace

from dwsim.query.v1 import query_service_pb2 as pb
from dwsim.query.v1 import result_pb2
from google.api import httpbody_pb2
from google.protobuf.message import Message

from query_svc.worker.execution import Limits
from query_svc.worker.files import Encoding

_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]+")
_LONGEST_NAME = 100


def names_of(request: pb.ExportQueryRequest) -> tuple[str, str]:
    """Names of format and compression; the number where the contract has none."""
    return (
        _name(pb.ExportQueryRequest.Format, request.format),
        _name(pb.ExportQueryRequest.Compression, request.compression),
    )


def limits_of(asked: Limits) -> Limits:
    """Cut a file only where the call says so: nothing in a file would tell that the server's limit did."""
    return replace(asked, fail=asked.fail or not (asked.rows or asked.bytes))


def headers(experiment: str, encoding: Encoding) -> tuple[tuple[str, str], ...]:
    """Headers of a download."""
    name = _UNSAFE.sub("_", experiment)[:_LONGEST_NAME] or "query"
    return (("content-disposition", f'attachment; filename="{name}{encoding.suffix}"'),)


def first(encoding: Encoding, schema: result_pb2.ResultSchema) -> httpbody_pb2.HttpBody:
    """Message before the first byte."""
    return _body(schema, encoding.content_type)


def last(summary: result_pb2.ResultSummary) -> httpbody_pb2.HttpBody:
    """Message behind the last byte."""
    return _body(summary)


def _body(extension: Message, content_type: str = "") -> httpbody_pb2.HttpBody:
    body = httpbody_pb2.HttpBody(content_type=content_type)
    body.extensions.add().Pack(extension)
    return body


def _name(names: type, value: int) -> str:
    return names.Name(value) if value in names.values() else str(value)  # type: ignore[attr-defined]
