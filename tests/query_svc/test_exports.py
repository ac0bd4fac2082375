"""Results as files: every format read back by a reader of its own, equal to the rows of ExecuteQuery."""

import asyncio
import contextlib
import csv
import gzip
import io
import json
import tempfile
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import grpc
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import pytest_asyncio
from dwsim.query.v1 import query_service_pb2 as pb
from dwsim.query.v1.query_pb2 import Query
from dwsim.query.v1.result_pb2 import ResultSummary
from dwsim.query.v1.translation_pb2 import Translation
from google.api import httpbody_pb2

from dwsim_wire.client import stream
from dwsim_wire.errors import RemoteFault
from query_svc.worker.files import FORMATS
from tests.query_svc.conftest import NAMESPACE, RunningQuery, running
from tests.query_svc.loader_stand_in import LoaderStandIn, place
from tests.query_svc.test_running import LONG, WIDE, history, known

pytestmark = pytest.mark.asyncio(loop_scope="module")
Format = pb.ExportQueryRequest
ALL = "SELECT * FROM orders ORDER BY order_id"
VALUES = """
SELECT order_id AS id, note, status, raw, units, total, ordered_at, CAST(ordered_at AS DATE) AS day, total > 1 AS big,
  CAST(weight / 3 AS DOUBLE PRECISION) AS part, '' AS empty, 'a "b",' || CHR(10) || 'c' AS odd, NULL AS none
FROM orders ORDER BY order_id
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def query(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningQuery]:
    """One service for all tests here, which change nothing."""
    async with standing_in() as loader, running(tmp_path_factory.mktemp("exports") / "data", loader) as started:
        yield started


@contextlib.asynccontextmanager
async def standing_in() -> AsyncIterator[LoaderStandIn]:
    loader = LoaderStandIn()  # type: ignore[abstract]  # the query service calls no other rpc
    await loader.start()
    loader.places["shop"] = place("shop", NAMESPACE)
    yield loader
    await loader.stop()


@dataclass
class File:
    """A whole file, and what came around it."""

    data: bytes
    content_type: str
    disposition: str
    summary: ResultSummary


async def export(query: RunningQuery, sql: str, to: int = Format.CSV, **facts: Any) -> File:
    """Read an export to its end."""
    request = Format(experiment="shop", sql=sql, format=Format.Format.ValueType(to), **facts)
    call = query.stub.ExportQuery(request, timeout=60)
    bodies: list[httpbody_pb2.HttpBody] = [body async for body in call]
    metadata = dict(await call.initial_metadata() or ())
    trailers = dict(await call.trailing_metadata() or ())
    packed = trailers["dwsim-summary-bin"]
    assert isinstance(packed, bytes)
    summary = ResultSummary.FromString(packed)
    assert metadata["dwsim-query-id"] == summary.query_id
    assert metadata["dwsim-verdict"] == Translation.Verdict.Name(summary.verdict)
    data = b"".join(body.data for body in bodies)
    return File(data, bodies[0].content_type, str(metadata["content-disposition"]), summary)


async def refused(query: RunningQuery, sql: str, to: int = Format.CSV, **facts: Any) -> RemoteFault:
    """Fault of an export."""
    request = Format(experiment="shop", sql=sql, format=Format.Format.ValueType(to), **facts)
    with pytest.raises(RemoteFault) as raised:
        async for _ in stream(query.stub.ExportQuery, request, timeout=60):
            pass
    return raised.value


def sheet(data: bytes) -> list[list[Any]]:
    """Cells of a workbook."""
    return [list(row) for row in openpyxl.load_workbook(io.BytesIO(data)).active.iter_rows(values_only=True)]


def unzstd(data: bytes) -> bytes:
    return bytes(pa.CompressedInputStream(pa.BufferReader(data), "zstd").read())


async def test_csv_has_a_header_and_quotes_where_they_are_needed(query: RunningQuery) -> None:
    """NULL and an empty text must stay two things, and a line break must not end a row."""
    file = await export(query, VALUES)
    assert file.content_type == "text/csv; charset=utf-8"
    assert file.disposition == 'attachment; filename="shop.csv"'
    lines = file.data.decode().split("\n")
    assert lines[0] == "id,note,status,raw,units,total,ordered_at,day,big,part,empty,odd,none"
    first = '1,"{""a"": 1}",paid,AP8=,3,100.10,2024-01-31 10:00:00,2024-01-31,true,0.5,"","a ""b"",'
    assert lines[1:3] == [first, 'c",']
    rows = list(csv.reader(io.StringIO(file.data.decode())))
    assert len(rows) == 6
    assert rows[2][4] == "9007199254740993"
    assert (file.summary.rows, file.summary.truncated) == (5, False)


async def test_json_lines_have_the_values_of_json_rows_and_json_as_json(query: RunningQuery) -> None:
    """Whoever reads lines with JavaScript must not lose digits."""
    file = await export(query, VALUES, Format.JSON_LINES)
    rows = [json.loads(line) for line in file.data.decode().splitlines()]
    answered = await query.execute(VALUES)
    names = [column.name for column in answered.schema.columns]
    for row, values in zip(rows, answered.rows, strict=True):
        expected = dict(zip(names, values, strict=True))
        note = expected.pop("note")
        assert row.pop("note") == (None if note is None else json.loads(note))
        assert row == expected
    assert rows[1]["units"] == "9007199254740993"
    assert file.content_type == "application/x-ndjson"


@pytest.mark.parametrize("compression", [Format.NONE, Format.GZIP, Format.ZSTD, Format.COMPRESSION_UNSPECIFIED])
async def test_parquet_is_the_arrow_result(query: RunningQuery, compression: Any) -> None:
    """Types and values as ExecuteQuery has them; the compression is that of the pages."""
    file = await export(query, ALL, Format.PARQUET, compression=compression)
    answered = (await query.execute(ALL, format=pb.ExecuteQueryRequest.ARROW)).table
    assert pq.read_table(pa.BufferReader(file.data)).equals(answered)
    used = pq.ParquetFile(pa.BufferReader(file.data)).metadata.row_group(0).column(0).compression
    assert used == {Format.NONE: "UNCOMPRESSED", Format.GZIP: "GZIP"}.get(compression, "ZSTD")
    assert file.disposition.endswith('"shop.parquet"')


@pytest.mark.parametrize(
    ("to", "open_file"), [(Format.ARROW, pa.ipc.open_stream), (Format.ARROW_FILE, pa.ipc.open_file)]
)
@pytest.mark.parametrize("compression", [Format.NONE, Format.ZSTD])
async def test_arrow_is_the_arrow_result(query: RunningQuery, to: int, open_file: Any, compression: Any) -> None:
    """As a stream for pipes, as a file for random access."""
    file = await export(query, ALL, to, compression=compression)
    answered = (await query.execute(ALL, format=pb.ExecuteQueryRequest.ARROW)).table
    assert open_file(pa.BufferReader(file.data)).read_all().equals(answered)


async def test_excel_has_numbers_and_days_and_text_where_a_cell_has_too_few_digits(query: RunningQuery) -> None:
    """A workbook that rounds an order number is worse than none."""
    header, first, second, *_ = sheet((await export(query, VALUES, Format.EXCEL)).data)
    assert header[:4] == ["id", "note", "status", "raw"]
    assert first[:6] == [1, '{"a": 1}', "paid", "AP8=", 3, 100.1]
    assert first[6:10] == [datetime(2024, 1, 31, 10), datetime(2024, 1, 31), True, 0.5]
    assert second[4] == "9007199254740993"
    formula = await export(query, "SELECT '=1+1' AS f, DATE '1800-01-01' AS old", Format.EXCEL)
    assert sheet(formula.data)[1] == ["=1+1", "1800-01-01"]


@pytest.mark.parametrize("to", [Format.CSV, Format.JSON_LINES])
@pytest.mark.parametrize(
    ("compression", "suffix", "unpack"), [(Format.GZIP, ".gz", gzip.decompress), (Format.ZSTD, ".zst", unzstd)]
)
async def test_text_is_compressed_where_asked(
    query: RunningQuery, to: int, compression: Any, suffix: str, unpack: Callable[[bytes], bytes]
) -> None:
    """A file of its own kind, with the name that says so."""
    plain, packed = await export(query, ALL, to), await export(query, ALL, to, compression=compression)
    assert unpack(packed.data) == plain.data
    assert packed.disposition.endswith(f'{suffix}"')


@pytest.mark.parametrize("name", list(FORMATS))
async def test_no_rows_are_a_whole_file_too(query: RunningQuery, name: str) -> None:
    """An empty day is no error, and its columns are still known."""
    file = await export(query, "SELECT order_id, note FROM orders WHERE order_id < 0", Format.Format.Value(name))
    assert file.summary.rows == 0
    if name == "CSV":
        assert file.data == b"order_id,note\n"
    if name == "PARQUET":
        assert pq.read_schema(pa.BufferReader(file.data)).names == ["order_id", "note"]
    if name == "EXCEL":
        assert sheet(file.data) == [["order_id", "note"]]


async def test_columns_of_one_name_stay_apart(query: RunningQuery) -> None:
    """`SELECT a.id, b.id` is ordinary; a dict keeps one of them."""
    sql = "SELECT 1 AS a, 2 AS a, 3 AS a_2"
    assert json.loads((await export(query, sql, Format.JSON_LINES)).data) == {"a": 1, "a_2": 2, "a_2_2": 3}
    parquet = pq.read_table(pa.BufferReader((await export(query, sql, Format.PARQUET)).data))
    assert parquet.to_pylist() == [{"a": 1, "a_2": 2, "a_2_2": 3}]


async def test_a_limit_of_the_call_cuts_and_says_so_and_one_of_the_server_fails(tmp_path: Path) -> None:
    """Nothing in a file tells that rows are missing."""
    async with standing_in() as loader, running(tmp_path / "data", loader, query_max_rows=3) as query:
        cut = await export(query, ALL, limits=pb.QueryLimits(max_rows=2))
        assert (cut.summary.truncated, cut.summary.rows) == (True, 2)
        fault = await refused(query, ALL)
        assert (fault.code, fault.reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "RESULT_TOO_LARGE")
        wanted = pb.QueryLimits(max_rows=2, fail_when_exceeded=True)
        for limits in (wanted, pb.QueryLimits(max_rows=10), pb.QueryLimits(max_bytes=1 << 40)):
            asked = await refused(query, ALL, limits=limits)
            assert asked.reason == "RESULT_TOO_LARGE", limits
    async with standing_in() as loader, running(tmp_path / "data", loader, query_max_bytes=100) as query:
        assert (await refused(query, ALL, limits=pb.QueryLimits(max_rows=4))).reason == "RESULT_TOO_LARGE"
        cut = await export(query, ALL, limits=pb.QueryLimits(max_rows=1))
        assert (cut.summary.truncated, cut.summary.rows) == (True, 1)


async def test_what_a_format_cannot_do_is_refused_by_name(query: RunningQuery) -> None:
    """Before the statement runs, where it can be known then."""
    for to, compression in [(Format.EXCEL, Format.GZIP), (Format.ARROW, Format.GZIP), (Format.CSV, 99), (77, 0)]:
        fault = await refused(query, ALL, to, compression=compression)
        assert fault.reason == "INVALID_ARGUMENT"
    assert (await refused(query, "SELECT nope FROM orders")).reason == "UNKNOWN_COLUMN"
    long = "SELECT REPEAT('x', 32768) AS filler"
    fault = await refused(query, long, Format.EXCEL)
    assert (fault.reason, "32,767 characters" in fault.message) == ("RESULT_TOO_LARGE", True)


async def test_more_rows_than_a_sheet_has_are_refused_by_name(
    query: RunningQuery, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A workbook that lacks rows would be believed."""
    monkeypatch.setattr("query_svc.worker.files.excel.MOST_ROWS", 5)
    monkeypatch.setattr(tempfile, "tempdir", str(query.data_dir))
    fault = await refused(query, ALL, Format.EXCEL)
    assert (fault.reason, "Excel" in fault.message, "PARQUET" in fault.hint) == ("RESULT_TOO_LARGE", True, True)
    assert not list(query.data_dir.glob("dwsim-export-*")), "the temporary files are gone"


