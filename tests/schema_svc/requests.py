"""What tests of the door ask for."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import grpc
import pytest
from dwsim.schema.v1 import schema_service_pb2 as pb
from dwsim.schema.v1.schema_service_pb2_grpc import SchemaServiceStub

from dwsim_wire.client import call
from dwsim_wire.errors import RemoteFault

SQL = "CREATE TABLE t (id INT PRIMARY KEY, name VARCHAR(10));"


async def import_sql(schema: SchemaServiceStub, name: str, sql: str = SQL, **more: object) -> pb.ImportSqlResponse:
    """Import a small text."""
    return await call(schema.ImportSql, pb.ImportSqlRequest(name=name, sql=sql, **more))  # type: ignore[arg-type]  # fields of the request


@contextlib.contextmanager
def refused(code: grpc.StatusCode, reason: str) -> Iterator[pytest.ExceptionInfo[RemoteFault]]:
    """Expect an error with this code and reason."""
    with pytest.raises(RemoteFault) as caught:
        yield caught
    assert (caught.value.code, caught.value.reason) == (code, reason)


async def eventually(holds: Callable[[], Awaitable[bool]], seconds: float = 60) -> None:
    """Wait until a condition holds."""
    deadline = time.monotonic() + seconds
    while not await holds():
        assert time.monotonic() < deadline, "the condition never held"
        await asyncio.sleep(0.02)


async def pages(schema: SchemaServiceStub, size: int) -> AsyncIterator[pb.ListExperimentsResponse]:
    """All pages of the list."""
    token = ""
    while True:
        page = await call(schema.ListExperiments, pb.ListExperimentsRequest(page_size=size, page_token=token))
        yield page
        token = page.next_page_token
        if not token:
            return
