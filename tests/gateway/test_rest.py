"""REST by its documented bodies: the main job with curl alone, and how errors read."""

from pathlib import Path

import pytest

from tests.gateway.doors import Gateway
from tests.mesh.shop import ROWS, SHOP
from tests.processes import Mesh

MIB = 1 << 20


@pytest.fixture
def shop(gateway: Gateway, name: str) -> str:
    """An experiment of four tables."""
    made = gateway.rest("POST", "/api/experiments/import-sql", {"name": name, "sql": SHOP, "table_rows": ROWS})
    assert made.status == 200, made.body
    return name


def test_the_main_job_needs_nothing_but_http(gateway: Gateway, shop: str, tmp_path: Path) -> None:
    """Import, generate, wait, load, ask: the paths and bodies that the contract documents."""
    order = {"rows": {"customers": 40}, "seed": 7, "output_dir": str(tmp_path / "out"), "wait": True}
    made = gateway.rest("POST", f"/api/experiments/{shop}/generate", order).json
    assert isinstance(made["run_id"], int)
    assert made["status"] == "COMPLETED"
    assert made["row_counts"]["customers"] == "40"
    assert all(Path(path.removeprefix("file://")).is_file() for path in made["file_paths"])
    assert made["run"]["seed"] == "7"
    loaded = gateway.rest("POST", f"/api/experiments/{shop}/load", {"wait": True}).json
    assert (loaded["status"], loaded["load"]["run_id"]) == ("COMPLETED", made["run_id"])
    answer = gateway.rest("POST", f"/api/experiments/{shop}/query", {"sql": "SELECT COUNT(*) AS n FROM customers"})
    assert answer.json["columns"][0]["name"] == "n"
    assert answer.json["rows"] == [[40]]


def test_rejects_are_listed_and_replayed_by_their_documented_paths(gateway: Gateway, shop: str) -> None:
    """A load that may skip rows, of a run that has no bad ones."""
    gateway.rest("POST", f"/api/experiments/{shop}/generate", {"wait": True, "auto_load": False})
    order = {"wait": True, "on_error": "SKIP_ROW", "max_errors": 5, "schema_drift": "IGNORE_EXTRA"}
    load = gateway.rest("POST", f"/api/experiments/{shop}/load", order).json["load"]
    assert (load["state"], load["on_error"], load["schema_drift"]) == ("COMPLETED", "SKIP_ROW", "IGNORE_EXTRA")
    assert not any(table["duplicates"] for table in load["tables"])
    listed = gateway.rest("GET", f"/api/loads/{load['load_id']}/rejects?page_size=10")
    assert (listed.status, listed.json["rejects"], listed.json["next_page_token"]) == (200, [], "")
    batches = gateway.rest("GET", f"/api/loads/{load['load_id']}/batches?table=customers").json["batches"]
    assert [(batch["staged"], batch["rows"], batch["attempts"]) for batch in batches] == [(True, "400", 1)]
    refused = gateway.rest("POST", f"/api/loads/{load['load_id']}/rejects/replay")
    assert (refused.status, refused.reason) == (400, "NO_REJECTS")
    wrong = gateway.rest("POST", f"/api/experiments/{shop}/load", {"max_errors": -1})
    assert (wrong.status, wrong.reason) == (400, "INVALID_ARGUMENT")


def test_a_run_is_checked_by_get(gateway: Gateway, shop: str) -> None:
    """The quality report as JSON, and why there is none."""
    made = gateway.rest("POST", f"/api/experiments/{shop}/generate", {"wait": True, "auto_load": False}).json
    checked = gateway.rest("GET", f"/api/runs/{made['run_id']}/check")
    assert (checked.status, checked.json["passed"], checked.json["violations"]) == (200, True, "0")
    assert {table["table"] for table in checked.json["tables"]} == set(made["row_counts"])
    assert {check["kind"] for table in checked.json["tables"] for check in table["checks"]} >= {"UNIQUE", "REFERENCE"}
    unknown = gateway.rest("GET", "/api/runs/999999/check")
    assert (unknown.status, unknown.reason) == (404, "UNKNOWN_RUN")


def test_a_generation_needs_no_body(gateway: Gateway, shop: str) -> None:
    """`curl -X POST …/generate` is enough."""
    started = gateway.rest("POST", f"/api/experiments/{shop}/generate")
    assert started.status == 200, started.body
    assert started.json["status"] in {"PENDING", "RUNNING"}
    assert {table: int(rows) for table, rows in started.json["row_counts"].items()} == ROWS


