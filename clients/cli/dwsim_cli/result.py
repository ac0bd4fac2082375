"""Query results on their way out: a table for people, JSON for programs; `download` has the other formats."""

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Protocol

from dwsim.common.v1.warehouse_pb2 import Warehouse
from dwsim.query.v1.query_service_pb2 import ExecuteQueryResponse
from dwsim.query.v1.result_pb2 import ResultSchema, ResultSummary
from dwsim.query.v1.translation_pb2 import Translation
from google.protobuf.json_format import MessageToDict
from google.protobuf.struct_pb2 import ListValue

from dwsim_cli import figures
from dwsim_cli.faults import OperationFailed
from dwsim_cli.output import Output, as_dict

_MOST = 1 << 53


class Sink(Protocol):
    """Takes a result piece by piece."""

    def begin(self, schema: ResultSchema) -> None:
        """Take the columns."""

    def rows(self, rows: Sequence[ListValue]) -> None:
        """Take some rows."""

    def end(self, summary: ResultSummary) -> None:
        """Take the counts and times."""


async def drain(messages: AsyncIterator[ExecuteQueryResponse], sink: Sink) -> ResultSummary:
    """Send a whole result to `sink`; raises what ended it early."""
    summary = ResultSummary()
    async for message in messages:
        match message.WhichOneof("kind"):
            case "schema":
                sink.begin(message.schema)
            case "json":
                sink.rows(message.json.rows)
            case "summary":
                summary = message.summary
    sink.end(summary)
    if summary.failure.reason:
        raise OperationFailed(summary.failure.message, reason=summary.failure.reason, hint=summary.failure.hint)
    return summary


def remarks(output: Output, summary: ResultSummary) -> None:
    """Say how long it took and how faithful the answer is, on standard error."""
    warehouse = Warehouse.Kind.Name(summary.warehouse).lower()
    verdict = Translation.Verdict.Name(summary.verdict).lower()
    output.note(f"{figures.count(summary.rows)} rows in {summary.total_ms / 1000:.2f} s · {warehouse} · {verdict}")
    for note in summary.notes:
        output.note(f"  {note}")
    if summary.truncated:
        output.warn("there are more rows than the limit let pass; raise --limit")


@dataclass
class Collected:
    """Keeps a whole result; for small ones."""

    schema: ResultSchema = field(default_factory=ResultSchema)
    summary: ResultSummary = field(default_factory=ResultSummary)
    values: list[list[Any]] = field(default_factory=list)

    def begin(self, schema: ResultSchema) -> None:
        """Keep the columns."""
        self.schema = schema

    def rows(self, rows: Sequence[ListValue]) -> None:
        """Keep some rows."""
        self.values.extend([_plain(value) for value in _values(row)] for row in rows)

    def end(self, summary: ResultSummary) -> None:
        """Keep the counts and times."""
        self.summary = summary

    def show(self, output: Output, title: str = "", *, expanded: bool = False) -> None:
        """Print the result as a table, or each row as one, then the remarks."""
        names = [column.name for column in self.schema.columns]
        if expanded:
            for number, row in enumerate(self.values, 1):
                output.table(["", f"row {number}"], zip(names, row, strict=True), dense=True)
        else:
            output.table(names, self.values, title=title)
        remarks(output, self.summary)

    def document(self) -> dict[str, Any]:
        """Columns, rows, translation and summary as JSON has them."""
        return {
            "columns": [as_dict(column) for column in self.schema.columns],
            "rows": self.values,
            "translation": as_dict(self.schema.translation),
            "summary": as_dict(self.summary),
        }


@dataclass
class JsonSink:
    """Writes an array of objects, one row a line, as they come; columns of one name get a number behind."""

    output: Output
    into: BinaryIO

    def begin(self, schema: ResultSchema) -> None:
        """Open the array."""
        self._names = _distinct([column.name for column in schema.columns])
        self._separator = "[\n"

    def rows(self, rows: Sequence[ListValue]) -> None:
        """Write some rows."""
        for row in rows:
            line = json.dumps(dict(zip(self._names, map(_plain, _values(row)), strict=True)), ensure_ascii=False)
            self.into.write((self._separator + line).encode())
            self._separator = ",\n"

    def end(self, summary: ResultSummary) -> None:
        """Close the array."""
        self.into.write(b"[]\n" if self._separator == "[\n" else b"\n]\n")
        remarks(self.output, summary)


def _values(row: ListValue) -> list[Any]:
    return list(MessageToDict(row))


def _plain(value: Any) -> Any:
    """Whole numbers travel as doubles; print them as they were, but not all digits of one beyond the integers."""
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) <= _MOST else value


def _distinct(names: list[str]) -> list[str]:
    taken: set[str] = set()
    for place, name in enumerate(names):
        free, number = name, 1
        while free in taken:
            number += 1
            free = f"{name}_{number}"
        taken.add(free)
        names[place] = free
    return names
