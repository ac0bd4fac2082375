"""Results as files: the service writes them; a file has its name only once it is whole."""

import secrets
from pathlib import Path
from typing import BinaryIO

import grpc

from dwsim.door import Door
from dwsim.faults import InvalidInput, from_fault
from dwsim.query.v1.query_service_pb2 import ExportQueryRequest
from dwsim.query.v1.result_pb2 import ResultSummary
from dwsim_wire.errors import from_rpc_error

FORMATS = {
    ".csv": ExportQueryRequest.CSV,
    ".jsonl": ExportQueryRequest.JSON_LINES,
    ".parquet": ExportQueryRequest.PARQUET,
    ".arrow": ExportQueryRequest.ARROW_FILE,
    ".arrows": ExportQueryRequest.ARROW,
    ".xlsx": ExportQueryRequest.EXCEL,
}
COMPRESSIONS = {".gz": ExportQueryRequest.GZIP, ".zst": ExportQueryRequest.ZSTD}


async def write_export(door: Door, request: ExportQueryRequest, path: Path) -> ResultSummary:
    """Write the result of `request` to `path`, whose suffixes tell format and compression."""
    compressed = path.suffix.lower() in COMPRESSIONS
    suffix = (path.with_suffix("") if compressed else path).suffix.lower()
    if suffix not in FORMATS:
        known = ", ".join(FORMATS)
        raise InvalidInput(f"{path.name!r} does not tell a format", hint=f"end it in {known}; .gz or .zst compresses")
    request.format = FORMATS[suffix]
    request.compression = COMPRESSIONS[path.suffix.lower()] if compressed else ExportQueryRequest.NONE
    if suffix == ".parquet" and not compressed:
        request.compression = ExportQueryRequest.COMPRESSION_UNSPECIFIED
    part = path.with_name(f".{path.name[:200]}.{secrets.token_hex(4)}.part")
    try:
        with part.open("xb") as into:
            summary = await _download(door, request, into)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return summary


async def _download(door: Door, request: ExportQueryRequest, into: BinaryIO) -> ResultSummary:
    call = door.query.ExportQuery(request)
    try:
        async for body in call:
            into.write(body.data)
        trailers = dict(await call.trailing_metadata() or ())
    except grpc.aio.AioRpcError as error:
        raise from_fault(from_rpc_error(error, f"the gateway at {door.address}")) from None
    finally:
        call.cancel()
    packed = trailers.get("dwsim-summary-bin", b"")
    return ResultSummary.FromString(packed if isinstance(packed, bytes) else b"")
