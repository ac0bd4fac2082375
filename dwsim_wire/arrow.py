"""Arrow batches as bytes: the schema once, then one IPC message per record batch without it."""

import pyarrow as pa


def schema_to_bytes(schema: pa.Schema) -> bytes:
    """Serialise `schema` as one Arrow IPC message."""
    return bytes(schema.serialize().to_pybytes())


def schema_from_bytes(data: bytes) -> pa.Schema:
    """Read a schema that `schema_to_bytes` wrote."""
    return pa.ipc.read_schema(pa.py_buffer(data))


def batch_to_bytes(batch: pa.RecordBatch) -> bytes:
    """Serialise `batch` as one Arrow IPC message without its schema."""
    return bytes(batch.serialize().to_pybytes())


def batch_from_bytes(data: bytes, schema: pa.Schema) -> pa.RecordBatch:
    """Read a batch that `batch_to_bytes` wrote."""
    return pa.ipc.read_record_batch(pa.py_buffer(data), schema)
