"""Downloads of query results through the gateway: over REST as files, over gRPC-web as messages."""

import gzip
import http.client
import io

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from dwsim.query.v1.query_service_pb2 import ExportQueryRequest
from dwsim.query.v1.query_service_pb2_grpc import QueryServiceStub
from dwsim.query.v1.result_pb2 import ResultSummary
from google.api.httpbody_pb2 import HttpBody

from dwsim_wire.client import open_channel, stream
from dwsim_wire.errors import RemoteFault
from tests.gateway.doors import Gateway

DDL = "CREATE TABLE numbers (n BIGINT PRIMARY KEY)"
SQL = "SELECT n, 'größer' AS word FROM numbers ORDER BY n LIMIT 3"
FAILING = "SELECT a.n, 1 / (a.n - (SELECT MAX(n) FROM numbers)) FROM numbers a ORDER BY a.n"
EXPORT = "/dwsim.query.v1.QueryService/ExportQuery"


@pytest.fixture
def numbers(gateway: Gateway, name: str) -> str:
    """A loaded experiment of one table."""
    gateway.rest("POST", "/api/experiments/import-sql", {"name": name, "sql": DDL})
    order = {"wait": True, "auto_load": False, "rows": {"numbers": 2000}}
    gateway.rest("POST", f"/api/experiments/{name}/generate", order)
    loaded = gateway.rest("POST", f"/api/experiments/{name}/load", {"wait": True, "target_warehouse": "SQLITE"})
    assert loaded.status == 200, loaded.body
    return name


def test_a_result_is_downloaded_as_a_file(gateway: Gateway, numbers: str) -> None:
    """A browser's link needs a type and a name, and a spreadsheet the bytes as they are."""
    path = f"/api/experiments/{numbers}/query/export"
    plain = gateway.rest("POST", path, {"sql": SQL, "format": "csv"})
    assert (plain.status, plain.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    assert plain.headers["content-disposition"] == f'attachment; filename="{numbers}.csv"'
    header, first, *_ = plain.body.decode().splitlines()
    assert plain.headers["dwsim-verdict"] == "EXACT"
    assert (header, first.partition(",")[2]) == ("n,word", "größer")
    packed = gateway.rest("POST", path, {"sql": SQL, "format": "CSV", "compression": "GZIP"})
    assert (packed.headers["content-type"], gzip.decompress(packed.body)) == ("application/gzip", plain.body)
    parquet = gateway.rest("POST", path, {"sql": SQL, "format": "PARQUET"}).body
    assert pq.read_table(pa.BufferReader(parquet)).num_rows == 3
    workbook = gateway.rest("POST", path, {"sql": SQL, "format": "EXCEL"}).body
    assert openpyxl.load_workbook(io.BytesIO(workbook)).active.max_row == 4
    nowhere = gateway.rest("POST", "/api/query/export", {"sql": "SELECT 1 AS one"})
    assert (nowhere.body, 'filename="query.csv"' in nowhere.headers["content-disposition"]) == (b"one\n1\n", True)


def test_a_download_that_cannot_begin_is_an_error_with_its_status(gateway: Gateway, numbers: str) -> None:
    """Not a file that holds an error."""
    path = f"/api/experiments/{numbers}/query/export"
    unknown = gateway.rest("POST", path, {"sql": "SELECT nope FROM numbers"})
    assert (unknown.status, unknown.reason) == (404, "UNKNOWN_COLUMN")
    odd = gateway.rest("POST", path, {"sql": SQL, "format": "EXCEL", "compression": "GZIP"})
    assert (odd.status, odd.reason) == (400, "INVALID_ARGUMENT")


def test_a_download_that_fails_midway_is_broken_off(gateway: Gateway, numbers: str) -> None:
    """A short CSV looks like a whole one: the connection must say that it is not."""
    with gateway.opened("POST", f"/api/experiments/{numbers}/query/export", {"sql": FAILING}) as response:
        assert response.status == 200
        with pytest.raises((http.client.IncompleteRead, ConnectionError)):
            response.read()


def test_a_file_comes_over_grpc_web_too(gateway: Gateway, numbers: str) -> None:
    """The browser's page downloads by its stubs."""
    answer = gateway.web(EXPORT, ExportQueryRequest(experiment=numbers, sql=SQL))
    assert answer.message is not None
    body = HttpBody.FromString(answer.message)
    assert (body.content_type, body.data[:7]) == ("text/csv; charset=utf-8", b"n,word\n")


async def test_a_file_comes_over_grpc_with_its_summary(gateway: Gateway, numbers: str) -> None:
    """A client in any language learns rows and verdict, and why a file ended early."""
    async with open_channel(gateway.address) as channel:
        call = QueryServiceStub(channel).ExportQuery(ExportQueryRequest(experiment=numbers, sql=SQL))
        data = b"".join([body.data async for body in call])
        packed = dict(await call.trailing_metadata() or ())["dwsim-summary-bin"]
        assert isinstance(packed, bytes)
        assert (len(data.splitlines()), ResultSummary.FromString(packed).rows) == (4, 3)
        request = ExportQueryRequest(experiment=numbers, sql=FAILING)
        with pytest.raises(RemoteFault) as failed:
            async for _ in stream(QueryServiceStub(channel).ExportQuery, request):
                pass
        assert failed.value.reason == "EXECUTION_FAILED"
