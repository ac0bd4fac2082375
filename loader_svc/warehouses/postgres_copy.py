"""Arrow rows as PostgreSQL's binary COPY, made piece by piece while the server takes the pieces before."""

import io
from typing import TYPE_CHECKING, NoReturn

import pgpq
import pyarrow as pa
from pgpq import encoders, schema

from loader_svc.core.faults import ValueOutOfRange

if TYPE_CHECKING:
    from pgpq._pgpq import EncoderBuilder

CHUNK_BYTES = 1 << 20
ENCODED_ROWS = 8_192
JSON = b"json"
"""Metadata of a text field whose values are JSON documents."""


class CopySource:
    """A file that psycopg reads a COPY from; `problem` has what could not be written."""

    def __init__(self, rows: pa.Table) -> None:
        self.problem: Exception | None = None
        self._batches = iter(rows.to_batches(max_chunksize=ENCODED_ROWS))
        self._encoder = pgpq.ArrowToPostgresBinaryEncoder.new_with_encoders(
            rows.schema, {field.name: _encoder(field) for field in rows.schema}
        )
        self._ready = bytearray(self._encoder.write_header())
        self._done = False

    def read(self, size: int = CHUNK_BYTES, /) -> bytes:
        """Answer the next bytes, about `size` of them; none at the end."""
        try:
            while len(self._ready) < size and not self._done:
                self._more()
        except Exception as error:  # psycopg would show it as a cancelled query
            self.problem = _named(error)
            raise
        piece, self._ready = bytes(self._ready[:size]), self._ready[size:]
        return piece

    def readline(self, _size: int = -1, /) -> NoReturn:
        """Refuse: psycopg asks for the method, and reads no lines of a binary COPY."""
        raise io.UnsupportedOperation("readline")

    def _more(self) -> None:
        batch = next(self._batches, None)
        if batch is None:
            self._ready += self._encoder.finish()
            self._done = True
        else:
            self._ready += self._encoder.write_batch(batch)


def _encoder(field: pa.Field) -> "EncoderBuilder":
    if (field.metadata or {}).get(b"is") == JSON:
        return encoders.StringEncoderBuilder.new_with_output(field, schema.Jsonb())
    return pgpq.ArrowToPostgresBinaryEncoder.infer_encoder(field)


def _named(error: Exception) -> Exception:
    if isinstance(error, ValueError):
        return ValueOutOfRange("a date or time is out of the warehouse's range")
    return error
