"""Streams arrive while they are made: JSON a line for curl, server-sent events for web pages, and their errors."""

import json
from collections.abc import Iterator
from http.client import HTTPResponse

import pytest

from tests.gateway.doors import Gateway
from tests.mesh.shop import SHOP

EVENTS = "text/event-stream"
ROWS = {"orders": 400_000, "order_items": 1_200_000}


@pytest.fixture
def run(gateway: Gateway, name: str) -> Iterator[int]:
    """A run that is still at work when its first message arrives."""
    gateway.rest("POST", "/api/experiments/import-sql", {"name": name, "sql": SHOP})
    order = {"rows": ROWS, "batch_rows": 2_000, "auto_load": False}
    run_id: int = gateway.rest("POST", f"/api/experiments/{name}/generate", order).json["run_id"]
    yield run_id
    gateway.rest("POST", f"/api/runs/{run_id}/abort", {})


def documents(response: HTTPResponse, prefix: bytes) -> Iterator[dict[str, dict[str, object]]]:
    for line in response:
        if line.strip():
            assert line.startswith(prefix)
            yield json.loads(line.removeprefix(prefix))


@pytest.mark.parametrize(
    ("accept", "content_type", "prefix"), [("*/*", "application/x-ndjson", b""), (EVENTS, EVENTS, b"data: ")]
)
def test_a_run_is_watched_while_it_runs(
    accept: str, content_type: str, prefix: bytes, gateway: Gateway, run: int
) -> None:
    """A progress bar that jumps from nothing to the end is none."""
    with gateway.opened("GET", f"/api/runs/{run}/watch", accept=accept) as response:
        assert response.status == 200
        assert response.getheader("content-type") == content_type
        watched = documents(response, prefix)
        first = next(watched)
        assert first["run"]["state"] in {"PENDING", "RUNNING"}
        gateway.rest("POST", f"/api/runs/{run}/abort", {})
        assert [last["run"]["state"] for last in watched][-1] == "ABORTED", "the last message tells how it ended"


@pytest.mark.parametrize("accept", ["*/*", EVENTS])
def test_a_stream_that_cannot_begin_is_an_error_with_its_status(accept: str, gateway: Gateway) -> None:
    """Not 200 with an empty body."""
    answer = gateway.rest("GET", "/api/runs/99999/watch", accept=accept)
    assert (answer.status, answer.reason) == (404, "UNKNOWN_RUN")


def test_a_result_is_streamed_by_lines(gateway: Gateway, name: str) -> None:
    """Schema, rows, summary: `jq` reads them one by one."""
    gateway.rest("POST", "/api/experiments/import-sql", {"name": name, "sql": "CREATE TABLE t (a INT PRIMARY KEY)"})
    gateway.rest("POST", f"/api/experiments/{name}/generate", {"wait": True, "auto_load": False})
    gateway.rest("POST", f"/api/experiments/{name}/load", {"wait": True})
    order = {"sql": "SELECT a FROM t ORDER BY a LIMIT 3"}
    with gateway.opened("POST", f"/api/experiments/{name}/query/stream", order) as response:
        kinds = [next(iter(document)) for document in documents(response, b"")]
    assert kinds == ["schema", "json", "summary"]


def test_a_client_that_leaves_ends_its_stream(gateway: Gateway) -> None:
    """Closed pages must not leave streams behind: sixteen in a row are no more than one at a time."""
    for _ in range(16):
        with gateway.opened("GET", "/api/events?follow=true") as response:
            assert response.status == 200
            response.readline()
