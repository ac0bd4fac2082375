"""Scratches over REST and gRPC-web, through the gateway."""

import json

from dwsim.query.v1.query_service_pb2 import ListScratchesRequest, ListScratchesResponse

from tests.gateway.doors import Gateway
from tests.gateway.test_query_files import numbers

__all__ = ["numbers"]


def test_a_scratch_is_written_read_listed_and_dropped(gateway: Gateway, numbers: str) -> None:
    """A tool without gRPC works in a session too."""
    stream = f"/api/experiments/{numbers}/query/stream"
    facts = {"scratch": "rest", "allow_writes": True}
    made = gateway.rest("POST", stream, {"sql": "CREATE TABLE few AS SELECT n FROM numbers LIMIT 3", **facts})
    messages = [json.loads(line) for line in made.body.splitlines()]
    assert [m["json"]["rows"] for m in messages if m.get("json")] == [[[3]]]
    read = {"sql": "SELECT COUNT(*) FROM few", "scratch": "rest"}
    assert json.loads(gateway.rest("POST", f"/api/experiments/{numbers}/query", read).body)["rows"] == [[3]]
    refused = gateway.rest("POST", stream, {"sql": "DELETE FROM numbers", **facts})
    assert (refused.status, refused.reason) == (403, "WRITE_REFUSED")
    answer = gateway.web("/dwsim.query.v1.QueryService/ListScratches", ListScratchesRequest())
    listed = ListScratchesResponse.FromString(answer.message or b"")
    assert "rest" in [scratch.name for scratch in listed.scratches]
    gone = gateway.rest("DELETE", f"/api/experiments/{numbers}/scratches/rest")
    assert (gone.status, json.loads(gone.body)["scratch"]["name"]) == (200, "rest")
    again = gateway.rest("DELETE", f"/api/experiments/{numbers}/scratches/rest")
    assert (again.status, again.reason) == (404, "UNKNOWN_SCRATCH")
