"""Warehouse files that are dropped or harmed while somebody reads them."""

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest
from dwsim.query.v1 import query_service_pb2 as pb

from dwsim_wire.client import stream
from dwsim_wire.errors import RemoteFault
from tests.query_svc.conftest import NAMESPACE, RunningQuery

ROWS = 400_000
EVERY_ROW = pb.ExecuteQueryRequest(
    experiment="shop", sql="SELECT order_id, status FROM orders", format=pb.ExecuteQueryRequest.ARROW
)


@pytest.fixture
def file(query: RunningQuery) -> Path:
    """The shop's file, with more orders than lie between the service and its client."""
    path = query.data_dir / "warehouses" / NAMESPACE
    with sqlite3.connect(path) as database:
        database.execute(
            "WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
            " INSERT INTO orders (order_id, status) SELECT i, 'filler filler filler' FROM n",
            (ROWS,),
        )
        database.commit()
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return path


def drop(file: Path) -> None:
    """Delete a file as the loader does."""
    for suffix in ("", "-wal", "-shm"):
        Path(f"{file}{suffix}").unlink(missing_ok=True)


def harm(file: Path) -> None:
    """Overwrite the second half of a file."""
    size = file.stat().st_size
    with file.open("r+b") as harmed:
        harmed.seek(size // 2)
        harmed.write(b"\xff" * (size - size // 2))


async def rest_of(messages: AsyncIterator[pb.ExecuteQueryResponse]) -> tuple[int, str]:
    """Rows that still come, and the reason of the failure that ends them."""
    rows, reason = 0, ""
    async for message in messages:
        rows += message.arrow.row_count
        reason = message.summary.failure.reason or reason
    return rows, reason


async def test_a_file_that_is_dropped_in_the_middle_of_a_result_ends_it_clearly(
    query: RunningQuery, file: Path
) -> None:
    """What was open stays readable on this system; elsewhere the fault must name the warehouse, not be a defect."""
    messages = stream(query.stub.ExecuteQuery, EVERY_ROW, timeout=60)
    await anext(messages)
    drop(file)
    rows, reason = await rest_of(messages)
    assert (rows, reason) == (ROWS - 9 + 5, "") or reason == "WAREHOUSE_UNAVAILABLE"
    with pytest.raises(RemoteFault) as gone:
        await query.run("SELECT COUNT(*) FROM orders")
    assert (gone.value.code, gone.value.reason) == (grpc.StatusCode.UNAVAILABLE, "WAREHOUSE_UNAVAILABLE")


async def test_a_file_that_is_harmed_in_the_middle_of_a_result_ends_it_clearly(query: RunningQuery, file: Path) -> None:
    """The rows that came are right, and the summary says that they are not all."""
    messages = stream(query.stub.ExecuteQuery, EVERY_ROW, timeout=60)
    await anext(messages)
    harm(file)
    rows, reason = await rest_of(messages)
    assert rows < ROWS
    assert reason == "WAREHOUSE_UNAVAILABLE"
