"""The small parts: exit codes, row counts, pages, figures, result sinks."""

import io
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass

import grpc
import pytest
from dwsim.query.v1.query_service_pb2 import ExecuteQueryResponse
from dwsim.query.v1.result_pb2 import JsonRows, ResultColumn, ResultSchema, ResultSummary
from google.protobuf.struct_pb2 import ListValue

from dwsim_cli import figures, result
from dwsim_cli.contract import all_rpcs, find_rpc
from dwsim_cli.faults import OperationFailed, exit_code
from dwsim_cli.log_lines import readable
from dwsim_cli.options import parse_rows
from dwsim_cli.output import Output
from dwsim_cli.paging import collect
from dwsim_wire.errors import RemoteFault
from dwsim_wire.fault import Fault, InvalidArgument, NotYetAvailable, Unavailable
from local_stack.faults import AlreadyRunning, PortTaken

Code = grpc.StatusCode


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (RemoteFault(Code.NOT_FOUND, "UNKNOWN_TABLE", ""), 3),
        (RemoteFault(Code.INVALID_ARGUMENT, "INVALID_SQL", ""), 4),
        (RemoteFault(Code.PERMISSION_DENIED, "WRITE_REFUSED", ""), 4),
        (RemoteFault(Code.UNIMPLEMENTED, "NOT_TRANSLATABLE", ""), 4),
        (RemoteFault(Code.ALREADY_EXISTS, "EXPERIMENT_EXISTS", ""), 5),
        (RemoteFault(Code.ABORTED, "RUN_ACTIVE", ""), 5),
        (RemoteFault(Code.ABORTED, "ETAG_MISMATCH", ""), 5),
        (RemoteFault(Code.DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED", ""), 6),
        (RemoteFault(Code.DEADLINE_EXCEEDED, "STATEMENT_TIMEOUT", ""), 1),
        (RemoteFault(Code.UNIMPLEMENTED, "NOT_YET_AVAILABLE", ""), 7),
        (RemoteFault(Code.INTERNAL, "INTERNAL", ""), 1),
        (OperationFailed("", reason="NOT_YET_AVAILABLE"), 1),
        (Unavailable(""), 6),
        (InvalidArgument(""), 4),
        (NotYetAvailable(""), 7),
        (AlreadyRunning(""), 5),
        (PortTaken(""), 5),
        (Fault(""), 1),
    ],
    ids=lambda value: value.reason if isinstance(value, Fault) else str(value),
)
def test_every_kind_of_fault_has_its_exit_code(fault: Fault, code: int) -> None:
    """Scripts branch on these numbers; they never change."""
    assert exit_code(fault) == code


def test_row_counts_are_read_as_people_write_them() -> None:
    """A million has too many zeros to count."""
    read = parse_rows(["a=1", "b=1_000", "c=2k", "d=3M", "e=0"])
    assert read == {"a": 1, "b": 1000, "c": 2000, "d": 3_000_000, "e": 0}


def test_every_rpc_is_found_by_all_of_its_names() -> None:
    """However a user has seen it written."""
    for rpc in all_rpcs():
        service = rpc.method.containing_service
        for name in (rpc.name, f"{service.full_name}/{rpc.method.name}", f"{rpc.service}/{rpc.method.name}".lower()):
            assert find_rpc(name).method is rpc.method


@dataclass
class _Page:
    entries: list[int]
    next_page_token: str


@pytest.mark.parametrize(
    ("limit", "expected", "more"), [(3, 3, True), (700, 700, True), (1200, 1200, False), (9999, 1200, False)]
)
async def test_pages_are_joined_up_to_the_limit(limit: int, expected: int, more: bool) -> None:
    """A list shows what was asked for, however the server pages."""

    async def fetch(size: int, token: str) -> _Page:
        start = int(token or 0)
        end = min(start + size, 1200)
        return _Page(list(range(start, end)), str(end) if end < 1200 else "")

    assert await collect(fetch, lambda page: page.entries, limit) == (list(range(expected)), more)


def test_figures_read_well() -> None:
    """Units that a person can compare."""
    assert figures.size(0) == "0 B"
    assert figures.size(1536) == "1.5 KiB"
    assert figures.size(5 << 40) == "5.0 TiB"
    assert figures.seconds(3.14159) == "3.14 s"
    assert figures.seconds(125) == "2 min 5 s"
    assert figures.rate(1000, 2) == "500 rows/s"
    assert figures.rate(1000, 0) == ""


def test_log_lines_are_made_readable_and_others_left_alone() -> None:
    """`up` is watched by people; whatever it cannot read it must not hide."""
    line = {"time": "2026-01-01T12:00:00.000+00:00", "level": "INFO", "message": "serving", "address": "a:1"}
    assert readable(json.dumps(line)) == "12:00:00 INFO serving address=a:1"
    assert readable(json.dumps(line | {"exception": "Trace"})).endswith("\nTrace")
    for other in ("Traceback (most recent call last):", "[1]", "null", "{}"):
        assert readable(other) == other


def _messages() -> list[ExecuteQueryResponse]:
    row = ListValue()
    row.extend([1.0, 2.5, 'x, "y"', None, True])
    columns = [ResultColumn(name=name) for name in ("n", "n", "t", "z", "b")]
    return [
        ExecuteQueryResponse(schema=ResultSchema(columns=columns)),
        ExecuteQueryResponse(json=JsonRows(rows=[row])),
        ExecuteQueryResponse(summary=ResultSummary(rows=1)),
    ]


async def _drained(sink: result.Sink, messages: list[ExecuteQueryResponse]) -> None:
    async def stream() -> AsyncIterator[ExecuteQueryResponse]:
        for message in messages:
            yield message

    await result.drain(stream(), sink)


async def _json(messages: list[ExecuteQueryResponse]) -> object:
    into = io.BytesIO()
    await _drained(result.JsonSink(Output(as_json=False), into), messages)
    return json.loads(into.getvalue())


async def test_json_rows_keep_columns_of_one_name_apart() -> None:
    """SELECT a.id, b.id must not lose one of the two."""
    assert await _json(_messages()) == [{"n": 1, "n_2": 2.5, "t": 'x, "y"', "z": None, "b": True}]


async def test_an_empty_json_result_is_an_empty_array() -> None:
    """Valid JSON, whatever the rows."""
    assert await _json([_messages()[0], _messages()[2]]) == []


async def test_a_query_that_fails_midway_is_a_failed_operation() -> None:
    """The rows that came before must not pass for the whole answer."""
    summary = ResultSummary()
    summary.failure.reason, summary.failure.message = "EXECUTION_FAILED", "division by zero"
    messages = [*_messages()[:2], ExecuteQueryResponse(summary=summary)]
    with pytest.raises(OperationFailed, match="division by zero"):
        await _drained(result.Collected(), messages)
