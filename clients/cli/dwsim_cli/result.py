"""Query results on their way out: a table for people, CSV or JSON for programs."""

import csv
import json
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from dwsim.common.v1.warehouse_pb2 import Warehouse
from dwsim.query.v1.query_service_pb2 import ExecuteQueryResponse
from dwsim.query.v1.result_pb2 import ResultSchema, ResultSummary
from dwsim.query.v1.translation_pb2 import Translation
from google.protobuf.json_format import MessageToDict
from google.protobuf.struct_pb2 import ListValue

from dwsim_cli import figures
from dwsim_cli.faults import OperationFailed
from dwsim_cli.output import Output, as_dict


class Sink(Protocol):
    """Takes a result piece by piece."""

    def begin(self, schema: ResultSchema) -> None:
        """Take the columns."""

    def rows(self, rows: Sequence[ListValue]) -> None:
        """Take some rows."""

    def end(self, schema: ResultSchema, summary: ResultSummary) -> None:
        """Take the counts and times."""


async def drain(messages: AsyncIterator[ExecuteQueryResponse], sink: Sink) -> ResultSummary:
    """Send a whole result to `sink`; raises what ended it early."""
    schema, summary = ResultSchema(), ResultSummary()
    async for message in messages:
        match message.WhichOneof("kind"):
            case "schema":
                schema = message.schema
                sink.begin(schema)
            case "json":
                sink.rows(message.json.rows)
            case "summary":
                summary = message.summary
    sink.end(schema, summary)
    if summary.failure.reason:
        raise OperationFailed(summary.failure.message, reason=summary.failure.reason, hint=summary.failure.hint)
    return summary


def remarks(output: Output, schema: ResultSchema, summary: ResultSummary) -> None:
    """Say how long it took and how faithful the answer is, on standard error."""
    warehouse = Warehouse.Kind.Name(schema.warehouse).lower()
    verdict = Translation.Verdict.Name(schema.translation.verdict).lower()
    output.note(f"{figures.count(summary.rows)} rows in {summary.total_ms / 1000:.2f} s · {warehouse} · {verdict}")
    for note in schema.translation.notes:
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
        """The columns come again at the end."""

    def rows(self, rows: Sequence[ListValue]) -> None:
        """Keep some rows."""
        self.values.extend([_plain(value) for value in _values(row)] for row in rows)

    def end(self, schema: ResultSchema, summary: ResultSummary) -> None:
        """Keep the counts and times."""
        self.schema, self.summary = schema, summary

    def show(self, output: Output, title: str = "") -> None:
        """Print the result as a table, then the remarks."""
        output.table([column.name for column in self.schema.columns], self.values, title=title)
        remarks(output, self.schema, self.summary)

    def document(self) -> dict[str, Any]:
        """Columns, rows, translation and summary as JSON has them."""
        return {
            "columns": [as_dict(column) for column in self.schema.columns],
            "rows": self.values,
            "translation": as_dict(self.schema.translation),
            "summary": as_dict(self.summary),
        }


@dataclass
class CsvSink:
    """Writes rows as they come; NULL is an empty field."""

    output: Output

    def begin(self, schema: ResultSchema) -> None:
        """Write the header."""
        self._writer = csv.writer(sys.stdout, lineterminator="\n")
        self._writer.writerow(column.name for column in schema.columns)

    def rows(self, rows: Sequence[ListValue]) -> None:
        """Write some rows."""
        self._writer.writerows([_scalar(value) for value in _values(row)] for row in rows)

    def end(self, schema: ResultSchema, summary: ResultSummary) -> None:
        """Remark on standard error."""
        sys.stdout.flush()
        remarks(self.output, schema, summary)


@dataclass
class JsonSink:
    """Writes an array of objects, one row a line, as they come; columns of one name get a number behind."""

    output: Output

    def begin(self, schema: ResultSchema) -> None:
        """Open the array."""
        self._names = _distinct([column.name for column in schema.columns])
        self._separator = "[\n"

    def rows(self, rows: Sequence[ListValue]) -> None:
        """Write some rows."""
        for row in rows:
            line = json.dumps(dict(zip(self._names, map(_plain, _values(row)), strict=True)), ensure_ascii=False)
            sys.stdout.write(self._separator + line)
            self._separator = ",\n"

    def end(self, schema: ResultSchema, summary: ResultSummary) -> None:
        """Close the array."""
        sys.stdout.write("[]\n" if self._separator == "[\n" else "\n]\n")
        sys.stdout.flush()
        remarks(self.output, schema, summary)


def _values(row: ListValue) -> list[Any]:
    return list(MessageToDict(row))


def _plain(value: Any) -> Any:
    """Whole numbers travel as doubles; print them as they were."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _scalar(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return _plain(value)


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
