"""Values that lose something on a careless way: as pages, as a stream and as a file, from PostgreSQL."""

import json
import math
from typing import Any

import pytest
from dwsim.common.v1.sql_dialect_pb2 import SqlDialect
from dwsim.query.v1 import query_service_pb2 as pb

from dwsim_wire.client import stream
from dwsim_wire.errors import RemoteFault
from tests.query_svc.conftest import RunningQuery

pytestmark = pytest.mark.asyncio(loop_scope="module")
POSTGRES = SqlDialect.POSTGRES
NESTED = '{"a": [1, {"b": null}], "n": 12345678901234567890.5}'
VALUES: dict[str, Any] = {
    "'NaN'::float8": "NaN",
    "'-Infinity'::float8": "-Infinity",
    "0.1::float8": 0.1,
    "9223372036854775807::bigint": "9223372036854775807",
    "(-9007199254740993)::bigint": "-9007199254740993",
    "9007199254740992::bigint": 9007199254740992,
    "12345678901234567890.0123456789::numeric(38,10)": "12345678901234567890.0123456789",
    "0::numeric(12,10)": "0.0000000000",
    "'12024-02-29'::date": "12024-02-29",
    "'2024-02-29 23:59:59.5'::timestamp": "2024-02-29 23:59:59.500000",
    "'2024-02-29 12:00:00+02'::timestamptz": "2024-02-29 10:00:00+00:00",
    "'23:59:59.999999'::time": "23:59:59.999999",
    r"'\x00ff'::bytea": "AP8=",
    f"'{NESTED}'::jsonb": NESTED,
    "E'two\\nlines, \"quoted\"'": 'two\nlines, "quoted"',
    "''::text": "",
    "NULL::int": None,
    "true": True,
}
SQL = "SELECT " + ", ".join(f"{value} AS c{place}" for place, value in enumerate(VALUES))


async def test_pages_and_streams_have_every_digit(kept_query: RunningQuery) -> None:
    """JavaScript has doubles alone, and years beyond 9999 are no error."""
    expected = list(VALUES.values())
    assert await kept_query.rows(SQL, dialect=POSTGRES) == [expected]
    assert (await kept_query.execute(SQL, dialect=POSTGRES)).rows == [expected]


async def test_files_have_every_digit(kept_query: RunningQuery) -> None:
    """JSON Lines are as the stream, but JSON is JSON."""
    request = pb.ExportQueryRequest(
        experiment="shop", sql=SQL, dialect=POSTGRES, format=pb.ExportQueryRequest.JSON_LINES
    )
    data = b"".join([body.data async for body in stream(kept_query.stub.ExportQuery, request)])
    expected = [json.loads(value) if value == NESTED else value for value in VALUES.values()]
    assert list(json.loads(data).values()) == expected
    assert NESTED.encode() in data, "a number in JSON keeps its digits"


async def test_arrow_has_types_of_its_own(kept_query: RunningQuery) -> None:
    """No text where Arrow has a type."""
    table = (await kept_query.execute(SQL, dialect=POSTGRES, format=pb.ExecuteQueryRequest.ARROW)).table
    assert table is not None
    assert [str(field.type) for field in table.schema][:11] == [
        *("double", "double", "double", "int64", "int64", "int64", "decimal128(38, 10)", "decimal128(12, 10)"),
        *("date32[day]", "timestamp[us]", "timestamp[us, tz=UTC]"),
    ]
    assert math.isnan(table.column(0)[0].as_py())


async def test_pages_whose_time_is_over_say_so(kept_query: RunningQuery, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer that begins anew in the middle would be worse."""
    first = await kept_query.run("SELECT order_id FROM orders ORDER BY 1", page_size=2)
    for token, hint in [(first.next_page_token, "run the query again"), ("AAAA", "")]:
        monkeypatch.setattr("query_svc.worker.kept.KEPT_SECONDS", -1.0)
        with pytest.raises(RemoteFault) as lost:
            await kept_query.run("", page_token=token, page_size=2)
        assert (lost.value.reason, hint in lost.value.hint) == ("INVALID_PAGE_TOKEN", True)
