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
    dropped = gateway.rest("POST", stream.removesuffix("/stream"), {"sql": "CREATE TABLE t (a INT)", **facts})
    assert (dropped.status, dropped.reason) == (403, "WRITE_REFUSED"), "RunQuery has no allow_writes"
    assert b"ExecuteQuery with allow_writes" in dropped.body
    shown = gateway.rest("POST", stream.replace("stream", "translate"), {"sql": "CREATE TABLE t AS SELECT 1 AS a"})
    assert b"CREATE TABLE in the scratch" in shown.body
    answer = gateway.web("/dwsim.query.v1.QueryService/ListScratches", ListScratchesRequest())
    listed = ListScratchesResponse.FromString(answer.message or b"")
    assert "rest" in [scratch.name for scratch in listed.scratches]
    gone = gateway.rest("DELETE", f"/api/experiments/{numbers}/scratches/rest")
    assert (gone.status, json.loads(gone.body)["scratch"]["name"]) == (200, "rest")
    again = gateway.rest("DELETE", f"/api/experiments/{numbers}/scratches/rest")
    assert (again.status, again.reason) == (404, "UNKNOWN_SCRATCH")


def test_files_are_unloaded_and_copied_over_rest(gateway: Gateway, numbers: str) -> None:
    """A scheduler that speaks HTTP alone runs the two halves of an extract."""
    stream = f"/api/experiments/{numbers}/query/stream"
    facts = {"scratch": "files", "allow_writes": True}

    def run(sql: str) -> list[list[object]]:
        answer = gateway.rest("POST", stream, {"sql": sql, **facts})
        assert answer.status == 200, answer.body
        messages = [json.loads(line) for line in answer.body.splitlines()]
        return [row for message in messages if message.get("json") for row in message["json"]["rows"]]

    few = "SELECT n FROM numbers WHERE n < 4"
    files = run(f"UNLOAD ('{few}') TO 's3://lake/rest/' FORMAT CSV ALLOWOVERWRITE")
    assert [row[0] for row in files] == ["s3://lake/rest/0000_part_00"]
    run("CREATE TABLE back (n BIGINT)")
    assert run("COPY back FROM 's3://lake/rest/' CSV") == [[files[0][1]]]
    assert run(f"SELECT n FROM back MINUS {few}") == []
    missing = gateway.rest("POST", stream, {"sql": "COPY back FROM 's3://lake/none/' CSV", **facts})
    assert (missing.status, missing.reason) == (404, "FILE_NOT_FOUND")
    gateway.rest("DELETE", f"/api/experiments/{numbers}/scratches/files")
