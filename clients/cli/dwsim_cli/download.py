"""Query results as files: the service writes them, bytes pass as they come."""

import secrets
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import grpc
from dwsim.query.v1.query_service_pb2 import ExportQueryRequest
from dwsim.query.v1.result_pb2 import ResultSummary

from dwsim_cli.faults import InvalidInput
from dwsim_cli.mesh import Mesh
from dwsim_wire.errors import from_rpc_error

FORMATS = {
    "csv": ExportQueryRequest.CSV,
    "jsonl": ExportQueryRequest.JSON_LINES,
    "parquet": ExportQueryRequest.PARQUET,
    "arrow": ExportQueryRequest.ARROW_FILE,
    "arrows": ExportQueryRequest.ARROW,
    "xlsx": ExportQueryRequest.EXCEL,
}
"""Formats that the service writes, by the names that users type, which are the suffixes of their files."""
SYNONYMS = {"ndjson": "jsonl", "feather": "arrow", "excel": "xlsx", "pq": "parquet"}
COMPRESSIONS = {"gz": "gzip", "zst": "zstd"}
BINARY = frozenset({"parquet", "arrow", "arrows", "xlsx"})


def kind_of(file: Path) -> tuple[str, str]:
    """Format and compression that a file's name tells, each empty where it does not."""
    suffixes = [suffix[1:].lower() for suffix in file.suffixes]
    compression = COMPRESSIONS.get(suffixes[-1], "") if suffixes else ""
    name = (suffixes[:-1] if compression else suffixes)[-1:]
    found = SYNONYMS.get(name[0], name[0]) if name else ""
    return (found if found in FORMATS or found == "json" else ""), compression


@contextmanager
def opened(file: Path | None, *, binary: bool) -> Iterator[BinaryIO]:
    """Where the bytes go: standard output, or a file that has its name only once it is whole."""
    if file is None:
        if binary and sys.stdout.isatty():
            raise InvalidInput("this format is not for a terminal", hint="name a file with --output")
        sys.stdout.flush()
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    place = file.resolve()  # what a link points to, not the link
    if place.exists() and not place.is_file():  # a pipe or a device stays what it is
        with place.open("wb") as stream:
            yield stream
        return
    with _part_of(place) as part:
        yield part


@contextmanager
def _part_of(place: Path) -> Iterator[BinaryIO]:
    """File beside `place` that takes its name in the end, and the permissions of the one that was there."""
    part = place.with_name(f".{place.name[:200]}.{secrets.token_hex(4)}.part")
    try:
        with part.open("xb") as whole:
            if place.exists():
                shutil.copymode(place, part)
            yield whole
        part.replace(place)
    finally:
        part.unlink(missing_ok=True)


async def download(mesh: Mesh, request: ExportQueryRequest, into: BinaryIO) -> ResultSummary:
    """Write a result's file; answers how it ended."""
    call = mesh.query.ExportQuery(request)
    try:
        async for body in call:
            into.write(body.data)
        trailers = dict(await call.trailing_metadata() or ())
    except grpc.aio.AioRpcError as error:
        raise from_rpc_error(error, mesh.peer_of(request)) from None
    finally:
        call.cancel()
    packed = trailers.get("dwsim-summary-bin", b"")
    return ResultSummary.FromString(packed if isinstance(packed, bytes) else b"")
