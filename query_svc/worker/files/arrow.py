"""Parquet and Arrow, by pyarrow's own writers."""

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.parquet as pq

from query_svc.core.texts import distinct
from query_svc.worker.files.writer import Columns, Ready

GROUP_BYTES = 16 << 20
GROUP_ROWS = 1 << 20


class ArrowWriter:
    """Arrow IPC, as a stream or as a file with a footer; a compression is that of the buffers."""

    def __init__(self, columns: Columns, codec: str | None, *, stream: bool) -> None:
        self._ready = Ready()
        make = pa.ipc.new_stream if stream else pa.ipc.new_file
        options = pa.ipc.IpcWriteOptions(compression=codec)
        self._writer = make(pa.PythonFile(self._ready, "w"), columns.schema, options=options)

    def write(self, batch: pa.RecordBatch) -> bytes:
        """Write a batch as it is."""
        self._writer.write_batch(batch)
        return self._ready.take()

    def finish(self) -> Iterator[bytes]:
        """End the stream or write the footer."""
        self._writer.close()
        yield self._ready.take()

    def close(self) -> None:
        """Nothing but memory is held."""


class ParquetWriter:
    """Parquet with row groups of some megabytes; columns get distinct names."""

    def __init__(self, columns: Columns, codec: str, *, group_bytes: int = GROUP_BYTES) -> None:
        self._ready, self._group_bytes = Ready(), group_bytes
        self._schema = pa.schema(
            [field.with_name(name) for field, name in zip(columns.schema, distinct(columns.names), strict=True)]
        )
        self._writer = pq.ParquetWriter(pa.PythonFile(self._ready, "w"), self._schema, compression=codec)
        self._group: list[pa.RecordBatch] = []

    def write(self, batch: pa.RecordBatch) -> bytes:
        """Keep the batch until its row group is large enough."""
        self._group.append(pa.RecordBatch.from_arrays(batch.columns, schema=self._schema))
        rows, size = sum(kept.num_rows for kept in self._group), sum(kept.nbytes for kept in self._group)
        if size >= self._group_bytes or rows >= GROUP_ROWS:
            self._write_group()
        return self._ready.take()

    def finish(self) -> Iterator[bytes]:
        """Write the last row group and the footer."""
        self._write_group()
        self._writer.close()
        yield self._ready.take()

    def close(self) -> None:
        """Nothing but memory is held."""

    def _write_group(self) -> None:
        if self._group:
            self._writer.write_table(pa.Table.from_batches(self._group, self._schema), row_group_size=GROUP_ROWS)
            self._group = []
