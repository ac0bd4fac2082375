"""Batches as Arrow IPC files (Feather 2): one record batch a file, zstd."""

import pyarrow as pa

OPTIONS = pa.ipc.IpcWriteOptions(compression=pa.Codec("zstd", compression_level=1))


def encode(batch: pa.RecordBatch) -> pa.Buffer:
    """Encode `batch` as one Arrow file in memory."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, batch.schema, options=OPTIONS) as writer:
        writer.write_batch(batch)
    return sink.getvalue()