def test_a_change_set_is_asked_for_by_its_documented_body(gateway: Gateway, shop: str) -> None:
    """The body of docs/changes.md, by curl."""
    path = f"/api/experiments/{shop}/generate"
    assert gateway.rest("POST", path, {"wait": True, "auto_load": False}).json["status"] == "COMPLETED"
    changes = {"insert_fraction": 0.5, "update_fraction": 0, "delete_fraction": 0, "output": "CDC_FEED"}
    changes |= {"tables": {"products": {"insert_fraction": 0}}}
    run = gateway.rest("POST", path, {"kind": "CHANGE_SET", "changes": changes, "wait": True}).json["run"]
    assert (run["kind"], run["version"], run["change_output"]) == ("CHANGE_SET", 1, "CDC_FEED")
    rows = {table["name"]: int(table["rows"]) for table in run["tables"]}
    assert rows == {name: 0 if name == "products" else count // 2 for name, count in ROWS.items()}
    refused = gateway.rest("POST", path, {"kind": "CHANGE_SET", "changes": {"delete_fraction": 2}})
    assert (refused.status, refused.reason) == (400, "INVALID_ARGUMENT")


def test_runs_are_listed_newest_first_and_have_small_ids(gateway: Gateway, shop: str) -> None:
    """People type them."""
    ids = [
        gateway.rest("POST", f"/api/experiments/{shop}/generate", {"wait": True, "auto_load": False}).json["run_id"]
        for _ in range(2)
    ]
    listed = gateway.rest("GET", f"/api/experiments/{shop}/runs").json
    assert [run["run_id"] for run in listed["runs"]] == [ids[1], ids[0]]
    assert listed["next_page_token"] == ""
    assert 0 < ids[0] < ids[1] < 10_000
    one = gateway.rest("GET", f"/api/experiments/{shop}/runs/{ids[0]}").json
    assert (one["run_id"], one["state"], one["experiment"]) == (ids[0], "COMPLETED", shop)
    elsewhere = gateway.rest("GET", f"/api/experiments/other/runs/{ids[0]}")
    assert (elsewhere.status, elsewhere.reason) == (404, "UNKNOWN_RUN")


def test_what_get_answers_put_takes(gateway: Gateway, shop: str) -> None:
    """One format for every door: the document itself, snake_case, zero values printed, types as in SQL."""
    document = gateway.rest("GET", f"/api/experiments/{shop}").json
    assert (document["name"], document["revision"], document["description"]) == (shop, 1, "")
    columns = {column["name"]: column for column in document["tables"][0]["columns"]}
    assert columns["balance"]["data_type"] == "DECIMAL(12,2)"
    assert (columns["balance"]["is_unique"], columns["balance"]["logical_type"]["scale"]) == (False, 2)
    document["description"] = "changed by hand"
    put = gateway.rest("PUT", f"/api/experiments/{shop}", document)
    assert (put.status, put.json["experiment"]["revision"]) == (200, 2)
    assert gateway.rest("GET", f"/api/experiments/{shop}?revision=2").json["description"] == "changed by hand"
    stale = gateway.rest("PUT", f"/api/experiments/{shop}", document)
    assert (stale.status, stale.reason) == (409, "ETAG_MISMATCH")


def test_revisions_and_tables_have_paths_of_their_own(gateway: Gateway, shop: str) -> None:
    """Everything that the command line does with an experiment, curl does."""
    body = {"sql": "CREATE TABLE returns (return_id BIGINT PRIMARY KEY, order_id BIGINT)", "target_rows": "9"}
    added = gateway.rest("POST", f"/api/experiments/{shop}/tables", body)
    assert (added.status, added.json["experiment"]["revision"]) == (200, 2)
    revisions = gateway.rest("GET", f"/api/experiments/{shop}/revisions").json["revisions"]
    assert [(one["revision"], one["summary"].partition(" (")[0]) for one in revisions] == [
        (2, "1 table added"),
        (1, "created with 4 tables, 17 columns"),
    ]
    compared = gateway.rest("GET", f"/api/experiments/{shop}/compare?from_revision=1&to_revision=2").json
    assert [(one["kind"], one["table"]) for one in compared["changes"]] == [("ADDED", "returns")]
    one = gateway.rest("GET", f"/api/experiments/{shop}?tables=orders&tables=RETURNS").json
    assert [table["name"] for table in one["tables"]] == ["orders", "returns"]
    listed = gateway.rest("GET", f"/api/experiments?search={shop}").json["experiments"]
    assert [(found["name"], found["table_count"]) for found in listed] == [(shop, 5)]
    stale = gateway.rest("POST", f"/api/experiments/{shop}/tables", body | {"etag": revisions[1]["etag"]})
    assert (stale.status, stale.reason) == (409, "ETAG_MISMATCH")
    same = gateway.rest("PUT", f"/api/experiments/{shop}", gateway.rest("GET", f"/api/experiments/{shop}").json)
    assert (same.json["unchanged"], same.json["experiment"]["revision"]) == (True, 2)
    by_query = gateway.rest(
        "PUT", f"/api/experiments/{shop}?etag=1-old", {"tables": added.json["experiment"]["tables"]}
    )
    assert (by_query.status, by_query.reason) == (409, "ETAG_MISMATCH")


def test_experiments_are_created_listed_and_deleted(gateway: Gateway, name: str) -> None:
    """A document posted as it is; enums in any case."""
    table = {"name": "t", "target_rows": 5, "columns": [{"name": "a", "data_type": "INT", "required": True}]}
    document = {"name": name, "dialect": "redshift", "tables": [table]}
    created = gateway.rest("POST", "/api/experiments", document)
    assert (created.status, created.json["experiment"]["dialect"]) == (200, "REDSHIFT")
    listed = gateway.rest("GET", "/api/experiments?page_size=500").json["experiments"]
    assert listed[0]["name"] == name, "newest first"
    deleted = gateway.rest("DELETE", f"/api/experiments/{name}?force=true")
    assert (deleted.status, deleted.json["done"]) == (200, True)
    assert gateway.rest("GET", f"/api/experiments/{name}").status == 404


def test_a_conflict_is_409(gateway: Gateway, shop: str) -> None:
    """The name is taken, the run runs, the run has ended: 409, not 400 or 500."""
    again = gateway.rest("POST", "/api/experiments/import-sql", {"name": shop, "sql": SHOP})
    assert (again.status, again.json["code"], again.reason) == (409, 6, "EXPERIMENT_EXISTS")
    rows = {"orders": 1_000_000, "order_items": 3_000_000}
    order = {"rows": rows, "batch_rows": 1000, "auto_load": False}
    run = gateway.rest("POST", f"/api/experiments/{shop}/generate", order).json["run_id"]
    busy = gateway.rest("POST", f"/api/experiments/{shop}/generate", order)
    assert (busy.status, busy.reason) == (409, "RUN_ACTIVE")
    assert gateway.rest("DELETE", f"/api/experiments/{shop}").reason == "EXPERIMENT_BUSY"
    assert gateway.rest("POST", f"/api/runs/{run}/abort", {}).status == 200
    gateway.rest("GET", f"/api/runs/{run}/watch")
    ended = gateway.rest("POST", f"/api/runs/{run}/abort", {})
    assert (ended.status, ended.reason) == (409, "RUN_ENDED")


@pytest.mark.parametrize(
    ("status", "code", "reason", "method", "path", "body"),
    [
        (404, 5, "UNKNOWN_EXPERIMENT", "GET", "/api/experiments/nowhere", None),
        (400, 3, "EMPTY_DOCUMENT", "POST", "/api/experiments/import-sql", {"name": "x", "sql": ""}),
        (400, 3, "INVALID_PAGE_TOKEN", "GET", "/api/runs?page_token=nonsense", None),
        (501, 12, "NOT_YET_AVAILABLE", "POST", "/api/load-plans", {"name": "x"}),
        (400, 3, "INVALID_ARGUMENT", "GET", "/api/runs?no_such_field=1", None),
        (400, 3, "INVALID_ARGUMENT", "GET", "/api/runs/one", None),
        (400, 3, "INVALID_ARGUMENT", "POST", "/api/experiments", {"tables": "none"}),
        (400, 3, "INVALID_ARGUMENT", "POST", "/api/experiments", b"{not json"),
        (404, 5, "UNKNOWN_PATH", "GET", "/api/nothing", None),
        (404, 5, "UNKNOWN_PATH", "GET", "/", None),
        (404, 5, "UNKNOWN_PATH", "DELETE", "/api/experiments", None),
    ],
)
def test_an_error_has_code_message_reason_and_hint(
    status: int, code: int, reason: str, method: str, path: str, body: object, gateway: Gateway
) -> None:
    """From a service or from the gateway: the same form, and the HTTP code that google.rpc gives it."""
    answer = gateway.rest(method, path, body)
    assert answer.headers["content-type"] == "application/json"
    assert (answer.status, answer.json["code"], answer.reason) == (status, code, reason)
    assert answer.json["message"]
    assert answer.hint


@pytest.mark.parametrize(
    ("method", "body", "content_type"),
    [
        ("POST", {"name": "shop"}, "application/json"),
        ("POST", b"\0\0\0\0\0", "application/grpc-web+json"),
        ("POST", b"\0\0\0\0\0", "application/grpc-web+thrift"),
        ("GET", None, "application/grpc"),
        ("GET", None, ""),
    ],
)
def test_the_path_of_an_rpc_takes_grpc_only(method: str, body: object, content_type: str, gateway: Gateway) -> None:
    """A service never answers anything else: the gateway would repeat it for 13 s and then call the service down."""
    path = "/dwsim.schema.v1.SchemaService/GetExperiment"
    answer = gateway.rest(method, path, body, timeout=10, content_type=content_type)
    assert answer.status == 404 or answer.headers["grpc-status"] == "12"
    if not content_type.startswith("application/grpc"):
        assert answer.reason == "UNKNOWN_PATH"


@pytest.mark.parametrize("path", ["/api/experiments/%ff", "/api/experiments/x/runs/1?experiment=%ff"])
def test_a_path_that_is_not_utf_8_is_refused(path: str, gateway: Gateway) -> None:
    """It was a 500 with the words of protobuf."""
    answer = gateway.rest("GET", path)
    assert (answer.status, answer.reason) == (400, "INVALID_ARGUMENT")
    assert "protobuf" not in str(answer.body)


def test_broken_fields_are_named_one_by_one(gateway: Gateway, name: str) -> None:
    """A form shows each message beside its field."""
    table = {"name": "t", "columns": [{"name": "a", "data_type": "NOT_A_TYPE"}, {"name": "a", "data_type": "INT"}]}
    answer = gateway.rest("POST", "/api/experiments", {"name": name, "tables": [table]})
    assert answer.status == 400
    bad = next(detail for detail in answer.json["details"] if detail["@type"].endswith("google.rpc.BadRequest"))
    assert len(bad["field_violations"]) >= 2
    assert all(violation["field"].startswith("tables[0]") for violation in bad["field_violations"])


def test_a_body_of_32_mib_passes_and_a_larger_one_does_not(gateway: Gateway) -> None:
    """DDL of a whole company fits; nothing makes the gateway hold more."""
    path, frame = "/api/experiments/import-sql", len('{"name": "x", "sql": "-- "}')
    fits = gateway.rest("POST", path, {"name": "x", "sql": "-- " + "x" * (32 * MIB - frame - 1024)})
    assert (fits.status, fits.reason) == (400, "EMPTY_DOCUMENT")
    large = gateway.rest("POST", path, {"name": "x", "sql": "-- " + "x" * (32 * MIB)})
    assert (large.status, large.json["code"], large.reason) == (413, 8, "MESSAGE_TOO_LARGE")


def test_a_large_answer_arrives_whole(gateway: Gateway, running: Mesh, shop: str) -> None:
    """Pages of a result have megabytes."""
    order = {"rows": {"customers": 10_000}, "tables": ["customers"], "wait": True, "auto_load": False}
    assert gateway.rest("POST", f"/api/experiments/{shop}/generate", order).json["status"] == "COMPLETED"
    assert gateway.rest("POST", f"/api/experiments/{shop}/load", {"wait": True}).json["status"] == "COMPLETED"
    sql = "SELECT a.*, REPEAT('x', 400) AS wide FROM customers a"
    answer = gateway.rest("POST", f"/api/experiments/{shop}/query", {"sql": sql, "page_size": 10_000})
    assert answer.status == 200, answer.body[:500]
    assert len(answer.json["rows"]) == 10_000
    assert len(answer.body) > 4 * MIB


def test_an_editor_finds_the_json_schema_of_documents(gateway: Gateway) -> None:
    """The address goes into `$schema`: what is answered is the schema itself."""
    answer = gateway.rest("GET", "/api/schemas/experiment")
    assert answer.status == 200
    assert answer.json["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert "fields" in answer.json["$defs"]["ShortTable"]["properties"]