async def test_a_client_that_leaves_ends_its_export(query: RunningQuery) -> None:
    """A download that is broken off must not run on in the warehouse."""
    for sql, query_id in [(WIDE, "midway"), (LONG, "early")]:
        request = Format(experiment="shop", sql=sql, query_id=query_id)
        pieces = stream(query.stub.ExportQuery, request)
        if sql is WIDE:
            await anext(pieces)
            await pieces.aclose()
        else:
            waiting = asyncio.create_task(anext(pieces))
            await known(query, query_id)
            waiting.cancel()
        assert (await history(query, query_id)).state == Query.CANCELLED


async def test_a_failure_midway_is_an_error_and_not_a_short_file(query: RunningQuery) -> None:
    """The last row may be the one that divides by zero."""
    sql = "SELECT 10 / (5 - order_id) AS q FROM orders ORDER BY order_id"
    fault = await refused(query, sql)
    assert fault.reason == "EXECUTION_FAILED", fault.message
    assert "zero" in fault.message


async def test_decimals_have_all_digits_of_their_scale(query: RunningQuery) -> None:
    """Money is compared as text."""
    sql = "SELECT CAST(0.0000000001 AS DECIMAL(18,10)) AS small, CAST(5 AS DECIMAL(12,2)) AS whole"
    assert (await export(query, sql)).data == b"small,whole\n0.0000000001,5.00\n"
    [row] = pq.read_table(pa.BufferReader((await export(query, sql, Format.PARQUET)).data)).to_pylist()
    assert row == {"small": Decimal("0.0000000001"), "whole": Decimal("5.00")}
