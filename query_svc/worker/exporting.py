"""A result as the bytes of a file: encoded in threads, one batch at a time."""

import asyncio
from collections.abc import AsyncIterator

from query_svc.worker.execution import Execution, Opened
from query_svc.worker.files import Columns, Encoding
from query_svc.worker.files.writer import PIECE_BYTES


async def file_pieces(execution: Execution, opened: Opened, encoding: Encoding) -> AsyncIterator[bytes]:
    """Yield the bytes of a result's file in pieces, at least one; raise what ended the result early."""
    writer = await asyncio.to_thread(encoding.start, Columns(opened.columns, opened.schema))
    try:
        async for batch in execution.batches():
            for piece in _cut(await asyncio.to_thread(writer.write, batch)):
                yield piece
        if execution.closed and execution.closed.fault:
            raise execution.closed.fault
        rest = writer.finish()
        while (last := await asyncio.to_thread(next, rest, None)) is not None:
            for piece in _cut(last) or [b""]:
                yield piece
    finally:
        await asyncio.shield(asyncio.to_thread(writer.close))


def _cut(data: bytes) -> list[bytes]:
    return [data[first : first + PIECE_BYTES] for first in range(0, len(data), PIECE_BYTES)]
