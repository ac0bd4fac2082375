"""Results of queries: streamed as Arrow batches, taken as rows, as a table, or by pandas and Polars.

A result is read once as it comes, or kept whole by `to_arrow` and what stands on it, which may be asked again.
"""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from dwsim.common.v1.warehouse_pb2 import Warehouse
from dwsim.door import Door
from dwsim.faults import AlreadyRead, MissingLibrary, NotFound, OperationFailed
from dwsim.query.v1 import query_service_pb2 as pb
from dwsim.query.v1.result_pb2 import ResultSchema, ResultSummary
from dwsim.query.v1.translation_pb2 import Translation as TranslationMessage
from dwsim.values import Translation
from dwsim.words import word_of
from dwsim_wire.arrow import batch_from_bytes, schema_from_bytes

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

Row = tuple[Any, ...]
Messages = AsyncGenerator[pb.ExecuteQueryResponse, None]


class AsyncResult:
    """The answer to a query. Its schema and translation are there at once, its rows come, its summary comes last."""

    def __init__(self, opening: ResultSchema, messages: Messages) -> None:
        self.opening = opening
        self.schema: pa.Schema = schema_from_bytes(opening.arrow_schema)
        self.translation = Translation.of(opening.translation)
        self.summary: ResultSummary | None = None
        """Counts and times; None until the last row was read."""
        self._messages = messages
        self._begun = False
        self._table: pa.Table | None = None

    @classmethod
    async def open(cls, door: Door, request: pb.ExecuteQueryRequest) -> "AsyncResult":
        """Send a query; answers when the warehouse has begun to."""
        messages = door.stream(door.query.ExecuteQuery, request)
        try:
            first = await anext(messages)
        except BaseException:
            await messages.aclose()
            raise
        return cls(first.schema, messages)

    @property
    def query_id(self) -> str:
        """Id of the query, to cancel it by and to find it in the history."""
        return self.opening.query_id

    @property
    def columns(self) -> list[str]:
        """Names of the columns, in order."""
        return [column.name for column in self.opening.columns]

    @property
    def warehouse(self) -> str:
        """Kind of the warehouse that answers."""
        return word_of(Warehouse.Kind, self.opening.warehouse)

    @property
    def verdict(self) -> str:
        """EXACT, or APPROXIMATE where the answer may differ from the real warehouse's as `notes` say."""
        known = self.summary.verdict if self.summary else TranslationMessage.VERDICT_UNSPECIFIED
        return word_of(TranslationMessage.Verdict, known) or self.translation.verdict

    @property
    def notes(self) -> tuple[str, ...]:
        """Why the answer is not EXACT."""
        return tuple(self.summary.notes) if self.summary else self.translation.notes

    @property
    def truncated(self) -> bool:
        """Whether a limit of the call cut the rows; false until the last one was read."""
        return bool(self.summary and self.summary.truncated)

    async def batches(self) -> AsyncGenerator[pa.RecordBatch, None]:
        """The rows as record batches of about 1 MiB, as they come; leaving early ends the query."""
        if self._table is not None:
            for batch in self._table.to_batches():
                yield batch
            return
        if self._begun:
            raise AlreadyRead("the rows of this result were read before", hint="`to_arrow` keeps them; or ask again")
        self._begun = True
        async with aclosing(self._messages) as messages:
            async for message in messages:
                if message.HasField("arrow"):
                    yield batch_from_bytes(message.arrow.arrow_record_batch, self.schema)
                elif message.HasField("summary"):
                    self._end(message.summary)

    async def __aiter__(self) -> AsyncGenerator[Row, None]:
        """The rows as tuples, as they come."""
        async with aclosing(self.batches()) as batches:
            async for batch in batches:
                for row in rows_of(batch):
                    yield row

    async def to_arrow(self) -> pa.Table:
        """All rows as an Arrow table."""
        if self._table is None:
            self._table = pa.Table.from_batches([batch async for batch in self.batches()], self.schema)
        return self._table

    async def to_pandas(self, /, **options: Any) -> "pd.DataFrame":
        """All rows as a data frame of pandas; `options` are those of pyarrow's `Table.to_pandas`."""
        _need("pandas")
        return (await self.to_arrow()).to_pandas(**options)

    async def to_polars(self) -> "pl.DataFrame":
        """All rows as a data frame of Polars."""
        frame: pl.DataFrame = _need("polars").from_arrow(await self.to_arrow())
        return frame

    async def rows(self) -> list[Row]:
        """All rows as tuples."""
        return [row for batch in (await self.to_arrow()).to_batches() for row in rows_of(batch)]

    async def to_pylist(self) -> list[dict[str, Any]]:
        """All rows as dicts by column; of columns with one name, the last."""
        names = self.columns
        return [dict(zip(names, row, strict=True)) for row in await self.rows()]

    async def scalar(self) -> Any:
        """The first column of the first row; None is a NULL, no row is NotFound."""
        rows = await self.rows()
        if not rows:
            raise NotFound("the result has no row", reason="NO_ROW")
        return rows[0][0]

    async def close(self) -> None:
        """End the query; rows that were not read are lost."""
        self._begun = True
        await self._messages.aclose()

    def _end(self, summary: ResultSummary) -> None:
        self.summary = summary
        if summary.failure.reason:
            failure = summary.failure
            raise OperationFailed(failure.message, reason=failure.reason, hint=failure.hint)


def rows_of(batch: pa.RecordBatch) -> list[Row]:
    """The rows of a batch, as Python values."""
    return list(zip(*(column.to_pylist() for column in batch.columns), strict=True))


def _need(library: str) -> Any:
    try:
        return import_module(library)
    except ImportError:
        raise MissingLibrary(
            f"{library} is not installed", hint=f"pip install 'dw-simulator[{library}]'; to_arrow() needs neither"
        ) from None
