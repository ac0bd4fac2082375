"""Chunks of Arrow as the bytes of ExecuteQueryResponse: message objects would copy every chunk three times more."""

from typing import Any

import grpc
import pyarrow as pa
from dwsim.query.v1 import query_service_pb2 as pb
from dwsim.query.v1 import result_pb2

EXECUTE = "ExecuteQuery"
_SERVICE = pb.DESCRIPTOR.services_by_name["QueryService"]
_ARROW = pb.ExecuteQueryResponse.ARROW_FIELD_NUMBER
_BATCH = result_pb2.ArrowChunk.ARROW_RECORD_BATCH_FIELD_NUMBER
_WITH_LENGTH, _SEVEN_BITS, _MORE = 2, 0x7F, 0x80


def encoded_chunk(batch: pa.RecordBatch) -> bytes:
    """Encode ExecuteQueryResponse(arrow=ArrowChunk(…)) of a batch."""
    data = batch.serialize()
    inner = _head(_BATCH, data.size)
    count = result_pb2.ArrowChunk(row_count=batch.num_rows).SerializeToString()
    head = _head(_ARROW, len(inner) + data.size + len(count))
    return b"".join([head, inner, memoryview(data), count])


def serve_chunks(server: grpc.aio.Server, servicer: Any) -> None:
    """Let ExecuteQuery send encoded chunks beside messages; to be called after the generated registration."""
    handler = grpc.unary_stream_rpc_method_handler(
        servicer.ExecuteQuery, pb.ExecuteQueryRequest.FromString, _serialized
    )
    server.add_registered_method_handlers(_SERVICE.full_name, {EXECUTE: handler})


def _serialized(message: pb.ExecuteQueryResponse | bytes) -> bytes:
    return message if isinstance(message, bytes) else message.SerializeToString()


def _head(field: int, length: int) -> bytes:
    """Tag and length of a field that has a length."""
    made = bytearray([field << 3 | _WITH_LENGTH])
    while length > _SEVEN_BITS:
        made.append(length & _SEVEN_BITS | _MORE)
        length >>= 7
    made.append(length)
    return bytes(made)
