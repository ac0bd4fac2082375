"""PreviewTable: any rows of a table, made on the spot, as JSON values."""

import asyncio
import base64
import datetime as dt
import decimal
import json
import math
from functools import partial
from typing import Any

import pyarrow as pa
from dwsim.common.v1 import logical_type_pb2
from dwsim.generator.v1 import generator_service_pb2 as pb
from google.protobuf import json_format, struct_pb2

from dwsim_wire.fault import FieldProblem, InvalidArgument
from generator_svc.core.admission import RunRequest, admit, known_table
from generator_svc.core.document import Document
from generator_svc.core.plan import Plan
from generator_svc.core.references import ReadFile
from generator_svc.core.run import PinnedExperiment
from generator_svc.core.run_faults import InvalidRowCount
from generator_svc.peers import SchemaPeer
from generator_svc.worker import Plans, Previewed

DEFAULT_ROWS, MOST_ROWS = 10, 1000
MOST_EXACT = 2**53


class Preview:
    """Makes rows without a run."""

    def __init__(self, schema: SchemaPeer, plans: Plans, read: ReadFile) -> None:
        self._schema = schema
        self._read = read
        self._plans = plans

    async def answer(self, message: pb.PreviewTableRequest) -> pb.PreviewTableResponse:
        """Make the rows that the message names."""
        if not 0 <= message.limit <= MOST_ROWS:
            raise InvalidArgument(
                f"limit is {message.limit}; it takes 0 (for {DEFAULT_ROWS}) to {MOST_ROWS}",
                fields=[FieldProblem("limit", "outside its domain")],
            )
        experiment = await self._schema.experiment(message.experiment)
        return await asyncio.to_thread(self._make, message, experiment)

    def _make(self, message: pb.PreviewTableRequest, experiment: PinnedExperiment) -> pb.PreviewTableResponse:
        request = RunRequest(
            rows=dict(message.rows), seed=message.seed if message.HasField("seed") else None, as_of=message.as_of
        )
        facts = (request.seed, request.as_of, tuple(sorted(request.rows.items())))
        prepare = partial(_prepare, request, experiment, self._read)
        has_files = '"reference"' in experiment.document
        document, admitted = prepare() if has_files else self._plans.of((experiment.document, *facts), prepare)
        table = known_table(message.table, [table.name for table in admitted.tables])
        total = sum(segment.rows for segment in admitted.order.segments[table])
        rows = _rows_within(message, total)
        batch = _batch(admitted.plan, table, message.offset, rows)
        return pb.PreviewTableResponse(columns=_columns(document, table), rows=_lists(batch), total_rows=total)


def _prepare(request: RunRequest, experiment: PinnedExperiment, read: ReadFile) -> Previewed:
    document: Document = json.loads(experiment.document)
    return Previewed(document, admit(request, document, read))


def _rows_within(message: pb.PreviewTableRequest, total: int) -> int:
    if not 0 <= message.offset < max(total, 1):
        raise InvalidRowCount(
            f"row {message.offset:,} is outside table {message.table!r}, which has {total:,} rows",
            hint="rows count from 0",
            metadata={"table": message.table},
            fields=[FieldProblem("offset", "outside the table")],
        )
    return min(message.limit or DEFAULT_ROWS, total - message.offset)


def _batch(plan: Plan, table: str, first_row: int, rows: int) -> pa.RecordBatch:
    if not rows:
        return pa.RecordBatch.from_pylist([], schema=plan.schema(table))
    return plan.batch(table, first_row, rows)


def _columns(document: Document, table: str) -> list[pb.PreviewColumn]:
    (found,) = (item for item in document["tables"] if item["name"] == table)
    return [
        pb.PreviewColumn(
            name=column["name"],
            data_type=column.get("data_type", ""),
            logical_type=json_format.ParseDict(column["logical_type"], logical_type_pb2.LogicalType()),
        )
        for column in found["columns"]
    ]


def _lists(batch: pa.RecordBatch) -> list[struct_pb2.ListValue]:
    columns = [[_value(value) for value in column.to_pylist()] for column in batch.columns]
    return [struct_pb2.ListValue(values=row) for row in zip(*columns, strict=True)]


def _value(value: Any) -> struct_pb2.Value:
    """A cell as JSON; what a double cannot hold exactly is text."""
    match value:
        case None:
            return struct_pb2.Value(null_value=struct_pb2.NULL_VALUE)
        case bool():
            return struct_pb2.Value(bool_value=value)
        case int() if abs(value) <= MOST_EXACT:
            return struct_pb2.Value(number_value=value)
        case float() if math.isfinite(value):
            return struct_pb2.Value(number_value=value)
        case _:
            return struct_pb2.Value(string_value=_text(value))


def _text(value: Any) -> str:
    match value:
        case decimal.Decimal():
            return format(value, "f")
        case dt.datetime() if value.tzinfo:
            return value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
        case dt.date() | dt.time():
            return value.isoformat()
        case bytes():
            return base64.b64encode(value).decode()
        case _:
            return str(value)
